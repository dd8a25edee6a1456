// SPDX-License-Identifier: MIT
// message_codec.hpp — what a session needs of compression, without naming a compressor.
//
// Does: say what is asked of it.  The only implementation is app/compression, which is reached
// through compression_options::make_codec and so is linked only by programs that compress.
// Used by: app/session, app/lent_memory.  Depends on: app/compression, ws/opcode.
#ifndef PLAINSONG_SRC_APP_MESSAGE_CODEC_HPP
#define PLAINSONG_SRC_APP_MESSAGE_CODEC_HPP

#include <cstddef>
#include <cstdint>
#include <memory>

#include <plainsong/app/compression.hpp>
#include <plainsong/base/bytes.hpp>
#include <plainsong/ws/opcode.hpp>

namespace plainsong {

/// What was agreed on for one direction of a connection.
struct direction_terms {
    std::uint8_t window_bits = deflate_parameters::most_window_bits;
    bool takes_over = false;  // the sender may look back into earlier messages
};

/// What is compressed by a call.
enum class deflate_piece : std::uint8_t { whole, middle, last };

/// What one connection keeps of compression: contexts that are taken over, messages under way.
class message_context {
public:
    virtual ~message_context() = default;

    /// Returns: whether a compressed message has begun to come in and isn't complete.
    [[nodiscard]] virtual bool is_inflating() const = 0;
    /// Returns: whether its text stays in one piece of memory until it ends: intake::in_one_room.
    /// Requires: is_inflating().
    [[nodiscard]] virtual bool is_in_one_room() const = 0;
    /// Returns: octets of memory that this holds.
    [[nodiscard]] virtual std::size_t bytes() const = 0;
};

using context_slot = std::unique_ptr<message_context>;

/// The compressor of one loop.  A slot is empty unless something has to be kept.
class message_codec {
public:
    virtual ~message_codec() = default;

    /// Compresses a message, or a piece of one.
    /// Returns: the payload of its frame; empty for a whole message that doesn't become smaller: it is to
    /// be sent as it is.  Lifetime: until the next call.
    virtual byte_view deflate(context_slot& kept, direction_terms ours, deflate_level level,
                              byte_view text, deflate_piece which) = 0;

    /// How a message will be taken.
    struct intake {
        opcode type = opcode::binary;
        inflate_limits bounds{};
        bool in_one_read = false;  // all of it is there
        bool in_one_room = false;  // its text stays in one piece of memory until it ends
        std::uint32_t most = 0;    // inflaters that may be in use on this loop
    };

    /// Begins to inflate a message.
    /// Returns: inflaters_exhausted, or none; then there is a context.
    virtual error_code begin_inflating(context_slot& kept, direction_terms theirs,
                                       const intake& how) = 0;
    /// As message_inflater::inflate.  When it returns `ended` or `failed`, the message is over; what need
    /// not be kept is freed.
    /// Requires: begin_inflating.
    virtual inflate_step inflate(context_slot& kept, byte_view in, bool is_last, byte_span room,
                                 std::size_t at) = 0;
    /// The connection is over: takes back what its context holds of the loop's.
    virtual void let_go(context_slot& kept) = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_MESSAGE_CODEC_HPP
