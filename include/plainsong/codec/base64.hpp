// SPDX-License-Identifier: MIT
// base64.hpp — the base64 text form of octets (RFC 4648 §4).
//
// Does: encode with padding; decode exactly that, refusing every other character, wrong padding and
// (unless told otherwise) bits in the padding that are not zero.
// Does not: know the URL-safe alphabet, line breaks or unpadded text.
// Used by: ws/accept_key, ws/server_handshake, ws/client_handshake.  Depends on: base.
#ifndef PLAINSONG_CODEC_BASE64_HPP
#define PLAINSONG_CODEC_BASE64_HPP

#include <cstddef>
#include <span>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/result.hpp>

namespace plainsong {

/// Returns: how many characters `bytes` octets become.
constexpr std::size_t base64_encoded_size(std::size_t bytes) {
    return (bytes / 3 + (bytes % 3 != 0 ? 1 : 0)) * 4;
}

/// Returns: the most octets that a text of `characters` can stand for.
constexpr std::size_t base64_decoded_size_limit(std::size_t characters) {
    return characters / 4 * 3;
}

/// Writes the text of `from`; no terminator follows it.
/// Requires: `into` has room for base64_encoded_size(from.size()) characters.
/// Returns: how many were written; 0 (and nothing written) if they have no room.
std::size_t base64_encode(byte_view from, std::span<char> into);

/// The last character before the padding carries 2 or 4 bits that mean nothing.  An encoder sets
/// them to 0, but RFC 6455 §4.1 itself prints a key in which they are not.
enum class base64_pad_bits : unsigned char { zero, any };

/// Writes the octets that `text` stands for.
/// Requires: `into` has room for base64_decoded_size_limit(text.size()) octets or, if `text` is
/// padded, exactly the octets that it stands for.
/// Returns: how many were written.
/// Errors: text_not_base64; invalid_argument if they have no room.  `into` may be partly written.
result<std::size_t> base64_decode(std::string_view text, byte_span into,
                                  base64_pad_bits accepted = base64_pad_bits::zero);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_BASE64_HPP
