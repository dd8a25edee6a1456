// SPDX-License-Identifier: MIT
// frame_decoder.cpp — heads and payloads, as they come.
#include "tools/frame_decoder.hpp"

#include <algorithm>

#include <plainsong/codec/mask.hpp>

namespace plainsong::tools {

std::string opcode_name(std::uint8_t value) {
    return is_reserved_opcode(value) ? std::to_string(value) : name_of(static_cast<opcode>(value));
}

void frame_decoder::feed(byte_view in) {
    while (!in.empty()) {
        if (!in_payload_) {
            in = in.subspan(take_head(in));
            continue;
        }
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), left_));
        const std::size_t kept = std::min(size, keep_ - std::min(keep_, frame_.payload.size()));
        const std::size_t start = frame_.payload.size();
        frame_.payload += as_text(in.first(kept));
        if (frame_.masked) {
            apply_mask({reinterpret_cast<std::uint8_t*>(frame_.payload.data()) + start, kept},
                       frame_.key.rotated(start % 4));
        }
        left_ -= size;
        in = in.subspan(size);
        if (left_ == 0) {
            end_frame();
        }
    }
}

std::size_t frame_decoder::take_head(byte_view in) {
    for (std::size_t taken = 0; taken < in.size();) {
        head_[head_size_++] = in[taken++];
        if (head_size_ < 2) {
            continue;
        }
        const std::uint8_t length = head_[1] & frame_bits::length;
        const std::size_t extra = length == frame_bits::length_is_16_bits   ? 2
                                  : length == frame_bits::length_is_64_bits ? 8
                                                                            : 0;
        if (head_size_ == 2 + extra + ((head_[1] & frame_bits::mask) != 0 ? 4 : 0)) {
            begin_frame();
            return taken;
        }
    }
    return in.size();
}

void frame_decoder::begin_frame() {
    const std::uint8_t length = head_[1] & frame_bits::length;
    frame_ = {.final = (head_[0] & frame_bits::fin) != 0,
              .rsv = static_cast<std::uint8_t>((head_[0] & frame_bits::reserved) >> 4),
              .opcode = static_cast<std::uint8_t>(head_[0] & frame_bits::opcode),
              .masked = (head_[1] & frame_bits::mask) != 0,
              .length = length == frame_bits::length_is_16_bits   ? load_big_endian_16(&head_[2])
                        : length == frame_bits::length_is_64_bits ? load_big_endian_64(&head_[2])
                                                                  : length,
              .payload = {}};
    if (frame_.masked) {
        std::copy_n(&head_[head_size_ - 4], 4, frame_.key.bytes.begin());
    }
    frame_header judged;
    frame_.why =
        parse_frame_head(
            byte_view(head_).first(head_size_),
            {.receiver = receiver_, .message_open = message_open_, .compression = compression_},
            judged)
            .why;
    head_size_ = 0;
    left_ = frame_.length;
    in_payload_ = true;
    if (left_ == 0) {
        end_frame();
    }
}

void frame_decoder::end_frame() {
    in_payload_ = false;
    if (!is_control(static_cast<opcode>(frame_.opcode))) {
        message_open_ = !frame_.final;
    }
    on_frame_(frame_);
}

}  // namespace plainsong::tools
