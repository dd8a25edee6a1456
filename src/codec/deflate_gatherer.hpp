// SPDX-License-Identifier: MIT
// deflate_gatherer.hpp — what the searches for matches share: the text, and the tokens it becomes.
#ifndef PLAINSONG_CODEC_DEFLATE_GATHERER_HPP
#define PLAINSONG_CODEC_DEFLATE_GATHERER_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/codec/deflate_state.hpp"

namespace plainsong::detail {

inline constexpr unsigned hashed_octets = 4;

struct match {
    unsigned length = 0;
    unsigned distance = 0;
};

inline std::uint32_t load_32(const std::uint8_t* from) {
    std::uint32_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return std::endian::native == std::endian::little ? value : __builtin_bswap32(value);
}

/// Returns: how many octets are the same from both places on, `most` at most.
inline unsigned common_length(const std::uint8_t* one, const std::uint8_t* other, unsigned from,
                              unsigned most) {
    for (unsigned at = from; at < most; at += 8) {
        const std::uint64_t differ = deflate_format::load_little_endian_64(one + at) ^
                                     deflate_format::load_little_endian_64(other + at);
        if (differ != 0) {
            const unsigned same = at + static_cast<unsigned>(__builtin_ctzll(differ)) / 8;
            return same < most ? same : most;
        }
    }
    return most;
}

class gatherer {
public:
    explicit gatherer(deflate_state& state)
        : state_(state),
          text_(state.text),
          position_(state.position),
          hashed_(state.hashed),
          token_(state.block_tokens + state.token_count),
          last_token_(state.block_tokens + state.token_capacity - 4) {}
    ~gatherer() {
        state_.position = position_;
        state_.hashed = hashed_;
        state_.token_count = static_cast<std::uint32_t>(token_ - state_.block_tokens);
    }
    gatherer(const gatherer&) = delete;
    gatherer& operator=(const gatherer&) = delete;

protected:
    [[nodiscard]] unsigned left() const { return state_.fill - position_; }
    [[nodiscard]] bool is_full() const { return token_ >= last_token_; }

    /// Candidates are behind this place.
    [[nodiscard]] std::uint32_t limit_at(std::uint32_t place) const {
        const std::uint32_t farthest = place > state_.reach ? place - state_.reach - 1 : 0;
        return farthest > state_.floor ? farthest : state_.floor;
    }
    /// Returns: the end of what can be hashed, which takes octets that may not be there yet.
    [[nodiscard]] std::uint32_t hash_end(std::uint32_t end) const {
        const std::uint32_t possible =
            state_.fill < hashed_octets ? 0 : state_.fill - hashed_octets + 1;
        return end < possible ? end : possible;
    }

    void put_literal() {
        const std::uint8_t octet = text_[position_++];
        *token_++ = octet;
        ++state_.literal_counts[octet];
    }
    void put_match(match found) {
        const unsigned length = found.length - deflate_format::least_match;
        *token_++ = static_cast<std::uint16_t>(first_length_token + length);
        *token_++ = static_cast<std::uint16_t>(found.distance - 1);
        ++state_.literal_counts[deflate_format::first_length_symbol + length_range_of[length]];
        ++state_.distance_counts[distance_symbol(found.distance)];
        position_ += found.length;
    }

    deflate_state& state_;
    const std::uint8_t* const text_;
    std::uint32_t position_;
    std::uint32_t hashed_;
    std::uint16_t* token_;
    std::uint16_t* const last_token_;
};

}  // namespace plainsong::detail

#endif  // PLAINSONG_CODEC_DEFLATE_GATHERER_HPP
