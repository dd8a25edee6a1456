// SPDX-License-Identifier: MIT
// explain_close.hpp — what a Close code says.
//
// Does: name each code, say where it is defined and who may send it.
// Does not: say whether it travels (see ws/close.hpp).
// Used by: tools/explain_close, tools/explain_payload.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_EXPLAIN_CLOSE_HPP
#define PLAINSONG_TOOLS_EXPLAIN_CLOSE_HPP

#include <cstdint>
#include <string_view>

namespace plainsong::explain {

struct close_meaning {
    std::uint32_t first;
    std::uint32_t last;
    std::string_view name;
    std::string_view meaning;
    std::string_view sender;       // who may send it
    std::string_view requirement;  // the rule, or "" and then
    std::string_view source;       // where it is defined
};

/// What is known of `code`; each number is in one row.
const close_meaning& meaning_of(std::uint32_t code);

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_CLOSE_HPP
