// SPDX-License-Identifier: MIT
// session_messages.cpp — the chunks of a message on their way to the program, whole or as they come.
#include <plainsong/app/session.hpp>

#include "src/app/session_core.hpp"

namespace plainsong {

void session::on_chunk(const event& what) {
    if (route_->config.bounds.message_stall_bytes > 1) {
        note_rate(what);
    }
    if (what.compressed) {
        inflate(what);
        return;
    }
    if (!route_->on.on_message_chunk) {
        collect(what);
        return;
    }
    // Each of these may destroy the client, and then the route is another one.
    if (what.first && route_->on.on_message_begin) {
        route_->on.on_message_begin(*this, what.type);
    }
    if (!what.payload.empty() && !is_over_) {
        route_->on.on_message_chunk(*this, what.payload);
    }
    if (what.last && !is_over_) {
        end_pieces();
    }
}

void session::end_pieces() {
    core().counts.messages_received.add(1);
    if (route_->on.on_message_end) {
        route_->on.on_message_end(*this);
    }
}

// A peer that sends a byte now and then would hold a message's memory for ever.
void session::note_rate(const event& what) {
    session_extras& mine = extras();
    mine.came_since += what.payload.size();
    if (what.last) {
        mine.slow_since = never;
    } else if (what.first || mine.came_since >= route_->config.bounds.message_stall_bytes) {
        mine.slow_since = core().its_loop.now();
        mine.came_since = 0;
    }
}

// Joins the chunks of a message in its own memory.
void session::collect(const event& what) {
    session_core& shared = core();
    message_block& block = extras().incoming;
    const byte_span chunk = what.payload;
    if (block.memory != nullptr && chunk.data() == block.begin() + block.size) {
        block.size += chunk.size();  // it was read there
    } else if (!chunk.empty() || block.memory == nullptr) {
        shared.lent.blocks.append(block, chunk, chunk.size() + engine_.payload_missing());
    }
    if (what.last) {
        deliver_block(what.type);
    }
}

void session::deliver_block(opcode type) {
    const byte_span text = extras_->incoming.bytes();
    deliver({type, text}, text);
    flush_gather();  // it may point into the block
    if (extras_->incoming.memory != nullptr) {
        core().lent.blocks.release(extras_->incoming);
    }
}

}  // namespace plainsong
