// SPDX-License-Identifier: MIT
// message_block.hpp — memory for messages that do not arrive in one read.
//
// Does: grow with what has arrived, never with what was announced; keep some large blocks for the
// messages to come, because touching fresh pages costs more than copying.
// Does not: share.
// Used by: app/session, app/outbox.  Depends on: base/bytes.
#ifndef PLAINSONG_SRC_APP_MESSAGE_BLOCK_HPP
#define PLAINSONG_SRC_APP_MESSAGE_BLOCK_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

/// A message under way.  In front of it there is room for a frame head, so that an echo or a relay
/// can send the very same memory.
struct message_block {
    static constexpr std::size_t headroom = 16;

    std::uint8_t* memory = nullptr;
    std::size_t size = 0;      // of the message so far
    std::size_t capacity = 0;  // of the memory behind the headroom

    [[nodiscard]] std::uint8_t* begin() const {
        return memory == nullptr ? nullptr : memory + headroom;
    }
    [[nodiscard]] byte_span bytes() const { return {begin(), size}; }
    [[nodiscard]] byte_span free_bytes() const { return {begin() + size, capacity - size}; }
    [[nodiscard]] bool holds(const std::uint8_t* byte) const {
        return memory != nullptr && byte >= memory && byte < begin() + capacity;
    }
};

/// The blocks of one loop that are not in use.
class message_cache {
public:
    explicit message_cache(std::size_t most_bytes = 0) : most_bytes_(most_bytes) {}
    message_cache(const message_cache&) = delete;
    message_cache& operator=(const message_cache&) = delete;
    ~message_cache();

    /// Makes room for `more` bytes behind block.size, of a message that will yet get `expected`
    /// bytes.  A new block holds at most twice what has arrived and 4 KiB, unless a larger one lies
    /// ready; and no more than `most`, if that is known.
    /// Requires: more ≤ expected; block.size + more ≤ most.
    void reserve(message_block& block, std::size_t more, std::uint64_t expected,
                 std::uint64_t most = ~std::uint64_t{0});
    /// Copies `bytes` behind what is there.  `expected`: as for reserve, these included.
    void append(message_block& block, byte_view bytes, std::uint64_t expected);
    /// Keeps up to `bytes` from now on, unless it may keep more already.
    void keep_at_least(std::size_t bytes) {
        most_bytes_ = most_bytes_ < bytes ? bytes : most_bytes_;
    }
    /// Takes a block back; it is empty afterwards.
    void release(message_block& block);

private:
    static constexpr std::size_t slots = 64;
    static constexpr std::size_t smallest_kept = 8 << 10;

    message_block kept_[slots];
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::size_t most_bytes_;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_MESSAGE_BLOCK_HPP
