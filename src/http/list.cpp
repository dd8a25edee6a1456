// SPDX-License-Identifier: MIT
// list.cpp — text is taken from the front only, so that no input costs more than its length.
#include <plainsong/http/list.hpp>

#include <plainsong/http/text.hpp>

#include "src/http/octet_class.hpp"

namespace plainsong::http {

std::string_view text_cursor::take_front(std::size_t count) {
    const std::string_view front = front_of(rest_, count);
    rest_.remove_prefix(count);
    return front;
}

void text_cursor::skip_blanks() {
    std::size_t count = 0;
    while (count < rest_.size() && is_ows(rest_[count])) {
        ++count;
    }
    rest_.remove_prefix(count);
}

bool text_cursor::take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) {
        return false;
    }
    rest_.remove_prefix(1);
    return true;
}

std::string_view text_cursor::take_token() {
    std::size_t count = 0;
    while (count < rest_.size() && belongs(rest_[count], token_octet)) {
        ++count;
    }
    return take_front(count);
}

bool text_cursor::take_quoted(std::string_view& inner) {
    if (!take('"')) {
        return false;
    }
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] != '"') {
        if (rest_[count] == '\\') {
            ++count;
        }
        if (count == rest_.size() || !belongs(rest_[count], field_text_octet)) {
            return false;
        }
        ++count;
    }
    inner = take_front(count);
    return take('"');
}

std::string_view unquote(std::string_view inner, std::span<char> into) {
    if (!contains(inner, '\\')) {
        return inner;
    }
    if (into.size() < inner.size()) {
        return {};
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '\\' && i + 1 < inner.size()) {
            ++i;
        }
        into[size++] = inner[i];
    }
    return {into.data(), size};
}

bool list_reader::next(std::string_view& element) {
    for (;;) {
        std::size_t start = 0;
        while (start < rest_.size() && (is_ows(rest_[start]) || rest_[start] == ',')) {
            ++start;
        }
        rest_.remove_prefix(start);
        if (!rest_.empty()) {
            break;
        }
        if (!lines_.next(rest_)) {
            return false;
        }
    }
    bool quoted = false;
    std::size_t size = 0;
    for (; size < rest_.size() && (quoted || rest_[size] != ','); ++size) {
        if (rest_[size] == '"') {
            quoted = !quoted;
        } else if (quoted && rest_[size] == '\\' && size + 1 < rest_.size()) {
            ++size;
        }
    }
    element = trim_ows(front_of(rest_, size));
    rest_.remove_prefix(size);
    return true;
}

token_list judge_token_list(field_values values) {
    if (values.empty()) {
        return token_list::absent;
    }
    list_reader reader{values};
    token_list verdict = token_list::empty;
    std::string_view element;
    while (reader.next(element)) {
        if (!is_token(element)) {
            return token_list::malformed;
        }
        verdict = token_list::valid;
    }
    return verdict;
}

bool has_token(field_values values, std::string_view token) {
    list_reader reader{values};
    std::string_view element;
    while (reader.next(element)) {
        if (equals_ignoring_case(element, token)) {
            return true;
        }
    }
    return false;
}

bool take_parameter(text_cursor& from, parameter& out) {
    out = {};
    out.name = from.take_token();
    if (out.name.empty()) {
        return false;
    }
    from.skip_blanks();
    if (!from.take('=')) {
        return true;
    }
    out.has_value = true;
    from.skip_blanks();
    if (begins_with(from.rest(), "\"")) {
        out.quoted = true;
        return from.take_quoted(out.value);
    }
    out.value = from.take_token();
    return !out.value.empty();
}

}  // namespace plainsong::http
