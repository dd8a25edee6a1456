// SPDX-License-Identifier: MIT
// proxy_url.cpp — which proxy, and for whom.
#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/url.hpp>
#include <plainsong/net/address.hpp>

#include "src/app/proxy.hpp"

namespace plainsong {

namespace {

constexpr std::size_t npos = std::string_view::npos;

/// Returns: false for a "%" without two digits, and for control octets, which neither kind of proxy
/// can be told.
bool unescape(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        char octet = text[i];
        if (octet == '%') {
            if (text.size() - i < 3 || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
                return false;
            }
            octet =
                static_cast<char>(hex_digit_value(text[i + 1]) * 16 + hex_digit_value(text[i + 2]));
            i += 2;
        }
        if (is_control(octet)) {
            return false;
        }
        out += octet;
    }
    return true;
}

/// Takes "scheme://".
bool take_scheme(std::string_view& text, proxy_url& out) {
    constexpr std::string_view separator = "://";
    const std::size_t end = text.find(separator);
    if (end == npos) {
        return false;
    }
    const std::string_view scheme = text.substr(0, end);
    text.remove_prefix(end + separator.size());
    if (equals_ignoring_case(scheme, "http")) {
        out.kind = proxy_kind::http;
        out.port = 80;
        return true;
    }
    out.kind = proxy_kind::socks5;
    out.port = 1080;
    return equals_ignoring_case(scheme, "socks5") || equals_ignoring_case(scheme, "socks5h");
}

/// Takes "user:password@", if it is there.
bool take_credentials(std::string_view& text, proxy_url& out) {
    const std::size_t at = text.rfind('@');
    if (at == npos) {
        return true;
    }
    const std::string_view both = text.substr(0, at);
    text.remove_prefix(at + 1);
    const std::size_t colon = both.find(':');
    return unescape(both.substr(0, colon), out.user) && !out.user.empty() &&
           (colon == npos || unescape(both.substr(colon + 1), out.password));
}

std::string_view without_brackets(std::string_view host) {
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    return bracketed ? host.substr(1, host.size() - 2) : host;
}

// ---- NO_PROXY

bool parse_number(std::string_view text, unsigned most, unsigned& out) {
    if (!is_digits(text) || text.size() > 5) {
        return false;
    }
    out = 0;
    for (const char digit : text) {
        out = out * 10 + static_cast<unsigned>(digit - '0');
    }
    return out <= most;
}

/// Numbers only.
address address_of(std::string_view host) {
    auto literal = address::parse(host, 0);
    return literal && host != "localhost" ? *literal : address{};
}

bool begins_alike(byte_view a, byte_view b, unsigned bits) {
    if (a.size() != b.size() || bits > a.size() * 8) {
        return false;
    }
    for (std::size_t i = 0; i < a.size() && bits != 0; ++i) {
        const unsigned here = bits < 8 ? bits : 8;
        if ((a[i] ^ b[i]) >> (8 - here) != 0) {
            return false;
        }
        bits -= here;
    }
    return true;
}

/// "10.0.0.0/8"
bool names_network_of(std::string_view entry, std::size_t slash, const address& host) {
    const address network = address_of(without_brackets(entry.substr(0, slash)));
    unsigned bits = 0;
    return network && host && parse_number(entry.substr(slash + 1), 128, bits) &&
           begins_alike(network.host_bytes(), host.host_bytes(), bits);
}

bool names_domain_of(std::string_view entry, std::string_view host) {
    if (entry.starts_with('*')) {
        entry.remove_prefix(1);
    }
    if (entry.starts_with('.')) {
        entry.remove_prefix(1);
    }
    if (entry.ends_with('.')) {
        entry.remove_suffix(1);
    }
    if (entry.empty() || entry.size() > host.size()) {
        return false;
    }
    const std::size_t rest = host.size() - entry.size();
    return equals_ignoring_case(host.substr(rest), entry) && (rest == 0 || host[rest - 1] == '.');
}

/// Splits off ":port".  Returns: false if there is one and it is another.
bool take_port(std::string_view& entry, std::uint16_t port) {
    const std::size_t colon = entry.rfind(':');
    const bool is_bare_ipv6 = !entry.starts_with('[') && entry.find(':') != colon;
    if (colon == npos || is_bare_ipv6 || entry.ends_with(']')) {
        return true;
    }
    unsigned number = 0;
    const bool fits = parse_number(entry.substr(colon + 1), 65535, number) && number == port;
    entry = entry.substr(0, colon);
    return fits;
}

bool names_host(std::string_view entry, std::string_view host, std::uint16_t port,
                const address& literal) {
    if (entry == "*") {
        return true;
    }
    const std::size_t slash = entry.find('/');
    if (slash != npos) {
        return names_network_of(entry, slash, literal);
    }
    if (!take_port(entry, port)) {
        return false;
    }
    entry = without_brackets(entry);
    const address named = address_of(entry);
    return named || literal ? named == literal : names_domain_of(entry, host);
}

}  // namespace

error parse_proxy_url(std::string_view text, proxy_url& out) {
    out = {};
    if (!take_scheme(text, out)) {
        return error_code::proxy_url_malformed;
    }
    if (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    http::authority parts;
    if (text.find_first_of("/?#") != npos) {
        return error_code::proxy_url_malformed;  // what is behind it might look like a host
    }
    if (!take_credentials(text, out) || !http::parse_authority(text, parts)) {
        return error_code::proxy_url_malformed;
    }
    out.host = without_brackets(parts.host);
    out.port = parts.has_port ? parts.port : out.port;
    return out.port == 0 ? error{error_code::proxy_url_malformed} : error{};
}

bool bypasses_proxy(std::string_view list, std::string_view host, std::uint16_t port) {
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    const address literal = address_of(host);
    while (!list.empty()) {
        const std::size_t end = list.find_first_of(", \t");
        const std::string_view entry = list.substr(0, end);
        if (!entry.empty() && names_host(entry, host, port, literal)) {
            return true;
        }
        list.remove_prefix(end == npos ? list.size() : end + 1);
    }
    return false;
}

}  // namespace plainsong
