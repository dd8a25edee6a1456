// SPDX-License-Identifier: MIT
// conform_beyond.hpp — the statements that the groups beyond Autobahn's have for themselves.
//
// Does: floods, the ends of a connection, and for whom a case is made.
// Used by: tools/conform_statement.  Depends on: tools/conform_phrase.
#ifndef PLAINSONG_TOOLS_CONFORM_BEYOND_HPP
#define PLAINSONG_TOOLS_CONFORM_BEYOND_HPP

#include <span>
#include <string>
#include <string_view>

#include "tools/conform_case.hpp"
#include "tools/conform_words.hpp"

namespace plainsong::conform {

struct beyond_verb {
    std::string_view name;
    bool setting;
    /// As add_statement.
    bool (*read)(std::span<const word> words, conform_case& to, std::string& complaint);
};

/// Returns: null if the statement is none of these.
const beyond_verb* find_beyond_verb(const word& first);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_BEYOND_HPP
