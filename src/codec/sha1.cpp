// SPDX-License-Identifier: MIT
// sha1.cpp — see the header.  The names a to e, w and the constants are those of RFC 3174 §5 and
// §6.
#include <plainsong/codec/sha1.hpp>

#include <bit>
#include <cstring>

namespace plainsong {

void sha1::mix(state& into, const std::uint8_t* block) {
    // Sixteen words at a time are enough (RFC 3174 §6.2): word t replaces word t-16.
    std::array<std::uint32_t, 16> w;
    for (std::size_t t = 0; t < 16; ++t) {
        w[t] = load_big_endian_32(block + 4 * t);
    }
    auto [a, b, c, d, e] = into;
    for (std::size_t t = 0; t < 80; ++t) {
        std::uint32_t& word = w[t & 15];
        if (t >= 16) {
            word = std::rotl(w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ word, 1);
        }
        std::uint32_t f = 0;
        if (t < 20) {
            f = ((b & c) | (~b & d)) + 0x5a827999;
        } else if (t < 40) {
            f = (b ^ c ^ d) + 0x6ed9eba1;
        } else if (t < 60) {
            f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
        } else {
            f = (b ^ c ^ d) + 0xca62c1d6;
        }
        const std::uint32_t next = std::rotl(a, 5) + f + e + word;
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    into = {into[0] + a, into[1] + b, into[2] + c, into[3] + d, into[4] + e};
}

void sha1::update(byte_view bytes) {
    const std::size_t held = length_ % block_size_;
    length_ += bytes.size();
    if (held != 0) {
        const std::size_t room = block_size_ - held;
        if (bytes.size() < room) {
            if (!bytes.empty()) {
                std::memcpy(block_.data() + held, bytes.data(), bytes.size());
            }
            return;
        }
        std::memcpy(block_.data() + held, bytes.data(), room);
        mix(state_, block_.data());
        bytes = bytes.subspan(room);
    }
    for (; bytes.size() >= block_size_; bytes = bytes.subspan(block_size_)) {
        mix(state_, bytes.data());
    }
    if (!bytes.empty()) {
        std::memcpy(block_.data(), bytes.data(), bytes.size());
    }
}

sha1_digest sha1::finish() {
    std::size_t held = length_ % block_size_;
    block_[held++] = 0x80;
    if (held > length_at_) {
        std::memset(block_.data() + held, 0, block_size_ - held);
        mix(state_, block_.data());
        held = 0;
    }
    std::memset(block_.data() + held, 0, length_at_ - held);
    store_big_endian_64(block_.data() + length_at_, length_ * 8);
    mix(state_, block_.data());

    sha1_digest digest;
    for (std::size_t i = 0; i < state_.size(); ++i) {
        store_big_endian_32(digest.data() + 4 * i, state_[i]);
    }
    *this = sha1{};
    return digest;
}

sha1_digest sha1_of(byte_view bytes) {
    sha1 digest;
    digest.update(bytes);
    return digest.finish();
}

}  // namespace plainsong
