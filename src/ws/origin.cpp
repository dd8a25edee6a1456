// SPDX-License-Identifier: MIT
// origin.cpp — whole parts are compared, so that no prefix, suffix or other port slips through.
#include <plainsong/ws/origin.hpp>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/text.hpp>

namespace plainsong {

bool parse_origin(std::string_view text, parsed_origin& out) {
    out = {};
    http::request_target parts;
    if (!http::parse_request_target(text, parts) || parts.form != http::target_form::absolute ||
        !http::parse_authority(parts.authority, out.authority)) {
        return false;
    }
    const std::size_t scheme_size = http::index_of(text, ':');
    out.scheme = http::front_of(text, scheme_size);
    if (scheme_size + 3 + parts.authority.size() != text.size()) {
        return false;  // a path or a query follows
    }
    if (!out.authority.has_port) {
        out.authority.port = http::default_port(parts.scheme);
    }
    return true;
}

namespace {

bool same_host_and_port(const http::authority& a, const http::authority& b) {
    return a.port == b.port && equals_ignoring_case(a.host, b.host);
}

/// The request itself doesn't say whether it came over TLS (a proxy may have ended it), so the
/// origin's scheme supplies the port that Host leaves out, and the schemes are not compared.
bool is_same_origin(std::string_view text, std::string_view host) {
    parsed_origin origin;
    http::authority target;
    if (!parse_origin(text, origin) || !http::parse_authority(host, target)) {
        return false;
    }
    const std::uint16_t usual_port = http::default_port(http::scheme_named(origin.scheme));
    if (!target.has_port) {
        target.port = usual_port;
    }
    return usual_port != 0 && same_host_and_port(origin.authority, target);
}

/// [6455-4.2.2-06]
bool is_listed(std::string_view text, std::span<const std::string_view> allowed) {
    parsed_origin origin;
    if (!parse_origin(text, origin)) {
        return false;
    }
    for (const std::string_view each : allowed) {
        parsed_origin entry;
        if (parse_origin(each, entry) && equals_ignoring_case(entry.scheme, origin.scheme) &&
            same_host_and_port(entry.authority, origin.authority)) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool allows(const origin_policy& policy, const origin_claim& claim) {
    switch (policy.which) {
        case origin_policy::rule::any:
            return true;
        case origin_policy::rule::list:  // [6455-10.2-01] [6455-4.2.1-13]
            return claim.present ? is_listed(claim.origin, policy.allowed) : policy.allow_missing;
        case origin_policy::rule::same_origin:
            break;
    }
    return !claim.present || is_same_origin(claim.origin, claim.host);  // [6455-4.2.1-12]
}

}  // namespace plainsong
