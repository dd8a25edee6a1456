// SPDX-License-Identifier: MIT
// load_measure.hpp — clocks and the histogram of round trips.
//
// Does: count durations in buckets at most 1/64 wide; read CPU clocks, also another process's.
// Does not: print.
// Used by: tools/load*.  Depends on: base/clock.
#ifndef PLAINSONG_TOOLS_LOAD_MEASURE_HPP
#define PLAINSONG_TOOLS_LOAD_MEASURE_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace plainsong::load {

/// Nanoseconds of the monotonic clock.
std::int64_t now_ns();

/// CPU nanoseconds of this process, all threads.
std::int64_t own_cpu_ns();

/// CPU nanoseconds of another process, all threads: user and system time as in /proc/PID/stat, in
/// nanoseconds instead of hundredths of a second.  Returns: -1 where that can't be had.
std::int64_t cpu_of_process_ns(int process);

/// Counts durations.
class histogram {
public:
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
    /// Returns: a duration that `share` (0 to 1) of all don't exceed by more than 1/64.
    [[nodiscard]] std::uint64_t percentile(double share) const;

private:
    static constexpr unsigned step_bits = 6;
    static constexpr std::size_t steps = std::size_t{1} << step_bits;

    static std::size_t bucket_of(std::uint64_t value) {
        if (value < steps) {
            return value;
        }
        const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;  // of the top bit
        const std::size_t step = (value >> (power - step_bits)) - steps;
        return (power - step_bits + 1) * steps + step;
    }
    static std::uint64_t value_of(std::size_t bucket);

    std::array<std::uint32_t, (64 - step_bits + 1) * steps> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t longest_ = 0;
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_MEASURE_HPP
