// SPDX-License-Identifier: MIT
// formatted.hpp — printf into a string.
//
// Used by: tools.  Depends on: the C library.
#ifndef PLAINSONG_TOOLS_FORMATTED_HPP
#define PLAINSONG_TOOLS_FORMATTED_HPP

#include <string>

namespace plainsong::tools {

/// Appends what printf would print, whatever its length.
__attribute__((format(printf, 2, 3))) void append_formatted(std::string& to, const char* format,
                                                            ...);

/// Returns: the same alone.
__attribute__((format(printf, 1, 2))) std::string formatted(const char* format, ...);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_FORMATTED_HPP
