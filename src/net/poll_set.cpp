// SPDX-License-Identifier: MIT
// poll_set.cpp — see poll_set.hpp.
#include "src/net/poll_set.hpp"

#include <cerrno>

namespace plainsong {

namespace {

constexpr short native_interest(interest what) {
    constexpr short of[] = {0, POLLIN, POLLOUT, POLLIN | POLLOUT};
    return of[directions_of(what)];
}

constexpr readiness from_native(short events) {
    constexpr int known = POLLIN | POLLOUT | POLLHUP;
    return {.readable = (events & POLLIN) != 0,
            .writable = (events & POLLOUT) != 0,
            .hung_up = (events & POLLHUP) != 0,
            .failed = (events & (POLLERR | POLLNVAL)) != 0 || (events & known) == 0};
}

/// poll ignores negative descriptors; this way one is muted and still known.
constexpr int muted(int descriptor) {
    return -1 - descriptor;
}

}  // namespace

void poll_set::add(int descriptor, interest what, watch_token token) {
    if (token.index >= position_of_.size()) {
        position_of_.resize(token.index + 1);
    }
    // Not push_back: if there is no memory for the second of the two, they stay as long as each other.
    tokens_.resize(polled_.size() + 1);
    polled_.push_back({descriptor, native_interest(what), 0});
    tokens_[polled_.size() - 1] = token;
    position_of_[token.index] = static_cast<std::uint32_t>(polled_.size() - 1);
}

void poll_set::modify(int descriptor, interest what, watch_token token) {
    pollfd& polled = polled_[position_of_[token.index]];
    forget_answer(polled);
    polled = {descriptor, native_interest(what), 0};
}

// The last one takes the place of the one that leaves.
void poll_set::remove(watch_token token) {
    const std::uint32_t position = position_of_[token.index];
    forget_answer(polled_[position]);
    polled_[position] = polled_.back();
    tokens_[position] = tokens_[polled_.size() - 1];
    position_of_[tokens_[position].index] = position;
    polled_.pop_back();
    tokens_.resize(polled_.size());
}

void poll_set::forget_answer(pollfd& polled) {
    unreported_ -= polled.revents != 0 ? 1U : 0U;
    polled.revents = 0;
}

wait_outcome poll_set::wait(std::span<poller_event> events, int milliseconds) {
    if (unreported_ == 0) {
        const int count = ::poll(polled_.data(), static_cast<nfds_t>(polled_.size()), milliseconds);
        if (count < 0) {
            return {.count = 0, .number = errno == EINTR ? 0 : errno};
        }
        unreported_ = static_cast<std::size_t>(count);
    }
    return {.count = report(events), .number = 0};
}

// Begins where the last report ended, so that all are served in rotation.
std::uint32_t poll_set::report(std::span<poller_event> events) {
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

}  // namespace plainsong
