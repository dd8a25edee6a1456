// SPDX-License-Identifier: MIT
// net_fixtures.cpp — see net_fixtures.hpp.
#include "tests/support/net_fixtures.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>

namespace plainsong::tests {

void await_ready(int descriptor, short events) {
    pollfd waiting{descriptor, events, 0};
    EXPECT_EQ(::poll(&waiting, 1, 20'000), 1) << "descriptor " << descriptor << " isn't ready";
}

std::size_t open_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 70'000));
    std::size_t count = 0;
    for (int number = 0; number < end; ++number) {
        if (::fcntl(number, F_GETFD) >= 0) {
            ++count;
        }
    }
    return count;
}

int in_child(const std::function<int()>& body) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(body());
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace plainsong::tests
