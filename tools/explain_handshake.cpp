// SPDX-License-Identifier: MIT
// explain_handshake.cpp — from a key to its answer; and what Close codes mean.
#include <cstdio>

#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/close.hpp>

#include "tools/explain.hpp"
#include "tools/explain_text.hpp"

namespace plainsong::explain {

namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Three octets a line: their bits in groups of six, the numbers of these, and the characters.
std::string base64_steps(byte_view octets, std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        const byte_view group = octets.subspan(at, octets.size() - at < 3 ? octets.size() - at : 3);
        unsigned value = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            value = value << 8 | (i < group.size() ? group[i] : 0U);
        }
        std::string bits;
        std::string numbers;
        for (std::size_t i = 0; i < 4; ++i) {
            const unsigned six = value >> (18 - 6 * i) & 63;
            const bool padding = i > group.size();
            bits += (padding ? "------" : bits_of(six, 6)) + ' ';
            char number[8];
            std::snprintf(number, sizeof number, padding ? " - " : "%2u ", six);
            numbers += number;
        }
        char line[128];
        std::snprintf(line, sizeof line, "     %-9s %s %s %.4s\n", hex(group, 3).c_str(),
                      bits.c_str(), numbers.c_str(),
                      std::string(text.substr(at / 3 * 4, 4)).c_str());
        out += line;
    }
    return out;
}

/// How SHA-1 fills its last block.
std::string padding_of(std::size_t size) {
    constexpr std::size_t block = 64;
    const std::size_t blocks = (size + 1 + 8 + block - 1) / block;
    const std::size_t zeros = blocks * block - size - 1 - 8;
    return "     " + std::to_string(size) + " octets of text, one octet 80, " +
           std::to_string(zeros) + " octets 00, then the length\n     of " +
           std::to_string(size * 8) + " bits in 8 octets: together " + std::to_string(blocks) +
           (blocks == 1 ? " block" : " blocks") + " of 64 octets\n";
}

struct known_code {
    std::uint16_t code;
    std::string_view name;
    std::string_view meaning;
    std::string_view source;
};

constexpr std::string_view rfc = "RFC 6455 §7.4.1";
constexpr std::string_view registry = "the registry of IANA (RFC 6455 §7.4.2)";

constexpr known_code known_codes[] = {
    {1000, "normal closure", "the purpose of the connection has been fulfilled", rfc},
    {1001, "going away", "a server shuts down, or a browser leaves the page", rfc},
    {1002, "protocol error", "the other end broke a rule of the protocol", rfc},
    {1003, "unsupported data", "a type of message that cannot be accepted was received", rfc},
    {1004, "reserved", "it has no meaning yet", rfc},
    {1005, "no status received", "reported when a Close frame had no code", rfc},
    {1006, "abnormal closure", "reported when the connection ended without a Close frame", rfc},
    {1007, "invalid data", "a message didn't fit its type, as text that is not UTF-8", rfc},
    {1008, "policy violation", "a message broke a rule of the receiver; also if no other code fits",
     rfc},
    {1009, "message too big", "a message was larger than the receiver takes", rfc},
    {1010, "extension needed", "a client wanted an extension that the server did not agree to",
     rfc},
    {1011, "internal error", "a server could not fulfil the request", rfc},
    {1012, "service restart", "the server restarts; try again after a while", registry},
    {1013, "try again later", "the server is overloaded", registry},
    {1014, "bad gateway", "a gateway got an invalid answer from the server behind it", registry},
    {1015, "TLS handshake", "reported when the TLS handshake failed", rfc},
};

std::string range_of(std::uint32_t code) {
    if (code < 1000) {
        return "not used (RFC 6455 §7.4.2)";
    }
    if (code < 3000) {
        return "reserved for the protocol and its extensions (RFC 6455 §7.4.2)";
    }
    if (code < 4000) {
        return "for libraries, frameworks and applications, registered with IANA (RFC 6455 §7.4.2)";
    }
    return code < 5000 ? "for private use: what both ends have agreed on (RFC 6455 §7.4.2)"
                       : "not defined: codes end at 4999 (RFC 6455 §7.4.2)";
}

}  // namespace

explanation handshake(std::string_view key) {
    explanation out;
    const bool is_key = is_handshake_key(key);
    const std::string both = std::string(key) + std::string(guid);
    const sha1_digest digest = sha1_of(as_bytes(both));
    const accept_key accept = accept_key_for(key);
    out.keeps_all_rules = is_key;
    out.text = "Sec-WebSocket-Key: " + std::string(key) + "\n";
    if (is_key) {
        std::uint8_t octets[18];
        auto size = base64_decode(key, octets, base64_pad_bits::any);
        out.text += "     the Base64 of 16 octets, as it should be (RFC 6455 §4.1):\n     " +
                    hex(byte_view(octets).first(size ? *size : 0), 16) + "\n";
    } else {
        out.text +=
            "  => breaks RFC 6455 §4.1 [6455-4.2.1-10]: a key is the Base64 of 16 octets, which is "
            "24\n"
            "     characters of which the last two are ==; a server refuses this one\n";
    }
    out.text +=
        "\n  1. Append the GUID of the protocol to the text of the key (RFC 6455 §4.2.2):\n     " +
        both + "\n";
    out.text += "\n  2. SHA-1 of that text (RFC 3174):\n" + padding_of(both.size()) + "     " +
                hex(digest, digest.size()) + "\n";
    out.text += "\n  3. Base64 of the digest (RFC 4648 §4), three octets at a time:\n" +
                base64_steps(digest, accept.text());
    out.text += "\nSec-WebSocket-Accept: " + std::string(accept.text()) + "\n";
    return out;
}

explanation close_code(std::uint32_t code) {
    explanation out;
    const bool travels = code <= 0xFFFF && is_wire_close_code(static_cast<std::uint16_t>(code));
    out.keeps_all_rules = travels;
    out.text = std::to_string(code);
    bool is_known = false;
    for (const known_code& each : known_codes) {
        if (each.code == code) {
            out.text.append(": ").append(each.name).append("\n  ").append(each.meaning);
            out.text.append("\n  ").append(each.source).append("\n");
            is_known = true;
        }
    }
    if (!is_known) {
        out.text += "\n  " + range_of(code) + "\n";
    }
    if (travels) {
        const auto high = static_cast<unsigned>(code >> 8);
        const auto low = static_cast<unsigned>(code & 0xFF);
        char line[64];
        std::snprintf(line, sizeof line, "  may stand in a Close frame: 88 02 %02x %02x\n", high,
                      low);
        out.text += line;
    } else {
        out.text += "  never stands in a Close frame; who receives it there answers 1002\n";
    }
    return out;
}

}  // namespace plainsong::explain
