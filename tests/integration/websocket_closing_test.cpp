// SPDX-License-Identifier: MIT
// How a WebSocket ends: what close() refuses, who says what, and what the close event tells.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <string_view>

#include "tests/support/memory_page.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong::tests {
namespace {

// ---- close() ------------------------------------------------------------------------------------

TEST(WebSocketClose, TakesNoCodeBut1000And3000To4999) {
    memory_page page;
    WebSocket& socket = page.open();
    for (const int code : {0, -1, 1, 500, 999, 1001, 1002, 1005, 1006, 1015, 2999, 5000, 65535,
                           65536 + 1000, (1 << 30)}) {
        EXPECT_EQ(socket.close(code).name(), "InvalidAccessError") << code;
        EXPECT_EQ(socket.close(code, "why").name(), "InvalidAccessError") << code;
    }
    EXPECT_EQ(socket.readyState(), WebSocket::OPEN);
    page.settle();
    EXPECT_EQ(page.heard() + page.log, "");
}

TEST(WebSocketClose, ChecksTheCodeBeforeTheReason) {
    memory_page page;
    WebSocket& socket = page.open();
    const std::string longest(123, 'x');
    EXPECT_EQ(socket.close(999, longest + "x").name(), "InvalidAccessError");
    EXPECT_EQ(socket.close(1000, longest + "x").name(), "SyntaxError");
    EXPECT_EQ(socket.close(longest + "x").name(), "SyntaxError");
    EXPECT_EQ(socket.readyState(), WebSocket::OPEN);
    EXPECT_FALSE(socket.close(1000, longest));
    EXPECT_EQ(socket.readyState(), WebSocket::CLOSING);
    EXPECT_EQ(page.heard(), "close 1000 123 x \"x\"\n");
}

TEST(WebSocketClose, ChecksItsArgumentsInEachState) {
    memory_page page;
    WebSocket& socket = page.connect();
    EXPECT_EQ(socket.close(999).name(), "InvalidAccessError");
    EXPECT_EQ(socket.close(1000, std::string(124, 'x')).name(), "SyntaxError");
    EXPECT_EQ(socket.readyState(), WebSocket::CONNECTING);
    EXPECT_FALSE(socket.close());
    EXPECT_EQ(socket.close(999).name(), "InvalidAccessError");
    page.settle();
    EXPECT_EQ(socket.readyState(), WebSocket::CLOSED);
    EXPECT_EQ(socket.close(999).name(), "InvalidAccessError");
}

TEST(WebSocketClose, MeasuresTheReasonAsItIsSent) {
    memory_page page;
    WebSocket& socket = page.open();
    std::string accents;
    for (int i = 0; i < 61; ++i) {
        accents += "\xc3\xa9";
    }
    EXPECT_EQ(socket.close(1000, accents + "\xc3\xa9").name(),
              "SyntaxError");  // 62 characters, 124 bytes
    EXPECT_EQ(socket.close(1000, std::string(42, '\xff')).name(), "SyntaxError");  // 42 x U+FFFD
    EXPECT_FALSE(socket.close(1000, accents));
}

TEST(WebSocketClose, MakesTheReasonUtf8) {
    memory_page page;
    page.open().close(1000, "\xed\xa0\x80");
    EXPECT_EQ(page.heard(), "close 1000 hex efbfbdefbfbdefbfbd\n");
}

TEST(WebSocketClose, SendsWhatItWasGiven) {
    struct row {
        std::function<void(WebSocket&)> call;
        const char* expected;
    };
    for (const row& one : {
             row{[](WebSocket& s) { s.close(); }, "close\n"},
             row{[](WebSocket& s) { s.close(1000); }, "close 1000\n"},
             row{[](WebSocket& s) { s.close(3000, "why"); }, "close 3000 \"why\"\n"},
             row{[](WebSocket& s) { s.close(4999); }, "close 4999\n"},
             row{[](WebSocket& s) { s.close("only why"); }, "close 1000 \"only why\"\n"},
             row{[](WebSocket& s) { s.close(""); }, "close\n"},
             row{[](WebSocket& s) { s.close(1000, ""); }, "close 1000\n"},
         }) {
        memory_page page;
        one.call(page.open());
        EXPECT_EQ(page.heard(), one.expected);
        EXPECT_EQ(page.socket->readyState(), WebSocket::CLOSING);
    }
}

TEST(WebSocketClose, DoesNothingTheSecondTime) {
    memory_page page;
    WebSocket& socket = page.open();
    socket.close(3001);
    EXPECT_FALSE(socket.close(3002));
    EXPECT_FALSE(socket.close());
    EXPECT_EQ(page.heard(), "close 3001\n");
    page.say(server_close(3001)).end();
    page.settle();
    EXPECT_EQ(socket.readyState(), WebSocket::CLOSED);
    EXPECT_FALSE(socket.close());
    page.pass(1min);
    EXPECT_EQ(page.log, "close 3001 clean\n");
}

TEST(WebSocketClose, MayBeCalledInTheHandlers) {
    memory_page page;
    page.connect({.on_open = [&] { page.socket->close(3000); },
                  .on_close = [&](const CloseEvent&) { page.socket->close(); }});
    page.answer();
    EXPECT_EQ(page.heard(), "close 3000\n");
    page.say(server_close(3000)).end();
    page.settle();
    EXPECT_EQ(page.log, "open\nclose 3000 clean\n");
}

// ---- close() while CONNECTING -------------------------------------------------------------------

TEST(WebSocketClose, GivesTheAttemptUpWhileConnecting) {
    for (const bool has_begun : {false, true}) {
        memory_page page;
        WebSocket& socket = page.connect();
        if (has_begun) {
            page.request();
        }
        EXPECT_FALSE(socket.close());
        EXPECT_FALSE(socket.close());
        EXPECT_EQ(socket.readyState(), WebSocket::CLOSING);
        EXPECT_EQ(page.log, "") << "no handler runs inside close()";
        page.settle();
        EXPECT_EQ(socket.readyState(), WebSocket::CLOSED);
        EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
        EXPECT_TRUE(page.line->closed);
    }
}

TEST(WebSocketClose, GivesUpAConnectionThatNobodyHasBeenToldOf) {
    memory_page page;
    WebSocket& socket = page.connect();
    const std::string request = page.request();
    // The answer is read, then timers run in the order of their dues: this one before `open` is
    // fired.
    probe other;
    other.when_due = [&] { socket.close(); };
    page.say(good_answer(request)).say(server_text("too early"));
    page.its_loop.arm(other, page.its_loop.now());
    page.settle();
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
}

// ---- what the close event tells -----------------------------------------------------------------

TEST(WebSocketCloseEvent, TellsThePeersCodeAndReason) {
    struct row {
        octets close;
        const char* expected;
    };
    for (const row& one : {
             row{server_close(1000), "close 1000 clean\n"},
             row{server_close(1001, "gone"), "close 1001 clean \"gone\"\n"},
             row{server_close(3999, "x"), "close 3999 clean \"x\"\n"},
             row{server_close(1011), "close 1011 clean\n"},
             row{server_frame(8, {}), "close 1005 clean\n"},
         }) {
        memory_page page;
        page.open();
        page.say(one.close).end();
        page.settle();
        EXPECT_EQ(page.log, one.expected);
        EXPECT_FALSE(page.socket->status());
    }
}

TEST(WebSocketCloseEvent, Tells1005AfterACloseWithoutCodeOfOurs) {
    memory_page page;
    page.open().close();
    page.say(server_frame(8, {})).end();
    page.settle();
    EXPECT_EQ(page.log, "close 1005 clean\n");
}

TEST(WebSocketCloseEvent, TellsThePeersCodeAlsoIfOursWasAnother) {
    memory_page page;
    page.open().close(3000, "mine");
    page.say(server_close(3001, "yours")).end();
    page.settle();
    EXPECT_EQ(page.log, "close 3001 clean \"yours\"\n");
}

TEST(WebSocketCloseEvent, ComesWhenTcpHasEndedAndNotBefore) {
    memory_page page;
    page.open().close(1000);
    page.say(server_close(1000));
    page.pass(1s);
    EXPECT_EQ(page.log, "");
    EXPECT_EQ(page.socket->readyState(), WebSocket::CLOSING);
    page.end();
    page.settle();
    EXPECT_EQ(page.log, "close 1000 clean\n");
}

TEST(WebSocketCloseEvent, IsNotCleanIfTcpDoesNotEndInOrder) {
    memory_page reset;
    reset.open().close(1000);
    reset.say(server_close(1000)).fail(ECONNRESET);
    reset.settle();
    EXPECT_EQ(reset.log, "close 1000 not clean\n");
    memory_page silent;
    silent.open().close(1000);
    silent.say(server_close(1000));
    silent.pass(10s);
    EXPECT_EQ(silent.log, "close 1000 not clean\n");
}

TEST(WebSocketCloseEvent, Is1006AfterAnErrorIfThereWasNoClose) {
    struct row {
        std::function<void(memory_page&)> end;
        error_code why;
    };
    for (const row& one : {
             row{[](memory_page& page) { page.end(); }, error_code::unexpected_end},
             row{[](memory_page& page) { page.fail(ECONNRESET); }, error_code::system_call_failed},
             row{[](memory_page& page) { page.say(server_frame(1, {0xff})).end(); },
                 error_code::invalid_utf8},
             row{[](memory_page& page) { page.say(server_frame(3, {})).end(); },
                 error_code::frame_reserved_opcode},
             row{[](memory_page& page) { page.say(server_close(1005)).end(); },
                 error_code::close_code_invalid},
         }) {
        memory_page page;
        page.open();
        one.end(page);
        page.settle();
        EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
        EXPECT_EQ(page.socket->status().code(), one.why)
            << facts_of(page.socket->status().code()).name;
    }
}

TEST(WebSocketCloseEvent, Is1006IfThePeerNeverAnswersOurClose) {
    memory_page page;
    page.open().close(3000);
    page.pass(10s);
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
    EXPECT_EQ(page.socket->status().code(), error_code::close_not_answered);
}

TEST(WebSocketCloseEvent, ComesOnceAndLast) {
    memory_page page;
    page.open();
    page.say(server_text("a")).say(server_close(1000)).say(server_text("b")).end();
    page.settle();
    page.fail(ECONNRESET);
    page.pass(1min);
    EXPECT_EQ(page.log, "text \"a\"\nclose 1000 clean\n");
}

TEST(WebSocketCloseEvent, IsToldThatMessagesOverTheLimitEndIt) {
    memory_page page;
    websocket_options options;
    options.most_message_bytes = 10;
    page.open({}, std::move(options));
    page.say(server_text("0123456789")).say(server_text("0123456789a"));
    page.settle();
    EXPECT_EQ(page.heard().substr(0, 10), "close 1009");
    page.end();
    page.settle();
    EXPECT_EQ(page.log, "text \"0123456789\"\nerror\nclose 1006 not clean\n");
}

// ---- readyState ---------------------------------------------------------------------------------

TEST(WebSocketReadyState, IsClosingOnceThePeersCloseHasCome) {
    memory_page page;
    std::string states;
    page.open(
        {.on_message =
             [&](const MessageEvent&) { states += std::to_string(page.socket->readyState()); },
         .on_close =
             [&](const CloseEvent&) { states += std::to_string(page.socket->readyState()); }});
    page.say(server_text("a")).say(server_text("b")).say(server_close(1000));
    page.settle();
    EXPECT_EQ(page.socket->readyState(), WebSocket::CLOSING);
    EXPECT_EQ(page.heard(), "close 1000\n");
    page.end();
    page.settle();
    EXPECT_EQ(states, "113") << "each message is fired while OPEN";
}

// ---- the destructor -----------------------------------------------------------------------------

TEST(WebSocketDestructor, GoesAwayQuietly) {
    memory_page page;
    page.open();
    page.say(server_text("unheard"));
    page.socket.reset();
    EXPECT_EQ(page.heard(), "close 1001\n");
    page.say(server_close(1001)).end();
    page.settle();
    EXPECT_EQ(page.log, "");
    EXPECT_EQ(page.network.open_lines, 0U);
}

TEST(WebSocketDestructor, GivesUpAnAttempt) {
    for (const bool has_begun : {false, true}) {
        memory_page page;
        page.connect();
        if (has_begun) {
            page.request();
        }
        page.socket.reset();
        page.settle();
        EXPECT_EQ(page.log, "");
        EXPECT_EQ(page.network.open_lines, 0U);
    }
}

TEST(WebSocketDestructor, TakesEventsWithIt) {
    memory_page page;
    page.open();
    page.say(server_text("a")).say(server_close(1000)).end();
    probe first;
    first.when_due = [&] { page.socket.reset(); };
    page.its_loop.arm(first, page.its_loop.now());
    page.settle();
    EXPECT_EQ(page.log, "");
}

TEST(WebSocketDestructor, IsLegalInEachHandlerAndNothingFollows) {
    memory_page page;
    const auto destroy = [&] { page.socket.reset(); };

    page.connect({.on_open = destroy});
    page.say(good_answer(page.request())).say(server_text("unheard"));
    page.settle();
    EXPECT_EQ(page.log, "open\n");
    EXPECT_EQ(page.heard(), "close 1001\n");
    page.say(server_close(1001)).end();
    page.settle();

    page.log.clear();
    page.open({.on_message = [&](const MessageEvent&) { destroy(); }});
    page.say(server_text("a")).say(server_text("b")).say(server_close(1000)).end();
    page.settle();
    EXPECT_EQ(page.log, "text \"a\"\n");

    page.log.clear();
    page.connect({.on_error = destroy});
    page.end();
    page.settle();
    EXPECT_EQ(page.log, "error\n");

    page.log.clear();
    page.open({.on_close = [&](const CloseEvent&) { destroy(); }});
    page.socket->addEventListener("close", [&] { page.log += "never"; });
    page.say(server_close(1000)).end();
    page.settle();
    EXPECT_EQ(page.log, "close 1000 clean\n");
    EXPECT_EQ(page.network.open_lines, 0U);
}

TEST(WebSocketDestructor, DoesNotWaitForWhatIsStillToBeSent) {
    memory_page page;
    WebSocket& socket = page.open();
    page.line->window = 1000;
    socket.send(std::string(1 << 20, 'x'));
    socket.send("behind it");
    socket.close(3000);
    page.socket.reset();
    page.pass(1min);
    EXPECT_EQ(page.log, "");
    EXPECT_EQ(page.network.open_lines, 0U);
}

}  // namespace
}  // namespace plainsong::tests
