// SPDX-License-Identifier: MIT
// How a server ends: drain, stop, destruction, with peers of every kind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

std::vector<memory_client> open_many(memory_server& rig, std::size_t count) {
    std::vector<memory_client> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        all.emplace_back(rig);
        all.back().say(good_request({}, "/"));
    }
    rig.settle();
    for (memory_client& one : all) {
        EXPECT_TRUE(one.answer().starts_with("HTTP/1.1 101 "));
    }
    return all;
}

/// Answers each Close like a peer that obeys.  Returns: how many were told to close.
std::size_t answer_closes(std::vector<memory_client>& all, const char* expected) {
    std::size_t told = 0;
    for (memory_client& one : all) {
        if (!one.line->ended && !one.line->outbound.empty()) {
            EXPECT_EQ(one.heard(), expected);
            one.say(client_close(1001)).end();
            ++told;
        }
    }
    return told;
}

TEST(ServerDrain, SpreadsTheClosesEvenly) {
    memory_server rig;
    rig->route("/", rig.log.record());
    std::vector<memory_client> all = open_many(rig, 1000);
    int done = 0;
    rig->drain(1012, 10s, 5s, [&done] { ++done; });
    std::size_t told = 0;
    for (int second = 1; second <= 10; ++second) {
        for (int step = 0; step < 10; ++step) {
            rig.pass(100ms);
            told += answer_closes(all, "close 1012\n");
        }
        EXPECT_NEAR(static_cast<double>(told), 100.0 * second, 40.0) << second;
        EXPECT_EQ(done, told == 1000 && second == 10 ? done : 0);
    }
    rig.pass(1s);
    told += answer_closes(all, "close 1012\n");
    rig.settle();
    EXPECT_EQ(told, 1000U);
    EXPECT_EQ(done, 1);
    EXPECT_EQ(rig->snapshot().sessions_closed_clean, 1000U);
    expect_empty(rig);
    rig.pass(60s);
    EXPECT_EQ(done, 1);
}

TEST(ServerDrain, DropsWhoIsLeftAtTheDeadline) {
    memory_server rig;
    rig->route("/", rig.log.record());
    std::vector<memory_client> all = open_many(rig, 100);
    const time_point start = rig.network.clock.now();
    time_point end{};
    rig->drain(1001, 1s, 2s, [&] { end = rig.network.clock.now(); });
    rig.pass(10s);
    EXPECT_NEAR(static_cast<double>((end - start).count()), 3e9, 1e8);
    EXPECT_EQ(rig.log.last().lines.back(), "close 1006 sent 1001 by local because terminated");
    expect_empty(rig);
}

TEST(ServerDrain, EndsAtOnceIfNobodyIsThere) {
    memory_server rig;
    int done = 0;
    rig->drain(1001, 10s, 10s, [&done] { ++done; });
    EXPECT_EQ(done, 0);
    rig.settle();
    EXPECT_EQ(done, 1);
}

TEST(ServerDrain, OnlyShortensTheDeadlineWhenItIsAskedAgain) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client stubborn = rig.open();
    std::string done;
    rig->drain(1001, 1s, 100s, [&done] { done += "first "; });
    rig.pass(2s);
    EXPECT_EQ(stubborn.heard(), "close 1001\n");
    rig->drain(1012, 50s, 200s, [&done] { done += "second "; });
    rig->drain(1012, duration::zero(), 1s, [&done] { done += "third "; });
    rig.pass(900ms);
    EXPECT_EQ(done, "");
    rig.pass(200ms);
    EXPECT_EQ(done, "first second third ");
    EXPECT_EQ(rig.log.last().lines.back(), "close 1006 sent 1001 by local because terminated");
    expect_empty(rig);
}

TEST(ServerDrain, LastsAsLongAsPeersNeedIfThereIsNoDeadline) {
    limits bounds;
    bounds.close_within = duration::max();
    memory_server rig({.bounds = bounds});
    rig->route("/", rig.log.record());
    memory_client slow = rig.open();
    int done = 0;
    rig->drain(1001, duration::zero(), duration::max(), [&done] { ++done; });
    rig.pass(std::chrono::hours(100));
    EXPECT_EQ(done, 0);
    slow.say(client_close(1001)).end();
    rig.settle();
    EXPECT_EQ(done, 1);
    expect_empty(rig);
}

TEST(ServerDrain, TakesNobodyInAndEndsHandshakes) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client open = rig.open();
    memory_client waiting(rig);
    waiting.say("GET / HTTP/1.1\r\n");
    rig.settle();
    rig->drain(1001, 1s, 1s);
    memory_client late(rig);
    late.say(good_request({}, "/"));
    rig.settle();
    EXPECT_TRUE(late.answer().starts_with("HTTP/1.1 503 "));
    rig.pass(1100ms);
    EXPECT_TRUE(waiting.line->closed);
    rig.pass(2s);
    EXPECT_EQ(rig.log.count(), 1U);
    expect_empty(rig);
}

TEST(ServerDrain, CountsFromWhenItIsAskedAlsoOutsideOfATurn) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    rig.network.clock.advance(1h);  // the program was busy with something else
    rig->drain(1001, duration::zero(), 5s);
    rig.settle();
    EXPECT_NE(peer.heard().find("close 1001\n"), std::string::npos);
    EXPECT_FALSE(peer.line->closed);
}

TEST(ServerStop, EndsEverybodyWithinItsDeadline) {
    memory_server rig;
    std::size_t in_time = 0;
    rig->route("/",
               rig.log.record({.on_close = [&](session&, const close_record&) { ++in_time; }}));
    std::vector<memory_client> all = open_many(rig, 1000);
    std::vector<memory_client> waiting;
    for (int i = 0; i < 100; ++i) {
        waiting.emplace_back(rig);
        waiting.back().say("GET / HTTP/1.1\r\n");
    }
    for (std::size_t i = 0; i < 20; ++i) {  // these stopped reading long ago
        all[i].line->window = 10;
        rig->find(rig.log[i].id)->send_binary(octets(100'000, 1));
    }
    rig.settle();
    const time_point start = rig.network.clock.now();
    rig->stop(3s);
    EXPECT_LE(rig.network.clock.now() - start, 3100ms);
    EXPECT_EQ(in_time, 1000U);
    for (std::size_t i = 20; i < all.size(); ++i) {
        ASSERT_EQ(all[i].heard(), "close 1001\n");
    }
    EXPECT_EQ(rig->sessions(), 0U);
    expect_empty(rig);
}

TEST(ServerStop, ReturnsAsSoonAsNobodyIsLeft) {
    memory_server rig;
    rig->route("/", rig.log.record());
    const time_point start = rig.network.clock.now();
    rig->stop(100s);
    EXPECT_LE(rig.network.clock.now() - start, 100ms);
    // And the server goes on to serve if it is asked to.
    memory_client peer = rig.open();
    peer.say(client_close(1000)).end();
    rig.settle();
    rig->stop(100s);
    EXPECT_LE(rig.network.clock.now() - start, 200ms);
    expect_empty(rig);
}

TEST(ServerStop, CallsWhatADrainLeftToCall) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    int done = 0;
    rig->drain(1001, 10s, 100s, [&done] { ++done; });
    rig->stop(1s);
    EXPECT_EQ(done, 1);
    expect_empty(rig);
}

TEST(ServerDestructor, EndsWhateverIsLeft) {
    memory_network network;
    loop on{network.options()};
    for (int round = 0; round < 100; ++round) {
        journal log;
        std::vector<std::shared_ptr<memory_line>> lines;
        {
            server served(on);
            served.route("/", log.record({.on_message = [](session& s, message m) { s.send(m); }}));
            const auto connect = [&](const octets& say) {
                lines.push_back(std::make_shared<memory_line>());
                EXPECT_FALSE(served.adopt(network.connect(lines.back()), {}));
                append(lines.back()->inbound, say);
            };
            connect({});
            connect(octets_of("GET"));
            connect(octets_of("bad\r\n\r\n"));
            octets open = octets_of(good_request({}, "/"));
            connect(open);
            connect(append(open, client_text("begun", false)));
            lines.back()->window = 200;
            connect(append(open, client_close(1000)));
            network.settle(on);
            if (round % 2 != 0) {
                served.drain(1001, 1s, 1s);
                network.settle(on);
            }
            EXPECT_EQ(log.open(), 3U);
        }
        EXPECT_EQ(log.open(), 0U);
        EXPECT_EQ(network.open_lines, 0U);
        EXPECT_EQ(joined(log.faults), "");
        network.settle(on);
    }
    EXPECT_EQ(joined(network.faults), "");
}

TEST(Servers, ShareALoop) {
    memory_network network;
    loop on{network.options()};
    journal one_log;
    journal other_log;
    server one(on);
    server other(on);
    one.route("/", one_log.record(echo()));
    other.route("/", other_log.record(echo()));
    auto one_line = std::make_shared<memory_line>();
    auto other_line = std::make_shared<memory_line>();
    ASSERT_FALSE(one.adopt(network.connect(one_line), {}));
    ASSERT_FALSE(other.adopt(network.connect(other_line), {}));
    append(one_line->inbound, octets_of(good_request({}, "/")));
    append(other_line->inbound, octets_of(good_request({}, "/")));
    network.settle(on);
    const session_id id = one_log.last().id;
    EXPECT_NE(one.find(id), nullptr);
    EXPECT_EQ(other.find(id), nullptr) << "a session of somebody else";
    EXPECT_EQ(one.snapshot().sessions_open, 1U);
    one.stop(1s);
    EXPECT_EQ(one_log.open(), 0U);
    EXPECT_EQ(other_log.open(), 1U);
    EXPECT_EQ(one.find(id), nullptr);
    other.stop(1s);
}

TEST(SessionId, NeverComesToMeanAnotherSession) {
    memory_server rig;
    rig->route("/", rig.log.record());
    std::vector<session_id> old;
    for (int i = 0; i < 300; ++i) {
        memory_client peer = rig.open();
        old.push_back(rig.log.last().id);
        peer.end();
        rig.settle();
    }
    memory_client now = rig.open();
    for (const session_id id : old) {
        EXPECT_EQ(rig->find(id), nullptr);
        EXPECT_EQ(rig->send_text(id, "for somebody who is gone").what, fate::queued);
        rig->close(id, 1000);
    }
    rig.settle();
    EXPECT_EQ(now.heard(), "");
    EXPECT_EQ(rig->snapshot().messages_refused, 300U);
    EXPECT_EQ(rig->find({}), nullptr);
    EXPECT_TRUE(rig->send_text(rig.log.last().id, "hello"));
    EXPECT_TRUE(rig->send(rig.log.last().id, opcode::text, as_bytes("\xff")));
    rig->close(rig.log.last().id, 1000, "bye");
    rig.settle();
    EXPECT_EQ(now.heard(), "text \"hello\"\nclose 1000 \"bye\"\n");
    EXPECT_EQ(rig->snapshot().messages_refused, 301U) << "text that is not UTF-8";
}

}  // namespace
}  // namespace plainsong::tests
