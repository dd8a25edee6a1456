// SPDX-License-Identifier: MIT
// inflate.hpp — decompressing DEFLATE (RFC 1951), a piece at a time, in the caller's memory.
//
// Does: inflate a message that comes in pieces of any size into room of any size; stop at a budget
// of output; refuse whatever RFC 1951 doesn't define and distances beyond the agreed window, each
// with an error of its own; go on behind a final block, and end with the octets that RFC 7692
// §7.2.2 appends.
// Does not: allocate, or own the text that it looks back at (see inflate_window).
// Used by: ws/permessage_deflate.  Depends on: base.
//
// How DEFLATE works is told in src/codec/deflate_format.hpp.
//
// What has to be kept where:
//
//   what                          octets         between messages
//   inflater                      about 7400     no: one serves any number of connections in turn
//   inflate_window, its memory    2^window_bits  only if the sender takes its context over
//   the room for text             any            no
#ifndef PLAINSONG_CODEC_INFLATE_HPP
#define PLAINSONG_CODEC_INFLATE_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>

namespace plainsong {

/// The text before the one being inflated, as far back as a match may reach.
///
/// An inflater looks back first in the room it writes to, then in a window.  Whoever keeps a whole
/// message in one piece of memory needs no window for it; at its end remember() keeps the text for
/// the next message, if the sender takes its context over.  Whoever hands the text on in pieces
/// calls remember() for each piece, before the room is used again.
class inflate_window {
public:
    /// A window without memory, which remembers nothing.
    inflate_window() = default;
    /// Requires: the size of `memory` is a power of two, 2^8 to 2^15.  Lifetime: that of `memory`.
    explicit inflate_window(byte_span memory);

    /// Adds `text` behind what is remembered, and forgets what doesn't fit any more.
    /// Cost: copies text.size() octets, the size of the window at most.
    void remember(byte_view text);
    void forget() { filled_ = 0; }

    /// Returns: how many octets are remembered.
    [[nodiscard]] std::size_t size() const { return filled_; }

    /// Copies `count` octets that begin `back` octets before the end.
    /// Requires: count <= back <= size().
    void copy(std::size_t back, std::uint8_t* to, std::size_t count) const;

private:
    friend class inflate_work;

    std::uint8_t* memory_ = nullptr;  // a ring
    std::uint32_t capacity_ = 0;
    std::uint32_t next_ = 0;  // where the next octet goes
    std::uint32_t filled_ = 0;
};

enum class inflate_state : std::uint8_t {
    more_input,  // all of the input was taken, and the message goes on
    more_room,   // the room is full, and there is more text: call again with more room
    ended,       // only from finish(): the message is complete
    failed,      // `code` says why; nothing but begin() changes that
};

struct inflate_step {
    std::size_t taken = 0;  // octets of the input; the rest of it belongs into the next call
    std::size_t made = 0;   // octets of text written behind the first `at`
    inflate_state state = inflate_state::more_input;
    error_code code = error_code::none;
    // When it failed: so many of the octets taken, in this call or before, lie behind the place.
    std::size_t ahead = 0;
};

/// Inflates one message after the other.
class inflater {
public:
    static constexpr unsigned least_window_bits = 8;
    static constexpr unsigned most_window_bits = 15;
    static constexpr std::uint64_t no_budget = ~std::uint64_t{0};

    inflater() { begin(); }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    /// Begins a message; whatever was unfinished is dropped.
    /// Requires: 8 <= window_bits <= 15.  A match may reach back 2^window_bits octets, no further.
    /// `budget`: the most octets that the message may have; one more is message_too_big.
    void begin(unsigned window_bits = most_window_bits, std::uint64_t budget = no_budget);

    /// Changes how many octets of text may still come; it counts down as they do.
    void set_budget(std::uint64_t left) { budget_ = left; }
    [[nodiscard]] std::uint64_t budget() const { return budget_; }

    /// Returns: how many whole octets of the input have been taken and not been decoded yet, 7 at most.
    /// Those that finish() gave came last and aren't of the input.
    [[nodiscard]] std::size_t octets_ahead() const {
        const std::size_t all = bit_count_ / 8;
        return all > tail_taken_ ? all - tail_taken_ : 0;
    }

    /// Inflates a piece of the message.
    /// `out`: room for text.  Its first `at` octets are the text just before what is written now;
    /// matches look back there first, then in `before`.  What lies behind at + made is overwritten
    /// with octets that mean nothing.
    /// Requires: at <= out.size(); `in` and `out` do not overlap.
    /// Errors: the state `failed` with a code of the deflate_* ones, or message_too_big.  Verdict and
    /// text depend neither on how the input is cut nor on how much room there is at a time.
    /// Cost: linear in octets taken and made.  No system call, no allocation, at most 2 KiB of stack.
    /// Spec: RFC 1951 §3.2, RFC 7692 §7.2.2.
    inflate_step inflate(byte_view in, byte_span out, std::size_t at,
                         const inflate_window& before = {});

    /// Ends the message: inflates the four octets 00 00 ff ff that its sender took away, and judges
    /// whether the message ends where a block does.
    /// Requires: inflate() has taken all of the message.  Returns `more_room`: call finish() again.
    /// Errors: as inflate(), and deflate_ends_inside_block.
    inflate_step finish(byte_span out, std::size_t at, const inflate_window& before = {});

private:
    friend class inflate_work;

    // The largest tables that 286 and 30 codes of up to 15 bits need behind a first index of 10 and
    // 8 bits.  (Counted by the program `enough` of zlib for 288 and 32 codes.)
    static constexpr std::size_t literal_entries_ = 1334;
    static constexpr std::size_t distance_entries_ = 402;
    static constexpr std::size_t most_lengths_ = 286 + 30;

    enum class stage : std::uint8_t {
        block_head,
        stored_head,
        stored_text,
        code_counts,
        length_code,
        code_lengths,
        symbols,
        match,
        failed,
    };

    std::uint64_t budget_ = 0;
    std::uint64_t bits_ = 0;          // taken from the input and not decoded yet, lowest first
    std::uint32_t bit_count_ = 0;     // how many of them
    std::uint32_t reach_ = 0;         // the largest distance that is allowed
    std::uint32_t match_length_ = 0;  // what is still to be copied of a match or a stored block
    std::uint32_t match_distance_ = 0;
    std::uint16_t literal_count_ = 0;   // codes of the literal/length alphabet in this block
    std::uint16_t distance_count_ = 0;  // and of the distance alphabet
    std::uint16_t length_count_ = 0;    // and of the alphabet in which both are told
    std::uint16_t index_ = 0;           // of the code length that is read next
    error_code code_ = error_code::none;
    stage stage_ = stage::block_head;
    std::uint8_t tail_taken_ = 0;           // how many of the four octets finish() has given
    bool is_final_ = false;                 // the block says that it is the last one
    bool is_fixed_ = false;                 // the block uses the codes that RFC 1951 fixes
    std::uint8_t literal_index_bits_ = 0;   // of the first index into literals_
    std::uint8_t distance_index_bits_ = 0;  // and into distances_
    std::array<std::uint8_t, most_lengths_> lengths_;
    std::array<std::uint32_t, literal_entries_> literals_;
    std::array<std::uint32_t, distance_entries_> distances_;  // first the code of the lengths
};

static_assert(sizeof(inflater) <= 7424);

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_INFLATE_HPP
