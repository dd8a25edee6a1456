// SPDX-License-Identifier: MIT
// reference_mask.hpp — masking as RFC 6455 §5.3 words it, for comparison with codec/mask.
#ifndef PLAINSONG_TESTS_SUPPORT_REFERENCE_MASK_HPP
#define PLAINSONG_TESTS_SUPPORT_REFERENCE_MASK_HPP

#include <array>
#include <cstddef>
#include <cstdint>

namespace plainsong::tests {

/// The octet that becomes of `octet` at place `index` of a payload.
inline std::uint8_t reference_mask(std::uint8_t octet, std::size_t index,
                                   const std::array<std::uint8_t, 4>& key) {
    return static_cast<std::uint8_t>(octet ^ key[index % 4]);
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_REFERENCE_MASK_HPP
