// SPDX-License-Identifier: MIT
// websocket_url.hpp — a URL as a browser's `new WebSocket(url)` takes it.
//
// Does: what the URL Standard does to an absolute URL of this kind: trim, take http for ws, fold
// the case, drop the default port, resolve dots, percent-encode; take the user's name out.
// Does not: know a base URL, so a relative one is refused; map host names outside ASCII, or read
// the shortened forms of IPv4 addresses.
// Used by: app/websocket.  Depends on: http/url, codec/utf8_repair, app/credentials.
#ifndef PLAINSONG_SRC_APP_WEBSOCKET_URL_HPP
#define PLAINSONG_SRC_APP_WEBSOCKET_URL_HPP

#include <string>
#include <string_view>

#include <plainsong/base/error.hpp>

namespace plainsong {

struct websocket_url {
    std::string text;           // what the attribute `url` says
    std::string plain;          // the same without user and password
    std::string origin;         // scheme, host and port
    std::string authorization;  // for user and password, "" without them
};

/// Errors: url_malformed, url_has_fragment; `out` is meaningless then.
error parse_websocket_url(std::string_view given, websocket_url& out);

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_WEBSOCKET_URL_HPP
