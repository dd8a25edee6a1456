// SPDX-License-Identifier: MIT
// load_receive.cpp — what a connection of the load generator does with bytes that come.
//
// Used by: tools/load_run.  Depends on: tools/load_client.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/close.hpp>

#include "tools/load_client.hpp"

namespace plainsong::load {
namespace {

constexpr std::uint64_t sampled = 16;  // every so many messages, with --verify sample
constexpr std::size_t worth_skipping = std::size_t{32} << 10;

/// Names the first difference.
std::string difference(byte_view received, const std::uint8_t* expected, std::size_t at) {
    std::size_t i = 0;
    while (received[i] == expected[i]) {
        ++i;
    }
    char text[80];
    std::snprintf(text, sizeof text, "byte %zu of the echo is 0x%02X instead of 0x%02X", at + i,
                  unsigned{received[i]}, unsigned{expected[i]});
    return text;
}

}  // namespace

/// Whether the payload that comes next isn't looked at, and so large that dropping it in the kernel
/// spares time.  Only TCP sockets of Linux do that.
bool client::may_skip(const workload& work) const {
#ifdef __linux__
    return work.wanted.verify == verification::sample && answered_ % sampled != 0 &&
           state_ == state::open && !work.casting && inflating_ == nullptr &&
           work.frames.payload_bytes() >= worth_skipping &&
           work.wanted.server.family() != address_family::unix_path;
#else
    static_cast<void>(work);
    return false;
#endif
}

/// Receives once.  Returns: the bytes for take_frames; none if they were dropped, or if none came.
byte_span client::receive_some(workload& work, std::size_t& dropped) {
    std::size_t size = work.buffer.size();
    int flags = 0;
    if (may_skip(work)) {
        const bool inside = in_payload_ && !is_control(frame_.op);
        flags = inside ? MSG_TRUNC : 0;
        size = inside ? static_cast<std::size_t>(frame_left_) : max_frame_head_bytes - head_size_;
    }
    const ssize_t count = recv(socket_.number(), work.buffer.data(), size, flags);
    if (count <= 0) {
        if (count == 0 || errno != EAGAIN) {
            end(work, count == 0 ? 0 : errno);
        }
        return {};
    }
    work.now = now_ns();
    if (flags != 0) {
        dropped = static_cast<std::size_t>(count);
        return {};
    }
    return byte_span(work.buffer).first(static_cast<std::size_t>(count));
}

void client::receive(workload& work) {
    std::size_t dropped = 0;
    byte_span in = receive_some(work, dropped);
    if (state_ == state::upgrading && !in.empty()) {
        return take_answer(work, in);
    }
    take(work, in);
    if (in_payload_ && !in.empty() && in.size() <= max_frame_head_bytes && may_skip(work)) {
        in = receive_some(work, dropped);  // the head is known now
        take(work, in);
    }
    drop_payload(work, dropped);
    if (state_ == state::open && work.failure.empty()) {
        allow_more(work);
        pump(work);
    }
}

void client::drop_payload(workload& work, std::size_t count) {
    received_ += count;
    message_at_ += count;
    frame_left_ -= count;
    if (count > 0 && frame_left_ == 0) {
        end_frame(work);
    }
}

/// Reads what came.  The ceiling server sends the right number of bytes, but not the right ones:
/// those that an echo would have been are read in their place, so that the generator works as much
/// as for any other server.
void client::take(workload& work, byte_view in) {
    if (!work.wanted.tell_sizes) {
        return take_frames(work, in);
    }
    const byte_view ring = work.frames.echoes();
    const std::size_t start = index_ % work.frames.count() * work.frames.echo_bytes();
    std::size_t left = state_ == state::open ? in.size() : 0;
    while (left > 0 && work.failure.empty()) {
        const std::size_t at = (start + received_) % ring.size();
        const std::size_t count = std::min(left, ring.size() - at);
        take_frames(work, ring.subspan(at, count));
        received_ += count;
        left -= count;
    }
}

void client::take_answer(workload& work, byte_span in) {
    if (!partial_.empty()) {  // rare: the head came in pieces
        partial_.insert(partial_.end(), in.begin(), in.end());
        in = partial_;
    }
    http::head_parser parser(http::head_kind::response);
    const http::head_step step = parser.feed(in, http::head_limits{});
    if (step.status == http::head_step::kind::need_more) {
        if (partial_.empty()) {
            partial_.assign(in.begin(), in.end());
        }
        return;
    }
    if (step.status == http::head_step::kind::failed) {
        return lose(
            work, 0,
            std::string("the server doesn't speak HTTP/1.1: ") + facts_of(step.why.code).text);
    }
    check_answer(work, in.first(step.size));
    if (state_ == state::none) {
        return;
    }
    const std::vector<std::uint8_t> rest(in.begin() + static_cast<std::ptrdiff_t>(step.size),
                                         in.end());
    partial_.clear();
    state_ = state::open;
    --work.handshakes;
    ++work.open;
    if (work.wanted.what == mode::storm) {
        close(work);
    }
    if (!rest.empty()) {
        take_frames(work, rest);
    }
}

void client::check_answer(workload& work, byte_span head) {
    http::response_head answer;
    http::read_head(head, answer);
    if (answer.status != 101) {
        return lose(work, 0,
                    "the server refused: " + std::to_string(answer.status) + " " +
                        std::string(answer.reason));
    }
    if (work.wanted.tell_sizes) {
        return;
    }
    const http::field* accept = http::find(answer.fields.all(), "Sec-WebSocket-Accept");
    const greeting& said = work.greetings[index_ % work.greetings.size()];
    if (!accept || accept->value != said.answer.text()) {  // [6455-4.1-36]
        return lose(work, 0, "the server's Sec-WebSocket-Accept doesn't answer our key");
    }
    if (work.wanted.compression == compression_kind::none) {
        return;
    }
    deflate_parameters agreed;
    if (!reads_answer({answer.fields.all(), "Sec-WebSocket-Extensions"}, work.wanted.compression,
                      agreed)) {
        return lose(work, 0, "the server doesn't agree to the compression that was offered");
    }
    inflating_ = std::make_unique<echo_inflater>(agreed, work.frames.payload_bytes());
}

void client::take_frames(workload& work, byte_view in) {
    while (!in.empty() && work.failure.empty() && state_ != state::none) {
        in = in.subspan(in_payload_ ? take_payload(work, in) : take_head(work, in));
    }
}

/// Returns: how many bytes of `in` belong to the head.
std::size_t client::take_head(workload& work, byte_view in) {
    frame_rules rules;
    rules.receiver = role::client;
    rules.message_open = message_open_;
    rules.compression = inflating_ != nullptr;
    const std::size_t before = head_size_;
    byte_view all = in;
    if (before > 0) {  // the last read has cut it
        const std::size_t more = std::min(in.size(), head_.size() - before);
        std::memcpy(head_.data() + before, in.data(), more);
        all = byte_view(head_).first(before + more);
    }
    const frame_parse parse = parse_frame_head(all, rules, frame_);
    if (parse.why != error_code::none) {
        fail(work, std::string("a frame breaks the protocol: ") + facts_of(parse.why).text);
        return in.size();
    }
    if (parse.size == 0) {
        std::memmove(head_.data(), all.data(), all.size());
        head_size_ = static_cast<std::uint8_t>(all.size());
        return in.size();
    }
    head_size_ = 0;
    begin_frame(work);
    return parse.size - before;
}

void client::begin_frame(workload& work) {
    frame_left_ = frame_.payload_size;
    in_payload_ = true;
    if (close_received_) {
        return fail(work, "a frame follows the Close");
    }
    if (is_control(frame_.op)) {
        partial_.clear();
    } else {
        if (!work.casting) {
            begin_echo(work);
        }
        message_open_ = !frame_.final;
    }
    if (frame_left_ == 0 && work.failure.empty()) {
        if (deflated_ && !is_control(frame_.op)) {
            inflate_echo(work, {});
        }
        end_frame(work);
    }
}

void client::begin_echo(workload& work) {
    const std::uint64_t size = message_at_ + frame_.payload_size;
    const std::size_t wanted = work.frames.payload_bytes();
    work.echo_bytes += frame_.payload_size;
    if (answered_ == allowed_) {
        return fail(work, "a message comes that echoes none");
    }
    if (!message_open_ && frame_.op != work.frames.op()) {
        return fail(work, "text comes back as binary, or binary as text");
    }
    if (!message_open_) {
        deflated_ = frame_.compressed;
        if (deflated_) {
            inflating_->begin();
        }
    }
    if (deflated_) {
        return;  // its size is seen when it is inflated
    }
    if (size > wanted || (frame_.final && size < wanted)) {
        fail(work, "message " + std::to_string(answered_ + 1) + " has " + std::to_string(size) +
                       " bytes, its echo " + std::to_string(wanted));
    }
}

/// Returns: how many bytes of `in` belong to the frame's payload.
std::size_t client::take_payload(workload& work, byte_view in) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(frame_left_, in.size()));
    const byte_view payload = in.first(count);
    if (is_control(frame_.op)) {
        partial_.insert(partial_.end(), payload.begin(), payload.end());
    } else {
        take_data(work, payload);
    }
    frame_left_ -= count;
    if (frame_left_ == 0 && work.failure.empty()) {
        end_frame(work);
    }
    return count;
}

void client::take_data(workload& work, byte_view payload) {
    if (deflated_) {
        return inflate_echo(work, payload);
    }
    if (!work.casting) {
        verify_echo(work, payload);
    } else if (index_ < work.wanted.connections) {
        work.cast.take(index_, message_at_, payload);
    }
    message_at_ += payload.size();
}

void client::inflate_echo(workload& work, byte_view payload) {
    const bool is_last = frame_.final && payload.size() == frame_left_;
    const error_code why = inflating_->inflate(payload, is_last, [&](byte_view text) {
        verify_echo(work, text);
        message_at_ += text.size();
    });
    const auto which = [&] { return "message " + std::to_string(answered_ + 1); };
    if (why != error_code::none) {
        fail(work, which() + " can't be inflated: " + facts_of(why).text);
    } else if (is_last && message_at_ < work.frames.payload_bytes()) {
        fail(work, which() + " inflates to " + std::to_string(message_at_) + " bytes, its echo " +
                       std::to_string(work.frames.payload_bytes()));
    }
}

void client::verify_echo(workload& work, byte_view payload) {
    const std::uint64_t message = index_ % work.frames.count() + answered_;
    const std::uint8_t* expected = work.frames.payload(message) + message_at_;
    if ((work.wanted.verify == verification::all || answered_ % sampled == 0) &&
        std::memcmp(payload.data(), expected, payload.size()) != 0) {
        fail(work, "message " + std::to_string(answered_ + 1) + ": " +
                       difference(payload, expected, message_at_));
    }
}

void client::end_frame(workload& work) {
    in_payload_ = false;
    if (is_control(frame_.op)) {
        end_control(work);
    } else if (frame_.final) {
        end_message(work);
    }
}

void client::end_message(workload& work) {
    if (work.casting) {
        return end_arrival(work);
    }
    message_at_ = 0;
    work.record(work.paced ? work.pace.due(number_dealt(index_, work.wanted.connections, answered_))
                           : times_[answered_ % times_.size()]);
    ++answered_;
    ++work.completed;
    --work.under_way;
}

void client::end_arrival(workload& work) {
    const std::size_t size = std::exchange(message_at_, 0);
    if (index_ == work.wanted.connections) {
        return;  // what the sender gets of its own counts for nothing
    }
    const broadcast::arrival came = work.cast.finish(index_, size);
    switch (came.what) {
        case broadcast::arrival::kind::good:
            work.record(came.sent);
            ++work.completed;
            break;
        case broadcast::arrival::kind::repeated:
            return fail(work, "a message comes twice, or behind one that was sent later");
        case broadcast::arrival::kind::different:
            return fail(work, "a message comes that differs from what was sent");
        case broadcast::arrival::kind::foreign:
            break;
    }
}

void client::end_control(workload& work) {
    if (frame_.op == opcode::ping && state_ != state::closing) {
        if (error why = append_masked(urgent_, opcode::pong, partial_)) {
            return fail(work, facts_of(why.code()).text);
        }
        ++work.pings;
        pump(work);
    } else if (frame_.op == opcode::close) {
        close_received_ = true;
        if (state_ != state::closing) {
            const close_body body = parse_close(partial_);
            lose(work, 0,
                 "the server closed it: " + std::to_string(body.code) + " " +
                     std::string(body.reason));
        }
    }
}

}  // namespace plainsong::load
