// SPDX-License-Identifier: MIT
// ascii.hpp — character classes and comparisons of protocol text.
//
// Does: say which octets are digits, letters, token characters or optional whitespace; compare and
// fold A-Z only.  Does not: know a locale or any code point above 127.
// Used by: http, ws.  Depends on: nothing.
#ifndef PLAINSONG_CODEC_ASCII_HPP
#define PLAINSONG_CODEC_ASCII_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plainsong {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_letter(char c) {
    return is_upper(c) || is_lower(c);
}

/// Returns: 0 to 15, or -1 if `c` is no hexadecimal digit.
constexpr int hex_digit_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
constexpr bool is_hex_digit(char c) {
    return hex_digit_value(c) >= 0;
}

/// Space or horizontal tab: OWS in the grammar of HTTP.
constexpr bool is_ows(char c) {
    return c == ' ' || c == '\t';
}

/// Printable and not a space: VCHAR in the grammar of HTTP.
constexpr bool is_visible(char c) {
    return c > ' ' && c < '\x7f';
}

/// Control octets, that is 0 to 31 and 127.  (Where char is signed, octets above 127 are negative.)
constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

/// An octet that may stand in a field value: VCHAR, space, tab, or 128 and above (obs-text).
constexpr bool is_field_text(char c) {
    return !is_control(c) || c == '\t';
}

namespace detail {

/// One bit for each octet below 128 that may stand in a token (RFC 9110 §5.6.2).
struct token_table {
    std::uint64_t words[2] = {0, 0};

    constexpr token_table() {
        for (char c = '\0'; c < '\x7f'; ++c) {
            if (is_letter(c) || is_digit(c)) {
                insert(c);
            }
        }
        for (const char c : std::string_view{"!#$%&'*+-.^_`|~"}) {
            insert(c);
        }
    }
    constexpr void insert(char c) {
        words[c >> 6] |= std::uint64_t{1} << (static_cast<unsigned>(c) & 63);
    }
};
inline constexpr token_table token_characters{};

}  // namespace detail

/// A character of a token: a letter, a digit or one of !#$%&'*+-.^_`|~
constexpr bool is_token_character(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 128 && ((detail::token_characters.words[octet >> 6] >> (octet & 63)) & 1) != 0;
}

/// At least one character, and each of them a token character.
constexpr bool is_token(std::string_view text) {
    for (const char c : text) {
        if (!is_token_character(c)) {
            return false;
        }
    }
    return !text.empty();
}

/// At least one character, and each of them a digit.
constexpr bool is_digits(std::string_view text) {
    for (const char c : text) {
        if (!is_digit(c)) {
            return false;
        }
    }
    return !text.empty();
}

/// A-Z become a-z; every other octet stays what it is, whatever the locale.  [6455-2.1-01]
constexpr char fold_case(char c) {
    return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Equal once A-Z are folded.  [6455-2.1-01]
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && fold_case(a[i]) != fold_case(b[i])) {
            return false;
        }
    }
    return true;
}

/// `text` without the spaces and tabs at both ends.  Lifetime: that of `text`.
constexpr std::string_view trim_ows(std::string_view text) {
    while (!text.empty() && is_ows(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_ows(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_ASCII_HPP
