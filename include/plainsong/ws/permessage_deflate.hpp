// SPDX-License-Identifier: MIT
// permessage_deflate.hpp — what two ends agree on before they compress (RFC 7692 §7.1).
//
// Does: read the parameters of an offer or an answer; say whether an answer fits an offer.
// Does not: compress, or find the extension among others (see ws/extension.hpp).
// Used by: ws/client_handshake.  Depends on: base/error, ws/extension.
#ifndef PLAINSONG_WS_PERMESSAGE_DEFLATE_HPP
#define PLAINSONG_WS_PERMESSAGE_DEFLATE_HPP

#include <cstdint>
#include <string_view>

#include <plainsong/base/error.hpp>
#include <plainsong/ws/extension.hpp>

namespace plainsong {

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

}  // namespace plainsong

#endif  // PLAINSONG_WS_PERMESSAGE_DEFLATE_HPP
