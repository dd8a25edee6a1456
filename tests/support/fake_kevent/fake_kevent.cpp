// SPDX-License-Identifier: MIT
// fake_kevent.cpp — kqueue acted out with poll; see sys/event.h beside it.
//
// A queue is an eventfd, so that its number is a real one which its owner closes.  As on a real
// system a deleted filter may be one that isn't there (ENOENT), adding one twice replaces it, a
// closed descriptor leaves by itself, and a descriptor ready in both directions is two events.
#include <fcntl.h>
#include <poll.h>
#include <sys/event.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <climits>
#include <map>
#include <utility>
#include <vector>

namespace {

using filter_key = std::pair<int, std::int16_t>;
using filters = std::map<filter_key, void*>;

std::map<int, filters>& queues() {
    static std::map<int, filters> all;
    return all;
}

int apply(filters& active, const struct kevent& change) {
    const filter_key key{static_cast<int>(change.ident), change.filter};
    if (change.flags == EV_DELETE) {
        return active.erase(key) == 1 ? 0 : ENOENT;
    }
    if (change.flags != EV_ADD || (key.second != EVFILT_READ && key.second != EVFILT_WRITE)) {
        return EINVAL;
    }
    if (::fcntl(key.first, F_GETFD) < 0) {
        return EBADF;
    }
    active[key] = change.udata;
    return 0;
}

short native(std::int16_t filter) {
    return filter == EVFILT_READ ? static_cast<short>(POLLIN | POLLRDHUP) : POLLOUT;
}

int milliseconds(const timespec* timeout) {
    if (timeout == nullptr) {
        return -1;
    }
    const long long whole =
        static_cast<long long>(timeout->tv_sec) * 1000 + (timeout->tv_nsec + 999'999) / 1'000'000;
    return whole > INT_MAX ? INT_MAX : static_cast<int>(whole);
}

struct kevent make_event(const filter_key& key, void* udata, short seen) {
    struct kevent event {};
    event.ident = static_cast<std::uintptr_t>(key.first);
    event.filter = key.second;
    event.udata = udata;
    const int ends = key.second == EVFILT_READ ? POLLRDHUP | POLLHUP | POLLERR : POLLHUP | POLLERR;
    if ((seen & ends) != 0) {
        event.flags = EV_EOF;
    }
    if ((seen & POLLERR) != 0) {
        event.fflags = ECONNRESET;  // asking for the true one would take it from the connection
    }
    return event;
}

/// A closed descriptor is forgotten, as a real queue does at its close.
void forget_closed(filters& active) {
    std::erase_if(active,
                  [](const auto& entry) { return ::fcntl(entry.first.first, F_GETFD) < 0; });
}

}  // namespace

int kqueue() {
    const int queue = ::eventfd(0, EFD_CLOEXEC);
    if (queue >= 0) {
        queues()[queue].clear();
    }
    return queue;
}

int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const timespec* timeout) {
    filters& active = queues()[queue];
    for (int i = 0; i < change_count; ++i) {
        if (const int number = apply(active, changes[i]); number != 0) {
            errno = number;
            return -1;
        }
    }
    if (event_count == 0) {
        return 0;
    }
    forget_closed(active);
    std::vector<pollfd> polled;
    for (const auto& [key, udata] : active) {
        polled.push_back({key.first, native(key.second), 0});
    }
    if (::poll(polled.data(), polled.size(), milliseconds(timeout)) < 0) {
        return -1;
    }
    int count = 0;
    std::size_t i = 0;
    for (const auto& [key, udata] : active) {
        const short seen = polled[i++].revents;
        if (seen != 0 && count < event_count) {
            events[count++] = make_event(key, udata, seen);
        }
    }
    return count;
}
