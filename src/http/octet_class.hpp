// SPDX-License-Identifier: MIT
// octet_class.hpp — which octets may stand where, as one table of bits.
//
// Does: answer for any octet in one load.  Does not: check the two digits behind a "%".
// Used by: http/head_parser, http/url, http/list, http/writer.  Depends on: codec/ascii.
#ifndef PLAINSONG_SRC_HTTP_OCTET_CLASS_HPP
#define PLAINSONG_SRC_HTTP_OCTET_CLASS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/codec/ascii.hpp>

namespace plainsong::http {

enum octet_class : std::uint8_t {
    token_octet = 1,       // RFC 9110 §5.6.2
    field_text_octet = 2,  // inside of a field value, blanks included
    registered_octet = 4,  // unreserved and sub-delims of RFC 3986: a host's name
    path_octet = 8,        // those, ":", "@" and "/", and what browsers leave as it is: see below
    query_octet = 16,      // those and "?", likewise
    target_octet = 32,     // of any form of target, before its "?"
};

namespace detail {

constexpr std::array<std::uint8_t, 256> make_octet_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (std::size_t octet = 0; octet < 256; ++octet) {
        const auto c = static_cast<char>(octet);
        const auto is_one_of = [c](std::string_view set) {
            return set.find(c) != std::string_view::npos;
        };
        const bool registered = is_letter(c) || is_digit(c) || is_one_of("-._~!$&'()*+,;=");
        // RFC 3986 wants more octets escaped than the URL Standard of the WHATWG, by which browsers
        // write "?a[]=1" or "|" as they are; refusing those would refuse their users.
        const bool path = registered || is_one_of(":@/[]^|");
        const bool query = path || is_one_of("?\\`{}");
        const bool target = path;
        classes[octet] = static_cast<std::uint8_t>(
            (is_token_character(c) ? token_octet : 0) | (is_field_text(c) ? field_text_octet : 0) |
            (registered ? registered_octet : 0) | (path ? path_octet : 0) |
            (query ? query_octet : 0) | (target ? target_octet : 0));
    }
    return classes;
}

inline constexpr std::array<std::uint8_t, 256> octet_classes = make_octet_classes();

}  // namespace detail

constexpr bool belongs(std::uint8_t octet, octet_class wanted) {
    return (detail::octet_classes[octet] & wanted) != 0;
}

constexpr bool belongs(char c, octet_class wanted) {
    return belongs(static_cast<std::uint8_t>(c), wanted);
}

/// Returns: true if one of the eight octets is a control octet, or may be one of them next to such.
/// Most of a head is field text, and this is how eight octets of it are passed at once.
constexpr bool may_hold_control(std::uint64_t octets) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = ones * 0x80;
    const std::uint64_t below_space = (octets - ones * 0x20) & ~octets;
    const std::uint64_t without_del = octets ^ (ones * 0x7f);
    const std::uint64_t is_del = (without_del - ones) & ~without_del;
    return ((below_space | is_del) & tops) != 0;
}

/// Returns: true if each character belongs; also if there is none.
constexpr bool all_belong(std::string_view text, octet_class wanted) {
    for (const char c : text) {
        if (!belongs(c, wanted)) {
            return false;
        }
    }
    return true;
}

}  // namespace plainsong::http

#endif  // PLAINSONG_SRC_HTTP_OCTET_CLASS_HPP
