// SPDX-License-Identifier: MIT
// load_schedule_test.cpp — the times of the load generator, on a clock that the test turns.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "tools/load_schedule.hpp"

namespace plainsong::load {
namespace {

constexpr std::int64_t second = 1'000'000'000;

TEST(LoadSchedule, DealsOutTheSecondEvenly) {
    const schedule four(4, 10 * second);
    EXPECT_EQ(four.due(0), 10 * second);
    EXPECT_EQ(four.due(1), 10 * second + second / 4);
    EXPECT_EQ(four.due(4), 11 * second);
    EXPECT_EQ(four.due_by(10 * second - 1), 0U);
    EXPECT_EQ(four.due_by(10 * second), 1U);
    EXPECT_EQ(four.due_by(10 * second + second / 4 - 1), 1U);
    EXPECT_EQ(four.due_by(10 * second + second / 4), 2U);
    EXPECT_EQ(four.due_by(11 * second), 5U);
}

TEST(LoadSchedule, DoesNotDriftInDays) {
    const schedule odd(48'000.7, 0);
    const double days = 90;
    const auto number = static_cast<std::uint64_t>(days * 86'400 * 48'000.7);
    const double exact = static_cast<double>(number) / 48'000.7;
    EXPECT_NEAR(static_cast<double>(odd.due(number)) / 1e9, exact, 1e-6);
}

TEST(LoadSchedule, CountsExactlyWhatIsDueAtAnyTimeAndRate) {
    std::mt19937_64 random(3);
    for (const double rate : {0.001, 0.3, 1.0, 3.0, 7.7, 999.0, 48'000.7, 1e6, 123'456'789.0}) {
        const schedule times(rate, 5);
        for (int i = 0; i < 2000; ++i) {
            const auto now = static_cast<std::int64_t>(random() >> (5 + random() % 55));
            const std::uint64_t count = times.due_by(now);
            ASSERT_GT(times.due(count), now) << rate;
            if (count > 0) {
                ASSERT_LE(times.due(count - 1), now) << rate;
            }
        }
        for (const std::uint64_t number : {0U, 1U, 2U, 1000U, 99'999U}) {
            ASSERT_GE(times.due_by(times.due(number)), number + 1) << rate;
            ASSERT_LE(times.due_by(times.due(number) - 1), number) << rate;
        }
    }
}

TEST(LoadSchedule, DealsEachNumberToOneMember) {
    for (const std::uint64_t members : {1U, 2U, 3U, 7U}) {
        std::vector<std::uint64_t> counts(members, 0);
        for (std::uint64_t number = 0; number < 50; ++number) {
            for (std::uint64_t member = 0; member < members; ++member) {
                ASSERT_EQ(dealt_to(member, members, number), counts[member]);
            }
            const std::uint64_t member = number % members;
            ASSERT_EQ(number_dealt(member, members, counts[member]), number);
            ++counts[member];
        }
    }
}

}  // namespace
}  // namespace plainsong::load
