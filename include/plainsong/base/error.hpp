// SPDX-License-Identifier: MIT
// error.hpp — every way in which something can go wrong, in one list.
//
// Does: name each error, say whose fault it is, which answer the peer gets and which requirement it
// broke.  Does not: allocate, format or throw.
// Used by: everything.  Depends on: nothing.
#ifndef PLAINSONG_BASE_ERROR_HPP
#define PLAINSONG_BASE_ERROR_HPP

#include <cstdint>

namespace plainsong {

/// Who broke the rule: the program that calls the library, the peer, or the operating system.
enum class error_class : std::uint8_t { local, peer, system };

// X(name, class, answer, requirement, text)
//
// answer: what the peer is told: a Close code (1000 and up), an HTTP status (below 1000), 0 if
// nothing is sent.  requirement: the id of the rule in tests/conformance/*.req, "" if it is a rule
// of this library.  text: what was expected, as one clause.
#define PLAINSONG_ERRORS(X)                                                                        \
    /* misuse by the calling program */                                                            \
    X(invalid_argument, local, 0, "", "an argument is outside its documented range")               \
    X(invalid_state, local, 0, "", "the call is not allowed in the present state")                 \
    X(not_open, local, 0, "6455-6.1-02", "data is sent only while the connection is open")         \
    X(output_full, local, 0, "", "the output has no room for this frame")                          \
    X(message_in_progress, local, 0, "6455-5.4-09", "one message ends before the next begins")     \
    X(no_message_in_progress, local, 0, "6455-5.4-04", "a continuation follows a message begun")   \
    X(control_too_long, local, 0, "6455-5.5-02", "a control payload has at most 125 bytes")        \
    X(close_code_not_sendable, local, 0, "6455-7.4.1-07", "a Close code that may be sent is used") \
    X(reason_not_utf8, local, 0, "6455-5.5.1-03", "a Close reason is UTF-8")                       \
    X(text_not_utf8, local, 0, "6455-5.6-02", "a text message is UTF-8")                           \
    X(field_not_sendable, local, 0, "", "a header field has a token name and no control bytes")    \
    X(protocols_not_sendable, local, 0, "6455-4.1-38",                                             \
      "subprotocols are tokens, and each is offered once")                                         \
    X(extensions_not_sendable, local, 0, "6455-9.1-05",                                            \
      "offered extensions follow their grammar, parameters their RFC")                             \
    X(text_not_base64, local, 0, "", "the text is padded base64")                                  \
    X(terminated, local, 0, "", "the program keeps the connection")                                \
    X(gone, local, 0, "", "the session still exists")                                              \
    X(refused_full, local, 0, "", "the send queue has room")                                       \
    X(url_malformed, local, 0, "6455-3-01", "the URL is ws:// or wss:// with a host")              \
    X(proxy_url_malformed, local, 0, "",                                                           \
      "the proxy is http://, socks5:// or socks5h:// with a host")                                 \
    X(proxy_target_not_sendable, local, 0, "",                                                     \
      "host, user and password have a form that the proxy can be told")                            \
    X(url_has_fragment, local, 0, "6455-3-05", "a WebSocket URL has no fragment")                  \
    X(no_such_address, local, 0, "", "the host, port or path names an address")                    \
    X(not_a_file, local, 0, "", "the path names a regular file")                                   \
    X(tls_not_available, local, 0, "", "wss:// is given a transport that speaks TLS")              \
    /* the system */                                                                               \
    X(system_call_failed, system, 0, "", "the system call succeeds")                               \
    X(file_changed, system, 0, "", "the file has the bytes that it had when it was opened")        \
    X(no_entropy, system, 0, "6455-5.3-04", "the kernel's random source answers")                  \
    X(poller_unavailable, system, 0, "", "this poller exists on this system")                      \
    X(name_not_found, system, 0, "", "the name has an address")                                    \
    X(name_lookup_failed, system, 0, "", "the name can be looked up")                              \
    X(connect_failed, system, 0, "", "an address of the peer takes the connection")                \
    X(connect_timeout, system, 0, "", "a connection is made within its deadline")                  \
    X(connected_to_itself, system, 0, "", "the connection leads to somebody else")                 \
    /* frames (RFC 6455 §5) */                                                                    \
    X(frame_reserved_bit, peer, 1002, "6455-5.2-04", "RSV bits are 0 unless negotiated")           \
    X(frame_reserved_opcode, peer, 1002, "6455-5.2-05", "the opcode is 0, 1, 2, 8, 9 or 10")       \
    X(frame_not_masked, peer, 1002, "6455-5.1-02", "a client masks each of its frames")            \
    X(frame_masked, peer, 1002, "6455-5.1-05", "a server masks none of its frames")                \
    X(frame_length_not_minimal, peer, 1002, "6455-5.2-11", "the shortest length form is used")     \
    X(frame_length_top_bit, peer, 1002, "6455-5.2-09", "the top bit of a 64-bit length is 0")      \
    X(control_fragmented, peer, 1002, "6455-5.4-07", "a control frame has FIN set")                \
    X(control_payload_too_long, peer, 1002, "6455-5.5-02",                                         \
      "a control payload is at most 125 bytes")                                                    \
    X(frame_too_big, peer, 1009, "6455-10.4-01", "the frame is within the size limit")             \
    /* messages (§5.4, §5.6, §8.1) */                                                           \
    X(continuation_without_start, peer, 1002, "6455-5.4-04", "a continuation continues a message") \
    X(message_not_finished, peer, 1002, "6455-5.4-05", "a message ends before the next begins")    \
    X(message_too_big, peer, 1009, "6455-10.4-01", "the message is within the size limit")         \
    X(too_many_fragments, peer, 1008, "6455-10.4-01", "the fragments are within the count limit")  \
    X(invalid_utf8, peer, 1007, "6455-8.1-01", "text is UTF-8")                                    \
    X(message_stalled, peer, 1008, "", "a message once begun makes progress")                      \
    /* compressed messages (RFC 1951 §3.2, RFC 7692 §7.2.2) */                                   \
    X(deflate_block_reserved, peer, 1007, "", "a block is stored, fixed or dynamic")               \
    X(deflate_stored_length_wrong, peer, 1007, "", "a stored block's LEN and NLEN agree")          \
    X(deflate_too_many_codes, peer, 1007, "",                                                      \
      "a block has at most 286 literal/length and 30 distance codes")                              \
    X(deflate_lengths_oversubscribed, peer, 1007, "",                                              \
      "the codes for code lengths are prefixes of no other")                                       \
    X(deflate_lengths_incomplete, peer, 1007, "", "the codes for code lengths leave no gap")       \
    X(deflate_nothing_to_repeat, peer, 1007, "", "a code length to repeat comes after another")    \
    X(deflate_repeat_too_long, peer, 1007, "", "repeated code lengths end with the last code")     \
    X(deflate_end_code_missing, peer, 1007, "", "a block has a code for its end")                  \
    X(deflate_literals_oversubscribed, peer, 1007, "",                                             \
      "the codes for literals and lengths are prefixes of no other")                               \
    X(deflate_literals_incomplete, peer, 1007, "",                                                 \
      "the codes for literals and lengths leave no gap")                                           \
    X(deflate_distances_oversubscribed, peer, 1007, "",                                            \
      "the codes for distances are prefixes of no other")                                          \
    X(deflate_distances_incomplete, peer, 1007, "", "the codes for distances leave no gap")        \
    X(deflate_literal_invalid, peer, 1007, "", "each code stands for a literal or a length")       \
    X(deflate_distance_invalid, peer, 1007, "", "behind a length stands a code for a distance")    \
    X(deflate_distance_too_far, peer, 1007, "", "a match begins in the text and in the window")    \
    X(deflate_ends_inside_block, peer, 1007, "", "a compressed message ends where a block does")   \
    X(deflate_ratio_exceeded, peer, 1009, "",                                                      \
      "a compressed message becomes larger by no more than the allowed factor")                    \
    X(inflaters_exhausted, peer, 1013, "", "there is memory for another message to be inflated")   \
    /* closing (§5.5.1, §7) */                                                                   \
    X(close_payload_one_byte, peer, 1002, "6455-5.5.1-02", "a Close body starts with two bytes")   \
    X(close_code_invalid, peer, 1002, "6455-7.4.2-02", "the Close code is one that may be sent")   \
    X(close_reason_not_utf8, peer, 1007, "6455-5.5.1-03", "a Close reason is UTF-8")               \
    X(no_pong, peer, 0, "", "the peer answers a ping in time")                                     \
    X(idle_too_long, peer, 1001, "", "the peer sends something within the idle timeout")           \
    X(close_not_answered, peer, 0, "6455-5.5.1-07", "a Close is answered in time")                 \
    X(connection_reset, peer, 0, "", "the peer keeps the connection until both Close frames")      \
    X(unexpected_end, peer, 0, "6455-7.1.5-03", "the byte stream ends after a Close frame")        \
    X(send_queue_overflow, peer, 1013, "", "the peer reads as fast as it is sent to")              \
    X(write_stalled, peer, 0, "", "the peer reads within the write timeout")                       \
    /* the answer to a client (RFC 6455 §4.1, RFC 7692 §7) */                                    \
    X(upgrade_refused, peer, 0, "6455-4.1-44", "the status is 101 Switching Protocols")            \
    X(answer_incomplete, peer, 0, "6455-4.1-50", "the answer's head is complete when it ends")     \
    X(answer_version_not_1_1, peer, 0, "6455-4.1-50", "the answer is HTTP/1.1 or a later 1.x")     \
    X(answer_has_coding, peer, 0, "6455-4.1-50", "a 1xx answer has no Transfer-Encoding")          \
    X(too_many_interim_answers, peer, 0, "6455-4.1-50",                                            \
      "few and short interim answers come before the final one")                                   \
    X(answer_upgrade_wrong, peer, 0, "6455-4.1-45", "Upgrade is sent once and is websocket")       \
    X(answer_connection_wrong, peer, 0, "6455-4.1-46", "Connection is tokens that name upgrade")   \
    X(answer_accept_missing, peer, 0, "6455-4.1-47", "a Sec-WebSocket-Accept is sent")             \
    X(answer_accept_repeated, peer, 0, "6455-11.3.3-01", "one Sec-WebSocket-Accept is sent")       \
    X(answer_accept_wrong, peer, 0, "6455-4.1-47", "Sec-WebSocket-Accept answers the key")         \
    X(answer_extensions_repeated, peer, 0, "6455-11.3.2-02",                                       \
      "at most one Sec-WebSocket-Extensions is sent")                                              \
    X(answer_extensions_malformed, peer, 0, "6455-9.1-02",                                         \
      "Sec-WebSocket-Extensions follows its grammar")                                              \
    X(answer_extension_unasked, peer, 0, "6455-4.1-48", "an extension is one that was offered")    \
    X(answer_protocol_repeated, peer, 0, "6455-11.3.4-02",                                         \
      "at most one Sec-WebSocket-Protocol is sent")                                                \
    X(answer_protocol_malformed, peer, 0, "6455-4.3-09", "Sec-WebSocket-Protocol is one token")    \
    X(answer_protocol_missing, peer, 0, "", "one of the subprotocols that were offered is chosen") \
    X(answer_protocol_unasked, peer, 0, "6455-4.1-49", "a subprotocol is one that was offered")    \
    X(deflate_agreed_twice, peer, 0, "7692-5-10", "permessage-deflate is accepted once")           \
    X(deflate_parameter_unknown, peer, 0, "7692-7-05",                                             \
      "a parameter of permessage-deflate is one of its four")                                      \
    X(deflate_parameter_repeated, peer, 0, "7692-7-07",                                            \
      "each parameter of permessage-deflate is sent once")                                         \
    X(deflate_value_invalid, peer, 0, "7692-7-06",                                                 \
      "window bits are 8 to 15, and the other parameters have no value")                           \
    X(deflate_answer_unfit, peer, 0, "7692-7-08",                                                  \
      "parameters of permessage-deflate stay within what was offered")                             \
    /* proxies (RFC 9110 §9.3.6, RFC 1928, RFC 1929) */                                           \
    X(proxy_answer_malformed, peer, 0, "", "the proxy's answer follows its grammar and limits")    \
    X(proxy_ended, peer, 0, "", "the proxy keeps the stream until it has answered")                \
    X(proxy_spoke_first, peer, 0, "", "a proxy adds nothing of its own to an open tunnel")         \
    X(proxy_wants_login, peer, 0, "", "the proxy accepts the user and password, or needs none")    \
    X(proxy_refused, peer, 0, "", "the proxy opens the tunnel with a status of 200 to 299")        \
    X(socks_no_method, peer, 0, "", "the SOCKS proxy accepts a way to log in that was offered")    \
    X(socks_login_failed, peer, 0, "", "the SOCKS proxy accepts the user and password")            \
    X(socks_general_failure, peer, 0, "", "the SOCKS proxy works: it reports a general failure")   \
    X(socks_not_allowed, peer, 0, "", "the SOCKS proxy's rules allow the connection")              \
    X(socks_network_unreachable, peer, 0, "", "the SOCKS proxy reaches the host's network")        \
    X(socks_host_unreachable, peer, 0, "", "the SOCKS proxy reaches the host")                     \
    X(socks_connection_refused, peer, 0, "", "the host accepts the SOCKS proxy's connection")      \
    X(socks_ttl_expired, peer, 0, "", "the SOCKS proxy reaches the host before the TTL expires")   \
    X(socks_command_unknown, peer, 0, "", "the SOCKS proxy supports CONNECT")                      \
    X(socks_address_unknown, peer, 0, "", "the SOCKS proxy supports this type of address")         \
    /* the opening handshake (RFC 6455 §4, RFC 9112) */                                           \
    X(request_illegal_byte, peer, 400, "9112-2.2-06", "only bytes of the grammar are sent")        \
    X(status_line_malformed, peer, 0, "6455-4.1-50", "the answer begins with HTTP/d.d SP ddd")     \
    X(request_line_malformed, peer, 400, "9112-2.2-06",                                            \
      "the request line is METHOD SP target SP HTTP/d.d")                                          \
    X(request_target_malformed, peer, 400, "9112-3.2-02",                                          \
      "the target is origin-form or absolute-form")                                                \
    X(request_line_too_long, peer, 414, "9112-3-02", "the request line is within the limit")       \
    X(http_version_not_1_1, peer, 400, "6455-4.2.1-05", "the request is HTTP/1.1 or higher")       \
    X(http_major_unsupported, peer, 505, "6455-4.2.1-05", "the major HTTP version is 1")           \
    X(too_many_empty_lines, peer, 400, "9112-2.2-04", "a request follows at most one empty line")  \
    X(field_malformed, peer, 400, "9112-5.1-01", "a header line is token, colon, value")           \
    X(field_folded, peer, 400, "9112-5.2-01", "a header value stands on one line")                 \
    X(line_end_malformed, peer, 400, "9112-2.2-03", "a line ends with CR LF")                      \
    X(field_line_too_long, peer, 431, "6455-10.4-01", "each header line is within the limit")      \
    X(head_too_long, peer, 431, "6455-10.4-01", "the header block is within the limit")            \
    X(too_many_fields, peer, 431, "6455-10.4-01", "the header lines are within the count limit")   \
    X(host_missing, peer, 400, "9112-3.2-01", "exactly one Host is sent")                          \
    X(host_malformed, peer, 400, "9112-3.2-01", "Host is a host with an optional port")            \
    X(body_announced, peer, 400, "9112-7.1-01", "an upgrade request has no body")                  \
    X(content_length_malformed, peer, 400, "9112-6.3-01", "Content-Length is digits, sent once")   \
    X(expectation_unknown, peer, 417, "", "Expect is 100-continue")                                \
    X(method_not_allowed, peer, 405, "6455-4.2.1-05", "the method is GET")                         \
    X(method_unknown, peer, 501, "9112-3.1-01", "the method is one that HTTP defines")             \
    X(upgrade_missing, peer, 426, "6455-4.2.1-08", "Upgrade names websocket")                      \
    X(upgrade_malformed, peer, 400, "6455-4.2.1-08", "Upgrade is a list of protocols")             \
    X(connection_malformed, peer, 400, "6455-4.2.1-09", "Connection is a list of tokens")          \
    X(connection_without_upgrade, peer, 400, "6455-4.2.1-09", "Connection names upgrade")          \
    X(key_missing, peer, 400, "6455-4.2.1-10", "exactly one Sec-WebSocket-Key is sent")            \
    X(key_malformed, peer, 400, "6455-4.2.1-10", "the key is the base64 of 16 bytes")              \
    X(version_missing, peer, 400, "6455-4.2.1-11", "exactly one Sec-WebSocket-Version is sent")    \
    X(version_malformed, peer, 400, "6455-4.3-07",                                                 \
      "the version is 0 to 255 without leading zeros")                                             \
    X(version_unsupported, peer, 426, "6455-4.2.2-09", "the version is 13")                        \
    X(protocol_malformed, peer, 400, "6455-4.3-06", "Sec-WebSocket-Protocol is a list of tokens")  \
    X(extension_malformed, peer, 400, "6455-9.1-01",                                               \
      "Sec-WebSocket-Extensions follows its grammar")                                              \
    X(origin_repeated, peer, 400, "6455-10.2-01", "at most one Origin is sent")                    \
    X(origin_refused, peer, 403, "6455-4.2.2-07", "the origin is one that the server allows")      \
    X(path_unknown, peer, 404, "6455-4.2.2-11", "the path is one that the server serves")          \
    X(refused_by_application, peer, 403, "6455-4.2.2-01", "the application accepts the request")   \
    X(overloaded, peer, 503, "", "the server has room for another connection")                     \
    X(handshake_timeout, peer, 408, "", "the handshake ends within its deadline")

enum class error_code : std::uint16_t {
    none,
#define PLAINSONG_NAME(name, whose, answer, requirement, text) name,
    PLAINSONG_ERRORS(PLAINSONG_NAME)
#undef PLAINSONG_NAME
};

/// What went wrong.  Truthy if something did: `if (auto error = ...)`.
class [[nodiscard]] error {
public:
    constexpr error() = default;
    constexpr error(error_code code) : code_(code) {}
    /// An error of the operating system; `number` is its errno (for a name: getaddrinfo's number).
    constexpr error(error_code code, int number) : number_(number), code_(code) {}

    constexpr explicit operator bool() const { return code_ != error_code::none; }
    constexpr bool operator==(const error&) const = default;

    [[nodiscard]] constexpr error_code code() const { return code_; }
    /// Returns: the errno of a system error (for a name: getaddrinfo's number), else 0.
    [[nodiscard]] constexpr int number() const { return number_; }

private:
    std::int32_t number_ = 0;
    error_code code_ = error_code::none;
};

static_assert(sizeof(error) == 8);

/// What is known of each error.  Lifetime: static.
struct error_facts {
    const char* name;
    const char* requirement;
    const char* text;
    std::uint16_t answer;
    error_class whose;
};

/// Returns: the row of the list above for `code`.
const error_facts& facts_of(error_code code);

/// A rule that the peer broke, and where.  Falsy if none was.
struct violation {
    error_code code = error_code::none;
    std::uint64_t offset = 0;  // of the first byte that is wrong, from the start of the stream

    constexpr explicit operator bool() const { return code != error_code::none; }
};

}  // namespace plainsong

#endif  // PLAINSONG_BASE_ERROR_HPP
