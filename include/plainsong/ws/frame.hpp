// SPDX-License-Identifier: MIT
// frame.hpp — the header of a frame (RFC 6455 §5.2).
//
// Does: turn at most 14 bytes into a frame_header and back, with every check of §5.2.
// Does not: keep state, touch payload, or know messages beyond "one is under way".
// Used by: ws/connection, tools.  Depends on: base, codec/mask, ws/opcode.
#ifndef PLAINSONG_WS_FRAME_HPP
#define PLAINSONG_WS_FRAME_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/contract.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/ws/opcode.hpp>

namespace plainsong {

inline constexpr std::size_t max_frame_head_bytes = 14;  // 2 + 8 of length + 4 of key
inline constexpr std::size_t max_control_bytes = 125;    // payload of a control frame, §5.5
inline constexpr std::uint64_t max_payload_size = ~std::uint64_t{0} >> 1;

struct frame_header {
    std::uint64_t payload_size = 0;
    mask_key key{};  // all zero where `masked` is false
    opcode op = opcode::text;
    bool final = true;
    bool masked = false;
    bool compressed = false;  // RSV1, on the first frame of a message (RFC 7692 §6)

    bool operator==(const frame_header&) const = default;
};

/// The fields of the first two bytes, and the lengths that announce a longer form.
namespace frame_bits {
inline constexpr std::uint8_t fin = 0x80;
inline constexpr std::uint8_t reserved = 0x70;
inline constexpr std::uint8_t compressed = 0x40;  // RSV1, if permessage-deflate is in use
inline constexpr std::uint8_t opcode = 0x0F;
inline constexpr std::uint8_t mask = 0x80;
inline constexpr std::uint8_t length = 0x7F;
inline constexpr std::uint8_t length_is_16_bits = 126;
inline constexpr std::uint8_t length_is_64_bits = 127;
}  // namespace frame_bits

/// The wire form of a header.
struct frame_head {
    std::array<std::uint8_t, max_frame_head_bytes> bytes{};
    std::uint8_t size = 0;

    [[nodiscard]] byte_view view() const { return {bytes.data(), size}; }
};

/// Writes `header` in its shortest form [6455-5.2-11].
/// Requires: room for max_frame_head_bytes; payload_size ≤ max_payload_size.  Returns: its size.
inline std::size_t write_frame_head(std::uint8_t* to, const frame_header& header) {
    PLAINSONG_REQUIRE(header.payload_size <= max_payload_size);
    // [6455-5.2-03]: no extension but permessage-deflate uses a reserved bit
    to[0] = static_cast<std::uint8_t>((header.final ? frame_bits::fin : 0) |
                                      (header.compressed ? frame_bits::compressed : 0) |
                                      static_cast<std::uint8_t>(header.op));
    const std::uint8_t mask = header.masked ? frame_bits::mask : 0;  // [6455-5.3-01]
    std::size_t size = 2;
    if (header.payload_size < frame_bits::length_is_16_bits) {
        to[1] = static_cast<std::uint8_t>(mask | header.payload_size);
    } else if (header.payload_size <= 0xFFFF) {
        to[1] = mask | frame_bits::length_is_16_bits;
        store_big_endian_16(to + 2, static_cast<std::uint16_t>(header.payload_size));
        size = 4;
    } else {
        to[1] = mask | frame_bits::length_is_64_bits;
        store_big_endian_64(to + 2, header.payload_size);
        size = 10;
    }
    if (header.masked) {
        std::memcpy(to + size, header.key.bytes.data(), 4);
        size += 4;
    }
    return size;
}

/// The same by itself.
inline frame_head encode_frame_head(const frame_header& header) {
    frame_head head;
    head.size = static_cast<std::uint8_t>(write_frame_head(head.bytes.data(), header));
    return head;
}

/// What the state of the connection makes legal at this moment.
struct frame_rules {
    role receiver = role::server;  // a server takes masked frames only, a client unmasked ones only
    bool message_open = false;     // a fragmented message waits for its continuation
    std::uint64_t frame_bytes = max_payload_size;    // limit of one frame
    std::uint64_t message_bytes = max_payload_size;  // what the message may still grow by
    // RSV1 may mark a compressed message, for which compressed_limit of both is the limit.
    bool compression = false;
};

/// What `parse_frame_head` found.
struct frame_parse {
    std::uint8_t size = 0;    // of the head; 0: more bytes are needed, or `why` is set
    std::uint8_t offset = 0;  // of the first wrong byte, if `why` is set
    error_code why = error_code::none;
};

/// Reads the head at the start of `in` into `header`.
/// Judges the earliest bytes first and each as soon as it is there, so that the verdict does not
/// depend on how many bytes after the wrong one have arrived: calling again with more of the same
/// bytes never changes a verdict.
/// Cost: at most 14 bytes are looked at.
frame_parse parse_frame_head(byte_view in, const frame_rules& rules, frame_header& header);

}  // namespace plainsong

#endif  // PLAINSONG_WS_FRAME_HPP
