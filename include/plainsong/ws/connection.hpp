// SPDX-License-Identifier: MIT
// connection.hpp — the protocol engine: one WebSocket connection after its handshake (RFC 6455).
//
// Does: turn received bytes into events and commands into bytes to send; enforce every rule on the
// way; answer pings and Closes; say when it next needs to be told the time.
// Does not: touch a socket, read a clock, allocate, throw, or call back.
// Used by: app/session, embedders.  Depends on: base, codec, ws/frame, ws/message, ws/close.
//
// How to drive it:
//   1. Bytes arrived:    while (!in.empty()) { auto step = c.receive(in, now); in = rest; act on
//   step.what; }
//   2. The peer ended:   act on c.receive_eof(now).  The transport broke: act on c.lost(why, now).
//   3. After each call:  write c.output(), report c.output_sent(n, now);
//                        if c.wants_shutdown(), half-close; if c.finished(), drop the transport.
//   4. At c.next_deadline(): act on c.on_deadline(now).
// `closed` is the last event and comes exactly once, whatever happens.
#ifndef PLAINSONG_WS_CONNECTION_HPP
#define PLAINSONG_WS_CONNECTION_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/clock.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/ws/close.hpp>
#include <plainsong/ws/frame.hpp>
#include <plainsong/ws/limits.hpp>
#include <plainsong/ws/message.hpp>
#include <plainsong/ws/opcode.hpp>

namespace plainsong {

/// Where a client's masking keys come from: a source that nobody can predict (RFC 6455 §10.3).
struct mask_source {
    /// Writes a fresh key; returns false if there is no entropy: a command then returns no_entropy,
    /// and an engine that owes a frame of its own fails the connection.
    bool (*next)(void* context, mask_key& key) = nullptr;
    void* context = nullptr;
};

/// What many connections share.  Lifetime: outlives them.
struct connection_config {
    role self = role::server;
    limits bounds{};
    mask_source keys{};  // Requires: set for a client
};

/// Memory that an engine needs only while something is unfinished: a frame head cut by the end of a
/// read, a control frame likewise, a Close reason, bytes to send.  A quiet connection needs none,
/// so many of them can share one (see connection::attach).
struct workspace {
    /// Room for a pong, two pings and a Close, each cut by a partial write.
    static constexpr std::size_t minimum_output_bytes = 4 * (6 + max_control_bytes);
    static constexpr std::uint32_t no_pong = ~std::uint32_t{0};

    /// `output` holds what is to be sent: at least minimum_output_bytes; more if whole messages are
    /// sent through connection::send.  Lifetime: outlives the workspace.
    explicit workspace(byte_span output_memory) : output(output_memory) {}

    /// Returns: whether `size` bytes fit behind `end`; moves what waits to the front if they would
    /// not fit otherwise.
    bool make_room(std::size_t size);
    /// Requires: room for head and payload behind `end`.
    void append(const frame_head& frame, byte_view payload, mask_key key);

    /// Moves what is unfinished in `old` here and leaves that empty.
    /// Requires: this one is empty, its output no smaller than what waits there.
    void take_over(workspace& old);
    /// Drops all that is unfinished.
    void clear() {
        begin = end = 0;
        pong_at = no_pong;
        head_size = control_size = 0;
    }

    byte_span output;
    std::uint32_t begin = 0;  // output[begin, end) waits to be sent
    std::uint32_t end = 0;
    std::uint32_t pong_at = no_pong;  // where an unsent pong begins: a newer ping replaces it
    std::uint8_t head_size = 0;
    std::uint8_t control_size = 0;
    std::array<std::uint8_t, max_frame_head_bytes> head;
    std::array<std::uint8_t, max_control_bytes> control;  // in the end: the peer's Close payload
};

enum class event_kind : std::uint8_t { none, data, ping, pong, closed };

/// What the engine has to report.  Lifetime of `payload`: until the next call of receive, or as
/// long as the bytes handed to receive stay where they are, whichever is shorter.
struct event {
    event_kind kind = event_kind::none;
    opcode type = opcode::binary;  // of a message: text or binary
    bool first = false;            // this chunk begins a message
    bool last = false;             // this chunk ends it
    bool compressed = false;       // the payload is DEFLATE: see message_inflater
    byte_span payload{};  // unmasked; text that isn't compressed is UTF-8 as far as it goes
};

struct step {
    std::size_t taken = 0;
    event what{};
};

enum class close_initiator : std::uint8_t { nobody, local, peer };

/// How a connection ended.
struct close_info {
    std::uint16_t code =
        close_code::abnormal;     // the peer's; 1005 if it gave none, 1006 without Close
    std::uint16_t sent_code = 0;  // ours; 0 if no Close of ours was queued
    bool clean = false;  // both Close frames were exchanged before the transport ended (§7.1.4)
    close_initiator who = close_initiator::nobody;  // whose Close came first
    std::string_view reason{};                      // the peer's; lifetime: that of the workspace
    violation cause{};                              // what went wrong, if anything
};

/// The engine.  Copyable memory without pointers into itself; not thread-safe.
class connection {
public:
    /// Lifetime: `config` outlives the connection.  A workspace is attached before any other call
    /// but next_deadline and the questions about the state.
    connection(const connection_config& config, time_point now)
        : config_(&config), last_received_(now), since_(now) {}

    /// permessage-deflate was agreed on: RSV1 marks compressed messages, which are handed on as they
    /// are (see event::compressed).  The engine itself neither deflates nor inflates.
    void allow_compression() { compression_ = true; }

    // ---- bytes in

    /// Takes a prefix of `in`, unmasks it in place and reports at most one event.  An event of kind
    /// `none` means that all of `in` was taken; no byte is left over for an event that is due.
    /// Cost: linear in what is taken.
    step receive(byte_span in, time_point now);

    /// The peer will send nothing more (FIN).  Idempotent.
    event receive_eof(time_point now);

    /// The transport failed; `why` is what close_info will name.  Idempotent.
    event lost(error_code why, time_point now);

    /// Bytes of payload that the frame being received still lacks.  A caller that joins messages
    /// can read them straight to where they belong and pass that memory to `receive`.
    [[nodiscard]] std::uint64_t payload_missing() const {
        return is_data_frame_open() ? bytes_left_ : 0;
    }

    // ---- commands

    /// Queues a message, or a fragment of one: text or binary first, then continuation; `last` ends
    /// it.  Does not look at UTF-8: text from elsewhere is the caller's to check.  `compressed`: the
    /// payload of the message is DEFLATE, as deflate_flush::message ends it; said with its first frame.
    /// Errors: not_open, invalid_argument (a control opcode, or a message that is compressed without
    /// allow_compression or only from its second frame on), message_in_progress,
    /// no_message_in_progress, output_full, no_entropy; nothing is queued then.
    error send(opcode type, byte_view payload, bool last = true, bool compressed = false);

    /// As `send`, for callers with an output of their own: gives the header of the frame, to be
    /// followed on the wire by `size` bytes that the caller has masked with its key if we are a
    /// client.
    error send_header(opcode type, std::uint64_t size, bool last, frame_header& header,
                      bool compressed = false);

    /// The same as bytes.
    error send_head(opcode type, std::uint64_t size, bool last, frame_head& head, mask_key& key,
                    bool compressed = false) {
        frame_header header;
        if (auto why = send_header(type, size, last, header, compressed)) {
            return why;
        }
        head = encode_frame_head(header);
        key = header.key;
        return {};
    }

    /// Queues a ping (RFC 6455 §5.5.2).  Errors: not_open, control_too_long, output_full,
    /// no_entropy.
    error ping(byte_view payload);
    /// Queues a pong that nobody asked for (§5.5.3).  Errors: as ping.
    error pong(byte_view payload);

    /// Starts the closing handshake (§7.1.2); data still comes in until the peer answers.
    /// Errors: not_open; close_code_not_sendable (1010 too, for a server), control_too_long,
    /// reason_not_utf8, invalid_argument, no_entropy.
    error close(std::uint16_t code, std::string_view reason, time_point now);

    /// Fails the connection by a rule above the protocol, e.g. a full send queue: sends a Close
    /// with the answer that the list of errors gives for `why` and then only reads (§7.1.7).
    /// `behind`: how many of the octets taken lie behind the one that broke the rule.
    void fail(error_code why, time_point now, std::size_t behind = 0);

    // ---- bytes out

    /// Frames that wait to be sent.  Lifetime: until the next call that isn't const.
    [[nodiscard]] byte_view output() const {
        return room_->output.subspan(room_->begin, room_->end - room_->begin);
    }
    /// The first `size` bytes of output() are on their way.
    void output_sent(std::size_t size, time_point now);

    // ---- state

    [[nodiscard]] close_state state() const { return state_; }
    [[nodiscard]] bool is_open() const { return state_ == close_state::open; }
    /// Open and between two messages, with nothing to send and no ping unanswered: the next deadline
    /// can only have moved later since it was last asked for.
    [[nodiscard]] bool is_quiet() const {
        return is_open() && !is_in_message() && !awaiting_pong_ && !needs_workspace();
    }
    /// wants_shutdown() will hold as soon as output() has left.
    [[nodiscard]] bool ends_with_output() const {
        return state_ == close_state::failing ||
               (state_ == close_state::closing && config_->self == role::server);
    }
    /// The transport is to be half-closed: nothing more will be sent.
    [[nodiscard]] bool wants_shutdown() const { return state_ == close_state::draining; }
    /// The transport is to be dropped.
    [[nodiscard]] bool finished() const { return state_ == close_state::closed; }
    /// How it ended.  Requires: the event `closed` was reported.
    [[nodiscard]] close_info outcome() const;

    // ---- time

    /// When on_deadline is due; moves later whenever bytes arrive, so a caller may look again only
    /// when the time it remembered has come.
    [[nodiscard]] time_point next_deadline() const;
    /// Pings, closes or gives up, as is due.  Harmless when called early.
    event on_deadline(time_point now);

    // ---- memory

    /// Uses `room` from now on; what is unfinished in the present one moves over and leaves that
    /// empty.  Requires: room is empty, its output no smaller than output().
    void attach(workspace& room) {
        if (room_ != nullptr && room_ != &room) {
            room.take_over(*room_);
        }
        room_ = &room;
    }
    /// Requires: !needs_workspace().
    void detach() { room_ = nullptr; }
    [[nodiscard]] const workspace* attached() const { return room_; }
    /// Something unfinished lives in the workspace.
    [[nodiscard]] bool needs_workspace() const {
        return room_ != nullptr &&
               (room_->end != 0 || room_->head_size != 0 || room_->control_size != 0);
    }

private:
    enum class head_outcome : std::uint8_t { incomplete, complete, failed };

    std::size_t take_message(byte_span in, event& what);
    head_outcome read_head(byte_span in, std::size_t& taken, time_point now);
    error_code enter_frame(const frame_header& header);
    bool read_data(byte_span chunk, event& what, time_point now);
    bool read_control(byte_span chunk, event& what, time_point now);
    void receive_close(byte_view payload, time_point now);
    void discard(byte_span in, step& done, time_point now);

    bool next_key(mask_key& key);
    error queue_control(opcode op, byte_view payload, std::size_t reserve);
    void queue_close(std::uint16_t code, std::string_view reason);
    void queue_pong(byte_view payload, time_point now);

    void violate(error_code why, std::uint64_t offset, time_point now);
    bool apply(close_input input, time_point now);
    event finish_by(close_input input, error_code why, time_point now);
    void note_flushed(time_point now);

    [[nodiscard]] bool discards_input() const { return state_ > close_state::close_sent; }
    [[nodiscard]] bool is_data_frame_open() const {
        return frame_open_ && !is_control(op_) && !discards_input();
    }
    [[nodiscard]] bool is_in_message() const {
        return frame_open_ || reader_.is_open() || (room_ != nullptr && room_->head_size != 0);
    }
    [[nodiscard]] bool pings() const {
        return config_->bounds.ping_after < config_->bounds.idle_timeout;
    }

    const connection_config* config_;
    workspace* room_ = nullptr;
    std::uint64_t bytes_left_ = 0;  // of this frame's payload; later: that may yet be discarded
    std::uint64_t offset_ = 0;      // in the stream, of the next byte; stands still at a violation
    message_reader reader_;
    time_point last_received_;
    time_point since_;  // when the state, or the wait for a pong, began
    mask_key key_{};    // rotated to the next byte of the payload
    std::uint16_t received_code_ = 0;
    std::uint16_t sent_code_ = 0;
    error_code cause_ = error_code::none;
    close_state state_ = close_state::open;
    opcode op_ = opcode::continuation;
    bool final_ : 1 = false;
    bool masked_ : 1 = false;
    bool frame_open_ : 1 = false;      // a head was read, its payload not to the end
    bool chunk_reported_ : 1 = false;  // of the message being received
    bool message_sending_ : 1 = false;
    bool awaiting_pong_ : 1 = false;
    bool close_flushed_ : 1 = false;  // our Close left completely
    bool peer_first_ : 1 = false;     // the peer's Close came before ours
    bool compression_ : 1 = false;
};

// Inline, because a server does it for every message.

inline bool connection::next_key(mask_key& key) {
    key = {};
    if (config_->self == role::server) {
        return true;  // [6455-5.1-04]
    }
    // [6455-5.1-01] [6455-5.3-03] [6455-10.3-01]: each frame has a key of its own
    return config_->keys.next(config_->keys.context, key);
}

inline error connection::send_header(opcode type, std::uint64_t size, bool last,
                                     frame_header& header, bool compressed) {
    if (!is_open()) {
        return error_code::not_open;  // [6455-6.1-02] [6455-6.1-03] [6455-5.5.1-06]
    }
    if (type > opcode::binary || size > max_payload_size ||
        (compressed && (!compression_ || type == opcode::continuation))) {
        return error_code::invalid_argument;
    }
    if ((type == opcode::continuation) != message_sending_) {
        // [6455-5.4-09] [6455-6.1-06]
        return message_sending_ ? error_code::message_in_progress
                                : error_code::no_message_in_progress;
    }
    // [6455-6.1-01] [6455-6.1-04] [6455-6.1-08]
    header.payload_size = size;
    header.op = type;
    header.final = last;
    header.masked = config_->self == role::client;
    header.compressed = compressed;  // [7692-6.1-01] [7692-6.1-02] [7692-6.1-04]
    if (!next_key(header.key)) {
        return error_code::no_entropy;
    }
    message_sending_ = !last;  // [6455-6.1-07]
    return {};
}

}  // namespace plainsong

#endif  // PLAINSONG_WS_CONNECTION_HPP
