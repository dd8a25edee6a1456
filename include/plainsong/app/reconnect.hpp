// SPDX-License-Identifier: MIT
// reconnect.hpp — whether, and when, to connect again.
//
// Does: exponential back-off with full jitter, bounded; a list of answers after which there is no
// point in trying.
// Does not: keep time, draw random numbers, or connect.
// Used by: app/client.  Depends on: base/clock.
#ifndef PLAINSONG_APP_RECONNECT_HPP
#define PLAINSONG_APP_RECONNECT_HPP

#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/base/clock.hpp>

namespace plainsong {

/// Close codes after which the peer would only say the same again, and 1000, after which both are
/// content.
inline constexpr std::uint16_t default_stop_codes[] = {1000, 1002, 1003, 1007, 1008, 1009, 1010};
/// HTTP statuses that a second request would get, too.
inline constexpr std::uint16_t default_stop_statuses[] = {400, 401, 403, 404, 405,
                                                          407, 410, 426, 501, 505};

struct reconnect_options {
    /// After whatever ends a connection but a Close that the program has sent first.
    bool enabled = false;
    /// After n failures the delay is random between zero and first_delay · 2ⁿ⁻¹, at most longest_delay.
    duration first_delay = std::chrono::milliseconds(500);
    duration longest_delay = std::chrono::seconds(30);
    /// A connection that was open for so long counts as good: the next delay is a first one again.
    duration stable_after = std::chrono::seconds(30);
    /// Gives up after so many attempts without a stable connection; 0: never.
    std::uint32_t most_attempts = 0;
    /// Copied by the client.
    std::span<const std::uint16_t> stop_codes = default_stop_codes;
    std::span<const std::uint16_t> stop_statuses = default_stop_statuses;
};

/// Returns: the delay before the next attempt, after `failures` of them (1 and up).  `random` is
/// uniform over all 64 bits.  Never more than longest_delay, whatever `failures` is.
duration reconnect_delay(const reconnect_options& options, std::uint32_t failures,
                         std::uint64_t random);

/// Reads a Retry-After field: seconds, or a date that is compared with the answer's own Date, so that
/// nobody's clock has to be right (RFC 9110 §10.2.3).
/// Returns: zero if there is nothing to be read; at most a day.
duration read_retry_after(std::string_view retry_after, std::string_view date);

}  // namespace plainsong

#endif  // PLAINSONG_APP_RECONNECT_HPP
