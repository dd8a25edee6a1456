// SPDX-License-Identifier: MIT
// message_printer.cpp — see message_printer.hpp.
#include "tools/message_printer.hpp"

#include <cstdio>

#include <plainsong/codec/utf8.hpp>

#include "tools/text_forms.hpp"

namespace plainsong::tools {

void append_event(std::string& to, const cat_event& what) {
    char head[128];
    const std::size_t code_bytes = what.type == opcode::close && what.code != 0 ? 2 : 0;
    std::snprintf(head, sizeof head,
                  "{\"time\":%.6f,\"direction\":\"%s\",\"opcode\":\"%s\",\"length\":%zu,",
                  what.time, what.way == direction::in ? "in" : "out", name_of(what.type),
                  what.payload.size() + code_bytes);
    to += head;
    if (what.type == opcode::close && what.code != 0) {
        to += "\"code\":" + std::to_string(what.code) + ',';
    }
    if (what.is_end) {
        to += what.clean ? "\"clean\":true," : "\"clean\":false,";
    }
    if (what.round_trip >= 0) {
        std::snprintf(head, sizeof head, "\"round_trip\":%.6f,", what.round_trip);
        to += head;
    }
    to += "\"payload\":";
    if (what.type != opcode::binary && is_utf8(what.payload)) {
        append_json(to, as_text(what.payload));
    } else {
        to += '"';
        append_base64(to, what.payload);
        to += "\",\"encoding\":\"base64\"";
    }
    to += "}\n";
}

void append_message(std::string& to, message_form form, const message& m, bool for_terminal) {
    switch (form) {
        case message_form::text:
            if (!m.is_text()) {
                append_hex(to, m.payload);
            } else if (for_terminal) {
                append_shown(to, m.text(), true);
            } else {
                to += m.text();
            }
            to += '\n';
            break;
        case message_form::raw:
            to += m.text();
            break;
        case message_form::hex:
            append_hex(to, m.payload);
            to += '\n';
            break;
        case message_form::base64:
            append_base64(to, m.payload);
            to += '\n';
            break;
        case message_form::length: {
            std::uint8_t count[4];
            store_big_endian_32(count, static_cast<std::uint32_t>(m.payload.size()));
            to += as_text(count);
            to += m.text();
            break;
        }
    }
}

}  // namespace plainsong::tools
