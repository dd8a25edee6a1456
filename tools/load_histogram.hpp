// SPDX-License-Identifier: MIT
// load_histogram.hpp — counts durations, whatever their size, in memory that never grows.
//
// Does: log-linear buckets: each power of two is cut into 128 steps, so that a bucket is at most
// 1/128 (0.8%) as wide as what it counts; percentiles of all that was recorded.
// Does not: keep samples, or know what the durations are of.
// Used by: tools/load*.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_LOAD_HISTOGRAM_HPP
#define PLAINSONG_TOOLS_LOAD_HISTOGRAM_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace plainsong::load {

class histogram {
public:
    /// A negative duration counts as none.  Cost: a few instructions; nothing is allocated.
    void record(std::int64_t duration_ns) {
        const auto value = static_cast<std::uint64_t>(duration_ns > 0 ? duration_ns : 0);
        ++buckets_[bucket_of(value)];
        ++count_;
        sum_ += value;
        longest_ = value > longest_ ? value : longest_;
    }
    void reset() { *this = histogram{}; }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t longest() const { return longest_; }
    [[nodiscard]] std::uint64_t mean() const { return count_ ? sum_ / count_ : 0; }

    /// Returns: the duration that at least `share` (0 to 1) of all don't exceed, by the nearest rank;
    /// never less than that, and at most 1/128 more.  0 if nothing was recorded.
    [[nodiscard]] std::uint64_t percentile(double share) const;

    /// Requires: `before` is a copy of this one as it was earlier.
    /// Returns: the same percentile of what was recorded since then.
    [[nodiscard]] std::uint64_t percentile_since(const histogram& before, double share) const;

private:
    static constexpr unsigned step_bits = 7;
    static constexpr std::size_t steps = std::size_t{1} << step_bits;

    static std::size_t bucket_of(std::uint64_t value) {
        if (value < steps) {
            return value;
        }
        const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;  // of the top bit
        const std::size_t step = (value >> (power - step_bits)) - steps;
        return (power - step_bits + 1) * steps + step;
    }
    static std::uint64_t end_of(std::size_t bucket);

    std::array<std::uint64_t, (64 - step_bits + 1) * steps> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t longest_ = 0;
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_HISTOGRAM_HPP
