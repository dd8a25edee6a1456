// SPDX-License-Identifier: MIT
// bytes.hpp — views of octets and network byte order.
//
// Does: name the two span types that every layer passes around; load and store big-endian integers.
// Does not: own memory.
// Used by: everything.  Depends on: nothing.
#ifndef PLAINSONG_BASE_BYTES_HPP
#define PLAINSONG_BASE_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace plainsong {

using byte_view = std::span<const std::uint8_t>;  // octets that are only read
using byte_span = std::span<std::uint8_t>;        // octets that may be changed in place

/// The octets of a text.  Lifetime: those of `text`.
inline byte_view as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Octets seen as text; nothing is validated.  Lifetime: those of `bytes`.
inline std::string_view as_text(byte_view bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::uint16_t load_big_endian_16(const std::uint8_t* from) {
    return static_cast<std::uint16_t>((from[0] << 8) | from[1]);
}

constexpr std::uint32_t load_big_endian_32(const std::uint8_t* from) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        value = (value << 8) | from[i];
    }
    return value;
}

constexpr std::uint64_t load_big_endian_64(const std::uint8_t* from) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
        value = (value << 8) | from[i];
    }
    return value;
}

constexpr void store_big_endian_16(std::uint8_t* to, std::uint16_t value) {
    to[0] = static_cast<std::uint8_t>(value >> 8);
    to[1] = static_cast<std::uint8_t>(value);
}

constexpr void store_big_endian_32(std::uint8_t* to, std::uint32_t value) {
    for (int i = 3; i >= 0; --i, value >>= 8) {
        to[i] = static_cast<std::uint8_t>(value);
    }
}

constexpr void store_big_endian_64(std::uint8_t* to, std::uint64_t value) {
    for (int i = 7; i >= 0; --i, value >>= 8) {
        to[i] = static_cast<std::uint8_t>(value);
    }
}

}  // namespace plainsong

#endif  // PLAINSONG_BASE_BYTES_HPP
