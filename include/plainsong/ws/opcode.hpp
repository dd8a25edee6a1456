// SPDX-License-Identifier: MIT
// opcode.hpp — what a frame is, and which end we are.
//
// Does: name the opcodes of RFC 6455 §5.2 and the two roles.  Does not: judge (see ws/frame.hpp).
// Used by: ws, app.  Depends on: nothing.
#ifndef PLAINSONG_WS_OPCODE_HPP
#define PLAINSONG_WS_OPCODE_HPP

#include <cstdint>

namespace plainsong {

enum class opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

/// Which end of the connection speaks.  A value, not a type: both ends run the same code.
enum class role : std::uint8_t { server, client };

/// The top bit of an opcode marks the frames that steer the connection (RFC 6455 §5.5).
constexpr bool is_control(opcode op) {
    return (static_cast<std::uint8_t>(op) & 0x8) != 0;
}

/// Opcodes 3 to 7 and 11 to 15 are reserved (RFC 6455 §5.2).
constexpr bool is_reserved_opcode(std::uint8_t value) {
    return (value & 0x7) > 2;
}

/// Returns: "text", "ping" and so on; "reserved" for one that the RFC does not define.
constexpr const char* name_of(opcode op) {
    switch (op) {
        case opcode::continuation:
            return "continuation";
        case opcode::text:
            return "text";
        case opcode::binary:
            return "binary";
        case opcode::close:
            return "close";
        case opcode::ping:
            return "ping";
        case opcode::pong:
            return "pong";
    }
    return "reserved";
}

}  // namespace plainsong

#endif  // PLAINSONG_WS_OPCODE_HPP
