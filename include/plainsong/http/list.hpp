// SPDX-License-Identifier: MIT
// list.hpp — comma lists, parameters and quoted strings in field values (RFC 9110 §5.6).
//
// Does: take a value apart in one pass from left to right; no octet is looked at again.
// Does not: copy text (unquote does, into memory of the caller), or know what an element means.
// Used by: ws/extension, ws/server_handshake, ws/client_handshake.  Depends on: http/field.
#ifndef PLAINSONG_HTTP_LIST_HPP
#define PLAINSONG_HTTP_LIST_HPP

#include <cstddef>
#include <span>
#include <string_view>

#include <plainsong/http/field.hpp>

namespace plainsong::http {

/// A position in a text that only moves forward.
class text_cursor {
public:
    constexpr text_cursor() = default;
    explicit constexpr text_cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] constexpr bool at_end() const { return rest_.empty(); }
    [[nodiscard]] constexpr std::string_view rest() const { return rest_; }

    void skip_blanks();
    /// Takes `wanted` if it comes next.
    bool take(char wanted);
    /// Returns: the token characters that come next; empty if none does.
    std::string_view take_token();
    /// Takes a quoted string.  Returns: false if none is there or it has no end; `inner` is what
    /// stands between the quotes, with its backslashes.
    bool take_quoted(std::string_view& inner);

private:
    std::string_view take_front(std::size_t count);

    std::string_view rest_;
};

/// Removes the backslashes of a quoted string's inside.
/// Requires: `into` has room for inner.size() characters.
/// Returns: the text; `inner` itself if it has no backslash.  Empty if there is no room.
std::string_view unquote(std::string_view inner, std::span<char> into);

/// The elements of a comma list that may be spread over several fields; empty ones are skipped, a
/// comma inside of a quoted string separates nothing.
class list_reader {
public:
    explicit list_reader(std::string_view value) : rest_(value) {}
    explicit list_reader(field_values values) : lines_(values) {}

    /// Takes the next element, without blanks around it.  Returns: false if there is none left.
    /// A quoted string without an end reaches to the end of its line.
    bool next(std::string_view& element);

private:
    field_values lines_;
    std::string_view rest_;
};

enum class token_list : unsigned char { absent, empty, valid, malformed };

/// Returns: absent without a line, empty without an element, malformed if an element is no token.
token_list judge_token_list(field_values values);

/// Returns: true if an element equals `token` ignoring the case of ASCII letters.
bool has_token(field_values values, std::string_view token);

/// name [ "=" value ] with blanks allowed around the "=".
struct parameter {
    std::string_view name;
    std::string_view value;  // without its quotes, but with its backslashes
    bool has_value = false;
    bool quoted = false;
};

/// Takes a parameter, without a ";" before it.
/// Returns: false if it is malformed.
bool take_parameter(text_cursor& from, parameter& out);

}  // namespace plainsong::http

#endif  // PLAINSONG_HTTP_LIST_HPP
