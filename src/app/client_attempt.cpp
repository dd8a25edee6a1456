// SPDX-License-Identifier: MIT
// client_attempt.cpp — an attempt to connect, step by step, and how it ends if not in a session.
//
// begin_attempt → find_addresses → connect_to → take_transport → begin_session → [read_proxy] → ask →
// read_answer → begin_open.  From each step an error leads to fail().
#include <algorithm>
#include <new>
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

// ---- an attempt ------------------------------------------------------------------------------------

void client_core::on_due() {
    switch (at) {
        case stage::starting:
        case stage::waiting:
            begin_attempt();
            break;
        case stage::name:
        case stage::address:
        case stage::proxy:
        case stage::handshake:
            time_out();
            break;
        case stage::idle:
        case stage::open:
            break;
    }
}

void client_core::begin_attempt() {
    if (sessions.empty()) {
        old_ways.clear();
    }
    if (at == stage::waiting || attempts == 0) {
        ++attempts;
        redirects = 0;
        request.return_home();
    }
    its_loop.arm(*this, after(its_loop.now(), open_within));
    peer = {};
    if (is_given) {
        begin_session(std::move(given));
    } else {
        find_addresses();
    }
}

void client_core::find_addresses() {
    at = stage::name;
    if (!request.unix_path().empty()) {
        auto where = address::unix_path(request.unix_path());
        if (!where) {
            fail(where.why());
            return;
        }
        connect_to({&*where, 1});
        return;
    }
    const proxy_url& proxy = request.proxy();
    const bool is_direct = proxy.kind == proxy_kind::none;
    const std::string& host = is_direct ? request.target().host : proxy.host;
    const std::uint16_t port = is_direct ? request.target().port : proxy.port;
    std::vector<address> literal;
    if (literal_addresses(host, port, literal)) {
        connect_to(literal);
        return;
    }
    if (names == nullptr) {
        own_names = std::make_unique<system_resolver>(its_loop);
        names = own_names.get();
    }
    lookup = names->resolve(host, port, [this](resolve_outcome found) {
        lookup = 0;
        if (found.why) {
            fail(found.why);
            return;
        }
        connect_to(found.addresses);
    });
}

void client_core::connect_to(std::span<const address> where) {
    at = stage::address;
    // The attempt has a deadline of its own, which holds for all of its stages.
    dialer.connect(where, {.stagger = stagger, .within = duration::max()},
                   [this](connect_outcome outcome) { take_transport(std::move(outcome)); });
}

void client_core::take_transport(connect_outcome outcome) {
    if (outcome.why) {
        fail(outcome.why);
        return;
    }
    peer = outcome.peer;
    begin_session(std::move(outcome.transport));
}

// Returns: false if the attempt has failed by it.
bool client_core::put_on_top(stream& transport) {
    const client_target& to = request.target();
    if (wrap && !is_given) {
        transport = wrap(std::move(transport), to.host, to.secure);
        if (!transport) {
            fail(error_code::tls_not_available);
            return false;
        }
    }
    return true;
}

void client_core::begin_session(stream transport) {
    const bool is_direct = is_given || request.proxy().kind == proxy_kind::none;
    if (is_direct && !put_on_top(transport)) {
        return;
    }
    const int descriptor = transport.descriptor();
    auto* const one = ::new (::operator new(sizeof(session))) session(*way, std::move(transport));
    sessions.push_back(one);
    auto token = its_loop.watch(descriptor, interest::read, *one);
    if (!token) {
        free_session(*one);
        fail(token.why());
        return;
    }
    one->token_ = *token;
    current = one;
    counts.handshakes_open.add(1);
    session_scope scope(*one);
    if (is_direct) {
        ask(*one);
        return;
    }
    const proxy_url& proxy = request.proxy();
    at = stage::proxy;
    dialog = std::make_unique<proxy_dialog>(
        proxy.kind, proxy_target{request.target().host, request.target().port}, proxy.user,
        proxy.password);
    read_proxy(*one, {});  // what can't be asked for has failed already
}

// A send that fails is no end yet: the server may have answered and gone before it read all.
void client_core::ask(session& one) {
    at = stage::handshake;
    reader = std::make_unique<answer_reader>();
    std::uint8_t random[16];
    if (auto why = lent.entropy.fill(random)) {
        fail(why);
        return;
    }
    offer = request.offer(random);
    std::vector<std::uint8_t> head(request_size(offer));
    auto written = write_request(head, offer);
    if (!written) {
        fail(written.why());
        return;
    }
    one.send_raw(byte_span(head).first(*written));
}

byte_span client_core::shake_hands(session& one, byte_span in) {
    if (&one != current) {
        return {};
    }
    if (at == stage::proxy) {
        read_proxy(one, in);
        return {};
    }
    return read_answer(one, in);
}

void client_core::read_proxy(session& one, byte_view in) {
    const proxy_dialog::step step = dialog->receive(in);
    if (const byte_view owed = dialog->output(); !owed.empty()) {
        one.send_raw(owed);
        dialog->output_sent(owed.size());
    }
    switch (step.status) {
        case proxy_dialog::step::kind::need_more:
            break;
        case proxy_dialog::step::kind::failed:
            fail(step.why);
            break;
        case proxy_dialog::step::kind::open:
            if (put_on_top(one.stream_)) {
                ask(one);
            }
            break;
    }
}

byte_span client_core::read_answer(session& one, byte_span in) {
    message_block& kept = one.extras().head;
    lent.blocks.append(kept, in, in.size());
    const answer_reader::step found = reader->receive(kept.bytes(), offer, head_limits_of(bounds));
    switch (found.status) {
        case answer_reader::step::kind::need_more:
            return {};
        case answer_reader::step::kind::failed:
            fail(found.why.code);
            return {};
        case answer_reader::step::kind::open:
            break;
    }
    return begin_open(one, kept.bytes().subspan(found.size));
}

byte_span client_core::begin_open(session& one, byte_span rest) {
    const std::string_view agreed = reader->answer().protocol;
    if (!agreed.empty()) {
        const auto place = std::find(way->protocols.begin(), way->protocols.end(), agreed);
        one.subprotocol_ = static_cast<std::uint8_t>(place - way->protocols.begin() + 1);
    }
    reader.reset();
    dialog.reset();
    its_loop.cancel(*this);
    counts.handshakes_open.subtract(1);
    at = stage::open;
    opened_at = its_loop.now();
    one.open();  // [6455-4.1-52]
    if (&one == current) {
        send_queued(one);
    }
    return rest;
}

// They were within a limit of their own while they waited here, so the session's queue takes them all.
void client_core::send_queued(session& one) {
    std::deque<queued_message> waiting = std::exchange(queue, {});
    queue_bytes = 0;
    for (const queued_message& m : waiting) {
        frame_header header;
        if (!one.is_open() || one.engine_.send_header(m.type, m.payload.size(), true, header)) {
            counts.messages_unsent.add(1);
            continue;
        }
        counts.messages_sent.add(1);
        one.put(header, as_bytes(m.payload), {});
    }
}

// ---- how an attempt ends ---------------------------------------------------------------------------

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
    const bool is_hopeless =
        std::count(stop_statuses.begin(), stop_statuses.end(), answer.status) != 0;
    plan_next(read_retry_after(failure.field("Retry-After"), failure.field("Date")),
              why.code() != error_code::terminated && !is_hopeless);
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
    if (!is_redirect(answer.status) || redirects == most_redirects || is_given) {
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
    given.close();
    dialer.cancel();
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
