// SPDX-License-Identifier: MIT
// poll_set.hpp — descriptors for poll(2), and what it said of them.
//
// Does: join, leave and change in constant time; ask the kernel about all, and hand the answer out in
// batches.  An answer is handed out to its end before the kernel is asked again, because asking costs
// time in proportion to the number of descriptors.
// Does not: own a descriptor.  Used by: net/poller_poll, and net/poller_epoll for those whom it
// watches patiently.  Depends on: net/poller's plain types, poll(2).
#ifndef PLAINSONG_NET_POLL_SET_HPP
#define PLAINSONG_NET_POLL_SET_HPP

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/net/poller.hpp"

namespace plainsong {

class poll_set {
public:
    /// Requires: a token whose index nobody else has.
    void add(int descriptor, interest what, watch_token token);
    /// Requires, as remove: `token` is of one who was added.
    void modify(int descriptor, interest what, watch_token token);
    void remove(watch_token token);

    [[nodiscard]] std::size_t size() const { return polled_.size(); }
    /// The next wait will not ask the kernel.
    [[nodiscard]] bool has_more() const { return unreported_ != 0; }

    /// Reports who is ready, all of them in rotation; waits for the first one at most `milliseconds`
    /// (-1: for ever).
    wait_outcome wait(std::span<poller_event> events, int milliseconds);

private:
    void forget_answer(pollfd& polled);
    std::uint32_t report(std::span<poller_event> events);

    std::vector<pollfd> polled_;
    std::vector<watch_token> tokens_;         // beside polled_
    std::vector<std::uint32_t> position_of_;  // by the token's index
    std::size_t unreported_ = 0;              // that have an answer
    std::size_t next_ = 0;                    // where the next report begins
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_POLL_SET_HPP
