// SPDX-License-Identifier: MIT
// explain_payload.cpp — what a frame carries, and the message that it is a part of.
//
// Used by: tools/explain_stream.  Depends on: tools/explain_frame, tools/explain_close.
#include <string>

#include <plainsong/ws/close.hpp>

#include "tools/explain_close.hpp"
#include "tools/explain_frame.hpp"
#include "tools/explain_text.hpp"
#include "tools/formatted.hpp"

namespace plainsong::explain {
namespace {

using tools::formatted;

constexpr std::size_t text_shown = 240;
constexpr std::size_t bytes_shown = 32;

std::string shown_bytes(byte_view payload) {
    return payload.empty() ? "(none)" : hex(payload, bytes_shown);
}

void explain_close_payload(byte_view payload, page& out) {
    const close_body body = parse_close(payload);
    if (payload.empty()) {
        out.field("payload", "(none)", "no code: the receiver reports 1005 to its program");
        return out.keeps("6455-5.5.1-01");
    }
    if (payload.size() == 1) {
        out.field("payload", hex(payload, 1), "half of a code");
        return out.breaks(body.why);
    }
    const close_meaning& known = meaning_of(body.code);
    out.field("code", std::to_string(body.code),
              std::string(known.name) + ": " + std::string(known.meaning));
    if (body.why == error_code::close_code_invalid) {
        out.breaks(body.why);
    } else {
        out.keeps("6455-5.5.1-02");
    }
    out.field("reason", quoted(payload.subspan(2), text_shown), "");
    if (body.why == error_code::close_reason_not_utf8) {
        out.breaks(body.why);
        out.note(formatted("(the first wrong octet is number %u of the payload, from 0)",
                           unsigned{body.offset}));
    } else if (body.why == error_code::none) {
        out.keeps("6455-5.5.1-03");
    }
}

}  // namespace

/// Looks at the next payload of the open message, which is text.
void frame_explainer::explain_text(byte_view payload, bool is_last, page& out) {
    if (text_broken_) {
        return out.note("(the text was broken before)");
    }
    const std::uint64_t before = text_size_;
    text_size_ += payload.size();
    const std::size_t good = message_.accept(payload);
    if (good < payload.size()) {
        text_broken_ = true;
        out.breaks(error_code::invalid_utf8);
        const unsigned long long wrong = before + good;
        return out.note(
            formatted("(the first wrong octet is number %llu of the message, from 0: 0x%02x)",
                      wrong, unsigned{payload[good]}));
    }
    message_reader ends_here = message_;
    const bool is_complete = ends_here.end_message();
    if (is_last) {
        is_complete ? out.keeps("6455-5.6-02") : out.breaks(error_code::invalid_utf8);
    }
    if (!is_complete) {
        out.note(is_last ? "(the text ends inside of a character)"
                         : "a character goes on in the next frame, as it may [6455-5.6-03]");
    }
}

void frame_explainer::explain_data(const dissection& frame, byte_view payload, bool is_whole,
                                   page& out) {
    const opcode op = frame.header.op;
    if (frame.breaks(error_code::continuation_without_start) ||
        frame.breaks(error_code::frame_reserved_opcode)) {
        return out.field("payload", shown_bytes(payload), "");
    }
    if (op != opcode::continuation) {
        message_ = message_reader{};  // also if the one before isn't finished
        text_broken_ = false;
        text_size_ = 0;
        compressed_ = frame.breaks(error_code::frame_reserved_bit);
    }
    static_cast<void>(message_.begin_frame(frame.header, message_reader::max_frames));
    const bool is_text = message_.type() == opcode::text;
    if (compressed_) {
        out.field("payload", shown_bytes(payload), "what an extension has made of the message");
    } else if (is_text) {
        out.field("payload", quoted(payload, text_shown), "");
        explain_text(payload, frame.header.final && is_whole, out);
    } else {
        out.field("payload", shown_bytes(payload), "");
    }
    if (frame.header.final && is_whole) {
        if (op == opcode::continuation) {
            out.note(formatted("the message is complete: %llu octets of %s",
                               static_cast<unsigned long long>(message_.size()),
                               is_text ? "text" : "binary data"));
        }
        message_ = message_reader{};
    }
}

void frame_explainer::explain_payload(const dissection& frame, byte_view payload, bool is_whole,
                                      page& out) {
    const opcode op = frame.header.op;
    if (close_seen_) {
        out.field("place", "", "behind the sender's Close, where nobody reads it");
        if (!is_control(op)) {
            out.breaks("6455-5.5.1-06", "no data follows a Close");
        }
    }
    if (!is_control(op)) {
        return explain_data(frame, payload, is_whole, out);
    }
    switch (op) {
        case opcode::close:
            close_seen_ = true;
            if (is_whole) {
                explain_close_payload(payload, out);
            }
            out.note("a Close is answered with a Close, unless this is the answer [6455-5.5.1-07]");
            break;
        case opcode::ping:
            out.field("payload", quoted(payload, text_shown), "");
            out.note("the answer is a pong with these same octets [6455-5.5.2-02] [6455-5.5.3-01]");
            break;
        case opcode::pong:
            out.field("payload", quoted(payload, text_shown), "");
            out.note("needs no answer, even if nobody asked for it [6455-5.5.3-04]");
            break;
        default:
            out.field("payload", shown_bytes(payload), "");
    }
}

void frame_explainer::finish(page& out) const {
    if (message_.is_open() && !is_cut_) {
        out.line("The message isn't finished; a continuation with FIN is still to come.");
    }
}

}  // namespace plainsong::explain
