// SPDX-License-Identifier: MIT
// pollers.hpp — each poller that this system can run, for suites that run over all of them.
#ifndef PLAINSONG_TESTS_SUPPORT_POLLERS_HPP
#define PLAINSONG_TESTS_SUPPORT_POLLERS_HPP

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include <plainsong/net/loop.hpp>

namespace plainsong {
poller* make_kqueue_poller(
    std::uint32_t events_per_turn);  // the library's; here over a fake kevent
}  // namespace plainsong

namespace plainsong::tests {

struct poller_choice {
    const char* name;
    loop_options options;

    friend std::ostream& operator<<(std::ostream& out, const poller_choice& choice) {
        return out << choice.name;
    }
};

inline auto every_poller() {
    return ::testing::Values(
#ifdef __linux__
        poller_choice{"epoll", {.poller = poller_kind::epoll}},
        poller_choice{"fake_kqueue", {.make_poller = make_kqueue_poller}},
#else
        poller_choice{"kqueue", {.poller = poller_kind::kqueue}},
#endif
        poller_choice{"poll", {.poller = poller_kind::poll}});
}

struct poller_name {
    template <typename Info>
    std::string operator()(const Info& info) const {
        return info.param.name;
    }
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_POLLERS_HPP
