// SPDX-License-Identifier: MIT
// load_client.hpp — one connection of the load generator.
//
// Does: connect, upgrade, send frames of the ring as fast as echoes come back or as it is told to,
// compare the echoes, answer pings, close.
// Does not: mask (but for a broadcast), allocate for a message, or decide when anything starts.
// Used by: tools/load_run.  Depends on: tools/load_*, http/head_parser, ws/frame, ws/accept_key.
#ifndef PLAINSONG_TOOLS_LOAD_CLIENT_HPP
#define PLAINSONG_TOOLS_LOAD_CLIENT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/frame.hpp>

#include "tools/load_broadcast.hpp"
#include "tools/load_failures.hpp"
#include "tools/load_frames.hpp"
#include "tools/load_histogram.hpp"
#include "tools/load_inflate.hpp"
#include "tools/load_measure.hpp"
#include "tools/load_options.hpp"
#include "tools/load_poller.hpp"
#include "tools/load_schedule.hpp"

namespace plainsong::load {

/// What a connection says first and last; made before the clock starts.
struct greeting {
    std::string request;
    accept_key answer;
    std::vector<std::uint8_t> goodbye;  // a masked Close
};

/// What all connections share.
struct workload {
    explicit workload(const options& asked)
        : wanted(asked), paced(asked.is_paced()), casting(asked.what == mode::broadcast) {}

    const options& wanted;
    const bool paced;    // asked for each message, so they lie here
    const bool casting;  // a broadcast
    frame_ring frames;
    std::vector<greeting> greetings;
    poller poll;
    std::vector<std::uint8_t> buffer;
    std::int64_t now = 0;  // read once an event

    bool sending = false;          // an echo allows the next message
    std::uint64_t quota = 0;       // messages of each connection, at most
    std::uint64_t under_way = 0;   // messages whose echo is awaited
    std::uint64_t completed = 0;   // messages, or whole connections of a storm
    std::uint64_t unanswered = 0;  // messages that were under way when their connection ended
    std::uint64_t handshakes = 0;  // under way
    std::uint64_t open = 0;        // connections that are
    std::uint64_t pings = 0;       // answered
    std::uint64_t echo_bytes = 0;  // of payload, as they came

    schedule pace;  // of what is sent at fixed times
    std::int64_t window_begin = 0;
    std::int64_t window_end = 0;
    broadcast cast;
    histogram trips;

    failure_tally failures;              // connections that failed; the run goes on
    std::string failure;                 // why it can't go on
    std::vector<std::uint32_t> at_rest;  // of a storm: who can connect again

    /// What began at `since` is done.  In an open loop it counts if that was in the window that is
    /// measured; else the window begins with an empty histogram.
    void record(std::int64_t since) {
        if (!paced || (since >= window_begin && since < window_end)) {
            trips.record(now - since);
        }
    }
};

/// Errors: no_entropy.
error make_greetings(workload& work);

class client {
public:
    enum class state : std::uint8_t { none, connecting, upgrading, open, closing };

    /// Begins a connection, which is due since `since`.
    void connect(workload& work, std::uint32_t index, std::int64_t since);
    void on_ready(workload& work, const ready& what);
    /// Sends the first messages.
    void start(workload& work);
    /// Sends as many messages of the schedule as makes `total` with those before.  Returns: how many
    /// that were, 0 if the connection isn't open.
    std::uint64_t send_until(workload& work, std::uint64_t total);
    /// Sends one message that isn't of the ring.  Returns: false if the connection isn't open, or
    /// still has much to send.
    bool send_apart(workload& work, opcode op, byte_view payload);
    [[nodiscard]] bool is_clogged() const { return urgent_.size() > most_urgent; }
    /// Says goodbye; the server ends the connection.
    void close(workload& work);

    [[nodiscard]] state where() const { return state_; }

private:
    static constexpr std::size_t most_urgent = std::size_t{1} << 20;

    void greet(workload& work);
    void receive(workload& work);
    [[nodiscard]] bool may_skip(const workload& work) const;
    [[nodiscard]] byte_span receive_some(workload& work, std::size_t& dropped);
    void drop_payload(workload& work, std::size_t count);
    void take_answer(workload& work, byte_span in);
    void check_answer(workload& work, byte_span head);
    void take(workload& work, byte_view in);
    void take_frames(workload& work, byte_view in);
    [[nodiscard]] std::size_t take_head(workload& work, byte_view in);
    void begin_frame(workload& work);
    [[nodiscard]] std::size_t take_payload(workload& work, byte_view in);
    void end_frame(workload& work);
    void end_message(workload& work);
    void end_control(workload& work);
    void allow_more(workload& work);
    void pump(workload& work);
    [[nodiscard]] std::uint64_t sendable(const workload& work) const;
    [[nodiscard]] std::size_t send_some(workload& work, bool& failed);
    void begin_echo(workload& work);
    void take_data(workload& work, byte_view payload);
    void verify_echo(workload& work, byte_view payload);
    void inflate_echo(workload& work, byte_view payload);
    void end_arrival(workload& work);
    void end(workload& work, int number);
    void lose(workload& work, int number, const std::string& why);
    void leave(workload& work);
    void want_write(workload& work, bool write);
    void fail(workload& work, const std::string& why);

    fd socket_;
    std::uint32_t index_ = 0;
    state state_ = state::none;
    bool watched_ = false;         // by the poller
    bool blocked_ = false;         // waits for room to write
    bool in_payload_ = false;      // of the frame that is being received
    bool message_open_ = false;    // fragments follow
    bool deflated_ = false;        // the message that is being received
    bool close_received_ = false;  // nothing may follow
    std::uint8_t head_size_ = 0;   // bytes of a head that the last read has cut
    std::array<std::uint8_t, max_frame_head_bytes> head_{};
    frame_header frame_;  // that is being received
    std::uint64_t frame_left_ = 0;
    std::size_t message_at_ = 0;
    std::uint64_t sent_ = 0;     // how far in the ring, its rounds one behind the other
    std::uint64_t allowed_ = 0;  // messages that may have been sent
    std::uint64_t answered_ = 0;
    std::uint64_t received_ = 0;         // bytes, with tell_sizes
    std::vector<std::uint8_t> urgent_;   // control frames that go between two messages
    std::vector<std::uint8_t> partial_;  // of an answer's head, or of a control frame's payload
    std::vector<std::int64_t> times_;    // when each message under way was sent
    std::unique_ptr<echo_inflater> inflating_;  // if compression was agreed on
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_CLIENT_HPP
