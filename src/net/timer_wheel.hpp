// SPDX-License-Identifier: MIT
// timer_wheel.hpp — many deadlines, armed and cancelled in constant time.
//
// Does: keep nodes by due time in eight wheels of 64 slots, each slot of one wheel as wide as the
// whole wheel below; hand out those that are due.  Nothing is due early, not by a nanosecond.
// Does not: read a clock, call anybody, or own its nodes; a node may die while it is armed.
// Used by: net/loop.  Depends on: base/clock, base/intrusive_list.
//
// A node's wheel is the one of the highest 6-bit digit in which its tick differs from the present
// one.  So everything in a lower wheel is due before everything in a higher one, equal ticks always
// share a slot, and a jump of any length visits only slots that hold something.
#ifndef PLAINSONG_NET_TIMER_WHEEL_HPP
#define PLAINSONG_NET_TIMER_WHEEL_HPP

#include <cstdint>

#include <plainsong/base/clock.hpp>
#include <plainsong/base/intrusive_list.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong {

class timer_wheel {
public:
    using expired_list = intrusive_list<timer_node>;

    /// 2^18 ns, a quarter of a millisecond: what shares a tick comes in the order of arming.
    static constexpr int tick_bits = 18;

    explicit timer_wheel(time_point start) : present_(tick_of(start)) {}

    /// Moves `node` to `due`, wherever it is linked now.  Requires: due < never.  Cost: O(1).
    void arm(timer_node& node, time_point due);

    /// Takes `node` out, also of a list that collect() has filled.  Cost: O(1).
    static void cancel(timer_node& node) {
        node.unlink();
        node.set_due(never);
    }

    /// Returns: a time that is not after the first due one; `never` if nothing is armed.  It may be
    /// early after cancel(), or if very much is due together far away; collect() then corrects it.
    [[nodiscard]] time_point next_due() const { return bound_; }

    /// Appends all that is due at `now` to `expired`, ordered by tick.  A time before the latest
    /// one finds nothing new.  Cost: O(1) if nothing is due; each node moves down at most seven
    /// times.
    void collect(time_point now, expired_list& expired);

private:
    static constexpr int digit_bits = 6;
    static constexpr int slots = 1 << digit_bits;
    static constexpr int wheels = 8;  // 48 bits of ticks, and time has 63 - tick_bits = 45

    static std::uint64_t tick_of(time_point time);

    void place(timer_node& node);
    [[nodiscard]] bool find_first(int& wheel, int& slot);
    [[nodiscard]] std::uint64_t start_of(int wheel, int slot) const;
    void take_due(expired_list& from, time_point now, expired_list& expired);
    void update_bound();

    std::uint64_t present_;  // the tick up to which all has been collected
    time_point bound_ = never;
    std::uint64_t occupied_[wheels] = {};  // a bit for each slot that may hold something
    expired_list lists_[wheels][slots];
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_TIMER_WHEEL_HPP
