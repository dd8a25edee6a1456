// SPDX-License-Identifier: MIT
// deflate.hpp — compressing with DEFLATE (RFC 1951), in memory that the caller gives.
//
// Does: compress messages that come in pieces into room of any size; look back no further than the
// agreed window, which may be of 8 bits; end a message as permessage-deflate asks (RFC 7692 §7.2.1);
// keep the context from message to message, or forget it at no cost.
// Does not: allocate.  After construction it touches its memory and the two spans, nothing else.
// Used by: ws/permessage_deflate.  Depends on: base.
//
// What a deflater takes, in octets, as deflate_memory() says:
//
//   window bits   stored     fast   normal     best
//        8        11408    23960    32664    32664
//        9        11408    23960    33176    33176
//       10        11408    23960    34200    34200
//       11        11408    26008    38296    38296
//       12        11408    30104    46488    46488
//       13        15504    52632    77208    77208
//       14        23696    97688   138648   138648
//       15        40080   154372   260868   260868
#ifndef PLAINSONG_CODEC_DEFLATE_HPP
#define PLAINSONG_CODEC_DEFLATE_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

enum class deflate_level : std::uint8_t {
    stored,  // no compression at all
    fast,    // takes the first match that is any good
    normal,  // looks further, and whether waiting for the next octet pays
    best,    // looks far
};

enum class deflate_flush : std::uint8_t {
    none,     // more of the message will come; what is held back comes with it
    sync,     // all of the input gets out, and an empty stored block 00 00 ff ff behind it
    message,  // likewise, but the last four octets are left away: the message ends
};

struct deflate_step {
    std::size_t taken = 0;  // octets of the input
    std::size_t made = 0;   // octets of output
    bool done = false;      // all of the input was taken, and what the flush asks for was written
};

namespace detail {

/// How the memory of a deflater is divided.
struct deflate_layout {
    std::size_t state = 7296;  // counts, codes, the head of a block
    std::size_t reach = 0;     // the largest distance
    std::size_t slide = 0;     // the text moves down by so much when its memory is full
    std::size_t kept = 0;      // at least so much text stays when it does
    std::size_t text = 0;      // octets of text that there is room for
    unsigned hash_bits = 0;    // of the table of places, by the octets that stand there
    std::size_t heads = 0;     // its entries, of two octets
    std::size_t short_heads = 0;
    std::size_t links = 0;
    std::size_t tokens = 0;  // literals and halves of matches in a block, of two octets

    static constexpr std::size_t least_slide = 4096;
    static constexpr std::size_t lookahead = 264;
    static constexpr std::size_t slack = 8;  // a wide load may begin at the last octet of text

    constexpr deflate_layout(unsigned window_bits, deflate_level level) {
        const std::size_t window = std::size_t{1} << window_bits;
        slide = window < least_slide ? least_slide : window;
        // Places are counted in 16 bits; with the largest window that costs a few octets of reach.
        reach = window_bits == 15 ? window - lookahead : window;
        kept = reach < least_slide ? least_slide : reach;
        text = level == deflate_level::stored ? slide : kept + slide + lookahead;
        if (level == deflate_level::stored) {
            return;
        }
        const bool is_fast = level == deflate_level::fast;
        const unsigned most_bits = is_fast ? 14 : 15;
        hash_bits = window_bits < 10 ? 10 : window_bits < most_bits ? window_bits : most_bits;
        heads = std::size_t{1} << hash_bits;
        short_heads = is_fast ? 0 : 4096;
        links = is_fast ? 0 : window;
        // A block of literals alone is kept as text, too, in case storing it is cheaper.
        tokens = kept / 4 * 3;
    }

    [[nodiscard]] constexpr std::size_t size() const {
        return state + 8 + text + slack + 2 * (heads + short_heads + links + tokens);
    }
};

struct deflate_state;

}  // namespace detail

/// Returns: the octets of memory that a deflater needs.  Requires: 8 <= window_bits <= 15.
constexpr std::size_t deflate_memory(unsigned window_bits, deflate_level level) {
    return detail::deflate_layout(window_bits, level).size();
}

class deflater {
public:
    static constexpr unsigned least_window_bits = 8;
    static constexpr unsigned most_window_bits = 15;

    /// It looks back 2^window_bits octets at most, and never more than 32768 [7692-7.2.1-09].
    /// Requires: `memory` has deflate_memory(window_bits, level) octets; its alignment doesn't matter,
    /// nor what is in it.  Lifetime: that of `memory`.
    deflater(byte_span memory, unsigned window_bits, deflate_level level);
    deflater(const deflater&) = delete;
    deflater& operator=(const deflater&) = delete;

    /// Compresses `in`, as far as `out` has room.
    /// `flush`: what is to be done when all of `in` is taken.  If the step isn't done, call again with
    /// the rest of the input, the same flush and more room; an octet of it is enough.
    /// What is written depends neither on how the input is cut nor on the room.
    /// Cost: linear, for any input; `best` looks at up to 1024 places for an octet, but at about 8 on
    /// average if the text goes on like that.
    /// Spec: RFC 1951 §3.2, RFC 7692 §7.2.1.
    deflate_step deflate(byte_view in, byte_span out, deflate_flush flush);

    /// Forgets all text, so that the next message stands for itself; a message begun is dropped.  That
    /// is what no context takeover asks for, and what to do when a compressed message isn't sent
    /// after all, because its receiver's window doesn't have that text.
    /// Cost: a few stores.
    void forget();

private:
    detail::deflate_state* state_;
};

/// Returns: the most octets that a message of `size` octets becomes, the marker of a sync flush
/// included.
constexpr std::size_t deflate_bound(std::size_t size) {
    return size + size / 8 + 64;
}

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_DEFLATE_HPP
