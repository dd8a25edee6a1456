// SPDX-License-Identifier: MIT
// permessage_deflate.hpp — what two ends agree on before they compress (RFC 7692 §7.1).
//
// Does: read and write the parameters of an offer or an answer; say whether an answer fits an offer;
// choose among the offers that a server gets.
// Does not: compress, or find the extension among others (see ws/extension.hpp).
// Used by: ws/client_handshake, app/compression.  Depends on: base/error, http/field, ws/extension.
#ifndef PLAINSONG_WS_PERMESSAGE_DEFLATE_HPP
#define PLAINSONG_WS_PERMESSAGE_DEFLATE_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <plainsong/base/error.hpp>
#include <plainsong/http/field.hpp>
#include <plainsong/ws/extension.hpp>

namespace plainsong {

/// The one extension that is spoken; IANA has registered it (RFC 7692 §8.1).  [6455-9.1-04]
inline constexpr std::string_view permessage_deflate_name = "permessage-deflate";

/// The limits that both ends keep to.  What isn't agreed on is as here.
struct deflate_parameters {
    static constexpr std::uint8_t least_window_bits = 8;
    static constexpr std::uint8_t most_window_bits = 15;

    bool server_no_context_takeover = false;  // the server forgets after a message
    bool client_no_context_takeover = false;  // the client does
    std::uint8_t server_max_window_bits =
        most_window_bits;  // log2 of how far the server looks back
    std::uint8_t client_max_window_bits = most_window_bits;  // and the client

    /// Returns: whether there are windows of such sizes.
    [[nodiscard]] constexpr bool is_possible() const {
        return server_max_window_bits >= least_window_bits &&
               server_max_window_bits <= most_window_bits &&
               client_max_window_bits >= least_window_bits &&
               client_max_window_bits <= most_window_bits;
    }
    bool operator==(const deflate_parameters&) const = default;
};

/// The parameters as somebody has written them.
struct deflate_terms {
    deflate_parameters parameters;
    bool names_server_window = false;
    bool names_client_window = false;
};

/// An offer and an answer differ in one thing: client_max_window_bits without a value is an offer
/// to obey that parameter, but no answer.
enum class deflate_side : std::uint8_t { offer, answer };

/// Reads the parameters behind the extension's name, and the item after them into `following`.
/// Requires: `items` has just given permessage-deflate as an offer.
/// Returns: none, or deflate_parameter_unknown, deflate_parameter_repeated, deflate_value_invalid for
/// the first one that is wrong, which then is in `following`.
error_code read_deflate_terms(extension_reader& items, deflate_side side, deflate_terms& out,
                              extension_item& following);

/// Returns: whether a server that saw `offer` may answer so.  The offered client_max_window_bits is
/// a hint: the answer may be larger.
bool fits_offer(const deflate_terms& answer, const deflate_terms& offer);

/// Looks for an offer of permessage-deflate that can be accepted, the client's preferred one first.
/// `offers`: the lines of Sec-WebSocket-Extensions, which judge_request has found well-formed; none
/// are no offer.
/// `wanted`: what the server keeps to or asks for in any case.  A window of the client that is to be
/// smaller than 15 bits is asked for where the client has offered to obey; where it hasn't, the offer is
/// declined, unless the client forgets after each message, so that no memory depends on it.
/// Returns: whether there is one; then `agreed` is what both keep to, and names what the answer has
/// to say.  [7692-5-03] [7692-7-01] [7692-7-02] [7692-7-03] [7692-7-04]
bool accept_deflate_offer(http::field_values offers, const deflate_parameters& wanted,
                          deflate_terms& agreed);

/// The longest element: the name and all four parameters.
inline constexpr std::size_t longest_deflate_element = 128;

/// Writes an element of Sec-WebSocket-Extensions: the extension's name and what `terms` names.
/// In an offer, a client_max_window_bits of 15 has no value: it only says that the client obeys it.
/// Returns: the element, in `into`.
std::string_view write_deflate_element(std::span<char, longest_deflate_element> into,
                                       const deflate_terms& terms, deflate_side side);

}  // namespace plainsong

#endif  // PLAINSONG_WS_PERMESSAGE_DEFLATE_HPP
