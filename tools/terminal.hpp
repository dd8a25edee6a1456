// SPDX-License-Identifier: MIT
// terminal.hpp — the terminal that standard input is, key by key instead of line by line.
//
// Does: set it so, and back again whatever way the process ends.
// Does not: read or write.
// Used by: tools/console.  Depends on: POSIX.
#ifndef PLAINSONG_TOOLS_TERMINAL_HPP
#define PLAINSONG_TOOLS_TERMINAL_HPP

#include <cstddef>

namespace plainsong::tools {

/// Returns: whether somebody sits there: standard input and standard error are terminals that
/// understand more than newlines.
bool is_interactive();

/// Keys come one by one, unseen; ctrl-C and ctrl-Z come as keys.  Idempotent.
void begin_raw_input();
/// As it was before.  Idempotent, async-signal-safe.
void end_raw_input();

/// Returns: how wide the screen is.
std::size_t terminal_columns();

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_TERMINAL_HPP
