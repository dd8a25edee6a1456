// SPDX-License-Identifier: MIT
// client_handshake.hpp — writes an opening handshake and judges its answer (RFC 6455 §4.1).
//
// Does: write the request into memory of the caller; judge the answer as its octets arrive, and
// name the rule that it breaks; keep a refusal's status, fields and the start of its body.
// Does not: draw random octets, connect, wait, follow redirects, or keep the answer's octets.
// Used by: app/client.  Depends on: http, ws/accept_key, ws/extension, ws/permessage_deflate.
//
//   make_key -> write_request -> answer_reader.receive … -> open | failed
#ifndef PLAINSONG_WS_CLIENT_HANDSHAKE_HPP
#define PLAINSONG_WS_CLIENT_HANDSHAKE_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/base/result.hpp>
#include <plainsong/http/field.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/permessage_deflate.hpp>

namespace plainsong {

/// The 24 characters of a Sec-WebSocket-Key.
struct handshake_key {
    char text[24];

    [[nodiscard]] std::string_view view() const { return {text, sizeof text}; }
};

/// Returns: the key for 16 octets, which the caller draws anew for each handshake.  [6455-4.1-30]
handshake_key make_key(std::span<const std::uint8_t, 16> random);

/// What a client asks for.  Lifetime: the texts are the caller's until the answer is judged.
struct upgrade_offer {
    std::string_view host;    // of the Host field: "example.com:8080", "[::1]:9"
    std::string_view target;  // "/chat?x=1"
    handshake_key key;
    std::string_view origin{};      // "": none is sent
    std::string_view protocols{};   // "chat, superchat", the preferred one first; "": none
    std::string_view extensions{};  // value of Sec-WebSocket-Extensions; "": none is offered
    std::span<const http::field> fields{};  // more fields: Cookie, Authorization, User-Agent ...
};

/// Returns: a size that the request for `offer` doesn't exceed.
std::size_t request_size(const upgrade_offer& offer);

/// Returns: whether a program may add `field` to a request: it is well-formed, and none of those
/// that the handshake writes itself (Host, Upgrade, Connection, Origin, Sec-WebSocket-...) or that
/// would announce a body.
bool is_request_field(const http::field& field);

/// Writes the request.
/// Returns: its size.
/// Errors: invalid_argument if host or target have no place in a request line or Host field, or the
/// key is none; protocols_not_sendable; extensions_not_sendable; field_not_sendable for the origin,
/// or for a field for which is_request_field is false; output_full.
result<std::size_t> write_request(byte_span into, const upgrade_offer& offer);

/// The final answer to a request.  Lifetime: that of the octets it was judged from and of the
/// answer_reader.
struct upgrade_answer {
    std::uint16_t status = 0;
    std::string_view reason;
    std::span<const http::field> fields;
    byte_view body;               // what came of a refusal's, at most answer_reader::most_body
    std::string_view protocol;    // if open: the subprotocol in use, "" for none
    std::string_view extensions;  // if open: the extensions in use as they were sent, "" for none
    deflate_parameters deflate;   // if has_deflate
    bool has_deflate = false;     // if open: permessage-deflate is in use
};

/// Judges the answer to one request, as its octets arrive.  The verdict does not depend on how they
/// were cut.  Its size is that of the fields of one head: three kilobytes.
class answer_reader {
public:
    static constexpr std::size_t most_body = 4096;   // octets of a refusal's body that are kept
    static constexpr std::uint8_t most_interim = 8;  // answers before the final one

    struct step {
        enum class kind : std::uint8_t { need_more, open, failed };
        kind status = kind::need_more;
        std::size_t size = 0;  // open: of all heads, the interim ones too; what follows is frames
        violation why;         // failed
    };

    /// Judges what has arrived; a fold in the final head is overwritten by blanks.
    /// `all`: every octet received so far, in one piece, beginning where the last call's did; the
    /// piece itself may have moved.
    /// Requires: `asked` and `limits` are those of the last call.
    /// Returns: the verdict; once it is open or failed it stays that, and `all` isn't looked at.
    /// Cost: linear in the new octets; the final head is read once more when it is complete.
    step receive(byte_span all, const upgrade_offer& asked, const http::head_limits& limits);

    /// The same at the end: nothing more will come, or it isn't waited for.  A refusal whose body
    /// is incomplete is then settled.  Returns: open or failed.
    step end(byte_span all, const upgrade_offer& asked, const http::head_limits& limits);

    /// Returns: true if the answer is a refusal of which only the body, or its end, is missing.
    [[nodiscard]] bool awaits_body() const {
        return body_start_ != 0 && verdict_.status == step::kind::need_more;
    }
    /// Returns: true if the verdict is there and was about a final answer, whose head is good HTTP.
    [[nodiscard]] bool has_head() const { return has_head_; }
    /// Returns: that answer.  Lifetime: that of this reader and of `all` as given to the call that
    /// returned the verdict first.
    /// Requires: has_head().
    [[nodiscard]] upgrade_answer answer() const;

    /// Returns: a size of `all` at which receive() needs no more in any case.
    static constexpr std::size_t longest_answer(const http::head_limits& limits) {
        return 2 * limits.longest_head() + most_body;
    }

private:
    void take_head(byte_span all, std::size_t size, const upgrade_offer& asked,
                   const http::head_limits& limits);
    void take_interim(std::size_t size, const http::head_limits& limits);
    void settle_refusal(byte_span all);
    void fail(error_code why, std::size_t offset);

    http::head_parser parser_{http::head_kind::response};
    http::response_head head_;
    upgrade_answer answer_;  // what of it stands in no head
    step verdict_;
    std::size_t start_ = 0;        // of the head that is being read, or was read last
    std::size_t body_start_ = 0;   // of a refusal's body; 0 as long as there is none
    std::size_t body_wanted_ = 0;  // octets of it that are waited for
    std::uint8_t interim_ = 0;
    bool has_head_ = false;
};

}  // namespace plainsong

#endif  // PLAINSONG_WS_CLIENT_HANDSHAKE_HPP
