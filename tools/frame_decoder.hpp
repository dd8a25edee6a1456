// SPDX-License-Identifier: MIT
// frame_decoder.hpp — takes a stream of frames apart, right or wrong ones.
//
// Does: follow one direction of a connection, however it is cut; name the rule that a frame breaks
// and go on behind it.
// Does not: keep more of a payload than it is told to, or follow messages beyond "one is open".
// Used by: tools/wire_witness.  Depends on: ws/frame.
#ifndef PLAINSONG_TOOLS_FRAME_DECODER_HPP
#define PLAINSONG_TOOLS_FRAME_DECODER_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <plainsong/base/error.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/ws/frame.hpp>

namespace plainsong::tools {

struct decoded_frame {
    bool final = true;
    std::uint8_t rsv = 0;     // 4: RSV1, 2: RSV2, 1: RSV3
    std::uint8_t opcode = 0;  // reserved ones, too
    bool masked = false;
    mask_key key{};
    std::uint64_t length = 0;
    error_code why = error_code::none;  // the first rule that the head breaks
    std::string payload;                // unmasked; its beginning, if it is long
};

/// "text", "close" …, or the number of a reserved opcode.
std::string opcode_name(std::uint8_t value);

class frame_decoder {
public:
    /// `receiver` is the role of whoever the frames are for.  `on_frame` is called at the end of each.
    frame_decoder(role receiver, std::size_t keep_bytes,
                  callback<void(const decoded_frame&)> on_frame)
        : on_frame_(static_cast<callback<void(const decoded_frame&)>&&>(on_frame)),
          keep_(keep_bytes),
          receiver_(receiver) {}

    /// permessage-deflate was agreed on: RSV1 may mark the first frame of a message.
    void allow_compression() { compression_ = true; }

    void feed(byte_view in);

private:
    std::size_t take_head(byte_view in);
    void begin_frame();
    void end_frame();

    callback<void(const decoded_frame&)> on_frame_;
    std::size_t keep_;
    decoded_frame frame_;
    std::array<std::uint8_t, max_frame_head_bytes> head_{};
    std::size_t head_size_ = 0;
    std::uint64_t left_ = 0;  // of the payload
    role receiver_;
    bool in_payload_ = false;
    bool message_open_ = false;
    bool compression_ = false;
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_FRAME_DECODER_HPP
