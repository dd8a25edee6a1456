// SPDX-License-Identifier: MIT
// deflate_block.cpp — the cheapest way to write a block: stored, with the fixed codes, or with codes
// of its own that have to be told first.
#include "src/codec/deflate_state.hpp"

namespace plainsong::detail {

namespace {

using deflate_format::distance_ranges;
using deflate_format::distance_symbols;
using deflate_format::end_of_block;
using deflate_format::first_length_symbol;
using deflate_format::length_code_symbols;
using deflate_format::length_ranges;
using deflate_format::literal_symbols;

// With fewer tokens than this, telling codes costs more than they save, and making them most of the
// time.
constexpr unsigned least_dynamic_tokens = 32;

struct costs {
    std::uint32_t fixed = 0;    // bits of all symbols in the fixed codes
    std::uint32_t dynamic = 0;  // in codes of their own
    std::uint32_t extra = 0;    // behind either of them
};

costs cost_of_symbols(const deflate_state& state) {
    costs sum;
    // Eight bits each, but nine for some octets and seven for most lengths.
    for (unsigned symbol = 0; symbol < literal_symbols; ++symbol) {
        const std::uint32_t count = state.literal_counts[symbol];
        sum.fixed += 8 * count;
        sum.dynamic += count * state.literal_lengths[symbol];
    }
    for (unsigned symbol = 144; symbol < 256; ++symbol) {
        sum.fixed += state.literal_counts[symbol];
    }
    for (unsigned symbol = 256; symbol < 280; ++symbol) {
        sum.fixed -= state.literal_counts[symbol];
    }
    for (unsigned i = 0; i < length_ranges.size(); ++i) {
        sum.extra +=
            std::uint32_t{state.literal_counts[first_length_symbol + i]} * length_ranges[i].extra;
    }
    for (unsigned symbol = 0; symbol < distance_symbols; ++symbol) {
        const std::uint32_t count = state.distance_counts[symbol];
        sum.fixed += count * deflate_format::fixed_distance_length;
        sum.dynamic += count * state.distance_lengths[symbol];
        sum.extra += count * distance_ranges[symbol].extra;
    }
    return sum;
}

/// The symbols that tell the code lengths, each with what stands behind it.
class lengths_told {
public:
    struct symbol {
        std::uint8_t which;
        std::uint8_t extra;
    };

    void add_all(const std::uint8_t* lengths, unsigned size) {
        for (unsigned at = 0; at < size;) {
            const std::uint8_t length = lengths[at];
            unsigned run = 1;
            while (at + run < size && lengths[at + run] == length) {
                ++run;
            }
            at += run;
            add_run(length, run);
        }
    }

    std::array<symbol, literal_symbols + distance_symbols> symbols;
    unsigned count = 0;
    std::array<std::uint16_t, length_code_symbols> counts{};
    unsigned extra_bits = 0;

private:
    void add_run(std::uint8_t length, unsigned run) {
        if (length == 0) {
            for (unsigned most = 138; run >= 11; run -= most) {
                most = run < most ? run : most;
                add(deflate_format::many_zeros, most - 11, 7);
            }
            if (run >= 3) {
                add(deflate_format::few_zeros, run - 3, 3);
                return;
            }
        } else {
            add(length, 0, 0);
            --run;
            for (unsigned most = 6; run >= 3; run -= most) {
                most = run < most ? run : most;
                add(deflate_format::repeat_previous, most - 3, 2);
            }
        }
        for (; run != 0; --run) {
            add(length, 0, 0);
        }
    }
    void add(unsigned which, unsigned extra, unsigned bits) {
        symbols[count++] = {static_cast<std::uint8_t>(which), static_cast<std::uint8_t>(extra)};
        ++counts[which];
        extra_bits += bits;
    }
};

struct dynamic_head {
    unsigned literals = literal_symbols;
    unsigned distances = distance_symbols;
    unsigned length_codes = length_code_symbols;
    std::array<std::uint8_t, length_code_symbols> lengths{};
    lengths_told told;

    explicit dynamic_head(deflate_state& state) {
        while (state.literal_lengths[literals - 1] == 0) {
            --literals;  // the end of the block has a code
        }
        while (distances > 1 && state.distance_lengths[distances - 1] == 0) {
            --distances;
        }
        // A run may go on from one alphabet to the other.
        std::array<std::uint8_t, literal_symbols + distance_symbols> all;
        std::memcpy(all.data(), state.literal_lengths.data(), literals);
        std::memcpy(all.data() + literals, state.distance_lengths.data(), distances);
        told.add_all(all.data(), literals + distances);
        choose_code_lengths(state.workshop, told.counts.data(), length_code_symbols,
                            deflate_format::longest_length_code, lengths.data());
        while (length_codes > 4 &&
               lengths[deflate_format::length_code_order[length_codes - 1]] == 0) {
            --length_codes;
        }
    }
    [[nodiscard]] std::uint32_t cost() const {
        std::uint32_t bits = 5 + 5 + 4 + 3 * length_codes + told.extra_bits;
        for (unsigned i = 0; i < length_code_symbols; ++i) {
            bits += std::uint32_t{told.counts[i]} * lengths[i];
        }
        return bits;
    }
};

void add_item(deflate_state& state, unsigned value, unsigned bits) {
    state.items[state.item_count++] = item_of(value, bits);
}

/// `type` in two bits behind a 0: no block of a WebSocket message has to be the last one.
void begin_items(deflate_state& state, unsigned type, deflate_stage next) {
    state.item_count = 0;
    state.emitted = 0;
    state.stage = deflate_stage::items;
    state.after_items = next;
    add_item(state, type << 1, 3);
}

void begin_dynamic(deflate_state& state, const dynamic_head& head) {
    assign_codes(state.literal_lengths.data(), literal_symbols, state.literal_codes.data());
    assign_codes(state.distance_lengths.data(), distance_symbols, state.distance_codes.data());
    std::array<deflate_item, length_code_symbols> codes;
    assign_codes(head.lengths.data(), length_code_symbols, codes.data());
    state.is_fixed = false;
    begin_items(state, deflate_format::dynamic_block, deflate_stage::tokens);
    add_item(state,
             (head.literals - 257) | (head.distances - 1) << 5 | (head.length_codes - 4) << 10, 14);
    for (unsigned i = 0; i < head.length_codes; ++i) {
        add_item(state, head.lengths[deflate_format::length_code_order[i]], 3);
    }
    for (unsigned i = 0; i < head.told.count; ++i) {
        const auto [which, extra] = head.told.symbols[i];
        const deflate_item code = codes[which];
        const unsigned bits = code & 0xff;
        const unsigned extra_bits = which == deflate_format::repeat_previous ? 2
                                    : which == deflate_format::few_zeros     ? 3
                                    : which == deflate_format::many_zeros    ? 7
                                                                             : 0;
        add_item(state, code >> 8 | unsigned{extra} << bits, bits + extra_bits);
    }
}

}  // namespace

void begin_block(deflate_state& state) {
    const auto size =
        static_cast<std::uint32_t>(static_cast<std::int32_t>(state.position) - state.block_begin);
    // Judged by its size alone, so that what is written doesn't depend on where in memory it is.
    const bool can_store = size <= state.kept;
    const std::uint32_t stored_cost = 7 + 32 + 8 * size;  // if as much as can be is padding
    if (state.level == deflate_level::stored) {
        state.stored_size = size;
        begin_items(state, deflate_format::stored_block, deflate_stage::stored);
        return;
    }
    state.literal_counts[end_of_block] = 1;
    const bool tries_dynamic = state.token_count >= least_dynamic_tokens;
    if (tries_dynamic) {
        choose_code_lengths(state.workshop, state.literal_counts.data(), literal_symbols,
                            deflate_format::longest_code, state.literal_lengths.data());
        choose_code_lengths(state.workshop, state.distance_counts.data(), distance_symbols,
                            deflate_format::longest_code, state.distance_lengths.data());
    }
    const costs cost = cost_of_symbols(state);
    if (tries_dynamic && cost.dynamic < cost.fixed) {
        const dynamic_head head(state);
        const std::uint32_t dynamic = head.cost() + cost.dynamic;
        if (dynamic < cost.fixed && (!can_store || dynamic + cost.extra < stored_cost)) {
            begin_dynamic(state, head);
            return;
        }
    }
    if (can_store && stored_cost <= cost.fixed + cost.extra) {
        state.stored_size = size;
        begin_items(state, deflate_format::stored_block, deflate_stage::stored);
        return;
    }
    state.is_fixed = true;
    begin_items(state, deflate_format::fixed_block, deflate_stage::tokens);
}

void begin_marker(deflate_state& state, bool with_tail) {
    state.stored_size = 0;
    begin_items(state, deflate_format::stored_block,
                with_tail ? deflate_stage::stored : deflate_stage::alignment);
}

}  // namespace plainsong::detail
