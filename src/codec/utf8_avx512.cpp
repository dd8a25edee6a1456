// SPDX-License-Identifier: MIT
// utf8_avx512.cpp — UTF-8 checked 64 octets at a time with AVX-512 VBMI.
#include "src/codec/utf8_avx512.hpp"

#include "src/codec/utf8_kernels.hpp"

#if defined(__x86_64__)

namespace plainsong::utf8 {
namespace {

using namespace avx512;

/// What `add_faults` wants as the text before the block at `done`; before its begin there is ASCII.
PLAINSONG_AVX512 inline __m512i text_before(const std::uint8_t* from, std::size_t done) {
    if (done == 0) {
        return text_before_first(load(from));
    }
    return load(from + done - overlap);
}

/// The places of the faults in the last block, of fewer than 64 octets.
PLAINSONG_AVX512 inline std::uint64_t faults_at_end(const std::uint8_t* from, std::size_t done,
                                                    unsigned left) {
    const std::uint64_t within = _bzhi_u64(everywhere, left);
    const __m512i block = _mm512_maskz_loadu_epi8(within, from + done);
    const __m512i before =
        done == 0 ? text_before_first(block)
                  : _mm512_maskz_loadu_epi8(_bzhi_u64(everywhere, left + unsigned{overlap}),
                                            from + done - overlap);
    faults found = none();
    add_faults(found, block, before);
    return places_of(found) & within;  // a character may be cut by the end
}

/// Returns: whether the 256 octets at `done`, and what the text before them ends with, are ASCII.
PLAINSONG_AVX512 inline bool group_is_ascii(const std::uint8_t* from, std::size_t done) {
    const std::uint8_t* at = from + done;
    return is_ascii(any_of(text_before(from, done), load(at), load(at + block_size),
                           load(at + 2 * block_size), load(at + 3 * block_size)));
}

}  // namespace

PLAINSONG_AVX512 std::size_t check_avx512(const std::uint8_t* from, std::size_t size) {
    std::size_t done = 0;
    while (size - done >= block_size) {
        if (size - done >= group_size && group_is_ascii(from, done)) {
            done += group_size;
            continue;
        }
        const std::size_t start = done;
        const std::size_t end = start + next_run(size - start);
        faults found = none();
        for (; done < end; done += block_size) {
            add_faults(found, load(from + done), text_before(from, done));
        }
        if (places_of(found) != 0) {
            return start;
        }
    }
    if (done < size && faults_at_end(from, done, static_cast<unsigned>(size - done)) != 0) {
        return done;
    }
    return size;
}

}  // namespace plainsong::utf8

#endif
