// SPDX-License-Identifier: MIT
// inflate_quick.cpp — literals and matches, many at a time, where input and room are plenty.
//
// A refill gives at least 56 bits: enough for three literals of 10 bits, the codes that the first
// index finds, or for a length (15 and 5 extra) and a distance (15 and 13 extra).  So a turn asks
// neither for bits nor for room.
#include <algorithm>
#include <array>
#include <cstring>

#include "src/codec/inflate_work.hpp"

#define PLAINSONG_INLINE inline __attribute__((always_inline))

namespace plainsong {

using inflate_table::entry;
using inflate_table::is_end;
using inflate_table::is_literal;
using inflate_table::is_pointer;
using inflate_table::is_special;
using inflate_table::second_look;
using inflate_table::taken_bits;
using inflate_table::value_of;
using inflate_table::with_extra;

struct inflate_quick_place {
    const std::uint8_t* in;
    std::uint8_t* out;
    std::uint64_t bits;
    unsigned count;
    bool block_ends = false;

    PLAINSONG_INLINE void refill() {
        bits |= deflate_format::load_little_endian_64(in) << count;
        in += (63 - count) >> 3;
        count |= 56;
    }
    PLAINSONG_INLINE void drop(unsigned n) {
        bits >>= n;
        count -= n;
    }
    PLAINSONG_INLINE void put_literal(entry e) {
        drop(taken_bits(e));
        *out++ = static_cast<std::uint8_t>(value_of(e));
    }
};

namespace {

template <std::size_t Size>
void copy_chunk(std::uint8_t* to, const std::uint8_t* from) {
    std::array<std::uint8_t, Size> chunk;
    std::memcpy(chunk.data(), from, Size);
    std::memcpy(to, chunk.data(), Size);
}

/// Copies a match in chunks, up to 15 octets too much.
inline std::uint8_t* copy_in_chunks(std::uint8_t* to, std::size_t distance, std::size_t length) {
    std::uint8_t* const end = to + length;
    const std::uint8_t* from = to - distance;
    if (distance >= 16) {
        do {
            copy_chunk<16>(to, from);
            to += 16;
            from += 16;
        } while (to < end);
        return end;
    }
    // The match reads what it writes.  A chunk of eight has at least its first `distance` octets
    // right; behind those, the pattern to repeat is twice as long.
    while (distance < 8) {
        copy_chunk<8>(to, from);
        to += distance;
        distance *= 2;
    }
    do {
        copy_chunk<8>(to, from);
        to += 8;
        from += 8;
    } while (to < end);
    return end;
}

}  // namespace

/// One to three literals, a match or the end of the block.
PLAINSONG_INLINE error_code inflate_work::quick_turn(inflate_quick_place& at, const tables& codes,
                                                     const std::uint8_t* in_safe) {
    at.refill();
    entry e = codes.literals[at.bits & codes.literal_mask];
    if ((e & is_literal) != 0) {
        at.put_literal(e);
        e = codes.literals[at.bits & codes.literal_mask];
        if ((e & is_literal) != 0) {
            at.put_literal(e);
            e = codes.literals[at.bits & codes.literal_mask];
            if ((e & is_literal) != 0) {
                at.put_literal(e);
                return error_code::none;
            }
        }
        if (at.in > in_safe) {
            return error_code::none;  // e is looked up again
        }
        at.refill();
    }
    if ((e & is_pointer) != 0) {
        at.drop(taken_bits(e));
        e = second_look(codes.literals, e, at.bits);
        if ((e & is_literal) != 0) {
            at.put_literal(e);
            return error_code::none;
        }
    }
    if ((e & is_special) != 0) {
        at.drop(taken_bits(e));
        at.block_ends = (e & is_end) != 0;
        return at.block_ends ? error_code::none : error_code::deflate_literal_invalid;
    }
    return quick_match(at, e, codes);
}

PLAINSONG_INLINE error_code inflate_work::quick_match(inflate_quick_place& at, entry e,
                                                      const tables& codes) {
    const std::size_t length = with_extra(e, at.bits);
    at.drop(taken_bits(e));
    e = codes.distances[at.bits & codes.distance_mask];
    if ((e & is_pointer) != 0) {
        at.drop(taken_bits(e));
        e = second_look(codes.distances, e, at.bits);
    }
    if ((e & is_special) != 0) {
        at.drop(taken_bits(e));
        return error_code::deflate_distance_invalid;
    }
    const std::size_t distance = with_extra(e, at.bits);
    at.drop(taken_bits(e));
    const auto at_hand = static_cast<std::size_t>(at.out - out_begin_);
    if (distance <= at_hand && distance <= self_.reach_) {
        at.out = copy_in_chunks(at.out, distance, length);
        return error_code::none;
    }
    if (distance > self_.reach_ || distance > text_behind(at.out)) {
        return error_code::deflate_distance_too_far;
    }
    copy_from_before(at.out, distance, length);
    at.out += length;
    return error_code::none;
}

inflate_work::progress inflate_work::symbols_quickly(const tables& given) {
    const tables codes = given;
    const std::uint8_t* const in_safe = in_end_ - 8;
    const std::uint8_t* const out_safe = out_limit_ - inflate_quick_room;
    inflate_quick_place at{in_, out_, bits_, bit_count_};
    error_code wrong = error_code::none;
    while (at.in <= in_safe && at.out <= out_safe && !at.block_ends && wrong == error_code::none) {
        wrong = quick_turn(at, codes, in_safe);
    }
    in_ = at.in;
    out_ = at.out;
    bits_ = at.bits;
    bit_count_ = at.count;
    if (wrong != error_code::none) {
        return failed(wrong);
    }
    return at.block_ends ? end_block() : progress::going;
}

/// The last octets of the input, in a copy with zeros behind them.  A turn that took some of those is
/// taken back.
inflate_work::progress inflate_work::tail_quickly(const tables& given) {
    const tables codes = given;
    std::array<std::uint8_t, 32> tail{};
    std::copy(in_, in_end_, tail.begin());
    const std::uint8_t* const end = tail.data() + input_left();
    const std::uint8_t* const out_safe = out_limit_ - inflate_quick_room;
    inflate_quick_place at{tail.data(), out_, bits_, bit_count_};
    error_code wrong = error_code::none;
    while (at.in <= end && at.out <= out_safe && !at.block_ends && wrong == error_code::none) {
        const inflate_quick_place before = at;
        wrong = quick_turn(at, codes, end);
        if (at.in > end && static_cast<std::size_t>(at.in - end) * 8 > at.count) {
            at = before;
            wrong = error_code::none;
            break;
        }
    }
    if (at.in > end) {  // zeros that are at hand, but not taken
        at.count -= static_cast<unsigned>(at.in - end) * 8;
        at.bits = deflate_format::low_bits(at.bits, at.count);
        at.in = end;
    }
    in_ = in_end_ - (end - at.in);
    out_ = at.out;
    bits_ = at.bits;
    bit_count_ = at.count;
    if (wrong != error_code::none) {
        return failed(wrong);
    }
    return at.block_ends ? end_block() : progress::going;
}

}  // namespace plainsong

#undef PLAINSONG_INLINE
