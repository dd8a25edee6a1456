// SPDX-License-Identifier: MIT
// conform_json.hpp — writes JSON, and reads it without changing how it is written.
//
// Does: build objects and arrays member by member; read a text into values that keep their spelling,
// so that what others wrote is passed on as it is.
// Does not: decode escapes, or turn numbers into numbers.
// Used by: tools/conform_report*.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_CONFORM_JSON_HPP
#define PLAINSONG_TOOLS_CONFORM_JSON_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::conform {

/// A JSON string.  Octets that are no printable ASCII are written as \u00XX.
std::string json_string(std::string_view octets);

/// An object or an array, member by member; each value is JSON already.
class json {
public:
    explicit json(bool is_array) : is_array_(is_array), text_(is_array ? "[" : "{") {}

    json& add(std::string_view name, const std::string& value);
    json& add(std::string_view name, bool value) { return add(name, std::string(word(value))); }
    json& add(const std::string& value) { return add("", value); }
    [[nodiscard]] std::string text() const { return text_ + (is_array_ ? "]" : "}"); }

    static std::string_view word(bool value) { return value ? "true" : "false"; }

private:
    bool is_array_;
    std::string text_;
};

struct json_member;

struct json_value {
    enum class kind : std::uint8_t { scalar, string, array, object };
    kind what = kind::scalar;
    std::string written;               // of a scalar or string, with its quotes
    std::vector<json_member> members;  // those of an array have no names

    /// Returns: the member of an object, null if there is none.  `name` is written with its quotes.
    [[nodiscard]] const json_value* find(std::string_view name) const;
    [[nodiscard]] std::string text() const;
};

struct json_member {
    std::string name;  // as it is written, with its quotes
    json_value value;
};

/// Returns: whether `text` is one JSON value, with blanks around it at most.
bool read_json(std::string_view text, json_value& into);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_JSON_HPP
