// SPDX-License-Identifier: MIT
// session_extras.hpp — what a session needs only while something is unfinished.
//
// Does: hold a head that came in pieces, a message likewise, frames that wait, contexts of
// compression, the engine's workspace.  A quiet session has none of it.
// Used by: app/session, app/handshake.  Depends on: app/outbox, http/head_parser, ws/connection.
#ifndef PLAINSONG_SRC_APP_SESSION_EXTRAS_HPP
#define PLAINSONG_SRC_APP_SESSION_EXTRAS_HPP

#include <cstdint>

#include <plainsong/base/clock.hpp>
#include <plainsong/codec/utf8.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/ws/connection.hpp>

#include "src/app/message_block.hpp"
#include "src/app/message_codec.hpp"
#include "src/app/outbox.hpp"

namespace plainsong {

/// A workspace with its memory.
struct owned_workspace {
    std::uint8_t memory[workspace::minimum_output_bytes];
    workspace room{memory};
};

struct session_extras {
    session_extras* next_free = nullptr;

    // While the peer's head comes in, and while a refused peer is drained.
    message_block head;
    http::head_parser parser;
    address peer;  // of a connection that was adopted
    time_point drain_until = never;
    std::uint64_t drain_left = 0;

    // While a message comes in.
    message_block incoming;
    time_point slow_since = never;  // if it has to come at some rate: since enough of it came last
    std::size_t came_since = 0;     // bytes that have come since then

    // While the peer does not read.
    outbox queue;
    time_point blocked_since = never;  // or since enough of the queue left last
    std::size_t left_since = 0;        // bytes that have left since then
    time_point retry_at = never;       // the kernel was short of memory
    std::uint64_t bytes_unsent = 0;    // given up when the peer closed or was failed
    std::uint64_t messages_unsent = 0;

    context_slot context;           // of compression
    std::size_t context_bytes = 0;  // as last counted

    utf8_validator text_sent;  // of a text sent in pieces

    owned_workspace workspace;

    void begin_stall(time_point now) {
        if (blocked_since == never) {
            blocked_since = now;
            left_since = 0;
        }
    }
    /// `count` bytes have left; `enough` of them are a new beginning.
    void note_progress(std::size_t count, std::size_t enough, time_point now) {
        left_since += count;
        if (left_since >= enough) {
            blocked_since = now;
            left_since = 0;
        }
    }

    /// A compressed message comes in: `incoming` holds text, which isn't what is read.
    [[nodiscard]] bool is_inflating() const {
        return context != nullptr && context->is_inflating();
    }
    /// Nothing of this is in use (but perhaps text_sent and the workspace, which the session knows).
    [[nodiscard]] bool is_idle() const {
        return head.memory == nullptr && !peer && incoming.memory == nullptr && queue.empty() &&
               context == nullptr && drain_until == never && retry_at == never &&
               slow_since == never && bytes_unsent == 0;
    }
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_SESSION_EXTRAS_HPP
