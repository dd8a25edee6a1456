// SPDX-License-Identifier: MIT
// inflate_fixed.hpp — the tables of fixed blocks.  Their codes never change (RFC 1951 §3.2.6), so that
// the compiler makes them.
#ifndef PLAINSONG_CODEC_INFLATE_FIXED_HPP
#define PLAINSONG_CODEC_INFLATE_FIXED_HPP

#include <array>
#include <cstdint>

#include "src/codec/inflate_table.hpp"

namespace plainsong::inflate_table {

inline constexpr unsigned fixed_literal_index = 9;
inline constexpr unsigned fixed_distance_index = deflate_format::fixed_distance_length;

inline constexpr auto fixed_literals = [] {
    std::array<std::uint8_t, deflate_format::fixed_literal_symbols> lengths{};
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
        lengths[symbol] = deflate_format::fixed_literal_length(symbol);
    }
    std::array<entry, 1U << fixed_literal_index> table{};
    unsigned index_bits = fixed_literal_index;
    build(lengths.data(), deflate_format::fixed_literal_symbols, literal_meanings.data(),
          index_bits, gaps::none, table.data());
    return table;
}();

inline constexpr auto fixed_distances = [] {
    std::array<std::uint8_t, deflate_format::fixed_distance_symbols> lengths{};
    lengths.fill(deflate_format::fixed_distance_length);
    std::array<entry, 1U << fixed_distance_index> table{};
    unsigned index_bits = fixed_distance_index;
    build(lengths.data(), deflate_format::fixed_distance_symbols, distance_meanings.data(),
          index_bits, gaps::none, table.data());
    return table;
}();

// For the quick loop: what the next bits mean, in fields that are at hand without shifting.
enum class fixed_kind : std::uint8_t {
    plain_literal,
    other_literal,
    length,
    end,
    distance,
    nothing
};

struct fixed_meaning {
    std::uint16_t base = 0;  // of the length or distance
    std::uint16_t mask = 0;  // of the extra bits behind the code
    std::uint8_t code_bits = 0;
    std::uint8_t all_bits = 0;
    fixed_kind kind = fixed_kind::nothing;
};

constexpr fixed_meaning fixed_meaning_of(entry e, fixed_kind kind) {
    const unsigned extra = taken_bits(e) - code_bits(e);
    return {static_cast<std::uint16_t>(value_of(e)), static_cast<std::uint16_t>((1U << extra) - 1),
            static_cast<std::uint8_t>(code_bits(e)), static_cast<std::uint8_t>(taken_bits(e)),
            kind};
}

constexpr fixed_kind fixed_kind_of_symbol(entry e) {
    if ((e & is_literal) != 0) {
        return code_bits(e) == 8 ? fixed_kind::plain_literal : fixed_kind::other_literal;
    }
    if ((e & is_special) == 0) {
        return fixed_kind::length;
    }
    return (e & is_end) != 0 ? fixed_kind::end : fixed_kind::nothing;
}

/// By eight bits, which tell all but the other literals apart.
inline constexpr auto fixed_symbol_meanings = [] {
    std::array<fixed_meaning, 256> all{};
    for (unsigned bits = 0; bits < all.size(); ++bits) {
        all[bits] =
            fixed_meaning_of(fixed_literals[bits], fixed_kind_of_symbol(fixed_literals[bits]));
    }
    return all;
}();

inline constexpr auto fixed_distance_meanings = [] {
    std::array<fixed_meaning, fixed_distances.size()> all{};
    for (unsigned bits = 0; bits < all.size(); ++bits) {
        const entry e = fixed_distances[bits];
        all[bits] =
            fixed_meaning_of(e, (e & is_special) != 0 ? fixed_kind::nothing : fixed_kind::distance);
    }
    return all;
}();

}  // namespace plainsong::inflate_table

#endif  // PLAINSONG_CODEC_INFLATE_FIXED_HPP
