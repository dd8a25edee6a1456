// SPDX-License-Identifier: MIT
// load_failures.hpp — what became of connections that did not do what was wanted.
//
// Does: count them by cause: an errno, or what the server said, and the stage at which it happened.
// Does not: end a run, or grow with the number of failures.
// Used by: tools/load*.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_LOAD_FAILURES_HPP
#define PLAINSONG_TOOLS_LOAD_FAILURES_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::load {

enum class stage : std::uint8_t { connecting, upgrading, open, closing };

std::string_view name_of(stage when);

/// Returns: "ECONNREFUSED"; "errno 12345" for one that has no name here.
std::string name_of_errno(int number);

struct failure {
    stage when = stage::connecting;
    int number = 0;    // errno; 0 if the system is not to blame
    std::string text;  // what happened, in words
    std::uint64_t count = 0;
};

class failure_tally {
public:
    /// Causes beyond this many are counted together as "other".
    static constexpr std::size_t most_kinds = 24;

    void add(stage when, int number, std::string_view text);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// In the order of their first appearance.
    [[nodiscard]] const std::vector<failure>& kinds() const { return kinds_; }
    /// "3 connections failed: 2 x ECONNREFUSED (Connection refused) when connecting, …"; "" if none.
    [[nodiscard]] std::string text() const;

private:
    std::vector<failure> kinds_;
    std::uint64_t count_ = 0;
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_FAILURES_HPP
