// SPDX-License-Identifier: MIT
// client_core.cpp — a client's calls, its session's end, and the decision to try again.
#include "src/app/client_core.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <plainsong/base/contract.hpp>

namespace plainsong {

namespace {

constexpr std::size_t message_cache_bytes = 16 << 20;

}  // namespace

client_core::client_core(loop& on, client_options&& options)
    : session_core(on, options.bounds, std::move(options.log)),
      request(options),
      most_redirects(options.most_redirects),
      open_within(options.open_within),
      stagger(options.stagger),
      wrap(std::move(options.wrap)),
      policy(options.reconnect),
      stop_codes(policy.stop_codes.begin(), policy.stop_codes.end()),
      stop_statuses(policy.stop_statuses.begin(), policy.stop_statuses.end()),
      queue_limit(std::min(options.queue_while_down_bytes, options.bounds.outbox_bytes)),
      names(options.names),
      dialer(on) {
    lent.blocks.keep_at_least(message_cache_bytes);
}

client_core::~client_core() {
    end_attempt();
    its_loop.cancel(*this);
    lent.let_go(*this);
    while (!sessions.empty()) {
        session& one = *sessions.back();
        one.terminate();
        PLAINSONG_REQUIRE(one.phase_ == session::phase::dead);
        free_session(one);  // it leaves the graveyard
    }
}

// ---- the client's calls ----------------------------------------------------------------------------

std::unique_ptr<route> client_core::make_route() {
    auto fresh = std::make_unique<route>();
    fresh->core = this;
    fresh->config = {.self = role::client, .bounds = bounds, .keys = lent.keys()};
    return fresh;
}

error client_core::connect(std::string_view url, handlers&& on, stream transport) {
    if (at != stage::idle) {
        // In on_close the old session has still to be forgotten.
        if (at != stage::open || !current->is_over_) {
            return error_code::invalid_state;
        }
    }
    std::unique_ptr<route> fresh = make_route();
    if (!fresh->set_handlers(std::move(on)) || fresh->on.on_upgrade) {
        return error_code::invalid_argument;
    }
    if (auto why = request.set(url, fresh->protocol_text, fresh->on.compression)) {
        return why;  // [6455-4.1-04] [6455-4.1-05]
    }
    is_given = static_cast<bool>(transport);
    if (request.target().secure && !wrap && !is_given) {
        return error_code::tls_not_available;
    }
    given = std::move(transport);
    if (way != nullptr) {
        old_ways.push_back(std::move(way));
    }
    way = std::move(fresh);
    current = nullptr;
    attempts = 0;
    is_closing = false;
    at = stage::starting;                 // [6455-4.1-01]
    its_loop.arm(*this, its_loop.now());  // outside of a turn the loop's time stands still
    return {};
}

send_result client_core::send(const message& m) {
    if (current != nullptr && current->is_open()) {
        if (!queue.empty()) {
            send_queued(*current);
        }
        return current->send(m);
    }
    const bool will_be_open = is_attempting() || at == stage::waiting ||
                              (at == stage::open && policy.enabled && !is_closing && !is_given);
    if (!will_be_open) {
        return {fate::gone, error_code::not_open};
    }
    if (queue_limit == 0 || queue_bytes + m.payload.size() > queue_limit ||
        queue.size() >= bounds.outbox_messages) {
        counts.messages_refused.add(1);
        return {fate::refused, queue_limit == 0 ? error_code::not_open : error_code::refused_full};
    }
    queue_bytes += m.payload.size();  // [6455-4.1-42]: until there is an answer
    queue.push_back({m.type, std::string(as_text(m.payload)), m.may_compress});
    return {fate::queued};
}

send_result client_core::close(std::uint16_t code, std::string_view reason) {
    if (at == stage::open) {
        const send_result result = current->close(code, reason);
        // A connection that is on its way out already is not followed by another one either.
        is_closing = is_closing || result.what != fate::refused;
        return result;
    }
    if (at == stage::idle) {
        return {fate::gone, error_code::not_open};
    }
    is_closing = true;
    if (is_attempting()) {
        fail(error_code::terminated);
    } else {
        plan_next(duration::zero(), false);
    }
    return {};
}

// The client is gone.  An open session says so and is seen to its end; nobody is called any more.
void client_core::leave() {
    is_closing = true;
    end_attempt();
    plan_next(duration::zero(), false);
    lent.adopt(*this);
    is_silent = true;
    quiet_way = make_route();
    quiet_way->on.compression = way == nullptr ? compression_options{} : way->on.compression;
    quiet_way->on.on_message_chunk = [](session&, byte_view) {};  // nothing is kept for nobody
    for (session* const one : sessions) {
        one->route_ = quiet_way.get();
        one->subprotocol_ = 0;  // whose name was the route's
        if (one->is_open()) {
            one->close(close_code::going_away);
        }
    }
    if (sessions.empty()) {
        its_loop.bury(*this);
    }
}

// ---- what comes next ------------------------------------------------------------------------------

// The next attempt, `least` from now or later, or the end.
void client_core::plan_next(duration least, bool is_wanted) {
    const bool again = is_wanted && policy.enabled && !is_closing && !is_given &&
                       (policy.most_attempts == 0 || attempts < policy.most_attempts);
    its_loop.cancel(*this);
    if (!again) {
        at = stage::idle;
        counts.messages_unsent.add(queue.size());
        queue.clear();
        queue_bytes = 0;
        return;
    }
    std::uint64_t random = ~std::uint64_t{0};
    if (auto why = lent.entropy.fill({reinterpret_cast<std::uint8_t*>(&random), sizeof random})) {
        random = ~std::uint64_t{0};  // without jitter, but as late as it may be
    }
    at = stage::waiting;
    // [6455-7.2.3-01] [6455-7.2.3-02]
    const duration delay = std::max(least, reconnect_delay(policy, attempts, random));
    its_loop.arm(*this, after(its_loop.now(), delay));
}

// ---- the session is over ---------------------------------------------------------------------------

void client_core::forget(session& one) {
    if (&one != current) {
        return;
    }
    current = nullptr;
    if (at != stage::open) {
        return;
    }
    if (its_loop.now() - opened_at >= policy.stable_after) {
        attempts = 0;
    }
    const close_info how = one.engine_.outcome();
    // The program's own Close, answered or not; that of a failure has the failure's code.
    const bool is_meant = how.who == close_initiator::local &&
                          (!how.cause || how.sent_code != facts_of(how.cause.code).answer);
    plan_next(duration::zero(),
              !is_meant && std::count(stop_codes.begin(), stop_codes.end(), how.code) == 0);
}

void client_core::free(session& one) {
    free_session(one);
    if (quiet_way != nullptr && sessions.empty()) {
        delete this;
    }
}

void client_core::free_session(session& one) {
    std::erase(sessions, &one);
    one.~session();
    ::operator delete(static_cast<void*>(&one));
}

}  // namespace plainsong
