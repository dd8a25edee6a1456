// SPDX-License-Identifier: MIT
// session_send.cpp — what a session sends.
//
// Order on the wire: a frame that has begun, then control frames (a pong overtakes queued messages),
// then messages; only a Close that the program asked for waits behind them.  A session that is being
// read gathers its frames; everything else is sent at once and queued if the kernel takes it not.
#include <algorithm>
#include <array>

#include <plainsong/app/session.hpp>
#include <plainsong/base/contract.hpp>

#include "src/app/session_core.hpp"
#include "src/app/session_scope.hpp"

namespace plainsong {

namespace {

constexpr duration kernel_memory_pause = std::chrono::milliseconds(20);
constexpr std::size_t slices_per_send = 64;

io_slice slice_of(byte_view bytes) {
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

std::uint8_t text_or_binary(opcode type) {
    return type == opcode::text ? 1 : 0;
}

}  // namespace

bool session::has_queue() const {
    return extras_ != nullptr && !extras_->queue.empty();
}

std::size_t session::backlog_bytes() const {
    return extras_ == nullptr ? 0 : extras_->queue.bytes();
}

std::uint64_t session::unsent_bytes() const {
    return extras_ == nullptr ? 0 : extras_->bytes_unsent + extras_->queue.message_bytes();
}

template <typename Call>
send_result session::command(Call call) {
    if (!is_open()) {
        return {fate::gone, error_code::not_open};
    }
    session_scope scope(*this);
    const error why = call();
    return why ? send_result{fate::refused, why.code()} : send_result{};
}

// ---- the program's calls ---------------------------------------------------------------------------

send_result session::send(const message& m, std::uint64_t key) {
    if (m.type != opcode::text && m.type != opcode::binary) {
        return {fate::refused, error_code::invalid_argument};
    }
    return send_frame(m, true, key);
}

send_result session::send_text(std::string_view text) {
    if (!is_utf8(as_bytes(text))) {
        return {fate::refused, error_code::text_not_utf8};
    }
    return send_frame({opcode::text, as_bytes(text)}, true, no_key);
}

send_result session::send_binary(byte_view bytes) {
    return send_frame({opcode::binary, bytes}, true, no_key);
}

send_result session::send_begin(opcode type, bool may_compress) {
    if (type != opcode::text && type != opcode::binary) {
        return {fate::refused, error_code::invalid_argument};
    }
    const send_result result =
        send_frame({.type = type, .may_compress = may_compress}, false, no_key);
    if (result) {
        sending_ = true;
        sending_text_ = text_or_binary(type) != 0;
        extras().text_sent.reset();
    }
    return result;
}

send_result session::send_part(byte_view part) {
    if (sending_ && sending_text_) {
        utf8_validator after = extras().text_sent;
        if (after.feed(part) != part.size()) {
            return {fate::refused, error_code::text_not_utf8};
        }
        const send_result result = send_frame({opcode::continuation, part}, false, no_key);
        if (result) {
            extras().text_sent = after;
        }
        return result;
    }
    return send_frame({opcode::continuation, part}, false, no_key);
}

send_result session::send_end() {
    if (sending_ && sending_text_ && !extras().text_sent.complete()) {
        return {fate::refused, error_code::text_not_utf8};
    }
    const send_result result = send_frame({opcode::continuation, {}}, true, no_key);
    if (result) {
        sending_ = sending_deflated_ = false;
    }
    return result;
}

send_result session::ping(byte_view payload) {
    return command([&] { return engine_.ping(payload); });
}

send_result session::pong(byte_view payload) {
    return command([&] { return engine_.pong(payload); });
}

send_result session::close(std::uint16_t code, std::string_view reason) {
    return command([&] { return engine_.close(code, reason, core().its_loop.now()); });
}

void session::terminate() {
    if (phase_ == phase::dead || is_over_) {
        return;
    }
    session_scope scope(*this);
    if (phase_ == phase::open) {
        engine_.lost(error_code::terminated, core().its_loop.now());
    }
    is_over_ = true;
}

// ---- frames ----------------------------------------------------------------------------------------

send_result session::send_frame(const message& m, bool last, std::uint64_t key) {
    if (!is_open()) {
        return {fate::gone, error_code::not_open};
    }
    if (!entered_) {
        session_scope scope(*this);
        return send_frame(m, last, key);
    }
    check_thread();  // another thread may have come while the loop's serves this session
    // What the engine would refuse does not make others give way.
    const bool is_in_order = (m.type == opcode::continuation) == sending_;
    if (has_queue() && is_in_order && !make_room(m.payload.size() + max_frame_head_bytes, key)) {
        core().counts.messages_refused.add(1);
        return {is_open() ? fate::refused : fate::gone, error_code::refused_full};
    }
    return send_now(m, last, key);
}

// Without asking for room in the queue.
send_result session::send_now(const message& m, bool last, std::uint64_t key) {
    metrics& counts = core().counts;
    frame_header header;
    // The engine judges before anything is compressed: what is refused leaves no trace in a context.
    const bool compressed = compresses_ && is_worth_compressing(m, last, key);
    if (auto why = engine_.send_header(m.type, m.payload.size(), last, header, compressed)) {
        return {fate::refused, why.code()};
    }
    if (key != no_key && has_queue() && extras_->queue.drop_key(key)) {
        counts.messages_dropped.add(1);
    }
    if (last) {
        counts.messages_sent.add(1);
    }
    const bool is_whole = last && m.type != opcode::continuation;
    const byte_view payload = compresses_ ? deflated(m, last, header) : m.payload;
    // Only a whole message can be given up again: a piece would leave the others without sense.
    return put(header, payload, {.key = key, .is_message = is_whole});
}

send_result session::put(const frame_header& header, byte_view payload, outbox_tag what) {
    gather& out = core().lent.out;
    // A gathered message forgets its key, so one that has a key goes its own way.
    if (core().lent.reading == this && what.key == no_key && !blocked_ && !has_queue() &&
        out.add(header, payload, what.is_message)) {
        return {};
    }
    return put_alone(header, payload, what);
}

// Sends a frame by itself and queues what is left of it.
send_result session::put_alone(const frame_header& header, byte_view payload, outbox_tag what) {
    if (core().lent.reading == this) {
        flush_gather();  // what was sent before it, and perhaps there is room then
        if (what.key == no_key && !blocked_ && !has_queue() &&
            core().lent.out.add(header, payload, what.is_message)) {
            return {};
        }
    }
    const frame_head head = encode_frame_head(header);
    std::size_t sent = 0;
    if (!blocked_ && !has_queue()) {
        sent = header.masked ? send_masked(head, payload, header.key) : send_plain(head, payload);
        if (sent == head.size + payload.size()) {
            return {};
        }
        what.begun = sent != 0;
    }
    const std::size_t of_head = std::min<std::size_t>(sent, head.size);
    const std::size_t of_payload = sent - of_head;
    extras().queue.push(head.view().subspan(of_head), payload.subspan(of_payload), what,
                        header.key.rotated(of_payload));
    above_high_ = above_high_ || backlog_bytes() > route_->config.bounds.outbox_high_bytes;
    return {fate::queued};
}

// Returns: how many bytes of head and payload left; likewise below.
std::size_t session::send_plain(const frame_head& head, byte_view payload) {
    const std::array slices = {slice_of(head.view()), slice_of(payload)};
    const io_result sent = stream_.send(std::span(slices).first(payload.empty() ? 1 : 2));
    return note_send(sent) ? sent.count : 0;
}

// The program's memory stays as it is, so a client's payload is masked into memory of the loop, piece
// by piece: while a piece is on its way into the kernel it is still in the processor's cache.
std::size_t session::send_masked(const frame_head& head, byte_view payload, mask_key key) {
    const byte_span room = core().lent.masked;
    std::copy_n(head.bytes.data(), head.size, room.data());
    std::size_t filled = head.size;
    std::size_t masked = 0;
    std::size_t gone = 0;
    do {
        const byte_view rest = payload.subspan(masked);
        const byte_view piece = rest.first(std::min(rest.size(), room.size() - filled));
        copy_masked(room.data() + filled, piece, key.rotated(masked));
        masked += piece.size();
        filled += piece.size();
        const std::array slices = {slice_of(room.first(filled))};
        const io_result sent = stream_.send(slices);
        const std::size_t count = note_send(sent) ? sent.count : 0;
        gone += count;
        if (count < filled) {
            break;
        }
        filled = 0;
    } while (masked < payload.size());
    return gone;
}

// Returns: whether the queue may take `size` more bytes, after the policy has been applied; a
// message with the same key will give way.
bool session::make_room(std::size_t size, std::uint64_t key) {
    const limits& bounds = route_->config.bounds;
    outbox& queue = extras_->queue;
    const auto fits = [&] {
        const std::size_t freed = key == no_key ? 0 : queue.cost_of_key(key);
        return queue.cost() - freed + outbox::cost_of(size) <= bounds.outbox_bytes &&
               queue.messages() - (freed == 0 ? 0U : 1U) < bounds.outbox_messages;
    };
    switch (route_->on.overflow) {
        case overflow_policy::refuse:
            break;
        case overflow_policy::close:
            if (!fits()) {
                engine_.fail(error_code::send_queue_overflow, core().its_loop.now());
                drop_queue();
            }
            break;
        case overflow_policy::drop_oldest:
            while (outbox::cost_of(size) <= bounds.outbox_bytes && !fits() && queue.drop_oldest()) {
                core().counts.messages_dropped.add(1);
            }
            break;
    }
    return is_open() && fits();
}

// Bytes that are no frame: a request or the answer to one, the latter perhaps with FIN behind it.
void session::send_raw(byte_view bytes, bool is_last) {
    std::size_t count = 0;
    if (!has_queue()) {  // a proxy may answer before it has read all
        const std::array slices = {slice_of(bytes)};
        const io_result sent = stream_.send(slices, is_last);
        count = note_send(sent) ? sent.count : 0;
    }
    if (count != bytes.size() && !write_broken_) {
        extras().queue.push({}, bytes.subspan(count), {.is_message = false, .begun = true});
    }
}

// ---- flushing --------------------------------------------------------------------------------------

// Takes note of what became of a send.  Returns: whether some bytes left.
bool session::note_send(const io_result& outcome) {
    const time_point now = core().its_loop.now();
    switch (outcome.status) {
        case io_result::kind::done:
            core().counts.bytes_sent.add(outcome.count);
            if (extras_ != nullptr) {
                extras_->note_progress(outcome.count, route_->config.bounds.write_stall_bytes, now);
            }
            return true;
        case io_result::kind::would_block:
            blocked_ = true;
            extras().begin_stall(now);
            if (outcome.number != 0) {
                extras().retry_at = now + kernel_memory_pause;
            }
            return false;
        case io_result::kind::end:
        case io_result::kind::failed:
            break;
    }
    write_broken_ = true;
    if (system_error_ == 0) {
        system_error_ = static_cast<std::int16_t>(outcome.number);
    }
    return false;
}

void session::flush() {
    flush_all();
    if (note_drained()) {
        flush_all();
        // If on_drain has filled the queue again and that has left, too, the next on_drain is owed:
        // the poller calls for it in the next turn, so that a fast reader does not keep this one.
        blocked_ = blocked_ || above_high_;
    }
}

void session::flush_all() {
    if (phase_ == phase::open && engine_.state() > close_state::close_sent) {
        drop_queue();  // the peer has closed, or is failed: what has not begun is given up
    }
    while (!blocked_ && !write_broken_ &&
           (has_queue() || (phase_ == phase::open && !engine_.output().empty()))) {
        flush_queue();
    }
    if (extras_ != nullptr && !blocked_) {
        extras_->blocked_since = never;
    }
}

// All that the session being read has sent, and its control frames, in one system call.
void session::flush_gather() {
    gather& out = core().lent.out;
    if (out.empty()) {
        return;
    }
    const byte_view control = engine_.output();
    const io_result sent = stream_.send(control.empty() ? out.slices() : out.slices_and(control));
    const std::size_t count = note_send(sent) ? sent.count : 0;
    if (count >= out.bytes()) {
        note_control_sent(count - out.bytes());
    } else {
        outbox& queue = extras().queue;
        message_block& incoming = extras_->incoming;
        out.for_each_unsent(count, [&](byte_view rest, bool begun, bool whole) {
            const outbox_tag what{.is_message = whole, .begun = begun};
            // The queue may give it up again, so a message still being delivered is copied.
            if (incoming.holds(rest.data()) && !out.is_offered()) {
                queue.push_block(incoming, rest, what);
            } else {
                queue.push({}, rest, what);
            }
        });
        above_high_ = above_high_ || queue.bytes() > route_->config.bounds.outbox_high_bytes;
    }
    out.clear();
}

// One system call for what is queued, control frames at their place.
void session::flush_queue() {
    outbox* const queue = has_queue() ? &extras_->queue : nullptr;
    const byte_view control = phase_ == phase::open ? engine_.output() : byte_view{};
    const bool control_last = phase_ == phase::open && engine_.state() == close_state::close_sent;
    std::array<io_slice, slices_per_send> slices;
    std::size_t used = 0;
    std::size_t before_control = 0;  // bytes
    if (queue != nullptr) {
        const std::size_t most = control_last ? slices.size() - 1 : queue->first_is_begun() ? 1 : 0;
        used = queue->slices(std::span(slices).first(most), 0);
        for (std::size_t i = 0; i < used; ++i) {
            before_control += slices[i].iov_len;
        }
    }
    const bool has_control =
        !control.empty() && (!control_last || queue == nullptr || before_control == queue->bytes());
    if (has_control) {
        slices[used++] = slice_of(control);
    }
    if (queue != nullptr && !control_last) {
        const std::size_t skip = queue->first_is_begun() ? 1 : 0;
        used += queue->slices(std::span(slices).subspan(used), skip);
    }
    const bool is_last = has_control && engine_.ends_with_output();
    const io_result sent = stream_.send(std::span(slices).first(used), is_last);
    if (!note_send(sent)) {
        return;
    }
    std::size_t left = sent.count;
    const std::size_t first = std::min(left, before_control);
    if (first != 0) {
        queue->consume(first, core().lent.blocks);
    }
    left -= first;
    if (has_control) {
        const std::size_t of_control = std::min(left, control.size());
        left -= of_control;
        note_control_sent(of_control);
    }
    if (left != 0) {
        extras_->queue.consume(left, core().lent.blocks);
    }
}

// The rest of a control frame that has begun joins the queue, at its front: in the engine there are
// whole frames only, so that it is free to replace a pong.  Once a Close is among them nothing more
// is queued, and the engine is to know when it has left.
void session::note_control_sent(std::size_t size) {
    const byte_view control = engine_.output();
    if (size == 0) {
        return;
    }
    if (size < control.size() && engine_.is_open()) {
        extras().queue.push_rest(control.subspan(size));
        size = control.size();
    }
    engine_.output_sent(size, core().its_loop.now());
}

// Returns: whether the program was told and may have sent more.
bool session::note_drained() {
    if (!above_high_ || backlog_bytes() > route_->config.bounds.outbox_high_bytes / 2) {
        return false;
    }
    above_high_ = false;
    if (!is_open() || !route_->on.on_drain) {
        return false;
    }
    route_->on.on_drain(*this);
    return true;
}

void session::drop_queue() {
    if (has_queue()) {
        const std::size_t before = extras_->queue.bytes();
        extras_->messages_unsent += extras_->queue.drop_unbegun();
        extras_->bytes_unsent += before - extras_->queue.bytes();
    }
}

}  // namespace plainsong
