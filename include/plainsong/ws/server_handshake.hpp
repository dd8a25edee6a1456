// SPDX-License-Identifier: MIT
// server_handshake.hpp — judges an opening handshake and writes its answer (RFC 6455 §4.2).
//
// Does: apply the rules in one fixed order, so that exactly one answer is right; write 101 or a
// refusal into memory of the caller.
// Does not: read from a stream, find the head's end (http/head_parser), route paths, or hold state.
// Used by: app/session.  Depends on: http, ws/accept_key, ws/extension, ws/origin.
//
//   head_parser.feed -> done -> read_head -> judge_request -> judge_origin -> path, hook, room
//                                                 -> write_accept | write_refusal
#ifndef PLAINSONG_WS_SERVER_HANDSHAKE_HPP
#define PLAINSONG_WS_SERVER_HANDSHAKE_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/base/result.hpp>
#include <plainsong/http/field.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/origin.hpp>

namespace plainsong {

struct handshake_options {
    /// Accept an absolute target whose scheme is ws or wss, which some clients send.
    bool accept_ws_target = false;
};

/// What a request asks for.  Lifetime: that of the head it was judged from.
struct upgrade_request {
    std::string_view method;
    std::string_view path;   // as sent, never empty, without the query
    std::string_view query;  // without its "?"
    std::string_view host;   // the authority asked for: an absolute target's wins over Host
    std::string_view key;
    std::string_view origin;        // if has_origin
    http::field_values protocols;   // what the client speaks, the preferred one first
    http::field_values extensions;  // for extension_reader
    std::span<const http::field> fields;
    bool has_origin = false;
    /// The head is good and nobody asks for WebSocket, whatever the method (of those that HTTP
    /// defines): a page may be the answer.  judge_request still returns why there is no upgrade
    /// (405 or 426), for a program that has no pages.
    bool is_plain_http = false;

    /// Returns: true if the answer has no body.
    [[nodiscard]] bool is_head() const { return method == "HEAD"; }
};

/// Judges target, Host, body, Expect, method, Upgrade, Connection, key, version, protocols and
/// extensions, in that order, then that at most one Origin is there.
/// Requires: `head` comes from read_head.
/// Returns: none if the request may be accepted, else the first rule that it breaks.  Without an
/// error all of `out` is meaningful; with upgrade_missing or if is_plain_http all but key,
/// protocols and extensions; otherwise `method` and `fields`.
error_code judge_request(const http::request_head& head, const handshake_options& options,
                         upgrade_request& out);

/// Returns: origin_refused if the policy doesn't let the request pass, else none.
error_code judge_origin(const origin_policy& policy, const upgrade_request& request);

/// Returns: the first of the client's subprotocols that is in `supported`; empty if none is.
/// The comparison is exact.  Lifetime: that of the request.
std::string_view select_protocol(const upgrade_request& request,
                                 std::span<const std::string_view> supported);

/// Returns: whether a program may add `field` to an answer: it is well-formed, and none of those that
/// decide what the answer is.
bool is_extra_field(const http::field& field);

struct acceptance {
    std::string_view subprotocol{};         // "": none is agreed on, and none is sent
    std::string_view extensions{};          // value of Sec-WebSocket-Extensions; "": none is sent
    std::span<const http::field> fields{};  // more fields, e.g. Set-Cookie
};

/// Writes the 101 answer.
/// Requires: judge_request has found nothing wrong with `request`.
/// Returns: its size.
/// Errors: invalid_argument for a subprotocol or an extension that the client didn't name;
/// field_not_sendable for a field that is malformed or belongs to the handshake; output_full.
result<std::size_t> write_accept(byte_span into, const upgrade_request& request,
                                 const acceptance& chosen);

struct refusal {
    error_code why = error_code::none;  // supplies status and text
    std::uint16_t status = 0;           // 0: the status that belongs to `why`
    std::string_view reason{};          // phrase behind the status; "": the usual one
    std::string_view body{};            // "": a line that names the rule and its requirement id
    std::string_view content_type = "text/plain; charset=utf-8";
    std::span<const http::field> fields{};  // more fields, e.g. Location, WWW-Authenticate
    std::uint32_t retry_after_seconds = 1;  // sent with 503
    bool head_request = false;              // fields as for GET, but no body
};

/// Writes a complete answer other than 101, with Connection: close, its Content-Length and what its
/// status asks for (Allow; Upgrade; Sec-WebSocket-Version; Retry-After).  The stream is closed
/// after it and nothing behind the request is read. Returns: its size; with the default texts
/// always below 512. Errors: invalid_argument for a status outside 200 to 599; field_not_sendable;
/// output_full.
result<std::size_t> write_refusal(byte_span into, const refusal& answer);

}  // namespace plainsong

#endif  // PLAINSONG_WS_SERVER_HANDSHAKE_HPP
