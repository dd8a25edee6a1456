// SPDX-License-Identifier: MIT
// page.hpp — the page of `plainsong serve`, as bytes inside the program.
//
// Its definition is made from tools/page/index.html by tools/check/embed while building.
#ifndef PLAINSONG_TOOLS_PAGE_HPP
#define PLAINSONG_TOOLS_PAGE_HPP

#include <string_view>

namespace plainsong::tools {

/// The whole page in UTF-8, with its Content-Security-Policy inside.  Lifetime: the program's.
std::string_view page();

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_PAGE_HPP
