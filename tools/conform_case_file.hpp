// SPDX-License-Identifier: MIT
// conform_case_file.hpp — reads the text form of conformance cases (autobahn/cases).
//
// Does: groups, defaults, cases, families (a table of parameters makes a case of each row), and
// errors that name the line.  autobahn/README.md describes the form.
// Used by: tools/conform.  Depends on: tools/conform_case, tools/conform_statement.
#ifndef PLAINSONG_TOOLS_CONFORM_CASE_FILE_HPP
#define PLAINSONG_TOOLS_CONFORM_CASE_FILE_HPP

#include <string>
#include <string_view>
#include <vector>

#include "tools/conform_case.hpp"

namespace plainsong::conform {

/// Appends the cases of one file.
/// Returns: "" or what is wrong, with the name and the line; `into` is meaningless then.
std::string read_case_file(std::string_view name, std::string_view text,
                           std::vector<conform_case>& into);

/// The files that are part of the program; made from autobahn/cases while building.
struct embedded_file {
    std::string_view name;
    std::string_view text;
};
std::vector<embedded_file> embedded_case_files();

/// Returns: the cases of the program by their numbers; `complaint` is "" unless a file is wrong.
std::vector<conform_case> all_cases(std::string& complaint);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_CASE_FILE_HPP
