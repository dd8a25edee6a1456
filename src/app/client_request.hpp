// SPDX-License-Identifier: MIT
// client_request.hpp — where a client connects to and what it asks for there.
//
// Does: own the texts of a URL, of the request's fields and of a proxy; follow a redirect.
// Does not: connect.
// Used by: app/client_core.  Depends on: app/client, http/url, ws/client_handshake, app/proxy.
#ifndef PLAINSONG_SRC_APP_CLIENT_REQUEST_HPP
#define PLAINSONG_SRC_APP_CLIENT_REQUEST_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/app/client.hpp>
#include <plainsong/http/field.hpp>
#include <plainsong/ws/client_handshake.hpp>

#include "src/app/proxy.hpp"

namespace plainsong {

/// A URL taken apart, with memory of its own.
struct client_target {
    std::string host;       // an IP literal without its brackets
    std::string authority;  // as the Host field has it
    std::string path;       // with the query
    std::uint16_t port = 0;
    bool secure = false;

    /// Errors: those of http::parse_url.
    error set(std::string_view url);
    [[nodiscard]] bool has_origin_of(const client_target& other) const {
        return host == other.host && port == other.port && secure == other.secure;
    }
};

class client_request {
public:
    explicit client_request(const client_options& options);

    /// Errors: url_malformed, url_has_fragment; invalid_argument and field_not_sendable for options
    /// that make no request.
    error set(std::string_view url, std::string_view protocols,
              const compression_options& compression);

    /// Goes where `location` points to, seen from where it is now.  What is confidential stays behind
    /// when that is another origin.  Returns: false if that is no place for a WebSocket.
    bool redirect(std::string_view location);
    /// Undoes all redirects.
    void return_home();

    /// The request, with a key made of `random`.  Lifetime: until the next call.
    [[nodiscard]] upgrade_offer offer(std::span<const std::uint8_t, 16> random) const;

    [[nodiscard]] const client_target& target() const { return now_; }
    [[nodiscard]] const std::string& unix_path() const { return unix_path_; }
    /// Returns: the proxy to be used for the present target; its kind is none if there is none.
    [[nodiscard]] const proxy_url& proxy() const;

private:
    void collect_fields();

    std::string protocols_;
    std::string extensions_;
    std::string origin_;
    std::vector<std::pair<std::string, std::string>> own_;  // with names
    std::vector<std::pair<std::string, std::string>> confidential_;
    std::vector<http::field> fields_;  // what is sent: views of the above
    std::string unix_path_;
    std::string no_proxy_;
    proxy_url proxy_;
    proxy_url none_;
    error proxy_error_;
    client_target home_;
    client_target now_;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_CLIENT_REQUEST_HPP
