// SPDX-License-Identifier: MIT
// url.cpp — the grammar of RFC 3986 as far as ws, wss and request targets use it.
#include <plainsong/http/url.hpp>

#include <cstddef>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/text.hpp>

#include "src/http/octet_class.hpp"

namespace plainsong::http {

namespace {

/// Octets of a class, and "%" with two digits.
bool is_escaped_text(std::string_view text, octet_class wanted) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (belongs(text[i], wanted)) {
            continue;
        }
        if (text[i] != '%' || text.size() - i < 3 || !is_hex_digit(text[i + 1]) ||
            !is_hex_digit(text[i + 2])) {
            return false;
        }
        i += 2;
    }
    return true;
}

/// Four numbers up to 255 without leading zeros.
bool is_ipv4(std::string_view text) {
    for (int part = 0; part < 4; ++part) {
        std::size_t size = 0;
        int value = 0;
        while (size < text.size() && size < 3 && is_digit(text[size])) {
            value = value * 10 + (text[size++] - '0');
        }
        if (size == 0 || value > 255 || (size > 1 && text[0] == '0')) {
            return false;
        }
        text.remove_prefix(size);
        if (part < 3) {
            if (!begins_with(text, ".")) {
                return false;
            }
            text.remove_prefix(1);
        }
    }
    return text.empty();
}

/// Eight groups of one to four digits, of which "::" stands for at least one; the last two may be
/// written as an IPv4 address.
bool is_ipv6(std::string_view text) {
    int groups = 0;
    bool gap = begins_with(text, "::");
    text.remove_prefix(gap ? 2 : 0);
    if (text.empty()) {
        return gap;
    }
    while (groups < 8) {
        std::size_t size = 0;
        while (size < text.size() && size < 4 && is_hex_digit(text[size])) {
            ++size;
        }
        if (size < text.size() && text[size] == '.') {
            groups += 2;
            return is_ipv4(text) && (gap ? groups < 8 : groups == 8);
        }
        if (size == 0) {
            return false;
        }
        ++groups;
        text.remove_prefix(size);
        if (text.empty()) {
            break;
        }
        if (begins_with(text, "::") && !gap) {
            gap = true;
            text.remove_prefix(2);
            if (text.empty()) {
                break;
            }
        } else if (begins_with(text, ":") && text.size() > 1) {
            text.remove_prefix(1);
        } else {
            return false;
        }
    }
    return text.empty() && (gap ? groups < 8 : groups == 8);
}

/// "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
bool is_ip_future(std::string_view text) {
    if (text.empty() || fold_case(text.front()) != 'v') {
        return false;
    }
    std::size_t at = 1;
    while (at < text.size() && is_hex_digit(text[at])) {
        ++at;
    }
    if (at == 1 || at + 1 >= text.size() || text[at] != '.') {
        return false;
    }
    for (const char c : behind(text, at + 1)) {
        if (c != ':' && !belongs(c, registered_octet)) {
            return false;
        }
    }
    return true;
}

/// "" or ":" with digits; the digits may be missing.
bool parse_port(std::string_view text, authority& out) {
    if (text.empty()) {
        return true;
    }
    if (text.front() != ':') {
        return false;
    }
    std::uint32_t port = 0;
    for (const char c : behind(text, 1)) {
        if (!is_digit(c)) {
            return false;
        }
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
        if (port > 65535) {
            return false;
        }
    }
    out.port = static_cast<std::uint16_t>(port);
    out.has_port = text.size() > 1;
    return true;
}

/// Splits what follows an authority, or an origin-form target, at its "?".
bool parse_path_and_query(std::string_view text, std::string_view& path, std::string_view& query) {
    const std::size_t mark = index_of(text, '?');
    path = front_of(text, mark);
    query = mark == text.size() ? std::string_view{} : behind(text, mark + 1);
    if (path.empty()) {
        path = "/";  // [6455-3-04]
    }
    return is_escaped_text(path, path_octet) && is_escaped_text(query, query_octet);
}

/// ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) before "://".  Returns: its size, 0 if there is none.
std::size_t scheme_size(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() &&
           (is_letter(text[size]) || (size != 0 && (is_digit(text[size]) || text[size] == '+' ||
                                                    text[size] == '-' || text[size] == '.')))) {
        ++size;
    }
    return begins_with(behind(text, size), "://") ? size : 0;
}

}  // namespace

url_scheme scheme_named(std::string_view name) {
    return equals_ignoring_case(name, "http")    ? url_scheme::http
           : equals_ignoring_case(name, "https") ? url_scheme::https
           : equals_ignoring_case(name, "ws")    ? url_scheme::ws
           : equals_ignoring_case(name, "wss")   ? url_scheme::wss
           : name.empty()                        ? url_scheme::none
                                                 : url_scheme::other;
}

std::uint16_t default_port(url_scheme scheme) {
    switch (scheme) {
        case url_scheme::http:
        case url_scheme::ws:
            return 80;  // [6455-3-02]
        case url_scheme::https:
        case url_scheme::wss:
            return 443;
        default:
            return 0;
    }
}

bool parse_authority(std::string_view text, authority& out) {
    out = {};
    if (begins_with(text, "[")) {
        const std::size_t close = index_of(text, ']');
        if (close == text.size()) {
            return false;
        }
        const std::string_view literal = behind(front_of(text, close), 1);
        out.kind = is_ipv6(literal) ? host_kind::ipv6 : host_kind::future;
        if (out.kind == host_kind::future && !is_ip_future(literal)) {
            return false;
        }
        out.host = front_of(text, close + 1);
    } else {
        out.host = front_of(text, index_of(text, ':'));
        if (out.host.empty() || !is_escaped_text(out.host, registered_octet)) {
            return false;
        }
        out.kind = is_ipv4(out.host) ? host_kind::ipv4 : host_kind::name;
    }
    return parse_port(behind(text, out.host.size()), out);
}

bool parse_request_target(std::string_view text, request_target& out) {
    out = {};
    if (text == "*") {
        out.form = target_form::asterisk;
        return true;
    }
    if (begins_with(text, "/")) {
        return parse_path_and_query(text, out.path, out.query);
    }
    authority parts;
    const std::size_t size = scheme_size(text);
    if (size == 0) {
        out.form = target_form::authority;
        out.authority = text;
        return parse_authority(text, parts) && parts.has_port;
    }
    out.form = target_form::absolute;  // [9112-3.2.2-01]
    out.scheme = scheme_named(front_of(text, size));
    text.remove_prefix(size + 3);
    out.authority = front_of(text, index_of(front_of(text, index_of(text, '/')), '?'));
    return parse_authority(out.authority, parts) &&
           parse_path_and_query(behind(text, out.authority.size()), out.path, out.query);
}

error parse_url(std::string_view text, url& out) {
    if (contains(text, '#')) {
        return error_code::url_has_fragment;  // [6455-3-05] [6455-3-06]
    }
    request_target parts;
    authority host;
    if (!parse_request_target(text, parts) || parts.form != target_form::absolute ||
        !parse_authority(parts.authority, host) ||
        (parts.scheme != url_scheme::ws && parts.scheme != url_scheme::wss)) {
        return error_code::url_malformed;  // [6455-3-01]
    }
    out.host = host.host;
    out.path = parts.path;
    out.query = parts.query;
    out.secure = parts.scheme == url_scheme::wss;  // [6455-3-03]
    out.port = host.has_port ? host.port : default_port(parts.scheme);
    out.kind = host.kind;
    return {};
}

}  // namespace plainsong::http
