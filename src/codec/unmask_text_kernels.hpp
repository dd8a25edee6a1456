// SPDX-License-Identifier: MIT
// unmask_text_kernels.hpp — unmasking and checking UTF-8 in one pass, for some processors.
// Used by: src/codec/unmask_text*.cpp, tests.  Depends on: nothing.
#ifndef PLAINSONG_SRC_CODEC_UNMASK_TEXT_KERNELS_HPP
#define PLAINSONG_SRC_CODEC_UNMASK_TEXT_KERNELS_HPP

#include <cstddef>
#include <cstdint>

namespace plainsong {

#if defined(__x86_64__)
/// Unmasks all of `text` in place, with a key as it lies in memory.
/// Requires: utf8::has_avx512().
/// Returns: what a utf8::kernel would of the result.
std::size_t unmask_and_check_avx512(std::uint8_t* text, std::size_t size, std::uint32_t key);
#endif

}  // namespace plainsong

#endif  // PLAINSONG_SRC_CODEC_UNMASK_TEXT_KERNELS_HPP
