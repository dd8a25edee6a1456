// SPDX-License-Identifier: MIT
// session_compression.cpp — a session's messages on their way through the compressor (RFC 7692 §6).
//
// What was agreed on fits an octet of the session; all else is in the loop's message_codec and, if
// something has to be kept between messages, in the session's extras.
#include <algorithm>
#include <utility>

#include <plainsong/app/session.hpp>
#include <plainsong/base/contract.hpp>

#include "src/app/message_codec.hpp"
#include "src/app/session_core.hpp"

namespace plainsong {

namespace {

constexpr std::size_t least_room = 4096;  // for the text of a message that comes in one piece

unsigned short_form(std::uint8_t window_bits) {
    return window_bits - 8U;
}

std::uint8_t long_form(unsigned bits) {
    return static_cast<std::uint8_t>((bits & 7U) + 8U);
}

}  // namespace

// ---- what was agreed on ----------------------------------------------------------------------------

void session::agree_on(const deflate_parameters& terms) {
    compresses_ = true;  // [6455-9.1-06]: from the answer on, if it says so
    deflate_terms_ = static_cast<std::uint8_t>((terms.server_no_context_takeover ? 0x80U : 0U) |
                                               (terms.client_no_context_takeover ? 0x40U : 0U) |
                                               short_form(terms.server_max_window_bits) << 3U |
                                               short_form(terms.client_max_window_bits));
}

deflate_parameters session::deflate_terms() const {
    PLAINSONG_REQUIRE(compresses_);
    return {.server_no_context_takeover = (deflate_terms_ & 0x80U) != 0,
            .client_no_context_takeover = (deflate_terms_ & 0x40U) != 0,
            .server_max_window_bits = long_form(deflate_terms_ >> 3U),
            .client_max_window_bits = long_form(deflate_terms_)};
}

direction_terms session::terms_of(role sender) const {
    // [7692-7.1.1.2-06] [7692-7.2.1-15] [7692-7.2.1-17]
    const auto side_of = [sender](const deflate_parameters& all) {
        return sender == role::server
                   ? direction_terms{.window_bits = all.server_max_window_bits,
                                     .takes_over = !all.server_no_context_takeover}
                   : direction_terms{.window_bits = all.client_max_window_bits,
                                     .takes_over = !all.client_no_context_takeover};
    };
    direction_terms terms = side_of(deflate_terms());
    if (sender == self()) {
        // A sender may do with less than what was agreed on.  [7692-7.2.1-11] [7692-7.2.1-12]
        // [7692-7.2.1-14] [7692-7.2.1-16] [7692-7.2.2-11]
        const direction_terms wanted = side_of(route_->on.compression.parameters);
        terms.window_bits = std::min(terms.window_bits, wanted.window_bits);
        terms.takes_over = terms.takes_over && wanted.takes_over;
    }
    return terms;
}

// ---- what goes out ---------------------------------------------------------------------------------

// Whether the frame is to begin a compressed message.  One in pieces may become long, whatever it
// begins with.  A whole one that may be given up again stays out of a context that the peer's has to
// follow.
bool session::is_worth_compressing(const message& m, bool last, std::uint64_t key) const {
    if (m.type == opcode::continuation || !m.may_compress) {
        return false;
    }
    const bool may_be_dropped =
        key != no_key || route_->on.overflow == overflow_policy::drop_oldest;
    return !last || (m.payload.size() >= route_->on.compression.least_bytes &&
                     !(may_be_dropped && terms_of(self()).takes_over));
}

// Returns: the payload of the frame that `header` was made for, and which now fits it.
byte_view session::deflated(const message& m, bool last, frame_header& header) {
    byte_view payload = m.payload;
    if (m.type != opcode::continuation && !last) {
        sending_deflated_ = header.compressed;  // the first frame of several is empty
    } else if (m.type == opcode::continuation && sending_deflated_) {
        if (last || !payload.empty()) {
            // [7692-7.2.1-08]: each piece leaves at once, and only the last one is shortened
            payload = deflate(payload, last ? deflate_piece::last : deflate_piece::middle);
        }
    } else if (header.compressed) {
        const byte_view smaller = deflate(payload, deflate_piece::whole);
        header.compressed = !smaller.empty();  // [7692-7.3-02]
        payload = smaller.empty() ? payload : smaller;
    }
    header.payload_size = payload.size();
    return payload;
}

// Returns: the payload of a frame; empty if a whole message is better sent as it is.
byte_view session::deflate(byte_view text, deflate_piece which) {
    session_core& shared = core();
    session_extras& mine = extras();
    const compression_options& options = route_->on.compression;
    const byte_view payload = shared.lent.codec(options).deflate(mine.context, terms_of(self()),
                                                                 options.level, text, which);
    note_context_bytes();
    if (!payload.empty()) {
        shared.counts.deflate_bytes_in.add(text.size());
        shared.counts.deflate_bytes_out.add(payload.size());
    }
    return payload;
}

// ---- what comes in ---------------------------------------------------------------------------------

void session::inflate(const event& what) {
    session_core& shared = core();
    session_extras& mine = extras();
    const compression_options& options = route_->on.compression;
    // A client that leaves amid a message changes the route, but not how the message goes on.
    const bool in_pieces = what.first ? static_cast<bool>(route_->on.on_message_chunk)
                                      : !mine.context->is_in_one_room();
    message_codec& codec = shared.lent.codec(options);
    shared.counts.inflate_bytes_in.add(what.payload.size());
    if (what.first) {
        const role sender = self() == role::server ? role::client : role::server;
        const message_codec::intake how{
            .type = what.type,
            .bounds = {.message_bytes = route_->config.bounds.message_bytes,
                       .ratio = options.inflate_ratio},
            .in_one_read = what.last,
            .in_one_room = !in_pieces,
            .most = options.inflaters};
        if (auto why = codec.begin_inflating(mine.context, terms_of(sender), how);
            why != error_code::none) {
            engine_.fail(why, shared.its_loop.now());
            return;
        }
        if (in_pieces && route_->on.on_message_begin) {
            route_->on.on_message_begin(*this, what.type);
        }
    }
    if (in_pieces) {
        inflate_in_pieces(codec, what);
    } else {
        inflate_whole(codec, what);
    }
    if (phase_ != phase::dead && extras_ != nullptr) {
        note_context_bytes();
    }
}

// The text grows where it will be delivered.  [7692-6-03] [7692-6.2-01]
void session::inflate_whole(message_codec& codec, const event& what) {
    session_core& shared = core();
    message_block& block = extras().incoming;
    const std::uint64_t most = route_->config.bounds.message_bytes;
    byte_view in = what.payload;
    inflate_step done;
    do {
        // The limit is the inflater's to keep: this only asks for no room that could never be filled.
        const std::uint64_t more = std::max<std::uint64_t>(
            std::min<std::uint64_t>(std::max(2 * in.size(), block.size), most - block.size),
            least_room);
        if (block.free_bytes().empty() || block.memory == nullptr) {
            shared.lent.blocks.reserve(block, static_cast<std::size_t>(more), more,
                                       block.size + more);
        }
        const byte_span room{block.begin(), block.capacity};
        done = codec.inflate(extras_->context, in, what.last, room, block.size);
        block.size += done.made;
        in = in.subspan(done.taken);
        shared.counts.inflate_bytes_out.add(done.made);
    } while (done.state == inflate_state::more_room);
    if (done.state == inflate_state::failed) {
        engine_.fail(done.code, shared.its_loop.now(), in.size() + done.ahead);
        shared.lent.blocks.release(block);
    } else if (done.state == inflate_state::ended) {
        deliver_block(what.type);
    }
}

// The text is handed on from memory of the loop; each callback may end the session, or the client.
void session::inflate_in_pieces(message_codec& codec, const event& what) {
    session_core& shared = core();
    byte_view in = what.payload;
    inflate_step done;
    do {
        if (is_over_) {
            return;
        }
        done = codec.inflate(extras().context, in, what.last, shared.lent.text, 0);
        in = in.subspan(done.taken);
        shared.counts.inflate_bytes_out.add(done.made);
        if (done.state == inflate_state::failed) {
            engine_.fail(done.code, shared.its_loop.now(), in.size() + done.ahead);
            return;
        }
        if (done.made != 0) {
            route_->on.on_message_chunk(*this, byte_span(shared.lent.text).first(done.made));
        }
    } while (done.state == inflate_state::more_room);
    if (done.state == inflate_state::ended && !is_over_) {
        end_pieces();
    }
}

// ---- memory ----------------------------------------------------------------------------------------

void session::note_context_bytes() {
    session_extras& mine = *extras_;
    const std::size_t now = mine.context == nullptr ? 0 : mine.context->bytes();
    metric& all = core().counts.compression_bytes;
    all.add(now);
    all.subtract(std::exchange(mine.context_bytes, now));
}

void session::drop_context() {
    if (extras_ == nullptr || extras_->context == nullptr) {
        return;
    }
    core().lent.codec(route_->on.compression).let_go(extras_->context);
    note_context_bytes();
}

}  // namespace plainsong
