// SPDX-License-Identifier: MIT
// A conversation on a transport in memory with the n-th call failing, for each n and each kind of
// failure, once and from then on: the promises hold, nothing is left, the neighbour notices nothing.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

struct planned_fault {
    memory_call which;
    int number;
    int nth;
    bool lasts;
};

/// Returns: whether the fault was met.
bool play(const planned_fault& fault, std::size_t at_most, bool streams) {
    memory_server rig;
    reactions also = echo();
    also.streams = streams;
    also.on_message_chunk = [](session& s, byte_view chunk) { s.send_binary(chunk); };
    rig->route("/", rig.log.record(also));
    memory_client neighbour = rig.open();
    int calls = 0;
    bool met = false;
    rig.network.fault = [&](memory_call call) {
        // A kernel that says "ready" and then "not now" for ever would keep any loop busy.
        const int last = fault.nth + (!fault.lasts ? 0 : fault.number == EAGAIN ? 20 : 1'000'000);
        if (call != fault.which || ++calls < fault.nth || calls > last) {
            return 0;
        }
        met = true;
        return fault.number;
    };
    memory_client peer(rig);
    peer.line->receive_at_most = peer.line->send_at_most = at_most;
    peer.line->window = 3000;
    peer.say(good_request({}, "/")).say(client_text("one")).say(client_text("tw", false));
    peer.say(client_ping("p")).say(client_frame(0, octets_of("o")));
    peer.say(client_frame(2, octets(40'000, 3)));
    rig.settle();
    peer.line->window = 30'000;
    rig.pass(30ms);
    peer.line->window = no_bound;
    rig.pass(30ms);
    peer.say(client_close(1000));
    rig.pass(30ms);
    rig.network.fault = {};
    if (peer.adopted) {
        EXPECT_TRUE(peer.line->closed);
    }
    // What was delivered is what was said, in order, as far as it goes.
    const octets& heard = peer.bytes();
    const bool is_upgraded = heard.size() > 12 && heard[9] == '1';
    if (is_upgraded) {
        EXPECT_TRUE(peer.answer().starts_with("HTTP/1.1 101 ") || peer.line->closed);
        const std::string lines = peer.heard();
        EXPECT_EQ(lines.find("continuation"), std::string::npos) << lines;
    }
    peer.end();
    for (int i = 0; i < 7; ++i) {
        neighbour.say(client_frame(10, {}));
        rig.pass(10s);
    }
    EXPECT_TRUE(peer.line->closed);
    neighbour.heard();
    neighbour.say(client_text("and you?"));
    rig.settle();
    EXPECT_EQ(neighbour.heard(), streams ? "binary \"and you?\"\n" : "text \"and you?\"\n");
    neighbour.say(client_close(1000)).end();
    rig.settle();
    expect_empty(rig);
    return met;
}

class SessionFaults : public ::testing::TestWithParam<std::tuple<memory_call, int>> {};

TEST_P(SessionFaults, BreakNoPromiseWhicheverCallTheyHit) {
    const auto [which, number] = GetParam();
    for (const std::size_t at_most : {std::size_t{400}, no_bound}) {
        for (const bool lasts : {false, true}) {
            for (const bool streams : {false, true}) {
                int nth = 1;
                bool met = true;
                for (; met; ++nth) {
                    SCOPED_TRACE("call " + std::to_string(nth) + (lasts ? " and later" : "") +
                                 ", errno " + std::to_string(number) + ", at most " +
                                 std::to_string(at_most) + (streams ? ", streams" : ""));
                    met = play({which, number, nth, lasts}, at_most, streams);
                    ASSERT_LT(nth, 1000);
                    ASSERT_FALSE(HasFailure());
                }
                EXPECT_GT(nth, 1);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Receiving, SessionFaults,
                         ::testing::Combine(::testing::Values(memory_call::receive),
                                            ::testing::Values(EAGAIN, ECONNRESET, ETIMEDOUT, EIO)));
INSTANTIATE_TEST_SUITE_P(Sending, SessionFaults,
                         ::testing::Combine(::testing::Values(memory_call::send),
                                            ::testing::Values(EAGAIN, ENOBUFS, ECONNRESET, EPIPE)));
INSTANTIATE_TEST_SUITE_P(Watching, SessionFaults,
                         ::testing::Combine(::testing::Values(memory_call::add,
                                                              memory_call::modify),
                                            ::testing::Values(ENOSPC, ENOENT)));

}  // namespace
}  // namespace plainsong::tests
