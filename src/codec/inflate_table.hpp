// SPDX-License-Identifier: MIT
// inflate_table.hpp — tables that decode a Huffman symbol with one look-up, or two if it is rare.
//
// The next bits of the input, as many as the table's first index has, lead to an entry that says
// all about the symbol whose code they begin with: what it means, how long its code is and how many
// extra bits follow.  A code shorter than the index stands at every index that begins with it.
// Codes that are longer share an entry that points to a second table behind the first.
#ifndef PLAINSONG_CODEC_INFLATE_TABLE_HPP
#define PLAINSONG_CODEC_INFLATE_TABLE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/codec/deflate_format.hpp"

namespace plainsong::inflate_table {

// An entry, from its lowest bit:
//    0-5   bits to take, those of the code and the extra ones together (pointer: the first index)
//    8-11  bits of the code (pointer: bits of the second index)
//   12-15  what it is
//   16-31  a literal's octet, the base of a length or distance, the index of a second table
using entry = std::uint32_t;

inline constexpr entry is_literal = 1U << 15;
inline constexpr entry is_special = 1U << 14;  // a pointer, the end, or (if neither) not a symbol
inline constexpr entry is_pointer = 1U << 13;
inline constexpr entry is_end = 1U << 12;

constexpr unsigned taken_bits(entry e) {
    return e & 63;
}
constexpr unsigned code_bits(entry e) {
    return (e >> 8) & 15;
}
constexpr std::uint32_t value_of(entry e) {
    return e >> 16;
}

inline constexpr unsigned literal_index_bits = 10;
inline constexpr unsigned distance_index_bits = 8;
inline constexpr unsigned length_index_bits = deflate_format::longest_length_code;

/// What each symbol's entry is, but for the bits of its code.
inline constexpr auto literal_meanings = [] {
    std::array<entry, deflate_format::fixed_literal_symbols> all{};
    all.fill(is_special);
    for (unsigned octet = 0; octet < 256; ++octet) {
        all[octet] = octet << 16 | is_literal;
    }
    all[deflate_format::end_of_block] = is_special | is_end;
    for (unsigned i = 0; i < deflate_format::length_ranges.size(); ++i) {
        const auto [base, extra] = deflate_format::length_ranges[i];
        all[deflate_format::first_length_symbol + i] = entry{base} << 16 | extra;
    }
    return all;
}();

inline constexpr auto distance_meanings = [] {
    std::array<entry, deflate_format::fixed_distance_symbols> all{};
    all.fill(is_special);
    for (unsigned i = 0; i < deflate_format::distance_ranges.size(); ++i) {
        const auto [base, extra] = deflate_format::distance_ranges[i];
        all[i] = entry{base} << 16 | extra;
    }
    return all;
}();

inline constexpr auto length_meanings = [] {
    std::array<entry, deflate_format::length_code_symbols> all{};
    for (unsigned symbol = 0; symbol < all.size(); ++symbol) {
        all[symbol] = symbol << 16;
    }
    return all;
}();

enum class verdict : std::uint8_t { good, oversubscribed, incomplete };

/// What a code may be that doesn't use up all bit patterns.  zlib draws the line here, too.
enum class gaps : std::uint8_t {
    none,
    one_code,  // no code at all, or one of one bit: enough for a block that needs no other
};

constexpr void lengthen(entry* table, std::size_t size) {
    if (!__builtin_is_constant_evaluated()) {
        std::memcpy(table + size, table, size * sizeof *table);
        return;
    }
    for (std::size_t i = 0; i < size; ++i) {
        table[size + i] = table[i];
    }
}

/// The code after `code` among those of `bits` bits.  Codes are bit-reversed, so that the carry runs
/// from the highest bit down.  Behind the last one it is 0.
constexpr unsigned next_code(unsigned code, unsigned bits) {
    unsigned bit = 1U << (bits - 1);
    while ((code & bit) != 0) {
        code ^= bit;
        bit >>= 1;
    }
    return code | bit;
}

constexpr entry with_code(entry meaning, unsigned bits) {
    return meaning + (bits << 8 | bits);
}

/// The symbols of a code, counted by length and sorted by it, as canonical codes go.
struct sorted_symbols {
    std::array<std::uint16_t, deflate_format::longest_code + 1> counts{};
    std::array<std::uint16_t, deflate_format::fixed_literal_symbols>
        symbols;  // so many as have codes

    constexpr sorted_symbols(const std::uint8_t* lengths, unsigned size) {
        std::array<std::uint16_t, deflate_format::fixed_literal_symbols> used;
        unsigned used_count = 0;
        deflate_format::for_each_used(lengths, size, [&](unsigned symbol) {
            used[used_count++] = static_cast<std::uint16_t>(symbol);
            ++counts[lengths[symbol]];
        });
        std::array<std::uint16_t, deflate_format::longest_code + 2> next{};
        for (unsigned bits = 1; bits <= deflate_format::longest_code; ++bits) {
            next[bits + 1] = static_cast<std::uint16_t>(next[bits] + counts[bits]);
        }
        for (unsigned i = 0; i < used_count; ++i) {
            symbols[next[lengths[used[i]]]++] = used[i];
        }
    }

    /// Returns: the length of the longest code, at least 1.
    [[nodiscard]] constexpr unsigned longest() const {
        unsigned bits = deflate_format::longest_code;
        while (bits > 1 && counts[bits] == 0) {
            --bits;
        }
        return bits;
    }

    /// Returns: how many patterns of 15 bits the codes take up; a whole code takes up 2^15.
    [[nodiscard]] constexpr unsigned used() const {
        unsigned sum = 0;
        for (unsigned bits = 1; bits <= deflate_format::longest_code; ++bits) {
            sum += unsigned{counts[bits]} << (deflate_format::longest_code - bits);
        }
        return sum;
    }
};

/// The tables behind the first one, for codes longer than its index.
class second_tables {
public:
    constexpr second_tables(entry* table, unsigned index_bits)
        : table_(table), index_bits_(index_bits), end_(1U << index_bits) {}

    /// `left`: how many codes there still are of each length, this one included.
    constexpr void add(unsigned code, unsigned bits, entry meaning, const std::uint16_t* left) {
        const auto prefix = static_cast<unsigned>(deflate_format::low_bits(code, index_bits_));
        if (prefix != prefix_) {
            open(prefix, bits, left);
        }
        const unsigned own_bits = bits - index_bits_;
        for (unsigned at = code >> index_bits_; at < 1U << second_bits_; at += 1U << own_bits) {
            table_[begin_ + at] = with_code(meaning, own_bits);
        }
    }

private:
    /// The second index needs as many bits as it takes to tell apart the codes that follow.
    constexpr void open(unsigned prefix, unsigned bits, const std::uint16_t* left) {
        second_bits_ = bits - index_bits_;
        unsigned codes = left[bits];
        while (codes < 1U << second_bits_ &&
               index_bits_ + second_bits_ < deflate_format::longest_code) {
            ++second_bits_;
            codes = (codes << 1) + left[index_bits_ + second_bits_];
        }
        prefix_ = prefix;
        begin_ = end_;
        end_ += 1U << second_bits_;
        table_[prefix] = begin_ << 16 | is_special | is_pointer | second_bits_ << 8 | index_bits_;
    }

    entry* table_;
    unsigned index_bits_;
    unsigned end_;
    unsigned begin_ = 0;
    unsigned prefix_ = ~0U;
    unsigned second_bits_ = 0;
};

constexpr void fill_sparse(const sorted_symbols& sorted, const entry* meanings, unsigned index_bits,
                           entry* table) {
    const entry none = with_code(is_special, 1);
    const entry one = sorted.counts[1] != 0 ? with_code(meanings[sorted.symbols[0]], 1) : none;
    for (unsigned at = 0; at < 1U << index_bits; at += 2) {
        table[at] = one;
        table[at + 1] = none;
    }
}

/// Makes the table of the code in which symbol i has lengths[i] bits, or no code if that is 0.
/// `index_bits`: the most bits that the first index may have; afterwards those that it has, fewer if
/// no code is so long.
/// Requires: `table` has room for the largest table of such a code.  Cost: about one store for each
/// entry; the table doubles from one code length to the next instead of being filled code by code.
constexpr verdict build(const std::uint8_t* lengths, unsigned size, const entry* meanings,
                        unsigned& index_bits, gaps allowed, entry* table) {
    sorted_symbols sorted(lengths, size);
    index_bits = index_bits < sorted.longest() ? index_bits : sorted.longest();
    const unsigned used = sorted.used();
    constexpr unsigned whole = 1U << deflate_format::longest_code;
    if (used > whole) {
        return verdict::oversubscribed;
    }
    if (used < whole) {
        const bool is_one = used == 0 || (used == whole / 2 && sorted.counts[1] == 1);
        if (!is_one || allowed == gaps::none) {
            return verdict::incomplete;
        }
        fill_sparse(sorted, meanings, index_bits, table);
        return verdict::good;
    }
    const std::uint16_t* symbol = sorted.symbols.data();
    unsigned code = 0;
    table[0] = is_special;
    for (unsigned bits = 1; bits <= index_bits; ++bits) {
        lengthen(table, std::size_t{1} << (bits - 1));
        for (unsigned i = sorted.counts[bits]; i != 0; --i) {
            table[code] = with_code(meanings[*symbol++], bits);
            code = next_code(code, bits);
        }
    }
    second_tables second(table, index_bits);
    for (unsigned bits = index_bits + 1; bits <= deflate_format::longest_code; ++bits) {
        for (; sorted.counts[bits] != 0; --sorted.counts[bits]) {
            second.add(code, bits, meanings[*symbol++], sorted.counts.data());
            code = next_code(code, bits);
        }
    }
    return verdict::good;
}

/// The value of a length or distance: its base and the extra bits behind its code.
constexpr std::uint32_t with_extra(entry e, std::uint64_t bits) {
    return value_of(e) + static_cast<std::uint32_t>(deflate_format::low_bits(bits, taken_bits(e)) >>
                                                    code_bits(e));
}

/// The entry that a pointer points to, by the bits behind the first index.
constexpr entry second_look(const entry* table, entry pointer, std::uint64_t bits) {
    return table[value_of(pointer) + deflate_format::low_bits(bits, code_bits(pointer))];
}

}  // namespace plainsong::inflate_table

#endif  // PLAINSONG_CODEC_INFLATE_TABLE_HPP
