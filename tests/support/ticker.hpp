// SPDX-License-Identifier: MIT
// ticker.hpp — makes a fake clock's time pass with the turns of a loop.
#ifndef PLAINSONG_TESTS_SUPPORT_TICKER_HPP
#define PLAINSONG_TESTS_SUPPORT_TICKER_HPP

#include <gtest/gtest.h>

#include <chrono>

#include <plainsong/net/loop.hpp>

#include "tests/support/fake_clock.hpp"

namespace plainsong::tests {

class ticker {
public:
    /// `step`: what passes in a turn.
    ticker(loop& its_loop, fake_clock& clock, duration step)
        : loop_(its_loop), clock_(clock), step_(step) {}
    void tick() {
        clock_.advance(step_);
        if (!stopped_) {
            EXPECT_TRUE(loop_.post([this] { tick(); }));
        }
    }
    void stop() { stopped_ = true; }

private:
    loop& loop_;
    fake_clock& clock_;
    duration step_;
    bool stopped_ = false;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_TICKER_HPP
