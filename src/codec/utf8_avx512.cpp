// SPDX-License-Identifier: MIT
// utf8_avx512.cpp — UTF-8 checked 64 octets at a time with AVX-512 VBMI.
//
// Two questions are asked of each octet.  Must it be a tail, because of the one, two or three
// octets before it, and is it one?  And does the lead before it bar this tail?  Lookups in tables
// of 64 and 128 answer at once what a tail is and what a lead bars.  The idea of classifying by
// lookup is from Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte"
// (2021), where halves of octets are looked up; tables of this size need fewer.
#include "src/codec/utf8_kernels.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define PLAINSONG_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,bmi2")))

namespace plainsong::utf8 {
namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t group_size = 4 * block_size;
constexpr std::size_t overlap = 16;  // see `add_faults`

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

constexpr tail_table tails{};
constexpr bar_table bars{};

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

/// What `add_faults` wants as the text before the block at `done`; before its begin there is ASCII.
PLAINSONG_AVX512 inline __m512i text_before(const std::uint8_t* from, std::size_t done) {
    if (done == 0) {
        return _mm512_maskz_alignr_epi64(0xff, load(from), _mm512_setzero_si512(), 6);
    }
    return load(from + done - overlap);
}

/// The places of the faults in the last block, of fewer than 64 octets.
PLAINSONG_AVX512 inline std::uint64_t faults_at_end(const std::uint8_t* from, std::size_t done,
                                                    unsigned left) {
    const std::uint64_t within = _bzhi_u64(everywhere, left);
    const __m512i block = _mm512_maskz_loadu_epi8(within, from + done);
    const __m512i before =
        done == 0 ? _mm512_maskz_alignr_epi64(0xff, block, _mm512_setzero_si512(), 6)
                  : _mm512_maskz_loadu_epi8(_bzhi_u64(everywhere, left + unsigned{overlap}),
                                            from + done - overlap);
    faults found = none();
    add_faults(found, block, before);
    return places_of(found) & within;  // a character may be cut by the end
}

/// Checks the 256 octets at `done`.
PLAINSONG_AVX512 inline bool group_is_valid(const std::uint8_t* from, std::size_t done) {
    const std::uint8_t* at = from + done;
    const __m512i before = text_before(from, done), a = load(at), b = load(at + block_size),
                  c = load(at + 2 * block_size), d = load(at + 3 * block_size);
    const __m512i any = _mm512_ternarylogic_epi64(_mm512_ternarylogic_epi64(before, a, b, 0xfe), c,
                                                  d, 0xfe);  // all five, ORed
    if (_mm512_movepi8_mask(any) == 0) {
        return true;
    }
    faults found = none();
    add_faults(found, a, before);
    add_faults(found, b, load(at + block_size - overlap));
    add_faults(found, c, load(at + 2 * block_size - overlap));
    add_faults(found, d, load(at + 3 * block_size - overlap));
    return places_of(found) == 0;
}

}  // namespace

PLAINSONG_AVX512 std::size_t check_avx512(const std::uint8_t* from, std::size_t size) {
    std::size_t done = 0;
    for (; size - done >= group_size; done += group_size) {
        if (!group_is_valid(from, done)) {
            return done;
        }
    }
    const std::size_t grouped = done;
    faults found = none();
    for (; size - done >= block_size; done += block_size) {
        add_faults(found, load(from + done), text_before(from, done));
    }
    std::uint64_t places = places_of(found);
    if (done < size) {
        places |= faults_at_end(from, done, static_cast<unsigned>(size - done));
    }
    return places == 0 ? size : grouped;
}

}  // namespace plainsong::utf8

#undef PLAINSONG_AVX512
#endif
