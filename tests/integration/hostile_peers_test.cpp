// SPDX-License-Identifier: MIT
// Peers that send garbage, stall, dribble, reset, or never let go: thousands of them leave no
// descriptor and no memory behind, and an honest one beside them notices nothing.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/socket_server.hpp"

namespace plainsong::tests {
namespace {

octets garbage(std::mt19937& random, std::size_t size) {
    octets bytes(size);
    for (std::uint8_t& octet : bytes) {
        octet = static_cast<std::uint8_t>(random());
    }
    return bytes;
}

/// What a peer says at once; `kind` chooses among ways to be a nuisance.
octets opening(unsigned kind, std::mt19937& random) {
    octets all = octets_of(good_request({}, "/"));
    switch (kind % 10) {
        case 0:
            return garbage(random, 300);
        case 1:
            return octets_of("GET / HTTP/1.1\r\nHost: x\r\n");
        case 2:
            return {};
        case 3:
            return append(all, garbage(random, 2000));
        case 4:
            return append(all, client_frame(1, octets(5000, 'a'), false));
        case 5:  // a message of 1 MiB is announced, some of it comes
            append(all, octets{0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4});
            return append(all, octets(50'000, 'x'));
        case 6:
            return append(all, client_close(1000));
        case 7:
            for (int i = 0; i < 100; ++i) {
                append(all, client_ping(std::string(125, 'p')));
            }
            return all;
        case 8:  // asks for echoes that it does not read
            for (int i = 0; i < 20; ++i) {
                append(all, client_frame(2, octets(10'000, 'e')));
            }
            return all;
        default:
            return append(all, octets{0x81});
    }
}

TEST(HostilePeers, LeaveNothingBehindTenThousandOfThem) {
    proves({"6455-10.1-01", "6455-10.7-01", "6455-10.7-02"});
    memory_server rig;
    // No journal: it would grow.
    rig->route("/", {.on_message = [](session& s, message m) { s.send(m); }});
    memory_client honest = rig.open();
    std::mt19937 random(1);
    std::size_t level = 0;
    for (unsigned round = 0; round < 20; ++round) {
        {
            std::vector<memory_client> peers;
            peers.reserve(500);
            for (unsigned i = 0; i < 500; ++i) {
                peers.emplace_back(rig);
                peers.back().line->window = i % 3 == 0 ? 300 : no_bound;
                peers.back().say(opening(i, random));
            }
            rig.settle();
            for (unsigned second = 0; second < 70 && rig.network.open_lines > 1; ++second) {
                for (unsigned i = 0; i < peers.size(); ++i) {
                    memory_client& one = peers[i];
                    if (one.line->closed) {
                        continue;
                    }
                    if (i % 7 == 0) {  // one octet a second
                        one.say("\r");
                    } else if (i % 7 == 1 && second == 1) {
                        one.fail(ECONNRESET);
                    } else if (i % 7 == 2 && second == 2) {
                        one.end();
                    }
                }
                honest.say(client_text("hello"));
                rig.settle();
                ASSERT_NE(honest.heard().find("text \"hello\"\n"), std::string::npos);
                rig.pass(1s);
            }
            // Who says something every second and breaks no rule may stay; now it goes, too.
            for (memory_client& one : peers) {
                one.fail(ECONNRESET);
            }
            rig.settle();
            EXPECT_EQ(rig.network.open_lines, 1U);
        }
        if (round == 2) {  // caches are full by now
            level = heap_in_use();
        }
    }
    EXPECT_LE(heap_in_use(), level + 16'384);
    EXPECT_EQ(rig->sessions(), 1U);
    expect_sums(rig->snapshot());
    rig.check();
}

class HostilePeersOnSockets : public ::testing::TestWithParam<poller_choice> {};

INSTANTIATE_TEST_SUITE_P(EveryPoller, HostilePeersOnSockets, every_poller(), poller_name{});

TEST_P(HostilePeersOnSockets, LeaveNothingBehind) {
    server_options options;
    options.bounds.handshake_within = options.bounds.message_stall = options.bounds.close_within =
        options.bounds.write_stall = 100ms;
    options.bounds.drain_within = 50ms;
    options.bounds.ping_after = 50ms;
    options.bounds.pong_within = 50ms;
    options.message_cache_bytes = 0;  // it would still be filling
    socket_server rig(GetParam().options, std::move(options));
    rig->route("/", {.on_message = [](session& s, message m) { s.send(m); }});
    rig.listen();
    std::mt19937 random(2);
    const std::size_t descriptors = open_descriptors();
    std::size_t level = 0;
    for (unsigned round = 0; round < 6; ++round) {
        {
            std::vector<raw_client> peers;
            for (unsigned i = 0; i < 150; ++i) {
                peers.push_back(rig.connect(i % 3 == 0 ? 2048 : 0));
                const octets bytes = opening(i, random);
                peers.back().try_say(bytes);
                if (i % 7 == 1) {
                    peers.back().reset();
                } else if (i % 7 == 2) {
                    peers.back().half_close();
                }
            }
            raw_client honest = rig.open();
            honest.say(client_text("hello"));
            EXPECT_EQ(honest.next(), "text \"hello\"");
            honest.close();
            EXPECT_TRUE(rig.empty());
            // A refused peer that is still being drained is counted nowhere.
            EXPECT_TRUE(
                rig.until([&] { return open_descriptors() <= descriptors + peers.size(); }));
        }
        if (round == 1) {
            level = heap_in_use();
        }
    }
    EXPECT_TRUE(rig.until([&] { return open_descriptors() == descriptors; }));
    EXPECT_LE(heap_in_use(), level + 65'536);
    expect_sums(rig->snapshot());
}

}  // namespace
}  // namespace plainsong::tests
