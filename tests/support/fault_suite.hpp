// SPDX-License-Identifier: MIT
// fault_suite.hpp — tests that play one scenario over and over, with each of its calls failing in turn.
#ifndef PLAINSONG_TESTS_SUPPORT_FAULT_SUITE_HPP
#define PLAINSONG_TESTS_SUPPORT_FAULT_SUITE_HPP

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <initializer_list>
#include <string>

#include "tests/support/fault_injection.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace plainsong::tests {

class fault_suite : public ::testing::TestWithParam<poller_choice> {
protected:
    /// The scenario and its checks.  Returns: how many calls were made to fail.
    virtual int play(const faults::fault& planned) = 0;

    /// Lets the first call fail, then the second …, once, from then on, and every second time.
    void fail_each(faults::call which, std::initializer_list<int> numbers, std::size_t limit = 0) {
        using faults::lasting;
        const std::size_t descriptors = open_descriptors();
        for (const int number : numbers) {
            for (const lasting how : {lasting::once, lasting::forever, lasting::every_second}) {
                faults::fault planned;
                planned.which = which;
                planned.number = number;
                planned.how = how;
                planned.limit = limit;
                planned.acts = which == faults::call::close;
                int fired = 1;
                for (planned.nth = 1; fired != 0; ++planned.nth) {
                    SCOPED_TRACE(std::string(faults::name_of(which)) + ' ' +
                                 std::to_string(planned.nth) + ", errno " + std::to_string(number) +
                                 ", how " + std::to_string(static_cast<int>(how)));
                    fired = play(planned);
                    failed_ += fired;
                    ASSERT_LT(planned.nth, most_calls);
                    ASSERT_FALSE(HasFailure());
                }
            }
        }
        if (*numbers.begin() != EBADF) {  // which means that a number is somebody else's
            EXPECT_EQ(open_descriptors(), descriptors) << faults::name_of(which);
        }
        EXPECT_GT(failed_, 0) << "nothing was made to fail";
    }

private:
    static constexpr int most_calls = 400;

    int failed_ = 0;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_FAULT_SUITE_HPP
