// SPDX-License-Identifier: MIT
// origin.hpp — which pages may open a connection (RFC 6455 §4.2.2 and §10.2).
//
// Does: compare the Origin that a browser states with a policy, by scheme, host and port.
// Does not: protect from programs that aren't browsers, which may state any Origin.
// Used by: ws/server_handshake, app/server.  Depends on: http/url.
#ifndef PLAINSONG_WS_ORIGIN_HPP
#define PLAINSONG_WS_ORIGIN_HPP

#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/http/url.hpp>

namespace plainsong {

/// Same-origin unless a program says otherwise: a site that forgets to choose is not left open to
/// every other page of its visitors' browsers.
struct origin_policy {
    enum class rule : std::uint8_t {
        same_origin,  // an Origin, if stated, has the host and port that the request was sent to
        any,          // each Origin, well-formed or not, and none at all
        list          // one of `allowed`
    };
    rule which = rule::same_origin;
    std::span<const std::string_view> allowed{};  // "https://example.org", "http://[::1]:8080", ...
    bool allow_missing = false;  // with a list: accept a request that states no Origin
};

/// An origin by its parts.  Lifetime: that of the text it was read from.
struct parsed_origin {
    std::string_view scheme;
    http::authority authority;  // has its port, the scheme's default one if none is given
};

/// Returns: false unless `text` is scheme "://" host [ ":" port ] and nothing else; so "null" and
/// a list of origins are none.  Programs check the entries of their list with it.
bool parse_origin(std::string_view text, parsed_origin& out);

/// What a request says of itself.
struct origin_claim {
    bool present = false;
    std::string_view origin;
    std::string_view host;  // the authority that the request was sent to
};

/// Returns: true if the policy lets the request pass.
bool allows(const origin_policy& policy, const origin_claim& claim);

}  // namespace plainsong

#endif  // PLAINSONG_WS_ORIGIN_HPP
