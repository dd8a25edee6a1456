// SPDX-License-Identifier: MIT
// head_limits.hpp — the limits of a head as the parser wants them.
//
// Used by: app/handshake, app/client_core.  Depends on: http/head_parser, ws/limits.
#ifndef PLAINSONG_SRC_APP_HEAD_LIMITS_HPP
#define PLAINSONG_SRC_APP_HEAD_LIMITS_HPP

#include <algorithm>
#include <cstdint>

#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/limits.hpp>

namespace plainsong {

inline http::head_limits head_limits_of(const limits& bounds) {
    return {.start_line_bytes = static_cast<std::uint32_t>(bounds.request_line_bytes),
            .field_line_bytes = static_cast<std::uint32_t>(bounds.header_line_bytes),
            .field_block_bytes = static_cast<std::uint32_t>(bounds.header_block_bytes),
            .fields = static_cast<std::uint16_t>(std::min(bounds.header_lines, http::max_fields))};
}

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_HEAD_LIMITS_HPP
