// SPDX-License-Identifier: MIT
// conform_rows.hpp — rows of a table that has a file of its own (autobahn/cases/*.tsv).
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_case_file.
#ifndef PLAINSONG_TOOLS_CONFORM_ROWS_HPP
#define PLAINSONG_TOOLS_CONFORM_ROWS_HPP

#include <string>
#include <string_view>
#include <vector>

namespace plainsong::conform {

using table_rows = std::vector<std::vector<std::string>>;

/// Reads `FILE where COLUMN VALUE… but ID…`: those rows of the file that have one of the values in that
/// column and none of the ids.
/// `into` gets a first row of names as well.  A column `n` has the number in the column `id`; cells
/// are written as they would be inside of a text of a case file, so that `"$raw"` is a cell's octets.
/// Returns: "" or what is wrong with that.
std::string take_rows(std::string_view words, table_rows& into);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_ROWS_HPP
