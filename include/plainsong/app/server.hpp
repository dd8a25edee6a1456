// SPDX-License-Identifier: MIT
// server.hpp — a WebSocket server on a loop.
//
// Does: listen, upgrade by path, hold the sessions, answer plain HTTP on the same port, end in order.
// Does not: run threads, print, or read files.
// Used by: programs.  Depends on: app/session, app/metrics, app/log, net/listener.
//
// Memory: a quiet session costs below 192 bytes.  Failure to allocate ends the process.
#ifndef PLAINSONG_APP_SERVER_HPP
#define PLAINSONG_APP_SERVER_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/app/handlers.hpp>
#include <plainsong/app/log.hpp>
#include <plainsong/app/metrics.hpp>
#include <plainsong/app/session.hpp>
#include <plainsong/base/clock.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>
#include <plainsong/ws/limits.hpp>
#include <plainsong/ws/origin.hpp>

namespace plainsong {

struct server_core;

struct server_options {
    limits bounds{};
    /// Which pages may open sessions: same-origin unless said otherwise [6455-10.2-01].
    origin_policy origin{};
    /// Takes `GET ws://host/path HTTP/1.1`, which RFC 6455 §4.1 does not foresee.
    bool accept_ws_target = false;
    /// Takes a header line that goes on in the next (obs-fold), as one with blanks in it; otherwise the
    /// answer is 400 [9112-5.2-01].
    bool lenient_fold = false;
    /// Plain HTTP: where "ok" and the counters are served; "" serves them nowhere.
    std::string_view health_path = "/healthz";
    std::string_view metrics_path = "/metrics";
    /// Memory kept for the next large messages.
    std::size_t message_cache_bytes = 16 << 20;
    log_sink log{};
};

/// Where to listen: a path of the file system if one is given, else host and port.
struct listen_options {
    std::string_view host = "127.0.0.1";  // "0.0.0.0" or "::" to be reached from elsewhere
    std::uint16_t port = 0;               // 0: the kernel chooses; see server::port
    std::string_view unix_path{};
    int backlog = 1024;
    bool reuse_port = false;
    bool remove_stale_socket = false;
};

/// Threads: the loop's, except where "thread-safe" is said.  Debug builds abort on any other.
class server {
public:
    /// Lifetime: `its_loop` outlives the server; texts in `options` are copied.
    explicit server(loop& its_loop, server_options options = {});
    /// Ends what is left at once: on_close comes with 1006 and the cause `gone`.
    /// Requires: not called from a handler.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // ---- what is served.  A mistake here (a path that is taken, a subprotocol that is no token, a
    // window of 7 bits) is kept and returned by listen().

    /// Serves WebSocket at `path`; one that ends in "*" takes every path that begins so, "*" all of
    /// them.  The longest match wins.  `bounds` replaces the server's limits for this route.
    void route(std::string_view path, handlers handlers);
    void route(std::string_view path, handlers handlers, const limits& bounds);

    /// Answers GET and HEAD at exactly `path` with 200 and this body, which is copied.
    void page(std::string_view path, std::string_view content_type, std::string_view body);
    /// As above, with a body that is written anew for each request.
    void page(std::string_view path, std::string_view content_type,
              callback<void(text_builder&)> body);

    /// Begins to listen; may be called for several addresses.
    /// Errors: invalid_argument for a mistake in a route, page or allowed origin; no_such_address;
    /// system_call_failed with the errno, e.g. EADDRINUSE.
    error listen(const listen_options& where);
    /// The port of the first address listened on, 0 for a path.
    [[nodiscard]] std::uint16_t port() const;

    /// Takes a connection that somebody else has accepted, or another transport.  `peer` is what
    /// upgrade::peer will say.  Errors: those of loop::watch; overloaded.
    error adopt(stream transport, const address& peer);

    /// Returns: the session, nullptr if it is over.
    [[nodiscard]] session* find(session_id id);

    /// Sends from any thread: the message is copied and sent by the loop.  Thread-safe.
    /// Returns: queued, or gone if the loop has ended; a message that the session then does not take
    /// (it is over, or its queue is full) is counted as refused.
    send_result send(session_id id, opcode type, byte_view payload);
    send_result send_text(session_id id, std::string_view text) {
        return send(id, opcode::text, as_bytes(text));
    }
    /// Closes from any thread.  Thread-safe.
    void close(session_id id, std::uint16_t code, std::string_view reason = {});

    [[nodiscard]] std::size_t sessions() const;

    /// Stops listening and sends a Close with `code` to each session, spread evenly over `spread` so
    /// that not all come back at once; whoever is left `deadline` after that is dropped.  `done`
    /// is called when nobody is left; then the server may listen again.  Calling it again while it
    /// goes on only shortens the deadline.
    void drain(std::uint16_t code, duration spread, duration deadline, callback<void()> done = {});

    /// drain(1001) that runs the loop itself and returns when nobody is left; the loop has ended
    /// then, as after loop::run.  Called from a handler, it begins to drain and returns at once.
    void stop(duration deadline);

    /// Thread-safe.
    [[nodiscard]] metrics_snapshot snapshot() const;

private:
    server_core* core_;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_SERVER_HPP
