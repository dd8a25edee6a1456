// SPDX-License-Identifier: MIT
// load_frames.cpp — builds the ring of masked frames.
//
// Used by: tools/load*.  Depends on: tools/load_frames.
#include "tools/load_frames.hpp"

#include <algorithm>

#include <plainsong/codec/deflate.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/net/entropy.hpp>

#include "tools/conform_corpus.hpp"

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

/// Cuts the message number `index` out of the records.
void make_json(byte_span text, std::size_t index) {
    const std::string_view records = conform::corpus("json");
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<std::uint8_t>(records[(index * text.size() + i) % records.size()]);
    }
}

void make_text(byte_span text, payload_kind kind, std::size_t index) {
    if (kind == payload_kind::json) {
        make_json(text, index);
    } else if (kind == payload_kind::mixed) {
        make_mixed_text(text);
    } else if (kind == payload_kind::ascii) {
        for (std::uint8_t& byte : text) {
            byte = static_cast<std::uint8_t>(' ' + byte % 95U);
        }
    }
}

/// Compresses messages, each for itself.
class packer {
public:
    byte_view pack(byte_view text) {
        out_.resize(deflate_bound(text.size()));
        const deflate_step done = engine_.deflate(text, out_, deflate_flush::message);
        engine_.forget();
        return byte_view(out_).first(done.made);
    }

private:
    static constexpr deflate_level level = deflate_level::normal;

    std::vector<std::uint8_t> memory_ =
        std::vector<std::uint8_t>(deflate_memory(deflater::most_window_bits, level));
    deflater engine_{memory_, deflater::most_window_bits, level};
    std::vector<std::uint8_t> out_;
};

}  // namespace

error fresh_key(mask_key& key) {
    do {
        if (const error why = fill_random(key.bytes)) {
            return why;
        }
    } while (key == mask_key{});
    return {};
}

error append_masked(std::vector<std::uint8_t>& into, opcode op, byte_view payload,
                    bool compressed) {
    frame_header header;
    header.op = op;
    header.compressed = compressed;
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

std::uint64_t frame_ring::start_from(std::uint64_t place) const {
    const std::uint64_t round = place - place % frames_.size();
    const auto found = std::lower_bound(starts_.begin(), starts_.end(), place % frames_.size());
    return round + (found == starts_.end() ? frames_.size() : *found);
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
    const bool compresses = wanted.compression != compression_kind::none;
    packer small;
    for (std::size_t i = 0; i < count_; ++i) {
        const byte_span text = byte_span(payloads_).subspan(i * payload_bytes_, payload_bytes_);
        make_text(text, wanted.payload, i);
        starts_.push_back(frames_.size());
        const byte_view payload = compresses ? small.pack(text) : byte_view(text);
        if (const error why = append_masked(frames_, op_, payload, compresses)) {
            return why;
        }
    }
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
