// SPDX-License-Identifier: MIT
// conform_outgoing.hpp — octets that wait to be sent, and how they are cut into writes.
//
// Used by: tools/conform_conversation.  Depends on: tools/conform_wire.
#ifndef PLAINSONG_TOOLS_CONFORM_OUTGOING_HPP
#define PLAINSONG_TOOLS_CONFORM_OUTGOING_HPP

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace plainsong::conform {

enum class cutting : std::uint8_t { as_asked, each, random };

/// How every case is cut, whatever it asks for itself.
struct split {
    cutting what = cutting::as_asked;
    std::uint64_t seed = 1;
};

class outgoing {
public:
    explicit outgoing(split how) : how_(how), random_(how.seed | 1) {}

    /// `chop`: the size of each write, 0 if that doesn't matter.  `alone`: no other octets share
    /// its write.
    /// `pause`: behind each of its writes.
    void add(std::string octets, std::uint64_t chop, bool alone,
             std::chrono::milliseconds pause = {});
    [[nodiscard]] bool is_empty() const { return pieces_.empty(); }
    /// Octets, since the beginning.
    [[nodiscard]] std::uint64_t total_added() const { return added_; }
    [[nodiscard]] std::uint64_t total_sent() const { return done_; }
    /// Returns: what the next write has.  Requires: it isn't empty.
    [[nodiscard]] std::string_view next();
    /// Whether the next write has to wait until the loop has turned.
    [[nodiscard]] bool is_paced() const;
    /// Returns: how long to wait behind the write that `next` has told.  However finely that is cut, the
    /// pauses are where they were asked for.
    [[nodiscard]] std::chrono::milliseconds pause() const;
    /// Whether the next write, if it is taken whole, is the last.
    [[nodiscard]] bool is_last(std::size_t size) const {
        return pieces_.size() == 1 && pieces_[0].octets.size() - pieces_[0].at == size;
    }
    void sent(std::size_t count);
    /// Drops what has not begun to be sent.
    void drop_unbegun();
    void clear() { pieces_.clear(); }

private:
    /// After so many octets, which are cut finely, coarser cuts do.
    static constexpr std::uint64_t fine_octets = 64 << 10;
    static constexpr std::uint64_t fine_cut = 64;
    static constexpr std::uint64_t coarse_cut = 4096;

    struct piece {
        std::string octets;
        std::size_t at = 0;
        std::uint64_t chop = 0;
        std::chrono::milliseconds pause{0};
        bool joins = false;
    };

    split how_;
    std::uint64_t random_;
    std::uint64_t added_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t cut_ = 0;  // of the write that is under way; 0: none has been chosen
    std::deque<piece> pieces_;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_OUTGOING_HPP
