// SPDX-License-Identifier: MIT
// poll_set.hpp — descriptors for poll(2), and what it said of them.
//
// Does: join, leave and change in constant time; ask the kernel about all, and hand the answer out in
// batches.  An answer is handed out to its end before the kernel is asked again, because asking costs
// time in proportion to the number of descriptors.
// Does not: wait for anything else.  Used by: net/poller_poll, and net/poller_epoll for those whom it
// watches patiently.  Depends on: net/poller's plain types, poll(2).
#ifndef PLAINSONG_NET_POLL_SET_HPP
#define PLAINSONG_NET_POLL_SET_HPP

#include <poll.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/net/poller.hpp"

namespace plainsong {

class poll_set {
public:
    /// Requires: a token whose index nobody else has.
    void add(int descriptor, interest what, watch_token token) {
        if (token.index >= position_of_.size()) {
            position_of_.resize(token.index + 1);
        }
        // Not push_back: if there is no memory for the second of the two, they stay as long as each other.
        tokens_.resize(polled_.size() + 1);
        polled_.push_back({descriptor, native_interest(what), 0});
        tokens_[polled_.size() - 1] = token;
        position_of_[token.index] = static_cast<std::uint32_t>(polled_.size() - 1);
    }

    void modify(int descriptor, interest what, watch_token token) {
        pollfd& polled = polled_[position_of_[token.index]];
        forget_answer(polled);
        polled = {descriptor, native_interest(what), 0};
    }

    void remove(watch_token token) {
        const std::uint32_t position = position_of_[token.index];
        forget_answer(polled_[position]);
        polled_[position] = polled_.back();
        tokens_[position] = tokens_[polled_.size() - 1];
        position_of_[tokens_[position].index] = position;
        polled_.pop_back();
        tokens_.resize(polled_.size());
    }

    [[nodiscard]] std::size_t size() const { return polled_.size(); }
    /// The next wait will not ask the kernel.
    [[nodiscard]] bool has_more() const { return unreported_ != 0; }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) {
        if (unreported_ == 0) {
            const int count =
                ::poll(polled_.data(), static_cast<nfds_t>(polled_.size()), milliseconds);
            if (count < 0) {
                return {.count = 0, .number = errno == EINTR ? 0 : errno};
            }
            unreported_ = static_cast<std::size_t>(count);
        }
        return {.count = report(events), .number = 0};
    }

private:
    static constexpr short native_interest(interest what) {
        constexpr short of[] = {0, POLLIN, POLLOUT, POLLIN | POLLOUT};
        return of[directions_of(what)];
    }

    static constexpr readiness from_native(short events) {
        constexpr int known = POLLIN | POLLOUT | POLLHUP;
        return {.readable = (events & POLLIN) != 0,
                .writable = (events & POLLOUT) != 0,
                .hung_up = (events & POLLHUP) != 0,
                .failed = (events & (POLLERR | POLLNVAL)) != 0 || (events & known) == 0};
    }

    /// poll ignores negative descriptors; this way one is muted and still known.
    static constexpr int muted(int descriptor) { return -1 - descriptor; }

    void forget_answer(pollfd& polled) {
        unreported_ -= polled.revents != 0 ? 1U : 0U;
        polled.revents = 0;
    }

    /// Begins where the last batch ended, so that all are served in rotation.
    std::uint32_t report(std::span<poller_event> events) {
        std::uint32_t taken = 0;
        while (unreported_ != 0 && taken < events.size()) {
            next_ = next_ < polled_.size() ? next_ : 0;
            pollfd& polled = polled_[next_];
            if (polled.revents != 0) {
                events[taken++] = {tokens_[next_], from_native(polled.revents)};
                forget_answer(polled);
                if (polled.events == 0) {
                    polled.fd = muted(polled.fd);  // HUP and ERR would come in every wait
                }
            }
            ++next_;
        }
        return taken;
    }

    std::vector<pollfd> polled_;
    std::vector<watch_token> tokens_;         // beside polled_
    std::vector<std::uint32_t> position_of_;  // by the token's index
    std::size_t unreported_ = 0;              // that have an answer
    std::size_t next_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_POLL_SET_HPP
