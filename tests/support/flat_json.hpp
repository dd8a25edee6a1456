// SPDX-License-Identifier: MIT
// flat_json.hpp — reads a JSON text strictly (RFC 8259) and lays its values out flat.
//
// Does: turn {"a":{"b":1},"c":["x"]} into a.b = 1, c.0 = x; refuse whatever is no JSON.
// Does not: decode \u escapes, or tell a string from a number.
#ifndef PLAINSONG_TESTS_SUPPORT_FLAT_JSON_HPP
#define PLAINSONG_TESTS_SUPPORT_FLAT_JSON_HPP

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace plainsong::tests {

using flat_values = std::map<std::string, std::string>;

/// Returns: nothing if `text` isn't one JSON value with at most blanks around it.
std::optional<flat_values> flat_json(std::string_view text);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_FLAT_JSON_HPP
