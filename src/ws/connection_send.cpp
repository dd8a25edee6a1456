// SPDX-License-Identifier: MIT
// connection_send.cpp — the speaking half of the engine: commands to bytes, deadlines, the end
// (RFC 6455 §5.5, §6.1, §7).
#include <algorithm>
#include <cstring>

#include <plainsong/base/contract.hpp>
#include <plainsong/http/text.hpp>
#include <plainsong/ws/connection.hpp>

namespace plainsong {

namespace {

constexpr std::size_t control_frame_bytes = 6 + max_control_bytes;
// Data and pings leave this much free, so that a pong and a Close always fit.
constexpr std::size_t reserved_for_answers = 2 * control_frame_bytes;

}  // namespace

// ---- the output ---------------------------------------------------------------------------------

bool workspace::make_room(std::size_t size) {
    if (output.size() - end < size && begin != 0) {
        std::memmove(output.data(), output.data() + begin, end - begin);
        end -= begin;
        pong_at -= pong_at == no_pong ? 0 : begin;
        begin = 0;
    }
    return output.size() - end >= size;
}

void workspace::append(const frame_head& frame, byte_view payload, mask_key key) {
    std::uint8_t* const to = output.data() + end;
    std::memcpy(to, frame.bytes.data(), frame.size);
    copy_masked(to + frame.size, payload, key);
    end += static_cast<std::uint32_t>(frame.size + payload.size());
}

// ---- frames -------------------------------------------------------------------------------------

error connection::send(opcode type, byte_view payload, bool last, bool compressed) {
    if (is_open() &&
        !room_->make_room(payload.size() + max_frame_head_bytes + reserved_for_answers)) {
        return error_code::output_full;
    }
    frame_head head;
    mask_key key;
    if (auto why = send_head(type, payload.size(), last, head, key, compressed)) {
        return why;
    }
    room_->append(head, payload, key);
    return {};
}

error connection::queue_control(opcode op, byte_view payload, std::size_t reserve) {
    if (!room_->make_room(control_frame_bytes + reserve)) {
        return error_code::output_full;
    }
    mask_key key;
    if (!next_key(key)) {
        return error_code::no_entropy;
    }
    const frame_head head = encode_frame_head({.payload_size = payload.size(),
                                               .key = key,
                                               .op = op,
                                               .masked = config_->self == role::client});
    room_->append(head, payload, key);  // [7692-6.1-03]: no RSV1, whatever was agreed on
    return {};
}

error connection::ping(byte_view payload) {
    if (!is_open()) {
        return error_code::not_open;
    }
    if (payload.size() > max_control_bytes) {
        return error_code::control_too_long;  // [6455-5.5-02]
    }
    return queue_control(opcode::ping, payload, reserved_for_answers);
}

error connection::pong(byte_view payload) {
    if (!is_open()) {
        return error_code::not_open;
    }
    if (payload.size() > max_control_bytes) {
        return error_code::control_too_long;
    }
    return queue_control(opcode::pong, payload, reserved_for_answers);  // [6455-5.5.3-03]
}

// An unsent pong gives way to the newer one [6455-5.5.3-02]: a peer that pings and never reads
// costs one pong, not one for each ping.
void connection::queue_pong(byte_view payload, time_point now) {
    workspace& room = *room_;
    if (room.pong_at != workspace::no_pong) {
        std::uint8_t* const old = room.output.data() + room.pong_at;
        const std::size_t key_bytes = config_->self == role::client ? 4 : 0;
        const std::size_t size = 2 + key_bytes + (old[1] & 0x7F);
        std::memmove(old, old + size, room.end - room.pong_at - size);
        room.end -= static_cast<std::uint32_t>(size);
    }
    const std::size_t queued = room.end - room.begin;
    // [6455-5.5.3-01]: the ping's own payload.  Room is always there: ping and send leave it free.
    if (auto why = queue_control(opcode::pong, payload, 0)) {
        room.pong_at = workspace::no_pong;
        violate(why.code(), offset_, now);
        return;
    }
    room.pong_at = static_cast<std::uint32_t>(room.begin + queued);
}

void connection::queue_close(std::uint16_t code, std::string_view reason) {
    close_payload payload;
    if (encode_close(code, reason, payload)) {
        return;  // this failure has no code that may be sent
    }
    if (auto why = queue_control(opcode::close, payload.view(), 0)) {
        cause_ = cause_ == error_code::none ? why.code() : cause_;
        return;
    }
    sent_code_ = code;
}

void connection::output_sent(std::size_t size, time_point now) {
    workspace& room = *room_;
    PLAINSONG_REQUIRE(size <= room.end - room.begin);
    room.begin += static_cast<std::uint32_t>(size);  // [6455-6.1-10]
    if (room.pong_at < room.begin) {
        room.pong_at = workspace::no_pong;  // partly on the wire: it can't be replaced any more
    }
    if (room.begin == room.end) {
        room.begin = room.end = 0;
        note_flushed(now);
    }
}

void connection::note_flushed(time_point now) {
    if (sent_code_ != 0 && !close_flushed_ && state_ == close_state::close_sent) {
        since_ = now;  // the peer has its time from here on
    }
    close_flushed_ = sent_code_ != 0;
    if (state_ == close_state::closing || state_ == close_state::failing) {
        apply(config_->self == role::server ? close_input::flushed_as_server
                                            : close_input::flushed_as_client,
              now);
    }
}

// ---- the end ------------------------------------------------------------------------------------

error connection::close(std::uint16_t code, std::string_view reason, time_point now) {
    if (!is_open()) {
        return error_code::not_open;
    }
    if (code == close_code::extension_needed && config_->self == role::server) {
        return error_code::close_code_not_sendable;  // [6455-7.4.1-14]
    }
    close_payload payload;
    if (auto why = encode_close(code, reason, payload)) {
        return why;
    }
    if (auto why = queue_control(opcode::close, payload.view(), 0)) {
        return why;
    }
    sent_code_ = code;  // [6455-7.1.2-01] [6455-7.3-03]
    apply(close_input::local_close, now);
    return {};
}

void connection::fail(error_code why, time_point now, std::size_t behind) {
    violate(why, offset_ - behind, now);
}

void connection::violate(error_code why, std::uint64_t offset, time_point now) {
    if (discards_input()) {
        return;
    }
    cause_ = why;  // [6455-7.2.1-01]
    offset_ = offset;
    room_->head_size = room_->control_size = 0;  // what was cut is of no use any more
    apply(close_input::violation, now);
    if (room_->begin == room_->end) {
        note_flushed(now);  // our Close left earlier, so nothing else is owed
    }
}

// Returns: whether the connection is over by it.
bool connection::apply(close_input input, time_point now) {
    const close_transition transition = close_step(state_, input);
    if (transition.next != state_) {
        since_ = now;
        if (transition.next > close_state::close_sent) {
            bytes_left_ = config_->bounds.drain_bytes;
        }
    }
    state_ = transition.next;
    switch (transition.action) {
        case close_action::send_close:
            if (input == close_input::violation) {
                const error_facts& facts = facts_of(cause_);
                queue_close(facts.answer, http::text_of(facts.text));
            }
            break;  // `close` has queued its own frame already
        case close_action::answer_close:
            peer_first_ = true;
            // [6455-5.5.1-07] [6455-5.5.1-08]
            queue_close(received_code_, {});
            break;
        case close_action::send_fin:  // wants_shutdown() says so
        case close_action::finish:
        case close_action::none:
            break;
    }
    if (input == close_input::peer_close && room_->begin == room_->end) {
        note_flushed(now);
    }
    return transition.action == close_action::finish;
}

event connection::finish_by(close_input input, error_code why, time_point now) {
    const bool both_closed = received_code_ != 0 && close_flushed_;
    if (cause_ == error_code::none && !both_closed && !finished()) {
        cause_ = why;
    }
    event what;
    if (apply(input, now)) {
        what.kind = event_kind::closed;
    }
    return what;
}

event connection::receive_eof(time_point now) {
    return finish_by(close_input::end, error_code::unexpected_end, now);
}

event connection::lost(error_code why, time_point now) {
    return finish_by(close_input::lost, why, now);  // [6455-7.2.1-02]
}

close_info connection::outcome() const {
    close_info info;
    info.sent_code = sent_code_;
    info.cause = {cause_, cause_ == error_code::none ? 0 : offset_};
    if (received_code_ != 0) {
        info.code = received_code_;
        info.who = peer_first_ ? close_initiator::peer : close_initiator::local;
        info.clean = close_flushed_;  // [6455-7.1.4-02]
        if (room_ != nullptr && room_->control_size > 2) {
            info.reason = as_text({room_->control.data() + 2, room_->control_size - 2U});
        }
    } else if (sent_code_ != 0) {
        info.who = close_initiator::local;
    }
    return info;
}

// ---- time ---------------------------------------------------------------------------------------

time_point connection::next_deadline() const {
    const limits& bounds = config_->bounds;
    switch (state_) {
        case close_state::closed:
            return never;
        case close_state::draining:
            return after(since_, bounds.drain_within);
        case close_state::close_sent:
        case close_state::closing:
        case close_state::failing:
        case close_state::awaiting_end:
            return after(since_, bounds.close_within);
        case close_state::open:
            break;
    }
    time_point next = awaiting_pong_ ? after(since_, bounds.pong_within)
                      : pings()      ? after(last_received_, bounds.ping_after)
                                     : after(last_received_, bounds.idle_timeout);
    if (is_in_message()) {
        next = std::min(next, after(last_received_, bounds.message_stall));
    }
    return next;
}

event connection::on_deadline(time_point now) {
    if (now < next_deadline()) {
        return {};
    }
    if (state_ != close_state::open) {
        return finish_by(close_input::deadline,
                         state_ == close_state::close_sent ? error_code::close_not_answered
                                                           : error_code::write_stalled,
                         now);
    }
    const limits& bounds = config_->bounds;
    if (is_in_message() && now >= after(last_received_, bounds.message_stall)) {
        violate(error_code::message_stalled, offset_, now);
    } else if (awaiting_pong_) {
        return finish_by(close_input::deadline, error_code::no_pong, now);
    } else if (pings()) {
        // A clock that jumped far ahead comes by here too: nobody is dropped without a ping.
        awaiting_pong_ = true;
        since_ = now;
        // If the output is full of what the peer does not read, that ping would not leave either.
        if (auto why = queue_control(opcode::ping, {}, reserved_for_answers);
            why == error_code::no_entropy) {
            violate(why.code(), offset_, now);
        }
    } else {
        cause_ = error_code::idle_too_long;
        queue_close(facts_of(cause_).answer, http::text_of(facts_of(cause_).text));
        apply(close_input::local_close, now);
    }
    return {};
}

// ---- memory -------------------------------------------------------------------------------------

void workspace::take_over(workspace& old) {
    const std::uint32_t queued = old.end - old.begin;
    PLAINSONG_REQUIRE(output.size() >= queued);
    if (queued != 0) {
        std::memcpy(output.data(), old.output.data() + old.begin, queued);
    }
    begin = 0;
    end = queued;
    pong_at = old.pong_at == no_pong ? no_pong : old.pong_at - old.begin;
    head_size = old.head_size;
    control_size = old.control_size;
    std::memcpy(head.data(), old.head.data(), old.head_size);
    std::memcpy(control.data(), old.control.data(), old.control_size);
    old.clear();
}

}  // namespace plainsong
