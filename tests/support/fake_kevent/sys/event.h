// SPDX-License-Identifier: MIT
// sys/event.h — as much of kqueue as the library uses, for tests on systems that have none.
//
// Does: declare kqueue and kevent with their level-triggered read and write filters; the functions
// are in fake_kevent.cpp.  Spec: the manual page kqueue(2) of the BSDs.
#ifndef PLAINSONG_TESTS_FAKE_KEVENT_HPP
#define PLAINSONG_TESTS_FAKE_KEVENT_HPP

#include <cstdint>
#include <ctime>

inline constexpr std::int16_t EVFILT_READ = -1;
inline constexpr std::int16_t EVFILT_WRITE = -2;

inline constexpr std::uint16_t EV_ADD = 0x0001;
inline constexpr std::uint16_t EV_DELETE = 0x0002;
inline constexpr std::uint16_t EV_EOF = 0x8000;

struct kevent {
    std::uintptr_t ident;
    std::int16_t filter;
    std::uint16_t flags;
    std::uint32_t fflags;
    std::int64_t data;
    void* udata;
};

int kqueue();
int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const timespec* timeout);

#endif  // PLAINSONG_TESTS_FAKE_KEVENT_HPP
