// SPDX-License-Identifier: MIT
// permessage_deflate.cpp — the four parameters.
#include <plainsong/ws/permessage_deflate.hpp>

#include <array>

#include <plainsong/codec/ascii.hpp>

namespace plainsong {

namespace {

/// Returns: 8 to 15; 0 for everything else.  [7692-7.1.2.1-02] [7692-7.1.2.2-02]
std::uint8_t window_bits_of(const extension_item& item) {
    // Two digits, each with a backslash before it if the sender likes that.
    std::array<char, 4> scratch;
    const std::string_view text = item.value(scratch);
    if (!is_digits(text) || text.size() > 2 || text.front() == '0') {
        return 0;
    }
    unsigned value = 0;
    for (const char digit : text) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    const bool allowed = value >= deflate_parameters::least_window_bits &&
                         value <= deflate_parameters::most_window_bits;
    return allowed ? static_cast<std::uint8_t>(value) : std::uint8_t{0};
}

error_code read_flag(const extension_item& item, bool& out) {
    if (out) {
        return error_code::deflate_parameter_repeated;  // [7692-7-07]
    }
    out = true;
    return item.has_value ? error_code::deflate_value_invalid
                          : error_code::none;  // [7692-7.1.1.1-02] [7692-7.1.1.2-03]
}

error_code read_window(const extension_item& item, bool may_lack_value, bool& named,
                       std::uint8_t& out) {
    if (named) {
        return error_code::deflate_parameter_repeated;  // [7692-7-07]
    }
    named = true;
    if (!item.has_value && may_lack_value) {
        return error_code::none;
    }
    const std::uint8_t bits = item.has_value ? window_bits_of(item) : std::uint8_t{0};
    if (bits == 0) {
        return error_code::deflate_value_invalid;  // [7692-7-06]
    }
    out = bits;
    return error_code::none;
}

error_code read_parameter(const extension_item& item, deflate_side side, deflate_terms& out) {
    deflate_parameters& agreed = out.parameters;
    if (item.name == "server_no_context_takeover") {
        return read_flag(item, agreed.server_no_context_takeover);
    }
    if (item.name == "client_no_context_takeover") {
        return read_flag(item, agreed.client_no_context_takeover);
    }
    if (item.name == "server_max_window_bits") {
        return read_window(item, false, out.names_server_window, agreed.server_max_window_bits);
    }
    if (item.name == "client_max_window_bits") {
        return read_window(item, side == deflate_side::offer, out.names_client_window,
                           agreed.client_max_window_bits);
    }
    return error_code::deflate_parameter_unknown;  // [7692-7-05]
}

}  // namespace

error_code read_deflate_terms(extension_reader& items, deflate_side side, deflate_terms& out,
                              extension_item& following) {
    out = {};
    for (;;) {
        following = items.next();
        if (following.what != extension_item::kind::parameter) {
            return error_code::none;
        }
        if (const error_code why = read_parameter(following, side, out); why != error_code::none) {
            return why;
        }
    }
}

bool fits_offer(const deflate_terms& answer, const deflate_terms& offer) {
    const deflate_parameters& given = answer.parameters;
    const deflate_parameters& asked = offer.parameters;
    return given.server_max_window_bits <= asked.server_max_window_bits &&  // [7692-7.1.2.1-05]
           (given.server_no_context_takeover || !asked.server_no_context_takeover) &&
           (offer.names_client_window || !answer.names_client_window);  // [7692-7.1.2.2-06]
}

}  // namespace plainsong
