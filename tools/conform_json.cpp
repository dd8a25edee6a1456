// SPDX-License-Identifier: MIT
// conform_json.cpp — a recursive reader of RFC 8259, and its inverse.
//
// Used by: tools/conform_report*.  Depends on: tools/conform_json.
#include "tools/conform_json.hpp"

#include <algorithm>

#include "tools/formatted.hpp"

namespace plainsong::conform {
namespace {

constexpr int deepest = 32;
constexpr std::string_view blanks = " \t\r\n";

bool is_digit(char octet) {
    return octet >= '0' && octet <= '9';
}

bool is_hex_digit(char octet) {
    return is_digit(octet) || (octet >= 'a' && octet <= 'f') || (octet >= 'A' && octet <= 'F');
}

class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool whole(json_value& into) { return value(into, 0) && (skip_blanks(), rest_.empty()); }

private:
    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    }
    bool take(char wanted) {
        skip_blanks();
        const bool there = rest_.starts_with(wanted);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }

    bool value(json_value& into, int depth) {
        skip_blanks();
        if (depth > deepest || rest_.empty()) {
            return false;
        }
        if (rest_.front() == '"') {
            into.what = json_value::kind::string;
            return string(into.written);
        }
        const bool is_object = take('{');
        if (!is_object && !take('[')) {
            return scalar(into.written);
        }
        into.what = is_object ? json_value::kind::object : json_value::kind::array;
        const char end = is_object ? '}' : ']';
        if (take(end)) {
            return true;
        }
        do {
            json_member& one = into.members.emplace_back();
            skip_blanks();
            if ((is_object && !(string(one.name) && take(':'))) || !value(one.value, depth + 1)) {
                return false;
            }
        } while (take(','));
        return take(end);
    }

    bool string(std::string& into) {
        if (!rest_.starts_with('"')) {
            return false;
        }
        std::size_t at = 1;
        while (at < rest_.size() && rest_[at] != '"') {
            if (static_cast<unsigned char>(rest_[at]) < 0x20) {
                return false;
            }
            const std::size_t size = rest_[at] == '\\' ? escape_at(at) : 1;
            if (size == 0) {
                return false;
            }
            at += size;
        }
        if (at >= rest_.size()) {
            return false;
        }
        return cut(at + 1, into);
    }
    /// Returns: its length, 0 if it is none.
    [[nodiscard]] std::size_t escape_at(std::size_t at) const {
        const std::string_view escape = rest_.substr(at + 1, 5);
        if (escape.empty() || escape[0] != 'u') {
            constexpr std::string_view known = "\"\\/bfnrt";
            return !escape.empty() && known.find(escape[0]) != known.npos ? 2 : 0;
        }
        return escape.size() == 5 && std::all_of(escape.begin() + 1, escape.end(), is_hex_digit)
                   ? 6
                   : 0;
    }

    bool scalar(std::string& into) {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (rest_.starts_with(word)) {
                return cut(word.size(), into);
            }
        }
        std::size_t at = rest_.starts_with('-') ? 1 : 0;
        const bool begins_with_zero = at < rest_.size() && rest_[at] == '0';
        const std::size_t whole = digits_at(at);
        if (whole == 0 || (begins_with_zero && whole > 1)) {
            return false;
        }
        at += whole;
        if (at < rest_.size() && rest_[at] == '.') {
            const std::size_t fraction = digits_at(at + 1);
            if (fraction == 0) {
                return false;
            }
            at += 1 + fraction;
        }
        if (at < rest_.size() && (rest_[at] | 0x20) == 'e') {
            const std::size_t sign =
                at + 1 < rest_.size() && (rest_[at + 1] == '+' || rest_[at + 1] == '-') ? 1 : 0;
            const std::size_t exponent = digits_at(at + 1 + sign);
            if (exponent == 0) {
                return false;
            }
            at += 1 + sign + exponent;
        }
        return cut(at, into);
    }
    [[nodiscard]] std::size_t digits_at(std::size_t at) const {
        std::size_t end = at;
        while (end < rest_.size() && is_digit(rest_[end])) {
            ++end;
        }
        return end - at;
    }
    bool cut(std::size_t size, std::string& into) {
        into = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }

    std::string_view rest_;
};

}  // namespace

std::string json_string(std::string_view octets) {
    std::string out = "\"";
    for (const char each : octets) {
        const auto octet = static_cast<unsigned char>(each);
        if (each == '"' || each == '\\') {
            out += '\\';
            out += each;
        } else if (octet < 0x20 || octet >= 0x7f) {
            tools::append_formatted(out, "\\u%04x", octet);
        } else {
            out += each;
        }
    }
    return out + "\"";
}

json& json::add(std::string_view name, const std::string& value) {
    text_ += text_.size() > 1 ? ", " : "";
    text_ += is_array_ ? "" : json_string(name) + ": ";
    text_ += value;
    return *this;
}

const json_value* json_value::find(std::string_view name) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [name](const json_member& one) { return one.name == name; });
    return found == members.end() ? nullptr : &found->value;
}

std::string json_value::text() const {
    if (what == kind::scalar || what == kind::string) {
        return written;
    }
    std::string out(1, what == kind::array ? '[' : '{');
    for (const json_member& each : members) {
        out += out.size() > 1 ? ", " : "";
        out += what == kind::array ? "" : each.name + ": ";
        out += each.value.text();
    }
    return out + (what == kind::array ? ']' : '}');
}

bool read_json(std::string_view text, json_value& into) {
    into = {};
    return reader(text).whole(into);
}

}  // namespace plainsong::conform
