// SPDX-License-Identifier: MIT
// What a session sends in pieces, behind what was sent before, or in vain.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/support/proves.hpp"
#include "tests/support/slow_peer.hpp"

namespace plainsong::tests {
namespace {

TEST(SessionSends, EndsAPeerThatReadsNothingForTooLong) {
    limits bounds;
    bounds.write_stall = 5s;
    bounds.write_stall_bytes = 1;
    sender one(overflow_policy::refuse, bounds);
    one.peer->line->window = 10;
    one.here().send_text(numbered(1, 1000));
    one.rig.settle();
    one.rig.pass(4s);
    one.peer->line->window = 1;  // progress, if little
    one.rig.pass(4s);
    EXPECT_FALSE(one.peer->line->closed);
    one.rig.pass(2s);
    EXPECT_TRUE(one.peer->line->closed);
    EXPECT_EQ(one.rig.log.last().lines.back(),
              "close 1006 because write_stalled lost 1 of 993 bytes");
    EXPECT_EQ(one.counts().timeouts, 1U);
}

TEST(SessionSends, EndsAPeerThatPingsAndNeverReads) {
    limits bounds;
    bounds.write_stall = 5s;
    sender one(overflow_policy::refuse, bounds);
    one.peer->line->window = 0;
    for (int i = 0; i < 60 && !one.peer->line->closed; ++i) {
        one.peer->say(client_ping("again"));
        one.rig.pass(200ms);
    }
    EXPECT_TRUE(one.peer->line->closed);
    EXPECT_EQ(one.rig.log.last().lines.back(), "close 1006 because write_stalled");
}

TEST(SessionSends, KeepsOnePongForAPeerThatPingsAndDoesNotRead) {
    proves({"6455-5.5.3-02"});
    sender one;
    one.peer->line->window = 0;
    for (int i = 0; i < 1000; ++i) {
        one.peer->say(client_ping(std::to_string(i)));
        one.rig.settle();
    }
    EXPECT_EQ(one.here().backlog_bytes(), 0U);
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(one.peer->heard(), "pong \"999\"\n");
}

TEST(SessionSends, WaitsWhenTheKernelIsShortOfMemory) {
    sender one;
    one.peer->line->short_of_memory = 3;
    one.here().send_text("1");
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), std::vector<int>{});
    const std::size_t turns = one.rig.network.turns;
    one.rig.pass(1s);
    EXPECT_LT(one.rig.network.turns - turns, 20U);
    EXPECT_EQ(numbers_in(*one.peer), std::vector<int>{1});
}

TEST(SessionSends, AnswersARequestAlsoWhenTheKernelIsShortOfMemory) {
    for (const char* request : {"GET / HTTP/1.1\r\n\r\n", ""}) {
        memory_server rig;
        rig->route("/", rig.log.record());
        memory_client peer(rig);
        peer.line->short_of_memory = 1;
        peer.say(*request != '\0' ? request : good_request({}, "/"));
        rig.pass(100ms);
        EXPECT_EQ(peer.answer().substr(0, 12), *request != '\0' ? "HTTP/1.1 400" : "HTTP/1.1 101");
    }
}

TEST(SessionSends, CountsWhatABrokenConnectionLost) {
    sender one(overflow_policy::refuse, small_outbox(), {.on_message = [](session& s, message m) {
                   s.send(m);
                   s.send(m);
               }});
    // In the reader's own turn, in which sends are gathered:
    one.peer->say(client_text("abc"));
    one.rig.network.fault = [](memory_call call) { return call == memory_call::send ? EPIPE : 0; };
    one.rig.settle();
    one.rig.network.fault = {};
    one.peer->end();
    one.rig.settle();
    EXPECT_EQ(one.rig.log.last().lines.back(),
              "close 1006 because connection_reset errno 32 lost 2 of 10 bytes");
    EXPECT_EQ(one.counts().messages_unsent, 2U);
    // And outside of it:
    memory_client other = one.rig.open();
    one.rig.network.fault = [](memory_call call) { return call == memory_call::send ? EPIPE : 0; };
    EXPECT_NE(one.here().send_text("abc").what, fate::sent);
    EXPECT_EQ(one.here().send_text("abc").what, fate::gone);
    one.rig.network.fault = {};
    other.end();
    one.rig.settle();
    EXPECT_EQ(one.rig.log.last().lines.back(),
              "close 1006 because connection_reset errno 32 lost 1 of 5 bytes");
}

TEST(SessionSends, TellsWhatWasLostWhenThePeerClosed) {
    proves({"6455-5.5.1-09", "6455-5.5.1-10"});
    sender one;
    one.peer->line->window = 10;
    for (int i = 0; i < 5; ++i) {
        one.here().send_text(numbered(i, 1000));
    }
    one.peer->say(client_close(1000));
    one.rig.settle();
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{0, -8}));
    one.peer->end();
    one.rig.settle();
    EXPECT_EQ(one.rig.log.last().lines.back(),
              "close 1000 sent 1000 clean by peer lost 4 of 4016 bytes");
    EXPECT_EQ(one.counts().messages_unsent, 4U);
}

TEST(SessionSends, SendsItsCloseBehindWhatWasSentBefore) {
    sender one;
    one.peer->line->window = 10;
    for (int i = 0; i < 5; ++i) {
        one.here().send_text(numbered(i, 1000));
    }
    EXPECT_TRUE(one.here().close(1000, "done"));
    EXPECT_EQ(one.here().send_text("x").what, fate::gone);
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{0, 1, 2, 3, 4, -8}));
    one.peer->say(client_close(1000)).end();
    one.rig.settle();
    EXPECT_EQ(one.rig.log.last().lines.back(), "close 1000 sent 1000 clean by local");
}

TEST(SessionSends, SendsAMessageInPiecesWithControlFramesBetween) {
    proves({"6455-6.1-05", "6455-6.1-06", "6455-6.1-07", "6455-5.4-06", "6455-5.4-09"});
    sender one;
    session& s = one.here();
    EXPECT_EQ(s.send_part("x").why, error_code::no_message_in_progress);
    EXPECT_EQ(s.send_end().why, error_code::no_message_in_progress);
    EXPECT_EQ(s.send_begin(opcode::ping).why, error_code::invalid_argument);
    EXPECT_TRUE(s.send_begin(opcode::text));
    EXPECT_EQ(s.send_begin(opcode::text).why, error_code::message_in_progress);
    EXPECT_EQ(s.send_text("other").why, error_code::message_in_progress);
    EXPECT_TRUE(s.send_part("gr\xc3"));
    EXPECT_EQ(s.send_end().why, error_code::text_not_utf8) << "inside a character";
    EXPECT_TRUE(s.ping(as_bytes("p")));
    EXPECT_EQ(s.send_part("\xff").why, error_code::text_not_utf8);
    one.rig.settle();
    EXPECT_TRUE(s.send_part("\xbcn"));
    EXPECT_TRUE(s.send_end());
    EXPECT_TRUE(s.send_begin(opcode::binary));
    EXPECT_TRUE(s.send_part("\xff"));
    EXPECT_TRUE(s.send_end());
    EXPECT_EQ(one.peer->heard(),
              "text more \"\"\ncontinuation more hex 6772c3\nping \"p\"\n"
              "continuation more hex bc6e\ncontinuation \"\"\nbinary more \"\"\n"
              "continuation more hex ff\ncontinuation \"\"\n");
    EXPECT_EQ(one.counts().messages_sent, 2U);
}

TEST(SessionSends, TakesTextOnlyIfItIsUtf8) {
    proves({"6455-5.6-02"});
    sender one;
    EXPECT_EQ(one.here().send_text("\xc3(").why, error_code::text_not_utf8);
    EXPECT_TRUE(one.here().send_text("gr\xc3\xbcn"));
    EXPECT_TRUE(one.here().send_text(""));
    EXPECT_TRUE(one.here().send_binary(as_bytes("\xc3(")));
    EXPECT_EQ(one.here().send({opcode::close, {}}).why, error_code::invalid_argument);
    EXPECT_EQ(one.here().ping(octets(126)).why, error_code::control_too_long);
    EXPECT_EQ(one.here().close(1006).why, error_code::close_code_not_sendable);
    EXPECT_EQ(one.here().close(1000, std::string(124, 'x')).why, error_code::control_too_long);
    EXPECT_EQ(one.here().close(1000, "\xff").why, error_code::reason_not_utf8);
    EXPECT_EQ(one.peer->heard(), "text hex 6772c3bc6e\ntext \"\"\nbinary hex c328\n");
    EXPECT_TRUE(one.here().is_open());
}

}  // namespace
}  // namespace plainsong::tests
