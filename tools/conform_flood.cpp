// SPDX-License-Identifier: MIT
// conform_flood.cpp — more than a peer wants: the same frame again and again, and what comes of it.
//
// Does: also tell how much was sent behind the first wrong octet of a text.
// Used by: tools/conform_run.  Depends on: tools/conform_conversation.
#include "tools/conform_conversation.hpp"

namespace plainsong::conform {
namespace {

constexpr std::uint8_t continuation = 0;
constexpr std::uint8_t text_opcode = 1;
constexpr std::uint8_t ping_opcode = 9;
constexpr std::uint64_t most_waiting = 256 << 10;  // octets of a flood that are there at a time
constexpr milliseconds unread_stall{500};
constexpr std::uint16_t limit_codes[] = {1008, 1009, 1013};

}  // namespace

/// A peer whose answers nobody reads stops to read sooner or later; another one is just slow.
milliseconds conversation::stall_time() const {
    return reads_ ? patience() : unread_stall;
}

void conversation::begin_flood(const step& one) {
    flood_ = &one;
    flooded_ = counted_ = 0;
    flood_body_ = one.body.octets();
    stall_at_ = in(stall_time());
    counts_ = one.times == 0 || !case_.awaits("all") ? event_kind::noted
              : one.opcode == ping_opcode            ? event_kind::pong
              : one.opcode == text_opcode            ? event_kind::text
                                                     : event_kind::binary;
}

/// Adds frames as long as few wait, and ends the flood when the last has left.
void conversation::feed_flood() {
    if (flood_ == nullptr || is_over()) {
        return;
    }
    stall_at_ = in(stall_time());
    const step& one = *flood_;
    while (!mute_ && flooded_ < one.times &&
           out_.total_added() - out_.total_sent() < most_waiting) {
        frame made;
        made.opcode = one.opcode;
        made.rsv = one.rsv;
        made.fin = one.fin;
        made.payload = flood_body_;
        send_frame(std::move(made), {});
        ++flooded_;
    }
    if (mute_) {
        end_flood("");
    } else if (out_.is_empty()) {
        end_flood("through");
    }
}

/// `how`: "" if the connection is lost.
void conversation::end_flood(std::string_view how) {
    const std::string note = flood_->note.empty() ? std::string(how) : flood_->note;
    flood_ = nullptr;
    stall_at_ = never;
    remark("the flood of " + std::to_string(flooded_) + " frames is over: " + std::string(how));
    if (how == "stalled") {
        out_.drop_unbegun();
    }
    if (!is_closing() && case_.awaits(note)) {
        take_event(event_kind::noted, note);
    }
    play();
}

/// Answers to a flood are too many to be events.
bool conversation::is_counted(event_kind what, std::string_view octets) {
    if (what == event_kind::noted || what != counts_ || octets != flood_body_) {
        return false;
    }
    ++counted_;
    return true;
}

/// Puts their number in front of what comes behind them.  The answer to the newest ping may come
/// even later: it need not wait for a message that is on its way.
void conversation::note_count() {
    if (counts_ != event_kind::noted && counted_ > 0 && !count_noted_) {
        count_noted_ = true;
        remark(std::to_string(counted_) + " answers came to " + std::to_string(flooded_) +
               " frames");
        run_.events.push_back({event_kind::noted, counted_ < flooded_ ? "some" : "all"});
    }
}

void conversation::note_limit(std::uint16_t code) {
    for (const std::uint16_t each : limit_codes) {
        if (code == each && !run_.ours.there && case_.awaits("limit")) {
            run_.events.push_back({event_kind::noted, "limit"});
        }
    }
}

/// Finds the first octet of a message that no text could have there.
void conversation::note_fault(const frame& one, std::size_t head_bytes) {
    if (fault_ != 0 || (one.opcode != text_opcode && one.opcode != continuation)) {
        return;
    }
    const std::size_t before = text_.size();
    text_ += one.payload;
    const std::size_t fault = first_wrong_octet(text_);
    if (fault < text_.size()) {
        fault_ = out_.total_added() + head_bytes + (fault - before) + 1;
    }
}

}  // namespace plainsong::conform
