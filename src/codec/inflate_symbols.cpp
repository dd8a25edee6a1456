// SPDX-License-Identifier: MIT
// inflate_symbols.cpp — literals and matches: a quick loop where input and room are plenty, and a
// careful one for the edges.  Both come to the same verdict.
#include <algorithm>
#include <array>
#include <cstring>

#include "src/codec/inflate_work.hpp"

namespace plainsong {

namespace {

using inflate_table::code_bits;
using inflate_table::entry;
using inflate_table::is_end;
using inflate_table::is_literal;
using inflate_table::is_pointer;
using inflate_table::is_special;
using inflate_table::taken_bits;
using inflate_table::value_of;

// The codes of fixed blocks never change: their tables are made by the compiler.
constexpr unsigned fixed_literal_index = 9;
constexpr unsigned fixed_distance_index = deflate_format::fixed_distance_length;

constexpr auto fixed_literals = [] {
    std::array<std::uint8_t, deflate_format::fixed_literal_symbols> lengths{};
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
        lengths[symbol] = deflate_format::fixed_literal_length(symbol);
    }
    std::array<entry, 1U << fixed_literal_index> table{};
    unsigned index_bits = fixed_literal_index;
    inflate_table::build(lengths.data(), deflate_format::fixed_literal_symbols,
                         inflate_table::literal_meanings.data(), index_bits,
                         inflate_table::gaps::none, table.data());
    return table;
}();

constexpr auto fixed_distances = [] {
    std::array<std::uint8_t, deflate_format::fixed_distance_symbols> lengths{};
    lengths.fill(deflate_format::fixed_distance_length);
    std::array<entry, 1U << fixed_distance_index> table{};
    unsigned index_bits = fixed_distance_index;
    inflate_table::build(lengths.data(), deflate_format::fixed_distance_symbols,
                         inflate_table::distance_meanings.data(), index_bits,
                         inflate_table::gaps::none, table.data());
    return table;
}();

// What a turn of the quick loop may write: three literals, the longest match, and what its last
// wide copy writes too much.
constexpr std::size_t quick_room = 3 + deflate_format::most_match + 16;

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

/// The value of a length or distance: its base and the extra bits behind its code.
std::uint32_t with_extra(entry e, std::uint64_t bits) {
    return value_of(e) + static_cast<std::uint32_t>(deflate_format::low_bits(bits, taken_bits(e)) >>
                                                    code_bits(e));
}

/// The entry that a pointer points to, by the bits behind the first index.
entry second_look(const entry* table, entry pointer, std::uint64_t bits) {
    return table[value_of(pointer) + deflate_format::low_bits(bits, code_bits(pointer))];
}

}  // namespace

inflate_work::tables inflate_work::codes_of_block() const {
    if (self_.is_fixed_) {
        return {fixed_literals.data(), fixed_distances.data(), (1U << fixed_literal_index) - 1,
                (1U << fixed_distance_index) - 1};
    }
    return {self_.literals_.data(), self_.distances_.data(), (1U << self_.literal_index_bits_) - 1,
            (1U << self_.distance_index_bits_) - 1};
}

inflate_work::progress inflate_work::symbols() {
    const tables codes = codes_of_block();
    progress now = progress::going;
    bool tail_is_tried = false;
    while (now == progress::going && self_.stage_ == stage::symbols) {
        if (room_left() < quick_room) {
            now = one_symbol(codes);
        } else if (input_left() >= 8) {
            now = symbols_quickly<false>(codes);
        } else if (!tail_is_tried) {
            tail_is_tried = true;
            now = symbols_quickly<true>(codes);
        } else {
            now = one_symbol(codes);
        }
    }
    return now;
}

// ---- quickly -------------------------------------------------------------------------------------

// A refill gives at least 56 bits: enough for three literals of 10 bits, the codes that the first
// index finds, or for a length (15 and 5 extra) and a distance (15 and 13 extra).  The places and
// bits are in local variables, because a store of text through an octet pointer may change any
// member, for all that the compiler knows.
//
// At the tail of the input the loop goes on in a copy with zeros behind it.  A turn that took some of
// those is taken back.
template <bool IsTail>
inflate_work::progress inflate_work::symbols_quickly(const tables& codes) {
    const entry* const literals = codes.literals;
    const entry* const distances = codes.distances;
    const std::uint64_t literal_mask = codes.literal_mask;
    const std::uint64_t distance_mask = codes.distance_mask;
    std::array<std::uint8_t, IsTail ? 32 : 1> tail;
    const std::uint8_t* in = in_;
    const std::uint8_t* in_safe = in_ + input_left();
    if constexpr (!IsTail) {
        in_safe -= 8;
    } else {
        tail.fill(0);
        std::copy(in_, in_end_, tail.begin());
        in = tail.data();
        in_safe = in + input_left();
    }
    std::uint8_t* out = out_;
    const std::uint8_t* const out_safe = out_limit_ - quick_room;
    std::uint64_t bits = bits_;
    unsigned count = bit_count_;
    error_code wrong = error_code::none;

    const auto refill_quickly = [&] {
        bits |= deflate_format::load_little_endian_64(in) << count;
        in += (63 - count) >> 3;
        count |= 56;
    };
    const auto drop_quickly = [&](unsigned n) {
        bits >>= n;
        count -= n;
    };
    const auto put_literal = [&](entry e) {
        drop_quickly(taken_bits(e));
        *out++ = static_cast<std::uint8_t>(value_of(e));
    };
    // Returns: whether there may be another turn.
    const auto turn = [&]() __attribute__((always_inline)) {
        refill_quickly();
        entry e = literals[bits & literal_mask];
        if ((e & is_literal) != 0) {
            put_literal(e);
            e = literals[bits & literal_mask];
            if ((e & is_literal) != 0) {
                put_literal(e);
                e = literals[bits & literal_mask];
                if ((e & is_literal) != 0) {
                    put_literal(e);
                    return true;
                }
            }
            if (in > in_safe) {
                return true;  // e is looked up again
            }
            refill_quickly();
        }
        if ((e & is_pointer) != 0) {
            drop_quickly(taken_bits(e));
            e = second_look(literals, e, bits);
            if ((e & is_literal) != 0) {
                put_literal(e);
                return true;
            }
        }
        if ((e & is_special) != 0) {
            drop_quickly(taken_bits(e));
            if ((e & is_end) == 0) {
                wrong = error_code::deflate_literal_invalid;
            }
            return false;
        }
        const std::size_t length = with_extra(e, bits);
        drop_quickly(taken_bits(e));
        e = distances[bits & distance_mask];
        if ((e & is_pointer) != 0) {
            drop_quickly(taken_bits(e));
            e = second_look(distances, e, bits);
        }
        if ((e & is_special) != 0) {
            drop_quickly(code_bits(e));
            wrong = error_code::deflate_distance_invalid;
            return false;
        }
        const std::size_t distance = with_extra(e, bits);
        drop_quickly(taken_bits(e));
        const auto at_hand = static_cast<std::size_t>(out - out_begin_);
        if (distance <= at_hand && distance <= self_.reach_) {
            out = copy_in_chunks(out, distance, length);
            return true;
        }
        if (distance > self_.reach_ || distance > text_behind(out)) {
            wrong = error_code::deflate_distance_too_far;
            return false;
        }
        copy_from_before(out, distance, length);
        out += length;
        return true;
    };

    bool goes_on = true;
    while (goes_on && in <= in_safe && out <= out_safe) {
        if constexpr (IsTail) {
            const auto before = std::array{in, static_cast<const std::uint8_t*>(out)};
            const std::uint64_t bits_before = bits;
            const unsigned count_before = count;
            goes_on = turn();
            if (in > in_safe && static_cast<std::size_t>(in - in_safe) * 8 > count) {
                in = before[0];
                out -= out - before[1];
                bits = bits_before;
                count = count_before;
                goes_on = true;
                wrong = error_code::none;
                break;
            }
        } else {
            goes_on = turn();
        }
    }
    if constexpr (IsTail) {
        if (in > in_safe) {  // zeros that are at hand, but not taken
            count -= static_cast<unsigned>(in - in_safe) * 8;
            bits = deflate_format::low_bits(bits, count);
            in = in_safe;
        }
        in = in_end_ - (in_safe - in);
    }
    in_ = in;
    out_ = out;
    bits_ = bits;
    bit_count_ = count;
    if (wrong != error_code::none) {
        return failed(wrong);
    }
    return goes_on ? progress::going : end_block();
}

// ---- carefully -----------------------------------------------------------------------------------

inflate_work::symbol inflate_work::look_up(const entry* table, std::uint64_t mask,
                                           std::uint64_t bits) {
    entry found = table[bits & mask];
    unsigned before = 0;
    if ((found & is_pointer) != 0) {
        before = taken_bits(found);
        found = second_look(table, found, bits >> before);
    }
    return {found, before + code_bits(found), before + taken_bits(found)};
}

inflate_work::progress inflate_work::one_symbol(const tables& codes) {
    refill();
    const symbol next = look_up(codes.literals, codes.literal_mask, bits_);
    if (next.code > bit_count_) {
        return progress::more_input;
    }
    if ((next.meaning & is_literal) != 0) {
        if (room_left() == 0) {
            return no_room();
        }
        drop(next.code);
        *out_++ = static_cast<std::uint8_t>(value_of(next.meaning));
        return progress::going;
    }
    if ((next.meaning & is_special) == 0) {
        return one_match(next, codes);
    }
    if ((next.meaning & is_end) == 0) {
        return failed(error_code::deflate_literal_invalid);
    }
    drop(next.code);
    return end_block();
}

/// A match is judged before it is asked whether there is room for it.
inflate_work::progress inflate_work::one_match(const symbol& length, const tables& codes) {
    if (length.all > bit_count_) {
        return progress::more_input;
    }
    const unsigned before = length.all - taken_bits(length.meaning);
    const std::uint64_t behind = bits_ >> length.all;
    const symbol distance = look_up(codes.distances, codes.distance_mask, behind);
    if (length.all + distance.code > bit_count_) {
        return progress::more_input;
    }
    if ((distance.meaning & is_special) != 0) {
        return failed(error_code::deflate_distance_invalid);
    }
    if (length.all + distance.all > bit_count_) {
        return progress::more_input;
    }
    const unsigned skipped = distance.all - taken_bits(distance.meaning);
    self_.match_length_ = with_extra(length.meaning, bits_ >> before);
    self_.match_distance_ = with_extra(distance.meaning, behind >> skipped);
    drop(length.all + distance.all);
    if (self_.match_distance_ > self_.reach_ || self_.match_distance_ > text_behind(out_)) {
        return failed(error_code::deflate_distance_too_far);
    }
    self_.stage_ = stage::match;
    return copy_match();
}

inflate_work::progress inflate_work::copy_match() {
    const std::size_t size = std::min<std::size_t>(self_.match_length_, room_left());
    if (size != 0) {
        copy_from_before(out_, self_.match_distance_, size);
        out_ += size;
        self_.match_length_ -= static_cast<std::uint32_t>(size);
    }
    if (self_.match_length_ != 0) {
        return no_room();
    }
    self_.stage_ = stage::symbols;
    return progress::going;
}

/// Copies a match, octet by octet where it lies in the text at hand and not an octet too much.
void inflate_work::copy_from_before(std::uint8_t* to, std::size_t distance, std::size_t length) {
    const auto at_hand = static_cast<std::size_t>(to - out_begin_);
    if (distance > at_hand) {
        const std::size_t back = distance - at_hand;
        const std::size_t size = std::min(length, back);
        before_.copy(back, to, size);
        to += size;
        length -= size;
    }
    for (; length != 0; --length, ++to) {
        *to = *(to - distance);
    }
}

}  // namespace plainsong
