// SPDX-License-Identifier: MIT
// extension.cpp — 1#( token *( ";" token [ "=" ( token | quoted-string ) ] ) )
//
// RFC 6455 takes its grammar from RFC 2616, where blanks may stand between any two tokens, also
// around ";" and "=".  [6455-4.3-01]
#include <plainsong/ws/extension.hpp>

#include <plainsong/codec/ascii.hpp>

namespace plainsong {

namespace {

/// Returns: true if the text is a token once its backslashes are gone.
bool unescapes_to_token(std::string_view inner) {
    bool any = false;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '\\' && i + 1 < inner.size()) {
            ++i;
        }
        if (!is_token_character(inner[i])) {
            return false;
        }
        any = true;
    }
    return any;
}

}  // namespace

extension_item extension_reader::malformed() {
    state_ = state::malformed;
    return {extension_item::kind::malformed, {}, {}, false};
}

extension_item extension_reader::next() {
    if (state_ == state::malformed) {
        return malformed();
    }
    cursor_.skip_blanks();
    if (state_ == state::after_item) {
        if (cursor_.take(';')) {
            return next_parameter();
        }
        if (!cursor_.at_end() && !cursor_.take(',')) {
            return malformed();
        }
        state_ = state::before_offer;
    }
    return next_offer();
}

extension_item extension_reader::next_offer() {
    for (;;) {
        cursor_.skip_blanks();
        if (cursor_.take(',')) {
            continue;
        }
        if (!cursor_.at_end()) {
            break;
        }
        std::string_view line;
        if (!lines_.next(line)) {
            return any_ ? extension_item{} : malformed();  // [6455-4.3-03]
        }
        cursor_ = http::text_cursor{line};
    }
    const std::string_view name = cursor_.take_token();
    if (name.empty()) {
        return malformed();  // [6455-9.1-01]
    }
    any_ = true;
    state_ = state::after_item;
    return {extension_item::kind::offer, name, {}, false};
}

extension_item extension_reader::next_parameter() {
    cursor_.skip_blanks();
    http::parameter found;
    if (!http::take_parameter(cursor_, found)) {
        return malformed();  // [6455-9.1-01]
    }
    if (found.quoted && !unescapes_to_token(found.value)) {
        return malformed();  // [6455-4.3-04]
    }
    return {extension_item::kind::parameter, found.name, found.value, found.has_value};
}

bool is_extension_list(http::field_values lines) {
    if (lines.empty()) {
        return true;
    }
    extension_reader reader{lines};
    for (;;) {
        switch (reader.next().what) {
            case extension_item::kind::end:
                return true;
            case extension_item::kind::malformed:
                return false;
            default:
                break;
        }
    }
}

}  // namespace plainsong
