// SPDX-License-Identifier: MIT
// handlers.hpp — what a program wants done with the sessions of a server's route, or of a client.
//
// Does: name the callbacks and what they are given.  Does not: act.
// Used by: app/server, app/client, programs.  Depends on: base, http/field, net, ws.
//
// Order of calls for one session, whatever happens: on_upgrade (server), on_open once, then messages in the
// order of the wire with on_ping, on_pong and on_drain between them, on_close once.  Without on_open
// there is no on_close.  All calls come on the loop's thread and must not throw: an exception that
// leaves a handler ends the process.
#ifndef PLAINSONG_APP_HANDLERS_HPP
#define PLAINSONG_APP_HANDLERS_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/app/compression.hpp>
#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/ws/close.hpp>
#include <plainsong/ws/connection.hpp>
#include <plainsong/ws/opcode.hpp>
#include <plainsong/ws/server_handshake.hpp>

namespace plainsong {

class session;

/// A whole message.  Lifetime: that of the callback it is given to.
struct message {
    opcode type = opcode::binary;  // text or binary
    byte_view payload{};

    /// To be sent: false keeps it out of the compressor (see app/compression.hpp).
    bool may_compress = true;

    [[nodiscard]] bool is_text() const { return type == opcode::text; }
    /// The payload as characters: UTF-8 if is_text().
    [[nodiscard]] std::string_view text() const { return as_text(payload); }
};

/// How a session ended.  Lifetime of `reason`: that of the callback.
struct close_record {
    std::uint16_t code =
        close_code::abnormal;     // the peer's; 1005 without a code, 1006 without Close
    std::uint16_t sent_code = 0;  // ours, 0 if none
    bool clean = false;           // both Close frames were exchanged
    bool orderly_end = false;     // the peer ended the stream with FIN
    close_initiator who = close_initiator::nobody;
    std::string_view reason{};
    violation cause{};               // what went wrong, if anything; facts_of(cause.code) says more
    int system_error = 0;            // errno, if the transport failed
    std::uint64_t bytes_unsent = 0;  // accepted from the program and lost
    std::uint64_t messages_unsent = 0;
};

/// A request to open a session, before it is answered.  Lifetime: that of on_upgrade.
class upgrade {
public:
    [[nodiscard]] std::string_view path() const { return request_.path; }
    [[nodiscard]] std::string_view query() const { return request_.query; }
    [[nodiscard]] std::string_view host() const { return request_.host; }
    [[nodiscard]] std::string_view origin() const { return request_.origin; }
    [[nodiscard]] const address& peer() const { return peer_; }
    /// The value of the first field called `name`, "" if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    /// All that was judged, for what is not named here.
    [[nodiscard]] const upgrade_request& request() const { return request_; }

    /// Answers with this status (200 to 599, not 101) and text instead of 101.  The last call counts.
    void refuse(std::uint16_t status, std::string_view body = {});
    /// Adds a field to the answer, whichever it is.
    /// Errors: field_not_sendable; the field is left out.
    error add_field(std::string_view name, std::string_view value);
    /// Chooses a subprotocol; without this call the first of the client's that the route knows.
    /// "" chooses none.  Errors: invalid_argument if client or route do not name it.
    error choose_subprotocol(std::string_view name);
    /// What session::data() will give.
    void set_data(void* data) { data_ = data; }

    upgrade(const upgrade&) = delete;
    upgrade& operator=(const upgrade&) = delete;

private:
    friend class handshake;  // makes it and acts on the answer

    struct answer;
    upgrade(const upgrade_request& request, const address& peer, answer& into)
        : request_(request), peer_(peer), answer_(into) {}

    const upgrade_request& request_;
    const address& peer_;
    answer& answer_;
    void* data_ = nullptr;
};

/// How far an attempt to connect came.
enum class connect_stage : std::uint8_t { name, address, proxy, handshake };

/// Why a client has no connection.  Lifetime: that of the callback.
struct connect_failure {
    connect_stage stage = connect_stage::name;
    error why{};     // facts_of(why.code()) has the rule; why.number() the errno, if any
    address peer{};  // the server, or the proxy, if one was reached
    /// What the server answered instead of 101, if it did; 0: nothing.
    std::uint16_t status = 0;
    std::string_view reason{};
    std::span<const http::field> fields{};
    byte_view body{};  // its first 4 KiB
    bool will_retry = false;

    /// The value of the first field called `name`, "" if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// What happens to a message for which the send queue has no room.
enum class overflow_policy : std::uint8_t {
    refuse,       // this message is not taken
    close,        // the session ends with 1013
    drop_oldest,  // queued messages give way, the oldest first
};

/// The callbacks of a route or of a client; all may be left out.
struct handlers {
    /// Subprotocols that a route speaks or a client offers, as on the wire: "chat, superchat".
    std::string_view subprotocols{};
    /// Server: may refuse the request or shape its answer.
    callback<void(upgrade&)> on_upgrade{};
    /// Client: no session has come of an attempt to connect.
    callback<void(const connect_failure&)> on_failure{};
    callback<void(session&)> on_open{};
    /// A whole message.  Not called if on_message_chunk is set.  A function that takes it by value will
    /// do, too: the payload isn't copied by that.
    callback<void(session&, const message&)> on_message{};
    /// Instead of on_message: the message as it arrives.  What arrived of a text message is UTF-8,
    /// but a chunk may end inside a character.  If on_message_end does not come, on_close does.
    callback<void(session&, opcode)> on_message_begin{};
    callback<void(session&, byte_view)> on_message_chunk{};
    callback<void(session&)> on_message_end{};
    /// The ping has been answered already.
    callback<void(session&, byte_view)> on_ping{};
    callback<void(session&, byte_view)> on_pong{};
    /// The send queue was above its high mark and has fallen below half of it.
    callback<void(session&)> on_drain{};
    callback<void(session&, const close_record&)> on_close{};
    overflow_policy overflow = overflow_policy::refuse;
    /// Whether messages are compressed: permessage_deflate() switches it on.
    compression_options compression{};
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_HANDLERS_HPP
