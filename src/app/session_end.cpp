// SPDX-License-Identifier: MIT
// session_end.cpp — deadlines, interest, and how a session ends.
//
// However a session ends, it ends in finish(): one place, one on_close.
#include <algorithm>

#include <plainsong/app/session.hpp>

#include "src/app/session_core.hpp"
#include "src/app/session_scope.hpp"

namespace plainsong {

namespace {

bool is_timeout(error_code why) {
    return why == error_code::no_pong || why == error_code::idle_too_long ||
           why == error_code::message_stalled || why == error_code::close_not_answered ||
           why == error_code::write_stalled;
}

}  // namespace

// What follows from the calls just made.
void session::settle() {
    if (is_over_ || (phase_ == phase::open && engine_.finished())) {
        finish();
        return;
    }
    if (phase_ == phase::open && engine_.state() > close_state::close_sent) {
        log_failure();  // later the kernel may have forgotten who it was
    }
    const bool wants_fin =
        phase_ == phase::refused || (phase_ == phase::open && engine_.wants_shutdown());
    if (wants_fin && !fin_sent_ && !has_queue() && !write_broken_) {
        fin_sent_ = true;
        stream_.shutdown_write();
        if (phase_ == phase::refused && paused_) {
            finish();
        } else if (phase_ == phase::refused) {
            extras().drain_until = after(core().its_loop.now(), core().bounds.drain_within);
        }
    }
}

void session::finish() {
    session_core& shared = core();
    is_over_ = true;
    if (opened_) {
        opened_ = false;
        const close_info how = engine_.outcome();
        close_record record{.code = how.code,
                            .sent_code = how.sent_code,
                            .clean = how.clean,
                            .orderly_end = saw_end_,
                            .who = how.who,
                            .reason = how.reason,
                            .cause = how.cause,
                            .system_error = system_error_};
        if (extras_ != nullptr) {
            record.bytes_unsent = extras_->bytes_unsent + extras_->queue.bytes();
            record.messages_unsent = extras_->messages_unsent + extras_->queue.messages();
        }
        count_end(record);
        if (route_->on.on_close) {
            route_->on.on_close(*this, record);
        }
    }
    shared.handshake_ended(*this, error_code::terminated);
    phase_ = phase::dead;
    shared.its_loop.unwatch(token_);  // before the descriptor is closed
    stream_.close();
    if (engine_.attached() == &shared.lent.workspace.room) {
        shared.lent.workspace.room.clear();
        shared.lent.workspace_is_lent = false;
    }
    if (engine_.attached() != nullptr) {
        engine_.detach();
    }
    drop_context();
    if (extras_ != nullptr) {
        shared.lent.give_extras(extras_);
        extras_ = nullptr;
    }
    shared.forget(*this);
    shared.its_loop.bury(*this);
}

void session::count_end(const close_record& record) {
    session_core& shared = core();
    metrics& counts = shared.counts;
    counts.sessions_open.subtract(1);
    (record.clean ? counts.sessions_closed_clean : counts.sessions_closed_unclean).add(1);
    counts.messages_unsent.add(record.messages_unsent);
    if (!record.cause) {
        return;
    }
    if (is_timeout(record.cause.code)) {
        counts.timeouts.add(1);
    } else if (facts_of(record.cause.code).answer != 0) {
        counts.violations.add(1);
    }
    log_failure();
}

void session::log_failure() {
    const violation cause = engine_.outcome().cause;
    if (cause && !is_logged_) {
        is_logged_ = true;
        core().log(log_event::session_failed, cause, *this);  // [6455-7.1.7-04]
    }
}

// ---- waiting ---------------------------------------------------------------------------------------

void session::update_interest() {
    const bool waits_to_write =
        blocked_ && !write_broken_ && (extras_ == nullptr || extras_->retry_at == never);
    // Behind our FIN nothing is left to do but to see the peer's.
    const interest reading = fin_sent_ ? interest::patient : interest::read;
    const interest wanted = !reads() ? (waits_to_write ? interest::write : interest::none)
                                     : (waits_to_write ? interest::both : reading);
    if (wanted == interest_) {
        return;
    }
    const error why = core().its_loop.change(token_, wanted);
    if (!why) {
        interest_ = wanted;
        return;
    }
    // Without its events the connection would hang for ever.
    system_error_ = static_cast<std::int16_t>(why.number());
    if (phase_ == phase::open) {
        engine_.lost(error_code::connection_reset, core().its_loop.now());
    }
    finish();
}

time_point session::wanted_deadline() const {
    if (phase_ == phase::handshake) {
        return extras_ == nullptr ? due() : std::min(due(), extras_->retry_at);
    }
    if (phase_ == phase::refused) {
        return std::min(extras_->retry_at, extras_->drain_until);
    }
    time_point next = engine_deadline();
    if (extras_ != nullptr) {
        next = std::min({next, extras_->retry_at, write_deadline(), message_deadline()});
    }
    return next;
}

// The peer's time to answer our Close begins when that has left; until then the queue in front of it has
// to make progress, and nothing else.
time_point session::engine_deadline() const {
    const bool close_waits = engine_.state() == close_state::close_sent && has_queue();
    return close_waits ? never : engine_.next_deadline();
}

// When the peer has to have read something.
time_point session::write_deadline() const {
    return blocked_ ? after(extras_->blocked_since, route_->config.bounds.write_stall) : never;
}

// When enough of the message that is coming in has to be here.
time_point session::message_deadline() const {
    return engine_.is_open() ? after(extras_->slow_since, route_->config.bounds.message_stall)
                             : never;
}

// A timer that is early does no harm: on_due looks again.  So messages, which only ever move the
// deadline later, do not touch the timer.
void session::update_timer() {
    const time_point next = wanted_deadline();
    if (next < due()) {
        core().its_loop.arm(*this, next);
    }
}

void session::on_due() {
    session_scope scope(*this);
    const time_point now = core().its_loop.now();
    const bool retries = extras_ != nullptr && now >= extras_->retry_at;
    if (retries) {
        extras_->retry_at = never;
        blocked_ = false;
    }
    if (phase_ == phase::handshake) {
        if (!retries) {  // of a client's session, whose deadline is another's
            core().handshake_timed_out(*this);
        }
    } else if (phase_ == phase::refused) {
        is_over_ = now >= extras().drain_until;
    } else if (extras_ != nullptr && now >= write_deadline()) {
        on_event(engine_.lost(error_code::write_stalled, now));
    } else if (extras_ != nullptr && now >= message_deadline()) {
        engine_.fail(error_code::message_stalled, now);
    } else if (now >= engine_deadline()) {
        on_event(engine_.on_deadline(now));
    }
}

}  // namespace plainsong
