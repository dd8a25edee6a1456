// SPDX-License-Identifier: MIT
// inflating.hpp — gives a message to an inflater, cut in every way and with every room.
#ifndef PLAINSONG_TESTS_SUPPORT_INFLATING_HPP
#define PLAINSONG_TESTS_SUPPORT_INFLATING_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <plainsong/codec/inflate.hpp>

namespace plainsong::tests {

struct inflated {
    std::vector<std::uint8_t> text;
    error_code code = error_code::none;
    bool kept_its_word = true;  // about what it takes and makes, and about the budget

    bool operator==(const inflated&) const = default;
};

/// How a message is given and its text taken.
struct inflate_manner {
    std::vector<std::size_t> cuts = {};         // where a call's input ends, besides the end
    std::size_t step = ~std::size_t{0};         // the most input in a call
    std::size_t room = 1U << 16;                // the room that is added in each call
    bool keeps_text = false;                    // all text stays at hand, instead of in the window
    std::span<const std::uint8_t> before = {};  // the text of earlier messages
    unsigned window_bits = 15;
    std::uint64_t budget = inflater::no_budget;
};

class inflating {
public:
    explicit inflating(const inflate_manner& manner)
        : manner_(manner), memory_(std::size_t{1} << manner.window_bits), window_(memory_) {
        window_.remember(manner.before);
        inflater_.begin(manner.window_bits, manner.budget);
    }

    inflated run(std::span<const std::uint8_t> message) {
        std::size_t at = 0;
        while (at < message.size() && !over_) {
            const std::size_t size = std::min(cut_behind(at, message.size()) - at, manner_.step);
            give(message.subspan(at, size));
            at += size;
        }
        while (!over_) {
            take_step(size_t{0}, [&](byte_span out, std::size_t from) {
                return inflater_.finish(out, from, window_);
            });
        }
        out_.kept_its_word = out_.kept_its_word && out_.text.size() <= manner_.budget;
        return out_;
    }

private:
    [[nodiscard]] std::size_t cut_behind(std::size_t at, std::size_t end) const {
        for (const std::size_t cut : manner_.cuts) {
            if (cut > at) {
                end = std::min(end, cut);
            }
        }
        return end;
    }

    void give(std::span<const std::uint8_t> piece) {
        while (!over_) {
            const inflate_step step = take_step(piece.size(), [&](byte_span out, std::size_t from) {
                // Memory of exactly this size, so that a sanitizer sees a read behind it.
                const std::vector<std::uint8_t> exact(piece.begin(), piece.end());
                return inflater_.inflate(exact, out, from, window_);
            });
            piece = piece.subspan(step.taken);
            if (step.state == inflate_state::more_input) {
                out_.kept_its_word = out_.kept_its_word && piece.empty();
                return;
            }
        }
    }

    template <typename Call>
    inflate_step take_step(std::size_t given, Call call) {
        const std::size_t kept = manner_.keeps_text ? out_.text.size() : 0;
        std::vector<std::uint8_t> room(kept + manner_.room, 0xee);
        std::copy_n(out_.text.begin(), kept, room.begin());
        const inflate_step step = call(room, kept);
        if (step.taken > given || step.made > manner_.room) {
            out_.kept_its_word = false;
            over_ = true;
            return step;
        }
        out_.kept_its_word =
            out_.kept_its_word &&
            std::equal(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(kept),
                       out_.text.begin());
        const auto made = std::span{room}.subspan(kept, step.made);
        out_.text.insert(out_.text.end(), made.begin(), made.end());
        if (!manner_.keeps_text) {
            window_.remember(made);
        }
        over_ = step.state == inflate_state::failed || step.state == inflate_state::ended;
        out_.code = step.code;
        out_.kept_its_word =
            out_.kept_its_word &&
            (step.state == inflate_state::failed) == (step.code != error_code::none) &&
            (step.state != inflate_state::more_room || step.made == manner_.room);
        return step;
    }

    inflate_manner manner_;
    std::vector<std::uint8_t> memory_;
    inflate_window window_;
    inflater inflater_;
    inflated out_;
    bool over_ = false;
};

inline inflated inflate_all(std::span<const std::uint8_t> message,
                            const inflate_manner& manner = {}) {
    return inflating(manner).run(message);
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_INFLATING_HPP
