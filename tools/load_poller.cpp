// SPDX-License-Identifier: MIT
// load_poller.cpp — epoll or poll.
//
// Used by: tools/load*.  Depends on: tools/load_poller.
#include "tools/load_poller.hpp"

namespace plainsong::load {

#ifdef __linux__

namespace {

constexpr std::size_t events_at_once = 1024;

epoll_event make_event(std::uint32_t who, bool write) {
    epoll_event event{};
    event.events = EPOLLIN | (write ? EPOLLOUT : 0U);
    event.data.u32 = who;
    return event;
}

}  // namespace

bool poller::open() {
    epoll_ = fd(epoll_create1(EPOLL_CLOEXEC));
    events_.resize(events_at_once);
    ready_.reserve(events_at_once);
    return static_cast<bool>(epoll_);
}

void poller::add(int descriptor, std::uint32_t who, bool write) {
    epoll_event event = make_event(who, write);
    epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event);
}

void poller::change(int descriptor, std::uint32_t who, bool write) {
    epoll_event event = make_event(who, write);
    epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event);
}

// Closing a descriptor takes it out of the set.
void poller::remove(int) {}

std::span<const ready> poller::wait(int longest_ms) {
    const int count =
        epoll_wait(epoll_.number(), events_.data(), static_cast<int>(events_.size()), longest_ms);
    ready_.clear();
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events_[static_cast<std::size_t>(i)];
        ready_.push_back({event.data.u32, (event.events & ~std::uint32_t{EPOLLOUT}) != 0,
                          (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0});
    }
    return ready_;
}

#else

bool poller::open() {
    return true;
}

std::size_t poller::place_of(int descriptor) const {
    std::size_t place = 0;
    while (watched_[place].fd != descriptor) {
        ++place;
    }
    return place;
}

void poller::add(int descriptor, std::uint32_t who, bool write) {
    watched_.push_back({descriptor, static_cast<short>(write ? POLLIN | POLLOUT : POLLIN), 0});
    names_.push_back(who);
}

void poller::change(int descriptor, std::uint32_t, bool write) {
    watched_[place_of(descriptor)].events = static_cast<short>(write ? POLLIN | POLLOUT : POLLIN);
}

void poller::remove(int descriptor) {
    const std::size_t place = place_of(descriptor);
    watched_[place] = watched_.back();
    names_[place] = names_.back();
    watched_.pop_back();
    names_.pop_back();
}

std::span<const ready> poller::wait(int longest_ms) {
    ready_.clear();
    if (::poll(watched_.data(), static_cast<nfds_t>(watched_.size()), longest_ms) > 0) {
        for (std::size_t i = 0; i < watched_.size(); ++i) {
            const int events = watched_[i].revents;
            if (events != 0) {
                ready_.push_back({names_[i], (events & ~POLLOUT) != 0,
                                  (events & (POLLOUT | POLLERR | POLLHUP)) != 0});
            }
        }
    }
    return ready_;
}

#endif

}  // namespace plainsong::load
