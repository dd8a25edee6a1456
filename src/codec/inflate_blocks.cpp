// SPDX-License-Identifier: MIT
// inflate_blocks.cpp — everything of DEFLATE but the symbols: the heads of blocks, stored text and
// the code lengths of dynamic blocks (RFC 1951 §3.2.3, §3.2.4, §3.2.7).
#include "src/codec/inflate_work.hpp"

#include <algorithm>
#include <cstring>

namespace plainsong {

using deflate_format::end_of_block;
using inflate_table::gaps;
using inflate_table::verdict;

// ---- stored blocks -------------------------------------------------------------------------------

inflate_work::progress inflate_work::stored_text() {
    while (self_.match_length_ != 0 && bit_count_ != 0 && room_left() != 0) {
        *out_++ = static_cast<std::uint8_t>(take(8));
        --self_.match_length_;
    }
    if (bit_count_ == 0) {
        bits_ = 0;  // what refill() left there is copied from the input
        const std::size_t size =
            std::min({std::size_t{self_.match_length_}, input_left(), room_left()});
        if (size != 0) {
            std::memcpy(out_, in_, size);
            in_ += size;
            out_ += size;
            self_.match_length_ -= static_cast<std::uint32_t>(size);
        }
    }
    if (self_.match_length_ == 0) {
        return end_block();
    }
    return bit_count_ != 0 || in_ != in_end_ ? no_room() : progress::more_input;
}

// ---- the code lengths of a dynamic block ---------------------------------------------------------

inflate_work::progress inflate_work::code_counts() {
    if (!need(14)) {
        return progress::more_input;
    }
    self_.literal_count_ = static_cast<std::uint16_t>(take(5) + 257);
    self_.distance_count_ = static_cast<std::uint16_t>(take(5) + 1);
    self_.length_count_ = static_cast<std::uint16_t>(take(4) + 4);
    // RFC 1951 leaves 31 and 32 distance codes possible, but two of them would mean nothing.
    if (self_.literal_count_ > deflate_format::literal_symbols ||
        self_.distance_count_ > deflate_format::distance_symbols) {
        return failed(error_code::deflate_too_many_codes);
    }
    self_.lengths_.fill(0);
    self_.index_ = 0;
    self_.stage_ = stage::length_code;
    return progress::going;
}

inflate_work::progress inflate_work::length_code() {
    for (; self_.index_ < self_.length_count_; ++self_.index_) {
        if (!need(3)) {
            return progress::more_input;
        }
        self_.lengths_[deflate_format::length_code_order[self_.index_]] =
            static_cast<std::uint8_t>(take(3));
    }
    unsigned index_bits = inflate_table::length_index_bits;
    const verdict made = inflate_table::build(
        self_.lengths_.data(), deflate_format::length_code_symbols,
        inflate_table::length_meanings.data(), index_bits, gaps::none, self_.distances_.data());
    if (made != verdict::good) {
        return failed(made == verdict::oversubscribed ? error_code::deflate_lengths_oversubscribed
                                                      : error_code::deflate_lengths_incomplete);
    }
    self_.distance_index_bits_ = static_cast<std::uint8_t>(index_bits);
    self_.index_ = 0;
    self_.stage_ = stage::code_lengths;
    return progress::going;
}

inflate_work::progress inflate_work::code_lengths() {
    const unsigned count = unsigned{self_.literal_count_} + self_.distance_count_;
    while (self_.index_ < count) {
        constexpr unsigned most_bits = deflate_format::longest_length_code + 7;
        need(most_bits);
        const entry found = self_.distances_[peek(self_.distance_index_bits_)];
        const unsigned code = inflate_table::code_bits(found);
        if (code > bit_count_) {
            return progress::more_input;
        }
        const unsigned length = inflate_table::value_of(found);
        if (length < deflate_format::repeat_previous) {
            drop(code);
            self_.lengths_[self_.index_++] = static_cast<std::uint8_t>(length);
            continue;
        }
        const progress now = take_run(length, code);
        if (now != progress::going) {
            return now;
        }
    }
    return make_tables();
}

inflate_work::progress inflate_work::take_run(unsigned run, unsigned code) {
    const unsigned extra = run == deflate_format::repeat_previous ? 2
                           : run == deflate_format::few_zeros     ? 3
                                                                  : 7;
    if (code + extra > bit_count_) {
        return progress::more_input;
    }
    drop(code);
    const unsigned times = take(extra) + (run == deflate_format::many_zeros ? 11 : 3);
    std::uint8_t length = 0;
    if (run == deflate_format::repeat_previous) {
        if (self_.index_ == 0) {
            return failed(error_code::deflate_nothing_to_repeat);
        }
        length = self_.lengths_[self_.index_ - 1U];
    }
    const unsigned left = unsigned{self_.literal_count_} + self_.distance_count_ - self_.index_;
    if (times > left) {
        return failed(error_code::deflate_repeat_too_long);
    }
    std::memset(self_.lengths_.data() + self_.index_, length, times);
    self_.index_ = static_cast<std::uint16_t>(self_.index_ + times);
    return progress::going;
}

inflate_work::progress inflate_work::make_tables() {
    const std::uint8_t* lengths = self_.lengths_.data();
    if (lengths[end_of_block] == 0) {
        return failed(error_code::deflate_end_code_missing);
    }
    unsigned index_bits = inflate_table::literal_index_bits;
    const verdict literals =
        inflate_table::build(lengths, self_.literal_count_, inflate_table::literal_meanings.data(),
                             index_bits, gaps::one_code, self_.literals_.data());
    if (literals != verdict::good) {
        return failed(literals == verdict::oversubscribed
                          ? error_code::deflate_literals_oversubscribed
                          : error_code::deflate_literals_incomplete);
    }
    self_.literal_index_bits_ = static_cast<std::uint8_t>(index_bits);
    index_bits = inflate_table::distance_index_bits;
    const verdict distances =
        inflate_table::build(lengths + self_.literal_count_, self_.distance_count_,
                             inflate_table::distance_meanings.data(), index_bits, gaps::one_code,
                             self_.distances_.data());
    if (distances != verdict::good) {
        return failed(distances == verdict::oversubscribed
                          ? error_code::deflate_distances_oversubscribed
                          : error_code::deflate_distances_incomplete);
    }
    self_.distance_index_bits_ = static_cast<std::uint8_t>(index_bits);
    self_.stage_ = stage::symbols;
    return progress::going;
}

}  // namespace plainsong
