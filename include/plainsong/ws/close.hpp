// SPDX-License-Identifier: MIT
// close.hpp — the end of a connection (RFC 6455 §5.5.1, §7).
//
// Does: encode and judge the body of a Close frame; say which codes may travel; hold the state
// machine of closing as a table.  Does not: keep the state of a connection (see ws/connection.hpp).
// Used by: ws/connection, app, tools.  Depends on: base, codec/utf8, ws/frame.
#ifndef PLAINSONG_WS_CLOSE_HPP
#define PLAINSONG_WS_CLOSE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/ws/frame.hpp>

namespace plainsong {

/// Close codes of RFC 6455 §7.4.1 and the IANA registry.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t no_code = 1005;   // reported, never sent: the Close had no body
inline constexpr std::uint16_t abnormal = 1006;  // reported, never sent: there was no Close
inline constexpr std::uint16_t invalid_data = 1007;
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t extension_needed = 1010;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t service_restart = 1012;
inline constexpr std::uint16_t try_again_later = 1013;
inline constexpr std::uint16_t bad_gateway = 1014;
}  // namespace close_code

inline constexpr std::size_t max_close_reason_bytes = max_control_bytes - 2;

/// Returns: whether `code` may stand in a Close frame: the codes that IANA has registered for the
/// wire and 3000 to 4999.  Spec: RFC 6455 §7.4.
constexpr bool is_wire_close_code(std::uint16_t code) {
    // [6455-7.4.1-06] [6455-7.4.1-07] [6455-7.4.1-08] [6455-7.4.1-16]: not 1004, 1005, 1006, 1015
    // [6455-7.4.2-01] [6455-7.4.2-02] [6455-7.4.2-03] [6455-7.4.2-04] [6455-11.7-01]
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

/// The body of a received Close frame.
struct close_body {
    std::uint16_t code = close_code::no_code;
    std::string_view reason;            // into the payload
    error_code why = error_code::none;  // the rule that the body breaks
    std::uint8_t offset = 0;            // of the first wrong byte of the payload
};

/// Judges the whole payload of a Close frame.  Lifetime of `reason`: that of `payload`.
close_body parse_close(byte_view payload);

/// The payload of a Close frame to send.
struct close_payload {
    std::array<std::uint8_t, max_control_bytes> bytes;
    std::uint8_t size = 0;

    [[nodiscard]] byte_view view() const { return {bytes.data(), size}; }
};

/// Writes code and reason; no_code (1005) gives an empty payload, as sent to answer an empty Close.
/// Errors: close_code_not_sendable, control_too_long, reason_not_utf8, invalid_argument (a reason
/// without a code); `out` is then unchanged.
error encode_close(std::uint16_t code, std::string_view reason, close_payload& out);

// ---- the state machine --------------------------------------------------------------------------

enum class close_state : std::uint8_t {
    open,          // no Close in either direction
    close_sent,    // ours is on its way; the peer's is awaited, data still comes in
    closing,       // both are known; ours is not yet handed over completely
    failing,       // the peer broke a rule; our Close is on its way, input is discarded
    draining,      // we have sent FIN; input is discarded until the peer's FIN
    awaiting_end,  // client: both are done, the server closes the TCP connection
    closed,        // it is over
};
inline constexpr std::size_t close_states = 7;

enum class close_input : std::uint8_t {
    local_close,        // the program asks to close
    peer_close,         // a valid Close frame was received
    violation,          // the peer broke a rule
    flushed_as_server,  // nothing is left to be written, and we are the server
    flushed_as_client,  // the same for a client
    end,                // the peer's FIN
    lost,               // the transport failed
    deadline,           // the time allowed in this state is over
};
inline constexpr std::size_t close_inputs = 8;

enum class close_action : std::uint8_t {
    none,
    send_close,    // queue a Close of our own
    answer_close,  // queue the Close that answers the peer's
    send_fin,      // half-close the transport
    finish,        // report the end; the transport can be dropped
};

struct close_transition {
    close_state next;
    close_action action;
};

/// The table: what each input does in each state.
close_transition close_step(close_state state, close_input input);

std::string_view name_of(close_state state);
std::string_view name_of(close_input input);
std::string_view name_of(close_action action);

}  // namespace plainsong

#endif  // PLAINSONG_WS_CLOSE_HPP
