// SPDX-License-Identifier: MIT
// conform_expected.hpp — compares verdicts with those that a file expects, one line a case.
//
// Does: read `ID BEHAVIOR CLOSING` lines; name each difference, for better or worse, and each case that
// only one side has.
// Used by: tools/conform.  Depends on: tools/conform_verdict.
#ifndef PLAINSONG_TOOLS_CONFORM_EXPECTED_HPP
#define PLAINSONG_TOOLS_CONFORM_EXPECTED_HPP

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/conform_case.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {

class expected_verdicts {
public:
    /// Returns: "" or what is wrong with the text, with the line.
    std::string read(std::string_view text);

    void note(const std::string& agent, const conform_case& asked, const verdict& said);

    /// Returns: a line a difference.  Lines about cases that exist and were not `chosen` are left alone.
    [[nodiscard]] std::vector<std::string> differences(
        const std::vector<conform_case>& all, const std::vector<const conform_case*>& chosen) const;

private:
    using verdicts = std::map<std::string, std::string>;  // "OK / OK" by case

    verdicts expected_;
    std::map<std::string, verdicts> seen_;  // by agent
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_EXPECTED_HPP
