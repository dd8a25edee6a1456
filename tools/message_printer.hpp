// SPDX-License-Identifier: MIT
// message_printer.hpp — how messages are written to standard output.
//
// Does: lines of text, of hexadecimal, of base64 or of JSON; raw or counted octets.
// Does not: write.
// Used by: tools/cat_talk.  Depends on: tools/text_forms, tools/message_splitter.
#ifndef PLAINSONG_TOOLS_MESSAGE_PRINTER_HPP
#define PLAINSONG_TOOLS_MESSAGE_PRINTER_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include <plainsong/app/handlers.hpp>
#include <plainsong/ws/opcode.hpp>

#include "tools/message_splitter.hpp"

namespace plainsong::tools {

enum class direction : std::uint8_t { in, out };

/// Something that has happened, for a line of JSON.
struct cat_event {
    double time = 0;  // seconds since 1970
    direction way = direction::in;
    opcode type = opcode::text;
    byte_view payload{};
    double round_trip = -1;  // of a pong, in seconds; negative: unknown
    std::uint16_t code = 0;  // of a Close
    bool clean = false;      // likewise, at the end of the connection
    bool is_end = false;
};

/// Appends one line: {"time":…,"direction":"in","opcode":"text","length":2,"payload":"hi"}.  A payload
/// that is not UTF-8, and each one of a binary message, is base64, and "encoding":"base64" follows.
void append_event(std::string& to, const cat_event& what);

/// Appends a message that was received.  In the form `text` a binary message is a line of
/// hexadecimal, and `for_terminal` makes control characters visible.
void append_message(std::string& to, message_form form, const message& m, bool for_terminal);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_MESSAGE_PRINTER_HPP
