// SPDX-License-Identifier: MIT
// conform_expected.cpp — what was expected, what came, and what differs.
//
// Used by: tools/conform.  Depends on: tools/conform_expected, tools/conform_words.
#include "tools/conform_expected.hpp"

#include <algorithm>
#include <set>

namespace plainsong::conform {
namespace {

/// Returns: the next word; `text` is what stands behind it.
std::string_view next_word(std::string_view& text) {
    constexpr std::string_view blanks = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return word;
}

std::string both(std::string_view behavior, std::string_view closing) {
    return std::string(behavior) + " / " + std::string(closing);
}

}  // namespace

std::string expected_verdicts::read(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::string id(next_word(line));
        if (id.empty() || id.starts_with('#')) {
            continue;
        }
        // The closing may have several words, such as WRONG CODE.
        const std::string_view behavior = next_word(line);
        const std::string_view closing = line.substr(0, line.find_last_not_of(" \t\r") + 1);
        if (closing.empty() || !expected_.emplace(id, both(behavior, closing)).second) {
            return "line " + std::to_string(number) +
                   (closing.empty() ? " is not `ID BEHAVIOR CLOSING`"
                                    : " says something of " + id + " again");
        }
    }
    return "";
}

void expected_verdicts::note(const std::string& agent, const conform_case& asked,
                             const verdict& said) {
    seen_[agent][asked.id] = both(name_of(said.behavior), name_of(said.closing));
}

std::vector<std::string> expected_verdicts::differences(
    const std::vector<conform_case>& all, const std::vector<const conform_case*>& chosen) const {
    std::set<std::string> left_out;
    for (const conform_case& each : all) {
        left_out.insert(each.id);
    }
    for (const conform_case* const each : chosen) {
        left_out.erase(each->id);
    }
    std::vector<std::string> out;
    for (const auto& [agent, seen] : seen_) {
        for (const auto& [id, what] : expected_) {
            const auto found = seen.find(id);
            if (found == seen.end() && !left_out.contains(id)) {
                out.push_back(agent + " " + id + ": expected " + what + ", but it did not run");
            } else if (found != seen.end() && found->second != what) {
                out.push_back(agent + " " + id + ": expected " + what + ", not " + found->second);
            }
        }
        for (const auto& [id, what] : seen) {
            if (!expected_.contains(id)) {
                out.push_back(agent + " " + id + ": nothing is expected, not " + what);
            }
        }
    }
    if (seen_.empty()) {
        out.emplace_back("nobody came");
    }
    return out;
}

}  // namespace plainsong::conform
