// SPDX-License-Identifier: MIT
// timer_wheel.cpp — see timer_wheel.hpp.
#include <algorithm>
#include <bit>

#include "src/net/timer_wheel.hpp"

namespace plainsong {

std::uint64_t timer_wheel::tick_of(time_point time) {
    const std::int64_t count = time.time_since_epoch().count();
    return count < 0 ? 0 : static_cast<std::uint64_t>(count) >> tick_bits;
}

void timer_wheel::arm(timer_node& node, time_point due) {
    node.unlink();
    node.set_due(due);
    place(node);
    bound_ = std::min(bound_, due);
}

void timer_wheel::place(timer_node& node) {
    const std::uint64_t tick = std::max(tick_of(node.due()), present_);
    const std::uint64_t differing = tick ^ present_;
    const int wheel = differing == 0 ? 0 : (63 - std::countl_zero(differing)) / digit_bits;
    const auto slot = static_cast<unsigned>(tick >> (wheel * digit_bits)) % slots;
    occupied_[wheel] |= std::uint64_t{1} << slot;
    lists_[wheel][slot].push_back(node);
}

/// Finds the slot of the first due nodes.  Forgets slots whose nodes have all left.
bool timer_wheel::find_first(int& wheel, int& slot) {
    for (wheel = 0; wheel < wheels; ++wheel) {
        while (occupied_[wheel] != 0) {
            slot = std::countr_zero(occupied_[wheel]);
            if (!lists_[wheel][slot].empty()) {
                return true;
            }
            occupied_[wheel] &= occupied_[wheel] - 1;
        }
    }
    return false;
}

/// Returns: the first tick of a slot.  Its higher digits are those of the present.
std::uint64_t timer_wheel::start_of(int wheel, int slot) const {
    const int below = wheel * digit_bits;
    const std::uint64_t above = (present_ >> below) / slots * slots;
    return (above + static_cast<std::uint64_t>(slot)) << below;
}

void timer_wheel::collect(time_point now, expired_list& expired) {
    if (now < bound_) {
        return;
    }
    const std::uint64_t target = std::max(tick_of(now), present_);
    int wheel = 0;
    int slot = 0;
    while (find_first(wheel, slot)) {
        const std::uint64_t start = start_of(wheel, slot);
        if (start > target) {
            break;
        }
        expired_list& list = lists_[wheel][slot];
        if (wheel == 0 && start == target) {
            take_due(list, now, expired);
            break;
        }
        present_ = start;
        expired_list taken;
        taken.append(list);
        if (wheel == 0) {
            expired.append(taken);
        } else {
            taken.for_each([this](timer_node& node) {
                node.unlink();
                place(node);
            });
        }
    }
    present_ = target;
    update_bound();
}

/// The slot of the present tick may hold nodes that are due later within the tick.
void timer_wheel::take_due(expired_list& from, time_point now, expired_list& expired) {
    from.for_each([&](timer_node& node) {
        if (node.due() <= now) {
            node.unlink();
            expired.push_back(node);
        }
    });
}

void timer_wheel::update_bound() {
    int wheel = 0;
    int slot = 0;
    bound_ = never;
    if (!find_first(wheel, slot)) {
        return;
    }
    // A few nodes are looked at, so that a lone timer wakes the loop once and not at each wheel on
    // its way down.  Many aren't: then the start of their slot has to do.
    constexpr int few = 16;
    int seen = 0;
    lists_[wheel][slot].for_each_while([&](timer_node& node) {
        bound_ = std::min(bound_, node.due());
        return wheel == 0 || ++seen < few;
    });
    if (seen == few) {
        const auto start = static_cast<std::int64_t>(start_of(wheel, slot) << tick_bits);
        bound_ = std::min(bound_, time_point{duration{start}});
    }
}

}  // namespace plainsong
