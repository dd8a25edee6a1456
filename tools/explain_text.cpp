// SPDX-License-Identifier: MIT
// explain_text.cpp — see explain_text.hpp.
#include "tools/explain_text.hpp"

#include <algorithm>
#include <cstdio>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/utf8.hpp>

namespace plainsong::explain {

bool read_hex(std::string_view text, std::vector<std::uint8_t>& out) {
    out.clear();
    for (std::size_t i = 0; i < text.size();) {
        if (std::string_view(" \t\r\n,:").find(text[i]) != std::string_view::npos) {
            ++i;
            continue;
        }
        const std::string_view two = text.substr(i, 2);
        if (two == "0x" || two == "0X") {
            i += 2;
        }
        if (i + 1 >= text.size() || !is_hex_digit(text[i]) || !is_hex_digit(text[i + 1])) {
            return false;
        }
        out.push_back(static_cast<std::uint8_t>(hex_digit_value(text[i]) * 16 +
                                                hex_digit_value(text[i + 1])));
        i += 2;
    }
    return true;
}

std::string hex(byte_view octets, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < octets.size() && i < most; ++i) {
        char text[4];
        std::snprintf(text, sizeof text, i == 0 ? "%02x" : " %02x", octets[i]);
        out += text;
    }
    return octets.size() > most ? out + " …" : out;
}

std::string quoted(byte_view octets, std::size_t most) {
    byte_view shown = octets.first(std::min(octets.size(), most));
    const bool is_text = is_utf8(octets);
    while (is_text && !is_utf8(shown)) {  // whole characters only
        shown = shown.first(shown.size() - 1);
    }
    std::string out = "\"";
    for (const std::uint8_t octet : shown) {
        const auto c = static_cast<char>(octet);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (!is_control(c) && (octet < 0x80 || is_text)) {
            out += c;
        } else {
            char escaped[5];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", octet);
            out += escaped;
        }
    }
    return out + (shown.size() < octets.size() ? "\" …" : "\"");
}

std::string bits_of(unsigned value, int count) {
    std::string out;
    for (int i = count - 1; i >= 0; --i) {
        out += ((value >> i) & 1) != 0 ? '1' : '0';
    }
    return out;
}

}  // namespace plainsong::explain
