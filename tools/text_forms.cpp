// SPDX-License-Identifier: MIT
// text_forms.cpp — octets as text, and back.
#include "tools/text_forms.hpp"

#include <algorithm>
#include <cstdint>

#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/utf8.hpp>

namespace plainsong::tools {

namespace {

constexpr char digits[] = "0123456789abcdef";

int value_of(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_octet(std::string& to, std::uint8_t octet) {
    to += digits[octet >> 4];
    to += digits[octet & 0xF];
}

bool is_control(std::uint8_t octet) {
    return octet < 0x20 || octet == 0x7F;
}

// How many octets of `text` make a character that may be shown: 0 if the first of them may not.
std::size_t shown_size(std::string_view text) {
    const auto lead = static_cast<std::uint8_t>(text.front());
    if (lead < 0x80) {
        return is_control(lead) ? 0 : 1;
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (size > text.size() || !is_utf8(as_bytes(text.substr(0, size)))) {
        return 0;
    }
    // U+0080 to U+009F are control characters, too.
    return lead == 0xC2 && static_cast<std::uint8_t>(text[1]) < 0xA0 ? 0 : size;
}

}  // namespace

void append_hex(std::string& to, byte_view bytes) {
    to.reserve(to.size() + bytes.size() * 2);
    for (const std::uint8_t octet : bytes) {
        append_octet(to, octet);
    }
}

bool read_hex(std::string_view text, std::string& to) {
    const std::size_t before = to.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r') {
            continue;
        }
        const int high = value_of(text[i]);
        const int low = i + 1 < text.size() ? value_of(text[i + 1]) : -1;
        if (high < 0 || low < 0) {
            to.resize(before);
            return false;
        }
        to += static_cast<char>(high * 16 + low);
        ++i;
    }
    return true;
}

void append_base64(std::string& to, byte_view bytes) {
    const std::size_t before = to.size();
    to.resize(before + base64_encoded_size(bytes.size()));
    base64_encode(bytes, std::span(to).subspan(before));
}

bool read_base64(std::string_view text, std::string& to) {
    const std::size_t before = to.size();
    to.resize(before + base64_decoded_size_limit(text.size()));
    auto* const into = reinterpret_cast<std::uint8_t*>(to.data()) + before;
    auto size = base64_decode(text, {into, to.size() - before}, base64_pad_bits::any);
    to.resize(before + (size ? *size : 0));
    return static_cast<bool>(size);
}

void append_json(std::string& to, std::string_view text) {
    to += '"';
    for (const char each : text) {
        const auto octet = static_cast<std::uint8_t>(each);
        if (each == '"' || each == '\\') {
            to += '\\';
            to += each;
        } else if (each == '\n') {
            to += "\\n";
        } else if (each == '\r') {
            to += "\\r";
        } else if (each == '\t') {
            to += "\\t";
        } else if (is_control(octet)) {
            to += "\\u00";
            append_octet(to, octet);
        } else {
            to += each;
        }
    }
    to += '"';
}

bool take_json(std::string_view& text, std::string& to) {
    const std::size_t before = to.size();
    const auto fail = [&] {
        to.resize(before);
        return false;
    };
    if (!text.starts_with('"')) {
        return false;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
        if (text[i] != '\\') {
            to += text[i];
            continue;
        }
        ++i;
        const char kind = i < text.size() ? text[i] : '\0';
        if (kind == 'u') {
            std::string code;
            if (i + 4 >= text.size() || !read_hex(text.substr(i + 1, 4), code) || code[0] != '\0' ||
                static_cast<std::uint8_t>(code[1]) > 0x7F) {
                return fail();
            }
            to += code[1];
            i += 4;
            continue;
        }
        constexpr std::string_view names = "\"\\/nrtbf";
        constexpr std::string_view meanings = "\"\\/\n\r\t\b\f";
        const std::size_t at = names.find(kind);
        if (at == std::string_view::npos) {
            return fail();
        }
        to += meanings[at];
    }
    return fail();
}

void append_shown(std::string& to, std::string_view text, bool is_block) {
    while (!text.empty()) {
        std::size_t size = shown_size(text);
        if (size == 0 && is_block && (text.front() == '\n' || text.front() == '\t')) {
            size = 1;
        }
        if (size == 0) {
            to += "\\x";
            append_octet(to, static_cast<std::uint8_t>(text.front()));
            text.remove_prefix(1);
            continue;
        }
        to += text.substr(0, size);
        text.remove_prefix(size);
    }
}

std::string quoted(byte_view payload, std::size_t most) {
    const std::string_view text = as_text(payload);
    std::size_t size = std::min(most, payload.size());
    std::string shown;
    if (is_utf8(payload)) {
        while (size < text.size() && size > 0 && (text[size] & 0xC0) == 0x80) {
            --size;  // not inside of a character
        }
        shown += '"';
        append_shown(shown, text.substr(0, size));
        shown += '"';
    } else {
        shown += "hex ";
        append_hex(shown, payload.first(size));
    }
    return size < payload.size() ? shown + "..." : shown;
}

}  // namespace plainsong::tools
