// SPDX-License-Identifier: MIT
// reference_base64.hpp — base64 one bit at a time, for comparison with codec/base64.
#ifndef PLAINSONG_TESTS_SUPPORT_REFERENCE_BASE64_HPP
#define PLAINSONG_TESTS_SUPPORT_REFERENCE_BASE64_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::tests {

inline constexpr std::string_view reference_base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline std::string reference_base64_encode(const std::vector<std::uint8_t>& from) {
    std::vector<bool> bits;
    for (const std::uint8_t octet : from) {
        for (int bit = 7; bit >= 0; --bit) {
            bits.push_back(((octet >> bit) & 1) != 0);
        }
    }
    while (bits.size() % 6 != 0) {
        bits.push_back(false);
    }
    std::string text;
    for (std::size_t at = 0; at < bits.size(); at += 6) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < 6; ++i) {
            value = value * 2 + (bits[at + i] ? 1 : 0);
        }
        text += reference_base64_alphabet[value];
    }
    while (text.size() % 4 != 0) {
        text += '=';
    }
    return text;
}

/// Returns: nothing if `text` is not base64; with `any_pad_bits` the bits under the padding are
/// free.
inline std::optional<std::vector<std::uint8_t>> reference_base64_decode(std::string_view text,
                                                                        bool any_pad_bits) {
    std::string_view body = text;
    for (int pads = 0; pads < 2 && !body.empty() && body.back() == '='; ++pads) {
        body.remove_suffix(1);
    }
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::vector<bool> bits;
    for (const char c : body) {
        const std::size_t value = reference_base64_alphabet.find(c);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        for (int bit = 5; bit >= 0; --bit) {
            bits.push_back(((value >> bit) & 1) != 0);
        }
    }
    std::vector<std::uint8_t> octets(bits.size() / 8);
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (i / 8 < octets.size()) {
            octets[i / 8] = static_cast<std::uint8_t>(octets[i / 8] * 2 + (bits[i] ? 1 : 0));
        } else if (bits[i] && !any_pad_bits) {
            return std::nullopt;
        }
    }
    return octets;
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_REFERENCE_BASE64_HPP
