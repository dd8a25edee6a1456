// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include <plainsong/http/url.hpp>

#include "tests/support/proves.hpp"

namespace plainsong::http {
namespace {

std::string shown(std::string_view text) {
    url parts;
    if (const error why = parse_url(text, parts)) {
        return facts_of(why.code()).name;
    }
    std::string out = parts.secure ? "secure " : "plain ";
    out.append(parts.host).append(" ").append(std::to_string(parts.port)).append(" ");
    return out.append(parts.path).append("?").append(parts.query);
}

TEST(Url, IsTakenApart) {
    tests::proves({"6455-3-01", "6455-3-02", "6455-3-03", "6455-3-04"});
    EXPECT_EQ(shown("ws://h"), "plain h 80 /?");
    EXPECT_EQ(shown("WSS://H.Example"), "secure H.Example 443 /?");
    EXPECT_EQ(shown("wss://h:80/a"), "secure h 80 /a?");
    EXPECT_EQ(shown("ws://h:/"), "plain h 80 /?");
    EXPECT_EQ(shown("ws://h?x=1"), "plain h 80 /?x=1");
    EXPECT_EQ(shown("ws://h/a?"), "plain h 80 /a?");
    EXPECT_EQ(shown("ws://h/a//b/?c=/?d"), "plain h 80 /a//b/?c=/?d");
    EXPECT_EQ(shown("ws://[::1]:9/x?y"), "plain [::1] 9 /x?y");
    EXPECT_EQ(shown("ws://127.0.0.1:65535"), "plain 127.0.0.1 65535 /?");
    EXPECT_EQ(shown("ws://h/[a]?b[]={}"), "plain h 80 /[a]?b[]={}");
    EXPECT_EQ(shown("ws://h/%7e%41"), "plain h 80 /%7e%41?");
    EXPECT_EQ(shown("ws://h_x-1.~!$&'()*+,;=%20"), "plain h_x-1.~!$&'()*+,;=%20 80 /?");
}

TEST(Url, IsRefusedIfItLeavesTheGrammar) {
    tests::proves({"6455-3-01", "6455-3-03"});
    for (const std::string_view text : {"",
                                        "ws",
                                        "ws:",
                                        "ws:/h",
                                        "ws://",
                                        "ws:///x",
                                        "ws://:80",
                                        "http://h",
                                        "https://h",
                                        "wsx://h",
                                        "//h",
                                        "/x",
                                        "h:80",
                                        "*",
                                        "ws://u@h",
                                        "ws://u:p@h/",
                                        "ws://h:65536",
                                        "ws://h:99999999999999999999",
                                        "ws://h:8a",
                                        "ws://h:-1",
                                        "ws://h:1:2",
                                        "ws://h /",
                                        "ws://h/a b",
                                        "ws://h/\\",
                                        "ws://h/\x7f",
                                        "ws://h/caf\xc3\xa9",
                                        "ws://caf\xc3\xa9/",
                                        "ws://h/%",
                                        "ws://h/%4",
                                        "ws://h/%4g",
                                        "ws://h/?%g0",
                                        "ws://h%2/",
                                        "ws://[::1",
                                        "ws://::1/",
                                        "ws://[]/",
                                        "ws://[::1]x/",
                                        "ws://[::1%25eth0]/",
                                        "ws://h/{a}",
                                        "ws://h?\"",
                                        "ws://h/\r\n",
                                        "1ws://h",
                                        "-ws://h",
                                        "ws ://h"}) {
        EXPECT_EQ(shown(text), "url_malformed") << text;
    }
    EXPECT_EQ(shown(std::string_view("ws://h/\0", 8)), "url_malformed");
}

TEST(Url, HasNoFragment) {
    tests::proves({"6455-3-05"});
    EXPECT_EQ(shown("ws://h/a#b"), "url_has_fragment");
    EXPECT_EQ(shown("ws://h#"), "url_has_fragment");
}

TEST(Url, KnowsItsDefaultPort) {
    url parts;
    ASSERT_FALSE(parse_url("ws://h:80", parts));
    EXPECT_TRUE(parts.has_default_port());
    ASSERT_FALSE(parse_url("wss://h:80", parts));
    EXPECT_FALSE(parts.has_default_port());
    EXPECT_EQ(default_port(url_scheme::other), 0);
    EXPECT_EQ(scheme_named(""), url_scheme::none);
    EXPECT_EQ(scheme_named("ftp"), url_scheme::other);
}

TEST(Authority, IsAHostWithAnOptionalPort) {
    authority parts;
    ASSERT_TRUE(parse_authority("h.example:8080", parts));
    EXPECT_EQ(parts.host, "h.example");
    EXPECT_TRUE(parts.has_port);
    EXPECT_EQ(parts.port, 8080);
    EXPECT_EQ(parts.kind, host_kind::name);
    ASSERT_TRUE(parse_authority("h:", parts));
    EXPECT_FALSE(parts.has_port);
    ASSERT_TRUE(parse_authority("h:00080", parts));
    EXPECT_EQ(parts.port, 80);
    ASSERT_TRUE(parse_authority("255.0.10.9", parts));
    EXPECT_EQ(parts.kind, host_kind::ipv4);
    for (const std::string_view name : {"256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.x"}) {
        ASSERT_TRUE(parse_authority(name, parts)) << name;
        EXPECT_EQ(parts.kind, host_kind::name) << name;
    }
    ASSERT_TRUE(parse_authority("[v1F.a:b]:1", parts));
    EXPECT_EQ(parts.kind, host_kind::future);
    for (const std::string_view bad : {"", ":", ":1", "a b", "a/b", "a@b", "a:b", "a:1:2", "[v.a]",
                                       "[v1]", "[v1.]", "[w1.a]", "[v1.a b]", "h:65536", "h:+1"}) {
        EXPECT_FALSE(parse_authority(bad, parts)) << bad;
    }
}

TEST(Authority, KnowsAddressesOfVersion6) {
    authority parts;
    for (const std::string_view good :
         {"::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
          "2001:DB8::aBcD", "::ffff:1.2.3.4", "1:2:3:4:5:6:255.255.255.255", "::1.2.3.4",
          "1:2:3:4:5::1.2.3.4"}) {
        const std::string text = "[" + std::string(good) + "]:80";
        ASSERT_TRUE(parse_authority(text, parts)) << text;
        EXPECT_EQ(parts.kind, host_kind::ipv6) << text;
        EXPECT_EQ(parts.port, 80);
    }
    for (const std::string_view bad : {"",
                                       ":",
                                       ":::",
                                       "1",
                                       "1:",
                                       ":1",
                                       "1:2:3:4:5:6:7",
                                       "1:2:3:4:5:6:7:8:9",
                                       "::1::",
                                       "1::2::3",
                                       "1:::2",
                                       "12345::",
                                       "::g",
                                       "::1.2.3",
                                       "::1.2.3.4:5",
                                       "::256.1.1.1",
                                       "1:2:3:4:5:6:7:1.2.3.4",
                                       "1:2:3:4:5:6::1.2.3.4",
                                       "1:2:3:4:5:6:7:8::",
                                       "::1 ",
                                       "1:2:3:4:5:6:7:8:",
                                       "1.2.3.4"}) {
        EXPECT_FALSE(parse_authority("[" + std::string(bad) + "]", parts)) << bad;
    }
}

TEST(RequestTarget, HasOneOfFourForms) {
    request_target target;
    ASSERT_TRUE(parse_request_target("/a?b?c", target));
    EXPECT_EQ(target.form, target_form::origin);
    EXPECT_EQ(target.path, "/a");
    EXPECT_EQ(target.query, "b?c");
    ASSERT_TRUE(parse_request_target("//a", target));
    EXPECT_EQ(target.path, "//a");
    ASSERT_TRUE(parse_request_target("http://h:1?q", target));
    EXPECT_EQ(target.form, target_form::absolute);
    EXPECT_EQ(target.scheme, url_scheme::http);
    EXPECT_EQ(target.authority, "h:1");
    EXPECT_EQ(target.path, "/");
    EXPECT_EQ(target.query, "q");
    ASSERT_TRUE(parse_request_target("h:80", target));
    EXPECT_EQ(target.form, target_form::authority);
    EXPECT_EQ(target.authority, "h:80");
    ASSERT_TRUE(parse_request_target("*", target));
    EXPECT_EQ(target.form, target_form::asterisk);
    for (const std::string_view bad :
         {"", "h", "h:", "a/b", "?a", "**", "/a#b", "http:/h", "http://", "http:///a", "/a b", "/%",
          "http://u@h/", "h:80/"}) {
        EXPECT_FALSE(parse_request_target(bad, target)) << bad;
    }
}

}  // namespace
}  // namespace plainsong::http
