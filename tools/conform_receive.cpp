// SPDX-License-Identifier: MIT
// conform_receive.cpp — what a conversation makes of the peer's octets.
//
// Used by: tools/conform_run.  Depends on: tools/conform_conversation.
#include <algorithm>
#include <utility>

#include "tools/conform_conversation.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

constexpr std::uint8_t text_opcode = 1;
constexpr std::uint8_t pong_opcode = 10;
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t protocol_error = 1002;
constexpr int reads_a_turn = 16;

}  // namespace

void conversation::receive() {
    for (int turn = 0; turn < reads_a_turn && !is_over(); ++turn) {
        const byte_span buffer = loop_.receive_buffer();
        const io_result got = transport_.receive(buffer);
        switch (got.status) {
            case io_result::kind::would_block:
                return;
            case io_result::kind::end:
                return peer_ended(connection_end::fin);
            case io_result::kind::failed:
                return peer_ended(connection_end::reset);
            case io_result::kind::done:
                ++run_.octets_received[got.count];
                note_progress();
                take(as_text(buffer.first(got.count)));
        }
    }
}

void conversation::take(std::string_view octets) {
    if (deaf_) {
        return;
    }
    reader_.feed(octets);
    frame one;
    std::string violation;
    while (!deaf_ && !is_over() && reader_.next(one, violation)) {
        log_frame(log_line::kind::received, one);
        ++run_.frames_received[one.opcode];
        take_arrival(judge_.take(std::move(one)));
    }
    if (!violation.empty()) {
        fail_peer(std::move(violation));
    }
}

void conversation::take_arrival(arrival&& what) {
    switch (what.what) {
        case arrival::kind::nothing:
            return;
        case arrival::kind::violation:
            return fail_peer(std::move(what.octets));
        case arrival::kind::close:
            return take_close(what);
        case arrival::kind::text:
            return take_event(event_kind::text, std::move(what.octets));
        case arrival::kind::binary:
            return take_event(event_kind::binary, std::move(what.octets));
        case arrival::kind::pong:
            return take_event(event_kind::pong, std::move(what.octets));
        case arrival::kind::ping:
            break;
    }
    if (!is_closing()) {
        frame reply;
        reply.opcode = pong_opcode;
        reply.payload = std::move(what.octets);
        send_frame(std::move(reply), {});
    }
}

/// Whether it is the message of the conversation that was sent last.
bool conversation::is_echo(event_kind what, std::string_view octets) const {
    const step& last = case_.steps[at_ - 1];
    return reel_ && last.what == step_kind::converse &&
           what == (last.opcode == text_opcode ? event_kind::text : event_kind::binary) &&
           octets == reel_->text();
}

void conversation::take_event(event_kind what, std::string octets) {
    if (at_ > 0 && is_echo(what, octets)) {
        what = event_kind::echo;
        octets = std::string{};  // which has no room that stays
        reel_->advance();
    }
    if (is_counted(what, octets)) {
        return;
    }
    if (what != event_kind::noted) {
        note_count();
    }
    run_.events.push_back({what, std::move(octets)});
    if (is_closing()) {
        return;
    }
    if (replies_ > 0) {
        --replies_;
        send_message(case_.steps[at_ - 1]);
    }
    progress best = progress::astray;
    for (const auto& alternatives : {&case_.accepted, &case_.tolerated, &case_.mentioned}) {
        for (const expected_events& each : *alternatives) {
            best = std::max(best, compare(run_.events, each));
        }
    }
    const bool all_sent = at_ == case_.steps.size() && !is_held() && replies_ == 0;
    if (best == progress::there && all_sent && case_.closed_by_tester) {
        send_close(case_.codes.front());
    } else if (best == progress::astray && case_.ends_astray()) {
        remark("that is not what was expected");
        send_close(normal);  // or it would take minutes until the patience ends
    }
}

void conversation::take_close(const arrival& what) {
    run_.theirs = {true, what.code, what.octets};
    close_by_ = resume_ = patience_ = stall_at_ = never;
    flood_ = nullptr;
    note_limit(what.code);
    if (fault_ != 0) {
        run_.past_fault = out_.total_sent() - std::min(out_.total_sent(), fault_);
    }
    if (run_.ours.there || ending_ || case_.reply == close_reply::close) {
        end_by_ = in(closing_time());
    } else {
        end_by_ = in(case_.patience);
        resetting_ = case_.reply == close_reply::reset;
    }
    if (!run_.ours.there) {
        out_.drop_unbegun();
        if (case_.reply == close_reply::close) {
            send_close(normal);
        } else if (case_.reply != close_reply::nothing) {
            end_sending();
        }
    }
    end_if_both_closed();
}

/// A server doesn't wait for the client to end the connection.
void conversation::end_if_both_closed() {
    if (options_.is_client || mute_ || ending_ || !out_.is_empty() || !run_.ours.there ||
        !run_.theirs.there || hang_up_ != never) {
        return;
    }
    if (case_.linger.count() > 0) {
        hang_up_ = in(case_.linger);
    } else {
        end_sending();
    }
}

void conversation::fail_peer(std::string why) {
    remark("the peer breaks the protocol: " + why);
    run_.violation = std::move(why);
    deaf_ = true;
    flood_ = nullptr;
    resume_ = patience_ = close_by_ = stall_at_ = never;
    out_.drop_unbegun();
    if (!run_.ours.there) {
        send_close(protocol_error);
        close_by_ = never;
    }
    end_by_ = in(closing_time());
}

}  // namespace plainsong::conform
