// SPDX-License-Identifier: MIT
// Deadlines of a session, in time that the test supplies.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

/// Lets time pass in steps until the server has closed.  Returns: how long that took.
duration until_closed(memory_server& rig, memory_client& peer, duration step, duration most) {
    const time_point start = rig.network.clock.now();
    while (!peer.line->closed && rig.network.clock.now() - start < most) {
        rig.pass(step);
    }
    EXPECT_TRUE(peer.line->closed);
    return rig.network.clock.now() - start;
}

TEST(SessionDeadline, EndsAHandshakeThatTakesTooLong) {
    struct slow_request {
        const char* text;
        const char* answer;
    };
    for (const auto& [text, answer] :
         {slow_request{"", ""}, slow_request{"GET / HT", ""},
          slow_request{"GET / HTTP/1.1\r\n", "HTTP/1.1 408 "},
          slow_request{"GET / HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 408 "}}) {
        memory_server rig;
        rig->route("/", rig.log.record());
        memory_client peer(rig);
        peer.say(text);
        rig.pass(9900ms);
        EXPECT_FALSE(peer.line->fin_sent || peer.line->closed);
        rig.pass(200ms);
        EXPECT_TRUE(peer.line->fin_sent || peer.line->closed);
        const std::string said = peer.answer();
        EXPECT_EQ(said.substr(0, 13), answer);
        EXPECT_LE(until_closed(rig, peer, 50ms, 10s), 1100ms);
        expect_empty(rig);
    }
}

TEST(SessionDeadline, CountsAHandshakeInTotalAndNotForEachByte) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer(rig);
    const std::string request = good_request({}, "/");
    std::size_t said = 0;
    while (!peer.line->fin_sent && !peer.line->closed) {
        peer.say(std::string_view(request).substr(said++, 1));
        rig.pass(1s);
        ASSERT_LE(said, 12U);
    }
    EXPECT_GE(said, 10U);
}

TEST(SessionDeadline, EndsThousandsOfSlowHandshakesAndServesAnHonestClientMeanwhile) {
    memory_server rig;
    rig->route("/", rig.log.record(echo()));
    std::vector<memory_client> slow;
    for (int i = 0; i < 5000; ++i) {
        slow.emplace_back(rig);
    }
    memory_client honest = rig.open();
    for (int second = 0; second < 12; ++second) {
        for (memory_client& one : slow) {
            one.say("G");
        }
        honest.say(client_text("hello"));
        rig.settle();
        EXPECT_EQ(honest.heard(), "text \"hello\"\n");
        rig.pass(1s);
    }
    EXPECT_EQ(rig.network.open_lines, 1U);
    EXPECT_EQ(rig->snapshot().handshakes_failed, 5000U);
}

TEST(SessionDeadline, PingsAQuietPeerAndDropsOneThatDoesNotAnswer) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    rig.pass(29s);
    EXPECT_EQ(peer.heard(), "");
    rig.pass(1100ms);
    EXPECT_EQ(peer.heard(), "ping \"\"\n");
    peer.say(client_frame(10, {}));
    rig.pass(29s);
    EXPECT_EQ(peer.heard(), "");
    rig.pass(2s);
    EXPECT_EQ(peer.heard(), "ping \"\"\n");
    rig.pass(18s);
    EXPECT_FALSE(peer.line->closed);
    rig.pass(2s);
    EXPECT_TRUE(peer.line->closed);
    EXPECT_EQ(peer.heard(), "");
    EXPECT_EQ(rig.log.last().lines.back(), "close 1006 because no_pong");
    EXPECT_EQ(rig->snapshot().timeouts, 1U);
    expect_empty(rig);
}

TEST(SessionDeadline, TakesAnyByteAsASignOfLife) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    for (int i = 0; i < 20; ++i) {
        rig.pass(31s);
        EXPECT_EQ(peer.heard(), "ping \"\"\n");
        peer.say(client_text("no pong, but alive"));
        rig.settle();
    }
    EXPECT_FALSE(peer.line->closed);
}

TEST(SessionDeadline, ClosesAnIdleSessionIfItDoesNotPing) {
    limits bounds;
    bounds.ping_after = duration::max();
    bounds.idle_timeout = 60s;
    memory_server rig;
    rig->route("/", rig.log.record(), bounds);
    memory_client peer = rig.open();
    rig.pass(59s);
    EXPECT_EQ(peer.heard(), "");
    rig.pass(2s);
    EXPECT_TRUE(peer.heard().starts_with("close 1001"));
    peer.say(client_close(1001)).end();
    rig.settle();
    EXPECT_EQ(rig.log.last().lines.back(),
              "close 1001 sent 1001 clean by local because idle_too_long");
    EXPECT_EQ(rig->snapshot().timeouts, 1U);
    expect_empty(rig);
}

TEST(SessionDeadline, EndsAMessageThatMakesNoProgress) {
    for (const octets& begun : {octets{0x81}, octets{0x81, 0xfe}, client_text("begun", false),
                                octets{0x82, 0x85, 1, 2, 3, 4, 'x'}}) {
        memory_server rig;
        rig->route("/", rig.log.record());
        memory_client peer = rig.open();
        peer.say(begun);
        rig.pass(9s);
        EXPECT_EQ(peer.heard(), "");
        rig.pass(2s);
        EXPECT_TRUE(peer.heard().starts_with("close 1008"));
        peer.end();
        rig.settle();
        EXPECT_EQ(rig.log.last().lines.back(),
                  "close 1006 sent 1008 by local because message_stalled");
        expect_empty(rig);
    }
}

TEST(SessionDeadline, DropsAPeerThatDoesNotAnswerAClose) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    rig.latest().close(1000);
    rig.pass(4900ms);
    EXPECT_FALSE(peer.line->closed);
    rig.pass(200ms);
    EXPECT_TRUE(peer.line->closed);
    EXPECT_EQ(rig.log.last().lines.back(),
              "close 1006 sent 1000 by local because close_not_answered");
    expect_empty(rig);
}

TEST(SessionDeadline, GivesThePeerItsTimeFromWhenTheCloseHasLeft) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.line->window = 0;
    rig.latest().send_binary(octets(100'000, 1));
    rig.latest().close(1000);
    // A slow reader: far more than the time for a Close, but never without progress.
    for (int i = 0; i < 10; ++i) {
        rig.pass(4s);
        EXPECT_FALSE(peer.line->closed) << i;
        peer.line->window += 10'002;
    }
    rig.pass(4s);
    EXPECT_EQ(peer.heard(), "binary 100000 x hex 01\nclose 1000\n");
    EXPECT_FALSE(peer.line->closed);
    rig.pass(1100ms);
    EXPECT_TRUE(peer.line->closed);
    EXPECT_EQ(rig.log.last().lines.back(),
              "close 1006 sent 1000 by local because close_not_answered");
    expect_empty(rig);
}

TEST(SessionDeadline, DropsAPeerThatReadsTooLittle) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.line->window = 0;
    rig.latest().send_binary(octets(100'000, 1));
    duration passed{};
    while (!peer.line->closed && passed < 120s) {
        rig.pass(1s);
        passed += 1s;
        peer.line->window += 100;  // a byte now and then is no reading
    }
    EXPECT_GE(passed, 30s);
    EXPECT_LE(passed, 62s);
    EXPECT_EQ(rig.log.last().lines.back().substr(0, 31), "close 1006 because write_stalle");
    expect_empty(rig);
}

TEST(SessionDeadline, WantsAMessageToComeAtTheRateThatItIsTold) {
    for (const bool streams : {false, true}) {
        limits bounds;
        bounds.message_stall_bytes = 100;
        memory_server rig({.bounds = bounds});
        rig->route("/", rig.log.record({.streams = streams}));
        memory_client steady = rig.open();
        memory_client slow = rig.open();
        const octets message = client_frame(2, octets(1000, 1));
        const std::span head = std::span{message}.first(8);
        steady.say(head);
        slow.say(head);
        for (std::size_t i = 0; i < 9; ++i) {
            steady.say(std::span{message}.subspan(8 + i * 100, 100));
            slow.say(std::span{message}.subspan(8 + i * 10, 10));
            rig.pass(9s);
            EXPECT_EQ(slow.line->fin_sent, i > 0) << i;
        }
        EXPECT_FALSE(steady.line->fin_sent);
        EXPECT_EQ(slow.heard().substr(0, 10), "close 1008");
        slow.end();
        steady.say(std::span{message}.subspan(908));
        rig.settle();
        EXPECT_EQ(rig.log[0].lines.back(), "binary 1000 x hex 01");
        EXPECT_EQ(rig.log[1].lines.back(), "close 1006 sent 1008 by local because message_stalled");
        steady.end();
        rig.settle();
        expect_empty(rig);
    }
}

TEST(SessionDeadline, DropsAPeerThatKeepsTheConnectionAfterBothCloses) {
    proves({"6455-7.1.1-06", "6455-5.5.1-12"});
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.say(client_close(1000));
    rig.settle();
    EXPECT_TRUE(peer.line->fin_sent);
    EXPECT_LE(until_closed(rig, peer, 50ms, 5s), 1100ms);
    EXPECT_EQ(rig.log.last().lines.back(), "close 1000 sent 1000 clean by peer");
    expect_empty(rig);
}

TEST(SessionDeadline, DropsAPeerThatDoesNotReadTheAnswerToItsClose) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.line->window = 1;
    peer.say(client_close(1000));
    rig.settle();
    EXPECT_FALSE(peer.line->fin_sent);
    EXPECT_LE(until_closed(rig, peer, 50ms, 10s), 5100ms);
    EXPECT_EQ(rig.log.last().lines.back(), "close 1000 sent 1000 by peer because write_stalled");
    expect_empty(rig);
}

TEST(SessionDeadline, GivesARefusedPeerTimeToReadEvenIfItsRequestWasLate) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer(rig);
    peer.line->window = 100;
    rig.pass(9900ms);
    peer.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    rig.pass(2s);
    EXPECT_FALSE(peer.line->closed);
    peer.line->window = no_bound;
    rig.settle();
    EXPECT_TRUE(peer.answer().starts_with("HTTP/1.1 426 "));
    EXPECT_TRUE(peer.line->fin_sent);
    EXPECT_LE(until_closed(rig, peer, 50ms, 5s), 1100ms);
    expect_empty(rig);
}

TEST(SessionDeadline, DropsARefusedPeerThatNeverReads) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer(rig);
    peer.line->window = 10;
    peer.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_LE(until_closed(rig, peer, 50ms, 20s), 5100ms);
    expect_empty(rig);
}

TEST(SessionDeadline, MeansForEverByTheLongestDuration) {
    limits bounds;
    bounds.handshake_within = bounds.message_stall = bounds.ping_after = bounds.pong_within =
        bounds.idle_timeout = bounds.close_within = bounds.drain_within = bounds.write_stall =
            duration::max();
    memory_server rig({.bounds = bounds});
    rig->route("/", rig.log.record());
    memory_client waiting(rig);
    memory_client refused(rig);
    refused.say("x\r\n\r\n");
    memory_client begun = rig.open();
    begun.say(octets{0x81});
    memory_client blocked = rig.open();
    blocked.line->window = 0;
    rig.latest().send_text("x");
    memory_client closing = rig.open();
    rig.latest().close();
    memory_client drained = rig.open();
    drained.say(client_close(1000));
    rig.pass(std::chrono::hours(24 * 365));
    EXPECT_EQ(rig.network.open_lines, 6U);
    EXPECT_EQ(rig->snapshot().timeouts, 0U);
    for (memory_client* one : {&waiting, &refused, &begun, &blocked, &closing, &drained}) {
        one->end();
    }
    rig.settle();
    expect_empty(rig);
}

TEST(SessionDeadline, PingsInsteadOfDroppingWhenTimeJumps) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    rig.network.clock.advance(std::chrono::hours(24));
    rig.settle();
    EXPECT_EQ(peer.heard(), "ping \"\"\n");
    EXPECT_FALSE(peer.line->closed);
    rig.network.clock.advance(-std::chrono::hours(48));
    peer.say(client_frame(10, {}));
    rig.settle();
    rig.pass(31s);
    EXPECT_EQ(peer.heard(), "ping \"\"\n") << "a clock that goes back holds no deadline up";
}

}  // namespace
}  // namespace plainsong::tests
