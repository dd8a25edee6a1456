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

#include <plainsong/base/contract.hpp>

namespace plainsong {

namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0F;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7F;
constexpr std::uint8_t length_is_16_bits = 126;
constexpr std::uint8_t length_is_64_bits = 127;

error_code judge_first_byte(std::uint8_t byte, const frame_rules& rules) {
    if ((byte & reserved_bits) != 0) {
        return error_code::frame_reserved_bit;  // [6455-5.2-04] [6455-5.8-01]
    }
    const std::uint8_t value = byte & opcode_bits;
    if (is_reserved_opcode(value)) {
        return error_code::frame_reserved_opcode;  // [6455-5.2-05]
    }
    const auto op = static_cast<opcode>(value);
    if (is_control(op)) {
        // [6455-5.4-07] [6455-5.5-03]
        return (byte & fin_bit) != 0 ? error_code::none : error_code::control_fragmented;
    }
    if (op == opcode::continuation) {
        // [6455-5.4-04]
        return rules.message_open ? error_code::none : error_code::continuation_without_start;
    }
    // [6455-5.4-05] [6455-5.4-09]
    return rules.message_open ? error_code::message_not_finished : error_code::none;
}

error_code judge_second_byte(std::uint8_t byte, opcode op, const frame_rules& rules) {
    const bool masked = (byte & mask_bit) != 0;
    if (rules.receiver == role::server && !masked) {
        return error_code::frame_not_masked;  // [6455-5.1-02]
    }
    if (rules.receiver == role::client && masked) {
        return error_code::frame_masked;  // [6455-5.1-05]
    }
    if (is_control(op) && (byte & length_bits) > max_control_bytes) {
        return error_code::control_payload_too_long;  // [6455-5.5-02]
    }
    return error_code::none;
}

error_code judge_length(std::uint64_t size, std::uint8_t form, opcode op,
                        const frame_rules& rules) {
    if (size > max_payload_size) {
        return error_code::frame_length_top_bit;  // [6455-5.2-09]
    }
    const bool minimal = form == length_is_64_bits   ? size > 0xFFFF
                         : form == length_is_16_bits ? size >= length_is_16_bits
                                                     : true;
    if (!minimal) {
        return error_code::frame_length_not_minimal;  // [6455-5.2-11]
    }
    if (is_control(op)) {
        return error_code::none;
    }
    if (size > rules.frame_bytes) {
        return error_code::frame_too_big;  // [6455-10.4-01] [6455-10.4-02]
    }
    return size > rules.message_bytes ? error_code::message_too_big : error_code::none;
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
    const auto op = static_cast<opcode>(in[0] & opcode_bits);
    if (auto why = judge_second_byte(in[1], op, rules); why != error_code::none) {
        return {.offset = 1, .why = why};
    }
    const bool masked = (in[1] & mask_bit) != 0;
    const std::uint8_t form = in[1] & length_bits;
    std::size_t size = 2;
    std::uint64_t payload_size = form;
    if (form == length_is_16_bits) {
        size = 4;
    } else if (form == length_is_64_bits) {
        size = 10;
    }
    if (in.size() < size) {
        return {};
    }
    if (form == length_is_16_bits) {  // [6455-5.2-10]
        payload_size = load_big_endian_16(&in[2]);
    } else if (form == length_is_64_bits) {
        payload_size = load_big_endian_64(&in[2]);
    }
    if (auto why = judge_length(payload_size, form, op, rules); why != error_code::none) {
        // A short length stands in byte 1 itself, a long one begins at byte 2.
        return {.offset = static_cast<std::uint8_t>(size == 2 ? 1 : 2), .why = why};
    }
    header = {
        .payload_size = payload_size, .op = op, .final = (in[0] & fin_bit) != 0, .masked = masked};
    if (masked) {
        if (in.size() < size + 4) {
            return {};
        }
        std::memcpy(header.key.bytes.data(), &in[size], 4);
        size += 4;
    }
    return {.size = static_cast<std::uint8_t>(size)};
}

frame_head encode_frame_head(const frame_header& header) {
    PLAINSONG_REQUIRE(header.payload_size <= max_payload_size);
    frame_head head;
    std::uint8_t* const out = head.bytes.data();
    std::size_t size = 2;
    // [6455-5.2-03]: no extension uses a reserved bit
    out[0] = static_cast<std::uint8_t>((header.final ? fin_bit : 0) |
                                       static_cast<std::uint8_t>(header.op));
    const std::uint8_t mask = header.masked ? mask_bit : 0;  // [6455-5.3-01]
    if (header.payload_size < length_is_16_bits) {
        out[1] = static_cast<std::uint8_t>(mask | header.payload_size);
    } else if (header.payload_size <= 0xFFFF) {
        out[1] = mask | length_is_16_bits;
        store_big_endian_16(out + 2, static_cast<std::uint16_t>(header.payload_size));
        size = 4;
    } else {
        out[1] = mask | length_is_64_bits;
        store_big_endian_64(out + 2, header.payload_size);
        size = 10;
    }
    if (header.masked) {
        std::memcpy(out + size, header.key.bytes.data(), 4);
        size += 4;
    }
    head.size = static_cast<std::uint8_t>(size);
    return head;
}

}  // namespace plainsong
