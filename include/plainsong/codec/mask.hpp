// SPDX-License-Identifier: MIT
// mask.hpp — XOR masking of payload octets (RFC 6455 §5.3).
//
// Does: apply a 4-octet key in place or while copying.  Masking and unmasking are the same.
// Does not: choose keys (see net/entropy.hpp), or touch an octet outside the span it is given.
// Used by: ws/frame.  Depends on: base/bytes.
#ifndef PLAINSONG_CODEC_MASK_HPP
#define PLAINSONG_CODEC_MASK_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

/// The key as its octets stand in the frame header.
struct mask_key {
    std::array<std::uint8_t, 4> bytes{};

    constexpr bool operator==(const mask_key&) const = default;

    /// Returns: the key for the rest of a payload of which `by` octets have been masked.
    [[nodiscard]] constexpr mask_key rotated(std::size_t by) const {
        return {{bytes[by % 4], bytes[(by + 1) % 4], bytes[(by + 2) % 4], bytes[(by + 3) % 4]}};
    }
};

/// Masks `data` in place; octet i with octet i mod 4 of the key.  [6455-5.3-06]
void apply_mask(byte_span data, mask_key key);

/// Writes `from`, masked in the same way, to `to`.
/// Requires: `to` has room for from.size() octets that do not overlap with `from`.
void copy_masked(std::uint8_t* to, byte_view from, mask_key key);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_MASK_HPP
