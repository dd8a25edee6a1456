// SPDX-License-Identifier: MIT
// close.cpp — Close frames and the table of closing (RFC 6455 §5.5.1, §7).
//
// All that can end a connection is one of eight inputs; all that has to be done about it is one of
// five actions.  The table below is the whole logic: tools/check/close-picture draws
// src/README.md's diagram from it.
#include <plainsong/ws/close.hpp>

#include <cstring>

#include <plainsong/codec/utf8.hpp>

namespace plainsong {

namespace {

using enum close_state;
using enum close_action;

constexpr close_transition stay(close_state state) {
    return {state, none};
}
constexpr close_transition over = {closed, finish};

// A failed connection sends one Close and then only reads [6455-7.1.7-05] [6455-7.1.7-07]; FIN goes
// out behind the Close and before the socket is closed, so that no reset overtakes it
// [6455-7.1.1-02].
constexpr close_transition table[close_states][close_inputs] = {
    // local_close            peer_close               violation               flushed_as_server
    // flushed_as_client      end                      lost                    deadline
    /* open */
    {{close_sent, send_close},
     {closing, answer_close},
     {failing, send_close},
     stay(open),
     stay(open),
     over,
     over,
     over},
    /* close_sent */
    {stay(close_sent),
     {closing, none},
     {failing, none},
     stay(close_sent),
     stay(close_sent),
     over,
     over,
     over},
    /* closing: the server is the first to close TCP, at once [6455-7.1.1-04] [6455-7.1.1-06]
       [6455-5.5.1-11] [6455-5.5.1-12]; the client waits for that [6455-5.5.1-13] [6455-7.1.1-07] */
    {stay(closing),
     stay(closing),
     stay(closing),
     {draining, send_fin},
     stay(awaiting_end),
     over,
     over,
     over},
    /* failing: both roles close [6455-7.1.7-01] [6455-7.1.7-03] */
    {stay(failing),
     stay(failing),
     stay(failing),
     {draining, send_fin},
     {draining, send_fin},
     over,
     over,
     over},
    /* draining */
    {stay(draining), stay(draining), stay(draining), stay(draining), stay(draining), over, over,
     over},
    /* awaiting_end */
    {stay(awaiting_end), stay(awaiting_end), stay(awaiting_end), stay(awaiting_end),
     stay(awaiting_end), over, over, over},
    /* closed */
    {stay(closed), stay(closed), stay(closed), stay(closed), stay(closed), stay(closed),
     stay(closed), stay(closed)},
};

constexpr std::string_view state_names[] = {"open",     "close_sent",   "closing", "failing",
                                            "draining", "awaiting_end", "closed"};
constexpr std::string_view input_names[] = {
    "local_close",       "peer_close", "violation", "flushed_as_server",
    "flushed_as_client", "end",        "lost",      "deadline"};
constexpr std::string_view action_names[] = {"none", "send_close", "answer_close", "send_fin",
                                             "finish"};

}  // namespace

close_transition close_step(close_state state, close_input input) {
    return table[static_cast<std::size_t>(state)][static_cast<std::size_t>(input)];
}

std::string_view name_of(close_state state) {
    return state_names[static_cast<std::size_t>(state)];
}
std::string_view name_of(close_input input) {
    return input_names[static_cast<std::size_t>(input)];
}
std::string_view name_of(close_action action) {
    return action_names[static_cast<std::size_t>(action)];
}

close_body parse_close(byte_view payload) {
    close_body body;
    if (payload.empty()) {
        return body;  // [6455-5.5.1-01] [6455-7.1.5-02]
    }
    if (payload.size() == 1) {
        body.why = error_code::close_payload_one_byte;  // [6455-5.5.1-02]
        return body;
    }
    body.code = load_big_endian_16(payload.data());
    body.reason = as_text(payload.subspan(2));
    if (!is_wire_close_code(body.code)) {
        body.why = error_code::close_code_invalid;
        return body;
    }
    utf8_validator text;
    const std::size_t accepted = text.feed(payload.subspan(2));
    if (accepted != body.reason.size() || !text.complete()) {
        body.why = error_code::close_reason_not_utf8;  // [6455-5.5.1-03] [6455-8.1-01]
        body.offset = static_cast<std::uint8_t>(2 + accepted);
    }
    return body;
}

error encode_close(std::uint16_t code, std::string_view reason, close_payload& out) {
    if (code == close_code::no_code) {
        if (!reason.empty()) {
            return error_code::invalid_argument;
        }
        out.size = 0;
        return {};
    }
    if (!is_wire_close_code(code)) {
        return error_code::close_code_not_sendable;
    }
    if (reason.size() > max_close_reason_bytes) {
        return error_code::control_too_long;
    }
    if (!is_utf8(as_bytes(reason))) {
        return error_code::reason_not_utf8;
    }
    store_big_endian_16(out.bytes.data(), code);
    if (!reason.empty()) {
        std::memcpy(out.bytes.data() + 2, reason.data(), reason.size());
    }
    out.size = static_cast<std::uint8_t>(2 + reason.size());
    return {};
}

}  // namespace plainsong
