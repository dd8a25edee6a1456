// SPDX-License-Identifier: MIT
// deflate_state.hpp — what a deflater keeps in its memory, and the parts that work on it.
//
// A deflater gathers and emits in turn.  Gathering (deflate_matches.cpp) turns text into tokens,
// literals and matches, until a block is full or flushed.  Then it is decided how the block is
// written (deflate_block.cpp, with codes by deflate_codes.cpp), and it is emitted, with as many
// pauses as the room makes necessary (deflate_emit.cpp).
#ifndef PLAINSONG_CODEC_DEFLATE_STATE_HPP
#define PLAINSONG_CODEC_DEFLATE_STATE_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <plainsong/codec/deflate.hpp>

#include "src/codec/deflate_format.hpp"

namespace plainsong::detail {

/// Some bits of output: the value, lowest bit first, above their number in the lowest octet.
using deflate_item = std::uint32_t;

constexpr deflate_item item_of(unsigned value, unsigned bits) {
    return value << 8 | bits;
}

// A token is a literal or, from here on, a length; then the next one is the distance - 1.
inline constexpr std::uint16_t first_length_token = 256;

/// How long the search for matches goes on.
struct deflate_effort {
    std::uint16_t places;       // how many are looked at
    std::uint16_t nice_length;  // a match of this length ends the search
    std::uint16_t lazy_length;  // a match of this length is taken at once
    std::uint16_t good_length;  // a match of this length makes the next search shorter
    bool waits_twice;           // the octet after the next one may have the better match, too
    std::uint16_t income;       // the credit for searches that an octet of text brings
};

inline constexpr std::uint32_t most_credit = 4096;

enum class deflate_stage : std::uint8_t { gathering, items, tokens, stored, alignment };

/// Room for making a code, see deflate_codes.cpp.
struct code_workshop {
    std::array<std::uint32_t, deflate_format::literal_symbols> leaves;
    std::array<std::uint32_t, deflate_format::literal_symbols> weights;
    std::array<std::uint16_t, deflate_format::literal_symbols> parents;
    std::array<std::uint16_t, deflate_format::literal_symbols> depths;
};

struct deflate_state {
    // Where the parts of the memory are.
    std::uint8_t* text;
    std::uint16_t* heads;
    std::uint16_t* short_heads;
    std::uint16_t* links;
    std::uint16_t* block_tokens;
    std::uint32_t token_capacity;
    std::uint32_t text_capacity;
    std::uint32_t reach;
    std::uint32_t slide;
    std::uint32_t kept;
    std::uint32_t link_mask;
    std::uint32_t hash_shift;
    deflate_effort effort;
    deflate_level level;

    // Places in the text.  0 means none, so that the text begins at 1.
    std::uint32_t fill;        // where it ends
    std::uint32_t position;    // what is before is in tokens
    std::uint32_t hashed;      // what is before can be found
    std::uint32_t floor;       // matches begin behind it: what is before is forgotten
    std::int32_t block_begin;  // negative if that text is gone

    std::uint32_t credit;  // for searches, in places that may be looked at
    std::uint64_t spent;   // of it in all, for tests

    // The block.
    std::uint32_t token_count;
    std::array<std::uint16_t, deflate_format::fixed_literal_symbols> literal_counts;
    std::array<std::uint16_t, deflate_format::fixed_distance_symbols> distance_counts;
    std::array<std::uint8_t, deflate_format::literal_symbols> literal_lengths;
    std::array<std::uint8_t, deflate_format::distance_symbols> distance_lengths;
    std::array<deflate_item, deflate_format::literal_symbols> literal_codes;
    std::array<deflate_item, deflate_format::distance_symbols> distance_codes;

    // What is being emitted.
    deflate_stage stage;
    deflate_stage after_items;
    bool has_marker;        // of the present flush
    bool is_fixed;          // the block's codes are the fixed ones
    std::uint32_t emitted;  // items, tokens or octets
    std::uint32_t item_count;
    std::uint32_t stored_size;
    std::uint32_t bit_count;
    std::uint64_t bits;
    code_workshop workshop;
    std::array<deflate_item, 2 + deflate_format::length_code_symbols +
                                 deflate_format::literal_symbols + deflate_format::distance_symbols>
        items;
};

static_assert(sizeof(deflate_state) <= deflate_layout(8, deflate_level::stored).state);

// deflate_matches.cpp

enum class gathered : std::uint8_t { needs_input, block_is_full };

/// Turns text into tokens.  `is_flushing`: no more text will come for now.
gathered gather(deflate_state& state, bool is_flushing);

// deflate_codes.cpp

/// Chooses lengths, `most` at most, so that the sum of count times length is small: the least there
/// is or, where `most` gets in the way, close to it.
void choose_code_lengths(code_workshop& workshop, const std::uint16_t* counts, unsigned size,
                         unsigned most, std::uint8_t* lengths);

/// The canonical codes of these lengths, bit-reversed as they are written; those of symbols without a
/// length stay what they are.
void assign_codes(const std::uint8_t* lengths, unsigned size, deflate_item* codes);

// deflate_block.cpp

/// Decides how the block is written and begins to emit it.
void begin_block(deflate_state& state);

/// Begins to emit the empty stored block of a flush.
void begin_marker(deflate_state& state, bool with_tail);

// deflate_emit.cpp

/// Emits as far as there is room.  Returns: the octets written; the stage tells what is left to do.
std::size_t emit(deflate_state& state, byte_span out);

/// The symbol of a distance's range.
inline unsigned distance_symbol(unsigned distance) {
    const unsigned offset = distance - 1;
    if (offset < 2) {
        return offset;
    }
    const auto high = static_cast<unsigned>(31 - __builtin_clz(offset));
    return 2 * high + (offset >> (high - 1) & 1);
}

/// The number of a length's range, by length - 3.
inline constexpr auto length_range_of = [] {
    std::array<std::uint8_t, 256> all{};
    unsigned range = 0;
    for (unsigned i = 0; i < all.size(); ++i) {
        while (range + 1 < deflate_format::length_ranges.size() &&
               deflate_format::length_ranges[range + 1].base <= i + deflate_format::least_match) {
            ++range;
        }
        all[i] = static_cast<std::uint8_t>(range);
    }
    return all;
}();

}  // namespace plainsong::detail

#endif  // PLAINSONG_CODEC_DEFLATE_STATE_HPP
