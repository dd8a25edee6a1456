// SPDX-License-Identifier: MIT
// load_schedule.cpp — from a time back to a number.
//
// Used by: tools/load*.  Depends on: tools/load_schedule.
#include "tools/load_schedule.hpp"

namespace plainsong::load {

std::uint64_t schedule::due_by(std::int64_t now_ns) const {
    if (now_ns < start_) {
        return 0;
    }
    auto count = static_cast<std::uint64_t>(static_cast<double>(now_ns - start_) / distance_);
    // The division rounds; due() is what counts.
    while (count > 0 && due(count - 1) > now_ns) {
        --count;
    }
    while (due(count) <= now_ns) {
        ++count;
    }
    return count;
}

}  // namespace plainsong::load
