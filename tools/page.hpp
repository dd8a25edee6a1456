// SPDX-License-Identifier: MIT
// page.hpp — the pages of tools/page, as bytes inside the program.
//
// Their definitions are made by tools/check/embed while building.
#ifndef PLAINSONG_TOOLS_PAGE_HPP
#define PLAINSONG_TOOLS_PAGE_HPP

#include <string_view>

namespace plainsong::tools {

/// What `plainsong serve` shows: the whole page in UTF-8, with its Content-Security-Policy inside.
/// Lifetime: the program's.
std::string_view page();

/// Likewise the page of a report of `plainsong conform`, but for the data, which take the place of the
/// line `<!-- data -->`.
std::string_view report_page();

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_PAGE_HPP
