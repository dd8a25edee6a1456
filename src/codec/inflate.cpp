// SPDX-License-Identifier: MIT
// inflate.cpp — the window, and an inflater from call to call.
#include <plainsong/codec/inflate.hpp>

#include <algorithm>
#include <cstring>

#include <plainsong/base/contract.hpp>

#include "src/codec/inflate_quick.hpp"

namespace plainsong {

// ---- the window ----------------------------------------------------------------------------------

inflate_window::inflate_window(byte_span memory)
    : memory_(memory.data()), capacity_(static_cast<std::uint32_t>(memory.size())) {
    PLAINSONG_REQUIRE((memory.size() & (memory.size() - 1)) == 0 && memory.size() >= 256 &&
                      memory.size() <= 32768);
}

void inflate_window::remember(byte_view text) {
    if (capacity_ == 0 || text.empty()) {
        return;
    }
    if (text.size() > capacity_) {
        text = text.last(capacity_);
    }
    const std::size_t before_the_end = std::min<std::size_t>(text.size(), capacity_ - next_);
    std::memcpy(memory_ + next_, text.data(), before_the_end);
    if (before_the_end != text.size()) {
        std::memcpy(memory_, text.data() + before_the_end, text.size() - before_the_end);
    }
    const auto size = static_cast<std::uint32_t>(text.size());
    next_ = (next_ + size) & (capacity_ - 1);
    filled_ = std::min(filled_ + size, capacity_);
}

void inflate_window::copy(std::size_t back, std::uint8_t* to, std::size_t count) const {
    PLAINSONG_REQUIRE(count <= back && back <= filled_);
    const std::size_t from = (next_ - back) & (capacity_ - 1);
    const std::size_t before_the_end = std::min<std::size_t>(count, capacity_ - from);
    std::memcpy(to, memory_ + from, before_the_end);
    if (before_the_end != count) {
        std::memcpy(to + before_the_end, memory_, count - before_the_end);
    }
}

// ---- one call ------------------------------------------------------------------------------------

inline inflate_work::progress inflate_work::block_head() {
    if (!need(3)) {
        return progress::more_input;
    }
    const unsigned head = take(3);
    self_.is_final_ = (head & 1) != 0;
    switch (head >> 1) {
        case deflate_format::stored_block:
            drop(bit_count_ % 8);
            self_.stage_ = stage::stored_head;
            return stored_head();
        case deflate_format::fixed_block:
            self_.is_fixed_ = true;
            self_.stage_ = stage::symbols;
            return symbols();
        case deflate_format::dynamic_block:
            self_.is_fixed_ = false;
            self_.stage_ = stage::code_counts;
            return code_counts();
        default:
            return failed(error_code::deflate_block_reserved);
    }
}

inline inflate_work::progress inflate_work::stored_head() {
    if (!need(32)) {
        return progress::more_input;
    }
    const unsigned length = take(16);
    if ((take(16) ^ length) != 0xffff) {
        return failed(error_code::deflate_stored_length_wrong);
    }
    self_.match_length_ = length;
    self_.stage_ = stage::stored_text;
    return progress::going;
}

inline inflate_work::progress inflate_work::step() {
    switch (self_.stage_) {
        case stage::block_head:
            return block_head();
        case stage::stored_head:
            return stored_head();
        case stage::stored_text:
            return stored_text();
        case stage::code_counts:
            return code_counts();
        case stage::length_code:
            return length_code();
        case stage::code_lengths:
            return code_lengths();
        case stage::symbols:
            return symbols();
        case stage::match:
            return copy_match();
        default:
            return progress::failed;
    }
}

inline inflate_step inflate_work::run() {
    progress now = progress::going;
    while (now == progress::going) {
        now = step();
    }
    const auto made = static_cast<std::size_t>(out_ - out_start_);
    self_.budget_ -= made;
    self_.bits_ = deflate_format::low_bits(bits_, bit_count_);
    self_.bit_count_ = bit_count_;
    const auto taken = static_cast<std::size_t>(in_ - in_begin_);
    switch (now) {
        case progress::more_room:
            return {taken, made, inflate_state::more_room, error_code::none};
        case progress::failed:
            return {taken, made, inflate_state::failed, self_.code_, bit_count_ / 8};
        default:
            return {taken, made, inflate_state::more_input, error_code::none};
    }
}

// ---- the inflater --------------------------------------------------------------------------------

void inflater::begin(unsigned window_bits, std::uint64_t budget) {
    PLAINSONG_REQUIRE(window_bits >= least_window_bits && window_bits <= most_window_bits);
    budget_ = budget;
    bits_ = 0;
    bit_count_ = 0;
    reach_ = 1U << window_bits;
    code_ = error_code::none;
    stage_ = stage::block_head;
    tail_taken_ = 0;
    is_final_ = false;
}

inflate_step inflater::inflate(byte_view in, byte_span out, std::size_t at,
                               const inflate_window& before) {
    PLAINSONG_REQUIRE(at <= out.size());
    return inflate_work(*this, in, out, at, before).run();
}

inflate_step inflater::finish(byte_span out, std::size_t at, const inflate_window& before) {
    static constexpr std::uint8_t tail[] = {0x00, 0x00, 0xff, 0xff};
    // So almost every message ends: behind the head of an empty stored block.
    if (stage_ == stage::stored_head && bit_count_ == 0 && tail_taken_ == 0) {
        tail_taken_ = sizeof tail;
        stage_ = stage::block_head;
        return {0, 0, inflate_state::ended, error_code::none};
    }
    inflate_step step = inflate(byte_view{tail}.subspan(tail_taken_), out, at, before);
    tail_taken_ = static_cast<std::uint8_t>(tail_taken_ + step.taken);
    step.taken = 0;
    if (step.state != inflate_state::more_input) {
        return step;
    }
    if (stage_ == stage::block_head && bit_count_ == 0) {
        step.state = inflate_state::ended;
        return step;
    }
    stage_ = stage::failed;
    code_ = error_code::deflate_ends_inside_block;
    step.state = inflate_state::failed;
    step.code = code_;
    return step;
}

}  // namespace plainsong
