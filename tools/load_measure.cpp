// SPDX-License-Identifier: MIT
// load_measure.cpp — reading clocks.
//
// Used by: tools/load*.  Depends on: tools/load_measure.
#include "tools/load_measure.hpp"

#include <time.h>

namespace plainsong::load {
namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec at{};
    if (clock_gettime(clock, &at) != 0) {
        return -1;
    }
    return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec;
}

}  // namespace

std::int64_t now_ns() {
    return read_clock(CLOCK_MONOTONIC);
}

std::int64_t own_cpu_ns() {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

std::int64_t cpu_of_process_ns(int process) {
#ifdef __linux__
    clockid_t clock{};
    return clock_getcpuclockid(process, &clock) == 0 ? read_clock(clock) : -1;
#else
    static_cast<void>(process);
    return -1;
#endif
}

}  // namespace plainsong::load
