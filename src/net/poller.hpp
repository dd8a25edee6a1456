// SPDX-License-Identifier: MIT
// poller.hpp — what a loop asks of the kernel's readiness interface.
//
// Does: name the four operations that epoll, kqueue and poll have in common.  Level-triggered: what
// isn't dealt with is reported again.  Does not: call anybody; the loop looks tokens up.
// Used by: net/loop, tests.  Depends on: net/loop's plain types.
#ifndef PLAINSONG_NET_POLLER_HPP
#define PLAINSONG_NET_POLLER_HPP

#include <bit>
#include <cstdint>
#include <span>

#include <plainsong/base/error.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong {

struct poller_event {
    watch_token token;
    readiness ready;
};

/// How a wait ended: `number` is the errno of one that failed.  A signal is no failure.
struct wait_outcome {
    std::uint32_t count = 0;
    int number = 0;
};

class poller {
public:
    poller() = default;
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;
    virtual ~poller() = default;

    /// Returns: why it could not be made, falsy if it is usable.
    [[nodiscard]] virtual error status() const { return {}; }

    virtual error add(int descriptor, interest what, watch_token token) = 0;
    /// Requires: `descriptor` was added with `token` and its interest is `before`, and not `what`.
    virtual error modify(int descriptor, interest before, interest what, watch_token token) = 0;
    virtual void remove(int descriptor, interest before, watch_token token) = 0;

    /// Waits until something is ready, at most `milliseconds` (-1: for ever), and less while somebody
    /// watches patiently.
    virtual wait_outcome wait(std::span<poller_event> events, int milliseconds) = 0;
};

// One for each backend; nullptr is never returned, see status().  The caller deletes it.
poller* make_epoll_poller(std::uint32_t events_per_turn);
poller* make_kqueue_poller(std::uint32_t events_per_turn);
poller* make_poll_poller(std::uint32_t events_per_turn);

constexpr bool wants(interest what, interest part) {
    return (static_cast<unsigned>(what) & static_cast<unsigned>(part)) != 0;
}

/// What the kernel is to look for, be it patiently or not: a number below 4.
constexpr unsigned directions_of(interest what) {
    return static_cast<unsigned>(what) & static_cast<unsigned>(interest::both);
}

/// A token as the 64 bits that kernels hand back.
constexpr std::uint64_t pack(watch_token token) {
    return std::bit_cast<std::uint64_t>(token);
}
constexpr watch_token unpack(std::uint64_t bits) {
    return std::bit_cast<watch_token>(bits);
}

}  // namespace plainsong

#endif  // PLAINSONG_NET_POLLER_HPP
