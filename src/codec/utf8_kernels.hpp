// SPDX-License-Identifier: MIT
// utf8_kernels.hpp — the ways to check UTF-8 at speed, one by one.
//
// Does: let codec/utf8 choose among them and let tests compare each with the others.
// Used by: src/codec/utf8*.cpp, tests.  Depends on: nothing.
#ifndef PLAINSONG_SRC_CODEC_UTF8_KERNELS_HPP
#define PLAINSONG_SRC_CODEC_UTF8_KERNELS_HPP

#include <cstddef>
#include <cstdint>

namespace plainsong::utf8 {

/// Checks a text that starts with a whole character.
/// Returns: n for which the first n octets are valid so far, except that the last of them may be
/// one that never begins a character (C0, C1, F5 to FF), since what is wrong with it shows only at
/// the next.  In a text without fault n is at most three short of `size` (an unfinished character
/// may be left out); otherwise it may be far before the fault.
using kernel = std::size_t (*)(const std::uint8_t* from, std::size_t size);

/// Returns: how many octets at the end begin a character that the end cuts off.
/// Requires: the text is one that a kernel has passed.
std::size_t unfinished(const std::uint8_t* from, std::size_t size);

std::size_t check_portable(const std::uint8_t* from, std::size_t size);

#if defined(__x86_64__)
std::size_t check_avx2(const std::uint8_t* from, std::size_t size);
std::size_t check_avx512(const std::uint8_t* from, std::size_t size);

// The compiler's run-time library asks the processor (and whether the system saves the registers)
// once, before main; these are a load and a test.  Where it never ran, they say no.
inline bool has_avx2() {
    return __builtin_cpu_supports("avx2") != 0;
}
inline bool has_avx512() {
    return __builtin_cpu_supports("avx512vbmi") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
#endif

}  // namespace plainsong::utf8

#endif  // PLAINSONG_SRC_CODEC_UTF8_KERNELS_HPP
