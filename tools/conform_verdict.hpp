// SPDX-License-Identifier: MIT
// conform_verdict.hpp — what a run of a case means.
//
// Does: compare what happened with what the case expects, in Autobahn's terms.
// Used by: tools/conform_*.  Depends on: tools/conform_case, tools/conform_record.
#ifndef PLAINSONG_TOOLS_CONFORM_VERDICT_HPP
#define PLAINSONG_TOOLS_CONFORM_VERDICT_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/conform_case.hpp"
#include "tools/conform_record.hpp"

namespace plainsong::conform {

enum class grade : std::uint8_t {
    ok,
    non_strict,
    informational,
    unimplemented,
    failed,
    unclean,  // of closing alone, as the two below
    wrong_code,
    failed_by_client,  // the server left it to the tester to end the connection
};

/// "OK", "NON-STRICT" …: the words of Autobahn's reports.
std::string_view name_of(grade one);

/// How far events are on the way to what is expected.
enum class progress : std::uint8_t { astray, on_the_way, there };
progress compare(std::span<const seen_event> seen, const expected_events& expected);

struct verdict {
    grade behavior = grade::failed;
    grade closing = grade::failed;
    std::string why;  // of the behavior
    std::string why_closing;

    /// `strict`: NON-STRICT and UNIMPLEMENTED are no pass.
    [[nodiscard]] bool passes(bool strict) const;
};

verdict judge(const conform_case& asked, const record& run);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_VERDICT_HPP
