// SPDX-License-Identifier: MIT
// inflate_quick.hpp — literals and matches, many at a time, where there is plenty of room.
//
// A refill gives at least 56 bits: enough for three literals of 10 bits, the codes that the first
// index finds, or for a length (15 and 5 extra) and a distance (15 and 13 extra).  So a turn asks
// neither for bits nor for room.  Near the end of the input it finds bits that mean nothing behind
// the last ones; when it has taken some of those, nothing of it counts.
//
// This is a header so that a short message is inflated in one function, with its bits in registers.
#ifndef PLAINSONG_CODEC_INFLATE_QUICK_HPP
#define PLAINSONG_CODEC_INFLATE_QUICK_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/codec/inflate_fixed.hpp"
#include "src/codec/inflate_work.hpp"

#define PLAINSONG_INLINE inline __attribute__((always_inline))

namespace plainsong {

/// Where a quick loop is.
struct inflate_quick_place {
    std::uint8_t* out;
    std::uint64_t bits;
    unsigned count;

    PLAINSONG_INLINE void drop(unsigned n) {
        bits >>= n;
        count -= n;
    }
    PLAINSONG_INLINE void put_literal(inflate_table::entry e) {
        drop(inflate_table::taken_bits(e));
        *out++ = static_cast<std::uint8_t>(inflate_table::value_of(e));
    }
};

/// In the midst of the input.
struct inflate_open_place : inflate_quick_place {
    const std::uint8_t* in;
    const std::uint8_t* safe;  // up to here eight octets can be loaded

    [[nodiscard]] bool can_refill() const { return in <= safe; }
    PLAINSONG_INLINE void refill() {
        bits |= deflate_format::load_little_endian_64(in) << count;
        in += (63 - count) >> 3;
        count |= 56;
    }
    [[nodiscard]] static constexpr bool has_overrun() { return false; }
};

/// Anywhere in the input.
struct inflate_any_place : inflate_quick_place {
    const std::uint8_t* end;  // eight octets can be loaded before it
    std::int64_t rest;        // bits that are not at hand yet; below 0, so many mean nothing

    [[nodiscard]] std::int64_t left() const { return rest + count; }
    [[nodiscard]] bool can_refill() const { return left() > 0; }
    PLAINSONG_INLINE void refill() {
        const std::int64_t back = std::max<std::int64_t>(rest >> 3, 8);
        const std::uint64_t word = deflate_format::load_little_endian_64(end - back);
        bits |= word >> ((back * 8 - rest) & 63) << count;
        rest -= (63 - count) & 56;
        count |= 56;
    }
    [[nodiscard]] bool has_overrun() const { return left() < 0; }
};

namespace inflate_quick {

template <std::size_t Size>
void copy_chunk(std::uint8_t* to, const std::uint8_t* from) {
    std::array<std::uint8_t, Size> chunk;
    std::memcpy(chunk.data(), from, Size);
    std::memcpy(to, chunk.data(), Size);
}

/// Copies what doesn't lie in the 16 octets before `to`.
PLAINSONG_INLINE void copy_apart(std::uint8_t* to, const std::uint8_t* from, std::size_t length) {
    std::uint8_t* const end = to + length;
    do {
        copy_chunk<16>(to, from);
        copy_chunk<16>(to + 16, from + 16);
        to += 32;
        from += 32;
    } while (to < end);
}

/// Copies from less than 16 octets back.  A chunk of eight has at least its first `distance` octets
/// right; behind those, the pattern to repeat is twice as long.
inline void copy_near(std::uint8_t* to, std::size_t distance, std::size_t length) {
    std::uint8_t* const end = to + length;
    const std::uint8_t* from = to - distance;
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
}

// The fixed codes of the octets 0 to 143, which are all of ASCII and then some, have eight bits: they
// are the octets 0x30 to 0xbf, highest bit first.  So they lie in the input as octets that only want
// turning around.

/// Returns: how many of the next seven symbols are such octets, from the first one on.
PLAINSONG_INLINE unsigned count_plain(std::uint64_t codes) {
    // The upper half is 3 to 11: one of the first two bits is set, or both of the next two.
    const std::uint64_t is_plain =
        (codes ^ codes >> 1) | (~(codes | codes >> 1) & codes >> 2 & codes >> 3);
    constexpr std::uint64_t seven = 0x01010101010101;
    constexpr std::uint64_t eighth = std::uint64_t{1} << 56;
    return static_cast<unsigned>(__builtin_ctzll((~is_plain & seven) | eighth)) / 8;
}

/// Returns: the octets whose codes these are, and behind them others.
PLAINSONG_INLINE std::uint64_t plain_octets(std::uint64_t codes) {
    codes = (codes & 0x5555555555555555) << 1 | (codes >> 1 & 0x5555555555555555);
    codes = (codes & 0x3333333333333333) << 2 | (codes >> 2 & 0x3333333333333333);
    codes = (codes & 0x0f0f0f0f0f0f0f0f) << 4 | (codes >> 4 & 0x0f0f0f0f0f0f0f0f);
    return codes - 0x3030303030303030;  // only those others borrow, and from what is behind them
}

}  // namespace inflate_quick

/// One to three literals, a match or the end of the block.
template <typename Place>
PLAINSONG_INLINE inflate_work::turn inflate_work::quick_turn(Place& at, const tables& codes) {
    using namespace inflate_table;
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
                return turn::taken;
            }
        }
        if (!at.can_refill()) {
            return turn::taken;  // e is looked up again
        }
        at.refill();
    }
    if ((e & is_pointer) != 0) {
        at.drop(taken_bits(e));
        e = second_look(codes.literals, e, at.bits);
        if ((e & is_literal) != 0) {
            at.put_literal(e);
            return turn::taken;
        }
    }
    const std::uint64_t bits = at.bits;
    at.drop(taken_bits(e));
    if ((e & is_special) != 0) {
        return (e & is_end) != 0 ? turn::ends_block : turn::not_a_symbol;
    }
    const std::size_t length = with_extra(e, bits);
    e = codes.distances[at.bits & codes.distance_mask];
    if ((e & is_pointer) != 0) {
        at.drop(taken_bits(e));
        e = second_look(codes.distances, e, at.bits);
    }
    const std::size_t distance = with_extra(e, at.bits);
    at.drop(taken_bits(e));
    return (e & is_special) != 0 ? turn::not_a_distance : quick_match(at, length, distance);
}

/// In a block with the fixed codes: one to seven literals, a match or the end of the block, if there
/// are the bits for it.
PLAINSONG_INLINE inflate_work::turn inflate_work::quick_fixed_turn(inflate_any_place& at) {
    using namespace inflate_table;
    at.refill();
    inflate_any_place next = at;
    const fixed_meaning& first = fixed_symbol_meanings[at.bits % fixed_symbol_meanings.size()];
    if (first.kind == fixed_kind::length) {
        next.drop(first.all_bits);
        const fixed_meaning& second =
            fixed_distance_meanings[next.bits % fixed_distance_meanings.size()];
        const std::size_t length = first.base + (at.bits >> first.code_bits & first.mask);
        const std::size_t distance =
            second.base + (next.bits >> deflate_format::fixed_distance_length & second.mask);
        next.drop(second.all_bits);
        if (next.has_overrun()) {
            return turn::lacks_bits;
        }
        at = next;
        return second.kind == fixed_kind::distance ? quick_match(at, length, distance)
                                                   : turn::not_a_distance;
    }
    if (first.kind == fixed_kind::plain_literal) {
        const unsigned plain = inflate_quick::count_plain(at.bits);
        next.drop(plain * 8);
        if (next.has_overrun()) {
            return turn::lacks_bits;
        }
        deflate_format::store_little_endian_64(at.out, inflate_quick::plain_octets(at.bits));
        next.out += plain;
        at = next;
        return turn::taken;
    }
    const entry e = fixed_literals[at.bits % fixed_literals.size()];
    next.drop(taken_bits(e));
    if (next.has_overrun()) {
        return turn::lacks_bits;
    }
    at = next;
    if ((e & is_literal) == 0) {
        return (e & is_end) != 0 ? turn::ends_block : turn::not_a_symbol;
    }
    *at.out++ = static_cast<std::uint8_t>(value_of(e));
    return turn::taken;
}

PLAINSONG_INLINE inflate_work::turn inflate_work::quick_match(inflate_quick_place& at,
                                                              std::size_t length,
                                                              std::size_t distance) {
    const auto at_hand = static_cast<std::size_t>(at.out - out_begin_);
    if (distance > self_.reach_ || distance > at_hand + before_.size()) {
        return turn::reaches_too_far;
    }
    std::uint8_t* const to = at.out;
    at.out += length;
    if (distance > at_hand) {
        copy_from_window(to, distance, length);
    } else if (distance >= 16) {
        inflate_quick::copy_apart(to, to - distance, length);
    } else {
        inflate_quick::copy_near(to, distance, length);
    }
    return turn::taken;
}

/// Copies in chunks what lies in one piece in the window, and far enough from where its memory ends.
PLAINSONG_INLINE void inflate_work::copy_from_window(std::uint8_t* to, std::size_t distance,
                                                     std::size_t length) {
    const std::size_t back = distance - static_cast<std::size_t>(to - out_begin_);
    const std::size_t from = (before_.next_ - back) & (before_.capacity_ - 1);
    if (length <= back && from + length + inflate_quick_excess <= before_.capacity_) {
        inflate_quick::copy_apart(to, before_.memory_ + from, length);
    } else {
        copy_from_before(to, distance, length);
    }
}

/// Takes turns while there are bits and room for one.  Returns: what became of the last one.
template <typename Place>
PLAINSONG_INLINE inflate_work::turn inflate_work::quick_turns(Place& place) {
    const tables codes = codes_of_block();
    const std::uint8_t* const out_safe = out_limit_ - inflate_quick_room;
    Place at = place;
    turn last = turn::taken;
    while (last == turn::taken && at.can_refill() && at.out <= out_safe) {
        [[maybe_unused]] const Place before = at;
        last = quick_turn(at, codes);
        if (at.has_overrun()) {
            at = before;
            last = turn::lacks_bits;
        }
    }
    place = at;
    return last;
}

PLAINSONG_INLINE inflate_work::turn inflate_work::quick_fixed_turns(inflate_any_place& place) {
    const std::uint8_t* const out_safe = out_limit_ - inflate_quick_room;
    inflate_any_place at = place;
    turn last = turn::taken;
    while (last == turn::taken && at.can_refill() && at.out <= out_safe) {
        last = quick_fixed_turn(at);
    }
    place = at;
    return last;
}

/// Takes turns up to the end of the input.
PLAINSONG_INLINE inflate_work::turn inflate_work::quick_turns_to_the_end(inflate_quick_place& at) {
    inflate_any_place any{at, in_end_, in_end_ - in_};
    std::array<std::uint8_t, 8> copy;
    if (in_end_ - in_begin_ < 8) {
        std::copy(in_, in_end_, copy.end() - any.rest);
        any.end = copy.data() + copy.size();
    }
    any.rest *= 8;
    const turn last = self_.is_fixed_ ? quick_fixed_turns(any) : quick_turns(any);
    if (any.rest <= 0) {
        any.count = static_cast<unsigned>(any.left());
        any.bits = deflate_format::low_bits(any.bits, any.count);
        any.rest = 0;
    }
    in_ = in_end_ - any.rest / 8;
    at = any;
    return last;
}

inline inflate_work::progress inflate_work::symbols_quickly() {
    // With so much input left, asking whether a load goes beyond its end is too much.
    constexpr std::size_t much = 64;
    inflate_quick_place at{out_, bits_, bit_count_};
    turn last = turn::taken;
    if (input_left() >= much && !self_.is_fixed_) {
        inflate_open_place open{at, in_, in_end_ - 8};
        last = quick_turns(open);
        in_ = open.in;
        at = open;
    }
    if (last == turn::taken) {
        last = quick_turns_to_the_end(at);
    }
    out_ = at.out;
    bits_ = at.bits;
    bit_count_ = at.count;
    switch (last) {
        case turn::taken:
        case turn::lacks_bits:
            return progress::going;
        case turn::ends_block:
            return end_block();
        case turn::not_a_symbol:
            return failed(error_code::deflate_literal_invalid);
        case turn::not_a_distance:
            return failed(error_code::deflate_distance_invalid);
        default:
            return failed(error_code::deflate_distance_too_far);
    }
}

/// Quickly as far as that goes; then carefully, at the edges.
inline inflate_work::progress inflate_work::symbols() {
    const progress now = room_left() >= inflate_quick_room ? symbols_quickly() : progress::going;
    return now == progress::going && self_.stage_ == stage::symbols ? symbols_carefully() : now;
}

}  // namespace plainsong

#undef PLAINSONG_INLINE

#endif  // PLAINSONG_CODEC_INFLATE_QUICK_HPP
