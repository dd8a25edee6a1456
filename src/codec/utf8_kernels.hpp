// SPDX-License-Identifier: MIT
// utf8_kernels.hpp — the ways to check whole characters at speed, one by one.
//
// Does: let codec/utf8 choose among them and let tests compare each with the others.
// Used by: src/codec/utf8*.cpp, tests.  Depends on: nothing.
#ifndef PLAINSONG_SRC_CODEC_UTF8_KERNELS_HPP
#define PLAINSONG_SRC_CODEC_UTF8_KERNELS_HPP

#include <cstddef>
#include <cstdint>

namespace plainsong::utf8 {

/// Checks that `from` to `from + size` is a row of whole characters.
/// Returns: `size` if it is; otherwise some smaller n for which the first n octets are the
/// beginning of a valid text (they may end inside a character).
using kernel = std::size_t (*)(const std::uint8_t* from, std::size_t size);

std::size_t check_portable(const std::uint8_t* from, std::size_t size);

}  // namespace plainsong::utf8

#endif  // PLAINSONG_SRC_CODEC_UTF8_KERNELS_HPP
