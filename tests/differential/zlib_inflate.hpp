// SPDX-License-Identifier: MIT
// zlib_inflate.hpp — what zlib makes of a message of permessage-deflate.
#ifndef PLAINSONG_TESTS_DIFFERENTIAL_ZLIB_INFLATE_HPP
#define PLAINSONG_TESTS_DIFFERENTIAL_ZLIB_INFLATE_HPP

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include <plainsong/base/error.hpp>

namespace plainsong::tests {

struct zlib_verdict {
    std::vector<std::uint8_t> text;
    bool is_whole = false;   // the message ends where a block does
    std::string_view fault;  // zlib's own words, "" if it found none
};

class zlib_inflater {
public:
    zlib_inflater() { check(inflateInit2(&stream_, -15)); }
    ~zlib_inflater() { inflateEnd(&stream_); }
    zlib_inflater(const zlib_inflater&) = delete;
    zlib_inflater& operator=(const zlib_inflater&) = delete;

    /// `message`: without the four octets that its sender takes away.  `window_bits`: 9 to 15.
    zlib_verdict run(std::span<const std::uint8_t> message, std::span<const std::uint8_t> before,
                     int window_bits = 15) {
        std::vector<std::uint8_t> in(message.begin(), message.end());
        in.insert(in.end(), {0x00, 0x00, 0xff, 0xff});
        zlib_verdict out;
        check(inflateReset2(&stream_, -window_bits));
        remember(before);
        stream_.next_in = in.data();
        stream_.avail_in = static_cast<uInt>(in.size());
        for (;;) {
            // Z_BLOCK stops at each end of a block, and so shows whether there is one at the end.
            const int status = take_step(out);
            const bool at_end = (stream_.data_type & 128) != 0 && (stream_.data_type & 31) == 0;
            if (status == Z_DATA_ERROR) {
                out.fault = stream_.msg;
                return out;
            }
            if (status == Z_STREAM_END) {
                // zlib forgets its window here; RFC 7692 doesn't.
                std::vector<std::uint8_t> all(before.begin(), before.end());
                all.insert(all.end(), out.text.begin(), out.text.end());
                check(inflateReset(&stream_));
                remember(all);
                if (stream_.avail_in == 0) {
                    out.is_whole = true;
                    return out;
                }
            } else if (stream_.avail_in == 0 && (at_end || status == Z_BUF_ERROR)) {
                out.is_whole = at_end;
                return out;
            }
        }
    }

private:
    static void check(int status) {
        if (status != Z_OK) {
            std::abort();
        }
    }

    void remember(std::span<const std::uint8_t> text) {
        if (!text.empty()) {
            text = text.last(std::min<std::size_t>(text.size(), 32768));
            check(inflateSetDictionary(&stream_, text.data(), static_cast<uInt>(text.size())));
        }
    }

    int take_step(zlib_verdict& out) {
        room_.resize(1U << 16);
        stream_.next_out = room_.data();
        stream_.avail_out = static_cast<uInt>(room_.size());
        const int status = inflate(&stream_, Z_BLOCK);
        out.text.insert(out.text.end(), room_.data(), stream_.next_out);
        return status;
    }

    z_stream stream_{};
    std::vector<std::uint8_t> room_;
};

/// Returns: whether zlib's words are about the same fault as our code.
inline bool is_same_fault(std::string_view zlib, error_code ours) {
    struct pair {
        std::string_view zlib;
        error_code ours;
    };
    static constexpr pair pairs[] = {
        {"invalid block type", error_code::deflate_block_reserved},
        {"invalid stored block lengths", error_code::deflate_stored_length_wrong},
        {"too many length or distance symbols", error_code::deflate_too_many_codes},
        {"invalid code lengths set", error_code::deflate_lengths_oversubscribed},
        {"invalid code lengths set", error_code::deflate_lengths_incomplete},
        {"invalid bit length repeat", error_code::deflate_nothing_to_repeat},
        {"invalid bit length repeat", error_code::deflate_repeat_too_long},
        {"invalid code -- missing end-of-block", error_code::deflate_end_code_missing},
        // zlib reads on with a code of lengths that has no codes at all, as if it had one of no bits.
        {"invalid code -- missing end-of-block", error_code::deflate_lengths_incomplete},
        {"invalid literal/lengths set", error_code::deflate_literals_oversubscribed},
        {"invalid literal/lengths set", error_code::deflate_literals_incomplete},
        {"invalid distances set", error_code::deflate_distances_oversubscribed},
        {"invalid distances set", error_code::deflate_distances_incomplete},
        {"invalid literal/length code", error_code::deflate_literal_invalid},
        {"invalid distance code", error_code::deflate_distance_invalid},
        {"invalid distance too far back", error_code::deflate_distance_too_far},
    };
    return std::any_of(std::begin(pairs), std::end(pairs),
                       [&](const pair& one) { return one.zlib == zlib && one.ours == ours; });
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_DIFFERENTIAL_ZLIB_INFLATE_HPP
