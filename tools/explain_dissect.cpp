// SPDX-License-Identifier: MIT
// explain_dissect.cpp — all rules that a frame's head breaks.
//
// The library's parser stops at the first.  To learn of the others, what it complained of is mended
// in a copy of the head, and the copy is parsed again.
//
// Used by: tools/explain_frame.  Depends on: ws/frame.
#include <algorithm>
#include <array>

#include "tools/explain_frame.hpp"

namespace plainsong::explain {
namespace {

struct patient {
    std::array<std::uint8_t, max_frame_head_bytes> head{};
    frame_rules rules;

    void set_opcode(opcode op) {
        head[0] = static_cast<std::uint8_t>((head[0] & ~frame_bits::opcode) |
                                            static_cast<std::uint8_t>(op));
    }
    /// A data opcode that is legal here.
    void make_data() { set_opcode(rules.message_open ? opcode::continuation : opcode::binary); }
    bool mend(error_code why);
};

/// Returns: false if there is no telling what was meant.
bool patient::mend(error_code why) {
    switch (why) {
        case error_code::frame_reserved_bit:
            head[0] &= static_cast<std::uint8_t>(~frame_bits::reserved);
            return true;
        case error_code::frame_reserved_opcode:
            is_control(static_cast<opcode>(head[0] & frame_bits::opcode)) ? set_opcode(opcode::ping)
                                                                          : make_data();
            return true;
        case error_code::control_fragmented:
            head[0] |= frame_bits::fin;
            return true;
        case error_code::continuation_without_start:
            rules.message_open = true;
            return true;
        case error_code::message_not_finished:
            rules.message_open = false;
            return true;
        case error_code::frame_not_masked:
            rules.receiver = role::client;
            return true;
        case error_code::frame_masked:
            rules.receiver = role::server;
            return true;
        case error_code::control_payload_too_long:
            make_data();
            return true;
        case error_code::frame_length_not_minimal:
            if ((head[1] & frame_bits::length) == frame_bits::length_is_16_bits) {
                store_big_endian_16(&head[2], 0xFFFF);
            } else {
                store_big_endian_64(&head[2], 0x10000);
            }
            return true;
        default:
            return false;
    }
}

}  // namespace

bool dissection::breaks(error_code why) const {
    return std::find(broken.begin(), broken.end(), why) != broken.end();
}

dissection dissect(byte_view in, role sender, bool message_open) {
    dissection out;
    patient copy;
    copy.rules.receiver = sender == role::client ? role::server : role::client;
    copy.rules.message_open = message_open;
    const std::size_t size = std::min(in.size(), copy.head.size());
    std::copy_n(in.begin(), size, copy.head.begin());
    for (;;) {
        const frame_parse parse =
            parse_frame_head(byte_view(copy.head).first(size), copy.rules, out.header);
        if (parse.why == error_code::none) {
            out.head_size = parse.size;
            break;
        }
        out.broken.push_back(parse.why);
        if (!copy.mend(parse.why)) {
            out.is_lost = true;
            return out;
        }
    }
    out.header.op = static_cast<opcode>(in[0] & frame_bits::opcode);
    out.header.final = (in[0] & frame_bits::fin) != 0;
    if (out.breaks(error_code::frame_length_not_minimal)) {
        const bool is_short = (in[1] & frame_bits::length) == frame_bits::length_is_16_bits;
        out.header.payload_size =
            is_short ? load_big_endian_16(&in[2]) : load_big_endian_64(&in[2]);
    }
    return out;
}

}  // namespace plainsong::explain
