// SPDX-License-Identifier: MIT
// utf8_avx512.hpp — the faults of 64 octets of UTF-8, with AVX-512 VBMI.
//
// Two questions are asked of each octet.  Must it be a tail, because of the one, two or three octets
// before it, and is it one?  And does the lead before it bar this tail?  Lookups in tables of 64 and
// 128 answer at once what a tail is and what a lead bars.  The idea of classifying by lookup is from
// Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021), where halves of
// octets are looked up; tables of this size need fewer.
// Used by: src/codec/utf8_avx512.cpp, src/codec/unmask_text_avx512.cpp.  Depends on: nothing.
#ifndef PLAINSONG_SRC_CODEC_UTF8_AVX512_HPP
#define PLAINSONG_SRC_CODEC_UTF8_AVX512_HPP

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define PLAINSONG_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,bmi2")))

namespace plainsong::utf8::avx512 {

constexpr std::size_t block_size = 64;
constexpr std::size_t group_size = 4 * block_size;  // looked at together: is it all ASCII?
constexpr std::size_t run_size = 4 * group_size;  // if not, how much is checked before asking again
constexpr std::size_t overlap = 16;               // see `add_faults`

// GCC 12 warns of values that the intrinsics without a mask leave undefined; where it does, the
// form with a mask of ones takes their place and compiles to the same instruction.
constexpr std::uint64_t everywhere = ~std::uint64_t{0};

constexpr std::uint8_t is_tail = 0x80;  // beside the kind, so that one lookup finds both
constexpr std::uint8_t tail_8x = 1, tail_9x = 2, tail_ax_bx = 4;
constexpr std::uint8_t any_tail = tail_8x | tail_9x | tail_ax_bx;

// What an octet is as a tail, by its upper six bits.
struct tail_table {
    alignas(block_size) std::uint8_t of[64] = {};

    constexpr tail_table() {
        for (unsigned octet = 0x80; octet <= 0xbf; ++octet) {
            const std::uint8_t kind = octet < 0x90 ? tail_8x : octet < 0xa0 ? tail_9x : tail_ax_bx;
            of[octet >> 2] = is_tail | kind;
        }
    }
};

// Which tails a lead bars, by its lower seven bits.  ASCII shares the entries, harmlessly: a tail
// after it is a fault anyhow.
struct bar_table {
    alignas(block_size) std::uint8_t of[128] = {};

    constexpr bar_table() {
        bar(0xc0, any_tail);              // [3629-3-04]
        bar(0xc1, any_tail);              // [3629-3-04]
        bar(0xe0, tail_8x | tail_9x);     // [3629-3-04]
        bar(0xed, tail_ax_bx);            // [3629-3-02]
        bar(0xf0, tail_8x);               // [3629-3-04]
        bar(0xf4, tail_9x | tail_ax_bx);  // [3629-3-03]
        for (unsigned lead = 0xf5; lead <= 0xff; ++lead) {
            bar(lead, any_tail);  // [3629-3-03]
        }
    }
    constexpr void bar(unsigned lead, std::uint8_t tails) { of[lead & 0x7f] = tails; }
};

inline constexpr tail_table tails{};
inline constexpr bar_table bars{};

// The faults of some blocks, in the bits named above; the other bits mean nothing.
struct faults {
    __m512i uneven;  // is_tail: "must be a tail" and "is a tail" differ
    __m512i barred;  // any_tail: a lead met a tail that it bars
};

PLAINSONG_AVX512 inline __m512i load(const std::uint8_t* from) {
    return _mm512_loadu_si512(from);
}

PLAINSONG_AVX512 inline __m512i all(std::uint8_t octet) {
    return _mm512_set1_epi8(static_cast<char>(octet));
}

/// Adds the faults of `block`.  `before` is the same text 16 octets earlier, so that each 16-octet
/// lane finds its left neighbour in the same lane, where shifting is cheap.
PLAINSONG_AVX512 inline void add_faults(faults& found, __m512i block, __m512i before) {
    const __m512i before_1 = _mm512_alignr_epi8(block, before, 15);
    const __m512i before_2 = _mm512_alignr_epi8(block, before, 14);
    const __m512i before_3 = _mm512_alignr_epi8(block, before, 13);
    // Saturating: the top bit stays behind a lead, a lead of three or more, a lead of four.
    const __m512i second = _mm512_subs_epu8(before_1, all(0xc0 - is_tail));
    const __m512i third = _mm512_subs_epu8(before_2, all(0xe0 - is_tail));
    const __m512i fourth = _mm512_subs_epu8(before_3, all(0xf0 - is_tail));
    const __m512i must = _mm512_ternarylogic_epi64(second, third, fourth, 0xfe);  // a | b | c

    const __m512i kind = _mm512_maskz_permutexvar_epi8(everywhere, _mm512_srli_epi16(block, 2),
                                                       _mm512_load_si512(tails.of));
    const __m512i barred = _mm512_permutex2var_epi8(_mm512_load_si512(bars.of), before_1,
                                                    _mm512_load_si512(bars.of + block_size));
    found.uneven = _mm512_ternarylogic_epi64(found.uneven, must, kind, 0xf6);    // a | (b ^ c)
    found.barred = _mm512_ternarylogic_epi64(found.barred, barred, kind, 0xf8);  // a | (b & c)
}

PLAINSONG_AVX512 inline std::uint64_t places_of(const faults& found) {
    const __m512i chosen =
        _mm512_ternarylogic_epi64(all(is_tail), found.uneven, found.barred, 0xca);  // a ? b : c
    return _mm512_test_epi8_mask(chosen, all(is_tail | any_tail));
}

PLAINSONG_AVX512 inline faults none() {
    return {_mm512_setzero_si512(), _mm512_setzero_si512()};
}

/// What `add_faults` wants before the first block of a text: as if ASCII had gone before.
PLAINSONG_AVX512 inline __m512i text_before_first(__m512i block) {
    return _mm512_maskz_alignr_epi64(0xff, block, _mm512_setzero_si512(), 6);
}

PLAINSONG_AVX512 inline bool is_ascii(__m512i octets) {
    return _mm512_movepi8_mask(octets) == 0;
}

/// All bits of five vectors.
PLAINSONG_AVX512 inline __m512i any_of(__m512i a, __m512i b, __m512i c, __m512i d, __m512i e) {
    return _mm512_ternarylogic_epi64(_mm512_ternarylogic_epi64(a, b, c, 0xfe), d, e, 0xfe);
}

/// Returns: how much of `left` octets, at least a block, is the next run: whole blocks.
constexpr std::size_t next_run(std::size_t left) {
    return left >= run_size ? run_size : left - left % block_size;
}

}  // namespace plainsong::utf8::avx512

#endif
#endif  // PLAINSONG_SRC_CODEC_UTF8_AVX512_HPP
