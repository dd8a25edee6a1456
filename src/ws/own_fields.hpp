// SPDX-License-Identifier: MIT
// own_fields.hpp — the fields of a request or an answer that the handshake writes and nobody else.
//
// Does: say which a program may add.  Does not: list them: each end has its own.
// Used by: ws/client_request, ws/server_answer.  Depends on: codec/ascii, http/field.
#ifndef PLAINSONG_SRC_WS_OWN_FIELDS_HPP
#define PLAINSONG_SRC_WS_OWN_FIELDS_HPP

#include <span>
#include <string_view>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/field.hpp>
#include <plainsong/http/list.hpp>
#include <plainsong/http/text.hpp>

namespace plainsong {

/// Returns: whether `name` is among `own`, or begins as those of the handshake do.
inline bool is_own_field(std::string_view name, std::span<const std::string_view> own) {
    for (const std::string_view each : own) {
        if (equals_ignoring_case(name, each)) {
            return true;
        }
    }
    constexpr std::string_view prefix = "Sec-WebSocket-";
    return name.size() >= prefix.size() &&
           equals_ignoring_case(http::front_of(name, prefix.size()), prefix);
}

/// Returns: whether a program may add `field`: it is well-formed and not one of ours.
inline bool is_addable_field(const http::field& field, std::span<const std::string_view> own) {
    for (const char each : field.value) {
        if (!is_field_text(each)) {
            return false;
        }
    }
    return is_token(field.name) && !is_own_field(field.name, own);
}

}  // namespace plainsong

#endif  // PLAINSONG_SRC_WS_OWN_FIELDS_HPP
