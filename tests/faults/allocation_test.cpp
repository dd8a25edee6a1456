// SPDX-License-Identifier: MIT
// allocation_test.cpp — a loop that has warmed up turns without the heap.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace {

std::atomic<long> allocations = 0;

}  // namespace

// This program's own, so that a test can count.  Inlined, a pair of them would look mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace plainsong {
namespace {

using namespace std::chrono_literals;

/// Sends back what it reads, with a timer for each message and a posted function now and then.
class echo final : public loop_member {
public:
    echo(loop& its_loop, fd socket) : loop_(its_loop), stream_(tcp_stream(socket.release())) {
        EXPECT_TRUE(loop_.watch(stream_.descriptor(), interest::read, *this));
    }
    void on_ready(readiness) override {
        const byte_span buffer = loop_.receive_buffer();
        const io_result got = stream_.receive(buffer);
        if (got.status == io_result::kind::done) {
            const io_slice back{buffer.data(), got.count};
            EXPECT_EQ(stream_.send({&back, 1}).count, got.count);
            loop_.arm(*this, loop_.now() + 1h);
            EXPECT_TRUE(loop_.post([this] { ++echoed; }));
        }
    }
    int echoed = 0;

private:
    loop& loop_;
    stream stream_;
};

class SteadyState : public ::testing::TestWithParam<tests::poller_choice> {};

INSTANTIATE_TEST_SUITE_P(EveryPoller, SteadyState, tests::every_poller(), tests::poller_name{});

TEST_P(SteadyState, AllocatesNothingForAMessage) {
    if (GetParam().options.make_poller != nullptr) {
        GTEST_SKIP() << "the fake kevent allocates";
    }
    loop turned{GetParam().options};
    tests::socket_pair pair = tests::tcp_pair();
    echo member{turned, std::move(pair.ours)};
    std::uint8_t byte = 0;
    const auto exchange = [&] {
        const int before = member.echoed;
        tests::write_all(pair.theirs.number(), "x");
        while (member.echoed == before) {
            if (turned.turn(1s)) {
                return false;
            }
        }
        return sys::receive(pair.theirs.number(), {&byte, 1}).count == 1;
    };
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(exchange());
    }
    const long before = allocations;
    bool all = true;
    for (int i = 0; i < 1000; ++i) {
        all = exchange() && all;
    }
    EXPECT_EQ(allocations - before, 0);
    EXPECT_TRUE(all);
    EXPECT_EQ(member.echoed, 1010);
}

}  // namespace
}  // namespace plainsong
