// SPDX-License-Identifier: MIT
// websocket_outlet.hpp — what a WebSocket was given to send, and how much of it has left.
//
// Does: hand messages to a session as it has room, large and foreign ones piece by piece, in order;
// count payload bytes as `bufferedAmount` wants them counted.
// Does not: know events or states.
// Used by: app/websocket_core.  Depends on: app/session, app/blob.
#ifndef PLAINSONG_SRC_APP_WEBSOCKET_OUTLET_HPP
#define PLAINSONG_SRC_APP_WEBSOCKET_OUTLET_HPP

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <plainsong/app/blob.hpp>
#include <plainsong/app/session.hpp>
#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/base/result.hpp>

namespace plainsong {

class websocket_outlet {
public:
    /// `high_bytes`: above it the session owes an on_drain.
    websocket_outlet(std::size_t high_bytes, std::uint64_t most_bytes)
        : high_bytes_(high_bytes), most_bytes_(most_bytes) {}

    /// Counts a message of so many bytes, whatever becomes of it.
    void count(std::uint64_t size) {
        given_ += size;
        given_in_task_ += size;
    }
    /// Takes a message that was counted.  Text is UTF-8.
    /// Errors: refused_full, and those of move_on.
    error send(session& through, opcode type, byte_view bytes);
    error send(session& through, const Blob& blob);
    /// Hands over what the session has room for, and no more than a turn's share.
    /// Errors: no_entropy, and those of Blob::read; the message can then not be completed.
    error move_on(session& through);
    /// All that was taken has been handed over.
    [[nodiscard]] bool is_empty() const { return waiting_.empty(); }
    /// No on_drain will come, but move_on is to be called again.
    [[nodiscard]] bool wants_more() const { return wants_more_; }

    /// See WebSocket::bufferedAmount.  `through`: nullptr if there is no session.
    [[nodiscard]] std::uint64_t buffered(const session* through);
    void end_task(const session* through);
    /// Called while the session is still there, for the last time: what has not left never will.
    void note_end(const session& through);

private:
    struct message {
        opcode type;
        Blob content;
        std::uint64_t bytes_in_memory;
        std::uint64_t done;  // bytes handed over; only if it has begun
        bool begun;
    };
    /// A frame that was handed over.
    struct frame {
        std::uint64_t wire;
        std::uint64_t payload;
    };

    error queue(session& through, message one);
    error send_whole(session& through, opcode type, byte_view bytes);
    error send_next_piece(session& through);
    result<byte_view> read_piece(const message& from);
    void note_frame(std::uint64_t payload);
    void note_left(std::uint64_t unsent_wire);

    std::size_t high_bytes_;
    std::uint64_t most_bytes_;
    std::deque<message> waiting_;
    std::uint64_t waiting_in_memory_ = 0;
    std::vector<std::uint8_t> piece_;
    bool wants_more_ = false;

    // What follows is about payload; only `wire` is about frames.
    std::uint64_t given_ = 0;  // to send(), ever
    std::uint64_t given_in_task_ = 0;
    std::uint64_t left_ = 0;  // of that, whole frames
    std::uint64_t left_of_front_ = 0;
    std::deque<frame> frames_;  // handed over and, as far as we know, not sent
    std::uint64_t frames_wire_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_WEBSOCKET_OUTLET_HPP
