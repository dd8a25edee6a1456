// SPDX-License-Identifier: MIT
// mask.cpp — masking with the vectors that every machine has, and the choice of wider ones.
#include <plainsong/codec/mask.hpp>

#include <cstring>

#include "src/codec/mask_kernels.hpp"

namespace plainsong {
namespace masking {
namespace {

// Sixteen octets: one register on x86-64 (SSE2) and on ARM64, two or four elsewhere.
using vector [[gnu::vector_size(16)]] = std::uint32_t;

template <typename Word>
Word load(const std::uint8_t* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

template <typename Word>
void store(std::uint8_t* to, Word word) {
    std::memcpy(to, &word, sizeof word);
}

template <typename Word>
Word widened(std::uint32_t key) {
    if constexpr (sizeof(Word) == sizeof(vector)) {
        return vector{key, key, key, key};
    } else {
        return static_cast<Word>(key * (~Word{0} / 0xffffffff));
    }
}

/// One to two words, of which the second may overlap with the first: both are loaded before either
/// is stored, so that in place no octet is masked twice.
template <typename Word>
void mask_ends(std::uint8_t* to, const std::uint8_t* from, std::size_t size, std::uint32_t key) {
    const std::size_t last = size - sizeof(Word);
    const Word head = load<Word>(from) ^ widened<Word>(key);
    const Word tail = load<Word>(from + last) ^ widened<Word>(rotated(key, size));
    store(to, head);
    store(to + last, tail);
}

void mask_up_to_16(std::uint8_t* to, const std::uint8_t* from, std::size_t size,
                   std::uint32_t key) {
    if (size >= 8) {
        mask_ends<std::uint64_t>(to, from, size, key);
    } else if (size >= 4) {
        mask_ends<std::uint32_t>(to, from, size, key);
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            to[i] = from[i] ^ reinterpret_cast<const std::uint8_t*>(&key)[i];
        }
    }
}

}  // namespace

void mask_portable(std::uint8_t* to, const std::uint8_t* from, std::size_t size,
                   std::uint32_t key) {
    constexpr std::size_t step = sizeof(vector);
    if (size <= step) {
        mask_up_to_16(to, from, size, key);
        return;
    }
    const vector wide = widened<vector>(key);
    const vector tail = load<vector>(from + size - step) ^ widened<vector>(rotated(key, size));
    std::size_t at = 0;
    for (; size - at > 4 * step; at += 4 * step) {
        const vector a = load<vector>(from + at) ^ wide, b = load<vector>(from + at + step) ^ wide,
                     c = load<vector>(from + at + 2 * step) ^ wide,
                     d = load<vector>(from + at + 3 * step) ^ wide;
        store(to + at, a);
        store(to + at + step, b);
        store(to + at + 2 * step, c);
        store(to + at + 3 * step, d);
    }
    for (; size - at > step; at += step) {
        store(to + at, load<vector>(from + at) ^ wide);
    }
    store(to + size - step, tail);
}

}  // namespace masking

// Octet i of the key goes to each octet 4n + i, and sizes stay what they are.
// [6455-5.3-06] [6455-5.3-07]
void copy_masked(std::uint8_t* to, byte_view from, mask_key key) {
    const auto word = std::bit_cast<std::uint32_t>(key.bytes);
#if defined(__x86_64__)
    if (from.size() >= masking::mask_avx2_least && masking::has_avx2()) {
        masking::mask_avx2(to, from.data(), from.size(), word);
        return;
    }
#endif
    masking::mask_portable(to, from.data(), from.size(), word);
}

void apply_mask(byte_span data, mask_key key) {
    copy_masked(data.data(), data, key);
}

}  // namespace plainsong
