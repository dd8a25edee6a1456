// SPDX-License-Identifier: MIT
// accept_key.hpp — the proof that a server read the key (RFC 6455 §4.2.2, step 5.4).
//
// Does: base64(SHA-1(key text + GUID)); judge the key's own form.
// Does not: protect anything; it only keeps a server that isn't a WebSocket server from agreeing.
// Used by: ws/server_handshake, ws/client_handshake.  Depends on: codec/base64, codec/sha1.
#ifndef PLAINSONG_WS_ACCEPT_KEY_HPP
#define PLAINSONG_WS_ACCEPT_KEY_HPP

#include <array>
#include <string_view>

namespace plainsong {

/// What is put behind the key before it is hashed (RFC 6455 §1.3).
inline constexpr std::string_view handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The 28 characters of Sec-WebSocket-Accept.
struct accept_key {
    std::array<char, 28> characters;

    [[nodiscard]] std::string_view text() const { return {characters.data(), characters.size()}; }
};

/// Returns: the answer to `key`, which is hashed as the text it is.  [6455-4.2.2-08]
accept_key accept_key_for(std::string_view key);

/// Returns: true if `key` is the base64 of 16 octets; the bits of its padding may be anything,
/// because RFC 6455 §4.1 itself prints such a key.
bool is_handshake_key(std::string_view key);

}  // namespace plainsong

#endif  // PLAINSONG_WS_ACCEPT_KEY_HPP
