// SPDX-License-Identifier: MIT
// vectors.hpp — reads tables of test vectors.
#ifndef PLAINSONG_TESTS_SUPPORT_VECTORS_HPP
#define PLAINSONG_TESTS_SUPPORT_VECTORS_HPP

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::tests {

/// One line of a table, by the names in the table's first line.
using vector_row = std::map<std::string, std::string>;

/// Reads the table at `path`, seen from the top of the project, which is the working directory.
/// Returns: the rows; none if the file can't be read or a row hasn't as many columns as the first.
std::vector<vector_row> read_vectors(const std::string& path);

/// Returns: the octets that a cell stands for: \r \n \t \\ \xNN, and {{text*N}} for N times text.
std::string unescape(std::string_view cell);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_VECTORS_HPP
