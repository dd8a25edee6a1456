// SPDX-License-Identifier: MIT
// session_core.hpp — what the sessions of one server, or of one client, share.
//
// Does: hold the loop, the limits and the counters; name the few things in which the two roles differ
// before a connection is open and after it has ended.  Once it is open, the role is a value of the
// engine.
// Used by: app/session, app/server_core, app/client_core.  Depends on: app/lent_memory, app/metrics.
#ifndef PLAINSONG_SRC_APP_SESSION_CORE_HPP
#define PLAINSONG_SRC_APP_SESSION_CORE_HPP

#include <string>
#include <string_view>
#include <vector>

#include <plainsong/app/handlers.hpp>
#include <plainsong/app/log.hpp>
#include <plainsong/app/metrics.hpp>
#include <plainsong/app/session.hpp>
#include <plainsong/ws/connection.hpp>

#include "src/app/lent_memory.hpp"

namespace plainsong {

/// What serves a session: a path of a server, or all of a client.
struct route {
    session_core* core = nullptr;
    std::string path;  // without the "*"
    bool is_prefix = false;
    handlers on;
    std::string protocol_text;
    std::vector<std::string_view> protocols;  // into protocol_text
    connection_config config;

    /// Takes over `fresh`.  Returns: false if its list of subprotocols is none, or it asks for a window
    /// that doesn't exist.
    bool set_handlers(handlers&& fresh);
};

struct session_core {
    session_core(loop& on, const limits& its_bounds, log_sink&& its_sink)
        : its_loop(on), lent(lent_memory::of(on)), bounds(its_bounds), sink(std::move(its_sink)) {}
    session_core(const session_core&) = delete;
    session_core& operator=(const session_core&) = delete;

    /// Takes bytes that belong to the handshake.  Returns: those behind it, which belong to the
    /// session if it is open now.
    virtual byte_span shake_hands(session& one, byte_span in) = 0;
    /// The deadline of the handshake has passed.
    virtual void handshake_timed_out(session& one) = 0;
    /// The connection is ending; no effect if the handshake is over.
    virtual void handshake_ended(session& one, error_code why) = 0;
    /// The session is over; it is freed at the end of the turn.
    virtual void forget(session& one) = 0;
    virtual void free(session& one) = 0;
    /// The loop ends: deletes itself.  Only for those whom lent_memory has adopted.
    virtual void drop() {}

    void log(log_event event, violation why, const session& about);

    loop& its_loop;
    lent_memory& lent;
    limits bounds;
    log_sink sink;
    bool is_silent = false;  // whoever the sink belongs to is gone
    metrics counts;

protected:
    ~session_core() = default;
};

// Inline, because a session does both several times for every message.

inline session_core& session::core() const {
    return *route_->core;
}

inline void session::check_thread() const {
#ifndef NDEBUG
    core().its_loop.check_thread();
#endif
}

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_SESSION_CORE_HPP
