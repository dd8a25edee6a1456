// SPDX-License-Identifier: MIT
// clock.hpp — the names of time.
//
// Does: alias chrono's monotonic types.  Does not: read a clock; the caller of each function that
// depends on time supplies it (net/sys.hpp is where the library itself reads one).
// Used by: ws, net, app.  Depends on: nothing.
#ifndef PLAINSONG_BASE_CLOCK_HPP
#define PLAINSONG_BASE_CLOCK_HPP

#include <chrono>

namespace plainsong {

using duration = std::chrono::nanoseconds;
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// A deadline that never comes.
inline constexpr time_point never = time_point::max();

/// Returns: `start` + `span`, or `never` if that is too far away; so a span of duration::max() is
/// "without end".  Requires: `span` is not negative.
constexpr time_point after(time_point start, duration span) {
    return start > time_point{} && span > never - start ? never : start + span;
}

}  // namespace plainsong

#endif  // PLAINSONG_BASE_CLOCK_HPP
