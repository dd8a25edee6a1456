// SPDX-License-Identifier: MIT
// load_frames.hpp — the messages that `plainsong load` sends, masked before the clock starts.
//
// Does: hold a ring of frames that differ in payload and masking key, in one block, so that any run
// of them leaves in one system call; say which payload comes back for each.
// Does not: compress or mask while measuring, so that the generator isn't what is measured.
// Used by: tools/load*.  Depends on: ws/frame, codec/deflate, codec/mask, net/entropy, tools/conform_corpus.
#ifndef PLAINSONG_TOOLS_LOAD_FRAMES_HPP
#define PLAINSONG_TOOLS_LOAD_FRAMES_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/ws/frame.hpp>
#include <plainsong/ws/opcode.hpp>

#include "tools/load_options.hpp"

namespace plainsong::load {

class frame_ring {
public:
    /// Errors: no_entropy.
    error fill(const options& wanted);

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] opcode op() const { return op_; }
    /// Bytes of a whole frame as it is sent, which differ only if the messages are compressed.
    [[nodiscard]] std::size_t frame_bytes() const { return frames_.size() / count_; }
    /// Bytes of a whole frame as its echo is received.
    [[nodiscard]] std::size_t echo_bytes() const { return echo_bytes_; }
    [[nodiscard]] std::size_t payload_bytes() const { return payload_bytes_; }

    /// All frames, one behind the other; a stream goes round in it.
    [[nodiscard]] byte_view stream() const { return frames_; }
    /// Where frame number `index` (of any round) begins, if the rounds stand behind each other.
    [[nodiscard]] std::uint64_t start_of(std::uint64_t index) const {
        return index / count_ * frames_.size() + starts_[index % count_];
    }
    /// Where the first frame begins that doesn't begin before `place`.
    [[nodiscard]] std::uint64_t start_from(std::uint64_t place) const;
    /// The echoes of all frames, one behind the other.  Empty unless the sizes are told.
    [[nodiscard]] byte_view echoes() const { return echoes_; }
    /// What frame number `index` (of any round) says.
    [[nodiscard]] const std::uint8_t* payload(std::uint64_t index) const {
        return payloads_.data() + index % count_ * payload_bytes_;
    }

private:
    std::vector<std::uint8_t> frames_;
    std::vector<std::uint8_t> payloads_;
    std::vector<std::uint8_t> echoes_;
    std::vector<std::size_t> starts_;  // of each frame in frames_
    std::size_t count_ = 0;
    std::size_t echo_bytes_ = 0;
    std::size_t payload_bytes_ = 0;
    opcode op_ = opcode::binary;
};

/// A masking key that isn't zero, so that unmasking is never skipped.
/// Errors: no_entropy.
error fresh_key(mask_key& key);

/// Writes one masked frame behind `into`.  `compressed`: `payload` is what was made of the message.
/// Errors: no_entropy.
error append_masked(std::vector<std::uint8_t>& into, opcode op, byte_view payload,
                    bool compressed = false);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_FRAMES_HPP
