// SPDX-License-Identifier: MIT
// poller_epoll.cpp — the poller on Linux.
//
// Interest `none` is asked for edge-triggered: HUP and ERR can't be masked, and level-triggered
// they would be reported in every wait for as long as the connection is paused.
#include <sys/epoll.h>

#include <cerrno>
#include <vector>

#include <plainsong/net/fd.hpp>

#include "src/net/poller.hpp"

namespace plainsong {

namespace {

constexpr std::uint32_t native_interest(interest what) {
    constexpr std::uint32_t of[] = {EPOLLET, EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT};
    return of[static_cast<unsigned>(what)];
}

/// An event that says nothing we know counts as a failure: the member reads and finds out.
constexpr readiness from_native(std::uint32_t events) {
    constexpr std::uint32_t known = EPOLLIN | EPOLLOUT | EPOLLHUP;
    return {.readable = (events & EPOLLIN) != 0,
            .writable = (events & EPOLLOUT) != 0,
            .hung_up = (events & EPOLLHUP) != 0,
            .failed = (events & EPOLLERR) != 0 || (events & known) == 0};
}

class epoll_poller final : public poller {
public:
    explicit epoll_poller(std::uint32_t events_per_turn)
        : events_(events_per_turn), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (!epoll_) {
            status_ = {error_code::system_call_failed, errno};
        }
    }

    [[nodiscard]] error status() const override { return status_; }

    error add(int descriptor, interest what, watch_token token) override {
        return control(EPOLL_CTL_ADD, descriptor, what, token);
    }

    error modify(int descriptor, interest, interest what, watch_token token) override {
        return control(EPOLL_CTL_MOD, descriptor, what, token);
    }

    void remove(int descriptor, interest, watch_token) override {
        epoll_event unused{};
        ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, &unused);
    }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        const std::size_t room = events.size() < events_.size() ? events.size() : events_.size();
        const int count =
            ::epoll_wait(epoll_.number(), events_.data(), static_cast<int>(room), milliseconds);
        if (count < 0) {
            return {.count = 0, .number = errno == EINTR ? 0 : errno};
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            events[i] = {unpack(events_[i].data.u64), from_native(events_[i].events)};
        }
        return {.count = static_cast<std::uint32_t>(count), .number = 0};
    }

private:
    error control(int operation, int descriptor, interest what, watch_token token) {
        epoll_event event{};
        event.events = native_interest(what);
        event.data.u64 = pack(token);
        if (::epoll_ctl(epoll_.number(), operation, descriptor, &event) != 0) {
            return {error_code::system_call_failed, errno};
        }
        return {};
    }

    std::vector<epoll_event> events_;
    fd epoll_;
    error status_;
};

}  // namespace

poller* make_epoll_poller(std::uint32_t events_per_turn) {
    return new epoll_poller(events_per_turn);
}

}  // namespace plainsong
