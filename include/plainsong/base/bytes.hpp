// SPDX-License-Identifier: MIT
// bytes.hpp — views of octets and network byte order.
//
// Does: name the two span types that every layer passes around; load and store big-endian integers.
// Does not: own memory.
// Used by: everything.  Depends on: nothing.
#ifndef PLAINSONG_BASE_BYTES_HPP
#define PLAINSONG_BASE_BYTES_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

// Network order is big-endian; memcpy, because octets on the wire are aligned to nothing.
static_assert(std::endian::native == std::endian::little ||
              std::endian::native == std::endian::big);

inline constexpr bool swaps_bytes = std::endian::native == std::endian::little;

inline std::uint16_t load_big_endian_16(const std::uint8_t* from) {
    std::uint16_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return swaps_bytes ? __builtin_bswap16(value) : value;
}

inline std::uint32_t load_big_endian_32(const std::uint8_t* from) {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return swaps_bytes ? __builtin_bswap32(value) : value;
}

inline std::uint64_t load_big_endian_64(const std::uint8_t* from) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return swaps_bytes ? __builtin_bswap64(value) : value;
}

inline void store_big_endian_16(std::uint8_t* to, std::uint16_t value) {
    value = swaps_bytes ? __builtin_bswap16(value) : value;
    std::memcpy(to, &value, sizeof value);
}

inline void store_big_endian_32(std::uint8_t* to, std::uint32_t value) {
    value = swaps_bytes ? __builtin_bswap32(value) : value;
    std::memcpy(to, &value, sizeof value);
}

inline void store_big_endian_64(std::uint8_t* to, std::uint64_t value) {
    value = swaps_bytes ? __builtin_bswap64(value) : value;
    std::memcpy(to, &value, sizeof value);
}

}  // namespace plainsong

#endif  // PLAINSONG_BASE_BYTES_HPP
