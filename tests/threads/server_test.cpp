// SPDX-License-Identifier: MIT
// A server whose loop runs on a thread of its own, used from others.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <plainsong/server.hpp>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/raw_client.hpp"

namespace plainsong::tests {
namespace {

/// Runs the loop until it is told to stop, then the server's own stop.
class running_server {
public:
    running_server() : server_(loop_) {
        server_.route("/", {.on_open =
                                [](session& s) {
                                    s.send_text(std::to_string(s.id().index) + ' ' +
                                                std::to_string(s.id().generation));
                                },
                            .on_message = [](session& s, message m) { s.send(m); },
                            .on_close = [this](session&, const close_record&) { ++closed; }});
        EXPECT_FALSE(server_.listen({}));
        where = *address::parse("127.0.0.1", server_.port());
        thread_ = std::thread([this] {
            EXPECT_EQ(loop_.run(), 0);
            server_.stop(1s);
        });
    }
    ~running_server() { stop(); }

    void stop() {
        if (thread_.joinable()) {
            loop_.stop();
            thread_.join();
        }
    }
    /// Upgrades.  Returns: the session's id, with which the server has greeted.
    static session_id open(raw_client& peer) {
        EXPECT_TRUE(peer.upgrade());
        const octets greeting = peer.message();
        const std::string text(greeting.begin(), greeting.end());
        return {static_cast<std::uint32_t>(std::stoul(text)),
                static_cast<std::uint32_t>(std::stoul(text.substr(text.find(' '))))};
    }

    address where;
    std::atomic<int> closed = 0;

    server& operator*() { return server_; }
    server* operator->() { return &server_; }
    loop& its_loop() { return loop_; }

private:
    loop loop_;
    server server_;
    std::thread thread_;
};

TEST(ServerThreads, SendFromManyThreadsWithoutMixingMessages) {
    constexpr int threads = 4;
    constexpr int each = 500;
    running_server running;
    raw_client peer(running.where);
    const session_id id = running_server::open(peer);
    std::vector<std::thread> senders;
    for (int sender = 0; sender < threads; ++sender) {
        senders.emplace_back([&running, id, sender] {
            for (int i = 0; i < each; ++i) {
                const std::string text = std::to_string(sender * each + i) + std::string(100, '.');
                EXPECT_EQ(running->send_text(id, text).what, fate::queued);
                static_cast<void>(running->snapshot());
            }
        });
    }
    std::vector<int> next(threads);
    for (int i = 0; i < threads; ++i) {
        next[static_cast<std::size_t>(i)] = i * each;
    }
    for (int i = 0; i < threads * each; ++i) {
        const octets payload = peer.message();
        ASSERT_GT(payload.size(), 100U);
        const int number = std::stoi(std::string(payload.begin(), payload.end()));
        EXPECT_EQ(number, next[static_cast<std::size_t>(number / each)]++)
            << "each sender's in order";
    }
    for (std::thread& one : senders) {
        one.join();
    }
    running->close(id, 1000, "enough");
    EXPECT_EQ(peer.next(), "close 1000 \"enough\"");
    peer.say(client_close(1000));
    EXPECT_EQ(peer.rest(), "fin\n");
}

TEST(ServerThreads, ReachesNobodyElseThroughAnOldId) {
    running_server running;
    session_id old{};
    {
        raw_client gone(running.where);
        old = running_server::open(gone);
        gone.say(client_close(1000));
        EXPECT_EQ(gone.rest(), "close 1000\nfin\n");
    }
    std::atomic<bool> enough = false;
    std::thread sender([&] {
        for (int i = 0; i < 2000 && !enough; ++i) {
            running->send_text(old, "not for you");
            running->close(old, 1000);
        }
    });
    for (int i = 0; i < 50; ++i) {
        raw_client peer(running.where);
        static_cast<void>(running_server::open(peer));
        peer.say(client_text("echo"));
        EXPECT_EQ(peer.next(), "text \"echo\"");
    }
    enough = true;
    sender.join();
}

TEST(ServerThreads, MayBeStoppedWhileOthersSend) {
    for (int round = 0; round < 10; ++round) {
        running_server running;
        raw_client peer(running.where);
        const session_id id = running_server::open(peer);
        std::atomic<bool> enough = false;
        std::vector<std::thread> senders;
        for (int i = 0; i < 3; ++i) {
            senders.emplace_back([&] {
                for (int sent = 0; sent < 5000 && !enough; ++sent) {
                    running->send_text(id, "x");
                    std::this_thread::yield();
                }
            });
        }
        EXPECT_EQ(peer.next(), "text \"x\"");
        peer.say(client_close(1000));
        peer.half_close();
        running.stop();
        enough = true;
        for (std::thread& one : senders) {
            one.join();
        }
        EXPECT_EQ(running.closed, 1);
        EXPECT_EQ(running->snapshot().sessions_open, 0U);
    }
}

#ifndef NDEBUG
TEST(ServerThreadsDeathTest, StopsAtACallFromAnotherThreadAndNamesBoth) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            loop on;
            server one(on);
            static_cast<void>(on.turn(0ms));
            std::thread([&] { static_cast<void>(one.find({1, 1})); }).join();
        },
        "the loop of thread \"[^\"]+\" was used by thread \"[^\"]+\"");
}
#endif

}  // namespace
}  // namespace plainsong::tests
