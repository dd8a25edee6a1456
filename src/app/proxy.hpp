// SPDX-License-Identifier: MIT
// proxy.hpp — asks a proxy for a tunnel: HTTP CONNECT, or SOCKS5.
//
// Does: say what to send and judge what comes, octet by octet; read the URL of a proxy; decide which
// hosts go without one.
// Does not: touch a socket, resolve names, wait, or read the environment.
// Used by: app/client.  Depends on: app/credentials, http, net/address.
#ifndef PLAINSONG_SRC_APP_PROXY_HPP
#define PLAINSONG_SRC_APP_PROXY_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/http/head_parser.hpp>

namespace plainsong {

enum class proxy_kind : std::uint8_t { none, http, socks5 };

/// Whom the tunnel leads to.
struct proxy_target {
    std::string_view host;  // a name, or an address without brackets
    std::uint16_t port;
};

/// The start of a connection through a proxy.  After `open` the stream is the tunnel.
class proxy_dialog {
public:
    struct step {
        enum class kind : std::uint8_t { need_more, open, failed };
        kind status = kind::need_more;
        std::size_t taken = 0;  // of the octets given; what is left belongs to the tunnel
        error_code why = error_code::none;
        std::uint16_t status_code = 0;  // that an HTTP proxy answered, once it is known
    };

    /// The texts are copied.  With proxy_kind::none the tunnel is open from the beginning.
    /// `user`: "" sends no credentials.
    proxy_dialog(proxy_kind kind, proxy_target target, std::string_view user,
                 std::string_view password);

    /// Returns: what the proxy has to be sent now.  Lifetime: until the next call.
    [[nodiscard]] byte_view output() const { return as_bytes(output_).subspan(sent_); }
    void output_sent(std::size_t count);

    /// Takes what the dialog needs of `in`, all of it as long as it isn't over.
    /// Returns: the verdict; without octets that which is known already: a target or credentials
    /// that cannot be sent have failed before anything is received (proxy_target_not_sendable).
    /// Octets behind the proxy's last word fail (proxy_spoke_first): whoever is at the other end of
    /// a new tunnel waits for our request.
    step receive(byte_view in);
    /// The stream has ended.
    step end();

private:
    enum class state : std::uint8_t {
        http_head,
        socks_method,
        socks_login,
        socks_reply,
        socks_address,
        open,
        failed
    };

    void ask_http(proxy_target target, std::string_view user, std::string_view password);
    void ask_socks(proxy_target target, std::string_view user, std::string_view password);
    std::size_t take_http(byte_view in);
    void take_http_head();
    void take_socks(std::uint8_t octet);
    void take_socks_method(std::uint8_t octet);
    void take_socks_login(std::uint8_t octet);
    void take_socks_reply(std::uint8_t octet);
    void send(std::string_view octets);
    void move_to(state next);
    void fail(error_code why);
    [[nodiscard]] step told(std::size_t taken) const;

    std::string output_;
    std::size_t sent_ = 0;
    std::string input_;    // an HTTP answer so far
    std::string login_;    // SOCKS: the message with user and password, "" for none
    std::string connect_;  // SOCKS: the request
    http::head_parser parser_{http::head_kind::response};
    state state_ = state::open;
    std::uint8_t at_ = 0;        // octets seen of the SOCKS message that is being read
    std::uint8_t interim_ = 0;   // answers before the final one
    std::uint16_t missing_ = 0;  // octets of the bound address that are still to come
    std::uint16_t status_code_ = 0;
    error_code why_ = error_code::none;
};

/// A proxy by the parts of its URL.
struct proxy_url {
    proxy_kind kind = proxy_kind::none;
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string user;
    std::string password;
};

/// Reads "http://user:password@host:port", "socks5://…", "socks5h://…"; the port may be missing (80,
/// 1080), user and password may be escaped with "%".  Names are resolved by the proxy either way.
/// Errors: proxy_url_malformed; `out` is meaningless then.
error parse_proxy_url(std::string_view text, proxy_url& out);

/// Whether `list` (the value of NO_PROXY) names the host.  Its entries are parted by commas or
/// blanks: "*"; a name, which stands for all below it too, with or without a leading "." or "*.";
/// an address; a network such as "10.0.0.0/8" or "fd00::/8".  A name or address may have a port,
/// then an IPv6 address needs brackets.
/// `host`: without brackets.
bool bypasses_proxy(std::string_view list, std::string_view host, std::uint16_t port);

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_PROXY_HPP
