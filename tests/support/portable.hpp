// SPDX-License-Identifier: MIT
// portable.hpp — what Linux has and macOS hasn't, in the words of both.
#ifndef PLAINSONG_TESTS_SUPPORT_PORTABLE_HPP
#define PLAINSONG_TESTS_SUPPORT_PORTABLE_HPP

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace plainsong::tests {

/// For send(2).  Where it is 0, support/no_sigpipe.cpp has to do.
#ifdef MSG_NOSIGNAL
inline constexpr int no_signal = MSG_NOSIGNAL;
#else
inline constexpr int no_signal = 0;
#endif

/// A poller that this system doesn't have.
#ifdef __linux__
inline constexpr const char* poller_of_others = "kqueue";
#else
inline constexpr const char* poller_of_others = "epoll";
#endif

/// Returns: a socket that doesn't block and that no child gets; -1, errno if there is none.
inline int make_socket(int family, int type = SOCK_STREAM) {
    const int made = ::socket(family, type, 0);
    if (made >= 0) {
        ::fcntl(made, F_SETFD, FD_CLOEXEC);
        ::fcntl(made, F_SETFL, O_NONBLOCK);
    }
    return made;
}

/// Makes a pipe that blocks and that no child gets.  Returns: whether there is one.
inline bool make_pipe(int (&ends)[2]) {
    return ::pipe(ends) == 0 && ::fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
           ::fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

/// Names the thread that calls.
inline void name_thread(const char* name) {
#ifdef __APPLE__
    ::pthread_setname_np(name);
#else
    ::pthread_setname_np(::pthread_self(), name);
#endif
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_PORTABLE_HPP
