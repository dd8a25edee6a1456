// SPDX-License-Identifier: MIT
// unmask_text_avx512.cpp — see the header.
//
// The text before a block is shifted in from the block before it, in a register: to load it again from
// where it was stored a moment ago, at another offset, would wait for those stores.
#include "src/codec/utf8_avx512.hpp"

#include "src/codec/mask_kernels.hpp"
#include "src/codec/unmask_text_kernels.hpp"

#if defined(__x86_64__)

namespace plainsong {
namespace {

using namespace utf8::avx512;

// The octets done, and what they leave to the next block.
struct pass {
    std::uint8_t* text;
    __m512i key;
    __m512i last;  // the block before, unmasked; zeros, that is ASCII, at the beginning
};

PLAINSONG_AVX512 inline __m512i load_unmasked(const pass& at, std::size_t done) {
    return _mm512_xor_si512(load(at.text + done), at.key);
}
PLAINSONG_AVX512 inline void store(const pass& at, std::size_t done, __m512i block) {
    _mm512_storeu_si512(at.text + done, block);
}

PLAINSONG_AVX512 inline void check(pass& at, faults& found, __m512i block) {
    add_faults(found, block, _mm512_maskz_alignr_epi64(0xff, block, at.last, 6));
    at.last = block;
}

/// Unmasks the 256 octets at `done` if they and the block before them are ASCII.
PLAINSONG_AVX512 inline bool take_ascii(pass& at, std::size_t done) {
    const __m512i a = load_unmasked(at, done), b = load_unmasked(at, done + block_size),
                  c = load_unmasked(at, done + 2 * block_size),
                  d = load_unmasked(at, done + 3 * block_size);
    if (!is_ascii(any_of(at.last, a, b, c, d))) {
        return false;
    }
    store(at, done, a);
    store(at, done + block_size, b);
    store(at, done + 2 * block_size, c);
    store(at, done + 3 * block_size, d);
    at.last = d;
    return true;
}

/// Unmasks the whole blocks from `done` to `end`.  Returns: whether they are valid.
PLAINSONG_AVX512 inline bool take_run(pass& at, std::size_t done, std::size_t end) {
    faults found = none();
    for (; done < end; done += block_size) {
        const __m512i block = load_unmasked(at, done);
        store(at, done, block);
        check(at, found, block);
    }
    return places_of(found) == 0;
}

/// Unmasks the last octets, fewer than 64.  Returns: the places of the faults in them.
PLAINSONG_AVX512 inline std::uint64_t take_end(pass& at, std::size_t done, std::size_t left) {
    const std::uint64_t within = _bzhi_u64(everywhere, static_cast<unsigned>(left));
    const __m512i block = _mm512_xor_si512(_mm512_maskz_loadu_epi8(within, at.text + done), at.key);
    _mm512_mask_storeu_epi8(at.text + done, within, block);
    faults found = none();
    check(at, found, block);
    return places_of(found) & within;  // behind them is nothing but the key
}

}  // namespace

PLAINSONG_AVX512 std::size_t unmask_and_check_avx512(std::uint8_t* text, std::size_t size,
                                                     std::uint32_t key) {
    pass at{text, _mm512_set1_epi32(static_cast<int>(key)), _mm512_setzero_si512()};
    std::size_t done = 0;
    while (size - done >= block_size) {
        if (size - done >= group_size && take_ascii(at, done)) {
            done += group_size;
            continue;
        }
        const std::size_t end = done + next_run(size - done);
        if (!take_run(at, done, end)) {
            // What follows is not judged any more, but it is unmasked.
            masking::mask_portable(text + end, text + end, size - end, key);
            return done;
        }
        done = end;
    }
    return done < size && take_end(at, done, size - done) != 0 ? done : size;
}

}  // namespace plainsong

#endif
