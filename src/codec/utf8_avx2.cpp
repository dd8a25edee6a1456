// SPDX-License-Identifier: MIT
// utf8_avx2.cpp — UTF-8 checked 32 octets at a time with AVX2.
//
// After Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): each
// way in which two neighbours can be wrong is one bit, and three lookups by half-octet (both halves
// of the first, the upper half of the second) leave exactly the bits of the faults that are there.
#include "src/codec/utf8_kernels.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#define PLAINSONG_AVX2 __attribute__((target("avx2")))

namespace plainsong::utf8 {
namespace {

constexpr std::size_t block_size = 32;
constexpr std::size_t group_size = 4 * block_size;
constexpr std::size_t overlap = 16;  // see `faults_of`

// A fault of two neighbours: sets of half-octets, bit n standing for the value n.
struct fault {
    std::uint16_t first_high, first_low, second_high;
};
constexpr std::uint16_t any = 0xffff, ascii = 0x00ff, tails = 0x0f00, leads = 0xf000;
constexpr fault faults[8] = {
    {leads, any, ascii | leads},  // a lead without a tail
    {ascii, any, tails},          // a tail without a lead
    {0x1000, 0x0003, tails},      // C0, C1: overlong [3629-3-04]
    {0x4000, 0x0001, 0x0300},     // E0 80 to E0 9F: overlong [3629-3-04]
    {0x4000, 0x2000, 0x0c00},     // ED A0 to ED BF: surrogates [3629-3-02]
    {0x8000, 0xffe1, 0x0100},     // F0 80 to F0 8F: overlong, F5 and up: too large [3629-3-03]
    {0x8000, 0xfff0, 0x0e00},     // F4 90 and up: too large [3629-3-03]
    {tails, any, tails},          // no fault if the tail is the third or fourth of a character
};
constexpr std::uint8_t two_tails = 0x80;

struct lookup {
    alignas(16) std::uint8_t of[16] = {};

    constexpr explicit lookup(std::uint16_t fault::*half) {
        for (unsigned value = 0; value < 16; ++value) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                of[value] = static_cast<std::uint8_t>(of[value] |
                                                      ((faults[bit].*half >> value) & 1U) << bit);
            }
        }
    }
};
constexpr lookup by_first_high{&fault::first_high}, by_first_low{&fault::first_low},
    by_second_high{&fault::second_high};

PLAINSONG_AVX2 inline __m256i load(const std::uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
PLAINSONG_AVX2 inline __m128i load_half(const std::uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
PLAINSONG_AVX2 inline __m256i all(std::uint8_t octet) {
    return _mm256_set1_epi8(static_cast<char>(octet));
}
PLAINSONG_AVX2 inline __m256i find(const lookup& table, __m256i halves) {
    const __m128i once = _mm_load_si128(reinterpret_cast<const __m128i*>(table.of));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(once), halves);
}
PLAINSONG_AVX2 inline __m256i upper_halves(__m256i octets) {
    return _mm256_and_si256(_mm256_srli_epi16(octets, 4), all(0x0f));
}

/// Returns: not zero where `block` is wrong.  `before` is the same text 16 octets earlier, so that
/// each 16-octet lane finds its left neighbour in the same lane, where shifting is cheap.
PLAINSONG_AVX2 inline __m256i faults_of(__m256i block, __m256i before) {
    const __m256i before_1 = _mm256_alignr_epi8(block, before, 15);
    const __m256i before_2 = _mm256_alignr_epi8(block, before, 14);
    const __m256i before_3 = _mm256_alignr_epi8(block, before, 13);
    const __m256i pair = _mm256_and_si256(
        _mm256_and_si256(find(by_first_high, upper_halves(before_1)),
                         find(by_first_low, _mm256_and_si256(before_1, all(0x0f)))),
        find(by_second_high, upper_halves(block)));
    // Saturating, so that the top bit stays only behind a lead of three or of four.
    const __m256i third = _mm256_subs_epu8(before_2, all(0xe0 - two_tails));
    const __m256i fourth = _mm256_subs_epu8(before_3, all(0xf0 - two_tails));
    const __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), all(two_tails));
    return _mm256_xor_si256(must, pair);
}

PLAINSONG_AVX2 inline __m256i faults_at(const std::uint8_t* at) {
    return faults_of(load(at), load(at - overlap));
}

/// The same for the first block of a text; what was before counts as ASCII.
PLAINSONG_AVX2 inline __m256i faults_at_begin(__m256i block) {
    return faults_of(block, _mm256_permute2x128_si256(block, block, 0x08));
}

PLAINSONG_AVX2 inline bool is_zero(__m256i octets) {
    return _mm256_testz_si256(octets, octets) != 0;
}

template <typename Word>
Word load_word(const std::uint8_t* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// Returns: the 1 to 7 octets at `from`, the first lowest, and zeros.  Nothing behind them is read.
std::uint64_t load_up_to_7(const std::uint8_t* from, std::size_t size) {
    if (size >= 4) {  // two words that overlap, where they agree
        const std::uint64_t last = load_word<std::uint32_t>(from + size - 4);
        return load_word<std::uint32_t>(from) | last << 8 * (size - 4);
    }
    const std::uint64_t middle = from[size / 2], last = from[size - 1];
    return from[0] | middle << 8 * (size / 2) | last << 8 * (size - 1);
}

/// Returns: the 1 to 31 octets at `from` and zeros.  Nothing behind them is read.
PLAINSONG_AVX2 inline __m256i load_part(const std::uint8_t* from, std::size_t size) {
    if (size < 16) {
        std::uint64_t low = 0, high = 0;
        if (size < 8) {
            low = load_up_to_7(from, size);
        } else {
            low = load_word<std::uint64_t>(from);
            high = size == 8 ? 0 : load_up_to_7(from + 8, size - 8);
        }
        const __m128i both =
            _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
        return _mm256_zextsi128_si256(both);
    }
    // Shifted by lookup: n places into this row is the selection that drops the first n octets.
    alignas(block_size) static constexpr std::uint8_t drop[32] = {
        0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,
        11,   12,   13,   14,   15,   0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    const __m128i last =
        _mm_shuffle_epi8(load_half(from + size - 16), load_half(drop + (32 - size)));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(load_half(from)), last, 1);
}

PLAINSONG_AVX2 inline std::size_t check_part(const std::uint8_t* from, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const __m256i wrong = faults_at_begin(load_part(from, size));
    const __m256i right = _mm256_cmpeq_epi8(wrong, _mm256_setzero_si256());
    const auto wrong_places = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(right));
    // Past the end are zeros, and a character that the end cuts is no fault.
    return (wrong_places & ((std::uint32_t{1} << size) - 1)) == 0 ? size : 0;
}

/// The faults of the last octets of a text of at least 32.
PLAINSONG_AVX2 inline __m256i faults_at_end(const std::uint8_t* from, std::size_t size) {
    // They overlap with what was checked before: that costs less than to cut them to size.
    if (size >= block_size + overlap) {
        return faults_at(from + size - block_size);
    }
    return faults_of(_mm256_zextsi128_si256(load_half(from + size - 16)),
                     _mm256_zextsi128_si256(load_half(from + size - 16 - overlap)));
}

/// Checks 128 octets, which are not the first of the text.
PLAINSONG_AVX2 inline bool group_is_valid(const std::uint8_t* at) {
    const __m256i before = load(at - overlap), a = load(at), b = load(at + block_size),
                  c = load(at + 2 * block_size), d = load(at + 3 * block_size);
    const __m256i any_above =
        _mm256_or_si256(_mm256_or_si256(before, a), _mm256_or_si256(_mm256_or_si256(b, c), d));
    if (_mm256_movemask_epi8(any_above) == 0) {
        return true;
    }
    const __m256i wrong = _mm256_or_si256(
        _mm256_or_si256(faults_of(a, before), faults_at(at + block_size)),
        _mm256_or_si256(faults_at(at + 2 * block_size), faults_at(at + 3 * block_size)));
    return is_zero(wrong);
}

}  // namespace

PLAINSONG_AVX2 std::size_t check_avx2(const std::uint8_t* from, std::size_t size) {
    if (size < block_size) {
        return check_part(from, size);
    }
    if (!is_zero(faults_at_begin(load(from)))) {
        return 0;
    }
    std::size_t done = block_size;
    for (; size - done >= group_size; done += group_size) {
        if (!group_is_valid(from + done)) {
            return done;
        }
    }
    __m256i wrong = _mm256_setzero_si256();
    const std::size_t grouped = done;
    for (; size - done >= block_size; done += block_size) {
        wrong = _mm256_or_si256(wrong, faults_at(from + done));
    }
    if (done < size) {
        wrong = _mm256_or_si256(wrong, faults_at_end(from, size));
    }
    return is_zero(wrong) ? size : grouped;
}

}  // namespace plainsong::utf8

#undef PLAINSONG_AVX2
#endif
