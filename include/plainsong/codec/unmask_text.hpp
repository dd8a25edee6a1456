// SPDX-License-Identifier: MIT
// unmask_text.hpp — unmasking a text and validating it in one pass over memory.
//
// Does: what apply_mask and utf8_validator::feed do one after the other.  Where the processor has
// AVX-512, ASCII and short texts take two thirds of the time and long mixed ones a twentieth less;
// elsewhere it is the two calls.
// Used by: ws/message.  Depends on: codec/mask, codec/utf8.
#ifndef PLAINSONG_CODEC_UNMASK_TEXT_HPP
#define PLAINSONG_CODEC_UNMASK_TEXT_HPP

#include <cstddef>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/codec/utf8.hpp>

namespace plainsong {

/// Unmasks `data` in place, all of it even if it is not UTF-8, and feeds it to `validator`.
/// Requires, returns: as utf8_validator::feed.
std::size_t unmask_and_validate(byte_span data, mask_key key, utf8_validator& validator);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_UNMASK_TEXT_HPP
