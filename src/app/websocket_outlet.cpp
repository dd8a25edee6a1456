// SPDX-License-Identifier: MIT
// websocket_outlet.cpp — see websocket_outlet.hpp.
//
// A message goes straight to the session if nothing waits here and the session is below its high
// mark. Otherwise it waits here, and leaves in fragments: each of them is small beside the mark, so
// that the session never holds much more, and always calls on_drain for the next.
#include "src/app/websocket_outlet.hpp"

#include <algorithm>

#include <plainsong/ws/frame.hpp>

#include "src/app/blob_data.hpp"

namespace plainsong {

namespace {

constexpr std::size_t piece_bytes = 64 << 10;
// A peer that reads as fast as a file is read leaves the loop to others after this much.
constexpr std::uint64_t turn_bytes = 1 << 20;

error error_of(const send_result& outcome) {
    // A session that has closed meanwhile takes nothing more, which its on_close will say.
    return outcome.what == fate::refused ? error(outcome.why) : error{};
}

std::uint64_t in_memory(const Blob& blob) {
    std::uint64_t bytes = 0;
    if (const blob_data* const data = blob_data::data_of(blob)) {
        for (const blob_part& part : data->parts) {
            bytes += part.block ? part.size : 0;
        }
    }
    return std::min(bytes, blob.size());
}

}  // namespace

error websocket_outlet::send(session& through, opcode type, byte_view bytes) {
    if (waiting_in_memory_ + through.backlog_bytes() + bytes.size() > most_bytes_) {
        return error_code::refused_full;
    }
    if (waiting_.empty() && through.backlog_bytes() <= high_bytes_) {
        return send_whole(through, type, bytes);
    }
    return queue(through, {type, Blob(bytes), bytes.size(), 0, false});
}

error websocket_outlet::send(session& through, const Blob& blob) {
    const std::uint64_t bytes = in_memory(blob);
    if (waiting_in_memory_ + through.backlog_bytes() + bytes > most_bytes_) {
        return error_code::refused_full;
    }
    return queue(through, {opcode::binary, blob, bytes, 0, false});
}

error websocket_outlet::queue(session& through, message one) {
    waiting_in_memory_ += one.bytes_in_memory;
    waiting_.push_back(std::move(one));
    return waiting_.size() == 1 ? move_on(through) : error{};
}

error websocket_outlet::move_on(session& through) {
    std::uint64_t moved = 0;
    wants_more_ = false;
    while (!waiting_.empty() && through.is_open() && through.backlog_bytes() <= high_bytes_) {
        if (moved >= turn_bytes) {
            wants_more_ = true;
            break;
        }
        const std::uint64_t done = waiting_.front().done;
        const std::uint64_t size = waiting_.front().content.size();
        if (auto why = send_next_piece(through)) {
            return why;
        }
        moved += std::min<std::uint64_t>(piece_bytes, size - done);
    }
    return {};
}

error websocket_outlet::send_whole(session& through, opcode type, byte_view bytes) {
    const send_result outcome = through.send({type, bytes});
    if (outcome) {
        note_frame(bytes.size());
    }
    return error_of(outcome);
}

error websocket_outlet::send_next_piece(session& through) {
    message& one = waiting_.front();
    const bool is_small = one.content.size() <= piece_bytes;
    if (!is_small && !one.begun) {
        if (const send_result outcome = through.send_begin(one.type); !outcome) {
            return error_of(outcome);
        }
        one.begun = true;
        note_frame(0);
    }
    auto bytes = read_piece(one);
    if (!bytes) {
        return bytes.why();
    }
    if (is_small) {
        if (auto why = send_whole(through, one.type, *bytes)) {
            return why;
        }
    } else {
        if (const send_result outcome = through.send_part(*bytes); !outcome) {
            return error_of(outcome);
        }
        note_frame(bytes->size());
        one.done += bytes->size();
        if (one.done < one.content.size()) {
            return {};
        }
        if (const send_result outcome = through.send_end(); !outcome) {
            return error_of(outcome);
        }
        note_frame(0);
    }
    waiting_in_memory_ -= one.bytes_in_memory;
    waiting_.pop_front();
    if (waiting_.empty()) {
        piece_ = {};
    }
    return {};
}

result<byte_view> websocket_outlet::read_piece(const message& from) {
    piece_.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(piece_bytes, from.content.size() - from.done)));
    if (auto count = from.content.read(from.done, piece_); !count) {
        return count.why();
    }
    return byte_view(piece_);
}

// ---- counting -----------------------------------------------------------------------------------

void websocket_outlet::note_frame(std::uint64_t payload) {
    const std::uint64_t head = payload < 126 ? 2 : payload < 65536 ? 4 : 10;
    const std::uint64_t wire = head + sizeof(mask_key::bytes) + payload;
    frames_.push_back({wire, payload});
    frames_wire_ += wire;
}

// Frames leave in order, so what the session still has are the last bytes of them.
void websocket_outlet::note_left(std::uint64_t unsent_wire) {
    std::uint64_t gone = frames_wire_ - std::min(frames_wire_, unsent_wire);
    while (!frames_.empty() && gone >= frames_.front().wire) {
        gone -= frames_.front().wire;
        frames_wire_ -= frames_.front().wire;
        left_ += frames_.front().payload;
        frames_.pop_front();
    }
    left_of_front_ = 0;
    if (!frames_.empty()) {
        const frame& front = frames_.front();
        const std::uint64_t rest = front.wire - gone;
        left_of_front_ = front.payload - std::min(front.payload, rest);
    }
}

std::uint64_t websocket_outlet::buffered(const session* through) {
    if (through != nullptr) {
        note_left(through->unsent_bytes());
    }
    return std::max(given_ - left_ - left_of_front_, given_in_task_);
}

void websocket_outlet::end_task(const session* through) {
    given_in_task_ = 0;
    if (through != nullptr) {
        note_left(through->unsent_bytes());
    }
}

void websocket_outlet::note_end(const session& through) {
    note_left(through.unsent_bytes());
    waiting_.clear();
    waiting_in_memory_ = 0;
    piece_ = {};
    wants_more_ = false;
}

}  // namespace plainsong
