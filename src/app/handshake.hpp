// SPDX-License-Identifier: MIT
// handshake.hpp — a session before its upgrade: the request, and its one answer.
//
// Does: collect the request's head, judge it, let the program have its say, answer; serve pages.
// Does not: keep state of its own: it works on a session.
// Used by: app/session.  Depends on: http, ws/server_handshake, app/server_core.
#ifndef PLAINSONG_SRC_APP_HANDSHAKE_HPP
#define PLAINSONG_SRC_APP_HANDSHAKE_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/app/session.hpp>
#include <plainsong/ws/server_handshake.hpp>

namespace plainsong {

struct server_core;

/// What on_upgrade has decided.
struct upgrade::answer {
    const route* way;
    std::uint16_t refused_with = 0;  // a status, or 0
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    std::uint8_t subprotocol = 0;  // as session::subprotocol_
};

class handshake {
public:
    /// Takes the bytes just read.  Returns: those behind the request, which belong to the session if
    /// it is open now.
    static byte_span receive(session& peer, byte_span in);
    /// The deadline for the request has passed.
    static void timed_out(session& peer);
    /// The connection is ending; no effect if it has had its answer.
    static void ended(session& peer, error_code why);

private:
    static server_core& server_of(session& peer);
    static void judge(session& peer, const http::request_head& head);
    static void answer_plain_http(session& peer, const upgrade_request& request, error_code why);
    static void upgrade_to(session& peer, route& way, const upgrade_request& request);
    static error_code find_room(session& peer);
    static void accept(session& peer, route& way, const upgrade_request& request,
                       std::span<const http::field> fields);
    static void refuse(session& peer, const refusal& answer);
    static void fail(session& peer, error_code why, std::uint64_t offset, bool is_head);
    static void send_answer(session& peer, const refusal& answer);
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_HANDSHAKE_HPP
