// SPDX-License-Identifier: MIT
// A client's session from its request to its end, on a transport in memory, however its bytes are cut.
#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

#include "tests/support/memory_host.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

TEST(ClientSession, AsksOpensTalksAndCloses) {
    proves({"6455-4.1-01", "6455-4.1-03", "6455-4.1-19", "6455-4.1-24", "6455-12-01"});
    memory_host rig;
    ASSERT_FALSE(rig.connect({.on_open = [](session& s) { s.send_text("hi"); }}));
    EXPECT_EQ(rig.one->state(), client_state::connecting);
    const std::string request = rig.request();
    EXPECT_TRUE(request.starts_with("GET /chat HTTP/1.1\r\n"));
    EXPECT_EQ(field_of(request, "Host"), "test");
    EXPECT_EQ(field_of(request, "User-Agent"), "plainsong");
    rig.say(good_answer(request));
    rig.settle();
    EXPECT_EQ(rig.heard(), "text \"hi\"\n");
    rig.say(server_text("hello"));
    rig.settle();
    EXPECT_TRUE(rig.one->close(1000, "bye"));
    EXPECT_EQ(rig.heard(), "close 1000 \"bye\"\n");
    rig.say(server_close(1000));
    rig.settle();
    EXPECT_FALSE(rig.line->closed) << "the server is the first to close TCP";
    rig.end();
    rig.settle();
    EXPECT_EQ(rig.log.text(), "open\ntext \"hello\"\nclose 1000 sent 1000 clean by local\n");
    EXPECT_EQ(rig.one->state(), client_state::idle);
    EXPECT_TRUE(rig.failures.empty());
    rig.expect_empty();
}

TEST(ClientSession, DrawsAFreshKeyForEachHandshake) {
    proves({"6455-4.1-30", "6455-4.1-31"});
    std::set<std::string> keys;
    memory_host rig;
    for (int i = 0; i < 20; ++i) {
        ASSERT_FALSE(rig.connect());
        keys.insert(field_of(rig.request(), "Sec-WebSocket-Key"));
        rig.end();
        rig.settle();
    }
    EXPECT_EQ(keys.size(), 20U);
}

TEST(ClientSession, DeliversWhatFollowsTheAnswerAfterOnOpenHoweverItIsCut) {
    octets behind = server_text("one");
    append(behind, server_frame(9, octets_of("p")));
    append(behind, server_frame(2, octets(300, 7)));
    append(behind, server_close(1001));
    for (std::size_t at_most : {std::size_t{1}, std::size_t{2}, std::size_t{7}, no_bound}) {
        memory_host rig;
        ASSERT_FALSE(rig.connect());
        rig.line->receive_at_most = at_most;
        rig.say(good_answer(rig.request())).say(behind);
        rig.settle();
        EXPECT_EQ(rig.heard(), "pong \"p\"\nclose 1001\n");
        rig.end();
        rig.settle();
        EXPECT_EQ(rig.log.text(),
                  "open\ntext \"one\"\nping \"p\"\nbinary 300 x hex 07\n"
                  "close 1001 sent 1001 clean by peer\n");
        rig.expect_empty();
    }
}

TEST(ClientSession, IsToldOnceWhereverTheStreamEnds) {
    proves({"6455-7.1.5-03"});
    octets behind = server_text("one");
    append(behind, server_close(1001));
    for (std::size_t size = 0;; ++size) {
        memory_host rig;
        ASSERT_FALSE(rig.connect());
        octets all = octets_of(good_answer(rig.request()));
        const std::size_t head = all.size();
        append(all, behind);
        rig.say(std::span{all}.first(size));
        rig.settle();
        rig.end();
        rig.settle();
        if (size < head) {
            ASSERT_EQ(rig.failures.size(), 1U) << size;
            EXPECT_EQ(rig.log.count(), 0U);
        } else {
            EXPECT_TRUE(rig.failures.empty());
            std::string expected = "open\n";
            expected += size - head >= server_text("one").size() ? "text \"one\"\n" : "";
            expected += size == all.size() ? "close 1001 sent 1001 clean by peer\n"
                                           : "close 1006 because unexpected_end\n";
            EXPECT_EQ(rig.log.text(), expected) << size;
        }
        rig.expect_empty();
        if (size == all.size()) {
            break;
        }
    }
}

TEST(ClientSession, MasksWhateverItSendsAndKeepsTheProgramsMemory) {
    proves({"6455-5.1-01", "6455-5.3-03"});
    for (const std::size_t window : {std::size_t{1000}, no_bound}) {
        memory_host rig({.bounds = {.outbox_bytes = 8 << 20}});
        std::string sent;
        rig.open({.on_message = [](session& s, message m) { s.send(m); }});
        rig.line->window = window;
        std::string expected;
        for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 200'000U, 1'000'000U}) {
            const std::string text = pattern(size);
            EXPECT_TRUE(rig.one->send_text(text));
            EXPECT_EQ(text, pattern(size));
            expected += "text " + shown(as_bytes(text)) + "\n";
        }
        for (const std::size_t size : {10U, 3000U, 100'000U}) {
            rig.say(server_frame(2, octets(size, 9)));
            expected += "binary " + std::to_string(size) + (size > 16 ? " x hex 09\n" : "");
            if (size == 10) {
                expected += "";
            }
        }
        rig.settle();
        std::string heard = rig.heard();
        while (window != no_bound && rig.one->backlog_bytes() != 0) {
            rig.line->window += 10'000;
            rig.settle();
            heard += rig.heard();
        }
        // Whole messages only, each as it was given.
        const std::string tail =
            "binary hex 09090909090909090909\nbinary 3000 x hex 09\n"
            "binary 100000 x hex 09\n";
        std::string wanted = expected.substr(0, expected.find("binary")) + tail;
        EXPECT_EQ(heard, wanted);
        rig.fail(ECONNRESET);
        rig.settle();
        rig.expect_empty();
    }
}

TEST(ClientSession, NeverUsesAMaskingKeyTwice) {
    proves({"6455-5.3-04", "6455-10.3-01"});
    memory_host rig;
    rig.open();
    std::set<std::array<std::uint8_t, 4>> keys;
    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(rig.one->send_text("x"));
    }
    rig.settle();
    append(rig.ear.bytes, rig.line->outbound);
    rig.line->outbound.clear();
    while (const auto frame = rig.ear.take_frame()) {
        keys.insert(frame->key);
    }
    EXPECT_GE(keys.size(), 1995U) << "four random octets meet once in two thousand tries or so";
}

TEST(ClientSession, RefusesAMaskedFrame) {
    proves({"6455-5.1-05", "6455-5.1-06"});
    memory_host rig;
    rig.open();
    rig.say(client_text("masked"));
    rig.settle();
    EXPECT_EQ(rig.heard().substr(0, 10), "close 1002");
    rig.end();
    rig.settle();
    EXPECT_EQ(rig.log.text(), "open\nclose 1006 sent 1002 by local because frame_masked\n");
    rig.expect_empty();
}

TEST(ClientSession, GivesTheAnswerWhenItIsNo101) {
    memory_host rig;
    std::string field;
    rig.on_failure = [&](const connect_failure& failure) { field = failure.field("x-why"); };
    ASSERT_FALSE(rig.connect());
    (void)rig.request();
    rig.say("HTTP/1.1 403 Forbidden\r\nX-Why: closed\r\nContent-Length: 4\r\n\r\nno.\n");
    rig.settle();
    ASSERT_EQ(rig.failures.size(), 1U);
    EXPECT_EQ(rig.failures[0], "upgrade_refused status 403 Forbidden body hex 6e6f2e0a");
    EXPECT_EQ(field, "closed");
    EXPECT_EQ(rig.one->state(), client_state::idle);
    rig.expect_empty();
}

TEST(ClientSession, GivesTheAnswerThoughTheRequestCouldNotBeSent) {
    memory_host rig;
    ASSERT_FALSE(rig.connect());
    rig.line->window = 10;
    rig.settle();
    rig.say("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    rig.line->error = ECONNRESET;  // behind what was said
    rig.settle();
    ASSERT_EQ(rig.failures.size(), 1U);
    EXPECT_EQ(rig.failures[0], "upgrade_refused status 503 Busy");
    rig.expect_empty();
}

TEST(ClientSession, DoesNotWaitLongForTheBodyOfARefusal) {
    memory_host rig;
    ASSERT_FALSE(rig.connect());
    (void)rig.request();
    rig.say("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nabc");
    rig.pass(900ms);
    EXPECT_TRUE(rig.failures.empty());
    rig.pass(200ms);
    ASSERT_EQ(rig.failures.size(), 1U);
    EXPECT_EQ(rig.failures[0], "upgrade_refused status 404 Not Found body \"abc\"");
    rig.expect_empty();
}

TEST(ClientSession, HasOneDeadlineForTheWholeHandshake) {
    memory_host rig;
    ASSERT_FALSE(rig.connect());
    (void)rig.request();
    rig.say("HTTP/1.1 101 x\r\nX: ");
    for (int i = 0; i < 9; ++i) {
        rig.say("a");
        rig.pass(1s);
        EXPECT_TRUE(rig.failures.empty());
    }
    rig.say("a");
    rig.pass(2s);
    ASSERT_EQ(rig.failures.size(), 1U);
    EXPECT_EQ(rig.failures[0], "handshake_timeout");
    rig.expect_empty();
}

TEST(ClientSession, SaysTheErrnoOfAConnectionThatIsResetInTheHandshake) {
    memory_host rig;
    ASSERT_FALSE(rig.connect());
    (void)rig.request();
    rig.fail(ECONNRESET);
    rig.settle();
    ASSERT_EQ(rig.failures.size(), 1U);
    EXPECT_EQ(rig.failures[0], "connection_reset errno " + std::to_string(ECONNRESET));
    rig.expect_empty();
}

TEST(ClientSession, AgreesOnASubprotocolThatItHasOffered) {
    memory_host rig;
    handlers on = rig.record({});
    on.subprotocols = "chat, superchat";
    ASSERT_FALSE(rig.connect_with(std::move(on)));
    const std::string request = rig.request();
    EXPECT_EQ(field_of(request, "Sec-WebSocket-Protocol"), "chat, superchat");
    rig.say(good_answer(request, "Sec-WebSocket-Protocol: superchat\r\n"));
    rig.settle();
    ASSERT_NE(rig.one->current(), nullptr);
    EXPECT_EQ(rig.one->current()->subprotocol(), "superchat");
}

TEST(ClientSession, IsGivenUpByCloseAtOnceWithOneCallback) {
    for (const bool asked : {false, true}) {
        memory_host rig;
        ASSERT_FALSE(rig.connect());
        if (asked) {
            (void)rig.request();
        }
        EXPECT_TRUE(rig.one->close());
        ASSERT_EQ(rig.failures.size(), 1U);
        EXPECT_EQ(rig.failures[0], "terminated");
        EXPECT_EQ(rig.one->state(), client_state::idle);
        rig.settle();
        if (asked) {
            EXPECT_TRUE(rig.line->closed);
        }
        EXPECT_EQ(rig.failures.size(), 1U);
        rig.one.reset();
        rig.settle();
        rig.expect_empty();
    }
}

TEST(ClientSession, LeavesQuietlyWhenTheClientIsDestroyedAtAnyStage) {
    for (int stage = 0; stage < 4; ++stage) {
        memory_host rig;
        ASSERT_FALSE(rig.connect());
        std::string request;
        if (stage > 0) {
            request = rig.request();
        }
        if (stage > 1) {
            rig.say(good_answer(request));
            rig.settle();
        }
        if (stage > 2) {
            EXPECT_TRUE(rig.one->close(3000));
        }
        const std::string before = rig.log.text();
        rig.one.reset();
        rig.settle();
        if (stage == 2) {
            EXPECT_EQ(rig.heard(), "close 1001\n");
        }
        rig.say(server_close(1001));
        rig.end();
        rig.settle();
        rig.pass(10s);
        EXPECT_EQ(rig.log.text(), before) << "no callback follows";
        EXPECT_TRUE(rig.failures.empty());
        EXPECT_EQ(rig.network.open_lines, 0U) << stage;
    }
}

TEST(ClientSession, LeavesNothingWhenTheLoopEndsFirst) {
    auto network = std::make_unique<memory_network>();
    auto line = std::make_shared<memory_line>();
    {
        loop its_loop{network->options()};
        client one(its_loop);
        ASSERT_FALSE(one.connect_over(network->connect(line), "ws://test/", {}));
        network->settle(its_loop);
    }
    EXPECT_EQ(network->open_lines, 0U);
    EXPECT_TRUE(line->closed);
}

TEST(ClientSession, MayBeDestroyedInAnyOfItsHandlers) {
    for (const char* where : {"open", "message", "close", "failure"}) {
        const std::string_view at = where;
        memory_host rig;
        const auto leave = [&](const char* here) {
            if (at == here) {
                rig.one.reset();
            }
        };
        handlers on;
        on.on_open = [&](session&) { leave("open"); };
        on.on_message = [&](session& s, message m) {
            leave("message");
            s.send(m);
        };
        on.on_close = [&](session&, const close_record&) { leave("close"); };
        on.on_failure = [&](const connect_failure&) { leave("failure"); };
        ASSERT_FALSE(rig.connect_with(std::move(on)));
        const std::string request = rig.request();
        if (at == "failure") {
            rig.say("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        } else {
            rig.say(good_answer(request)).say(server_text("x")).say(server_close(1000));
        }
        rig.settle();
        rig.end();
        rig.settle();
        EXPECT_EQ(rig.one, nullptr) << where;
        EXPECT_EQ(rig.network.open_lines, 0U) << where;
    }
}

TEST(ClientSession, ConnectsAgainFromItsOwnHandlers) {
    memory_host rig;
    int closed = 0;
    handlers on = rig.record({.on_close = [&](session&, const close_record&) {
        ++closed;
        if (closed < 3) {
            EXPECT_FALSE(rig.connect());
        }
    }});
    ASSERT_FALSE(rig.connect_with(std::move(on)));
    rig.say(good_answer(rig.request()));
    rig.settle();
    rig.say(server_close(1000));
    rig.settle();
    rig.end();
    rig.settle();
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(rig.one->state(), client_state::connecting);
    rig.on_failure = [&](const connect_failure&) { EXPECT_FALSE(rig.connect()); };
    const auto first = rig.line;
    rig.end();
    rig.settle();
    EXPECT_EQ(rig.failures.size(), 1U);
    EXPECT_NE(rig.line, first);
    EXPECT_TRUE(first->closed);
    rig.on_failure = {};
    rig.say(good_answer(rig.request()));
    rig.settle();
    EXPECT_EQ(rig.one->state(), client_state::open);
}

TEST(ClientSession, SendsNothingBetweenItsRequestAndTheAnswer) {
    proves({"6455-4.1-42", "9110-7.8-05"});
    client_options options{.queue_while_down_bytes = 100};
    memory_host rig(std::move(options));
    ASSERT_FALSE(rig.connect());
    EXPECT_EQ(rig.one->send_text("early").what, fate::queued);
    const std::string request = rig.request();
    EXPECT_EQ(rig.one->send_text("later").what, fate::queued);
    rig.settle();
    EXPECT_TRUE(rig.line->outbound.empty() && rig.ear.bytes.empty());
    rig.say(good_answer(request));
    rig.settle();
    EXPECT_EQ(rig.heard(), "text \"early\"\ntext \"later\"\n");
}

TEST(ClientSession, SaysWhatIsWrongWithItsArguments) {
    proves({"6455-3-06", "6455-4.1-01", "6455-4.1-04", "6455-4.1-05"});
    memory_host rig;
    EXPECT_EQ(rig.connect({}, "ws://test/#x").code(), error_code::url_has_fragment);
    EXPECT_EQ(rig.connect({}, "http://test/").code(), error_code::url_malformed);
    EXPECT_EQ(rig.connect({}, "ws://").code(), error_code::url_malformed);
    EXPECT_EQ(rig.one->connect("wss://test/", {}).code(), error_code::tls_not_available);
    handlers on;
    on.subprotocols = "one, two words";
    EXPECT_EQ(rig.connect_with(std::move(on)).code(), error_code::invalid_argument);
    handlers server_side;
    server_side.on_upgrade = [](upgrade&) {};
    EXPECT_EQ(rig.connect_with(std::move(server_side)).code(), error_code::invalid_argument);
    ASSERT_FALSE(rig.connect());
    EXPECT_EQ(rig.connect().code(), error_code::invalid_state);
    EXPECT_EQ(rig.one->send({opcode::ping, {}}).why, error_code::invalid_argument);
    EXPECT_EQ(rig.one->send_text("\xff").why, error_code::text_not_utf8);
    EXPECT_EQ(rig.one->send_text("x").why, error_code::not_open);
    const http::field bad{"Sec-WebSocket-Key", "mine"};
    client other(rig.its_loop, {.fields = {&bad, 1}});
    EXPECT_EQ(other.connect("ws://test/", {}).code(), error_code::field_not_sendable);
    client cookie(rig.its_loop, {.cookies = "a=1\r\nX: y"});
    EXPECT_EQ(cookie.connect("ws://test/", {}).code(), error_code::field_not_sendable);
    client proxy(rig.its_loop, {.proxy = "gopher://proxy:1"});
    EXPECT_EQ(proxy.connect("ws://test/", {}).code(), error_code::proxy_url_malformed);
}

}  // namespace
}  // namespace plainsong::tests
