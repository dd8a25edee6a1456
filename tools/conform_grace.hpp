// SPDX-License-Identifier: MIT
// conform_grace.hpp — keeps a busy machine from being taken for a bad peer.
//
// Does: tell whether a deadline that has come says nothing, because the tester woke late or more wants
// to run than there are processors; as often as a run of a case has patience for.
// Used by: tools/conform_conversation.  Depends on: base/clock.
#ifndef PLAINSONG_TOOLS_CONFORM_GRACE_HPP
#define PLAINSONG_TOOLS_CONFORM_GRACE_HPP

#include <string_view>

#include <plainsong/base/clock.hpp>

namespace plainsong::conform {

/// Whether the kernel says that threads wait for a processor.  False where it says nothing (Linux does).
bool machine_is_busy();

/// The two parts of it: /proc/pressure/cpu, /proc/loadavg.
bool shows_pressure(std::string_view pressure);
bool shows_more_than(std::string_view load, unsigned processors);

class grace {
public:
    /// `is_busy`: null means never.
    explicit grace(bool (*is_busy)()) : is_busy_(is_busy) {}

    /// `late`: how long ago the deadline was.  Returns: whether to wait once more.
    bool grant(duration late);

private:
    bool (*is_busy_)();
    int granted_ = 0;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_GRACE_HPP
