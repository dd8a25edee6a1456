// SPDX-License-Identifier: MIT
// server_core.hpp — what the sessions of one server share.
//
// Does: own routes, pages and sessions; send the crowd home in the end.
// Does not: speak the protocol.
// Used by: app/server, app/handshake.  Depends on: all of app.
#ifndef PLAINSONG_SRC_APP_SERVER_CORE_HPP
#define PLAINSONG_SRC_APP_SERVER_CORE_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <plainsong/app/server.hpp>
#include <plainsong/net/listener.hpp>
#include <plainsong/ws/connection.hpp>

#include "src/app/session_core.hpp"
#include "src/app/session_slab.hpp"

namespace plainsong {

/// A plain HTTP resource.
struct http_page {
    std::string path;
    std::string content_type;
    std::string body;
    callback<void(text_builder&)> write;
};

struct server_core final : session_core, loop_member {
    server_core(server& its_owner, loop& on, server_options&& options);
    ~server_core();

    // ---- finding
    [[nodiscard]] route* find_route(std::string_view path) const;
    [[nodiscard]] http_page* find_page(std::string_view path) const;
    session* find(session_id id);

    // ---- sessions
    /// How long one of them may be without a sign of life: then the kernel may end it, too.
    [[nodiscard]] duration longest_silence() const;
    /// `knows_peer`: the kernel can be asked for the peer's address.
    error admit(stream transport, const address& peer, bool knows_peer);
    byte_span shake_hands(session& one, byte_span in) override;
    void handshake_timed_out(session& one) override;
    void handshake_ended(session& one, error_code why) override;
    void forget(session& one) override;
    void free(session& one) override;
    /// More sessions and handshakes come from its address than are allowed.
    [[nodiscard]] bool is_peer_crowded(const session& one) const;

    // ---- draining
    void begin_drain(std::uint16_t code, duration spread, duration deadline, callback<void()> done);
    void close_share();
    void drop_all();
    void note_if_empty();
    [[nodiscard]] std::size_t live_sessions();
    void on_due() override { close_share(); }

    server& owner;
    origin_policy origin;
    std::vector<std::string> origin_texts;
    std::vector<std::string_view> origin_views;
    bool accept_ws_target;
    bool lenient_fold;

    std::vector<std::unique_ptr<route>> routes;
    route before_upgrade;  // of sessions whose path isn't known yet
    std::vector<std::unique_ptr<http_page>> pages;
    std::vector<std::unique_ptr<listener>> listeners;
    error setup_error;

    session_slab sessions;
    std::unordered_map<std::string, std::uint32_t> peers;    // by address, if these are limited
    std::unordered_map<std::uint64_t, std::string> peer_of;  // by session, likewise

    // Draining.
    bool draining = false;
    std::uint16_t drain_code = 0;
    duration drain_spread{};
    duration drain_patience = duration::max();  // asked for since the last turn
    time_point drain_begin = never;             // never: in the next turn
    time_point drain_end{};                     // the last Close goes out
    time_point drain_until = never;
    std::size_t drain_next = 0;  // slot of the next session to be closed
    std::vector<callback<void()>> drained;

    // Posted calls look here whether the server still exists.
    std::shared_ptr<server_core*> self;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_SERVER_CORE_HPP
