// SPDX-License-Identifier: MIT
// load_broadcast.hpp — one message to many receivers: what is sent, and how late it is at each.
//
// Does: write number and time into the front of a message's payload, in digits, so that it may be
// text too; recognise it in what each receiver gets; notice what is missing, comes twice or differs.
// Does not: send, receive, or mind messages that aren't its own.
// Used by: tools/load_run, tools/load_client.  Depends on: net/entropy.
#ifndef PLAINSONG_TOOLS_LOAD_BROADCAST_HPP
#define PLAINSONG_TOOLS_LOAD_BROADCAST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>

namespace plainsong::load {

class broadcast {
public:
    static constexpr std::size_t digits = 16;
    /// Of the stamp: the run, the number, the time.  No payload is smaller.
    static constexpr std::size_t stamp_bytes = 3 * digits;

    /// What a message turned out to be.
    struct arrival {
        enum class kind : std::uint8_t { foreign, good, repeated, different };
        kind what = kind::foreign;
        std::int64_t sent = 0;  // if good: the time in its stamp
    };

    /// Requires: payload_bytes ≥ stamp_bytes.  Errors: no_entropy.
    error prepare(std::size_t receivers, std::size_t payload_bytes);

    /// Writes the next message, which all receivers who are left now owe an arrival.
    /// Lifetime: until the next call.
    [[nodiscard]] byte_view next(std::int64_t now);

    /// A piece of a message's payload that begins at `at` of it.
    void take(std::size_t receiver, std::size_t at, byte_view payload);
    /// The message that was taken is complete and has `size` bytes.
    [[nodiscard]] arrival finish(std::size_t receiver, std::size_t size);
    /// The receiver is no longer there; what it didn't get is lost.
    void drop(std::size_t receiver);

    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    /// Arrivals that are still owed.
    [[nodiscard]] std::uint64_t owed() const { return owed_; }
    /// Arrivals that were owed by receivers who then left, or got a later message instead.
    [[nodiscard]] std::uint64_t lost() const { return lost_; }
    /// Messages that weren't ours.
    [[nodiscard]] std::uint64_t foreign() const { return foreign_; }
    [[nodiscard]] std::size_t receivers_left() const { return left_; }

private:
    struct receiver_state {
        std::uint64_t next = 0;  // the number it gets next
        std::array<std::uint8_t, stamp_bytes> stamp{};
        bool gone = false;
        bool differs = false;  // the message that is being taken
    };

    std::vector<std::uint8_t> payload_;
    std::vector<receiver_state> receivers_;
    std::size_t left_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t owed_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t foreign_ = 0;
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_BROADCAST_HPP
