// SPDX-License-Identifier: MIT
// session_core.cpp — subprotocols as a program lists them, and the log.
#include "src/app/session_core.hpp"

#include <utility>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/field.hpp>

namespace plainsong {

std::string_view connect_failure::field(std::string_view name) const {
    const http::field* found = http::find(fields, name);
    return found == nullptr ? std::string_view{} : found->value;
}

bool route::set_handlers(handlers&& fresh) {
    protocol_text = fresh.subprotocols;
    fresh.subprotocols = {};
    on = std::move(fresh);
    if (!on.compression.parameters.is_possible()) {
        return false;
    }
    protocols.clear();
    std::string_view rest = protocol_text;
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view name = trim_ows(rest.substr(0, comma));
        if (!is_token(name) || protocols.size() == 255) {
            return false;
        }
        protocols.push_back(name);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    return true;
}

void session_core::log(log_event event, violation why, const session& about) {
    if (sink && !is_silent) {
        const int number = about.system_error_;
        sink({.event = event,
              .why = why,
              .system = number == 0 ? error{} : error{error_code::system_call_failed, number},
              .peer = about.peer()});
    }
}

}  // namespace plainsong
