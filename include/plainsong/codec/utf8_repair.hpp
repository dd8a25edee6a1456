// SPDX-License-Identifier: MIT
// utf8_repair.hpp — text that isn't UTF-8, made UTF-8.
//
// Does: put U+FFFD in the place of what is ill-formed, as the decoder of the WHATWG Encoding
// Standard does: one for each maximal part that some character begins with, one for each other
// octet.  Encoded surrogates are ill-formed.
// Does not: strip a byte order mark, or allocate.
// Used by: app/websocket, app/blob.  Depends on: codec/utf8.
#ifndef PLAINSONG_CODEC_UTF8_REPAIR_HPP
#define PLAINSONG_CODEC_UTF8_REPAIR_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

/// Returns: how many octets `text` has once it is repaired: at most three times as many as before.
std::size_t repaired_size(byte_view text);

/// Writes the repaired text to `into`, which does not overlap `text`.
/// Requires: room for repaired_size(text) octets.  Returns: how many were written.
std::size_t repair_utf8(byte_view text, std::uint8_t* into);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_UTF8_REPAIR_HPP
