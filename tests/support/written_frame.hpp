// SPDX-License-Identifier: MIT
// written_frame.hpp — frames as words of a text, turned into bytes by an encoder of its own.
//
// Does: give `text+ "Hel"` or `rsv1 ping "x"` its bytes, legal or not.
// Does not: use the library's frame encoder, which it judges.
#ifndef PLAINSONG_TESTS_SUPPORT_WRITTEN_FRAME_HPP
#define PLAINSONG_TESTS_SUPPORT_WRITTEN_FRAME_HPP

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace plainsong::tests {

using key_bytes = std::array<std::uint8_t, 4>;

/// Returns: the bytes of one frame, written as in tests/conformance/vectors/README.md; masked with
/// `key` unless that is null.  Throws std::runtime_error at words that mean nothing.
std::string bytes_of_frame(std::span<const std::string> words, const key_bytes* key);

/// Returns: the text of a payload word: "quoted", 3*"repeated" or <hexadecimal>.
std::string payload_of(const std::string& word);

/// Returns: bytes for people: hexadecimal, shortened.
std::string shown(const std::string& bytes);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_WRITTEN_FRAME_HPP
