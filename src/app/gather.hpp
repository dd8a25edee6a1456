// SPDX-License-Identifier: MIT
// gather.hpp — what one session sends while it handles one read, to leave in one system call.
//
// Does: collect whole frames: small ones copied side by side, large ones where they lie; a client's
// are masked as they are copied.
// Does not: send, or outlive the memory it points to: it is emptied before the next read.
// Used by: app/session (one per server, lent to the session being read).
// Depends on: net/stream, ws/frame.
#ifndef PLAINSONG_SRC_APP_GATHER_HPP
#define PLAINSONG_SRC_APP_GATHER_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/net/stream.hpp>
#include <plainsong/ws/frame.hpp>

namespace plainsong {

class gather {
public:
    static constexpr std::size_t scratch_bytes = 64 << 10;
    static constexpr std::size_t most_slices = 128;
    static constexpr std::size_t most_frames = 1024;
    /// Below this a copy costs less than another slice.
    static constexpr std::size_t copied_below = 2048;

    gather() = default;
    gather(const gather&) = delete;
    gather& operator=(const gather&) = delete;

    [[nodiscard]] bool empty() const { return frames_ == 0; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t frames() const { return frames_; }

    /// Says where the payload of the message being delivered lies: it stays in place until the
    /// gather is emptied, and its own head in front of it is not needed any more.
    void offer(byte_span payload) {
        offered_ = payload;
        head_is_free_ = true;
    }
    void withdraw() { offered_ = {}; }
    /// A message is being delivered: the program may look at it, or send it again.
    [[nodiscard]] bool is_offered() const { return offered_.data() != nullptr; }

    /// Adds a frame of our own making; `whole` if it is a message by itself.
    /// Returns: false if there is no room for it.
    bool add(const frame_header& header, byte_view payload, bool whole);

    /// Calls `visit(rest, begun, whole)` with what is left of each frame when `sent` bytes are gone.
    template <typename Visit>
    void for_each_unsent(std::size_t sent, Visit visit) const;

    /// The frames as slices; one more may be appended.
    [[nodiscard]] std::span<io_slice> slices() { return {slices_, slice_count_}; }
    [[nodiscard]] std::span<io_slice> slices_and(byte_view more) {
        slices_[slice_count_] = {const_cast<std::uint8_t*>(more.data()), more.size()};
        return {slices_, slice_count_ + 1};
    }

    void clear() { slice_count_ = frames_ = bytes_ = scratch_used_ = 0; }

private:
    bool add_in_place(const frame_header& header, byte_view payload, bool whole);
    bool add_copy(const frame_header& header, byte_view payload, bool whole);
    bool add_frame(std::uint8_t* data, std::size_t size, bool whole);

    byte_span offered_{};
    std::size_t slice_count_ = 0;
    std::size_t frames_ = 0;
    std::size_t bytes_ = 0;
    std::size_t scratch_used_ = 0;
    bool head_is_free_ = false;
    io_slice slices_[most_slices + 1];
    std::size_t frame_[most_frames];  // size * 2 + whole
    std::uint8_t scratch_[scratch_bytes];
};

inline bool gather::add_frame(std::uint8_t* data, std::size_t size, bool whole) {
    io_slice* const last = slice_count_ == 0 ? nullptr : &slices_[slice_count_ - 1];
    if (last != nullptr && static_cast<std::uint8_t*>(last->iov_base) + last->iov_len == data) {
        last->iov_len += size;
    } else if (slice_count_ < most_slices) {
        slices_[slice_count_++] = {data, size};
    } else {
        return false;
    }
    frame_[frames_++] = size * 2 + (whole ? 1 : 0);
    bytes_ += size;
    return true;
}

inline bool gather::add_copy(const frame_header& header, byte_view payload, bool whole) {
    if (max_frame_head_bytes + payload.size() > scratch_bytes - scratch_used_) {
        return false;
    }
    std::uint8_t* const to = scratch_ + scratch_used_;
    const std::size_t head = write_frame_head(to, header);
    if (header.masked) {
        copy_masked(to + head, payload, header.key);
    } else if (!payload.empty()) {
        std::memcpy(to + head, payload.data(), payload.size());
    }
    if (!add_frame(to, head + payload.size(), whole)) {
        return false;
    }
    scratch_used_ += head + payload.size();
    return true;
}

// The message goes back as it came: our head takes the place of the peer's, which is longer by its
// masking key.  A second frame from the same payload would overwrite the first one's head.
inline bool gather::add_in_place(const frame_header& header, byte_view payload, bool whole) {
    if (!head_is_free_ || payload.data() != offered_.data() || payload.size() > offered_.size() ||
        slice_count_ == most_slices) {
        return false;
    }
    const frame_head head = encode_frame_head(header);
    std::uint8_t* const to = offered_.data() - head.size;
    std::memcpy(to, head.bytes.data(), head.size);
    head_is_free_ = false;
    return add_frame(to, head.size + payload.size(), whole);
}

inline bool gather::add(const frame_header& header, byte_view payload, bool whole) {
    if (frames_ == most_frames) {
        return false;
    }
    return (payload.size() >= copied_below && !header.masked &&
            add_in_place(header, payload, whole)) ||
           add_copy(header, payload, whole);
}

template <typename Visit>
void gather::for_each_unsent(std::size_t sent, Visit visit) const {
    std::size_t slice = 0;
    std::size_t offset = 0;  // in that slice
    for (std::size_t i = 0; i < frames_; ++i) {
        if (offset == slices_[slice].iov_len) {
            ++slice;
            offset = 0;
        }
        const std::size_t size = frame_[i] / 2;
        const auto* const data = static_cast<const std::uint8_t*>(slices_[slice].iov_base) + offset;
        offset += size;
        const std::size_t gone = sent < size ? sent : size;
        sent -= gone;
        if (gone < size) {
            visit(byte_view{data + gone, size - gone}, gone != 0, frame_[i] % 2 != 0);
        }
    }
}

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_GATHER_HPP
