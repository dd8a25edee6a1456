// SPDX-License-Identifier: MIT
// explain_frame.hpp — frames of one direction, one after the other.
//
// Does: read each frame with the library's own parser and go on after a broken rule, as no endpoint
// does, wherever the end of the frame is still known; follow the message that fragments make; draw
// the frame and say of each field what it means and which rule it keeps or breaks.
// Does not: parse frames itself, inflate, or find the frames' start (see tools/explain_stream).
// Used by: tools/explain_stream.  Depends on: ws/frame, ws/message, ws/close, tools/explain_page.
#ifndef PLAINSONG_TOOLS_EXPLAIN_FRAME_HPP
#define PLAINSONG_TOOLS_EXPLAIN_FRAME_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/ws/frame.hpp>
#include <plainsong/ws/message.hpp>
#include <plainsong/ws/opcode.hpp>

#include "tools/explain_page.hpp"

namespace plainsong::explain {

/// A frame's head with all rules that it breaks, not just the first.
struct dissection {
    frame_header header;             // `op` and `final` are as on the wire, reserved opcodes too
    std::size_t head_size = 0;       // 0: the head isn't complete, or its end isn't known
    std::vector<error_code> broken;  // in the order in which an endpoint would notice
    bool is_lost = false;            // where the frame ends isn't known

    [[nodiscard]] bool breaks(error_code why) const;
};

/// Reads the head at the start of `in` from an endpoint that is `sender`.
dissection dissect(byte_view in, role sender, bool message_open);

/// The frames of one direction.
class frame_explainer {
public:
    explicit frame_explainer(role sender) : sender_(sender) {}

    /// Explains the frame at the start of `in`, which stands at `offset` of all bytes.
    /// Returns: its size; 0 if nothing behind it can be explained.
    std::size_t explain(byte_view in, std::size_t offset, page& out);

    /// After the last frame: what is missing.
    void finish(page& out) const;

    [[nodiscard]] std::size_t frames() const { return frames_; }
    /// Whether the bytes end inside of the last frame.
    [[nodiscard]] bool is_cut() const { return is_cut_; }

private:
    void title(const dissection& frame, byte_view payload, std::size_t offset, page& out) const;
    void explain_first_byte(const dissection& frame, std::uint8_t byte, page& out) const;
    void explain_opcode(const dissection& frame, page& out) const;
    void explain_second_byte(const dissection& frame, std::uint8_t byte, page& out) const;
    void explain_key(const dissection& frame, page& out) const;
    void explain_stump(const dissection& frame, byte_view in, std::size_t offset, page& out);
    void explain_payload(const dissection& frame, byte_view payload, bool is_whole, page& out);
    void explain_data(const dissection& frame, byte_view payload, bool is_whole, page& out);
    void explain_text(byte_view payload, bool is_last, page& out);
    void conclude(std::size_t broken_before, page& out);

    role sender_;
    message_reader message_;
    std::size_t frames_ = 0;
    std::uint64_t text_size_ = 0;  // of the open message
    bool close_seen_ = false;
    bool text_broken_ = false;  // of the open message
    bool compressed_ = false;   // the open message began with RSV1
    bool failed_ = false;       // an endpoint would have stopped reading
    bool is_cut_ = false;
};

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_FRAME_HPP
