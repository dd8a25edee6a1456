// SPDX-License-Identifier: MIT
// What a session sends to peers that read slowly, in pieces, or not at all.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

limits small_outbox() {
    limits bounds;
    bounds.outbox_high_bytes = 2000;
    bounds.outbox_bytes = 10'000;
    return bounds;
}

/// Sends on request: each text that comes in is the program's cue.
struct sender {
    explicit sender(overflow_policy policy = overflow_policy::refuse,
                    const limits& bounds = small_outbox(), reactions also = {}) {
        handlers made = rig.log.record(std::move(also));
        made.overflow = policy;
        rig->route("/", std::move(made), bounds);
        peer = std::make_unique<memory_client>(rig.open());
    }
    session& here() { return rig.latest(); }
    metrics_snapshot counts() { return rig->snapshot(); }

    memory_server rig;
    std::unique_ptr<memory_client> peer;
};

std::string numbered(int number, std::size_t size) {
    std::string text = std::to_string(number) + ' ';
    text.resize(size, '.');
    return text;
}

/// The numbers of the messages that a client has heard.
std::vector<int> numbers_in(memory_client& peer) {
    peer.bytes();
    std::vector<int> numbers;
    while (const auto frame = peer.ear.take_frame()) {
        const std::string text(frame->payload.begin(), frame->payload.end());
        numbers.push_back(frame->opcode == 1 ? std::stoi(text) : -static_cast<int>(frame->opcode));
    }
    return numbers;
}

TEST(SessionSending, PutsTheSameOctetsOnTheWireHoweverTheyLeave) {
    proves({"6455-6.1-04", "6455-6.1-10", "6455-5.4-09"});
    const std::string large(70'000, 'x');
    const auto talk = [&](std::size_t at_most, std::size_t window) {
        memory_server rig;
        rig->route("/", rig.log.record({.on_message = [&](session& one, message m) {
            one.send(m);
            one.send_text("small");
            one.ping(as_bytes("p"));
            one.send_binary(as_bytes(large));
            one.send_begin(opcode::text);
            one.send_part("first, ");
            one.pong(as_bytes("q"));
            one.send_part("second");
            one.send_end();
            one.send(m);
        }}));
        memory_client peer = rig.open();
        peer.line->send_at_most = at_most;
        peer.line->window = window;
        peer.say(client_text(std::string(3000, 'm'))).say(client_ping("!"));
        rig.settle();
        for (int i = 0; i < 200'000 && window != no_bound && rig.latest().backlog_bytes() != 0;
             ++i) {
            peer.line->window += window;
            rig.settle();
        }
        peer.line->window = no_bound;
        rig.settle();
        EXPECT_EQ(rig.latest().backlog_bytes(), 0U);
        std::string data;
        std::string control;
        peer.bytes();
        while (const auto frame = peer.ear.take_frame()) {
            (frame->opcode < 8 ? data : control) += shown(*frame) + '\n';
        }
        EXPECT_EQ(joined(peer.ear.faults), "");
        return data + control;
    };
    const std::string whole = talk(no_bound, no_bound);
    EXPECT_EQ(whole,
              "text 3000 x \"m\"\ntext \"small\"\nbinary 70000 x \"x\"\ntext more \"\"\n"
              "continuation more \"first, \"\ncontinuation more \"second\"\ncontinuation \"\"\n"
              "text 3000 x \"m\"\nping \"p\"\npong \"q\"\npong \"!\"\n");
    for (const std::size_t at_most : {1U, 2U, 3U, 7U, 100U, 2999U, 3004U, 70'000U}) {
        EXPECT_EQ(talk(at_most, no_bound), whole) << at_most << " octets a call";
    }
    for (const std::size_t window : {1U, 5U, 1000U, 4096U}) {
        EXPECT_EQ(talk(no_bound, window), whole) << window << " octets a window";
    }
}

TEST(SessionSending, RefusesWhatTheQueueCannotHoldAndKeepsTheRest) {
    sender one;
    one.peer->line->window = 0;
    int taken = 0;
    send_result last;
    while ((last = one.here().send_text(numbered(taken, 1000)))) {
        EXPECT_EQ(last.what, fate::queued);
        ++taken;
        ASSERT_LT(taken, 100);
    }
    EXPECT_EQ(last.what, fate::refused);
    EXPECT_EQ(last.why, error_code::refused_full);
    EXPECT_GE(taken, 7);
    EXPECT_LE(one.here().backlog_bytes(), 10'000U);
    EXPECT_EQ(one.counts().messages_refused, 1U);
    EXPECT_EQ(one.counts().messages_sent, static_cast<std::uint64_t>(taken));
    one.peer->line->window = no_bound;
    one.rig.settle();
    std::vector<int> all;
    for (int i = 0; i < taken; ++i) {
        all.push_back(i);
    }
    EXPECT_EQ(numbers_in(*one.peer), all);
}

TEST(SessionSending, ClosesWithTryAgainLaterIfThePolicySaysSo) {
    sender one(overflow_policy::close);
    one.peer->line->window = 500;
    int taken = 0;
    while (one.here().send_text(numbered(taken, 1000))) {
        ASSERT_LT(++taken, 100);
    }
    EXPECT_FALSE(one.here().is_open());
    one.peer->line->window = no_bound;
    one.rig.settle();
    // The frame that had begun ends first.
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{0, -8}));
    EXPECT_TRUE(one.peer->line->fin_sent);
    one.peer->end();
    one.rig.settle();
    const std::string lost = std::to_string(taken - 1);
    EXPECT_EQ(one.rig.log.last().lines.back(),
              "close 1006 sent 1013 by local because send_queue_overflow lost " + lost + " of " +
                  std::to_string((taken - 1) * 1004) + " bytes");
    EXPECT_EQ(one.counts().messages_unsent, static_cast<std::uint64_t>(taken - 1));
}

TEST(SessionSending, DropsTheOldestIfThePolicySaysSo) {
    sender one(overflow_policy::drop_oldest);
    one.peer->line->window = 10;
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(one.here().send_text(numbered(i, 1000)));
        EXPECT_LE(one.here().backlog_bytes(), 10'000U);
    }
    EXPECT_FALSE(one.here().send_text(std::string(10'001, 'x'))) << "can never fit";
    one.peer->line->window = no_bound;
    one.rig.settle();
    const std::vector<int> heard = numbers_in(*one.peer);
    ASSERT_GE(heard.size(), 7U);
    EXPECT_EQ(heard.front(), 0) << "a frame that has begun is never given up";
    for (std::size_t i = 1; i < heard.size(); ++i) {
        EXPECT_EQ(heard[i], 50 - static_cast<int>(heard.size() - i));
    }
    EXPECT_EQ(one.counts().messages_dropped, 50 - heard.size());
}

// A message that came in pieces lies in memory of its own, which may be queued as it is.
TEST(SessionSending, KeepsAMessageInPlaceWhileItIsDeliveredWhateverThePolicyDrops) {
    const std::string text(3000, 'm');
    for (const auto policy : {overflow_policy::drop_oldest, overflow_policy::close}) {
        std::string seen;
        const std::string large(70'000, 'x');  // too large to be gathered: what was gathered leaves
        sender one(policy, small_outbox(), {.on_message = [&](session& its, message m) {
                       its.send(m);
                       its.send_binary(as_bytes(large));
                       its.send(m);
                       its.send(m);
                       seen = m.text();
                   }});
        one.peer->line->window = 0;
        one.peer->say(client_text(text.substr(0, 1000), false));
        one.peer->say(client_frame(0, octets_of(text.substr(1000))));
        one.rig.settle();
        EXPECT_EQ(seen, text);
        one.peer->line->window = no_bound;
        one.rig.settle();
        const std::string heard = one.peer->heard();
        if (policy == overflow_policy::drop_oldest) {
            EXPECT_EQ(heard, "text 3000 x \"m\"\ntext 3000 x \"m\"\n");
        }
    }
}

TEST(SessionSending, ReplacesAQueuedMessageWithTheSameKey) {
    sender one;
    one.peer->line->window = 0;
    one.here().send_text("-1");
    for (int i = 0; i < 1000; ++i) {
        const std::string text = std::to_string(i);
        EXPECT_TRUE(one.here().send({opcode::text, as_bytes(text)}, 7));
        EXPECT_TRUE(one.here().send({opcode::text, as_bytes(text)}, 8));
    }
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{-1, 999, 999}));
    EXPECT_EQ(one.counts().messages_dropped, 2 * 999U);
}

TEST(SessionSending, ReplacesByKeyWhatWasSentWhileItWasRead) {
    sender one(overflow_policy::refuse, small_outbox(),
               {.on_message = [](session& s, message m) { s.send(m, 7); }});
    one.peer->line->window = 1;
    for (int i = 100; i < 110; ++i) {
        one.peer->say(client_text(std::to_string(i)));
    }
    one.rig.settle();
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{100, 109}));
}

TEST(SessionSending, KeepsTheOlderMessageWithAKeyIfTheNewerOneIsRefused) {
    sender one;
    one.peer->line->window = 0;
    one.here().send_text("0");
    const std::string small = numbered(1, 1000);
    const std::string large = numbered(2, 20'000);
    EXPECT_TRUE(one.here().send({opcode::text, as_bytes(small)}, 7));
    EXPECT_EQ(one.here().send({opcode::text, as_bytes(large)}, 7).what, fate::refused);
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{0, 1}));
    EXPECT_EQ(one.counts().messages_dropped, 0U);
}

TEST(SessionSending, TellsOnceForEachTimeThatTheQueueDrains) {
    sender one;
    one.peer->line->window = 0;
    for (int round = 1; round <= 3; ++round) {
        for (int i = 0; i < 4; ++i) {
            one.here().send_text(numbered(i, 1000));
        }
        EXPECT_GT(one.here().backlog_bytes(), 2000U);
        one.peer->line->window = 1500;  // still above half of the high mark
        one.rig.settle();
        EXPECT_EQ(one.rig.log.last().lines.size(), static_cast<std::size_t>(round));
        one.peer->line->window = 2000;
        one.rig.settle();
        EXPECT_EQ(one.rig.log.last().lines.size(), static_cast<std::size_t>(round) + 1);
        EXPECT_EQ(one.rig.log.last().lines.back(), "drain");
        one.peer->line->window = 5000;
        one.rig.settle();
        EXPECT_EQ(one.rig.log.last().lines.size(), static_cast<std::size_t>(round) + 1);
        one.peer->line->window = 0;
    }
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}));
}

/// The way to send without end: fill the queue, go on whenever it has drained.
TEST(SessionSending, GoesOnFromDrainToDrainUntilAllIsSent) {
    for (const std::size_t at_most : {std::size_t{300}, std::size_t{5000}, no_bound}) {
        int next = 0;
        const auto fill = [&next](session& s) {
            while (next < 200 && s.backlog_bytes() <= 2000) {
                if (!s.send_text(numbered(next, 1000))) {
                    break;
                }
                ++next;
            }
        };
        sender one(overflow_policy::refuse, small_outbox(),
                   {.on_message = [&](session& s, message) { fill(s); }, .on_drain = fill});
        one.peer->line->send_at_most = at_most;
        one.peer->line->window = 0;
        one.peer->say(client_text("go"));
        one.rig.settle();
        int given = 0;
        while (next < 200 || one.here().backlog_bytes() != 0) {
            one.peer->line->window = 5000;
            one.rig.settle();
            ASSERT_LT(++given, 100) << "it stalls after " << next;
        }
        EXPECT_EQ(numbers_in(*one.peer).size(), 200U);
    }
}

TEST(SessionSending, SendsAllThatOnDrainSends) {
    sender one(overflow_policy::refuse, small_outbox(), {.on_drain = [](session& s) {
                   s.send_text(numbered(77, 9000));
                   s.ping();
                   s.close(1000);
               }});
    one.peer->line->window = 0;
    for (int i = 0; i < 4; ++i) {
        one.here().send_text(numbered(i, 1000));
    }
    one.peer->line->send_at_most = 100;
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(numbers_in(*one.peer), (std::vector<int>{0, 1, 2, 3, 77, -9, -8}));
}

TEST(SessionSending, EndsAPeerThatReadsNothingForTooLong) {
    limits bounds;
    bounds.write_stall = 5s;
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

TEST(SessionSending, EndsAPeerThatPingsAndNeverReads) {
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

TEST(SessionSending, KeepsOnePongForAPeerThatPingsAndDoesNotRead) {
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

TEST(SessionSending, WaitsWhenTheKernelIsShortOfMemory) {
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

TEST(SessionSending, AnswersARequestAlsoWhenTheKernelIsShortOfMemory) {
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

TEST(SessionSending, CountsWhatABrokenConnectionLost) {
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

TEST(SessionSending, TellsWhatWasLostWhenThePeerClosed) {
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

TEST(SessionSending, SendsItsCloseBehindWhatWasSentBefore) {
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

TEST(SessionSending, SendsAMessageInPiecesWithControlFramesBetween) {
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

TEST(SessionSending, LosesNoQueuedMessageToASendThatCannotBe) {
    sender one(overflow_policy::drop_oldest);
    one.peer->line->window = 0;
    for (int i = 0; i < 8; ++i) {
        one.here().send_text(numbered(i, 1000));
    }
    const std::string keyed = numbered(8, 100);
    one.here().send({opcode::text, as_bytes(keyed)}, 7);
    ASSERT_TRUE(one.here().send_begin(opcode::text));
    EXPECT_EQ(one.here().send({opcode::text, as_bytes(numbered(9, 4000))}, 7).why,
              error_code::message_in_progress);
    one.here().send_end();
    one.peer->line->window = no_bound;
    one.rig.settle();
    EXPECT_EQ(one.counts().messages_dropped, 0U);
}

TEST(SessionSending, TakesTextOnlyIfItIsUtf8) {
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
