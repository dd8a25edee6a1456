// SPDX-License-Identifier: MIT
// utf8.hpp — is this text UTF-8, and if not, where does it go wrong? (RFC 3629)
//
// Does: judge text that comes in pieces, and name the first octet that no valid text could have in
// that place, however the text was cut.
// Does not: decode, strip a byte order mark, or repair.
// Used by: ws/message, ws/close.  Depends on: base/bytes.
#ifndef PLAINSONG_CODEC_UTF8_HPP
#define PLAINSONG_CODEC_UTF8_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

/// Follows one text.  A plain value of three octets: copy it to remember a place in a text.
class utf8_validator {
public:
    /// Takes the next piece of the text.
    /// Requires: no piece before it was in violation, or reset() was called since.
    /// Returns: text.size() if valid text can go on from here, else the index of the first octet
    /// that cannot stand where it does.
    /// Cost: linear; on x86-64 many octets at a time, as the processor allows.
    std::size_t feed(byte_view text);

    /// Returns: whether the text so far ends with a whole character, so that it may end here.
    [[nodiscard]] bool complete() const { return missing_ == 0; }

    /// Starts a new text.
    void reset() { *this = utf8_validator{}; }

private:
    bool take(std::uint8_t octet);
    bool open(std::uint8_t lead);
    std::size_t take_each(byte_view text, std::size_t from);

    std::uint8_t missing_ = 0;  // continuation octets that the character begun still needs
    std::uint8_t lowest_ = 0;   // of the next one of them
    std::uint8_t highest_ = 0;
};

static_assert(sizeof(utf8_validator) <= 4);

/// Returns: whether `text` is UTF-8 from its first octet to its last.
bool is_utf8(byte_view text);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_UTF8_HPP
