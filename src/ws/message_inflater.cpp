// SPDX-License-Identifier: MIT
// message_inflater.cpp — inflating under limits.
#include <plainsong/ws/message_inflater.hpp>

#include <algorithm>

namespace plainsong {

void message_inflater::begin(opcode type, unsigned window_bits, const inflate_limits& bounds) {
    bounds_ = bounds;
    taken_ = made_ = 0;
    next_judged_ = inflate_limits::ratio_step;
    text_.reset();
    is_text_ = type == opcode::text;
    inflater_.begin(window_bits, bounds.message_bytes);
}

inflate_step message_inflater::inflate(byte_view in, bool is_last, byte_span room, std::size_t at,
                                       const inflate_window& before) {
    // The ratio is judged at places in the text, and only once it is known that there is text behind
    // such a place: neither moves with the cuts, nor does what has been decoded by then.
    const std::uint64_t until_judged = next_judged_ - made_;
    room = room.first(
        at + static_cast<std::size_t>(std::min<std::uint64_t>(room.size() - at, until_judged)));
    inflate_step done = inflater_.inflate(in, room, at, before);
    taken_ += done.taken;
    done.ahead = inflater_.octets_ahead();
    if (done.state == inflate_state::more_input && is_last) {
        // [7692-7.2.2-01]: as if the four octets that the sender took away were there
        const inflate_step tail = inflater_.finish(room, at + done.made, before);
        done.made += tail.made;
        done.state = tail.state;
        done.code = tail.code;
        done.ahead = inflater_.octets_ahead();
    }
    judge(done, room.subspan(at, done.made));
    return done;
}

void message_inflater::judge(inflate_step& done, byte_view text) {
    made_ += text.size();
    if (is_text_ && text_.feed(text) != text.size()) {  // [7692-6.1-07]
        done.code = error_code::invalid_utf8;
    } else if (done.state == inflate_state::ended && !text_.complete()) {
        done.code = error_code::invalid_utf8;
    } else if (done.state == inflate_state::more_room && made_ == next_judged_) {
        next_judged_ += inflate_limits::ratio_step;
        done.code = is_ratio_exceeded() ? error_code::deflate_ratio_exceeded : error_code::none;
    }
    done.state = done.code == error_code::none ? done.state : inflate_state::failed;
}

bool message_inflater::is_ratio_exceeded() const {
    const std::uint64_t used = taken_ - inflater_.octets_ahead();
    return made_ / std::max<std::uint64_t>(used, 1) > bounds_.ratio;
}

}  // namespace plainsong
