// SPDX-License-Identifier: MIT
// conform_deadlines.cpp — how long a conversation waits for what, and what it makes of silence.
//
// Used by: tools/conform_run.  Depends on: tools/conform_conversation.
#include <algorithm>

#include "tools/conform_conversation.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t no_code = 1005;
constexpr milliseconds closing_patience{1000};
// Then a peer that never rests is left.
constexpr duration longest_progress = std::chrono::seconds{60};

}  // namespace

milliseconds conversation::closing_time() const {
    return options_.patience.count() == 0 ? closing_patience : options_.patience;
}

milliseconds conversation::patience() const {
    return options_.patience.count() == 0 ? case_.patience : options_.patience;
}

void conversation::set_timer() {
    if (!over_) {
        loop_.arm(*this, std::min({resume_, stall_at_, write_at_, hang_up_, patience_, close_by_,
                                   end_by_}));
    }
}

void conversation::on_due() {
    const time_point now = loop_.now();
    write_at_ = now >= write_at_ ? never : write_at_;
    if (!is_over() && now >= hang_up_) {
        hang_up_ = never;
        end_sending();
    }
    if (!is_over() && now >= stall_at_ && !waits_on(stall_at_, stall_time())) {
        end_flood("stalled");
    }
    if (!is_over() && now >= resume_) {
        go_on_with_script();
    }
    if (!is_over() && now >= close_by_ && !waits_on(close_by_, closing_time())) {
        run_.no_close_reply = true;
        run_.tester_dropped = options_.is_client;
        remark("no Close came in reply");
        finish();
    }
    if (!is_over() && now >= end_by_ && !waits_on(end_by_, closing_time())) {
        run_.no_end = run_.tester_dropped = options_.is_client || !run_.ours.there;
        remark("the peer didn't end the connection");
        finish();
    }
    if (!is_over() && now >= patience_ && (is_content() || !waits_on(patience_, patience()))) {
        patience_ = never;
        lose_patience();
    }
    pump();
    set_timer();
}

/// Whether a deadline that has come is put off: its coming says nothing where the machine is busy.
bool conversation::waits_on(time_point& deadline, milliseconds span) {
    if (!grace_.grant(loop_.now() - deadline)) {
        return false;
    }
    remark("the machine is busy, so the tester waits once more");
    deadline = in(span);
    return true;
}

/// Whether nothing better than what there is could come.
bool conversation::is_content() const {
    return case_.closed_by_tester && !is_closing() &&
           std::any_of(case_.accepted.begin(), case_.accepted.end(), [this](const auto& each) {
               return compare(run_.events, each) == progress::there;
           });
}

/// Whether to note that the connection is open after a wait would be wrong.
bool conversation::is_wrong_to_note(const std::string& note) const {
    std::vector<seen_event> with_note = run_.events;
    with_note.push_back({event_kind::noted, note});
    return std::none_of(case_.accepted.begin(), case_.accepted.end(), [&](const auto& each) {
        return compare(with_note, each) != progress::astray;
    });
}

/// A wait is over.
void conversation::go_on_with_script() {
    const step& waited = case_.steps[at_ - 1];
    const bool notes = !waited.note.empty() && !is_closing();
    if (notes && is_wrong_to_note(waited.note) && waits_on(resume_, waited.pause)) {
        return;
    }
    resume_ = never;
    if (notes) {
        remark("waited, and the connection is open: " + waited.note);
        take_event(event_kind::noted, waited.note);
    }
    play();
}

/// Octets went one way or the other: silence begins anew.
void conversation::note_progress() {
    if (loop_.now() - opened_ > longest_progress) {
        return;
    }
    if (patience_ != never && case_.weight() != case_weight::heavy) {
        patience_ = in(patience());
    }
    if (close_by_ != never) {
        close_by_ = in(closing_time());
    }
}

/// Octets left, and the tester's own end, which the peer is to wait for, stands behind them.
void conversation::note_sent() {
    note_progress();
    if (end_by_ != never && ending_ && loop_.now() - opened_ <= longest_progress) {
        end_by_ = in(patience());
    }
}

void conversation::lose_patience() {
    run_.ran_out_of_time = case_.then == patience_end::fail && !is_closing();
    if (is_closing()) {
        if (case_.then == patience_end::give_up) {
            run_.tester_dropped = options_.is_client;
            remark("the tester gives up and drops the connection");
            finish();
        }
        return;
    }
    remark("nothing more happens");
    send_close(case_.then == patience_end::give_up ? going_away : no_code);
}

}  // namespace plainsong::conform
