// SPDX-License-Identifier: MIT
// url.hpp — ws and wss URLs, request targets and authorities (RFC 3986, RFC 6455 §3).
//
// Does: check every octet against the grammar and name the parts.
// Does not: resolve, decode, normalise or convert host names (a host outside ASCII is refused).
// Used by: http/head_parser, ws, app.  Depends on: base.
#ifndef PLAINSONG_HTTP_URL_HPP
#define PLAINSONG_HTTP_URL_HPP

#include <cstdint>
#include <string_view>

#include <plainsong/base/error.hpp>

namespace plainsong::http {

enum class url_scheme : std::uint8_t { none, http, https, ws, wss, other };

/// Returns: the scheme with that name, ignoring case; `other` for one not listed.
url_scheme scheme_named(std::string_view name);

/// Returns: 80 or 443; 0 for `none` and `other`.
std::uint16_t default_port(url_scheme scheme);

enum class host_kind : std::uint8_t { name, ipv4, ipv6, future };

/// host [ ":" port ].  Lifetime: that of the text it was read from.
struct authority {
    std::string_view host;   // an IP literal keeps its brackets
    std::uint16_t port = 0;  // if has_port
    bool has_port = false;   // false for an empty port too
    host_kind kind = host_kind::name;
};

/// Returns: false unless `text` is a host that isn't empty, and at most a port up to 65535 behind
/// it.  User information is refused.
bool parse_authority(std::string_view text, authority& out);

enum class target_form : std::uint8_t { origin, absolute, authority, asterisk };

/// A request's target by its parts.  Lifetime: that of the text it was read from.
struct request_target {
    target_form form = target_form::origin;
    url_scheme scheme = url_scheme::none;  // of an absolute target
    std::string_view authority;            // of an absolute or authority target
    std::string_view path;                 // "/" if an absolute target has none
    std::string_view query;                // without its "?"
};

/// Returns: false if `text` has none of the four forms of RFC 9112 §3.2.
bool parse_request_target(std::string_view text, request_target& out);

/// A ws or wss URL by its parts.  Lifetime: that of the text it was read from.
struct url {
    std::string_view host;   // an IP literal keeps its brackets
    std::string_view path;   // "/" if there is none
    std::string_view query;  // without its "?"
    std::uint16_t port = 0;  // the default one if none is given
    bool secure = false;
    host_kind kind = host_kind::name;

    /// Returns: true if the Host field does without the port.
    [[nodiscard]] bool has_default_port() const { return port == (secure ? 443 : 80); }
};

/// Errors: url_malformed, url_has_fragment.  `out` is meaningless then.
error parse_url(std::string_view text, url& out);

}  // namespace plainsong::http

#endif  // PLAINSONG_HTTP_URL_HPP
