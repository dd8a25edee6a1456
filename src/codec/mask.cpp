// SPDX-License-Identifier: MIT
// mask.cpp — see the header.
#include <plainsong/codec/mask.hpp>

#include <cstring>

namespace plainsong {

void copy_masked(std::uint8_t* to, byte_view from, mask_key key) {
    std::uint32_t half;
    std::memcpy(&half, key.bytes.data(), sizeof half);
    const std::uint64_t whole = half | static_cast<std::uint64_t>(half) << 32;
    std::size_t at = 0;
    for (; from.size() - at >= sizeof whole; at += sizeof whole) {
        std::uint64_t word;
        std::memcpy(&word, from.data() + at, sizeof word);
        word ^= whole;
        std::memcpy(to + at, &word, sizeof word);
    }
    for (; at < from.size(); ++at) {
        to[at] = from[at] ^ key.bytes[at % 4];
    }
}

void apply_mask(byte_span data, mask_key key) {
    copy_masked(data.data(), data, key);
}

}  // namespace plainsong
