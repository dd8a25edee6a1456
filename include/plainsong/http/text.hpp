// SPDX-License-Identifier: MIT
// text.hpp — parts of a text, without the checks of std::string_view that would throw.
//
// Does: cut and search; std::string_view's own substr and find need symbols of the C++ library,
// which the core does without.  Does not: check bounds in release builds.
// Used by: http, ws.  Depends on: base/contract.
#ifndef PLAINSONG_HTTP_TEXT_HPP
#define PLAINSONG_HTTP_TEXT_HPP

#include <cstddef>
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
constexpr std::size_t index_of(std::string_view text, char wanted) {
    const char* found = std::char_traits<char>::find(text.data(), text.size(), wanted);
    return found == nullptr ? text.size() : static_cast<std::size_t>(found - text.data());
}

constexpr bool contains(std::string_view text, char wanted) {
    return index_of(text, wanted) != text.size();
}

constexpr bool begins_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && front_of(text, prefix.size()) == prefix;
}

/// The text of a string with a terminator, cut at 1023 characters.
constexpr std::string_view text_of(const char* terminated) {
    constexpr std::size_t longest = 1023;
    const char* end = std::char_traits<char>::find(terminated, longest + 1, '\0');
    return {terminated, end == nullptr ? longest : static_cast<std::size_t>(end - terminated)};
}

}  // namespace plainsong::http

#endif  // PLAINSONG_HTTP_TEXT_HPP
