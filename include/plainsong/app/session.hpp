// SPDX-License-Identifier: MIT
// session.hpp — one WebSocket connection as a program sees it.
//
// Does: send, ping, close; bring stream, handshake, engine, send queue and deadlines together.
// Does not: outlive its connection: keep `id()`, not a reference, beyond a callback.
// Used by: app/server, app/client, programs.  Depends on: net/loop, net/stream, ws/connection, app/handlers.
#ifndef PLAINSONG_APP_SESSION_HPP
#define PLAINSONG_APP_SESSION_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/app/handlers.hpp>
#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>
#include <plainsong/ws/connection.hpp>
#include <plainsong/ws/permessage_deflate.hpp>

namespace plainsong {

struct route;
struct session_core;
struct session_extras;
struct outbox_tag;
struct direction_terms;
enum class deflate_piece : std::uint8_t;
class message_codec;
class server;

/// Names a session of one loop for ever: it never comes to mean another one.
using session_id = watch_token;

/// What became of something that was to be sent.
enum class fate : std::uint8_t {
    sent,     // taken; nothing is queued in front of it
    queued,   // taken; it waits for the peer to read what is in front of it
    refused,  // not taken: see `why`
    gone,     // not taken: the session is closing or does not exist any more
};

struct send_result {
    fate what = fate::sent;
    error_code why = error_code::none;

    /// Whether it was taken.
    explicit operator bool() const { return what <= fate::queued; }
};

/// Threads: the loop's.  Debug builds abort on any other.
class session final : public loop_member {
public:
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    [[nodiscard]] session_id id() const { return token_; }
    /// Which end of the connection we are.
    [[nodiscard]] role self() const;
    /// Requires: self() is role::server.
    [[nodiscard]] server& owner() const;
    /// Data can be sent: on_open has been called and no Close was sent or received.
    [[nodiscard]] bool is_open() const {
        return phase_ == phase::open && engine_.is_open() && !is_over_ && !write_broken_;
    }
    /// The subprotocol agreed on, "" if none.  Lifetime: that of the server or client.
    [[nodiscard]] std::string_view subprotocol() const;
    /// Whether permessage-deflate was agreed on (RFC 7692).
    [[nodiscard]] bool compresses() const { return compresses_; }
    /// Under which terms.  Requires: compresses().
    [[nodiscard]] deflate_parameters deflate_terms() const;
    /// Asked of the kernel anew; none if the connection has been reset.
    [[nodiscard]] address peer() const;

    /// A pointer for the program's own use.
    [[nodiscard]] void* data() const { return data_; }
    void set_data(void* data) { data_ = data; }

    // ---- sending.  What is taken is sent in order; the bytes are copied or sent before the call
    // that delivered them ends, so the caller's memory is free at once.

    /// Sends a message as it is.  The text of a message that was received is known to be UTF-8; for
    /// other text use send_text.
    send_result send(const message& m) { return send(m, no_key); }
    /// As above; a queued message with the same key gives way to this one (conflation).
    send_result send(const message& m, std::uint64_t key);
    /// Errors (`why`): text_not_utf8.
    send_result send_text(std::string_view text);
    send_result send_binary(byte_view bytes);

    /// A message in pieces, each of them a frame.  Between begin and end no other message can be sent
    /// [6455-5.4-09].  Errors (`why`): message_in_progress, no_message_in_progress, text_not_utf8.
    /// `may_compress`: as in message.
    send_result send_begin(opcode type, bool may_compress = true);
    send_result send_part(byte_view part);
    send_result send_part(std::string_view part) { return send_part(as_bytes(part)); }
    send_result send_end();

    /// Control frames.  Errors (`why`): those of connection::ping.
    send_result ping(byte_view payload = {});
    send_result pong(byte_view payload = {});

    /// Starts the closing handshake behind all that was sent; on_close follows.
    /// Errors (`why`): those of connection::close.
    send_result close(std::uint16_t code = close_code::normal, std::string_view reason = {});
    /// Drops the connection now, without a Close; on_close follows with 1006.
    void terminate();

    /// Bytes taken and not yet handed to the kernel.
    [[nodiscard]] std::size_t backlog_bytes() const;
    /// The same without what waits of control frames, but with what was given up because the peer
    /// has closed or has failed: bytes of messages that have not been handed to the kernel.
    [[nodiscard]] std::uint64_t unsent_bytes() const;

    /// Stops reading from this peer, which will feel it as back-pressure, until resume_reading or
    /// a Close.  What has been read already is still delivered.  Deadlines go on, because the end of a
    /// peer that is not read is not seen either: pause for less than `message_stall`.
    void pause_reading();
    void resume_reading();

    static constexpr std::uint64_t no_key = ~std::uint64_t{0};

private:
    friend struct session_core;
    friend struct server_core;  // makes, drains and frees sessions
    friend struct client_core;  // likewise, for the other role
    friend class session_scope;
    friend class handshake;

    enum class phase : std::uint8_t { handshake, open, refused, dead };

    session(route& start, stream transport)
        : route_(&start), stream_(static_cast<stream&&>(transport)) {}
    ~session() = default;

    void on_ready(readiness ready) override;
    void on_due() override;
    void on_buried() override;

    // session.cpp, session_messages.cpp: being served, and what comes in
    void check_thread() const;
    void enter();
    void leave();
    void open();
    [[nodiscard]] bool is_quiet() const;
    void attach_workspace();
    void return_workspace();
    void read_turn(readiness ready);
    byte_span read_space();
    void receive(byte_span in);
    void on_event(const event& what);
    void answer_ping();
    void on_chunk(const event& what);
    void note_rate(const event& what);
    void collect(const event& what);
    void deliver_block(opcode type);
    void end_pieces();
    void deliver(const message& m, byte_span where);
    void discard(byte_span in);
    void on_read_stopped(const io_result& outcome, readiness ready);

    // session_send.cpp: what goes out
    template <typename Call>
    send_result command(Call call);
    send_result send_frame(const message& m, bool last, std::uint64_t key);
    send_result send_now(const message& m, bool last, std::uint64_t key);
    send_result put(const frame_header& header, byte_view payload, outbox_tag what);
    send_result put_alone(const frame_header& header, byte_view payload, outbox_tag what);
    std::size_t send_plain(const frame_head& head, byte_view payload);
    std::size_t send_masked(const frame_head& head, byte_view payload, mask_key key);
    bool make_room(std::size_t size, std::uint64_t key);
    void send_raw(byte_view bytes, bool is_last = false);
    void flush();
    void flush_all();
    void flush_gather();
    void flush_queue();
    bool note_send(const io_result& outcome);
    void note_control_sent(std::size_t size);
    bool note_drained();
    void drop_queue();

    // session_compression.cpp
    void agree_on(const deflate_parameters& terms);
    [[nodiscard]] direction_terms terms_of(role sender) const;
    [[nodiscard]] bool is_worth_compressing(const message& m, bool last, std::uint64_t key) const;
    byte_view deflated(const message& m, bool last, frame_header& header);
    byte_view deflate(byte_view text, deflate_piece which);
    void inflate(const event& what);
    void inflate_whole(message_codec& codec, const event& what);
    void inflate_in_pieces(message_codec& codec, const event& what);
    void note_context_bytes();
    void drop_context();

    // session_end.cpp: deadlines and the end
    void settle();
    void finish();
    void count_end(const close_record& record);
    void log_failure();
    void update_interest();
    void update_timer();
    [[nodiscard]] time_point wanted_deadline() const;
    [[nodiscard]] time_point engine_deadline() const;
    [[nodiscard]] time_point write_deadline() const;
    [[nodiscard]] time_point message_deadline() const;

    [[nodiscard]] bool reads() const;
    [[nodiscard]] bool has_queue() const;
    [[nodiscard]] session_core& core() const;
    session_extras& extras();

    route* route_;
    stream stream_;
    watch_token token_{};
    void* data_ = nullptr;
    session_extras* extras_ = nullptr;
    connection engine_{unbound_config, time_point{}};
    std::int16_t system_error_ = 0;
    phase phase_ = phase::handshake;
    std::uint8_t subprotocol_ = 0;  // 1 + index in the route's list; 0: none
    std::uint8_t deflate_terms_ = 0;
    interest interest_ = interest::read;
    bool entered_ : 1 = false;       // a call into the session is under way
    bool opened_ : 1 = false;        // on_open was called, so on_close is owed
    bool is_over_ : 1 = false;       // what is left to do is on_close
    bool blocked_ : 1 = false;       // the kernel takes nothing until the stream is writable
    bool write_broken_ : 1 = false;  // a send failed; what can still be read is read
    bool fin_sent_ : 1 = false;
    bool paused_ : 1 = false;
    bool above_high_ : 1 = false;        // on_drain is owed
    bool sending_ : 1 = false;           // a message is being sent in pieces
    bool sending_text_ : 1 = false;      // and it is text
    bool is_logged_ : 1 = false;         // why it fails
    bool saw_end_ : 1 = false;           // the peer's FIN
    bool compresses_ : 1 = false;        // permessage-deflate was agreed on
    bool sending_deflated_ : 1 = false;  // the message being sent in pieces is compressed

    static const connection_config unbound_config;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_SESSION_HPP
