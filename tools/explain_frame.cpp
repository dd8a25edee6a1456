// SPDX-License-Identifier: MIT
// explain_frame.cpp — the head of a frame, field by field.  (Its payload: explain_payload.cpp.)
//
// Used by: tools/explain_stream.  Depends on: tools/explain_frame.
#include "tools/explain_frame.hpp"

#include <algorithm>
#include <string>

#include "tools/explain_diagram.hpp"
#include "tools/explain_text.hpp"
#include "tools/formatted.hpp"

namespace plainsong::explain {
namespace {

using tools::formatted;

constexpr std::size_t payload_drawn = 22;  // bytes; with the longest head that is nine rows

const char* meaning_of(opcode op) {
    switch (op) {
        case opcode::continuation:
            return "continuation: goes on with the message that was begun";
        case opcode::text:
            return "text: begins a message that is UTF-8";
        case opcode::binary:
            return "binary: begins a message of any octets";
        case opcode::close:
            return "close: the sender will send nothing more";
        case opcode::ping:
            return "ping: asks for a pong";
        case opcode::pong:
            return "pong: answers a ping, or says that the sender is alive";
        default:
            return is_control(op) ? "reserved for control frames to come"
                                  : "reserved for data frames to come";
    }
}

std::string draw(const dissection& frame, byte_view in) {
    const std::uint8_t form = in[1] & frame_bits::length;
    const std::uint64_t here =
        std::min<std::uint64_t>(in.size() - frame.head_size, frame.header.payload_size);
    const auto drawn = static_cast<std::size_t>(std::min<std::uint64_t>(here, payload_drawn));
    std::vector<diagram_field> fields = {
        {"FIN", "", 1},    {"RSV1", "", 1}, {"RSV2", "", 1},        {"RSV3", "", 1},
        {"opcode", "", 4}, {"MASK", "", 1}, {"Payload len", "", 7},
    };
    if (form >= frame_bits::length_is_16_bits) {
        fields.push_back({"Extended payload length", "length",
                          form == frame_bits::length_is_16_bits ? std::size_t{16} : 64});
    }
    if (frame.header.masked) {
        fields.push_back({"Masking-key", "key", 32});
    }
    if (drawn > 0) {
        fields.push_back({"Payload Data", "Payload", drawn * 8});
    }
    std::string text = draw_bits(in, fields, 0);
    if (drawn < frame.header.payload_size) {
        text += formatted("        : %llu octets of payload more%s\n",
                          static_cast<unsigned long long>(frame.header.payload_size - drawn),
                          here < frame.header.payload_size ? ", not all of them here" : "");
    }
    return text;
}

}  // namespace

void frame_explainer::title(const dissection& frame, byte_view payload, std::size_t offset,
                            page& out) const {
    const frame_header& head = frame.header;
    const auto size = static_cast<unsigned long long>(head.payload_size);
    const bool is_reserved = is_reserved_opcode(static_cast<std::uint8_t>(head.op));
    out.line(
        formatted("Frame %zu, octets %zu to %zu: %s%s%s, %llu octet%s of payload, from the %s",
                  frames_, offset, offset + frame.head_size + payload.size() - 1,
                  is_reserved && is_control(head.op) ? "reserved control opcode" : name_of(head.op),
                  is_reserved && !is_control(head.op) ? " opcode" : "",
                  head.final || is_control(head.op) ? "" : ", to be continued", size,
                  size == 1 ? "" : "s", sender_ == role::client ? "client" : "server"));
}

void frame_explainer::explain_first_byte(const dissection& frame, std::uint8_t byte,
                                         page& out) const {
    const bool final = (byte & frame_bits::fin) != 0;
    const auto op = static_cast<opcode>(byte & frame_bits::opcode);
    if (is_control(op)) {
        out.field("FIN", final ? "1" : "0", "a control frame is never cut into fragments");
        frame.breaks(error_code::control_fragmented) ? out.breaks(error_code::control_fragmented)
                                                     : out.keeps("6455-5.5-03");
    } else {
        const bool whole = final && op != opcode::continuation;
        out.field("FIN", final ? "1" : "0",
                  whole   ? "the whole message is in this frame"
                  : final ? "the last frame of its message"
                          : "more frames of this message follow");
        out.keeps(whole ? "6455-5.4-02" : "6455-5.4-03");
    }
    const unsigned reserved = (byte & frame_bits::reserved) >> 4;
    out.field("RSV1-3", formatted("%u %u %u", reserved >> 2, reserved >> 1 & 1U, reserved & 1U),
              reserved == 0 ? "no extension has a part in this frame"
                            : "an extension must have given them a meaning");
    if (reserved == 0) {
        out.keeps("6455-5.2-03");
    } else {
        out.breaks(error_code::frame_reserved_bit);
        if (reserved == 4) {
            out.note(
                "(permessage-deflate, RFC 7692, sets RSV1 on compressed messages; once agreed on,"
                " that is fine)");
        }
    }
    explain_opcode(frame, out);
}

void frame_explainer::explain_opcode(const dissection& frame, page& out) const {
    const opcode op = frame.header.op;
    out.field("opcode", formatted("0x%x", static_cast<unsigned>(op)), meaning_of(op));
    bool broken = false;
    for (const error_code why :
         {error_code::frame_reserved_opcode, error_code::continuation_without_start,
          error_code::message_not_finished}) {
        if (frame.breaks(why)) {
            out.breaks(why);
            broken = true;
        }
    }
    if (!broken) {
        out.keeps(op == opcode::continuation ? "6455-5.4-03" : "6455-5.2-06");
    }
    if (is_control(op) && message_.is_open()) {
        out.note("comes between the frames of a message, as control frames may [6455-5.4-06]");
    }
}

void frame_explainer::explain_second_byte(const dissection& frame, std::uint8_t byte,
                                          page& out) const {
    const bool masked = (byte & frame_bits::mask) != 0;
    out.field(
        "MASK", masked ? "1" : "0",
        masked ? "a key follows, and the payload is masked with it" : "the payload is as it is");
    if (frame.breaks(error_code::frame_not_masked)) {
        out.breaks(error_code::frame_not_masked);
    } else if (frame.breaks(error_code::frame_masked)) {
        out.breaks(error_code::frame_masked);
    } else {
        out.keeps(masked ? "6455-5.1-01" : "6455-5.1-04");
    }
    const unsigned form = byte & frame_bits::length;
    const auto size = static_cast<unsigned long long>(frame.header.payload_size);
    const std::string meaning =
        form < frame_bits::length_is_16_bits
            ? formatted("%u octet%s of payload", form, form == 1 ? "" : "s")
        : frame.head_size == 0 ? formatted("the length is in the next %d bits",
                                           form == frame_bits::length_is_16_bits ? 16 : 64)
                               : formatted("%d bits follow: %llu octets of payload",
                                           form == frame_bits::length_is_16_bits ? 16 : 64, size);
    out.field("length", std::to_string(form), meaning);
    bool broken = false;
    for (const error_code why :
         {error_code::control_payload_too_long, error_code::frame_length_top_bit,
          error_code::frame_length_not_minimal}) {
        if (frame.breaks(why)) {
            out.breaks(why);
            broken = true;
        }
    }
    if (!broken && frame.head_size != 0) {
        out.keeps("6455-5.2-11");
        if (is_control(frame.header.op)) {
            out.keeps("6455-5.5-02");
        }
    }
}

void frame_explainer::explain_key(const dissection& frame, page& out) const {
    if (!frame.header.masked) {
        return;
    }
    out.field("key", hex(frame.header.key.bytes, 4),
              "octet i of the payload was XORed with octet i mod 4 of it");
    out.keeps("6455-5.2-13");
    if (frame.header.key == mask_key{}) {
        out.note(
            "a key of zeros masks nothing; keys come from a source that nobody can predict "
            "[6455-5.3-04]");
    }
}

/// The bytes end, or their meaning does, inside of a head.
void frame_explainer::explain_stump(const dissection& frame, byte_view in, std::size_t offset,
                                    page& out) {
    const byte_view shown = in.first(std::min(in.size(), max_frame_head_bytes));
    out.line(formatted("Frame %zu, from octet %zu: %s", frames_, offset,
                       hex(shown, shown.size()).c_str()));
    out.line();
    explain_first_byte(frame, in[0], out);
    if (in.size() > 1) {
        explain_second_byte(frame, in[1], out);
    }
    out.line();
    if (frame.is_lost) {
        out.line("Where this frame ends isn't known; nothing behind it can be explained.");
    } else {
        out.line("The octets end inside of this frame's head.");
        is_cut_ = true;
    }
}

void frame_explainer::conclude(std::size_t broken_before, page& out) {
    if (out.broken() > broken_before && !failed_) {
        out.line();
        out.line("An endpoint that gets this fails the connection and reads nothing behind it");
        out.line("[6455-7.1.7-05] [6455-7.1.7-07].");
        failed_ = true;
    }
}

std::size_t frame_explainer::explain(byte_view in, std::size_t offset, page& out) {
    ++frames_;
    const std::size_t broken = out.broken();
    dissection frame = dissect(in, sender_, message_.is_open());
    if (frame.head_size == 0) {
        frame.header.op = static_cast<opcode>(in[0] & frame_bits::opcode);
        explain_stump(frame, in, offset, out);
        return 0;
    }
    const byte_view behind = in.subspan(frame.head_size);
    const bool is_whole = frame.header.payload_size <= behind.size();
    std::vector<std::uint8_t> payload(behind.begin(), behind.end());
    payload.resize(is_whole ? static_cast<std::size_t>(frame.header.payload_size) : behind.size());
    apply_mask(payload, frame.header.key);
    title(frame, payload, offset, out);
    out.line();
    out.line(draw(frame, in));
    explain_first_byte(frame, in[0], out);
    explain_second_byte(frame, in[1], out);
    explain_key(frame, out);
    explain_payload(frame, payload, is_whole, out);
    conclude(broken, out);
    if (!is_whole) {
        out.line();
        out.line(formatted(
            "The octets end inside of this frame: %zu of %llu octets of payload are here.",
            payload.size(), static_cast<unsigned long long>(frame.header.payload_size)));
        is_cut_ = true;
        return 0;
    }
    return frame.head_size + payload.size();
}

}  // namespace plainsong::explain
