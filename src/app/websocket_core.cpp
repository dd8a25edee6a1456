// SPDX-License-Identifier: MIT
// websocket_core.cpp — connecting, sending and closing; what is fired is in websocket_events.cpp.
#include "src/app/websocket_core.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/utf8.hpp>
#include <plainsong/codec/utf8_repair.hpp>

namespace plainsong {

namespace {

// As a Sec-WebSocket-Protocol field has them.  Returns: false if one of them cannot stand there, or
// twice.
bool join_protocols(const Protocols& protocols, std::string& out) {
    const auto& names = protocols.names();
    for (auto one = names.begin(); one != names.end(); ++one) {
        const bool is_repeated = std::any_of(names.begin(), one, [&](std::string_view other) {
            return equals_ignoring_case(*one, other);
        });
        if (!is_token(*one) || is_repeated) {
            return false;
        }
        out += out.empty() ? "" : ", ";
        out += *one;
    }
    return true;
}

std::string repaired(std::string_view text) {
    std::string out(repaired_size(as_bytes(text)), '\0');
    repair_utf8(as_bytes(text), reinterpret_cast<std::uint8_t*>(out.data()));
    return out;
}

/// The extensions in use, as in an answer.
std::string extensions_of(const session& one) {
    if (!one.compresses()) {
        return {};
    }
    const deflate_parameters terms = one.deflate_terms();
    char text[longest_deflate_element];
    return std::string(write_deflate_element(
        text,
        {.parameters = terms,
         .names_server_window =
             terms.server_max_window_bits != deflate_parameters::most_window_bits,
         .names_client_window =
             terms.client_max_window_bits != deflate_parameters::most_window_bits},
        deflate_side::answer));
}

/// What options say of the connection, and what the standard says.
client_options adapted(websocket_options&& options, const websocket_url& url) {
    client_options out = std::move(options.connection);
    out.bounds.frame_bytes = out.bounds.message_bytes = options.most_message_bytes;
    // The outlet bounds what waits, and never gives the session more than a little above its mark.
    out.bounds.outbox_bytes = std::numeric_limits<std::size_t>::max() / 2;
    out.bounds.outbox_messages = std::numeric_limits<std::uint32_t>::max();
    out.reconnect = {};
    out.queue_while_down_bytes = 0;
    if (out.authorization.empty()) {
        out.authorization = url.authorization;
    }
    return out;
}

}  // namespace

websocket_core::websocket_core(loop& on, websocket_options& options)
    : its_loop(on),
      outlet(options.connection.bounds.outbox_high_bytes, options.most_buffered_bytes) {}

// ---- connecting ---------------------------------------------------------------------------------

void websocket_core::connect(std::string_view given, const Protocols& protocols,
                             websocket_options&& options) {
    std::string offer;
    status = parse_websocket_url(given, url);
    if (!status && !join_protocols(protocols, offer)) {
        status = error_code::protocols_not_sendable;  // [6455-4.1-38] [6455-4.1-39]
    }
    if (!status) {
        has_offered = !offer.empty();
        stream transport = std::move(options.transport);
        handlers on = make_handlers(offer, options.compression);
        link.emplace(its_loop, adapted(std::move(options), url));
        const error why = transport
                              ? link->connect_over(std::move(transport), url.plain, std::move(on))
                              : link->connect(url.plain, std::move(on));
        if (why.code() == error_code::tls_not_available) {
            fail(why);  // the URL is right: it is the network that isn't there
        } else {
            status = why;
        }
    }
    if (status && events.empty()) {
        url = {};
        state = WebSocket::CLOSED;
        link.reset();
    }
}

handlers websocket_core::make_handlers(std::string_view offer,
                                       const compression_options& compression) {
    return {.subprotocols = offer,
            .on_failure = [this](const connect_failure& how) { fail(how.why); },
            .on_open = [this](session& one) { opened(one); },
            .on_message_begin =
                [this](session&, opcode type) {
                    incoming.clear();
                    incoming_is_text = type == opcode::text;
                },
            .on_message_chunk =
                [this](session&, byte_view chunk) {
                    if (state <= WebSocket::OPEN) {  // later nobody is told of it
                        incoming.append(chunk);
                    }
                },
            .on_message_end =
                [this](session&) {
                    queue_event({.what = queued_event::kind::message,
                                 .is_text = incoming_is_text,
                                 .data = std::exchange(incoming, {})});
                },
            .on_drain = [this](session&) { move_on(); },
            .on_close = [this](session& one, const close_record& how) { ended(one, how); },
            .compression = compression};
}

void websocket_core::opened(session& one) {
    if (has_offered && one.subprotocol().empty()) {
        // The RFC lets a server choose none; the standard for browsers does not.
        status = error_code::answer_protocol_missing;
        one.terminate();
        return;
    }
    was_established = true;
    queue_event({.what = queued_event::kind::open,
                 .text = std::string(one.subprotocol()),
                 .extensions = extensions_of(one)});
}

void websocket_core::ended(session& one, const close_record& how) {
    outlet.note_end(one);
    owed_close.reset();
    if (!was_established) {
        fail(status);
        return;
    }
    if (!status && how.cause) {
        status = how.system_error != 0 ? error(error_code::system_call_failed, how.system_error)
                                       : error(how.cause.code);
    }
    queue_event({.what = queued_event::kind::end,
                 .failed = static_cast<bool>(how.cause),
                 .clean = how.clean && how.orderly_end,
                 .code = how.code,
                 .text = std::string(how.reason)});
}

// There is no connection, and there won't be one.
void websocket_core::fail(error why) {
    status = status ? status : why;
    queue_event({.what = queued_event::kind::end, .failed = true, .code = close_code::abnormal});
}

void websocket_core::queue_event(queued_event one) {
    events.push_back(std::move(one));
    wake();
}

void websocket_core::leave() {
    owner = nullptr;
    link.reset();
    its_loop.cancel(*this);
    if (!is_firing) {
        delete this;
    }
}

// ---- sending ------------------------------------------------------------------------------------

template <typename Send>
DOMException websocket_core::send(std::uint64_t size, Send how) {
    its_loop.check_thread();
    if (state == WebSocket::CONNECTING) {
        return {error_code::invalid_state};
    }
    outlet.count(size);
    wake();  // there this task will have ended
    session* const through = current();
    if (state == WebSocket::OPEN && through != nullptr && through->is_open()) {
        if (auto why = how(*through)) {
            give_up(why);
        } else if (outlet.wants_more()) {
            wake();
        }
    }
    return {};
}

DOMException websocket_core::send_text(std::string_view text) {
    std::string fixed;
    if (!is_utf8(as_bytes(text))) {
        fixed = repaired(text);
        text = fixed;
    }
    return send(text.size(), [&](session& through) {
        return outlet.send(through, opcode::text, as_bytes(text));
    });
}

DOMException websocket_core::send_bytes(byte_view bytes) {
    return send(bytes.size(),
                [&](session& through) { return outlet.send(through, opcode::binary, bytes); });
}

DOMException websocket_core::send_blob(const Blob& blob) {
    return send(blob.size(), [&](session& through) { return outlet.send(through, blob); });
}

// The session has room again, or a turn has passed.
void websocket_core::move_on() {
    session* const through = current();
    if (through == nullptr || !through->is_open()) {
        return;
    }
    if (auto why = outlet.move_on(*through)) {
        give_up(why);
        return;
    }
    if (outlet.wants_more()) {
        wake();
    }
    if (owed_close && outlet.is_empty()) {
        const close_request wanted = std::move(*owed_close);
        owed_close.reset();
        if (const auto outcome = through->close(wanted.code, wanted.reason);
            outcome.what == fate::refused) {
            give_up(outcome.why);
        }
    }
}

void websocket_core::give_up(error why) {
    status = status ? status : why;
    if (session* const through = current()) {  // it may have ended while it was sent to
        through->terminate();
    }
}

// ---- closing ------------------------------------------------------------------------------------

DOMException websocket_core::close(std::optional<int> code, std::string_view reason) {
    its_loop.check_thread();
    if (code && *code != 1000 && (*code < 3000 || *code > 4999)) {
        return {error_code::close_code_not_sendable};
    }
    std::string fixed = repaired(reason);
    if (fixed.size() > max_close_reason_bytes) {
        return {error_code::control_too_long};
    }
    if (state >= WebSocket::CLOSING) {
        return {};
    }
    const bool is_connecting = state == WebSocket::CONNECTING;
    state = WebSocket::CLOSING;
    session* const through = current();
    if (!is_connecting) {
        const int chosen = code ? *code : fixed.empty() ? close_code::no_code : close_code::normal;
        owed_close = {static_cast<std::uint16_t>(chosen), std::move(fixed)};
        move_on();
    } else if (through != nullptr) {  // it is open, but nobody has been told
        through->terminate();
    } else if (link) {
        static_cast<void>(link->close());  // and on_failure is called now
    }
    return {};
}

std::uint16_t websocket_core::ready_state() const {
    // The peer has begun to close, and all that it sent before has been fired.
    const session* const through = current();
    const bool is_ending =
        state == WebSocket::OPEN && events.empty() && (through == nullptr || !through->is_open());
    return is_ending ? WebSocket::CLOSING : state;
}

}  // namespace plainsong
