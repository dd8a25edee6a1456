// SPDX-License-Identifier: MIT
// client_core.hpp — a client's attempts to connect, and the session that comes of one.
//
// Does: go through the stages of an attempt (name, address, proxy, handshake) under one deadline; own
// the session; decide whether to try again.  It outlives its client while a session says goodbye.
// Does not: speak the protocol, which is the session's.
// Used by: app/client.  Depends on: all of app, net/connector, net/resolver, ws/client_handshake.
#ifndef PLAINSONG_SRC_APP_CLIENT_CORE_HPP
#define PLAINSONG_SRC_APP_CLIENT_CORE_HPP

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/app/client.hpp>
#include <plainsong/net/connector.hpp>
#include <plainsong/net/resolver.hpp>
#include <plainsong/ws/client_handshake.hpp>

#include "src/app/client_request.hpp"
#include "src/app/proxy.hpp"
#include "src/app/session_core.hpp"

namespace plainsong {

struct client_core final : session_core, loop_member {
    client_core(loop& on, client_options&& options);
    ~client_core();

    // ---- the client's calls
    error connect(std::string_view url, handlers&& on, stream transport);
    send_result send(const message& m);
    send_result close(std::uint16_t code, std::string_view reason);
    void leave();

    // ---- its session's
    byte_span shake_hands(session& one, byte_span in) override;
    void handshake_timed_out(session&) override {}  // the deadline is the attempt's
    void handshake_ended(session& one, error_code why) override;
    void forget(session& one) override;
    void free(session& one) override;
    void free_session(session& one);
    void drop() override { delete this; }

    // ---- the loop's
    void on_due() override;
    void on_buried() override { delete this; }

    enum class stage : std::uint8_t {
        idle,
        starting,  // in the next turn, when the loop has looked at the clock
        name,
        address,
        proxy,
        handshake,
        open,
        waiting,
    };

    struct queued_message {
        opcode type;
        std::string payload;
        bool may_compress;
    };

    [[nodiscard]] std::unique_ptr<route> make_route();

    // ---- an attempt, in the order of its steps
    void begin_attempt();
    void find_addresses();
    void connect_to(std::span<const address> where);
    void take_transport(connect_outcome outcome);
    bool put_on_top(stream& transport);
    void begin_session(stream transport);
    bool watch(session& one);
    void ask(session& one);
    void read_proxy(session& one, byte_view in);
    void leave_proxy(session& one);
    byte_span read_answer(session& one, byte_span in);
    byte_span begin_open(session& one, byte_span rest);
    void send_queued(session& one);

    // ---- its end
    [[nodiscard]] answer_reader::step judge_end(const session& one);
    void time_out();
    void fail(error why);
    bool follow(const upgrade_answer& answer);
    void end_attempt();
    void plan_next(duration least, bool is_wanted);
    [[nodiscard]] bool is_attempting() const {
        return at != stage::idle && at != stage::open && at != stage::waiting;
    }

    // ---- what stays
    client_request request;
    std::uint8_t most_redirects;
    duration open_within;
    duration stagger;
    callback<stream(stream, std::string_view, bool)> wrap;
    reconnect_options policy;
    std::vector<std::uint16_t> stop_codes;
    std::vector<std::uint16_t> stop_statuses;
    std::size_t queue_limit;
    resolver* names;
    std::unique_ptr<route> way;
    std::unique_ptr<route> quiet_way;              // once the client has left: nobody is called
    std::vector<std::unique_ptr<route>> old_ways;  // one of their handlers may be running

    // ---- the attempt
    stage at = stage::idle;
    bool is_given = false;  // the transport was: there is no other attempt
    stream given;
    time_point deadline = never;  // its redirects included
    std::uint8_t redirects = 0;
    std::uint32_t attempts = 0;
    std::uint64_t ended = 0;  // attempts and redirects of the past, so that each has a number
    resolver::ticket lookup = 0;
    connector dialer;
    address peer;
    std::unique_ptr<proxy_dialog> dialog;
    std::unique_ptr<answer_reader> reader;
    upgrade_offer offer;

    // ---- the connection
    session* current = nullptr;
    time_point opened_at{};
    bool is_closing = false;         // by the client's own call: no other attempt
    std::vector<session*> sessions;  // the current one, and those that are not freed yet

    std::deque<queued_message> queue;
    std::size_t queue_bytes = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_CLIENT_CORE_HPP
