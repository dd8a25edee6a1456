// SPDX-License-Identifier: MIT
// client.hpp — a WebSocket client on a loop: one connection, and the next one if it breaks.
//
// Does: find the server (name, addresses, proxy), shake hands, hold the session; connect again if told
// to.
// Does not: run threads (but for the lookup of names), print, or read the environment.
// Used by: app/websocket, programs.  Depends on: app/session, app/reconnect, net/connector.
//
// Order of calls, whatever happens: connect() is answered by either on_open, later followed by one
// on_close, or by one on_failure; with reconnecting, each further attempt likewise.  Never inside
// connect().
#ifndef PLAINSONG_APP_CLIENT_HPP
#define PLAINSONG_APP_CLIENT_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/app/handlers.hpp>
#include <plainsong/app/log.hpp>
#include <plainsong/app/metrics.hpp>
#include <plainsong/app/reconnect.hpp>
#include <plainsong/app/session.hpp>
#include <plainsong/base/clock.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>
#include <plainsong/ws/limits.hpp>

namespace plainsong {

class resolver;
struct client_core;

/// Texts are copied by the client's constructor.
struct client_options {
    limits bounds{};
    /// From the start of an attempt to on_open: name, addresses, proxy, handshake and redirects
    /// together.
    duration open_within = std::chrono::seconds(10);

    // ---- what the request says besides what RFC 6455 asks for
    std::string_view origin{};
    std::string_view cookies{};                 // "a=1; b=2"
    std::string_view authorization{};           // see basic_authorization and bearer_authorization
    std::string_view user_agent = "plainsong";  // "": none is sent
    std::span<const http::field> fields{};
    /// Goes where a refusal with a 3xx status points to, at most so often; to another origin without
    /// cookies, authorization and `fields`.
    std::uint8_t most_redirects = 0;

    // ---- how the server is reached
    /// A socket of the file system instead of the URL's host and port.
    std::string_view unix_path{};
    /// "http://[user:password@]host:port" (CONNECT) or "socks5://…"; "": none.
    std::string_view proxy{};
    /// Hosts that are reached without it: "localhost, .example.com, 10.0.0.0/8", "*" all of them.
    std::string_view no_proxy{};
    /// Asked for addresses.  Lifetime: outlives the client.  nullptr: the system's resolver, one for
    /// all clients of the loop; a lookup that is under way when the loop ends is waited for there.
    resolver* names = nullptr;
    /// Head start of one address over the next (RFC 8305 §5).
    duration stagger = std::chrono::milliseconds(250);
    /// If set: puts another transport on top of each one that has reached the server (through the
    /// proxy, if there is one) and gives that.  For `secure` it has to be TLS, which is why wss://
    /// needs this; an empty stream fails the attempt (tls_not_available).  It may close the client, or
    /// destroy it; what it gives is dropped then.
    callback<stream(stream plain, std::string_view host, bool secure)> wrap{};

    // ---- when the connection breaks
    reconnect_options reconnect{};
    /// Messages sent while there is no connection wait for it, up to so many bytes, and leave behind
    /// those that on_open sends (if it leaves one open that it sends in pieces, with the next call
    /// of client::send after that one's end); 0: they are refused.  At most bounds.outbox_bytes.  If no other
    /// attempt is made they are lost, and counted in metrics_snapshot::messages_unsent.
    std::size_t queue_while_down_bytes = 0;

    log_sink log{};
};

enum class client_state : std::uint8_t {
    idle,        // nothing is under way
    connecting,  // until on_open or on_failure
    open,        // until on_close; is_open() says whether messages can still be sent
    waiting,     // for the next attempt
};

/// Threads: the loop's.  Debug builds abort on any other.
class client {
public:
    /// Lifetime: `its_loop` outlives the client.
    explicit client(loop& its_loop, client_options options = {});
    /// Leaves quietly: an open connection gets a Close with 1001 and is brought to its end by the loop,
    /// an attempt is given up; no callback follows.  Legal in a callback.
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Begins to connect to a ws:// or wss:// URL.  `on.subprotocols` are offered; `on.on_upgrade`
    /// has no meaning here.
    /// Errors: url_malformed, url_has_fragment; tls_not_available for wss:// without
    /// client_options::wrap; proxy_url_malformed; field_not_sendable, for one of client_options;
    /// protocols_not_sendable or invalid_argument, for what `on` has; invalid_state unless state() is
    /// idle (or the session is over and in its on_close).  All other trouble comes by on_failure.
    error connect(std::string_view url, handlers on);
    /// The same over a transport that somebody else has connected; `url` says what to ask for, and wss://
    /// needs nothing more.  Reconnecting, redirects and the options about how the server is reached do
    /// not apply.  Errors: as above, and invalid_argument for an empty stream.
    error connect_over(stream transport, std::string_view url, handlers on);

    [[nodiscard]] client_state state() const;
    /// Messages can be sent.
    [[nodiscard]] bool is_open() const;
    /// The connection, nullptr if state() is not open.
    [[nodiscard]] session* current() const;

    /// As those of session.  While there is no connection but one is to come, see
    /// client_options::queue_while_down_bytes; else gone.
    send_result send(const message& m);
    send_result send_text(std::string_view text);
    send_result send_binary(byte_view bytes) { return send({opcode::binary, bytes}); }
    /// Bytes taken and not yet handed to the kernel, those that wait for a connection included.
    [[nodiscard]] std::size_t backlog_bytes() const;

    /// The end, without another attempt.  An open connection starts its closing handshake and on_close
    /// follows; an attempt is given up at once: on_failure is called with `terminated` before this
    /// returns; the wait for one just ends.  Errors (`why`): those of session::close.
    send_result close(std::uint16_t code = close_code::normal, std::string_view reason = {});

    /// Attempts since the last stable connection, the present one included.
    [[nodiscard]] std::uint32_t attempts() const;
    /// When the next attempt begins; `never` unless state() is waiting.
    [[nodiscard]] time_point next_attempt() const;

    /// Thread-safe.
    [[nodiscard]] metrics_snapshot snapshot() const;

private:
    client_core* core_;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_CLIENT_HPP
