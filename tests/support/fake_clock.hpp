// SPDX-License-Identifier: MIT
// fake_clock.hpp — time that stands still until a test moves it.
#ifndef PLAINSONG_TESTS_SUPPORT_FAKE_CLOCK_HPP
#define PLAINSONG_TESTS_SUPPORT_FAKE_CLOCK_HPP

#include <plainsong/base/clock.hpp>

namespace plainsong::tests {

class fake_clock {
public:
    [[nodiscard]] time_point now() const { return now_; }
    /// Backwards too, as a broken host may do.
    void advance(duration by) { now_ += by; }
    void set(time_point to) { now_ = to; }

private:
    time_point now_{std::chrono::hours(1)};
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_FAKE_CLOCK_HPP
