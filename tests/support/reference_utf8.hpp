// SPDX-License-Identifier: MIT
// reference_utf8.hpp — UTF-8 judged by decoding, without tables of ranges, for comparison.
//
// A prefix is acceptable if some code point, encoded, begins with it.  Which octets come of a code
// point is computed from its number, and which numbers are code points is the definition in RFC
// 3629 §3; the checked code works the other way round, from ranges of octets.
#ifndef PLAINSONG_TESTS_SUPPORT_REFERENCE_UTF8_HPP
#define PLAINSONG_TESTS_SUPPORT_REFERENCE_UTF8_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace plainsong::tests {

struct reference_verdict {
    std::size_t valid_until;  // index of the first octet that is wrong, or the size
    bool complete;            // meaningful if nothing is wrong

    bool operator==(const reference_verdict&) const = default;
};

/// How many octets the number needs at least: 7, 11, 16 or 21 bits.
inline unsigned reference_size(std::uint32_t number) {
    return number < (1U << 7) ? 1 : number < (1U << 11) ? 2 : number < (1U << 16) ? 3 : 4;
}

inline bool reference_is_code_point(std::uint32_t number) {
    return number <= 0x10ffff && number / 0x800 != 0xd800 / 0x800;
}

/// Whether `have` octets, whose bits so far are `bits`, can be completed to a character of `size`.
inline bool reference_can_go_on(std::uint32_t bits, unsigned have, unsigned size) {
    const unsigned open_bits = 6 * (size - have);
    const std::uint32_t least = bits << open_bits;
    const std::uint32_t most = least | ((1U << open_bits) - 1);
    // Code points of one size are one interval, or two with the surrogates between them, so it is
    // enough to try both ends and the neighbours of the gap and of the limits.
    for (const std::uint32_t number :
         {least, most, 0x80U, 0x800U, 0xd7ffU, 0xe000U, 0x10000U, 0x10ffffU}) {
        if (number >= least && number <= most && reference_is_code_point(number) &&
            reference_size(number) == size) {
            return true;
        }
    }
    return false;
}

inline reference_verdict reference_utf8(std::span<const std::uint8_t> text) {
    unsigned size = 0;  // of the character being read; 0 between characters
    unsigned have = 0;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::uint32_t octet = text[i];
        if (size == 0) {
            unsigned ones = 0;
            while (ones < 8 && ((octet >> (7 - ones)) & 1) != 0) {
                ++ones;
            }
            if (ones == 1 || ones > 4) {
                return {i, false};
            }
            size = ones == 0 ? 1 : ones;
            bits = ones == 0 ? octet : octet & (0x7fU >> ones);
            have = 1;
        } else {
            if (octet / 64 != 2) {
                return {i, false};
            }
            bits = bits * 64 + octet % 64;
            ++have;
        }
        if (!reference_can_go_on(bits, have, size)) {
            return {i, false};
        }
        if (have == size) {
            size = 0;
        }
    }
    return {text.size(), size == 0};
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_REFERENCE_UTF8_HPP
