// SPDX-License-Identifier: MIT
// deflate_emit.cpp — tokens and heads become bits, and bits octets, as there is room.
#include <algorithm>
#include <array>
#include <cstring>

#include "src/codec/deflate_state.hpp"

namespace plainsong::detail {

namespace {

using deflate_format::distance_ranges;
using deflate_format::end_of_block;
using deflate_format::first_length_symbol;
using deflate_format::length_ranges;

// The fixed codes, made by the compiler as assign_codes() would make them.
constexpr unsigned reversed(unsigned code, unsigned bits) {
    unsigned other = 0;
    for (; bits != 0; --bits) {
        other = other << 1 | (code & 1);
        code >>= 1;
    }
    return other;
}

constexpr auto fixed_literal_codes = [] {
    std::array<deflate_item, deflate_format::literal_symbols> all{};
    for (unsigned symbol = 0; symbol < all.size(); ++symbol) {
        const unsigned bits = deflate_format::fixed_literal_length(symbol);
        const unsigned code = symbol < 144   ? 0x30 + symbol
                              : symbol < 256 ? 0x190 + symbol - 144
                              : symbol < 280 ? symbol - 256
                                             : 0xc0 + symbol - 280;
        all[symbol] = item_of(reversed(code, bits), bits);
    }
    return all;
}();

constexpr auto fixed_distance_codes = [] {
    std::array<deflate_item, deflate_format::distance_symbols> all{};
    for (unsigned symbol = 0; symbol < all.size(); ++symbol) {
        all[symbol] = item_of(reversed(symbol, deflate_format::fixed_distance_length),
                              deflate_format::fixed_distance_length);
    }
    return all;
}();

/// Collects bits and writes whole octets.
class bit_sink {
public:
    // The longest word, a match, has 15 + 5 + 15 + 13 bits: what is left of 64.
    static constexpr unsigned most_pending = 15;

    bit_sink(deflate_state& state, byte_span out)
        : begin_(out.data()),
          at_(out.data()),
          end_(out.data() + out.size()),
          bits_(state.bits),
          count_(state.bit_count) {}

    void save(deflate_state& state) const {
        state.bits = bits_;
        state.bit_count = count_;
    }
    [[nodiscard]] std::size_t made() const { return static_cast<std::size_t>(at_ - begin_); }
    [[nodiscard]] std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] bool is_empty() const { return count_ == 0; }

    /// Returns: whether there is place for a word.
    bool has_place() { return count_ <= most_pending || drain(); }

    void put(std::uint64_t value, unsigned bits) {
        bits_ |= value << count_;
        count_ += bits;
    }
    void put(deflate_item item) { put(item >> 8, item & 0xff); }
    void align() { count_ = (count_ + 7) & ~7U; }

    /// Writes whole octets.  Returns: whether there is place for a word then.
    bool drain() {
        if (room() >= 8) {
            deflate_format::store_little_endian_64(at_, bits_);
            at_ += count_ >> 3;
            bits_ >>= count_ & 56;
            count_ &= 7;
            return true;
        }
        while (count_ >= 8 && at_ != end_) {
            *at_++ = static_cast<std::uint8_t>(bits_);
            bits_ >>= 8;
            count_ -= 8;
        }
        return count_ <= most_pending;
    }

    std::size_t copy(const std::uint8_t* from, std::size_t size) {
        size = std::min(size, room());
        if (size != 0) {
            std::memcpy(at_, from, size);
            at_ += size;
        }
        return size;
    }

private:
    std::uint8_t* begin_;
    std::uint8_t* at_;
    std::uint8_t* end_;
    std::uint64_t bits_;
    unsigned count_;
};

bool emit_items(deflate_state& state, bit_sink& sink) {
    while (state.emitted != state.item_count) {
        if (!sink.has_place()) {
            return false;
        }
        sink.put(state.items[state.emitted++]);
    }
    state.emitted = 0;
    state.stage = state.after_items;
    return true;
}

bool emit_tokens(deflate_state& state, bit_sink& to) {
    const deflate_item* const literals =
        state.is_fixed ? fixed_literal_codes.data() : state.literal_codes.data();
    const deflate_item* const distances =
        state.is_fixed ? fixed_distance_codes.data() : state.distance_codes.data();
    const std::uint16_t* token = state.block_tokens + state.emitted;
    const std::uint16_t* const end = state.block_tokens + state.token_count;
    bit_sink sink = to;  // a local one can be kept in registers
    while (token != end && sink.has_place()) {
        const unsigned first = *token++;
        if (first < first_length_token) {
            sink.put(literals[first]);
            // There is place for two more literals, of 15 bits each.
            for (int i = 0; i < 2 && token != end && *token < first_length_token; ++i) {
                sink.put(literals[*token++]);
            }
            continue;
        }
        const unsigned length = first - first_length_token;  // less 3
        const unsigned range = length_range_of[length];
        sink.put(literals[first_length_symbol + range]);
        sink.put(length + deflate_format::least_match - length_ranges[range].base,
                 length_ranges[range].extra);
        const unsigned distance = *token++ + 1U;
        const unsigned symbol = distance_symbol(distance);
        sink.put(distances[symbol]);
        sink.put(distance - distance_ranges[symbol].base, distance_ranges[symbol].extra);
    }
    const bool is_over = token == end && sink.has_place();
    if (is_over) {
        sink.put(literals[end_of_block]);
        state.stage = deflate_stage::gathering;
    }
    state.emitted = static_cast<std::uint32_t>(token - state.block_tokens);
    to = sink;
    return is_over;
}

/// A stored block behind its first three bits: the padding, LEN, ~LEN, then the text.
bool emit_stored(deflate_state& state, bit_sink& sink) {
    if (state.emitted == 0) {
        if (!sink.has_place()) {
            return false;
        }
        sink.align();
        sink.put(state.stored_size, 16);
        sink.put(state.stored_size ^ 0xffff, 16);
        state.emitted = 1;  // one more than the octets
    }
    sink.drain();
    if (!sink.is_empty()) {
        return false;
    }
    const std::uint32_t at = state.emitted - 1;
    const std::size_t size = sink.copy(state.text + state.block_begin + at, state.stored_size - at);
    state.emitted += static_cast<std::uint32_t>(size);
    if (state.emitted - 1 != state.stored_size) {
        return false;
    }
    state.stage = deflate_stage::gathering;
    return true;
}

bool emit_alignment(deflate_state& state, bit_sink& sink) {
    sink.align();
    sink.drain();
    if (!sink.is_empty()) {
        return false;
    }
    state.stage = deflate_stage::gathering;
    return true;
}

bool emit_stage(deflate_state& state, bit_sink& sink) {
    switch (state.stage) {
        case deflate_stage::items:
            return emit_items(state, sink);
        case deflate_stage::tokens:
            return emit_tokens(state, sink);
        case deflate_stage::stored:
            return emit_stored(state, sink);
        case deflate_stage::alignment:
            return emit_alignment(state, sink);
        default:
            return false;
    }
}

}  // namespace

std::size_t emit(deflate_state& state, byte_span out) {
    bit_sink sink(state, out);
    while (emit_stage(state, sink)) {
    }
    sink.save(state);
    return sink.made();
}

}  // namespace plainsong::detail
