// SPDX-License-Identifier: MIT
// explain_handshake.cpp — from a key to its answer, step by step.
#include <cstdio>

#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>
#include <plainsong/ws/accept_key.hpp>

#include "tools/explain.hpp"
#include "tools/explain_text.hpp"

namespace plainsong::explain {

namespace {

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

}  // namespace

explanation handshake(std::string_view key) {
    explanation out;
    const bool is_key = is_handshake_key(key);
    const std::string both = std::string(key) + std::string(handshake_guid);
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

}  // namespace plainsong::explain
