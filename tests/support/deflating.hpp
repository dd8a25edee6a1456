// SPDX-License-Identifier: MIT
// deflating.hpp — a deflater with its memory, fed and emptied in pieces.
#ifndef PLAINSONG_TESTS_SUPPORT_DEFLATING_HPP
#define PLAINSONG_TESTS_SUPPORT_DEFLATING_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <plainsong/codec/deflate.hpp>

namespace plainsong::tests {

inline constexpr deflate_level deflate_levels[] = {deflate_level::stored, deflate_level::fast,
                                                   deflate_level::normal, deflate_level::best};

class deflating {
public:
    deflating(unsigned window_bits, deflate_level level)
        : memory_(deflate_memory(window_bits, level), 0xa5),
          deflater_(memory_, window_bits, level) {}

    struct pieces {
        std::size_t step = ~std::size_t{0};  // the most input in a call
        std::size_t room = 1U << 16;         // the room in a call
    };

    /// Returns: the message as it is sent, or with the marker of a sync flush.
    std::vector<std::uint8_t> message(std::span<const std::uint8_t> text, const pieces& cut,
                                      deflate_flush flush = deflate_flush::message) {
        std::vector<std::uint8_t> out;
        std::vector<std::uint8_t> room(cut.room);
        for (;;) {
            const auto piece = text.first(std::min(text.size(), cut.step));
            const bool is_last = piece.size() == text.size();
            const deflate_step step =
                deflater_.deflate(piece, room, is_last ? flush : deflate_flush::none);
            out.insert(out.end(), room.begin(),
                       room.begin() + static_cast<std::ptrdiff_t>(step.made));
            text = text.subspan(step.taken);
            if (step.done && is_last) {
                return out;
            }
            if (!step.done && step.made == 0 && step.taken == 0) {
                std::abort();  // no progress
            }
        }
    }
    std::vector<std::uint8_t> message(std::span<const std::uint8_t> text) {
        return message(text, pieces{});
    }

    deflater& operator*() { return deflater_; }
    deflater* operator->() { return &deflater_; }
    [[nodiscard]] std::span<const std::uint8_t> memory() const { return memory_; }

private:
    std::vector<std::uint8_t> memory_;
    deflater deflater_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_DEFLATING_HPP
