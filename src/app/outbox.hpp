// SPDX-License-Identifier: MIT
// outbox.hpp — frames that the kernel has not taken yet.
//
// Does: keep frames in order, count them with their bookkeeping, hand them out as slices.
// Does not: send, or decide what gives way to what.
// Used by: app/session.  Depends on: net/stream, app/message_block.
#ifndef PLAINSONG_SRC_APP_OUTBOX_HPP
#define PLAINSONG_SRC_APP_OUTBOX_HPP

#include <cstddef>
#include <cstdint>
#include <span>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/net/stream.hpp>

#include "src/app/message_block.hpp"

namespace plainsong {

/// What a queued frame is.
struct outbox_tag {
    std::uint64_t key = ~std::uint64_t{0};  // see session::send
    bool is_message = true;                 // a message by itself: counted, and may be given up
    bool begun = false;                     // its first bytes are on the wire already
};

class outbox {
public:
    outbox() = default;
    outbox(const outbox&) = delete;
    outbox& operator=(const outbox&) = delete;
    ~outbox() { clear(); }

    [[nodiscard]] bool empty() const { return first_ == nullptr; }
    /// Bytes that wait.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// The same without the rest of a control frame.
    [[nodiscard]] std::size_t message_bytes() const { return bytes_ - rest_; }
    /// The same as bytes() with what it costs to keep them.
    [[nodiscard]] std::size_t cost() const { return bytes_ + count_ * sizeof(segment); }
    [[nodiscard]] static std::size_t cost_of(std::size_t size) { return size + sizeof(segment); }
    /// Messages that wait, whole or in part.
    [[nodiscard]] std::uint32_t messages() const { return messages_; }

    /// Queues a copy of a frame (or the rest of one) that lies in up to two parts, the second of them
    /// masked with `key`.
    void push(byte_view head, byte_view payload, outbox_tag what, mask_key key = {});
    /// Queues `bytes`, which lie in `block`; the block is the outbox's from now on.
    void push_block(message_block& block, byte_view bytes, outbox_tag what);

    /// Queues the rest of a frame that is partly on the wire, in front of all others.
    /// Requires: !first_is_begun().
    void push_rest(byte_view rest);

    /// A part of the first frame was sent: nothing may come before its rest.
    [[nodiscard]] bool first_is_begun() const { return first_ != nullptr && first_->begun; }
    /// Fills `into` with what waits behind the first `skip` frames.  Returns: how many slices.
    std::size_t slices(std::span<io_slice> into, std::size_t skip) const;
    /// The first `size` bytes were sent.  Blocks that end go back to `cache`.
    void consume(std::size_t size, message_cache& cache);

    /// Gives up the oldest message that has not begun.  Returns: false if there is none.
    bool drop_oldest();
    /// What drop_key would free, 0 if there is no such message.
    [[nodiscard]] std::size_t cost_of_key(std::uint64_t key) const;
    /// Gives up the message with `key` if it has not begun.  Returns: false if there is none.
    bool drop_key(std::uint64_t key);
    /// Gives up all but a frame that has begun.  Returns: the messages given up.
    std::uint32_t drop_unbegun();
    void clear();

private:
    struct segment {
        segment* next;
        const std::uint8_t* data;  // behind this struct, or in `block`
        std::size_t size;
        std::uint64_t key;
        message_block block;
        bool is_message;
        bool begun;
    };

    static segment* make(byte_view bytes, const message_block& block, void* memory,
                         outbox_tag what);
    void append(segment* one);
    segment* unlink(segment* before);
    static void free(segment* one);
    template <typename Matches>
    bool drop_first(Matches matches);

    segment* first_ = nullptr;
    segment* last_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t rest_ = 0;  // of them: what push_rest has put in front
    std::uint32_t count_ = 0;
    std::uint32_t messages_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_OUTBOX_HPP
