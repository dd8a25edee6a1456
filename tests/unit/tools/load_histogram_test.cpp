// SPDX-License-Identifier: MIT
// load_histogram_test.cpp — the histogram of the load generator against a sorted list.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tools/load_histogram.hpp"

namespace plainsong::load {
namespace {

constexpr double shares[] = {0.0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0};

/// The nearest rank: the first value that at least this share doesn't exceed.
std::uint64_t exact_percentile(const std::vector<std::uint64_t>& sorted, double share) {
    std::size_t rank = 1;
    while (static_cast<double>(rank) < share * static_cast<double>(sorted.size()) - 1e-6) {
        ++rank;
    }
    return sorted[rank - 1];
}

void expect_close(std::uint64_t said, std::uint64_t exact, const std::string& what) {
    EXPECT_GE(said, exact) << what;
    EXPECT_LE(said - exact, exact / 100) << what << " is more than 1% too much";
}

void compare(const std::vector<std::uint64_t>& values) {
    histogram counted;
    for (const std::uint64_t value : values) {
        counted.record(static_cast<std::int64_t>(value));
    }
    std::vector<std::uint64_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double share : shares) {
        expect_close(counted.percentile(share), exact_percentile(sorted, share),
                     std::to_string(share) + " of " + std::to_string(values.size()));
    }
    EXPECT_EQ(counted.longest(), sorted.back());
    EXPECT_EQ(counted.count(), values.size());
}

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
    EXPECT_EQ(trips.percentile(0.5), 49U);
    EXPECT_EQ(trips.percentile(0.99), 98U);
    EXPECT_EQ(trips.percentile(0.991), 99U);
    EXPECT_EQ(trips.percentile(1.0), 99U);
    EXPECT_EQ(trips.mean(), 49U);
}

TEST(LoadHistogram, IsWithinOnePercentOfASortedListOfAnySize) {
    std::mt19937_64 random(7);
    for (const std::size_t count : {1U, 2U, 3U, 10U, 99U, 100U, 101U, 1000U, 10000U, 20000U}) {
        std::vector<std::uint64_t> any_magnitude(count);
        std::vector<std::uint64_t> skewed(count);
        for (std::size_t i = 0; i < count; ++i) {
            any_magnitude[i] = random() >> (1 + random() % 62);
            const double uniform = static_cast<double>(random() >> 11) / 9007199254740992.0;
            skewed[i] = static_cast<std::uint64_t>(50'000 / std::pow(1 - uniform, 1.5));
        }
        compare(any_magnitude);
        compare(skewed);
    }
}

TEST(LoadHistogram, IsExactToOnePercentAtTheEdgesOfEachBucket) {
    for (unsigned power = 0; power < 63; ++power) {
        for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{127}}) {
            const std::uint64_t base = std::uint64_t{1} << power;
            const std::uint64_t edge = base + (base >> 7) * step;
            compare({edge - 1, edge, edge + 1});
        }
    }
}

TEST(LoadHistogram, SaysWhatCameSinceACopyWasMade) {
    histogram trips;
    for (int i = 0; i < 1000; ++i) {
        trips.record(1'000'000);
    }
    const histogram before = trips;
    EXPECT_EQ(trips.percentile_since(before, 0.99), 0U);
    for (int value = 1; value <= 100; ++value) {
        trips.record(value);
    }
    EXPECT_EQ(trips.percentile_since(before, 0.5), 50U);
    EXPECT_EQ(trips.percentile_since(before, 0.99), 99U);
    expect_close(trips.percentile(0.5), 1'000'000, "all");
}

TEST(LoadHistogram, TakesTheExtremes) {
    histogram trips;
    trips.record(-5);
    trips.record(INT64_MAX);
    EXPECT_EQ(trips.count(), 2U);
    EXPECT_EQ(trips.percentile(0.0), 0U);
    EXPECT_EQ(trips.percentile(1.0), static_cast<std::uint64_t>(INT64_MAX));
    EXPECT_EQ(trips.longest(), static_cast<std::uint64_t>(INT64_MAX));
    trips.reset();
    EXPECT_EQ(trips.count(), 0U);
    EXPECT_EQ(trips.longest(), 0U);
}

}  // namespace
}  // namespace plainsong::load
