// SPDX-License-Identifier: MIT
// frame.cpp — bits to header and back (RFC 6455 §5.2).
//
//      0                 1
//      0 1 2 3 4 5 6 7   0 1 2 3 4 5 6 7
//     +-+-+-+-+-------+ +-+-------------+ +----------------------+ +-----------+
//     |F|R|R|R| opcode| |M| length      | | 16 bits if it is 126 | | 4 bytes   |
//     |I|S|S|S|       | |A| 0 to 125,   | | 64 bits if it is 127 | | of key if |
//     |N|1|2|3|       | |S| 126 or 127  | | none otherwise       | | MASK is 1 |
//     +-+-+-+-+-------+ +K+-------------+ +----------------------+ +-----------+
#include <plainsong/ws/frame.hpp>

#include <cstring>

#include <plainsong/ws/limits.hpp>

namespace plainsong {

namespace {

error_code judge_first_byte(std::uint8_t byte, const frame_rules& rules) {
    const std::uint8_t value = byte & frame_bits::opcode;
    const auto op = static_cast<opcode>(value);
    // [7692-6.1-05]: a compressed message is marked in its first frame
    const bool may_be_compressed =
        rules.compression && (op == opcode::text || op == opcode::binary);
    const std::uint8_t known = may_be_compressed ? frame_bits::compressed : 0;
    if ((byte & frame_bits::reserved & ~known) != 0) {
        return error_code::frame_reserved_bit;  // [6455-5.2-04] [6455-5.8-01]
    }
    if (is_reserved_opcode(value)) {
        return error_code::frame_reserved_opcode;  // [6455-5.2-05]
    }
    if (is_control(op)) {
        // [6455-5.4-07] [6455-5.5-03]
        return (byte & frame_bits::fin) != 0 ? error_code::none : error_code::control_fragmented;
    }
    if (op == opcode::continuation) {
        // [6455-5.4-04]
        return rules.message_open ? error_code::none : error_code::continuation_without_start;
    }
    // [6455-5.4-05] [6455-5.4-09]
    return rules.message_open ? error_code::message_not_finished : error_code::none;
}

error_code judge_second_byte(std::uint8_t byte, opcode op, const frame_rules& rules) {
    const bool masked = (byte & frame_bits::mask) != 0;
    if (rules.receiver == role::server && !masked) {
        return error_code::frame_not_masked;  // [6455-5.1-02]
    }
    if (rules.receiver == role::client && masked) {
        return error_code::frame_masked;  // [6455-5.1-05]
    }
    if (is_control(op) && (byte & frame_bits::length) > max_control_bytes) {
        return error_code::control_payload_too_long;  // [6455-5.5-02]
    }
    return error_code::none;
}

error_code judge_length(std::uint64_t size, std::uint8_t form, opcode op, bool compressed,
                        const frame_rules& rules) {
    if (size > max_payload_size) {
        return error_code::frame_length_top_bit;  // [6455-5.2-09]
    }
    const bool minimal = form == frame_bits::length_is_64_bits ? size > 0xFFFF
                         : form == frame_bits::length_is_16_bits
                             ? size >= frame_bits::length_is_16_bits
                             : true;
    if (!minimal) {
        return error_code::frame_length_not_minimal;  // [6455-5.2-11]
    }
    if (is_control(op)) {
        return error_code::none;
    }
    const auto limit = [compressed](std::uint64_t bytes) {
        return compressed ? compressed_limit(bytes) : bytes;
    };
    if (size > limit(rules.frame_bytes)) {
        return error_code::frame_too_big;  // [6455-10.4-01] [6455-10.4-02]
    }
    return size > limit(rules.message_bytes) ? error_code::message_too_big : error_code::none;
}

}  // namespace

frame_parse parse_frame_head(byte_view in, const frame_rules& rules, frame_header& header) {
    if (in.empty()) {
        return {};
    }
    if (auto why = judge_first_byte(in[0], rules); why != error_code::none) {
        return {.offset = 0, .why = why};
    }
    if (in.size() < 2) {
        return {};
    }
    const auto op = static_cast<opcode>(in[0] & frame_bits::opcode);
    if (auto why = judge_second_byte(in[1], op, rules); why != error_code::none) {
        return {.offset = 1, .why = why};
    }
    const bool masked = (in[1] & frame_bits::mask) != 0;
    const bool compressed = (in[0] & frame_bits::compressed) != 0;
    const std::uint8_t form = in[1] & frame_bits::length;
    std::size_t size = 2;
    std::uint64_t payload_size = form;
    if (form == frame_bits::length_is_16_bits) {
        size = 4;
    } else if (form == frame_bits::length_is_64_bits) {
        size = 10;
    }
    if (in.size() < size) {
        return {};
    }
    if (form == frame_bits::length_is_16_bits) {  // [6455-5.2-10]
        payload_size = load_big_endian_16(&in[2]);
    } else if (form == frame_bits::length_is_64_bits) {
        payload_size = load_big_endian_64(&in[2]);
    }
    if (auto why = judge_length(payload_size, form, op, compressed, rules);
        why != error_code::none) {
        // A short length stands in byte 1 itself, a long one begins at byte 2.
        return {.offset = static_cast<std::uint8_t>(size == 2 ? 1 : 2), .why = why};
    }
    header = {.payload_size = payload_size,
              .op = op,
              .final = (in[0] & frame_bits::fin) != 0,
              .masked = masked,
              .compressed = compressed};
    if (masked) {
        if (in.size() < size + 4) {
            return {};
        }
        std::memcpy(header.key.bytes.data(), &in[size], 4);
        size += 4;
    }
    return {.size = static_cast<std::uint8_t>(size)};
}

}  // namespace plainsong
