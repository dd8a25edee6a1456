// SPDX-License-Identifier: MIT
// fault_injection.cpp — see fault_injection.hpp.
//
// The linker turns each call of `name` into one of __wrap_name and lets __real_name be the true one.
#include "tests/support/fault_injection.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdlib>

namespace plainsong::tests::faults {

namespace {

constexpr auto call_count = static_cast<std::size_t>(call::count_of_calls);

std::atomic<bool> active = false;
thread_local int outside_depth = 0;
fault plan;
std::array<std::atomic<int>, call_count> counts{};
std::atomic<int> fired_count = 0;
void (*socket_act)(int descriptor) = nullptr;

bool is_hit(int count) {
    switch (plan.how) {
        case lasting::once:
            return count == plan.nth;
        case lasting::forever:
            return count >= plan.nth;
        case lasting::every_second:
            return count >= plan.nth && (count - plan.nth) % 2 == 0;
    }
    return false;
}

/// Counts a call.  Returns: the fault that it meets, nullptr if none.
const fault* meet(call which) {
    if (!active || outside_depth > 0) {
        return nullptr;
    }
    const int count = ++counts[static_cast<std::size_t>(which)];
    if (plan.nth == 0 || plan.which != which || !is_hit(count)) {
        return nullptr;
    }
    ++fired_count;
    return &plan;
}

template <typename Result, typename Real>
Result through(call which, Real real) {
    const fault* met = meet(which);
    if (met == nullptr) {
        return real();
    }
    if (met->acts) {
        real();
    }
    if (met->number != 0) {
        errno = met->number;
    }
    return static_cast<Result>(met->returns);
}

/// As through(), for calls that move bytes: a fault with a limit makes them move fewer.
template <typename Real>
ssize_t through_limited(call which, std::size_t size, Real real) {
    const fault* met = meet(which);
    if (met == nullptr) {
        return real(size);
    }
    if (met->limit > 0) {
        return real(std::min(size, met->limit));
    }
    if (met->number != 0) {
        errno = met->number;
    }
    return met->returns;
}

}  // namespace

const char* name_of(call which) {
    static constexpr const char* names[] = {
#define PLAINSONG_NAME(name) #name,
        PLAINSONG_FAULT_CALLS(PLAINSONG_NAME)
#undef PLAINSONG_NAME
    };
    return names[static_cast<std::size_t>(which)];
}

injection::injection(fault planned) {
    if (active) {
        std::abort();  // one at a time
    }
    plan = planned;
    std::fill(counts.begin(), counts.end(), 0);
    fired_count = 0;
    active = true;
}

injection::injection() : injection(fault{.nth = 0}) {}

injection::~injection() {
    active = false;
}

int injection::fired() const {
    return fired_count;
}

int injection::calls(call which) const {
    return counts[static_cast<std::size_t>(which)];
}

outside::outside() {
    ++outside_depth;
}

outside::~outside() {
    --outside_depth;
}

each_socket::each_socket(void (*act)(int descriptor)) {
    socket_act = act;
}

each_socket::~each_socket() {
    socket_act = nullptr;
}

}  // namespace plainsong::tests::faults

namespace faults = plainsong::tests::faults;

// Parameters of the true functions, without the names of their types' keywords.
#define PLAINSONG_WRAP(result, name, parameters, arguments)                      \
    extern "C" result __real_##name parameters;                                  \
    extern "C" result __wrap_##name parameters;                                  \
    extern "C" result __wrap_##name parameters {                                 \
        return faults::through<result>(faults::call::name,                       \
                                       [&] { return __real_##name arguments; }); \
    }

PLAINSONG_WRAP(int, accept4, (int a, sockaddr* b, socklen_t* c, int d), (a, b, c, d))
PLAINSONG_WRAP(int, bind, (int a, const sockaddr* b, socklen_t c), (a, b, c))
PLAINSONG_WRAP(int, close, (int a), (a))
PLAINSONG_WRAP(int, connect, (int a, const sockaddr* b, socklen_t c), (a, b, c))
PLAINSONG_WRAP(int, epoll_create1, (int a), (a))
PLAINSONG_WRAP(int, epoll_ctl, (int a, int b, int c, epoll_event* d), (a, b, c, d))
PLAINSONG_WRAP(int, epoll_wait, (int a, epoll_event* b, int c, int d), (a, b, c, d))
PLAINSONG_WRAP(int, eventfd, (unsigned a, int b), (a, b))
PLAINSONG_WRAP(int, fstat, (int a, struct stat* b), (a, b))
PLAINSONG_WRAP(int, getaddrinfo, (const char* a, const char* b, const addrinfo* c, addrinfo** d),
               (a, b, c, d))
PLAINSONG_WRAP(int, getpeername, (int a, sockaddr* b, socklen_t* c), (a, b, c))
PLAINSONG_WRAP(int, getsockname, (int a, sockaddr* b, socklen_t* c), (a, b, c))
PLAINSONG_WRAP(int, getsockopt, (int a, int b, int c, void* d, socklen_t* e), (a, b, c, d, e))
PLAINSONG_WRAP(int, listen, (int a, int b), (a, b))
PLAINSONG_WRAP(int, lstat, (const char* a, struct stat* b), (a, b))
PLAINSONG_WRAP(int, madvise, (void* a, size_t b, int c), (a, b, c))
PLAINSONG_WRAP(int, poll, (pollfd * a, nfds_t b, int c), (a, b, c))
PLAINSONG_WRAP(int, pthread_create,
               (pthread_t * a, const pthread_attr_t* b, void* (*c)(void*), void* d), (a, b, c, d))
PLAINSONG_WRAP(int, setsockopt, (int a, int b, int c, const void* d, socklen_t e), (a, b, c, d, e))
PLAINSONG_WRAP(int, shutdown, (int a, int b), (a, b))
PLAINSONG_WRAP(int, unlink, (const char* a), (a))
PLAINSONG_WRAP(ssize_t, write, (int a, const void* b, size_t c), (a, b, c))

#define PLAINSONG_WRAP_LIMITED(name, parameters, size, arguments)                           \
    extern "C" ssize_t __real_##name parameters;                                            \
    extern "C" ssize_t __wrap_##name parameters;                                            \
    extern "C" ssize_t __wrap_##name parameters {                                           \
        return faults::through_limited(faults::call::name, size, [&](std::size_t allowed) { \
            return __real_##name arguments;                                                 \
        });                                                                                 \
    }

PLAINSONG_WRAP_LIMITED(getrandom, (void* a, size_t b, unsigned c), b, (a, allowed, c))
PLAINSONG_WRAP_LIMITED(pread, (int a, void* b, size_t c, off_t d), c, (a, b, allowed, d))
PLAINSONG_WRAP_LIMITED(read, (int a, void* b, size_t c), c, (a, b, allowed))
PLAINSONG_WRAP_LIMITED(recv, (int a, void* b, size_t c, int d), c, (a, b, allowed, d))
PLAINSONG_WRAP_LIMITED(send, (int a, const void* b, size_t c, int d), c, (a, b, allowed, d))

extern "C" ssize_t __real_sendmsg(int socket, const msghdr* message, int flags);
extern "C" ssize_t __wrap_sendmsg(int socket, const msghdr* message, int flags);
extern "C" ssize_t __wrap_sendmsg(int socket, const msghdr* message, int flags) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < message->msg_iovlen; ++i) {
        size += message->msg_iov[i].iov_len;
    }
    return faults::through_limited(
        faults::call::sendmsg, size, [&](std::size_t allowed) -> ssize_t {
            if (allowed == size) {
                return __real_sendmsg(socket, message, flags);
            }
            // Cut inside the slices, as a full socket would.
            iovec cut[64];
            msghdr shorter = *message;
            shorter.msg_iov = cut;
            shorter.msg_iovlen = 0;
            for (std::size_t i = 0; i < message->msg_iovlen && i < 64 && allowed > 0; ++i) {
                cut[i] = message->msg_iov[i];
                cut[i].iov_len = std::min(cut[i].iov_len, allowed);
                allowed -= cut[i].iov_len;
                ++shorter.msg_iovlen;
            }
            return __real_sendmsg(socket, &shorter, flags);
        });
}

extern "C" int __real_socket(int a, int b, int c);
extern "C" int __wrap_socket(int a, int b, int c);
extern "C" int __wrap_socket(int a, int b, int c) {
    const int made =
        faults::through<int>(faults::call::socket, [&] { return __real_socket(a, b, c); });
    if (made >= 0 && faults::socket_act != nullptr && faults::outside_depth == 0) {
        const faults::outside own;
        faults::socket_act(made);
    }
    return made;
}

extern "C" void* __real_mmap(void* a, size_t b, int c, int d, int e, off_t f);
extern "C" void* __wrap_mmap(void* a, size_t b, int c, int d, int e, off_t f);
extern "C" void* __wrap_mmap(void* a, size_t b, int c, int d, int e, off_t f) {
    const faults::fault* met = faults::meet(faults::call::mmap);
    if (met == nullptr) {
        return __real_mmap(a, b, c, d, e, f);
    }
    errno = met->number;
    return MAP_FAILED;
}

extern "C" int __real_open(const char* path, int flags, ...);
extern "C" int __wrap_open(const char* path, int flags, ...);
extern "C" int __wrap_open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return faults::through<int>(faults::call::open, [&] { return __real_open(path, flags, mode); });
}
