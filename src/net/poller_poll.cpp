// SPDX-License-Identifier: MIT
// poller_poll.cpp — the poller that every POSIX system has.
//
// Each wait costs time in proportion to the descriptors watched, and to join or leave costs next to none.
// So it is meant for small numbers, for checking the other backends, and for those whom epoll's poller
// looks at now and then.
#include <poll.h>

#include <cerrno>
#include <vector>

#include "src/net/poller.hpp"

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

class poll_poller final : public poller {
public:
    error add(int descriptor, interest what, watch_token token) override {
        if (token.index >= position_of_.size()) {
            position_of_.resize(token.index + 1);
        }
        position_of_[token.index] = polled_.size();
        polled_.push_back({descriptor, native_interest(what), 0});
        tokens_.push_back(token);
        return {};
    }

    error modify(int descriptor, interest, interest what, watch_token token) override {
        polled_[position_of_[token.index]] = {descriptor, native_interest(what), 0};
        return {};
    }

    void remove(int, interest, watch_token token) override {
        const std::size_t position = position_of_[token.index];
        polled_[position] = polled_.back();
        tokens_[position] = tokens_.back();
        position_of_[tokens_[position].index] = position;
        polled_.pop_back();
        tokens_.pop_back();
    }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        const int count = ::poll(polled_.data(), static_cast<nfds_t>(polled_.size()), milliseconds);
        if (count < 0) {
            return {.count = 0, .number = errno == EINTR ? 0 : errno};
        }
        return {.count = collect(events, static_cast<std::size_t>(count)), .number = 0};
    }

private:
    /// Begins where the last batch ended, so that more ready descriptors than fit are served in
    /// rotation.
    std::uint32_t collect(std::span<poller_event> events, std::size_t ready) {
        std::uint32_t taken = 0;
        for (std::size_t i = 0; i < polled_.size() && taken < ready && taken < events.size(); ++i) {
            next_ = next_ < polled_.size() ? next_ : 0;
            pollfd& polled = polled_[next_];
            if (polled.fd >= 0 && polled.revents != 0) {
                events[taken++] = {tokens_[next_], from_native(polled.revents)};
                if (polled.events == 0) {
                    polled.fd = muted(polled.fd);  // HUP and ERR would come in every wait
                }
            }
            ++next_;
        }
        return taken;
    }

    std::vector<pollfd> polled_;
    std::vector<watch_token> tokens_;       // beside polled_
    std::vector<std::size_t> position_of_;  // by the token's index
    std::size_t next_ = 0;
};

}  // namespace

poller* make_poll_poller(std::uint32_t) {
    return new poll_poller;
}

}  // namespace plainsong
