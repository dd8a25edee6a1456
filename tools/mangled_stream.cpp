// SPDX-License-Identifier: MIT
// mangled_stream.cpp — frames as no engine sends them.
#include "tools/mangled_stream.hpp"

#include <algorithm>
#include <utility>

#include <plainsong/codec/mask.hpp>

namespace plainsong::tools {

namespace {

constexpr std::uint8_t never_in_utf8 = 0xFF;

/// Returns: the size of the head that begins with `first` two octets.
std::size_t head_size_of(byte_view first) {
    const std::uint8_t length = first[1] & frame_bits::length;
    return 2U +
           (length == frame_bits::length_is_16_bits   ? 2U
            : length == frame_bits::length_is_64_bits ? 8U
                                                      : 0U) +
           ((first[1] & frame_bits::mask) != 0 ? 4U : 0U);
}

}  // namespace

// ---- the octets ------------------------------------------------------------------------------------

void mangler::feed(byte_view in, std::string& out) {
    while (!in.empty() && !is_over_) {
        std::size_t taken = in.size();
        switch (at_) {
            case part::handshake:
                taken = take_handshake(in, out);
                break;
            case part::refusal:
                out += as_text(in);
                break;
            case part::frame_head:
                taken = take_head(in, out);
                break;
            case part::payload:
                taken = take_payload(in, out);
                break;
        }
        in = in.subspan(taken);
    }
}

// A request, or an answer; frames follow unless it is a refusal.
std::size_t mangler::take_handshake(byte_view in, std::string& out) {
    constexpr std::string_view end = "\r\n\r\n";
    constexpr std::string_view answer = "HTTP/";
    constexpr std::string_view acceptance = "HTTP/1.1 101";
    const std::size_t before = handshake_.size();
    handshake_ += as_text(in);
    const std::size_t found = handshake_.find(end);
    if (found == std::string::npos) {
        out += as_text(in);
        return in.size();
    }
    const std::size_t taken = found + end.size() - before;
    out += as_text(in.first(taken));
    at_ = handshake_.starts_with(answer) && !handshake_.starts_with(acceptance) ? part::refusal
                                                                                : part::frame_head;
    handshake_.clear();
    return taken;
}

std::size_t mangler::take_head(byte_view in, std::string& out) {
    std::size_t taken = 0;
    while (taken < in.size()) {
        head_[head_size_++] = in[taken++];
        if (head_size_ >= 2 && head_size_ == head_size_of(head_)) {
            begin_frame(out);
            break;
        }
    }
    return taken;
}

void mangler::begin_frame(std::string& out) {
    const std::uint8_t length = head_[1] & frame_bits::length;
    frame_ = {
        .payload_size = length == frame_bits::length_is_16_bits   ? load_big_endian_16(&head_[2])
                        : length == frame_bits::length_is_64_bits ? load_big_endian_64(&head_[2])
                                                                  : length,
        .op = static_cast<opcode>(head_[0] & frame_bits::opcode),
        .final = (head_[0] & frame_bits::fin) != 0,
        .masked = (head_[1] & frame_bits::mask) != 0};
    if (frame_.masked) {
        std::copy_n(&head_[head_size_ - 4], 4, frame_.key.bytes.begin());
    }
    head_size_ = 0;
    done_ = 0;
    at_ = part::payload;
    is_dropped_ = how_.no_pong && frame_.op == opcode::pong;
    const bool spoils_empty =
        how_.bad_utf8 && frame_.op == opcode::text && frame_.payload_size == 0;
    if (!is_dropped_) {
        frame_header changed = frame_;
        changed.masked = frame_.masked && !how_.no_mask;
        changed.payload_size += spoils_empty ? 1 : 0;
        frame_head written = encode_frame_head(changed);
        if (!is_control(frame_.op)) {
            written.bytes[0] |= static_cast<std::uint8_t>(how_.rsv << 4);
            if (how_.opcode >= 0) {
                written.bytes[0] = static_cast<std::uint8_t>(
                    (written.bytes[0] & ~frame_bits::opcode) | how_.opcode);
            }
        }
        out += as_text(written.view());
        if (spoils_empty) {
            out += static_cast<char>(changed.masked ? never_in_utf8 ^ frame_.key.bytes[0]
                                                    : never_in_utf8);
        }
    }
    if (frame_.payload_size == 0) {
        end_frame();
    }
}

std::size_t mangler::take_payload(byte_view in, std::string& out) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), frame_.payload_size - done_));
    if (!is_dropped_) {
        const std::size_t start = out.size();
        out += as_text(in.first(size));
        auto* const copy = reinterpret_cast<std::uint8_t*>(out.data()) + start;
        const mask_key key = frame_.key.rotated(static_cast<std::size_t>(done_ % 4));
        const bool unmasks = frame_.masked && how_.no_mask;
        if (unmasks) {
            apply_mask({copy, size}, key);
        }
        if (how_.bad_utf8 && frame_.op == opcode::text && done_ + size == frame_.payload_size) {
            copy[size - 1] =
                frame_.masked && !unmasks
                    ? static_cast<std::uint8_t>(never_in_utf8 ^ key.bytes[(size - 1) % 4])
                    : never_in_utf8;
        }
    }
    done_ += size;
    if (done_ == frame_.payload_size) {
        end_frame();
    }
    return size;
}

void mangler::end_frame() {
    at_ = part::frame_head;
    is_over_ = how_.half_close && !is_control(frame_.op) && frame_.final;
}

// ---- the stream ------------------------------------------------------------------------------------

namespace {

struct mangled_transport {
    stream under;
    misbehaviour how;
    mangler rewriter;
    std::string waiting;        // rewritten and not sent
    std::size_t gone = 0;       // of it, sent all the same
    bool is_one_ahead = false;  // the next octet to be given is in `waiting` already
    bool has_shut = false;

    /// Sends what waits, in pieces if need be.  Returns: the outcome of the last of them.
    io_result flush() {
        io_result last{io_result::kind::done, 0, 0};
        while (gone < waiting.size() && last.status == io_result::kind::done) {
            const std::size_t piece =
                how.split == 0 ? waiting.size() - gone : std::min(how.split, waiting.size() - gone);
            const io_slice slice{waiting.data() + gone, piece};
            last = under.send({&slice, 1});
            gone += last.status == io_result::kind::done ? last.count : 0;
        }
        if (gone == waiting.size()) {
            waiting.clear();
            gone = 0;
        }
        if (waiting.empty() && rewriter.is_over() && !has_shut) {
            has_shut = true;
            under.shutdown_write();
        }
        return last;
    }
};

mangled_transport& transport_of(stream_handle handle) {
    return *static_cast<mangled_transport*>(handle.object);
}

// What is given is rewritten at once.  As long as the kernel has not taken all of that, one octet of
// it counts as not taken, so that whoever sends comes back when there is room.
io_result send_mangled(stream_handle handle, std::span<const io_slice> slices, bool) {
    mangled_transport& self = transport_of(handle);
    if (const io_result last = self.flush(); !self.waiting.empty()) {
        return last;
    }
    std::size_t given = 0;
    bool skips = std::exchange(self.is_one_ahead, false);
    for (const io_slice& each : slices) {
        byte_view bytes{static_cast<const std::uint8_t*>(each.iov_base), each.iov_len};
        given += bytes.size();
        if (skips && !bytes.empty()) {
            skips = false;
            bytes = bytes.subspan(1);
        }
        if (self.how.rewrites()) {
            self.rewriter.feed(bytes, self.waiting);
        } else {
            self.waiting += as_text(bytes);
        }
    }
    const io_result last = self.flush();
    if (last.status == io_result::kind::failed) {
        return last;
    }
    if (self.waiting.empty()) {
        return {io_result::kind::done, 0, given};
    }
    self.is_one_ahead = true;
    return given == 1 ? last : io_result{io_result::kind::done, 0, given - 1};
}

constexpr stream_operations operations{
    .receive = [](stream_handle handle,
                  byte_span into) { return transport_of(handle).under.receive(into); },
    .send = send_mangled,
    .shutdown_write =
        [](stream_handle handle) {
            mangled_transport& self = transport_of(handle);
            if (!std::exchange(self.has_shut, true)) {
                self.under.shutdown_write();
            }
        },
    .close = [](stream_handle handle) { delete &transport_of(handle); },
    .descriptor = [](stream_handle handle) { return transport_of(handle).under.descriptor(); },
};

}  // namespace

stream mangled(stream under, const misbehaviour& how) {
    auto* const made = new mangled_transport{.under = std::move(under),
                                             .how = how,
                                             .rewriter = mangler(how),
                                             .waiting = {},
                                             .gone = 0,
                                             .is_one_ahead = false,
                                             .has_shut = false};
    return {operations, stream_handle{.object = made}};
}

}  // namespace plainsong::tools
