// SPDX-License-Identifier: MIT
// address.hpp — where a socket is: IPv4, IPv6 or a path.
//
// Does: parse numeric hosts, hold, compare and print addresses.
// Does not: ask DNS; "localhost" is 127.0.0.1 and every other name is refused.
// Used by: net/listener, app.  Depends on: base/bytes, base/result.
#ifndef PLAINSONG_NET_ADDRESS_HPP
#define PLAINSONG_NET_ADDRESS_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/result.hpp>

struct sockaddr;

namespace plainsong {

enum class address_family : std::uint8_t { none, ipv4, ipv6, unix_path };

/// A short text that needs no heap.
class address_text {
public:
    static constexpr std::size_t capacity = 119;

    [[nodiscard]] std::string_view view() const { return {bytes_, size_}; }
    [[nodiscard]] const char* c_str() const { return bytes_; }
    operator std::string_view() const { return view(); }

    /// What doesn't fit is left out.
    void append(std::string_view text);

private:
    char bytes_[capacity + 1] = {};
    std::size_t size_ = 0;
};

class address {
public:
    /// No address at all.
    address() = default;

    /// `host` is "127.0.0.1", "::1", "[::1]" or "localhost".
    /// Errors: no_such_address.
    static result<address> parse(std::string_view host, std::uint16_t port);
    /// Errors: no_such_address, with ENAMETOOLONG if the path doesn't fit a socket address.
    static result<address> unix_path(std::string_view path);
    /// Takes what the kernel wrote.  An unknown family gives no address.
    static address from_native(const ::sockaddr* native, std::size_t size);

    explicit operator bool() const { return family() != address_family::none; }
    bool operator==(const address& other) const;

    [[nodiscard]] address_family family() const { return family_; }
    /// Returns: 0 for a path.
    [[nodiscard]] std::uint16_t port() const;
    /// Returns: the 4 or 16 octets of the host, network order; empty for a path.
    [[nodiscard]] byte_view host_bytes() const;
    /// Returns: the path of a unix address, else "" (also for an unnamed unix peer).
    [[nodiscard]] std::string_view path() const;
    /// Only this machine can reach it: 127.0.0.0/8, ::1, the same mapped into IPv6, and any path.
    [[nodiscard]] bool is_loopback() const;

    /// "127.0.0.1:80", "[::1]:80", "unix:/path", "unix:" for an unnamed peer, "none".
    [[nodiscard]] address_text text() const;
    /// "127.0.0.1", "::1", "/path": what parse() and unix_path() take.
    [[nodiscard]] address_text host_text() const;

    [[nodiscard]] const ::sockaddr* native() const;
    [[nodiscard]] std::size_t native_size() const { return size_; }

private:
    static constexpr std::size_t storage_bytes = 112;  // a sockaddr_un and a little

    alignas(8) std::uint8_t storage_[storage_bytes] = {};
    std::uint8_t size_ = 0;
    address_family family_ = address_family::none;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_ADDRESS_HPP
