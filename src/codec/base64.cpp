// SPDX-License-Identifier: MIT
// base64.cpp — see the header.
#include <plainsong/codec/base64.hpp>

namespace plainsong {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Above every value of six bits, so that one test of a whole group's OR finds a foreign character.
constexpr std::uint32_t foreign = 64;

struct value_table {
    std::uint8_t of[256] = {};

    constexpr value_table() {
        for (auto& value : of) {
            value = foreign;
        }
        for (std::uint8_t i = 0; i < 64; ++i) {
            of[static_cast<unsigned char>(alphabet[i])] = i;
        }
    }
};
constexpr value_table values{};

std::uint32_t value_of(char c) {
    return values.of[static_cast<unsigned char>(c)];
}
char character_of(std::uint32_t group, unsigned shift) {
    return alphabet[(group >> shift) & 63];
}
std::uint8_t octet_of(std::uint32_t group, unsigned shift) {
    return static_cast<std::uint8_t>(group >> shift);
}

}  // namespace

std::size_t base64_encode(byte_view from, std::span<char> into) {
    const std::size_t size = base64_encoded_size(from.size());
    if (into.size() < size) {
        return 0;
    }
    std::size_t at = 0;
    char* out = into.data();
    for (; from.size() - at >= 3; at += 3) {
        const std::uint32_t group = static_cast<std::uint32_t>(from[at]) << 16 |
                                    static_cast<std::uint32_t>(from[at + 1]) << 8 | from[at + 2];
        *out++ = character_of(group, 18);
        *out++ = character_of(group, 12);
        *out++ = character_of(group, 6);
        *out++ = character_of(group, 0);
    }
    if (const std::size_t left = from.size() - at; left != 0) {
        std::uint32_t group = static_cast<std::uint32_t>(from[at]) << 16;
        group |= left == 2 ? static_cast<std::uint32_t>(from[at + 1]) << 8 : 0;
        *out++ = character_of(group, 18);
        *out++ = character_of(group, 12);
        *out++ = left == 2 ? character_of(group, 6) : '=';
        *out++ = '=';
    }
    return size;
}

result<std::size_t> base64_decode(std::string_view text, byte_span into, base64_pad_bits accepted) {
    if (text.size() % 4 != 0) {
        return error{error_code::text_not_base64};
    }
    if (text.empty()) {
        return std::size_t{0};
    }
    const std::size_t pads = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
    const std::size_t size = text.size() / 4 * 3 - pads;
    if (into.size() < size) {
        return error{error_code::invalid_argument};
    }
    const std::size_t whole = text.size() - (pads != 0 ? 4 : 0);
    std::uint8_t* out = into.data();
    std::size_t at = 0;
    for (; at < whole; at += 4) {
        const std::uint32_t a = value_of(text[at]), b = value_of(text[at + 1]),
                            c = value_of(text[at + 2]), d = value_of(text[at + 3]);
        if (((a | b | c | d) & foreign) != 0) {
            return error{error_code::text_not_base64};
        }
        const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
        *out++ = octet_of(group, 16);
        *out++ = octet_of(group, 8);
        *out++ = octet_of(group, 0);
    }
    if (pads != 0) {
        const std::uint32_t a = value_of(text[at]), b = value_of(text[at + 1]),
                            c = pads == 1 ? value_of(text[at + 2]) : 0;
        const std::uint32_t pad_bits = pads == 1 ? c & 3 : b & 15;
        if (((a | b | c) & foreign) != 0 || (accepted == base64_pad_bits::zero && pad_bits != 0)) {
            return error{error_code::text_not_base64};
        }
        const std::uint32_t group = a << 18 | b << 12 | c << 6;
        *out++ = octet_of(group, 16);
        if (pads == 1) {
            *out++ = octet_of(group, 8);
        }
    }
    return size;
}

}  // namespace plainsong
