// SPDX-License-Identifier: MIT
// connection.cpp — the receiving half of the engine: bytes to events (RFC 6455 §5, §6.2).
//
// A byte's way: receive → read_head → enter_frame → read_data or read_control → the event.  What
// the engine says, and how it ends, is in connection_send.cpp.
#include <plainsong/ws/connection.hpp>

#include <algorithm>
#include <cstring>

#include <plainsong/base/contract.hpp>

namespace plainsong {

step connection::receive(byte_span in, time_point now) {
    step done;
    if (in.empty()) {
        return done;
    }
    last_received_ = now;
    awaiting_pong_ = false;
    if (discards_input()) {
        discard(in, done, now);
        return done;
    }
    done.taken = take_message(in, done.what);
    if (done.taken != 0) {
        return done;
    }
    do {
        if (!frame_open_) {
            switch (read_head(in, done.taken, now)) {
                case head_outcome::incomplete:
                    return done;
                case head_outcome::failed:
                    continue;
                case head_outcome::complete:
                    break;
            }
        }
        const std::size_t available = in.size() - done.taken;
        const std::size_t size = available < bytes_left_ ? available : bytes_left_;
        if (size == 0 && bytes_left_ != 0) {
            return done;
        }
        const byte_span chunk = in.subspan(done.taken, size);
        done.taken += size;
        const bool due = is_control(op_) ? read_control(chunk, done.what, now)
                                         : read_data(chunk, done.what, now);
        if (due) {
            return done;
        }
    } while (!discards_input());
    // [6455-7.1.7-07] [6455-7.1.1-02]: nothing after a violation or a Close is looked at.  What is
    // in the same read is not counted: it must not keep our answer from being written.
    done.taken = in.size();
    return done;
}

// The commonest case by far, for speed alone: a whole message in one frame of at most 64 KiB that lies
// in `in` to its end and breaks no rule.  Whatever is not exactly that is left to the way below, which
// would come to the same event.
// Returns: the size of the frame; 0, with nothing changed, if it is something else.
std::size_t connection::take_message(byte_span in, event& what) {
    constexpr std::uint8_t whole_text = frame_bits::fin | static_cast<std::uint8_t>(opcode::text);
    constexpr std::uint8_t whole_binary =
        frame_bits::fin | static_cast<std::uint8_t>(opcode::binary);
    const bool masked = config_->self == role::server;
    std::size_t head = masked ? 6 : 2;
    if (in.size() < head + 2 || frame_open_ || reader_.is_open() || room_->head_size != 0 ||
        (in[0] != whole_text && in[0] != whole_binary)) {
        return 0;
    }
    std::size_t size = in[1] ^ (masked ? frame_bits::mask : 0);
    if (size == frame_bits::length_is_16_bits) {
        size = load_big_endian_16(&in[2]);
        head += 2;
        if (size < frame_bits::length_is_16_bits) {
            return 0;
        }
    } else if (size > frame_bits::length_is_16_bits) {  // 64 bits, or the wrong mask bit
        return 0;
    }
    const limits& bounds = config_->bounds;
    if (size > in.size() - head || size > bounds.frame_bytes || size > bounds.message_bytes ||
        bounds.message_frames == 0) {
        return 0;
    }
    const byte_span payload = in.subspan(head, size);
    mask_key key;
    if (masked) {
        std::memcpy(key.bytes.data(), &in[head - 4], 4);
    }
    if (in[0] == whole_text) {
        utf8_validator text;
        if (unmask_and_validate(payload, key, text) != size || !text.complete()) {
            apply_mask(payload, key);  // as it was
            return 0;
        }
    } else if (masked) {
        apply_mask(payload, key);
    }
    offset_ += head + size;
    what = {.kind = event_kind::data,
            .type = in[0] == whole_text ? opcode::text : opcode::binary,
            .first = true,
            .last = true,
            .payload = payload};
    return head + size;
}

connection::head_outcome connection::read_head(byte_span in, std::size_t& taken, time_point now) {
    const limits& bounds = config_->bounds;
    frame_rules rules{.receiver = config_->self,
                      .message_open = reader_.is_open(),
                      .frame_bytes = bounds.frame_bytes,
                      .message_bytes = bounds.message_bytes,
                      .compression = compression_};
    if (rules.message_open) {
        if (reader_.is_compressed()) {
            rules.frame_bytes = compressed_limit(rules.frame_bytes);
            rules.message_bytes = compressed_limit(rules.message_bytes);
        }
        rules.message_bytes -= reader_.size();
    }
    const byte_span rest = in.subspan(taken);
    frame_header header;
    frame_parse parsed;
    const std::size_t kept = room_->head_size;
    if (kept == 0) {
        parsed = parse_frame_head(rest, rules, header);
    } else {
        const std::size_t size = std::min(rest.size(), room_->head.size() - kept);
        if (size != 0) {
            std::memcpy(room_->head.data() + kept, rest.data(), size);
        }
        parsed = parse_frame_head({room_->head.data(), kept + size}, rules, header);
    }
    if (parsed.size != 0) {
        parsed.why = enter_frame(header);
    }
    if (parsed.why != error_code::none) {  // [6455-6.2-01] [6455-10.7-01]
        violate(parsed.why, offset_ - kept + parsed.offset, now);
        return head_outcome::failed;
    }
    if (parsed.size == 0) {
        if (kept == 0 && !rest.empty()) {
            std::memcpy(room_->head.data(), rest.data(), rest.size());
        }
        room_->head_size = static_cast<std::uint8_t>(kept + rest.size());
        taken = in.size();
        offset_ += rest.size();
        return head_outcome::incomplete;
    }
    room_->head_size = 0;
    taken += parsed.size - kept;
    offset_ += parsed.size - kept;
    return head_outcome::complete;
}

error_code connection::enter_frame(const frame_header& header) {
    op_ = header.op;
    // [6455-5.4-10]: a control frame leaves the message that is under way as it is
    if (!is_control(op_)) {
        if (!reader_.is_open()) {
            chunk_reported_ = false;
        }
        if (auto why = reader_.begin_frame(header, config_->bounds.message_frames);
            why != error_code::none) {
            return why;
        }
    }
    final_ = header.final;
    masked_ = header.masked;
    key_ = header.key;
    bytes_left_ = header.payload_size;
    frame_open_ = true;
    return error_code::none;
}

// Returns: whether `what` is an event to report.
bool connection::read_data(byte_span chunk, event& what, time_point now) {
    // [6455-6.2-08] [6455-5.3-06]
    const std::size_t accepted =
        masked_ ? reader_.unmask_and_accept(chunk, key_) : reader_.accept(chunk);
    key_ = key_.rotated(chunk.size());
    bytes_left_ -= chunk.size();
    if (accepted != chunk.size()) {
        violate(error_code::invalid_utf8, offset_ + accepted, now);
        return false;
    }
    offset_ += chunk.size();
    const bool frame_ends = bytes_left_ == 0;
    frame_open_ = !frame_ends;
    const bool message_ends = frame_ends && final_;  // [6455-5.4-12]
    if (message_ends && !reader_.end_message()) {
        violate(error_code::invalid_utf8, offset_, now);  // [6455-5.6-02]
        return false;
    }
    if (chunk.empty() && !message_ends) {
        return false;
    }
    // [3629-6-01]: every byte as sent, a byte order mark too
    what = {.kind = event_kind::data,
            .type = reader_.type(),
            .first = !chunk_reported_,
            .last = message_ends,
            .compressed = reader_.is_compressed(),  // [7692-6-04] [7692-6.2-02]
            .payload = chunk};
    chunk_reported_ = true;
    return true;
}

// A control frame is judged when it is there to its last byte.  [6455-6.2-02]
bool connection::read_control(byte_span chunk, event& what, time_point now) {
    if (masked_) {
        apply_mask(chunk, key_);
        key_ = key_.rotated(chunk.size());
    }
    bytes_left_ -= chunk.size();
    offset_ += chunk.size();
    byte_span payload = chunk;
    // A Close always moves into the workspace, where its reason outlives the read.
    if (room_->control_size != 0 || bytes_left_ != 0 || op_ == opcode::close) {
        if (!chunk.empty()) {
            std::memcpy(room_->control.data() + room_->control_size, chunk.data(), chunk.size());
        }
        room_->control_size = static_cast<std::uint8_t>(room_->control_size + chunk.size());
        payload = {room_->control.data(), room_->control_size};
    }
    if (bytes_left_ != 0) {
        return false;
    }
    frame_open_ = false;
    if (op_ == opcode::close) {
        receive_close(payload, now);
        return false;
    }
    room_->control_size = 0;
    if (op_ == opcode::ping) {
        if (is_open()) {  // [6455-5.5.2-02]; nothing follows our own Close [6455-5.5.1-06]
            queue_pong(payload, now);
        }
        what.kind = event_kind::ping;
    } else {
        what.kind = event_kind::pong;  // [6455-5.5.3-04]: no answer
    }
    what.payload = payload;
    return true;
}

void connection::receive_close(byte_view payload, time_point now) {
    const close_body body = parse_close(payload);
    if (body.why != error_code::none) {
        violate(body.why, offset_ - payload.size() + body.offset, now);
        return;
    }
    // [6455-7.1.5-01] [6455-7.1.6-01]: of the first Close; no second is read
    received_code_ = body.code;
    if (body.reason.empty()) {
        room_->control_size = 0;  // nothing to keep: most sessions end without memory of their own
    }
    apply(close_input::peer_close, now);
}

void connection::discard(byte_span in, step& done, time_point now) {
    done.taken = in.size();
    // Until our Close is on its way only close_within limits what is discarded.
    const bool counts = state_ == close_state::draining || state_ == close_state::awaiting_end;
    if (counts && in.size() > bytes_left_) {  // [6455-7.1.1-03]: the allowance is used up
        done.what = finish_by(close_input::deadline, error_code::none, now);
    } else if (counts) {
        bytes_left_ -= in.size();
    }
}

}  // namespace plainsong
