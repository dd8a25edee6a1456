// SPDX-License-Identifier: MIT
// mask_kernels.hpp — the ways to mask at speed, one by one.
//
// Does: let codec/mask choose among them and let tests compare each with the others.
// Used by: src/codec/mask*.cpp, tests.  Depends on: nothing.
#ifndef PLAINSONG_SRC_CODEC_MASK_KERNELS_HPP
#define PLAINSONG_SRC_CODEC_MASK_KERNELS_HPP

#include <bit>
#include <cstddef>
#include <cstdint>

namespace plainsong::masking {

/// Writes `size` octets from `from`, masked, to `to`, which is either `from` or apart from it.
/// `key` holds the four octets as they lie in memory.
using kernel = void (*)(std::uint8_t* to, const std::uint8_t* from, std::size_t size,
                        std::uint32_t key);

/// Returns: `key` for what follows after `by` octets.
constexpr std::uint32_t rotated(std::uint32_t key, std::size_t by) {
    const int bits = static_cast<int>(by % 4) * 8;
    return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

void mask_portable(std::uint8_t* to, const std::uint8_t* from, std::size_t size, std::uint32_t key);

#if defined(__x86_64__)
constexpr std::size_t mask_avx2_least = 128;

/// Requires: size >= mask_avx2_least.
void mask_avx2(std::uint8_t* to, const std::uint8_t* from, std::size_t size, std::uint32_t key);

// The compiler's run-time library asks the processor (and whether the system saves the registers)
// once, before main; this is a load and a test.  Where it never ran, the answer is no.
inline bool has_avx2() {
    return __builtin_cpu_supports("avx2") != 0;
}
#endif

}  // namespace plainsong::masking

#endif  // PLAINSONG_SRC_CODEC_MASK_KERNELS_HPP
