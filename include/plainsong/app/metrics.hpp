// SPDX-License-Identifier: MIT
// metrics.hpp — what a server has done so far, in numbers.
//
// Does: list every counter once, count, copy, print for Prometheus.
// Does not: keep time series or histograms.
// Used by: app, tools.  Depends on: app/text.
#ifndef PLAINSONG_APP_METRICS_HPP
#define PLAINSONG_APP_METRICS_HPP

#include <cstdint>

#include <plainsong/app/text.hpp>

namespace plainsong {

// X(name, kind, help).  Each accepted connection ends in exactly one of: refused, pages, failed
// handshakes, opened sessions.  Each message that a program gives to a live session is sent or refused;
// of those sent, some may be dropped by policy or unsent at the end.
#define PLAINSONG_METRICS(X)                                                      \
    X(connections_accepted, counter, "connections taken from the kernel")         \
    X(connections_refused, counter, "connections refused for want of room")       \
    X(handshakes_failed, counter, "connections that were not upgraded")           \
    X(pages_served, counter, "plain HTTP requests answered")                      \
    X(handshakes_open, gauge, "connections that have not finished their request") \
    X(sessions_opened, counter, "upgrades to WebSocket")                          \
    X(sessions_open, gauge, "sessions between on_open and on_close")              \
    X(sessions_closed_clean, counter, "sessions ended by both Close frames")      \
    X(sessions_closed_unclean, counter, "sessions ended otherwise")               \
    X(violations, counter, "sessions failed because the peer broke a rule")       \
    X(timeouts, counter, "sessions ended by a deadline")                          \
    X(messages_received, counter, "whole messages delivered to the program")      \
    X(bytes_received, counter, "bytes read from sessions, frames included")       \
    X(messages_sent, counter, "messages accepted from the program")               \
    X(bytes_sent, counter, "bytes handed to the kernel, frames included")         \
    X(messages_refused, counter, "messages not taken: the queue was full")        \
    X(messages_dropped, counter, "queued messages given up by policy")            \
    X(messages_unsent, counter, "queued messages lost at the end of a session")   \
    X(pings_received, counter, "pings received")                                  \
    X(pongs_received, counter, "pongs received")                                  \
    X(deflate_bytes_in, counter, "bytes of messages that were compressed")        \
    X(deflate_bytes_out, counter, "and what they became")                         \
    X(inflate_bytes_in, counter, "bytes of compressed messages received")         \
    X(inflate_bytes_out, counter, "and what they became")                         \
    X(compression_bytes, gauge, "memory that sessions hold for compression")      \
    X(accept_errors, counter, "failures of accept")

/// A number that one thread changes and any thread may read.
class metric {
public:
    void add(std::uint64_t amount) { __atomic_store_n(&value_, value_ + amount, __ATOMIC_RELAXED); }
    void subtract(std::uint64_t amount) {
        __atomic_store_n(&value_, value_ - amount, __ATOMIC_RELAXED);
    }
    [[nodiscard]] std::uint64_t value() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }

private:
    std::uint64_t value_ = 0;
};

/// Threads: changed on the loop's thread; snapshot and print are thread-safe, each number for itself.
struct metrics {
#define PLAINSONG_DECLARE(name, kind, help) metric name;
    PLAINSONG_METRICS(PLAINSONG_DECLARE)
#undef PLAINSONG_DECLARE

    /// Appends the text format of Prometheus, version 0.0.4.
    void print(text_builder& out) const;
};

/// A copy of all numbers.
struct metrics_snapshot {
#define PLAINSONG_DECLARE(name, kind, help) std::uint64_t name = 0;
    PLAINSONG_METRICS(PLAINSONG_DECLARE)
#undef PLAINSONG_DECLARE
};

metrics_snapshot snapshot_of(const metrics& live);

}  // namespace plainsong

#endif  // PLAINSONG_APP_METRICS_HPP
