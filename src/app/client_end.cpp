// SPDX-License-Identifier: MIT
// client_end.cpp — how an attempt to connect ends if not in a session.
//
// Whatever goes wrong, and whoever gives up, one place tells the program: fail().  [6455-4.1-14]
#include <algorithm>
#include <utility>

#include "src/app/client_core.hpp"
#include "src/app/head_limits.hpp"
#include "src/app/session_scope.hpp"

namespace plainsong {

namespace {

connect_stage stage_of(client_core::stage at) {
    switch (at) {
        case client_core::stage::address:
            return connect_stage::address;
        case client_core::stage::proxy:
            return connect_stage::proxy;
        case client_core::stage::handshake:
        case client_core::stage::open:
            return connect_stage::handshake;
        case client_core::stage::idle:
        case client_core::stage::starting:
        case client_core::stage::name:
        case client_core::stage::waiting:
            break;
    }
    return connect_stage::name;
}

bool is_redirect(std::uint16_t status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

// Nothing more comes, or is waited for: a refusal whose body is incomplete is a refusal all the same.
answer_reader::step client_core::judge_end(const session& one) {
    const bool has_bytes = one.extras_ != nullptr && one.extras_->head.memory != nullptr;
    return reader->end(has_bytes ? one.extras_->head.bytes() : byte_span{}, offer,
                       head_limits_of(bounds));
}

void client_core::time_out() {
    if (at == stage::handshake) {
        const answer_reader::step found = judge_end(*current);
        if (reader->has_head()) {
            fail(found.why.code);
            return;
        }
    }
    fail(at == stage::proxy || at == stage::handshake ? error_code::handshake_timeout
                                                      : error_code::connect_timeout);
}

void client_core::handshake_ended(session& one, error_code why) {
    if (&one != current || one.phase_ != session::phase::handshake) {
        return;
    }
    error cause(why, one.system_error_);
    if (at == stage::proxy && one.system_error_ == 0) {
        cause = dialog->end().why;
    }
    if (at == stage::handshake) {
        const answer_reader::step found = judge_end(one);
        if (reader->has_head() || one.system_error_ == 0) {
            cause = found.why.code;
        }
    }
    fail(cause);
}

void client_core::fail(error why) {
    connect_failure failure{.stage = stage_of(at), .why = why, .peer = peer};
    const bool has_answer = reader != nullptr && reader->has_head();
    const upgrade_answer answer = has_answer ? reader->answer() : upgrade_answer{};
    if (has_answer && follow(answer)) {
        return;
    }
    failure.status = at == stage::proxy ? dialog->end().status_code : answer.status;
    failure.reason = answer.reason;
    failure.fields = answer.fields;
    failure.body = answer.body;
    counts.handshakes_failed.add(1);
    // The answer lies in the session, which this lets go of; its memory stays to the end of the turn.
    const std::unique_ptr<answer_reader> kept_reader = std::move(reader);
    session* const last = current;
    session_extras* const kept = last == nullptr ? nullptr : std::exchange(last->extras_, nullptr);
    end_attempt();
    // What the program has asked for, or cannot be asked for, will be no better the next time.
    const bool is_hopeless =
        facts_of(why.code()).whose == error_class::local ||
        std::count(stop_statuses.begin(), stop_statuses.end(), failure.status) != 0;
    plan_next(read_retry_after(failure.field("Retry-After"), failure.field("Date")), !is_hopeless);
    failure.will_retry = at == stage::waiting;
    if (way->on.on_failure) {
        way->on.on_failure(failure);
    }
    if (kept != nullptr) {
        lent.give_extras(kept);
    }
}

// Returns: whether the attempt goes on at another place.
bool client_core::follow(const upgrade_answer& answer) {
    if (!is_redirect(answer.status) || redirects == most_redirects || is_given ||
        its_loop.now() >= deadline) {
        return false;
    }
    const http::field* const location = http::find(answer.fields, "Location");
    if (location == nullptr || !request.redirect(location->value) ||
        (request.target().secure && !wrap)) {
        return false;
    }
    ++redirects;
    end_attempt();
    at = stage::starting;
    its_loop.arm(*this, its_loop.now());
    return true;
}

// Gives up whatever is under way; nobody is told.
void client_core::end_attempt() {
    if (!is_attempting()) {
        return;
    }
    if (lookup != 0) {
        names->cancel(std::exchange(lookup, 0));
    }
    ++ended;
    dialer.cancel();
    given.close();
    dialog.reset();
    reader.reset();
    its_loop.cancel(*this);
    at = stage::idle;
    if (current != nullptr) {
        session& one = *std::exchange(current, nullptr);
        counts.handshakes_open.subtract(1);
        session_scope scope(one);
        one.phase_ = session::phase::refused;
        one.is_over_ = true;
    }
}

}  // namespace plainsong
