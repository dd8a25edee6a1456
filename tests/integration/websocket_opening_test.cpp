// SPDX-License-Identifier: MIT
// A WebSocket from its constructor to its first event: what is a SyntaxError, what comes by events.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/memory_page.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

// ---- the constructor ----------------------------------------------------------------------------

TEST(WebSocketConstructor, BeginsInConnectingWithNothingKnown) {
    memory_page page;
    const WebSocket& socket = page.connect();
    EXPECT_FALSE(socket.status());
    EXPECT_EQ(socket.readyState(), WebSocket::CONNECTING);
    EXPECT_EQ(socket.url(), "ws://test/chat");
    EXPECT_EQ(socket.protocol(), "");
    EXPECT_EQ(socket.extensions(), "");
    EXPECT_EQ(socket.bufferedAmount(), 0U);
    EXPECT_EQ(socket.binaryType, "blob");
    EXPECT_TRUE(page.network.open_lines == 1 && page.line->outbound.empty())
        << "nothing is said inside the constructor";
}

TEST(WebSocketConstructor, HasTheConstantsOfTheStandard) {
    EXPECT_EQ(WebSocket::CONNECTING, 0);
    EXPECT_EQ(WebSocket::OPEN, 1);
    EXPECT_EQ(WebSocket::CLOSING, 2);
    EXPECT_EQ(WebSocket::CLOSED, 3);
}

TEST(WebSocketConstructor, ShowsTheUrlAsTheUrlStandardWritesIt) {
    memory_page page;
    EXPECT_EQ(page.connect({}, {}, {}, "http://TEST:80").url(), "ws://test/");
    EXPECT_EQ(page.connect({}, {}, {}, "https://test:443/a b").url(), "wss://test/a%20b");
    EXPECT_EQ(page.connect({}, {}, {}, "ws://test:8080/?q").url(), "ws://test:8080/?q");
}

TEST(WebSocketConstructor, AsksForWhatTheUrlSays) {
    memory_page page;
    page.connect({}, {}, {}, "http://user:pass%20word@Test:8080/a/../b c?q=\xc3\xa5");
    const std::string request = page.request();
    EXPECT_TRUE(request.starts_with("GET /b%20c?q=%C3%A5 HTTP/1.1\r\n")) << request;
    EXPECT_EQ(field_of(request, "Host"), "test:8080");
    EXPECT_EQ(field_of(request, "Authorization"), "Basic dXNlcjpwYXNzIHdvcmQ=");
}

/// What the constructor says, and that no event follows.
std::string_view refused(std::string_view url, const Protocols& protocols = {},
                         websocket_options options = {}) {
    memory_page page;
    WebSocket& socket = page.connect({}, protocols, std::move(options), url);
    EXPECT_EQ(socket.readyState(), WebSocket::CLOSED);
    EXPECT_EQ(socket.url(), "");
    page.pass(1min);
    EXPECT_EQ(page.log, "");
    EXPECT_TRUE(page.line->outbound.empty());
    return DOMException{socket.status().code()}.name();
}

TEST(WebSocketConstructor, CallsABadUrlASyntaxErrorAndFiresNothing) {
    for (const std::string_view url :
         {"ws://foo bar.com/", "wss://foo bar.com/", "ftp://test/", "mailto:example@example.org",
          "about:blank", "ws://test/#", "ws://test/#test", "#test", "/chat", "", "ws://",
          "ws://test:99999/"}) {
        EXPECT_EQ(refused(url), "SyntaxError") << url;
    }
}

TEST(WebSocketConstructor, CallsABadOrRepeatedSubprotocolASyntaxError) {
    proves({"6455-4.1-38", "6455-4.1-39"});
    for (const std::string_view name :
         {std::string_view(""), std::string_view(" "), std::string_view("a b"),
          std::string_view("a,b"), std::string_view("a/b"),
          std::string_view("\x80"
                           "echo"),
          std::string_view("echo\x7f"), std::string_view("\0echo", 5),
          std::string_view("(echo)")}) {
        EXPECT_EQ(refused("ws://test/", name), "SyntaxError") << name;
    }
    EXPECT_EQ(refused("ws://test/", {"echo", "chat", "echo"}), "SyntaxError");
    EXPECT_EQ(refused("ws://test/", {"echo", "Echo"}), "SyntaxError");
    EXPECT_EQ(refused("ws://test/", {"echo", ""}), "SyntaxError");
}

TEST(WebSocketConstructor, CallsOptionsThatMakeNoRequestATypeError) {
    websocket_options options;
    options.connection.origin = "a\r\nb";
    EXPECT_EQ(refused("ws://test/", {}, std::move(options)), "TypeError");
}

TEST(WebSocketConstructor, OffersSubprotocolsInTheirOrder) {
    memory_page page;
    page.connect({}, {"second", "first"});
    EXPECT_EQ(field_of(page.request(), "Sec-WebSocket-Protocol"), "second, first");
    page.connect({}, "one");
    EXPECT_EQ(field_of(page.request(), "Sec-WebSocket-Protocol"), "one");
    page.connect();
    EXPECT_EQ(page.request().find("Sec-WebSocket-Protocol"), std::string::npos);
}

// ---- open ---------------------------------------------------------------------------------------

TEST(WebSocketOpening, IsOpenWhenOpenIsFired) {
    memory_page page;
    std::string seen;
    page.connect({.on_open =
                      [&] {
                          seen = std::to_string(page.socket->readyState()) + " " +
                                 std::string(page.socket->protocol());
                      }},
                 {"chat", "superchat"});
    const std::string request = page.request();
    EXPECT_EQ(page.socket->readyState(), WebSocket::CONNECTING);
    page.say(good_answer(request, "Sec-WebSocket-Protocol: superchat\r\n"));
    page.settle();
    EXPECT_EQ(page.log, "open\n");
    EXPECT_EQ(seen, "1 superchat");
}

TEST(WebSocketOpening, FailsIfNoneOfTheOfferedSubprotocolsIsChosen) {
    memory_page page;
    page.connect({}, {"chat", "superchat"});
    page.answer();
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
    EXPECT_EQ(page.socket->status().code(), error_code::answer_protocol_missing);
    EXPECT_EQ(page.socket->protocol(), "");
    EXPECT_EQ(page.heard(), "");
    EXPECT_TRUE(page.line->closed);
}

TEST(WebSocketOpening, FailsIfAnotherSubprotocolIsChosen) {
    for (const std::string_view chosen : {"other", "Chat", "chat, superchat", ""}) {
        memory_page page;
        page.connect({}, {"chat", "superchat"});
        page.answer("Sec-WebSocket-Protocol: " + std::string(chosen) + "\r\n");
        EXPECT_EQ(page.log, "error\nclose 1006 not clean\n") << chosen;
    }
    memory_page page;
    page.connect();
    page.answer("Sec-WebSocket-Protocol: chat\r\n");
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
}

TEST(WebSocketOpening, TellsOfEachFailureByErrorAndThenClose) {
    struct row {
        const char* answer;
        error_code why;
    };
    for (const row& one :
         {row{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", error_code::upgrade_refused},
          row{"nonsense\r\n\r\n", error_code::status_line_malformed},
          row{"", error_code::answer_incomplete}}) {
        memory_page page;
        std::vector<std::uint16_t> states;
        page.connect(
            {.on_error = [&] { states.push_back(page.socket->readyState()); },
             .on_close = [&](const CloseEvent&) { states.push_back(page.socket->readyState()); }});
        page.request();
        page.say(std::string_view(one.answer)).end();
        page.settle();
        EXPECT_EQ(page.log, "error\nclose 1006 not clean\n") << one.answer;
        EXPECT_EQ(states, (std::vector<std::uint16_t>{3, 3}));
        EXPECT_EQ(page.socket->status().code(), one.why)
            << facts_of(page.socket->status().code()).name;
    }
}

TEST(WebSocketOpening, TellsOfAMissingTransportForWssByEvents) {
    loop its_loop;
    std::string log;
    WebSocket socket(its_loop, "wss://127.0.0.1:1/");
    log_events(socket, log);
    EXPECT_EQ(socket.readyState(), WebSocket::CONNECTING);
    EXPECT_EQ(socket.url(), "wss://127.0.0.1:1/");
    ASSERT_TRUE(turn_until(its_loop, [&] { return socket.readyState() == WebSocket::CLOSED; }));
    EXPECT_EQ(log, "error\nclose 1006 not clean\n");
    EXPECT_EQ(socket.status().code(), error_code::tls_not_available);
}

TEST(WebSocketOpening, GivesUpWhenTheServerDoesNotAnswerInTime) {
    memory_page page;
    page.connect();
    page.request();
    page.pass(11s);
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
    EXPECT_EQ(page.socket->status().code(), error_code::handshake_timeout);
}

TEST(WebSocketOpening, FiresWhatCameWithTheAnswerAfterOpen) {
    memory_page page;
    page.connect();
    page.say(good_answer(page.request())).say(server_text("first")).say(server_close(1000));
    page.settle();
    EXPECT_EQ(page.log, "open\ntext \"first\"\n");
    page.end();
    page.settle();
    EXPECT_EQ(page.log, "open\ntext \"first\"\nclose 1000 clean\n");
}

}  // namespace
}  // namespace plainsong::tests
