// SPDX-License-Identifier: MIT
// deflate_format.hpp — the constants of DEFLATE (RFC 1951), and what they are for.
//
// DEFLATE says a text in three kinds of words: "this octet" (a literal), "the `length` octets that
// stand `distance` octets back" (a match; it may reach into what it writes itself, so that distance
// 1 repeats one octet), and "end of block".
//
// Words become bits by Huffman codes: a frequent symbol gets few bits, and no code is the beginning
// of another.  There are two alphabets.  One has the 256 literals, the end of the block (256) and 29
// ranges of lengths (257 to 285); behind a range, a few extra bits say which length of it is meant.
// If it was a length, a symbol of the second alphabet follows: one of 30 ranges of distances, again
// with extra bits.
//
// The text is cut into blocks.  A block begins with three bits: is it the last one, and which of
// three types has it?
//
//   00  stored: to the next octet boundary, LEN and ~LEN in 16 bits each, then LEN octets as they are
//   01  fixed: the codes are those of RFC 1951 §3.2.6
//   10  dynamic: the lengths of both codes come first, themselves Huffman-coded (by a code whose
//       lengths stand there in 3 bits each) with symbols for "repeat" (16) and "zeros" (17, 18)
//
// Lengths are all that is needed: codes of one length are consecutive numbers in the order of their
// symbols, and shorter ones come first.  Numbers are written lowest bit first, but Huffman codes
// highest bit first; here codes are therefore kept with their bits reversed.
#ifndef PLAINSONG_CODEC_DEFLATE_FORMAT_HPP
#define PLAINSONG_CODEC_DEFLATE_FORMAT_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace plainsong::deflate_format {

enum block_type : unsigned { stored_block = 0, fixed_block = 1, dynamic_block = 2 };

inline constexpr unsigned end_of_block = 256;
inline constexpr unsigned first_length_symbol = 257;
inline constexpr unsigned literal_symbols = 286;  // 286 and 287 have fixed codes and no meaning
inline constexpr unsigned distance_symbols = 30;  // 30 and 31 likewise
inline constexpr unsigned fixed_literal_symbols = 288;
inline constexpr unsigned fixed_distance_symbols = 32;
inline constexpr unsigned length_code_symbols = 19;

inline constexpr unsigned longest_code = 15;
inline constexpr unsigned longest_length_code = 7;
inline constexpr unsigned least_match = 3;
inline constexpr unsigned most_match = 258;
inline constexpr unsigned most_stored = 65535;

// The symbols that tell a run of code lengths: the one before 3 to 6 times, 3 to 10 zeros, 11 to 138.
enum run_symbol : unsigned { repeat_previous = 16, few_zeros = 17, many_zeros = 18 };

struct range {
    std::uint16_t base;  // the smallest length or distance
    std::uint8_t extra;  // bits that are added to it
};

// Behind the first eight, each four ranges have one extra bit more; code 285 is 258 alone.
inline constexpr auto length_ranges = [] {
    std::array<range, literal_symbols - first_length_symbol> all{};
    unsigned base = least_match;
    for (unsigned i = 0; i + 1 < all.size(); ++i) {
        const unsigned extra = i < 8 ? 0 : (i - 4) / 4;
        all[i] = {static_cast<std::uint16_t>(base), static_cast<std::uint8_t>(extra)};
        base += 1U << extra;
    }
    all.back() = {most_match, 0};
    return all;
}();

// Behind the first four, each two.
inline constexpr auto distance_ranges = [] {
    std::array<range, distance_symbols> all{};
    unsigned base = 1;
    for (unsigned i = 0; i < all.size(); ++i) {
        const unsigned extra = i < 4 ? 0 : (i - 2) / 2;
        all[i] = {static_cast<std::uint16_t>(base), static_cast<std::uint8_t>(extra)};
        base += 1U << extra;
    }
    return all;
}();

// The lengths of the code of lengths come in this order, so that those seldom used are last and can
// be left out.
inline constexpr std::array<std::uint8_t, length_code_symbols> length_code_order{
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

/// The code length of a literal or length in a fixed block; of a distance it is 5.
constexpr std::uint8_t fixed_literal_length(unsigned symbol) {
    return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
}
inline constexpr std::uint8_t fixed_distance_length = 5;

inline std::uint64_t load_little_endian_64(const std::uint8_t* from) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

inline void store_little_endian_64(std::uint8_t* to, std::uint64_t value) {
    value = std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
    std::memcpy(to, &value, sizeof value);
}

/// The lowest `count` bits of `value`, count < 64.
constexpr std::uint64_t low_bits(std::uint64_t value, unsigned count) {
    return value & ((std::uint64_t{1} << count) - 1);
}

/// Calls `each` with the symbols that have a code.  Most symbols of a short block have none: eight of
/// them are passed over at a time.
template <typename Each>
constexpr void for_each_used(const std::uint8_t* lengths, unsigned size, Each each) {
    unsigned at = 0;
    if (!__builtin_is_constant_evaluated()) {
        for (; at + 8 <= size; at += 8) {
            // A length is at most 15, so that no sum carries into the next octet.
            std::uint64_t used =
                (load_little_endian_64(lengths + at) + 0x7f7f7f7f7f7f7f7f) & 0x8080808080808080;
            for (; used != 0; used &= used - 1) {
                each(at + static_cast<unsigned>(__builtin_ctzll(used)) / 8);
            }
        }
    }
    for (; at < size; ++at) {
        if (lengths[at] != 0) {
            each(at);
        }
    }
}

}  // namespace plainsong::deflate_format

#endif  // PLAINSONG_CODEC_DEFLATE_FORMAT_HPP
