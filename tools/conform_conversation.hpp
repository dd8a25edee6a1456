// SPDX-License-Identifier: MIT
// conform_conversation.hpp — plays one case over an open connection and records what happens.
//
// Does: send what the case says when it says so, answer pings and the peer's Close, watch the
// clock, end the connection.
// Does not: connect or shake hands (see conform_opening), or judge (see conform_verdict).
// Used by: tools/conform_run.  Depends on: net/loop, net/stream, tools/conform_*.
#ifndef PLAINSONG_TOOLS_CONFORM_CONVERSATION_HPP
#define PLAINSONG_TOOLS_CONFORM_CONVERSATION_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <plainsong/base/clock.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

#include "tools/conform_case.hpp"
#include "tools/conform_deflate.hpp"
#include "tools/conform_grace.hpp"
#include "tools/conform_outgoing.hpp"
#include "tools/conform_record.hpp"
#include "tools/conform_wire.hpp"

namespace plainsong::conform {

struct conversation_options {
    bool is_client = true;        // the tester is: it masks, and the peer ends the connection
    milliseconds patience{0};     // instead of the cases' own and of closing's; 0: those
    bool (*is_busy)() = nullptr;  // the machine; deadlines are put off then
    split how;
};

class conversation final : private loop_member {
public:
    /// Lifetime: the loop and the case outlive it.
    conversation(loop& its_loop, const conform_case& asked, const conversation_options& options);
    ~conversation();
    conversation(const conversation&) = delete;
    conversation& operator=(const conversation&) = delete;

    /// Before it starts: what the handshake has agreed on.
    void agree(const deflate_terms& terms);

    /// What is sent in front of all frames: the answer to a client, if that is what is tested.
    void preface(std::string octets) { out_.add(std::move(octets), 0, false); }
    /// `early`: octets that came with the peer's handshake.  `done` gets the record, once, at the
    /// end of a turn; it may destroy the conversation.
    void start(stream transport, std::string_view early, callback<void(record)> done);

private:
    void on_ready(readiness what) override;
    void on_due() override;
    void on_buried() override;

    void play();
    void play_step(const step& one);
    void send_message(const step& one);
    [[nodiscard]] std::string payload_of(const step& one);
    [[nodiscard]] bool is_echo(event_kind what, std::string_view octets) const;
    void send_frame(frame one, const step& how);
    void send_close(std::uint16_t code);
    void begin_closing(std::uint16_t code, std::string_view reason);
    void lose_patience();
    [[nodiscard]] bool waits_on(time_point& deadline, milliseconds span);
    void go_on_with_script();
    void note_progress();
    void note_sent();
    void receive();
    void take(std::string_view octets);
    void take_arrival(arrival&& what);
    void take_event(event_kind what, std::string octets);
    void take_close(const arrival& what);
    void fail_peer(std::string why);
    void end_if_both_closed();
    void pump();
    void note_fault(const frame& one, std::size_t head_bytes);
    [[nodiscard]] milliseconds stall_time() const;
    void begin_flood(const step& one);
    void feed_flood();
    void end_flood(std::string_view how);
    bool is_counted(event_kind what, std::string_view octets);
    void note_count();
    void note_limit(std::uint16_t code);
    void end_sending();
    void finish_sending();
    void peer_ended(connection_end how);
    void finish();
    void set_timer();
    void log_frame(log_line::kind what, const frame& one);
    void remark(std::string text);

    [[nodiscard]] bool is_over() const { return over_; }
    /// Whether the script goes on by itself.
    [[nodiscard]] bool is_held() const { return resume_ != never || flood_ != nullptr; }
    [[nodiscard]] bool is_closing() const { return run_.ours.there || run_.theirs.there; }
    [[nodiscard]] time_point in(milliseconds span) const { return after(loop_.now(), span); }
    [[nodiscard]] milliseconds closing_time() const;
    [[nodiscard]] milliseconds patience() const;
    [[nodiscard]] bool is_content() const;
    [[nodiscard]] bool is_wrong_to_note(const std::string& note) const;

    loop& loop_;
    const conform_case& case_;
    const conversation_options options_;
    callback<void(record)> done_;
    stream transport_;
    watch_token token_;
    record run_;
    grace grace_;
    frame_reader reader_;
    peer_judge judge_;
    key_source keys_;
    outgoing out_;
    deflate_terms terms_;
    std::optional<packer> packer_;           // if compression is agreed
    std::optional<reel> reel_;               // what a conversation is cut from
    frame begun_;                            // whose payload is sent in parts
    std::uint64_t phase_ = 0;                // octets of it that were sent
    std::size_t at_ = 0;                     // the next step
    const step* flood_ = nullptr;            // that is under way
    std::uint64_t flooded_ = 0;              // frames of it that were sent
    std::uint64_t counted_ = 0;              // answers to them
    event_kind counts_ = event_kind::noted;  // what answers are; noted: none are counted
    bool count_noted_ = false;
    std::string flood_body_;
    std::string text_;           // of the message whose fault is looked for
    std::uint64_t fault_ = 0;    // where in the stream the octet behind it is; 0: there is none yet
    std::uint64_t replies_ = 0;  // messages of a conversation still to be sent
    time_point opened_ = never;
    time_point resume_ = never;    // the script
    time_point stall_at_ = never;  // the flood, if nothing goes out until then
    time_point write_at_ = never;  // octets that are paced
    time_point hang_up_ = never;   // after both Closes
    time_point patience_ = never;
    time_point close_by_ = never;  // the peer's Close
    time_point end_by_ = never;    // the peer's end of the connection
    bool reads_ = true;
    bool deaf_ = false;       // the peer has broken the protocol
    bool mute_ = false;       // nothing can be sent any more
    bool ending_ = false;     // nothing will be sent but what waits
    bool resetting_ = false;  // and then the connection is reset
    bool over_ = false;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_CONVERSATION_HPP
