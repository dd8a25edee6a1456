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

}  // namespace plainsong

#endif  // PLAINSONG_BASE_CLOCK_HPP
