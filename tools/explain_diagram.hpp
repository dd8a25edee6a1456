// SPDX-License-Identifier: MIT
// explain_diagram.hpp — draws bytes as rows of 32 bits, as RFC 6455 §5.2 does.
//
// Does: put fields of any width side by side, cut them at the end of a row, name them and show their
// bits or bytes.
// Does not: know what the fields are.
// Used by: tools/explain_frame.  Depends on: base/bytes.
#ifndef PLAINSONG_TOOLS_EXPLAIN_DIAGRAM_HPP
#define PLAINSONG_TOOLS_EXPLAIN_DIAGRAM_HPP

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <plainsong/base/bytes.hpp>

namespace plainsong::explain {

/// A run of bits.  One that is a single bit wide has its name written downwards.
struct diagram_field {
    std::string_view name;
    std::string_view short_name;  // where the name doesn't fit
    std::size_t bits;
};

/// Draws the front of `bytes`, as far as the fields reach.
/// Requires: the fields end at the end of a byte, `bytes` isn't shorter.
/// Returns: lines, the ruler first.  `base` is what the offset of the first byte is called.
std::string draw_bits(byte_view bytes, std::span<const diagram_field> fields, std::size_t base);

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_DIAGRAM_HPP
