// SPDX-License-Identifier: MIT
// conform_junit.hpp — results in the XML that CI systems read as JUnit's.
//
// Used by: tools/conform_report.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_CONFORM_JUNIT_HPP
#define PLAINSONG_TOOLS_CONFORM_JUNIT_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::conform {

struct junit_case {
    std::string id;
    std::string title;
    std::int64_t milliseconds = 0;
    std::string verdict;
    std::string failure;  // why it doesn't pass, "" if it does
};

struct junit_suite {
    std::string agent;
    std::vector<junit_case> cases;
};

/// Returns: text for an attribute or an element.  What XML can't hold is written as U+FFFD.
std::string xml_text(std::string_view octets);

std::string junit_xml(const std::vector<junit_suite>& suites);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_JUNIT_HPP
