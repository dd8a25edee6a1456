// SPDX-License-Identifier: MIT
// conform_statement.hpp — what one statement of a case file adds to a case.
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_case, tools/conform_words.
#ifndef PLAINSONG_TOOLS_CONFORM_STATEMENT_HPP
#define PLAINSONG_TOOLS_CONFORM_STATEMENT_HPP

#include <span>
#include <string>

#include "tools/conform_case.hpp"
#include "tools/conform_words.hpp"

namespace plainsong::conform {

/// Requires: `words` is not empty and has no semicolon.
/// Returns: false if that is no statement; `complaint` says why.
bool add_statement(std::span<const word> words, conform_case& to, std::string& complaint);

/// Returns: whether a case begins with what this statement sets, and may set it anew.
bool is_setting(const word& first);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_STATEMENT_HPP
