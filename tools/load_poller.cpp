// SPDX-License-Identifier: MIT
// load_poller.cpp — epoll or poll.
//
// Used by: tools/load*.  Depends on: tools/load_poller.
#include "tools/load_poller.hpp"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cerrno>

namespace plainsong::load {
namespace {

constexpr std::int64_t millisecond_ns = 1'000'000;

/// Rounds down: what is due must not be late, and a wait that is too short is only begun again.
int whole_milliseconds(std::int64_t ns) {
    return static_cast<int>(std::clamp<std::int64_t>(ns / millisecond_ns, 0, 60'000));
}

}  // namespace

#ifdef __linux__

namespace {

constexpr std::size_t events_at_once = 1024;
[[maybe_unused]] constexpr std::int64_t coarse_ns =
    100 * millisecond_ns;  // a wait that needn't be exact

epoll_event make_event(std::uint32_t who, bool write) {
    epoll_event event{};
    event.events = EPOLLIN | (write ? EPOLLOUT : 0U);
    event.data.u32 = who;
    return event;
}

}  // namespace

bool poller::open() {
    prctl(PR_SET_TIMERSLACK, 1UL);  // a wait ends when it should, not up to 50 us later
    epoll_ = fd(epoll_create1(EPOLL_CLOEXEC));
    events_.resize(events_at_once);
    ready_.reserve(events_at_once);
    return static_cast<bool>(epoll_);
}

bool poller::add(int descriptor, std::uint32_t who, bool write) {
    epoll_event event = make_event(who, write);
    return epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void poller::change(int descriptor, std::uint32_t who, bool write) {
    epoll_event event = make_event(who, write);
    epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event);
}

// Closing a descriptor takes it out of the set.
void poller::remove(int) {}

int poller::wait_for_events(std::int64_t longest_ns) {
    const auto room = static_cast<int>(events_.size());
#if defined(SYS_epoll_pwait2) && defined(__LP64__)
    if (longest_ns > 0 && longest_ns < coarse_ns && waits_exactly_) {
        const timespec longest{0, static_cast<long>(longest_ns)};
        const auto count = syscall(SYS_epoll_pwait2, epoll_.number(), events_.data(), room,
                                   &longest, nullptr, std::size_t{0});
        if (count >= 0 || errno != ENOSYS) {
            return static_cast<int>(count);
        }
        waits_exactly_ = false;  // a kernel before 5.11
    }
#endif
    return epoll_wait(epoll_.number(), events_.data(), room, whole_milliseconds(longest_ns));
}

std::span<const ready> poller::wait(std::int64_t longest_ns) {
    const int count = wait_for_events(longest_ns);
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

bool poller::add(int descriptor, std::uint32_t who, bool write) {
    watched_.push_back({descriptor, static_cast<short>(write ? POLLIN | POLLOUT : POLLIN), 0});
    names_.push_back(who);
    return true;
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

std::span<const ready> poller::wait(std::int64_t longest_ns) {
    ready_.clear();
    if (::poll(watched_.data(), static_cast<nfds_t>(watched_.size()),
               whole_milliseconds(longest_ns)) > 0) {
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
