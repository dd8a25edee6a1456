// SPDX-License-Identifier: MIT
// server_handshake.cpp — the rules that a request for an upgrade has to meet, in their order.
//
// Each function below judges one rule and returns none if it holds.
#include <plainsong/ws/server_handshake.hpp>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/list.hpp>
#include <plainsong/http/text.hpp>
#include <plainsong/http/url.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/extension.hpp>

namespace plainsong {

namespace {

using http::field_values;

error_code judge_target(const http::request_head& head, const handshake_options& options,
                        upgrade_request& out) {
    http::request_target target;
    if (!http::parse_request_target(head.target, target)) {
        return error_code::request_target_malformed;
    }
    const bool is_ws =
        target.scheme == http::url_scheme::ws || target.scheme == http::url_scheme::wss;
    if (is_ws && !options.accept_ws_target) {
        return error_code::request_target_malformed;  // [6455-4.2.1-06]
    }
    out.path = target.path;  // [9112-3.2.2-01]
    out.query = target.query;
    out.host = target.authority;  // [9112-3.2.2-02]
    return error_code::none;
}

/// [9112-3.2-01] [6455-4.2.1-07]
error_code judge_host(upgrade_request& out) {
    field_values hosts{out.fields, "Host"};
    std::string_view host;
    std::string_view second;
    if (!hosts.next(host) || hosts.next(second)) {
        return error_code::host_missing;
    }
    http::authority parts;
    if (!http::parse_authority(host, parts)) {
        return error_code::host_malformed;
    }
    if (out.host.empty()) {
        out.host = host;
    }
    return error_code::none;
}

/// A body would be read as frames, or as a second request by somebody in between.
error_code judge_body(const upgrade_request& request) {
    field_values lengths{request.fields, "Content-Length"};
    std::string_view length;
    if (lengths.next(length)) {
        std::string_view second;
        if (!is_digits(length) || lengths.next(second)) {
            return error_code::content_length_malformed;  // [9112-6.3-01]
        }
        for (const char digit : length) {
            if (digit != '0') {
                return error_code::body_announced;
            }
        }
    }
    if (http::find(request.fields, "Transfer-Encoding") != nullptr) {
        return error_code::body_announced;  // [9112-6.1-01] [9112-7.1-01]
    }
    return error_code::none;
}

/// 101 itself tells the client to go on, since no content can follow.  [9110-7.8-04]
error_code judge_expectation(const upgrade_request& request) {
    http::list_reader reader{field_values{request.fields, "Expect"}};
    std::string_view expectation;
    while (reader.next(expectation)) {
        if (!equals_ignoring_case(expectation, "100-continue")) {
            return error_code::expectation_unknown;
        }
    }
    return error_code::none;
}

bool is_known_method(std::string_view method) {
    constexpr std::string_view known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                          "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    for (const std::string_view each : known) {
        if (method == each) {  // [9112-3.1-01]
            return true;
        }
    }
    return false;
}

/// Returns: upgrade_malformed, upgrade_missing or none.
error_code judge_upgrade_field(const upgrade_request& request) {
    http::list_reader reader{field_values{request.fields, "Upgrade"}};
    error_code verdict = error_code::upgrade_missing;
    std::string_view protocol;
    while (reader.next(protocol)) {
        const std::size_t slash = http::index_of(protocol, '/');
        const bool has_version = slash != protocol.size();
        if (!is_token(http::front_of(protocol, slash)) ||
            (has_version && !is_token(http::behind(protocol, slash + 1)))) {
            return error_code::upgrade_malformed;
        }
        if (equals_ignoring_case(protocol, "websocket")) {
            verdict = error_code::none;  // [6455-4.2.1-08] [6455-11.2-01] [9110-7.8-01]
        }
    }
    return verdict;
}

/// Returns: what is wrong with Upgrade or with the grammar of Connection.
error_code judge_upgrade(const upgrade_request& request) {
    const error_code upgrade = judge_upgrade_field(request);
    if (upgrade == error_code::upgrade_malformed) {
        return upgrade;
    }
    if (http::judge_token_list({request.fields, "Connection"}) == http::token_list::malformed) {
        return error_code::connection_malformed;
    }
    return upgrade;
}

error_code judge_key(upgrade_request& out) {
    field_values keys{out.fields, "Sec-WebSocket-Key"};
    std::string_view second;
    if (!keys.next(out.key) || keys.next(second)) {
        return error_code::key_missing;  // [6455-11.3.1-02]
    }
    return is_handshake_key(out.key) ? error_code::none : error_code::key_malformed;
}

error_code judge_version(const upgrade_request& request) {
    field_values versions{request.fields, "Sec-WebSocket-Version"};
    std::string_view version;
    std::string_view second;
    if (!versions.next(version) || versions.next(second)) {
        return error_code::version_missing;  // [6455-4.2.1-11] [6455-11.3.5-02]
    }
    const bool leading_zero = version.size() > 1 && version.front() == '0';
    if (!is_digits(version) || version.size() > 3 || leading_zero ||
        (version.size() == 3 && version > "255")) {
        return error_code::version_malformed;  // [6455-4.3-07]
    }
    return version == "13" ? error_code::none : error_code::version_unsupported;  // [6455-4.2.2-09]
}

/// Rule 7: what RFC 6455 §4.2.1 asks for beyond the Upgrade field.  Each field that is interpreted
/// has a grammar within ASCII, so what is not UTF-8 never passes [6455-8.1-02].
error_code judge_details(upgrade_request& out) {
    if (!http::has_token({out.fields, "Connection"}, "upgrade")) {
        return error_code::connection_without_upgrade;  // [6455-4.2.1-09]
    }
    if (const error_code why = judge_key(out); why != error_code::none) {
        return why;
    }
    if (const error_code why = judge_version(out); why != error_code::none) {
        return why;
    }
    out.protocols = {out.fields, "Sec-WebSocket-Protocol"};  // [6455-11.3.4-01]
    const http::token_list protocols = http::judge_token_list(out.protocols);
    if (protocols == http::token_list::malformed || protocols == http::token_list::empty) {
        return error_code::protocol_malformed;  // [6455-4.3-06]
    }
    out.extensions = {out.fields, "Sec-WebSocket-Extensions"};  // [6455-11.3.2-01]
    return is_extension_list(out.extensions) ? error_code::none : error_code::extension_malformed;
}

error_code judge_origin_lines(upgrade_request& out) {
    field_values origins{out.fields, "Origin"};
    out.has_origin = origins.next(out.origin);  // [6455-4.2.1-12]
    std::string_view second;
    return origins.next(second) ? error_code::origin_repeated : error_code::none;
}

}  // namespace

error_code judge_request(const http::request_head& head, const handshake_options& options,
                         upgrade_request& out) {
    out = {};  // [6455-4.2.1-02]: the first rule that is broken ends it
    out.method = head.method;
    out.fields = head.fields.all();
    if (const error_code why = judge_target(head, options, out); why != error_code::none) {
        return why;
    }
    if (const error_code why = judge_host(out); why != error_code::none) {
        return why;
    }
    if (const error_code why = judge_body(out); why != error_code::none) {
        return why;
    }
    if (const error_code why = judge_expectation(out); why != error_code::none) {
        return why;
    }
    if (!is_known_method(out.method)) {
        return error_code::method_unknown;  // [9112-3-01]
    }
    const error_code upgrade = judge_upgrade(out);
    const error_code origins = judge_origin_lines(out);
    out.is_plain_http = upgrade == error_code::upgrade_missing && !out.path.empty();
    if (out.method != "GET") {
        return error_code::method_not_allowed;  // [6455-4.2.1-05]
    }
    if (upgrade != error_code::none) {
        return upgrade;
    }
    if (const error_code why = judge_details(out); why != error_code::none) {
        return why;
    }
    return origins;
}

error_code judge_origin(const origin_policy& policy, const upgrade_request& request) {
    return allows(policy, {request.has_origin, request.origin, request.host})
               ? error_code::none
               : error_code::origin_refused;  // [6455-4.2.2-07]
}

std::string_view select_protocol(const upgrade_request& request,
                                 std::span<const std::string_view> supported) {
    http::list_reader reader{request.protocols};
    std::string_view wanted;
    while (reader.next(wanted)) {  // [6455-4.2.1-14]
        for (const std::string_view each : supported) {
            if (each == wanted) {
                return wanted;
            }
        }
    }
    return {};
}

}  // namespace plainsong
