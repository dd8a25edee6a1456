// SPDX-License-Identifier: MIT
// address.cpp — see address.hpp.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

#include <plainsong/net/address.hpp>

namespace plainsong {

namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t path_bytes = sizeof(sockaddr_un) - path_offset;

const error no_such_address{error_code::no_such_address};

/// Copies the address out of the raw storage, which spares every question of aliasing.
template <typename Native>
Native load(const std::uint8_t* storage) {
    Native native{};
    std::memcpy(&native, storage, sizeof native);
    return native;
}

}  // namespace

void address_text::append(std::string_view text) {
    const std::size_t fits = std::min(text.size(), capacity - size_);
    std::copy_n(text.data(), fits, bytes_ + size_);
    size_ += fits;
    bytes_[size_] = '\0';
}

result<address> address::parse(std::string_view host, std::uint16_t port) {
    if (host == "localhost") {
        host = "127.0.0.1";
    }
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    char text[INET6_ADDRSTRLEN] = {};  // inet_pton wants an end
    if (host.size() >= sizeof text || host.find('\0') != std::string_view::npos) {
        return no_such_address;
    }
    std::copy(host.begin(), host.end(), text);

    sockaddr_in ipv4{};
    if (!bracketed && ::inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(port);
        return from_native(reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4);
    }
    sockaddr_in6 ipv6{};
    if (::inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
        ipv6.sin6_family = AF_INET6;
        ipv6.sin6_port = htons(port);
        return from_native(reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
    }
    return no_such_address;
}

result<address> address::unix_path(std::string_view path) {
    if (path.empty() || path.find('\0') != std::string_view::npos) {
        return no_such_address;
    }
    if (path.size() >= path_bytes) {
        return error{error_code::no_such_address, ENAMETOOLONG};
    }
    sockaddr_un native{};
    native.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), native.sun_path);
    return from_native(reinterpret_cast<const sockaddr*>(&native), path_offset + path.size() + 1);
}

address address::from_native(const ::sockaddr* native, std::size_t size) {
    static_assert(sizeof(sockaddr_un) <= storage_bytes && sizeof(sockaddr_in6) <= storage_bytes);
    address made;
    if (size < sizeof(sa_family_t) || size > storage_bytes) {
        return made;
    }
    std::memcpy(made.storage_, native, size);
    const auto family = load<sockaddr>(made.storage_).sa_family;
    if (family == AF_INET && size >= sizeof(sockaddr_in)) {
        made.family_ = address_family::ipv4;
    } else if (family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        made.family_ = address_family::ipv6;
    } else if (family == AF_UNIX) {
        made.family_ = address_family::unix_path;
    } else {
        return {};
    }
    made.size_ = static_cast<std::uint8_t>(size);
    return made;
}

bool address::operator==(const address& other) const {
    return family_ == other.family_ && port() == other.port() && path() == other.path() &&
           std::ranges::equal(host_bytes(), other.host_bytes());
}

std::uint16_t address::port() const {
    switch (family_) {
        case address_family::ipv4:
            return ntohs(load<sockaddr_in>(storage_).sin_port);
        case address_family::ipv6:
            return ntohs(load<sockaddr_in6>(storage_).sin6_port);
        case address_family::unix_path:
        case address_family::none:
            break;
    }
    return 0;
}

byte_view address::host_bytes() const {
    switch (family_) {
        case address_family::ipv4:
            return {storage_ + offsetof(sockaddr_in, sin_addr), sizeof(in_addr)};
        case address_family::ipv6:
            return {storage_ + offsetof(sockaddr_in6, sin6_addr), sizeof(in6_addr)};
        case address_family::unix_path:
        case address_family::none:
            break;
    }
    return {};
}

std::string_view address::path() const {
    if (family_ != address_family::unix_path || size_ <= path_offset) {
        return {};
    }
    const std::string_view raw = as_text({storage_ + path_offset, size_ - path_offset});
    return raw.substr(0, raw.find('\0'));
}

bool address::is_loopback() const {
    static constexpr std::uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
    static constexpr std::uint8_t one[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const byte_view host = host_bytes();
    switch (family_) {
        case address_family::ipv4:
            return host[0] == 127;
        case address_family::ipv6:
            return std::ranges::equal(host, one) ||
                   std::ranges::equal(host.first(sizeof mapped), mapped);
        case address_family::unix_path:
            return true;
        case address_family::none:
            break;
    }
    return false;
}

address_text address::host_text() const {
    address_text text;
    if (family_ == address_family::unix_path) {
        text.append(path());
    } else if (family_ != address_family::none) {
        char host[INET6_ADDRSTRLEN] = {};
        const int native = family_ == address_family::ipv4 ? AF_INET : AF_INET6;
        ::inet_ntop(native, host_bytes().data(), host, sizeof host);
        text.append(host);
    }
    return text;
}

address_text address::text() const {
    address_text text;
    if (family_ == address_family::none) {
        text.append("none");
        return text;
    }
    if (family_ == address_family::unix_path) {
        text.append("unix:");
        text.append(path());
        return text;
    }
    const bool brackets = family_ == address_family::ipv6;
    char digits[8] = {};
    const char* end = std::to_chars(digits, digits + sizeof digits, port()).ptr;
    text.append(brackets ? "[" : "");
    text.append(host_text());
    text.append(brackets ? "]:" : ":");
    text.append({digits, static_cast<std::size_t>(end - digits)});
    return text;
}

const ::sockaddr* address::native() const {
    return reinterpret_cast<const sockaddr*>(storage_);
}

}  // namespace plainsong
