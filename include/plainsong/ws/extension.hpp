// SPDX-License-Identifier: MIT
// extension.hpp — the grammar of Sec-WebSocket-Extensions (RFC 6455 §9.1).
//
// Does: read offers and their parameters one by one, in one pass over all lines of the field.
// Does not: know any extension (see ws/permessage_deflate.hpp), or keep text.
// Used by: ws/server_handshake, ws/client_handshake, ws/permessage_deflate.  Depends on: http/list.
#ifndef PLAINSONG_WS_EXTENSION_HPP
#define PLAINSONG_WS_EXTENSION_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/http/field.hpp>
#include <plainsong/http/list.hpp>

namespace plainsong {

/// One step through the field: the name of an offer, or a parameter of the offer before it.
struct extension_item {
    enum class kind : std::uint8_t { offer, parameter, end, malformed };
    kind what = kind::end;
    std::string_view name;
    std::string_view raw_value;  // of a parameter: without quotes, backslashes still in it
    bool has_value = false;

    /// Requires: `scratch` has room for raw_value.size() characters.
    /// Returns: the value, a token; empty if it has no room.
    /// Lifetime: that of the field or of `scratch`.
    [[nodiscard]] std::string_view value(std::span<char> scratch) const {
        return http::unquote(raw_value, scratch);
    }
};

/// Usage: for (auto item = reader.next(); item.what == offer or parameter; item = reader.next()).
/// What follows a malformed part is not read: each further call says malformed again.
class extension_reader {
public:
    /// The field as one text.
    explicit extension_reader(std::string_view value) : cursor_(value) {}
    /// The field as the lines of one head, which count as joined by commas.  No line at all is
    /// malformed too: ask for lines.empty() first.  [6455-9.1-03]
    explicit extension_reader(http::field_values lines) : lines_(lines) {}

    /// Cost: all calls together are linear in the field.
    extension_item next();

private:
    enum class state : std::uint8_t { before_offer, after_item, malformed };

    extension_item malformed();
    extension_item next_offer();
    extension_item next_parameter();

    http::field_values lines_;
    http::text_cursor cursor_;
    state state_ = state::before_offer;
    bool any_ = false;  // an offer was found
};

/// Returns: true if the field is absent or follows its grammar.
bool is_extension_list(http::field_values lines);

}  // namespace plainsong

#endif  // PLAINSONG_WS_EXTENSION_HPP
