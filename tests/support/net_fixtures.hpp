// SPDX-License-Identifier: MIT
// net_fixtures.hpp — what tests of loops and sockets have in common.
//
// Does: turn a loop until something holds (with a deadline, never a sleep), make connected pairs,
// record what a loop tells a member.
#ifndef PLAINSONG_TESTS_SUPPORT_NET_FIXTURES_HPP
#define PLAINSONG_TESTS_SUPPORT_NET_FIXTURES_HPP

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/net/address.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>
#include <plainsong/net/sys.hpp>

#include "tests/support/portable.hpp"

namespace plainsong::tests {

using namespace std::chrono_literals;

inline constexpr duration patience = 20s;

/// Returns: whether `condition` came to hold before the test's patience ended.
template <typename Condition>
bool turn_until(loop& turned, Condition condition) {
    const time_point end = sys::now() + patience;
    while (!condition()) {
        if (sys::now() >= end || turned.turn(100ms)) {
            return false;
        }
    }
    return true;
}

/// A member whose reactions are the test's.
class probe final : public loop_member {
public:
    std::function<void(readiness)> when_ready;
    std::function<void()> when_due;
    std::function<void()> when_gone;
    std::vector<readiness> seen;
    int fired = 0;

    void on_ready(readiness what) override {
        seen.push_back(what);
        if (when_ready) {
            when_ready(what);
        }
    }
    void on_due() override {
        ++fired;
        if (when_due) {
            when_due();
        }
    }
    void on_buried() override {
        if (when_gone) {
            when_gone();
        }
    }
};

/// Two connected sockets that don't block.
struct socket_pair {
    fd ours;
    fd theirs;
};

inline socket_pair unix_pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (const int end : ends) {
        ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    return {fd{ends[0]}, fd{ends[1]}};
}

/// Blocks the caller until `descriptor` can be read from or written to.
void await_ready(int descriptor, short events);

inline socket_pair tcp_pair() {
    result<fd> listening = sys::listen(*address::parse("127.0.0.1", 0), {});
    EXPECT_TRUE(listening);
    result<fd> theirs = sys::connect(*sys::bound_address(listening->number()));
    EXPECT_TRUE(theirs);
    await_ready(listening->number(), 1 /* POLLIN */);
    address peer;
    result<fd> ours = sys::accept(listening->number(), peer);
    EXPECT_TRUE(ours);
    EXPECT_FALSE(sys::connect_outcome(theirs->number()));
    return {std::move(*ours), std::move(*theirs)};
}

/// Closes with a reset instead of an orderly end.
inline void reset(fd& socket) {
    const linger none{1, 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    socket.reset();
}

inline void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::send(descriptor, text.data(), text.size(), no_signal);
        if (count < 0) {
            ASSERT_EQ(errno, EAGAIN);
            await_ready(descriptor, 4 /* POLLOUT */);
            continue;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

/// Returns: how many descriptors this process has open.
std::size_t open_descriptors();

/// Runs `body` in a child process.  Returns: its exit status, or 128 + the signal that ended it.
int in_child(const std::function<int()>& body);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_NET_FIXTURES_HPP
