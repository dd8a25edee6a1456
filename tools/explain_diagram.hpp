// SPDX-License-Identifier: MIT
// explain_diagram.hpp — draws fields of bits the way RFC 6455 §5.2 does, with their values.
//
// Used by: tools/explain_frames.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_EXPLAIN_DIAGRAM_HPP
#define PLAINSONG_TOOLS_EXPLAIN_DIAGRAM_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/base/bytes.hpp>

namespace plainsong::explain {

struct bit_field {
    std::string_view name;
    std::size_t bits;
};

/// Rows of 32 bits; a field that spans several of them is named in each.
/// Requires: the fields together have as many bits as `octets`.
std::string draw(const std::vector<bit_field>& fields, byte_view octets);

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_DIAGRAM_HPP
