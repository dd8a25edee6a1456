// SPDX-License-Identifier: MIT
// utf8_texts.hpp — texts to try UTF-8 validators on.
#ifndef PLAINSONG_TESTS_SUPPORT_UTF8_TEXTS_HPP
#define PLAINSONG_TESTS_SUPPORT_UTF8_TEXTS_HPP

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "tests/support/reference_utf8.hpp"

namespace plainsong::tests {

/// The octets of a number by the shape of RFC 3629 §3, be it a code point or not.
inline std::vector<std::uint8_t> encoded(std::uint32_t number) {
    const unsigned size = reference_size(number);
    if (size == 1) {
        return {static_cast<std::uint8_t>(number)};
    }
    std::vector<std::uint8_t> text(size);
    for (unsigned i = size; i-- > 0; number /= 64) {
        text[i] = static_cast<std::uint8_t>(0x80 + number % 64);
    }
    text[0] = static_cast<std::uint8_t>((text[0] & 0x3f) | (0xf00U >> size));
    return text;
}

/// `size` octets of characters of one to four octets, `longest` at most, in no order; the last
/// character may be cut off.
inline std::vector<std::uint8_t> mixed_text(std::size_t size, unsigned seed, unsigned longest = 4) {
    static constexpr std::uint32_t limits[] = {0, 0x80, 0x800, 0x10000, 0x110000};
    std::mt19937 engine{seed};
    const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
    std::vector<std::uint8_t> text;
    while (text.size() < size) {
        const unsigned length = 1 + random() % longest;
        const std::uint32_t number =
            limits[length - 1] + random() % (limits[length] - limits[length - 1]);
        if (reference_is_code_point(number)) {
            const std::vector<std::uint8_t> character = encoded(number);
            text.insert(text.end(), character.begin(), character.end());
        }
    }
    text.resize(size);
    return text;
}

/// Where the last character at or before `index` begins.
inline std::size_t last_lead(std::span<const std::uint8_t> text, std::size_t index) {
    while (index > 0 && text[index] / 64 == 2) {
        --index;
    }
    return index;
}

/// Calls `visit` with four octets: each first that is not ASCII, each second, and around each limit of
/// a range the third and the fourth.
template <typename Visit>
void for_each_lead_and_second(Visit visit) {
    static constexpr std::uint8_t tails[] = {0x00, 0x7f, 0x80, 0x9f, 0xbf, 0xc0, 0xff};
    for (unsigned lead = 0x80; lead < 256; ++lead) {
        for (unsigned second = 0; second < 256; ++second) {
            for (const std::uint8_t third : tails) {
                for (const std::uint8_t fourth : tails) {
                    const std::uint8_t text[4] = {static_cast<std::uint8_t>(lead),
                                                  static_cast<std::uint8_t>(second), third, fourth};
                    visit(std::span<const std::uint8_t>{text});
                }
            }
        }
    }
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_UTF8_TEXTS_HPP
