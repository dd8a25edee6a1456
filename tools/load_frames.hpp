// SPDX-License-Identifier: MIT
// load_frames.hpp — the messages that `plainsong load` sends, masked before the clock starts.
//
// Does: hold a ring of frames that differ in payload and masking key, in one block, so that any run
// of them leaves in one system call; say which payload comes back for each.
// Does not: mask while measuring, so that the generator isn't what is measured.
// Used by: tools/load*.  Depends on: ws/frame, codec/mask, net/entropy.
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
    /// Bytes of a whole frame as it is sent.
    [[nodiscard]] std::size_t frame_bytes() const { return frame_bytes_; }
    /// Bytes of a whole frame as its echo is received.
    [[nodiscard]] std::size_t echo_bytes() const { return echo_bytes_; }
    [[nodiscard]] std::size_t payload_bytes() const { return payload_bytes_; }

    /// All frames, one behind the other; a stream goes round in it.
    [[nodiscard]] byte_view stream() const { return frames_; }
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
    std::size_t count_ = 0;
    std::size_t frame_bytes_ = 0;
    std::size_t echo_bytes_ = 0;
    std::size_t payload_bytes_ = 0;
    opcode op_ = opcode::binary;
};

/// A masking key that isn't zero, so that unmasking is never skipped.
/// Errors: no_entropy.
error fresh_key(mask_key& key);

/// Writes one masked frame behind `into`.  Errors: no_entropy.
error append_masked(std::vector<std::uint8_t>& into, opcode op, byte_view payload);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_FRAMES_HPP
