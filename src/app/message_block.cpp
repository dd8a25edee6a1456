// SPDX-License-Identifier: MIT
// message_block.cpp — growth and reuse.
#include "src/app/message_block.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace plainsong {

message_cache::~message_cache() {
    for (std::size_t i = 0; i < count_; ++i) {
        std::free(kept_[i].memory);
    }
}

void message_cache::reserve(message_block& block, std::size_t more, std::uint64_t expected,
                            std::uint64_t most) {
    const std::size_t needed = block.size + more;
    if (block.capacity >= needed) {
        return;
    }
    const std::uint64_t whole = block.size + expected;
    // Newest first: its pages are the likeliest to be in a processor's cache.
    for (std::size_t i = count_; i-- > 0;) {
        if (kept_[i].capacity >= whole) {
            message_block found = kept_[i];
            kept_[i] = kept_[--count_];
            bytes_ -= found.capacity;
            if (block.size != 0) {
                std::memcpy(found.begin(), block.begin(), block.size);
            }
            found.size = block.size;
            release(block);
            block = found;
            return;
        }
    }
    const std::size_t doubled = std::max<std::size_t>(2 * needed, 4096);
    // Fragments do not tell how many follow: growing by each would copy all that is there each time.
    const std::size_t least = std::min(block.capacity + block.capacity / 2, doubled);
    const auto capacity =
        static_cast<std::size_t>(std::min(most, std::clamp<std::uint64_t>(whole, least, doubled)));
    void* grown = std::realloc(block.memory, message_block::headroom + capacity);
    if (grown == nullptr) {
        std::abort();
    }
    block.memory = static_cast<std::uint8_t*>(grown);
    block.capacity = capacity;
}

void message_cache::append(message_block& block, byte_view bytes, std::uint64_t expected) {
    reserve(block, bytes.size(), expected);
    if (!bytes.empty()) {
        std::memcpy(block.begin() + block.size, bytes.data(), bytes.size());
    }
    block.size += bytes.size();
}

void message_cache::release(message_block& block) {
    if (block.capacity >= smallest_kept && count_ < slots &&
        bytes_ + block.capacity <= most_bytes_) {
        kept_[count_] = block;
        kept_[count_++].size = 0;
        bytes_ += block.capacity;
    } else {
        std::free(block.memory);
    }
    block = {};
}

}  // namespace plainsong
