// SPDX-License-Identifier: MIT
// How a session's queue fills, overflows, and drains when its peer reads slowly.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/support/proves.hpp"
#include "tests/support/slow_peer.hpp"

namespace plainsong::tests {
namespace {

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

}  // namespace
}  // namespace plainsong::tests
