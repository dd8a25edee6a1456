// SPDX-License-Identifier: MIT
// load_measure_test.cpp — the histogram of the load generator against a sorted list.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "tools/load_measure.hpp"

namespace plainsong::load {
namespace {

TEST(LoadHistogram, IsEmptyAtFirst) {
    const histogram trips;
    EXPECT_EQ(trips.count(), 0U);
    EXPECT_EQ(trips.mean(), 0U);
    EXPECT_EQ(trips.percentile(0.5), 0U);
    EXPECT_EQ(trips.longest(), 0U);
}

TEST(LoadHistogram, KeepsSmallDurationsExactly) {
    histogram trips;
    for (int value = 0; value < 100; ++value) {
        trips.record(value);
    }
    EXPECT_EQ(trips.percentile(0.0), 0U);
    EXPECT_EQ(trips.percentile(0.5), 50U);
    EXPECT_EQ(trips.percentile(0.99), 99U);
    EXPECT_EQ(trips.percentile(1.0), 99U);
    EXPECT_EQ(trips.mean(), 49U);
}

TEST(LoadHistogram, IsWithinOneSixtyFourthOfASortedList) {
    std::mt19937_64 random(7);
    histogram trips;
    std::vector<std::uint64_t> sorted;
    for (int i = 0; i < 20000; ++i) {
        const std::uint64_t value = random() >> (1 + random() % 62);
        sorted.push_back(value);
        trips.record(static_cast<std::int64_t>(value));
    }
    std::sort(sorted.begin(), sorted.end());
    for (const double share : {0.0, 0.1, 0.5, 0.9, 0.99, 0.999}) {
        const auto place = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
        const std::uint64_t exact = sorted[place];
        EXPECT_LE(trips.percentile(share), exact) << share;
        EXPECT_GE(trips.percentile(share), exact - exact / 64) << share;
    }
    EXPECT_EQ(trips.longest(), sorted.back());
}

TEST(LoadHistogram, TakesTheExtremes) {
    histogram trips;
    trips.record(-5);
    trips.record(INT64_MAX);
    EXPECT_EQ(trips.count(), 2U);
    EXPECT_EQ(trips.percentile(0.0), 0U);
    EXPECT_EQ(trips.longest(), static_cast<std::uint64_t>(INT64_MAX));
    trips.reset();
    EXPECT_EQ(trips.count(), 0U);
}

}  // namespace
}  // namespace plainsong::load
