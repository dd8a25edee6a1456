// SPDX-License-Identifier: MIT
// inflate_work.hpp — one call of an inflater at work.
//
// Between calls the state is in the inflater; during a call the places in input and output and the
// bits at hand are here.  Every step either happens whole or not at all: when the bits for it are
// not there yet, nothing has been taken, and the next call tries again.  That is what makes a
// verdict independent of how the input was cut.
#ifndef PLAINSONG_CODEC_INFLATE_WORK_HPP
#define PLAINSONG_CODEC_INFLATE_WORK_HPP

#include <plainsong/codec/inflate.hpp>

#include "src/codec/deflate_format.hpp"
#include "src/codec/inflate_table.hpp"

namespace plainsong {

/// The places and bits of the quick loop, in a local variable of it: a store of text through an octet
/// pointer may change any member, for all that the compiler knows.
struct inflate_quick_place;

// What a turn of the quick loop may write: three literals, the longest match, and what its last wide
// copy writes too much.
inline constexpr std::size_t inflate_quick_room = 3 + deflate_format::most_match + 16;

class inflate_work {
public:
    inflate_work(inflater& self, byte_view in, byte_span out, std::size_t at,
                 const inflate_window& before);

    /// Goes on until something is missing or wrong.
    inflate_step run();

private:
    using stage = inflater::stage;
    using entry = inflate_table::entry;

    enum class progress : std::uint8_t { going, more_input, more_room, failed };

    struct tables {
        const entry* literals;
        const entry* distances;
        std::uint64_t literal_mask;  // of the bits that are the first index
        std::uint64_t distance_mask;
    };

    /// A symbol that has been looked up but not taken.
    struct symbol {
        entry meaning;
        unsigned code;  // bits of its code
        unsigned all;   // and of what follows the code
    };

    // inflate_blocks.cpp: what stands before the symbols
    progress step();
    progress block_head();
    progress stored_head();
    progress stored_text();
    progress code_counts();
    progress length_code();
    progress code_lengths();
    progress take_run(unsigned run, unsigned code);
    progress make_tables();
    progress end_block();

    // inflate_symbols.cpp: the symbols
    [[nodiscard]] tables codes_of_block() const;
    progress symbols();
    progress one_symbol(const tables& codes);
    progress one_match(const symbol& length, const tables& codes);
    progress copy_match();
    void copy_from_before(std::uint8_t* to, std::size_t distance, std::size_t length);
    [[nodiscard]] static symbol look_up(const entry* table, std::uint64_t mask, std::uint64_t bits);

    // inflate_quick.cpp: many symbols at a time
    progress symbols_quickly(const tables& codes);
    progress tail_quickly(const tables& codes);
    error_code quick_turn(inflate_quick_place& at, const tables& codes,
                          const std::uint8_t* in_safe);
    error_code quick_match(inflate_quick_place& at, inflate_table::entry length,
                           const tables& codes);

    progress failed(error_code code);
    progress no_room();

    /// How far back there is text.
    [[nodiscard]] std::size_t text_behind(const std::uint8_t* out) const {
        return static_cast<std::size_t>(out - out_begin_) + before_.size();
    }
    [[nodiscard]] std::size_t input_left() const { return static_cast<std::size_t>(in_end_ - in_); }
    [[nodiscard]] std::size_t room_left() const {
        return static_cast<std::size_t>(out_limit_ - out_);
    }

    // The bits at hand.  Above the lowest `bit_count_` there may be some of the octet that follows,
    // which are right but not counted, so that putting them there once more changes nothing.

    void refill();
    /// Returns: whether `count` bits are at hand, at most 56.
    bool need(unsigned count) {
        if (bit_count_ < count) {
            refill();
        }
        return bit_count_ >= count;
    }
    [[nodiscard]] unsigned peek(unsigned count) const {
        return static_cast<unsigned>(deflate_format::low_bits(bits_, count));
    }
    void drop(unsigned count) {
        bits_ >>= count;
        bit_count_ -= count;
    }
    unsigned take(unsigned count) {
        const unsigned value = peek(count);
        drop(count);
        return value;
    }

    inflater& self_;
    const inflate_window& before_;
    const std::uint8_t* in_begin_;
    const std::uint8_t* in_;
    const std::uint8_t* in_end_;
    std::uint8_t* out_begin_;  // of the text that is still at hand
    std::uint8_t* out_start_;  // of the text of this call
    std::uint8_t* out_;
    std::uint8_t* out_end_;    // up to here may be scribbled
    std::uint8_t* out_limit_;  // up to here may be text: the end, or that of the budget
    std::uint64_t bits_;
    unsigned bit_count_;
};

}  // namespace plainsong

#endif  // PLAINSONG_CODEC_INFLATE_WORK_HPP
