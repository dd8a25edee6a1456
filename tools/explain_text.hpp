// SPDX-License-Identifier: MIT
// explain_text.hpp — octets and bits as text, and back.
//
// Used by: tools/explain*.  Depends on: codec/utf8.
#ifndef PLAINSONG_TOOLS_EXPLAIN_TEXT_HPP
#define PLAINSONG_TOOLS_EXPLAIN_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/base/bytes.hpp>

namespace plainsong::explain {

/// Reads pairs of hexadecimal digits; blanks, commas, colons, and "0x" before a pair part them.
/// Returns: false if anything else is there, or half a pair.
bool read_hex(std::string_view text, std::vector<std::uint8_t>& out);

// Of the octets beyond `most` a mark tells.

/// "81 05 48"
std::string hex(byte_view octets, std::size_t most);
/// Text in quotes, with everything else as \xHH.
std::string quoted(byte_view octets, std::size_t most);

/// The lowest `count` bits, the highest of them first.
std::string bits_of(unsigned value, int count);

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_TEXT_HPP
