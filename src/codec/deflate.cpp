// SPDX-License-Identifier: MIT
// deflate.cpp — a deflater from call to call.
#include <plainsong/codec/deflate.hpp>

#include <algorithm>
#include <cstring>

#include <plainsong/base/contract.hpp>

#include "src/codec/deflate_state.hpp"

namespace plainsong {

namespace {

using detail::deflate_effort;
using detail::deflate_layout;
using detail::deflate_stage;
using detail::deflate_state;

constexpr deflate_effort efforts[] = {
    {0, 0, 0, 0, false, 0},
    {2, 12, 0, 0, false, 0},
    {48, 128, 32, 8, false, 64},
    {1024, 258, 258, 32, true, 8},
};

/// Gives out pieces of the memory, one behind the other.
class divider {
public:
    explicit divider(byte_span memory) {
        const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
        next_ = memory.data() + (8 - address % 8) % 8;
    }
    template <typename Value>
    Value* take(std::size_t octets) {
        std::uint8_t* const begin = next_;
        next_ += octets;
        return reinterpret_cast<Value*>(begin);
    }

private:
    std::uint8_t* next_;
};

void begin_new_block(deflate_state& state) {
    state.token_count = 0;
    state.literal_counts.fill(0);
    state.distance_counts.fill(0);
    if (state.level == deflate_level::stored) {
        state.fill = 0;
        state.position = 0;
    }
    state.block_begin = static_cast<std::int32_t>(state.position);
}

}  // namespace

deflater::deflater(byte_span memory, unsigned window_bits, deflate_level level) {
    PLAINSONG_REQUIRE(window_bits >= least_window_bits && window_bits <= most_window_bits);
    PLAINSONG_REQUIRE(memory.size() >= deflate_memory(window_bits, level));
    const deflate_layout layout(window_bits, level);
    divider parts(memory);
    state_ = parts.take<deflate_state>(layout.state);
    std::memset(static_cast<void*>(state_), 0, sizeof *state_);
    deflate_state& state = *state_;
    // Tables of two octets first, so that they are aligned.
    state.heads = parts.take<std::uint16_t>(2 * layout.heads);
    state.short_heads = parts.take<std::uint16_t>(2 * layout.short_heads);
    state.links = parts.take<std::uint16_t>(2 * layout.links);
    state.block_tokens = parts.take<std::uint16_t>(2 * layout.tokens);
    state.text = parts.take<std::uint8_t>(layout.text + deflate_layout::slack);
    std::memset(state.heads, 0, 2 * (layout.heads + layout.short_heads + layout.links));
    std::memset(state.text, 0, layout.text + deflate_layout::slack);
    state.token_capacity = static_cast<std::uint32_t>(layout.tokens);
    state.text_capacity = static_cast<std::uint32_t>(layout.text);
    state.reach = static_cast<std::uint32_t>(layout.reach);
    state.slide = static_cast<std::uint32_t>(layout.slide);
    state.kept = static_cast<std::uint32_t>(layout.kept);
    state.link_mask = (1U << window_bits) - 1;
    // Two heads share a hash at the level fast.
    state.hash_shift = 32 - layout.hash_bits + (level == deflate_level::fast ? 1 : 0);
    state.effort = efforts[static_cast<unsigned>(level)];
    state.level = level;
    state.fill = 1;
    state.position = 1;
    forget();
}

void deflater::forget() {
    deflate_state& state = *state_;
    state.position = state.fill;
    state.hashed = state.fill;
    state.floor = state.fill == 0 ? 0 : state.fill - 1;
    state.stage = deflate_stage::gathering;
    state.has_marker = false;
    state.bits = 0;
    state.bit_count = 0;
    state.credit = detail::most_credit;
    begin_new_block(state);
}

deflate_step deflater::deflate(byte_view in, byte_span out, deflate_flush flush) {
    deflate_state& state = *state_;
    deflate_step step;
    for (;;) {
        if (state.stage != deflate_stage::gathering) {
            step.made += detail::emit(state, out.subspan(step.made));
            if (state.stage != deflate_stage::gathering) {
                return step;
            }
            begin_new_block(state);
        }
        if (state.has_marker) {
            state.has_marker = false;
            step.done = true;
            return step;
        }
        const std::size_t size =
            std::min<std::size_t>(in.size() - step.taken, state.text_capacity - state.fill);
        if (size != 0) {
            std::memcpy(state.text + state.fill, in.data() + step.taken, size);
            state.fill += static_cast<std::uint32_t>(size);
            step.taken += size;
        }
        const bool is_last = step.taken == in.size() && flush != deflate_flush::none;
        if (detail::gather(state, is_last) == detail::gathered::block_is_full) {
            detail::begin_block(state);
        } else if (step.taken == in.size()) {
            if (!is_last) {
                step.done = true;
                return step;
            }
            if (static_cast<std::int32_t>(state.position) != state.block_begin) {
                detail::begin_block(state);
            } else {
                state.has_marker = true;
                detail::begin_marker(state, flush == deflate_flush::sync);
            }
        }
    }
}

}  // namespace plainsong
