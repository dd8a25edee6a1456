// SPDX-License-Identifier: MIT
#include "src/app/websocket_url.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

std::string shown(std::string_view given) {
    websocket_url url;
    const error why = parse_websocket_url(given, url);
    return why ? facts_of(why.code()).name : url.text;
}

struct row {
    std::string_view given;
    std::string_view expected;
};

TEST(WebSocketUrl, TakesHttpForWebSocketSchemes) {
    EXPECT_EQ(shown("http://example.com/"), "ws://example.com/");
    EXPECT_EQ(shown("https://example.com/"), "wss://example.com/");
    EXPECT_EQ(shown("HTTPS://EXAMPLE.com/A"), "wss://example.com/A");
    EXPECT_EQ(shown("wss://example.com"), "wss://example.com/");
}

TEST(WebSocketUrl, RefusesWhatABrowserRefuses) {
    for (const std::string_view given : {"",
                                         "x",
                                         "/relative",
                                         "//host/",
                                         "#test",
                                         "?query",
                                         "ftp://host/",
                                         "mailto:a@example.org",
                                         "about:blank",
                                         "ws:",
                                         "ws://",
                                         "ws:///",
                                         "wss://?",
                                         "ws://foo bar.com/",
                                         "wss://foo bar.com/",
                                         "ws://host:65536/",
                                         "ws://host:1x/",
                                         "ws://[::1/",
                                         "ws://a@/",
                                         "ws://ho<st/",
                                         " ",
                                         "ws//host",
                                         "://host",
                                         "wsx://host/"}) {
        EXPECT_EQ(shown(given), "url_malformed") << given;
    }
}

TEST(WebSocketUrl, RefusesAFragmentAlsoIfItIsEmpty) {
    tests::proves({"6455-3-05"});
    EXPECT_EQ(shown("ws://host/#"), "url_has_fragment");
    EXPECT_EQ(shown("ws://host/#test"), "url_has_fragment");
    EXPECT_EQ(shown("ws://host#"), "url_has_fragment");
    EXPECT_EQ(shown("wss://host/?a#b"), "url_has_fragment");
    EXPECT_EQ(shown("ws://host/%23"), "ws://host/%23");
}

TEST(WebSocketUrl, DropsTheDefaultPort) {
    for (const row& one : {
             row{"ws://host:80/", "ws://host/"},
             row{"wss://host:443/", "wss://host/"},
             row{"http://host:80/", "ws://host/"},
             row{"ws://host:443/", "ws://host:443/"},
             row{"wss://host:80/", "wss://host:80/"},
             row{"ws://host:0080/", "ws://host/"},
             row{"ws://host:00/", "ws://host:0/"},
             row{"ws://host:/", "ws://host/"},
             row{"ws://[::1]:80/", "ws://[::1]/"},
             row{"ws://[::1]:81/", "ws://[::1]:81/"},
             row{"ws://[2001:DB8::1]/", "ws://[2001:db8::1]/"},
         }) {
        EXPECT_EQ(shown(one.given), one.expected);
    }
}

TEST(WebSocketUrl, ResolvesAndEncodesThePath) {
    for (const row& one : {
             row{"ws://h/a/b/", "ws://h/a/b/"},
             row{"ws://h/a/./b/../c", "ws://h/a/c"},
             row{"ws://h/..", "ws://h/"},
             row{"ws://h/a/..", "ws://h/"},
             row{"ws://h/a/b/..", "ws://h/a/"},
             row{"ws://h/a/.", "ws://h/a/"},
             row{"ws://h/a/%2e%2E/b", "ws://h/b"},
             row{"ws://h/a/.%2e", "ws://h/"},
             row{"ws://h/...", "ws://h/..."},
             row{"ws://h//a", "ws://h//a"},
             row{"ws://h\\a\\b", "ws://h/a/b"},
             row{"ws://h/a b\"<>`{}", "ws://h/a%20b%22%3C%3E%60%7B%7D"},
             row{"ws://h/\xc3\xa5", "ws://h/%C3%A5"},
             row{"ws://h/\xff", "ws://h/%EF%BF%BD"},
             row{"ws://h/%41%zz%", "ws://h/%41%25zz%25"},
         }) {
        EXPECT_EQ(shown(one.given), one.expected);
    }
}

TEST(WebSocketUrl, KeepsAndEncodesTheQuery) {
    for (const row& one : {
             row{"ws://h?", "ws://h/?"},
             row{"ws://h?a=b&c", "ws://h/?a=b&c"},
             row{"ws://h/p?a/../b?c", "ws://h/p?a/../b?c"},
             row{"ws://h/?\xc3\xa5\xc3\xa4\xc3\xb6", "ws://h/?%C3%A5%C3%A4%C3%B6"},
             row{"ws://h/?a 'b'", "ws://h/?a%20%27b%27"},
         }) {
        EXPECT_EQ(shown(one.given), one.expected);
    }
}

TEST(WebSocketUrl, ForgivesWhatTheUrlStandardForgives) {
    EXPECT_EQ(shown(" \x01ws://host/ \n"), "ws://host/");
    EXPECT_EQ(shown("w\ns://ho\tst/a\rb"), "ws://host/ab");
    EXPECT_EQ(shown("ws:host/a"), "ws://host/a");
    EXPECT_EQ(shown("ws:\\\\host"), "ws://host/");
    EXPECT_EQ(shown("ws:////host/"), "ws://host/");
}

TEST(WebSocketUrl, TellsTheOrigin) {
    websocket_url url;
    ASSERT_FALSE(parse_websocket_url("https://user@EXAMPLE.com:443/a?b", url));
    EXPECT_EQ(url.origin, "wss://example.com");
    ASSERT_FALSE(parse_websocket_url("ws://[::1]:8080/a", url));
    EXPECT_EQ(url.origin, "ws://[::1]:8080");
}

TEST(WebSocketUrl, TakesUserAndPasswordOut) {
    websocket_url url;
    ASSERT_FALSE(parse_websocket_url("ws://Aladdin:open%20sesame@h/p", url));
    EXPECT_EQ(url.text, "ws://Aladdin:open%20sesame@h/p");
    EXPECT_EQ(url.plain, "ws://h/p");
    EXPECT_EQ(url.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    ASSERT_FALSE(parse_websocket_url("ws://a@b@h/", url));
    EXPECT_EQ(url.text, "ws://a%40b@h/");
    ASSERT_FALSE(parse_websocket_url("ws://@h/", url));
    EXPECT_EQ(url.text, "ws://h/");
    EXPECT_EQ(url.authorization, "");
    EXPECT_EQ(shown("ws://a%3ab@h/"), "url_malformed");
    EXPECT_EQ(shown("ws://a:%0d%0a@h/"), "url_malformed");
}

}  // namespace
}  // namespace plainsong
