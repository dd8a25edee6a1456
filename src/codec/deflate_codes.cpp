// SPDX-License-Identifier: MIT
// deflate_codes.cpp — Huffman codes whose lengths are limited.
//
// Huffman's algorithm joins the two rarest symbols to one, again and again; how often a symbol was
// joined is the length of its code.  With the symbols sorted, what has been joined comes into being
// sorted, too, so that the two rarest are always at the front of one of two queues.
#include <array>
#include <cstring>

#include "src/codec/deflate_state.hpp"

namespace plainsong::detail {

namespace {

constexpr unsigned symbol_bits = 9;

using length_counts = std::array<std::uint16_t, deflate_format::longest_code + 1>;

/// Shell's sort: there are at most 286.
void sort_any(std::uint32_t* keys, unsigned size) {
    for (const unsigned gap : {132U, 57U, 23U, 10U, 4U, 1U}) {
        for (unsigned i = gap; i < size; ++i) {
            const std::uint32_t key = keys[i];
            unsigned at = i;
            for (; at >= gap && keys[at - gap] > key; at -= gap) {
                keys[at] = keys[at - gap];
            }
            keys[at] = key;
        }
    }
}

/// Sorts by how often each count is there.  Keys of one count are in order already.
/// Requires: each count is below small_counts; `room` has place for the keys.
constexpr unsigned small_counts = 64;
void sort_small(std::uint32_t* keys, unsigned size, std::uint32_t* room) {
    std::array<std::uint16_t, small_counts + 1> begins{};
    for (unsigned i = 0; i < size; ++i) {
        ++begins[(keys[i] >> symbol_bits) + 1];
    }
    for (unsigned count = 1; count <= small_counts; ++count) {
        begins[count] = static_cast<std::uint16_t>(begins[count] + begins[count - 1]);
    }
    for (unsigned i = 0; i < size; ++i) {
        room[begins[keys[i] >> symbol_bits]++] = keys[i];
    }
    std::memcpy(keys, room, size * sizeof *keys);
}

/// Joins `size` >= 2 sorted leaves.  workshop.depths gets the depths of the joints, the root's being
/// that of joint size - 2, and workshop.parents the joint above each.
/// Returns: counts[i]: how many leaves have a depth of i; those too deep are counted at `most`.
void grow_tree(code_workshop& workshop, unsigned size, unsigned most, length_counts& counts) {
    // A leaf's parent isn't kept: how many leaves there are at a depth follows from the joints.
    unsigned leaf = 0;
    unsigned joint = 0;
    const auto weight_of_leaf = [&](unsigned i) { return workshop.leaves[i] >> symbol_bits; };
    for (unsigned made = 0; made + 1 < size; ++made) {
        std::uint32_t weight = 0;
        for (int side = 0; side < 2; ++side) {
            if (joint == made || (leaf < size && weight_of_leaf(leaf) <= workshop.weights[joint])) {
                weight += weight_of_leaf(leaf++);
            } else {
                workshop.parents[joint] = static_cast<std::uint16_t>(made);
                weight += workshop.weights[joint++];
            }
        }
        workshop.weights[made] = weight;
    }
    counts = {};
    unsigned depth = 0;
    unsigned places = 1;  // at this depth: leaves and joints
    unsigned next = size - 1;
    workshop.depths[size - 2] = 0;
    while (places != 0) {
        unsigned joints = 0;
        while (next != 0 &&
               (next == size - 1 ? 0U : workshop.depths[workshop.parents[next - 1]] + 1U) ==
                   depth) {
            --next;
            workshop.depths[next] = static_cast<std::uint16_t>(depth);
            ++joints;
        }
        const unsigned length = depth < most ? depth : most;
        counts[length] = static_cast<std::uint16_t>(counts[length] + places - joints);
        places = 2 * joints;
        ++depth;
    }
}

/// Leaves that were lifted to depth `most` take up too many patterns.  Each turn gives one back: the
/// deepest leaf that isn't at the bottom moves down one level and takes a bottom leaf beside it.
void make_it_fit(length_counts& counts, unsigned most) {
    std::uint32_t used = 0;
    for (unsigned bits = 1; bits <= most; ++bits) {
        used += std::uint32_t{counts[bits]} << (most - bits);
    }
    for (; used > 1U << most; --used) {
        unsigned bits = most - 1;
        while (counts[bits] == 0) {
            --bits;
        }
        --counts[bits];
        counts[bits + 1] = static_cast<std::uint16_t>(counts[bits + 1] + 2);
        --counts[most];
    }
}

}  // namespace

void choose_code_lengths(code_workshop& workshop, const std::uint16_t* counts, unsigned size,
                         unsigned most, std::uint8_t* lengths) {
    unsigned used = 0;
    unsigned all_bits = 0;
    for (unsigned symbol = 0; symbol < size; ++symbol) {
        lengths[symbol] = 0;
        if (counts[symbol] != 0) {
            workshop.leaves[used++] = std::uint32_t{counts[symbol]} << symbol_bits | symbol;
            all_bits |= counts[symbol];
        }
    }
    if (used < 2) {
        if (used == 1) {
            lengths[workshop.leaves[0] & ((1U << symbol_bits) - 1)] = 1;
        }
        return;
    }
    if (all_bits < small_counts) {
        sort_small(workshop.leaves.data(), used, workshop.weights.data());
    } else {
        sort_any(workshop.leaves.data(), used);
    }
    length_counts of_length;
    grow_tree(workshop, used, most, of_length);
    make_it_fit(of_length, most);
    const std::uint32_t* rarest = workshop.leaves.data();
    for (unsigned bits = most; bits != 0; --bits) {
        for (unsigned i = of_length[bits]; i != 0; --i) {
            lengths[*rarest++ & ((1U << symbol_bits) - 1)] = static_cast<std::uint8_t>(bits);
        }
    }
}

void assign_codes(const std::uint8_t* lengths, unsigned size, deflate_item* codes) {
    length_counts counts{};
    deflate_format::for_each_used(lengths, size,
                                  [&](unsigned symbol) { ++counts[lengths[symbol]]; });
    std::array<std::uint32_t, deflate_format::longest_code + 1> next{};
    for (unsigned bits = 1; bits <= deflate_format::longest_code; ++bits) {
        next[bits] = (next[bits - 1] + counts[bits - 1]) << 1;
    }
    deflate_format::for_each_used(lengths, size, [&](unsigned symbol) {
        const unsigned bits = lengths[symbol];
        std::uint32_t code = next[bits]++;
        code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
        code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
        code = (code & 0x0f0f) << 4 | (code >> 4 & 0x0f0f);
        code = (code & 0x00ff) << 8 | code >> 8;
        codes[symbol] = item_of(code >> (16 - bits), bits);
    });
}

}  // namespace plainsong::detail
