// SPDX-License-Identifier: MIT
// message.hpp — from frames to messages (RFC 6455 §5.4, §5.6).
//
// Does: follow one message over its fragments: type, size, count, UTF-8; join chunks in a caller's
// buffer.  Does not: parse frames, own memory, or see control frames.
// Used by: ws/connection, app.  Depends on: base, codec/utf8, ws/frame, ws/limits.
#ifndef PLAINSONG_WS_MESSAGE_HPP
#define PLAINSONG_WS_MESSAGE_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/codec/unmask_text.hpp>
#include <plainsong/codec/utf8.hpp>
#include <plainsong/ws/frame.hpp>
#include <plainsong/ws/limits.hpp>

namespace plainsong {

/// Follows the message that is being received.
class message_reader {
public:
    static constexpr std::uint32_t max_frames = (1U << 28) - 1;

    /// A first fragment has come and the last one has not.
    [[nodiscard]] bool is_open() const { return fragments_ != 0; }
    /// Requires: a message is open, or the last frame was a data frame.
    [[nodiscard]] opcode type() const { return static_cast<opcode>(type_); }
    /// Its first frame said that it is compressed: its payload is no text yet (RFC 7692 §6.1).
    /// Requires: as type().
    [[nodiscard]] bool is_compressed() const { return compressed_ != 0; }
    /// Bytes of the open message so far, as announced by the heads of its frames.
    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// Enters a data frame whose head was accepted under `frame_rules` with this reader's state.
    /// Returns: too_many_fragments beyond `limit` (at most max_frames), else none.
    error_code begin_frame(const frame_header& header, std::uint32_t limit) {
        if (fragments_ == 0) {
            // [6455-5.4-17] [6455-6.2-03]: the first frame gives the type
            type_ = static_cast<std::uint8_t>(header.op) & 0x7;
            compressed_ = header.compressed ? 1 : 0;
        }
        if (fragments_ >= limit || fragments_ == max_frames) {
            return error_code::too_many_fragments;  // [6455-10.4-01]: empty ones count too
        }
        fragments_ = (fragments_ + 1) & max_frames;
        size_ += header.payload_size;
        return error_code::none;
    }

    /// Looks at the next unmasked bytes of the payload.
    /// Returns: how many are acceptable; fewer than given if text is not UTF-8 at that index.
    std::size_t accept(byte_view payload) {
        return is_text() ? text_.feed(payload) : payload.size();  // [6455-8.1-01]
    }

    /// As accept, for bytes that are still masked; they are unmasked in place.
    std::size_t unmask_and_accept(byte_span payload, mask_key key) {
        if (is_text()) {
            return unmask_and_validate(payload, key, text_);
        }
        apply_mask(payload, key);
        return payload.size();
    }

    /// The last frame has ended: the next data frame starts a new message [6455-6.2-05].
    /// Returns: false if the text stops inside a character [6455-5.6-02].
    bool end_message() {
        const bool whole = !is_text() || text_.complete();
        text_.reset();
        size_ = 0;
        fragments_ = 0;
        return whole;
    }

private:
    [[nodiscard]] bool is_text() const { return type() == opcode::text && !is_compressed(); }

    // Packed into 16 bytes: there is one for each connection, also for the quiet ones.
    std::uint64_t size_ = 0;
    std::uint32_t fragments_ : 28 = 0;
    std::uint32_t type_ : 3 = 0;
    std::uint32_t compressed_ : 1 = 0;
    utf8_validator text_;
};

/// Joins the chunks of a message in memory that the caller owns; for programs without a heap.
class message_assembler {
public:
    /// Lifetime: `storage` outlives the assembler.
    explicit message_assembler(byte_span storage) : storage_(storage) {}

    /// Appends a chunk; `first` drops what was there.
    /// Returns: false, and keeps what it had, if the storage is too small.
    bool append(byte_view chunk, bool first);

    /// Lifetime: until the next append with `first`.
    [[nodiscard]] byte_view bytes() const { return storage_.first(size_); }

private:
    byte_span storage_;
    std::size_t size_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_WS_MESSAGE_HPP
