// SPDX-License-Identifier: MIT
// client_attempt.cpp — an attempt to connect, step by step.
//
// begin_attempt → find_addresses → connect_to → take_transport → begin_session → [read_proxy] → ask →
// read_answer → begin_open [6455-4.1-03].  From each step an error leads to fail(), in client_end.cpp.
#include <algorithm>
#include <new>
#include <utility>

#include "src/app/client_core.hpp"
#include "src/app/head_limits.hpp"
#include "src/app/session_scope.hpp"

namespace plainsong {

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
        deadline = after(its_loop.now(), open_within);
    }
    its_loop.arm(*this, deadline);
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
    const proxy_url& proxy = request.proxy();  // [6455-4.1-11] [6455-4.1-12]
    const bool is_direct = proxy.kind == proxy_kind::none;
    const std::string& host = is_direct ? request.target().host : proxy.host;
    const std::uint16_t port = is_direct ? request.target().port : proxy.port;
    std::vector<address> literal;
    if (literal_addresses(host, port, literal)) {
        connect_to(literal);
        return;
    }
    if (names == nullptr) {
        names = &lent.names();
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

// Returns: false if the attempt has ended by it: the program may have closed the client, or destroyed
// it, or told it to connect to somewhere else.
bool client_core::put_on_top(stream& transport) {
    at = stage::handshake;  // the server is reached: no failure from here on is a proxy's
    if (!wrap || is_given) {
        return true;
    }
    const std::uint64_t number = ended;
    const std::string host = request.target().host;
    stream top = wrap(std::move(transport), host, request.target().secure);
    if (number != ended) {
        return false;
    }
    transport = std::move(top);
    if (!transport) {
        fail(error_code::tls_not_available);
        return false;
    }
    return true;
}

void client_core::begin_session(stream transport) {
    const bool is_direct = is_given || request.proxy().kind == proxy_kind::none;
    if (is_direct && !put_on_top(transport)) {
        return;
    }
    auto* const one = ::new (::operator new(sizeof(session))) session(*way, std::move(transport));
    sessions.push_back(one);
    current = one;
    counts.handshakes_open.add(1);
    session_scope scope(*one);
    if (!watch(*one)) {
        return;
    }
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

// Returns: false if the attempt has failed by it.
bool client_core::watch(session& one) {
    auto token = its_loop.watch(one.stream_.descriptor(), interest::read, one);
    if (!token) {
        fail(token.why());
        return false;
    }
    one.token_ = *token;
    one.interest_ = interest::read;
    return true;
}

// A send that fails is no end yet: the server may have answered and gone before it read all.
void client_core::ask(session& one) {
    at = stage::handshake;
    reader = std::make_unique<answer_reader>();
    std::uint8_t random[16];  // [6455-4.1-31]
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
    one.send_raw(byte_span(head).first(*written));  // [6455-4.1-19]
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
            leave_proxy(one);
            break;
    }
}

// What is put on top may have a descriptor of its own, and close the one below it.
void client_core::leave_proxy(session& one) {
    if (wrap) {
        its_loop.unwatch(std::exchange(one.token_, {}));
        if (!put_on_top(one.stream_) || !watch(one)) {
            return;
        }
    }
    ask(one);
}

byte_span client_core::read_answer(session& one, byte_span in) {
    message_block& kept = one.extras().head;
    lent.blocks.append(kept, in, in.size());
    const answer_reader::step found = reader->receive(kept.bytes(), offer, head_limits_of(bounds));
    switch (found.status) {
        case answer_reader::step::kind::need_more:
            if (reader->awaits_body()) {  // which may have no end that can be seen
                its_loop.arm(*this, std::min(due(), after(its_loop.now(), bounds.drain_within)));
            }
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
    if (reader->answer().has_deflate) {
        one.agree_on(reader->answer().deflate);
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
// While on_open has left a message open that it sends in pieces, they go on waiting.
void client_core::send_queued(session& one) {
    if (one.sending_) {
        return;
    }
    std::deque<queued_message> waiting = std::exchange(queue, {});
    queue_bytes = 0;
    for (const queued_message& m : waiting) {
        const message whole{m.type, as_bytes(m.payload), m.may_compress};
        if (!one.is_open() || !one.send_now(whole, true, session::no_key)) {
            counts.messages_unsent.add(1);
        }
    }
}

}  // namespace plainsong
