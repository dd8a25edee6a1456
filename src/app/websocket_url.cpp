// SPDX-License-Identifier: MIT websocket_url.cpp — see websocket_url.hpp.  The steps follow
// https://url.spec.whatwg.org/#url-parsing for schemes that it calls special; octets that RFC 3986
// doesn't allow are encoded even where browsers leave them alone, because they go into the request
// as they are here.
#include "src/app/websocket_url.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <plainsong/app/credentials.hpp>
#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/utf8_repair.hpp>
#include <plainsong/http/url.hpp>

namespace plainsong {

namespace {

constexpr std::string_view path_characters = "-._~!$&'()*+,;=:@/";
constexpr std::string_view user_characters = "-._~!$&'()*+,";
constexpr std::string_view query_characters =
    "-._~!$&()*+,;=:@/?";  // without ', as the standard has it

bool is_slash(char c) {
    return c == '/' || c == '\\';
}

/// Without control characters and spaces at the ends, tabs and line ends anywhere; as UTF-8.
std::string cleaned(std::string_view given) {
    const auto is_trimmed = [](char c) { return c == ' ' || (is_control(c) && c != '\x7f'); };
    while (!given.empty() && is_trimmed(given.front())) {
        given.remove_prefix(1);
    }
    while (!given.empty() && is_trimmed(given.back())) {
        given.remove_suffix(1);
    }
    std::string kept;
    for (const char c : given) {
        if (c != '\t' && c != '\n' && c != '\r') {
            kept += c;
        }
    }
    std::string text(repaired_size(as_bytes(kept)), '\0');
    repair_utf8(as_bytes(kept), reinterpret_cast<std::uint8_t*>(text.data()));
    return text;
}

bool is_escape(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && is_hex_digit(text[1]) && is_hex_digit(text[2]);
}

std::string encoded(std::string_view text, std::string_view also) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool stays = is_letter(c) || is_digit(c) || is_escape(text.substr(i)) ||
                           also.find(c) != std::string_view::npos;
        if (stays) {
            out += c;
        } else {
            const auto octet = static_cast<unsigned char>(c);
            out += '%';
            out += digits[octet / 16];
            out += digits[octet % 16];
        }
    }
    return out;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_escape(text.substr(i))) {
            out +=
                static_cast<char>(hex_digit_value(text[i + 1]) * 16 + hex_digit_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// "." and ".." with their dots written as they may be: the number of dots, 0 if it is another
/// segment.
unsigned dots_in(std::string_view segment) {
    unsigned dots = 0;
    while (!segment.empty()) {
        const bool is_dot = segment.front() == '.';
        if (!is_dot && !equals_ignoring_case(segment.substr(0, 3), "%2e")) {
            return 0;
        }
        segment.remove_prefix(is_dot ? 1 : 3);
        ++dots;
    }
    return dots <= 2 ? dots : 0;
}

std::string resolved_path(std::string_view path) {
    std::vector<std::string_view> segments;
    bool ends_in_slash = true;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        std::size_t size = 0;
        while (size < path.size() && !is_slash(path[size])) {
            ++size;
        }
        const std::string_view segment = path.substr(0, size);
        path.remove_prefix(size);
        const unsigned dots = dots_in(segment);
        if (dots == 2 && !segments.empty()) {
            segments.pop_back();
        }
        if (dots == 0) {
            segments.push_back(segment);
        }
        ends_in_slash = dots != 0;
    }
    std::string out;
    for (const std::string_view segment : segments) {
        out += '/';
        out += encoded(segment, path_characters);
    }
    return out.empty() || ends_in_slash ? out + '/' : out;
}

/// Reads "1.2.3.4:80" and its like.  Returns: host and, unless it is the default one, port.
bool read_place(std::string_view text, std::uint16_t default_port, std::string& out) {
    std::string folded;
    for (const char c : text) {
        folded += fold_case(c);
    }
    // A port may have any number of leading zeros, or no digit at all.
    const std::size_t colon = folded.rfind(':');
    if (colon != std::string::npos && folded.find(']', colon) == std::string::npos) {
        std::size_t digit = colon + 1;
        while (digit + 1 < folded.size() && folded[digit] == '0') {
            folded.erase(digit, 1);
        }
    }
    http::authority parts;
    if (!http::parse_authority(folded, parts) || parts.host.find('%') != std::string_view::npos) {
        return false;
    }
    out = parts.host;
    if (parts.has_port && parts.port != default_port) {
        out += ':' + std::to_string(parts.port);
    }
    return true;
}

/// Takes user and password off `authority` and writes them to `shown` as the URL has them.
/// Returns: false if they make no Authorization field.
bool take_user(std::string_view& authority, std::string& shown, std::string& authorization) {
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) {
        return true;
    }
    const std::string_view all = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const std::size_t colon = all.find(':');
    const std::string user = encoded(all.substr(0, colon), user_characters);
    const std::string password =
        colon == std::string_view::npos ? "" : encoded(all.substr(colon + 1), user_characters);
    if (user.empty() && password.empty()) {
        return true;
    }
    const std::string plain_user = decoded(user);
    const std::string plain_password = decoded(password);
    authorization = basic_authorization(plain_user, plain_password);
    shown = user + (password.empty() ? "" : ":" + password) + '@';
    return plain_user.find(':') == std::string::npos &&
           std::none_of(plain_user.begin(), plain_user.end(), is_control) &&
           std::none_of(plain_password.begin(), plain_password.end(), is_control);
}

}  // namespace

error parse_websocket_url(std::string_view given, websocket_url& out) {
    const std::string text = cleaned(given);
    std::string_view rest = text;
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
        return error_code::url_malformed;
    }
    bool secure = false;
    switch (http::scheme_named(rest.substr(0, colon))) {
        case http::url_scheme::ws:
        case http::url_scheme::http:
            break;
        case http::url_scheme::wss:
        case http::url_scheme::https:
            secure = true;
            break;
        case http::url_scheme::none:
        case http::url_scheme::other:
            return error_code::url_malformed;
    }
    if (rest.find('#') != std::string_view::npos) {
        return error_code::url_has_fragment;  // [6455-3-05]: an empty one too
    }
    rest.remove_prefix(colon + 1);
    while (!rest.empty() && is_slash(rest.front())) {
        rest.remove_prefix(1);
    }
    std::size_t size = rest.find_first_of("/\\?");
    std::string_view authority = rest.substr(0, size);
    rest.remove_prefix(authority.size());
    size = rest.find('?');
    const std::string_view path = rest.substr(0, size);
    const std::string_view query =
        size == std::string_view::npos ? std::string_view{} : rest.substr(size);

    out = {};
    std::string user;
    std::string place;
    if (!take_user(authority, user, out.authorization) ||
        !read_place(authority, secure ? 443 : 80, place)) {
        return error_code::url_malformed;
    }
    const std::string scheme = secure ? "wss://" : "ws://";
    const std::string target =
        resolved_path(path) +
        (query.empty() ? "" : "?" + encoded(query.substr(1), query_characters));
    out.origin = scheme + place;
    out.plain = out.origin + target;
    out.text = scheme + user + place + target;
    return {};
}

}  // namespace plainsong
