// SPDX-License-Identifier: MIT
// client_request.cpp — texts that belong to an attempt to connect.
#include "src/app/client_request.hpp"

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/url.hpp>

namespace plainsong {

error client_target::set(std::string_view url) {
    http::url parts;
    if (auto why = http::parse_url(url, parts)) {
        return why;
    }
    host = parts.host;
    if (parts.kind == http::host_kind::ipv6) {
        host = host.substr(1, host.size() - 2);
    }
    authority = parts.host;
    if (!parts.has_default_port()) {  // [6455-4.1-24]
        authority += ':' + std::to_string(parts.port);
    }
    path = parts.path;
    if (url.find('?') != std::string_view::npos) {
        path += '?';
        path += parts.query;
    }
    port = parts.port;
    secure = parts.secure;
    return {};
}

namespace {

// Returns: what to offer, "" for nothing.  [7692-5-01]
std::string offer_of(const compression_options& compression) {
    if (!compression) {
        return {};
    }
    const deflate_parameters& wanted = compression.parameters;
    char text[longest_deflate_element];
    // [7692-5-04] [7692-5-05]: a smaller window of the server's is asked for, ours is always ready to be
    return std::string(write_deflate_element(
        text,
        {.parameters = wanted,
         .names_server_window =
             wanted.server_max_window_bits != deflate_parameters::most_window_bits,
         .names_client_window = true},
        deflate_side::offer));
}

}  // namespace

client_request::client_request(const client_options& options)
    : origin_(options.origin), unix_path_(options.unix_path), no_proxy_(options.no_proxy) {
    if (!options.user_agent.empty()) {
        own_.emplace_back("User-Agent", options.user_agent);
    }
    if (!options.cookies.empty()) {
        confidential_.emplace_back("Cookie", options.cookies);
    }
    if (!options.authorization.empty()) {
        confidential_.emplace_back("Authorization", options.authorization);
    }
    for (const http::field& one : options.fields) {
        confidential_.emplace_back(one.name, one.value);
    }
    if (!options.proxy.empty()) {
        proxy_error_ = parse_proxy_url(options.proxy, proxy_);
    }
    collect_fields();
}

void client_request::collect_fields() {
    fields_.clear();
    for (const auto& [name, value] : own_) {
        fields_.push_back({name, value});
    }
    if (now_.has_origin_of(home_)) {
        for (const auto& [name, value] : confidential_) {
            fields_.push_back({name, value});
        }
    }
}

error client_request::set(std::string_view url, std::string_view protocols,
                          const compression_options& compression) {
    if (auto why = home_.set(url)) {
        return why;
    }
    if (proxy_error_) {
        return proxy_error_;
    }
    protocols_ = protocols;
    extensions_ = offer_of(compression);
    return_home();
    // What can't be sent is said now, and not by the first attempt.
    constexpr std::uint8_t no_random[16] = {};
    const upgrade_offer asked = offer(no_random);
    std::vector<std::uint8_t> into(request_size(asked));
    return write_request(into, asked).why();
}

bool client_request::redirect(std::string_view location) {
    client_target next = now_;
    if (location.starts_with("//")) {
        location = {};
    }
    const std::string_view plain = location.substr(0, location.find('#'));
    if (plain.starts_with('/')) {
        http::request_target parts;
        if (!http::parse_request_target(plain, parts)) {
            return false;
        }
        next.path = plain;
    } else {
        // "http" and "ws" are the same connection, and so are "https" and "wss".
        std::string url(plain);
        for (const auto& [from, to] : {std::pair{"http://", "ws://"}, {"https://", "wss://"}}) {
            const std::string_view scheme = from;
            if (url.size() > scheme.size() &&
                equals_ignoring_case(std::string_view(url).substr(0, scheme.size()), scheme)) {
                url.replace(0, scheme.size(), to);
                break;
            }
        }
        if (next.set(url)) {
            return false;
        }
    }
    if (now_.secure && !next.secure) {
        return false;  // nobody who has asked for secrecy is sent where there is none
    }
    now_ = std::move(next);
    collect_fields();
    return true;
}

void client_request::return_home() {
    now_ = home_;
    collect_fields();
}

upgrade_offer client_request::offer(std::span<const std::uint8_t, 16> random) const {
    return {.host = now_.authority,
            .target = now_.path,
            .key = make_key(random),
            .origin = origin_,
            .protocols = protocols_,
            .extensions = extensions_,
            .fields = fields_};
}

const proxy_url& client_request::proxy() const {
    const bool is_direct = !unix_path_.empty() || proxy_.kind == proxy_kind::none ||
                           bypasses_proxy(no_proxy_, now_.host, now_.port);
    return is_direct ? none_ : proxy_;
}

}  // namespace plainsong
