// SPDX-License-Identifier: MIT
// client_request.cpp — the request that opens a connection; every text is judged before it is sent.
#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/base64.hpp>
#include <plainsong/http/list.hpp>
#include <plainsong/http/text.hpp>
#include <plainsong/http/url.hpp>
#include <plainsong/http/writer.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/client_handshake.hpp>
#include <plainsong/ws/extension.hpp>

#include "src/ws/own_fields.hpp"

namespace plainsong {

namespace {

constexpr std::string_view own_fields[] = {"Host",   "Upgrade",        "Connection",
                                           "Origin", "Content-Length", "Transfer-Encoding"};

bool all_visible(std::string_view text) {
    for (const char c : text) {
        if (!is_visible(c)) {
            return false;
        }
    }
    return true;
}

/// Returns: whether host and target, as given, say what they should and nothing else.
bool is_addressed(const upgrade_offer& offer) {
    http::authority host;
    http::request_target target;
    return http::parse_authority(offer.host, host) &&
           http::parse_request_target(offer.target, target) &&
           target.form == http::target_form::origin;
}

/// Takes the next token of a list in which, other than in one received, none is empty.
bool take_element(http::text_cursor& from, std::string_view& element) {
    from.skip_blanks();
    element = from.take_token();
    from.skip_blanks();
    return !element.empty() && (from.at_end() || (from.take(',') && !from.at_end()));
}

/// [6455-4.1-38] [6455-4.1-39] [6455-4.3-05]
bool are_subprotocols(std::string_view list) {
    http::text_cursor rest{list};
    while (!rest.at_end()) {
        std::string_view name;
        if (!take_element(rest, name)) {
            return false;
        }
        http::list_reader others{rest.rest()};
        std::string_view other;
        while (others.next(other)) {
            if (other == name) {
                return false;
            }
        }
    }
    return true;
}

/// [6455-9-04] [6455-9.1-05]
bool are_extensions(std::string_view list) {
    extension_reader items{list};
    extension_item item = items.next();
    while (item.what != extension_item::kind::end) {
        if (item.what == extension_item::kind::malformed) {
            return false;
        }
        const bool is_deflate =
            item.what == extension_item::kind::offer && item.name == permessage_deflate_name;
        if (!is_deflate) {
            item = items.next();
            continue;
        }
        deflate_terms terms;
        if (read_deflate_terms(items, deflate_side::offer, terms, item) != error_code::none) {
            return false;
        }
    }
    return true;
}

/// Returns: the first thing that keeps `offer` from being sent.
error_code judge_offer(const upgrade_offer& offer) {
    if (!is_addressed(offer) || !is_handshake_key(offer.key.view())) {
        return error_code::invalid_argument;
    }
    if (!are_subprotocols(offer.protocols)) {
        return error_code::protocols_not_sendable;
    }
    if (!offer.extensions.empty() && !are_extensions(offer.extensions)) {
        return error_code::extensions_not_sendable;
    }
    if (!all_visible(offer.origin)) {
        return error_code::field_not_sendable;  // [6455-4.1-34]
    }
    for (const http::field& each : offer.fields) {
        if (!is_request_field(each)) {
            return error_code::field_not_sendable;
        }
    }
    return error_code::none;
}

}  // namespace

handshake_key make_key(std::span<const std::uint8_t, 16> random) {
    handshake_key key{};
    static_assert(base64_encoded_size(16) == sizeof key.text);
    base64_encode(random, key.text);  // [6455-4.1-30]
    return key;
}

bool is_request_field(const http::field& field) {
    return is_addable_field(field, own_fields);  // [6455-4.1-41]
}

std::size_t request_size(const upgrade_offer& offer) {
    constexpr std::string_view fixed =
        "GET  HTTP/1.1\r\nHost: \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: \r\nOrigin: \r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: \r\nSec-WebSocket-Extensions: \r\n\r\n";
    constexpr std::string_view around_field = ": \r\n";
    std::size_t sum = fixed.size() + offer.target.size() + offer.host.size() +
                      sizeof offer.key.text + offer.origin.size() + offer.protocols.size() +
                      offer.extensions.size();
    for (const http::field& each : offer.fields) {
        sum += each.name.size() + each.value.size() + around_field.size();
    }
    return sum;
}

result<std::size_t> write_request(byte_span into, const upgrade_offer& offer) {
    if (const error_code why = judge_offer(offer); why != error_code::none) {
        return error{why};
    }
    http::writer out{into};
    out.request_line("GET",
                     offer.target);    // [6455-4.1-20] [6455-4.1-21] [6455-4.1-22] [6455-4.1-23]
    out.add("Host", offer.host);       // [6455-4.1-24]
    out.add("Upgrade", "websocket");   // [6455-4.1-25] [6455-4.1-26]
    out.add("Connection", "Upgrade");  // [6455-4.1-27] [6455-4.1-28]
    out.add("Sec-WebSocket-Key", offer.key.view());  // [6455-4.1-29] [6455-11.3.1-01]
    out.add("Sec-WebSocket-Version", "13");          // [6455-4.1-35] [6455-4.1-36] [6455-11.3.5-02]
    if (!offer.origin.empty()) {
        out.add("Origin", offer.origin);  // [6455-4.1-33]
    }
    if (!offer.protocols.empty()) {
        out.add("Sec-WebSocket-Protocol", offer.protocols);  // [6455-4.1-37]
    }
    if (!offer.extensions.empty()) {
        out.add("Sec-WebSocket-Extensions", offer.extensions);  // [6455-4.1-40] [7692-5-01]
    }
    for (const http::field& each : offer.fields) {
        out.add(each.name, each.value);  // [6455-4.1-41]
    }
    return out.end_head().finish();
}

}  // namespace plainsong
