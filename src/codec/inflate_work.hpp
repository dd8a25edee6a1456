// SPDX-License-Identifier: MIT
// inflate_work.hpp — one call of an inflater at work.
//
// Between calls the state is in the inflater; during a call the places in input and output and the
// bits at hand are here.  Every step either happens whole or not at all: when the bits for it are
// not there yet, nothing has been taken, and the next call tries again.  That is what makes a
// verdict independent of how the input was cut.
#ifndef PLAINSONG_CODEC_INFLATE_WORK_HPP
#define PLAINSONG_CODEC_INFLATE_WORK_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <plainsong/codec/inflate.hpp>

#include "src/codec/deflate_format.hpp"
#include "src/codec/inflate_table.hpp"

namespace plainsong {

/// The places and bits of the quick loop, in a local variable of it: a store of text through an octet
/// pointer may change any member, for all that the compiler knows.
struct inflate_quick_place;
struct inflate_any_place;

// What a turn of the quick loop may write: seven literals, the longest match, and what its last wide
// copy writes too much.
inline constexpr std::size_t inflate_quick_excess = 31;
inline constexpr std::size_t inflate_quick_room =
    7 + deflate_format::most_match + inflate_quick_excess;

class inflate_work {
public:
    inflate_work(inflater& self, byte_view in, byte_span out, std::size_t at,
                 const inflate_window& before)
        : self_(self),
          before_(before),
          in_begin_(in.data()),
          in_(in.data()),
          in_end_(in.data() + in.size()),
          out_begin_(out.data()),
          out_start_(out.data() + at),
          out_(out_start_),
          out_end_(out.data() + out.size()),
          out_limit_(out_start_ + std::min<std::uint64_t>(out.size() - at, self.budget_)),
          bits_(self.bits_),
          bit_count_(self.bit_count_) {}

    /// Goes on until something is missing or wrong.
    inflate_step run();

private:
    using stage = inflater::stage;
    using entry = inflate_table::entry;

    enum class progress : std::uint8_t { going, more_input, more_room, failed };

    /// What a turn of the quick loop comes to.
    enum class turn : std::uint8_t {
        taken,
        lacks_bits,  // and has taken none
        ends_block,
        not_a_symbol,
        not_a_distance,
        reaches_too_far,
    };

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
    /// A final block ends the stream for RFC 1951, on an octet boundary, but not the message for
    /// RFC 7692 §7.2.3.4: the next block begins there, and the window stays as it is.
    progress end_block() {
        if (self_.is_final_) {
            drop(bit_count_ % 8);
        }
        self_.stage_ = stage::block_head;
        return progress::going;
    }

    // inflate_symbols.cpp: the symbols, one at a time
    [[nodiscard]] tables codes_of_block() const;
    progress symbols_carefully();
    progress one_symbol(const tables& codes);
    progress one_match(const symbol& length, const tables& codes);
    progress copy_match();
    void copy_from_before(std::uint8_t* to, std::size_t distance, std::size_t length);
    [[nodiscard]] static symbol look_up(const entry* table, std::uint64_t mask, std::uint64_t bits);

    // inflate_quick.hpp: many symbols at a time
    progress symbols();
    progress symbols_quickly();
    turn quick_turns_to_the_end(inflate_quick_place& at);
    template <typename Place>
    turn quick_turns(Place& place);
    turn quick_fixed_turns(inflate_any_place& place);
    template <typename Place>
    turn quick_turn(Place& at, const tables& codes);
    turn quick_fixed_turn(inflate_any_place& at);
    turn quick_match(inflate_quick_place& at, std::size_t length, std::size_t distance);
    void copy_from_window(std::uint8_t* to, std::size_t distance, std::size_t length);

    progress failed(error_code code) {
        self_.stage_ = stage::failed;
        self_.code_ = code;
        return progress::failed;
    }
    /// There is text for which there is no room.  The budget is judged before the room, so that the
    /// verdict doesn't depend on the room.
    progress no_room() {
        const auto made = static_cast<std::size_t>(out_ - out_start_);
        return made == self_.budget_ ? failed(error_code::message_too_big) : progress::more_room;
    }

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

    void refill() {
        if (input_left() >= 8) {
            // As many whole octets as fit; their bits are put there even where they are not counted.
            bits_ |= deflate_format::load_little_endian_64(in_) << bit_count_;
            in_ += (63 - bit_count_) >> 3;
            bit_count_ |= 56;
            return;
        }
        while (bit_count_ < 56 && in_ != in_end_) {
            bits_ |= std::uint64_t{*in_++} << bit_count_;
            bit_count_ += 8;
        }
    }
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
