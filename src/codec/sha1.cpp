// SPDX-License-Identifier: MIT
// sha1.cpp — see the header.  The names a to e, w and the constants are those of RFC 3174 §5 and
// §6.
#include <plainsong/codec/sha1.hpp>

#include <bit>
#include <cstring>
#include <utility>

namespace plainsong {

namespace {

// One of the 80 steps.  Instead of moving a to e along, each step finds them one place further on;
// Step is a constant, so that all of it comes down to registers.
template <std::size_t Step>
inline void take_step(std::array<std::uint32_t, 5>& s, std::array<std::uint32_t, 16>& w) {
    const std::uint32_t a = s[(80 - Step) % 5];
    std::uint32_t& b = s[(81 - Step) % 5];
    const std::uint32_t c = s[(82 - Step) % 5];
    const std::uint32_t d = s[(83 - Step) % 5];
    std::uint32_t& e = s[(84 - Step) % 5];
    // Sixteen words at a time are enough (RFC 3174 §6.2): word t replaces word t-16.
    std::uint32_t& word = w[Step % 16];
    if constexpr (Step >= 16) {
        word = std::rotl(w[(Step + 13) % 16] ^ w[(Step + 8) % 16] ^ w[(Step + 2) % 16] ^ word, 1);
    }
    std::uint32_t f = 0;
    if constexpr (Step < 20) {
        f = (d ^ (b & (c ^ d))) + 0x5a827999;
    } else if constexpr (Step < 40) {
        f = (b ^ c ^ d) + 0x6ed9eba1;
    } else if constexpr (Step < 60) {
        f = ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
    } else {
        f = (b ^ c ^ d) + 0xca62c1d6;
    }
    e += std::rotl(a, 5) + f + word;
    b = std::rotl(b, 30);
}

template <std::size_t... Steps>
inline void take_steps(std::array<std::uint32_t, 5>& s, std::array<std::uint32_t, 16>& w,
                       std::index_sequence<Steps...>) {
    (take_step<Steps>(s, w), ...);
}

}  // namespace

void sha1::mix(state& into, const std::uint8_t* block) {
    std::array<std::uint32_t, 16> w;
    for (std::size_t t = 0; t < 16; ++t) {
        w[t] = load_big_endian_32(block + 4 * t);
    }
    std::array<std::uint32_t, 5> s = into;
    take_steps(s, w, std::make_index_sequence<80>{});
    for (std::size_t i = 0; i < s.size(); ++i) {
        into[i] += s[i];
    }
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
