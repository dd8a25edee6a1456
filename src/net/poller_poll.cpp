// SPDX-License-Identifier: MIT
// poller_poll.cpp — the poller that every POSIX system has.
//
// Each wait costs time in proportion to the descriptors watched; it is meant for small numbers and
// for checking the other backends.
#include "src/net/poll_set.hpp"
#include "src/net/poller.hpp"

namespace plainsong {

namespace {

class poll_poller final : public poller {
public:
    error add(int descriptor, interest what, watch_token token) override {
        watched_.add(descriptor, what, token);
        return {};
    }

    error modify(int descriptor, interest, interest what, watch_token token) override {
        watched_.modify(descriptor, what, token);
        return {};
    }

    void remove(int, interest, watch_token token) override { watched_.remove(token); }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        return watched_.wait(events, milliseconds);
    }

private:
    poll_set watched_;
};

}  // namespace

poller* make_poll_poller(std::uint32_t) {
    return new poll_poller;
}

}  // namespace plainsong
