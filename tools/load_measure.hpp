// SPDX-License-Identifier: MIT
// load_measure.hpp — clocks.
//
// Does: read the time and CPU clocks, also another process's.  Does not: print.
// Used by: tools/load*.  Depends on: POSIX.
#ifndef PLAINSONG_TOOLS_LOAD_MEASURE_HPP
#define PLAINSONG_TOOLS_LOAD_MEASURE_HPP

#include <cstdint>

namespace plainsong::load {

/// Nanoseconds of the monotonic clock.
std::int64_t now_ns();

/// CPU nanoseconds of this process, all threads.
std::int64_t own_cpu_ns();

/// CPU nanoseconds of another process, all threads: user and system time as in /proc/PID/stat, in
/// nanoseconds instead of hundredths of a second.  Returns: -1 where that can't be had.
std::int64_t cpu_of_process_ns(int process);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_MEASURE_HPP
