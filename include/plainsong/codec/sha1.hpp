// SPDX-License-Identifier: MIT
// sha1.hpp — the SHA-1 digest (RFC 3174), for the opening handshake only.
//
// Does: digest a text given whole or in pieces.  Does not: protect anything.  SHA-1 is broken as a
// hash for signatures; RFC 6455 §4.2.2 uses it merely to show that a server knows WebSocket.
// Used by: ws/accept_key.  Depends on: base/bytes.
#ifndef PLAINSONG_CODEC_SHA1_HPP
#define PLAINSONG_CODEC_SHA1_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

using sha1_digest = std::array<std::uint8_t, 20>;

class sha1 {
public:
    /// Adds `bytes` to the message.
    void update(byte_view bytes);
    /// Returns: the digest of all that was added.  Afterwards the object is as if new.
    sha1_digest finish();

private:
    static constexpr std::size_t block_size_ = 64;
    static constexpr std::size_t length_at_ = 56;  // where the length stands in the last block
    using state = std::array<std::uint32_t, 5>;

    static void mix(state& into, const std::uint8_t* block);

    state state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    std::uint64_t length_ = 0;  // of the message so far, in octets
    std::array<std::uint8_t, block_size_> block_{};
};

/// Returns: the digest of `bytes`.
sha1_digest sha1_of(byte_view bytes);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_SHA1_HPP
