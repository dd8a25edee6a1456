// SPDX-License-Identifier: MIT
// message_inflater.hpp — from compressed messages to text (RFC 7692 §6.2, §7.2.2).
//
// Does: inflate the chunks of one message as the engine reports them; count its text against the
// limits while it appears, so that a bomb is stopped at the limit and not behind it; see that what
// says it is text is UTF-8, as early as the engine does for messages that aren't compressed.
// Does not: own memory for text, or parse frames.
// Used by: app/compression, embedders.  Depends on: codec/inflate, codec/utf8, ws/opcode.
//
// How to drive it, for each event that has `compressed`:
//   1. event.first:  begin(event.type, …)
//   2. repeat        step = inflate(rest of event.payload, event.last, room, …); take the text
//      until         more_input (event.payload is used up), ended (the message is) or failed
//                    (connection::fail(step.code, now, octets behind the wrong one)).
// A program that never names this class doesn't link any of DEFLATE.
#ifndef PLAINSONG_WS_MESSAGE_INFLATER_HPP
#define PLAINSONG_WS_MESSAGE_INFLATER_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/inflate.hpp>
#include <plainsong/codec/utf8.hpp>
#include <plainsong/ws/opcode.hpp>

namespace plainsong {

/// What bounds the text of a message.
struct inflate_limits {
    /// DEFLATE makes at most 1032 octets of one, so this is no limit of its own unless it is lowered.
    static constexpr std::uint32_t largest_ratio = 1032;
    /// The ratio is judged once there is more text than this, and again each time as much has come.
    static constexpr std::uint64_t ratio_step = 64 << 10;

    std::uint64_t message_bytes = 1 << 20;  // 1009 beyond it
    std::uint32_t ratio = largest_ratio;    // octets of text for one on the wire; 1009 beyond it
};

/// Inflates one message after the other.  One of them serves any number of connections in turn.
class message_inflater {
public:
    /// Begins a message; whatever was unfinished is dropped.
    /// Requires: 8 <= window_bits <= 15, as agreed for the sender.
    void begin(opcode type, unsigned window_bits, const inflate_limits& bounds);

    /// Inflates octets of the message.
    /// `is_last`: nothing of the message comes behind `in`.
    /// `room`, `at`, `before`: where the text goes and what stands before it, as for
    /// inflater::inflate.
    /// Returns: as inflater::inflate; `ended` behind the last octet.  When it fails, `ahead` counts what
    /// had not been looked at by then; text is judged as it comes out, so that with invalid_utf8 what was
    /// inflated in the same call counts as looked at.
    /// Errors: those of inflater, message_too_big, deflate_ratio_exceeded, invalid_utf8.
    /// The verdict doesn't depend on how the message is cut or on the room.
    inflate_step inflate(byte_view in, bool is_last, byte_span room, std::size_t at,
                         const inflate_window& before = {});

private:
    void judge(inflate_step& done, byte_view text);
    [[nodiscard]] bool is_ratio_exceeded() const;

    inflate_limits bounds_;
    std::uint64_t taken_ = 0;
    std::uint64_t made_ = 0;
    std::uint64_t next_judged_ = 0;  // at so much text
    utf8_validator text_;
    bool is_text_ = false;
    inflater inflater_;
};

}  // namespace plainsong

#endif  // PLAINSONG_WS_MESSAGE_INFLATER_HPP
