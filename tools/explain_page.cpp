// SPDX-License-Identifier: MIT
// explain_page.cpp — laying out.
//
// Used by: tools/explain*.  Depends on: tools/explain_page.
#include "tools/explain_page.hpp"

#include <algorithm>

namespace plainsong::explain {
namespace {

constexpr int name_width = 9;
constexpr int value_width = 11;
constexpr const char* under_a_field = "            ";

}  // namespace

std::string cited(std::string_view requirement) {
    const std::size_t first = requirement.find('-');
    const std::size_t last = requirement.rfind('-');
    if (first == std::string_view::npos || first == last) {
        return "a limit of this library";
    }
    return "RFC " + std::string(requirement.substr(0, first)) + " §" +
           std::string(requirement.substr(first + 1, last - first - 1)) + " [" +
           std::string(requirement) + "]";
}

std::string answer_to(error_code why) {
    const std::uint16_t answer = facts_of(why).answer;
    if (answer == 0) {
        return "";
    }
    return (answer >= 1000 ? "Close " : "HTTP status ") + std::to_string(answer);
}

void page::field(std::string_view name, std::string_view value, std::string_view meaning) {
    std::string text = "  " + std::string(name);
    text.resize(std::max<std::size_t>(text.size() + 1, 2 + name_width + 1), ' ');
    text += value;
    if (!meaning.empty()) {
        text.resize(std::max<std::size_t>(text.size() + 1, 2 + name_width + 1 + value_width + 1),
                    ' ');
        text += meaning;
    }
    line(text);
}

void page::keeps(std::string_view requirement) {
    line(under_a_field + std::string("keeps  ") + cited(requirement));
}

void page::breaks(error_code why) {
    const std::string answer = answer_to(why);
    breaks(facts_of(why).requirement,
           facts_of(why).text + (answer.empty() ? "" : " (the answer is " + answer + ")"));
}

void page::breaks(std::string_view requirement, std::string_view text) {
    ++broken_;
    line(under_a_field + std::string("BREAKS ") + cited(requirement) + ": " + std::string(text));
}

void page::note(std::string_view text) {
    line(under_a_field + std::string(text));
}

}  // namespace plainsong::explain
