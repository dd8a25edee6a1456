// SPDX-License-Identifier: MIT
// load_inflate.hpp — what `plainsong load` offers of permessage-deflate, and inflates of what comes back.
//
// Does: write the offer, judge the answer, inflate the echoes of one connection.
// Does not: compress (see tools/load_frames.hpp).
// Used by: tools/load_client.  Depends on: ws/permessage_deflate, ws/message_inflater.
#ifndef PLAINSONG_TOOLS_LOAD_INFLATE_HPP
#define PLAINSONG_TOOLS_LOAD_INFLATE_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/http/field.hpp>
#include <plainsong/ws/message_inflater.hpp>
#include <plainsong/ws/permessage_deflate.hpp>

#include "tools/load_options.hpp"

namespace plainsong::load {

/// Returns: the field of the request, with its line end; "" without compression.
std::string offer_of(compression_kind asked);

/// Returns: whether the answer agrees to what was offered; then `agreed` is that.
bool reads_answer(http::field_values answered, compression_kind asked, deflate_parameters& agreed);

/// Inflates the echoes of one connection, one after the other.
class echo_inflater {
public:
    /// `payload_bytes`: of each echo.
    echo_inflater(const deflate_parameters& agreed, std::size_t payload_bytes);
    echo_inflater(const echo_inflater&) = delete;
    echo_inflater& operator=(const echo_inflater&) = delete;

    void begin();
    /// Inflates the next octets of an echo, all of it if `is_last`; `take` gets the text.
    /// Errors: those of message_inflater; message_too_big for more than payload_bytes.
    template <typename Take>
    error_code inflate(byte_view in, bool is_last, Take take) {
        inflate_step done;
        do {
            done = inflater_.inflate(in, is_last, room_, at_, window_);
            if (done.state == inflate_state::failed) {
                return done.code;
            }
            in = in.subspan(done.taken);
            take(byte_view(room_).subspan(at_, done.made));
            at_ += done.made;
        } while (done.state == inflate_state::more_room);
        if (is_last) {
            window_.remember(byte_view(room_).first(at_));
        }
        return error_code::none;
    }

private:
    message_inflater inflater_;
    inflate_limits bounds_;
    unsigned window_bits_;
    std::vector<std::uint8_t> room_;
    std::vector<std::uint8_t> memory_;  // of the window; none if the server forgets
    inflate_window window_;
    std::size_t at_ = 0;
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_INFLATE_HPP
