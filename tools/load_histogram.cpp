// SPDX-License-Identifier: MIT
// load_histogram.cpp — percentiles from buckets.
//
// Used by: tools/load*.  Depends on: tools/load_histogram.
#include "tools/load_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace plainsong::load {
namespace {

/// Returns: which one of `count` sorted durations is asked for, from 1.
std::uint64_t rank_of(double share, std::uint64_t count) {
    // 0.9999 times 10000 is a little more than 9999, and means 9999.
    constexpr double exact = 1 - 1e-12;
    const double rank = std::ceil(share * static_cast<double>(count) * exact);
    return std::clamp(static_cast<std::uint64_t>(rank), std::uint64_t{1}, count);
}

}  // namespace

/// Returns: the longest duration that falls into `bucket`.
std::uint64_t histogram::end_of(std::size_t bucket) {
    if (bucket < steps) {
        return bucket;
    }
    const std::size_t shift = bucket / steps - 1;
    return ((std::uint64_t{steps + bucket % steps} + 1) << shift) - 1;
}

std::uint64_t histogram::percentile(double share) const {
    static const histogram nothing;
    return percentile_since(nothing, share);
}

std::uint64_t histogram::percentile_since(const histogram& before, double share) const {
    if (count_ == before.count_) {
        return 0;
    }
    const std::uint64_t rank = rank_of(share, count_ - before.count_);
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    for (; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket] - before.buckets_[bucket];
        if (seen >= rank) {
            break;
        }
    }
    return std::min(end_of(bucket), longest_);
}

}  // namespace plainsong::load
