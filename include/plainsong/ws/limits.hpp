// SPDX-License-Identifier: MIT
// limits.hpp — every limit of a connection in one place; all are finite by default.
//
// Does: hold the figures.  Does not: enforce them; each line says who does.
// Used by: ws/connection, app.  Depends on: base/clock.
//
// What exceeds a limit is answered with Close 1009 for a size, 1008 for a count or a stall, and
// with the HTTP status named below before the upgrade.
#ifndef PLAINSONG_WS_LIMITS_HPP
#define PLAINSONG_WS_LIMITS_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/clock.hpp>

namespace plainsong {

struct limits {
    // ---- the opening handshake: http/head_parser, app/session
    std::size_t request_line_bytes = 8192;  // 414 beyond it
    std::size_t header_line_bytes = 8192;   // 431
    std::size_t header_block_bytes =
        16384;                       // 431; also the most that a handshake may hold in memory
    std::size_t header_lines = 100;  // 431; at most http::max_fields
    duration handshake_within = std::chrono::seconds(10);  // in total, not for each read; 408

    // ---- messages: ws/message through ws/connection
    std::uint64_t frame_bytes = 1 << 20;    // 1009
    std::uint64_t message_bytes = 1 << 20;  // 1009; over all fragments
    std::uint32_t message_frames = 16384;   // 1008; empty fragments count
    duration message_stall =
        std::chrono::seconds(10);  // 1008; a begun message without any new byte
    // The same for fewer new bytes than this in each such time (app/session).  1: any byte will do.
    std::uint32_t message_stall_bytes = 1;

    // ---- life and death: ws/connection
    duration ping_after =
        std::chrono::seconds(30);  // silence before we ping; duration::max(): never
    duration pong_within = std::chrono::seconds(20);  // then 1006; any byte received counts as life
    duration idle_timeout = std::chrono::seconds(120);  // 1001; acts where pings are off or slower
    duration close_within = std::chrono::seconds(5);    // from our Close to the peer's
    // From our FIN to the peer's; a client waits no longer for the body of a refusal.
    duration drain_within = std::chrono::seconds(1);
    std::uint64_t drain_bytes = 64 << 10;  // read and discarded meanwhile

    // ---- sending: app/session
    std::size_t outbox_high_bytes = 256
                                    << 10;  // on_drain is called when the outbox empties below it
    std::size_t outbox_bytes = 1 << 20;     // beyond it the overflow policy acts
    std::uint32_t outbox_messages = 65536;  // likewise, so that tiny messages cannot cost more
    duration write_stall = std::chrono::seconds(30);  // 1006; queued bytes of which in such a time
    std::size_t write_stall_bytes = 4096;             // fewer than this leave

    // ---- crowds: app/server; 0 means "no limit of this kind"
    std::uint32_t connections = 0;           // 503 beyond it
    std::uint32_t connections_per_peer = 0;  // 503; by address, all of a unix socket as one
    std::uint32_t handshakes = 16384;  // plain close beyond it: those who are still shaking hands
};

/// Returns: what a compressed message, or a frame of one, may have on the wire if its text may have
/// `limit` octets: DEFLATE can make text longer than it was (RFC 1951 §3.2.4).
constexpr std::uint64_t compressed_limit(std::uint64_t limit) {
    const std::uint64_t more = limit / 8 + 64;
    return limit > ~std::uint64_t{0} - more ? ~std::uint64_t{0} : limit + more;
}

}  // namespace plainsong

#endif  // PLAINSONG_WS_LIMITS_HPP
