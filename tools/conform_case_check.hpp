// SPDX-License-Identifier: MIT
// conform_case_check.hpp — what a whole case must have.
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_case.
#ifndef PLAINSONG_TOOLS_CONFORM_CASE_CHECK_HPP
#define PLAINSONG_TOOLS_CONFORM_CASE_CHECK_HPP

#include <string>

#include "tools/conform_case.hpp"

namespace plainsong::conform {

/// Returns: "" or what the case lacks.
std::string lack_of(const conform_case& made);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_CASE_CHECK_HPP
