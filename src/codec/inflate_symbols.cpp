// SPDX-License-Identifier: MIT
// inflate_symbols.cpp — literals and matches, one at a time and judged at each step: for the edges of
// input and room.  Where both are plenty, inflate_quick.hpp takes over; the verdict is the same, and its
// place: what is judged has been taken, to its last bit, because its first bits may lie in an octet that
// came long before.
#include <algorithm>
#include <array>
#include <cstring>

#include "src/codec/inflate_fixed.hpp"
#include "src/codec/inflate_work.hpp"

namespace plainsong {

namespace {

using inflate_table::code_bits;
using inflate_table::entry;
using inflate_table::is_end;
using inflate_table::is_literal;
using inflate_table::is_pointer;
using inflate_table::is_special;
using inflate_table::second_look;
using inflate_table::taken_bits;
using inflate_table::value_of;
using inflate_table::with_extra;

}  // namespace

inflate_work::tables inflate_work::codes_of_block() const {
    if (self_.is_fixed_) {
        return {inflate_table::fixed_literals.data(), inflate_table::fixed_distances.data(),
                inflate_table::fixed_literals.size() - 1,
                inflate_table::fixed_distances.size() - 1};
    }
    return {self_.literals_.data(), self_.distances_.data(), (1U << self_.literal_index_bits_) - 1,
            (1U << self_.distance_index_bits_) - 1};
}

inflate_work::progress inflate_work::symbols_carefully() {
    const tables codes = codes_of_block();
    progress now = progress::going;
    while (now == progress::going && self_.stage_ == stage::symbols) {
        now = one_symbol(codes);
    }
    return now;
}

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
            const progress now = no_room();
            drop(now == progress::failed ? next.code : 0);
            return now;
        }
        drop(next.code);
        *out_++ = static_cast<std::uint8_t>(value_of(next.meaning));
        return progress::going;
    }
    if ((next.meaning & is_special) == 0) {
        return one_match(next, codes);
    }
    drop(next.code);
    return (next.meaning & is_end) != 0 ? end_block() : failed(error_code::deflate_literal_invalid);
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
        drop(length.all + distance.code);
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
