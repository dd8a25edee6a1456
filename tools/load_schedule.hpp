// SPDX-License-Identifier: MIT
// load_schedule.hpp — when something is due that happens so many times a second.
//
// Does: number moments at even distances and say when each comes; share what is numbered among
// connections in turn.  A moment depends on its number alone, so that a late one doesn't shift
// those behind it, and nothing is kept of those that wait.
// Does not: read a clock, wait, or send.
// Used by: tools/load_run, tools/load_client.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_LOAD_SCHEDULE_HPP
#define PLAINSONG_TOOLS_LOAD_SCHEDULE_HPP

#include <cstdint>

namespace plainsong::load {

class schedule {
public:
    schedule() = default;
    /// Number 0 is due at `start_ns`.  Requires: a_second > 0.
    schedule(double a_second, std::int64_t start_ns)
        : start_(start_ns), distance_(1e9 / a_second) {}

    /// Exact to the nanosecond for a hundred days.
    [[nodiscard]] std::int64_t due(std::uint64_t number) const {
        return start_ + static_cast<std::int64_t>(static_cast<double>(number) * distance_);
    }

    /// Returns: how many are due at `now_ns` or before; the number of the next one.
    [[nodiscard]] std::uint64_t due_by(std::int64_t now_ns) const;

private:
    std::int64_t start_ = 0;
    double distance_ = 1;  // nanoseconds
};

/// What is numbered is dealt out in turn: number n to member n % members.
/// Returns: how many of the first `total` the member gets.
constexpr std::uint64_t dealt_to(std::uint64_t member, std::uint64_t members, std::uint64_t total) {
    return (total + members - 1 - member) / members;
}

/// Returns: the number of what `member` gets as its `nth`, from 0.
constexpr std::uint64_t number_dealt(std::uint64_t member, std::uint64_t members,
                                     std::uint64_t nth) {
    return nth * members + member;
}

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_SCHEDULE_HPP
