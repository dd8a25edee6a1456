// SPDX-License-Identifier: MIT
// load_frames.cpp — builds the ring of masked frames.
//
// Used by: tools/load*.  Depends on: tools/load_frames.
#include "tools/load_frames.hpp"

#include <algorithm>

#include <plainsong/codec/mask.hpp>
#include <plainsong/net/entropy.hpp>

namespace plainsong::load {
namespace {

constexpr std::size_t most_frames = 256;
constexpr std::size_t fewest_frames = 4;
constexpr std::size_t ring_bytes = std::size_t{1} << 20;  // about; more would only miss the caches

/// Turns random bytes into code points of 1, 2 and 3 bytes; what is left at the end is ASCII.
void make_mixed_text(byte_span text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::uint8_t chance = text[at];
        const std::size_t length = std::min<std::size_t>(1 + chance % 3U, text.size() - at);
        if (length == 3) {
            text[at] =
                static_cast<std::uint8_t>(0xE1 + chance % 12U);  // no surrogates, no overlong
        } else if (length == 2) {
            text[at] = static_cast<std::uint8_t>(0xC2 + chance % 30U);
        } else {
            text[at] = static_cast<std::uint8_t>('a' + chance % 26U);
        }
        for (std::size_t i = 1; i < length; ++i) {
            text[at + i] = static_cast<std::uint8_t>(0x80 | (text[at + i] & 0x3F));
        }
        at += length;
    }
}

void make_text(byte_span text, payload_kind kind) {
    if (kind == payload_kind::mixed) {
        make_mixed_text(text);
    } else if (kind == payload_kind::ascii) {
        for (std::uint8_t& byte : text) {
            byte = static_cast<std::uint8_t>(' ' + byte % 95U);
        }
    }
}

}  // namespace

error fresh_key(mask_key& key) {
    do {
        if (const error why = fill_random(key.bytes)) {
            return why;
        }
    } while (key == mask_key{});
    return {};
}

error append_masked(std::vector<std::uint8_t>& into, opcode op, byte_view payload) {
    frame_header header;
    header.op = op;
    header.payload_size = payload.size();
    header.masked = true;
    if (const error why = fresh_key(header.key)) {
        return why;
    }
    const frame_head head = encode_frame_head(header);
    const std::size_t start = into.size() + head.size;
    into.resize(start + payload.size());
    std::copy_n(head.bytes.data(), head.size, into.data() + start - head.size);
    copy_masked(into.data() + start, payload, header.key);
    return {};
}

error frame_ring::fill(const options& wanted) {
    op_ = wanted.payload == payload_kind::binary ? opcode::binary : opcode::text;
    payload_bytes_ = wanted.size;
    count_ = std::clamp(ring_bytes / (payload_bytes_ + max_frame_head_bytes), fewest_frames,
                        most_frames);
    payloads_.resize(count_ * payload_bytes_);
    if (const error why = fill_random(payloads_)) {
        return why;
    }
    frames_.reserve(count_ * (payload_bytes_ + max_frame_head_bytes));
    for (std::size_t i = 0; i < count_; ++i) {
        const byte_span text = byte_span(payloads_).subspan(i * payload_bytes_, payload_bytes_);
        make_text(text, wanted.payload);
        if (const error why = append_masked(frames_, op_, text)) {
            return why;
        }
    }
    frame_bytes_ = frames_.size() / count_;
    frame_header echo;
    echo.op = op_;
    echo.payload_size = payload_bytes_;
    const frame_head head = encode_frame_head(echo);
    echo_bytes_ = head.size + payload_bytes_;
    for (std::size_t i = 0; wanted.tell_sizes && i < count_; ++i) {
        echoes_.insert(echoes_.end(), head.view().begin(), head.view().end());
        echoes_.insert(echoes_.end(), payload(i), payload(i) + payload_bytes_);
    }
    return {};
}

}  // namespace plainsong::load
