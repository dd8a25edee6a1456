// SPDX-License-Identifier: MIT
// report.hpp — an error as a line for whoever started the program.
//
// Does: print.  It is the only thing here that does, and only for programs that ask for it.
// Used by: programs.  Depends on: base/error.
#ifndef PLAINSONG_APP_REPORT_HPP
#define PLAINSONG_APP_REPORT_HPP

#include <plainsong/base/error.hpp>

namespace plainsong {

/// Prints `why` to standard error, for the end of a small main().  Returns: 1.
int report(error why);

}  // namespace plainsong

#endif  // PLAINSONG_APP_REPORT_HPP
