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
    constexpr auto narrow = [](std::size_t limit) {
        return static_cast<std::uint32_t>(std::min<std::size_t>(limit, UINT32_MAX));
    };
    return {.start_line_bytes = narrow(bounds.request_line_bytes),
            .field_line_bytes = narrow(bounds.header_line_bytes),
            .field_block_bytes = narrow(bounds.header_block_bytes),
            .fields = static_cast<std::uint16_t>(std::min(bounds.header_lines, http::max_fields))};
}

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_HEAD_LIMITS_HPP
