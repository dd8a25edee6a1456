// SPDX-License-Identifier: MIT
// text.hpp — parts of a text, without the checks of std::string_view that would throw.
//
// Does: cut and search; std::string_view::substr and find would make the core need symbols of the
// C++ library.  Does not: check bounds in release builds.
// Used by: http, ws.  Depends on: base/contract.
#ifndef PLAINSONG_SRC_HTTP_TEXT_HPP
#define PLAINSONG_SRC_HTTP_TEXT_HPP

#include <cstddef>
#include <cstring>
#include <string_view>

#include <plainsong/base/contract.hpp>

namespace plainsong::http {

/// Requires: count <= text.size().
constexpr std::string_view front_of(std::string_view text, std::size_t count) {
    PLAINSONG_REQUIRE(count <= text.size());
    return {text.data(), count};
}

/// Requires: count <= text.size().
constexpr std::string_view behind(std::string_view text, std::size_t count) {
    PLAINSONG_REQUIRE(count <= text.size());
    return {text.data() + count, text.size() - count};
}

/// Returns: where `wanted` stands first; text.size() if nowhere.
inline std::size_t index_of(std::string_view text, char wanted) {
    const void* found = text.empty() ? nullptr : std::memchr(text.data(), wanted, text.size());
    return found == nullptr
               ? text.size()
               : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

inline bool contains(std::string_view text, char wanted) {
    return index_of(text, wanted) != text.size();
}

constexpr bool begins_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && front_of(text, prefix.size()) == prefix;
}

/// The text of a string with a terminator, at most 1023 characters long.
inline std::string_view text_of(const char* terminated) {
    const void* end = std::memchr(terminated, '\0', 1024);
    return {terminated, static_cast<std::size_t>(static_cast<const char*>(end) - terminated)};
}

}  // namespace plainsong::http

#endif  // PLAINSONG_SRC_HTTP_TEXT_HPP
