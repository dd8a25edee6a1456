// SPDX-License-Identifier: MIT
// permessage_deflate.cpp — the four parameters, read, written and chosen.
#include <plainsong/ws/permessage_deflate.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

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

bool is_element(const extension_item& item) {
    return item.what == extension_item::kind::offer || item.what == extension_item::kind::parameter;
}

/// Returns: whether the server can do what `offer` asks for.  [7692-5-07] [7692-5-08]
bool accept_offer(const deflate_terms& offer, const deflate_parameters& wanted,
                  deflate_terms& agreed) {
    const deflate_parameters& asked = offer.parameters;
    agreed = {};
    deflate_parameters& given = agreed.parameters;
    given.server_no_context_takeover =  // [7692-7.1.1.1-04] [7692-7.1.1.1-06]
        asked.server_no_context_takeover || wanted.server_no_context_takeover;
    given.client_no_context_takeover =  // [7692-7.1.1.2-02]
        asked.client_no_context_takeover || wanted.client_no_context_takeover;
    given.server_max_window_bits =  // [7692-7.1.2.1-05]
        std::min(asked.server_max_window_bits, wanted.server_max_window_bits);
    agreed.names_server_window =
        offer.names_server_window ||
        given.server_max_window_bits != deflate_parameters::most_window_bits;
    if (offer.names_client_window) {  // [7692-7.1.2.2-04]
        given.client_max_window_bits =
            std::min(asked.client_max_window_bits, wanted.client_max_window_bits);
        agreed.names_client_window =
            given.client_max_window_bits != deflate_parameters::most_window_bits;
        return true;
    }
    // [7692-7.1.2.2-06] [7692-7-04]: it can't be told to look back less far
    return wanted.client_max_window_bits == deflate_parameters::most_window_bits ||
           given.client_no_context_takeover;
}

/// Appends to an element that has room for all that can be said.
class element_writer {
public:
    explicit element_writer(std::span<char, longest_deflate_element> into) : into_(into) {}

    void add(std::string_view text) {
        std::copy(text.begin(), text.end(), into_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += text.size();
    }
    void add_value(std::uint8_t bits) {
        const char digits[] = {'=', static_cast<char>('0' + bits / 10),
                               static_cast<char>('0' + bits % 10)};
        add({digits, 1});
        add(bits < 10 ? std::string_view(digits + 2, 1) : std::string_view(digits + 1, 2));
    }
    [[nodiscard]] std::string_view text() const { return {into_.data(), size_}; }

private:
    std::span<char, longest_deflate_element> into_;
    std::size_t size_ = 0;
};

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

bool accept_deflate_offer(http::field_values offers, const deflate_parameters& wanted,
                          deflate_terms& agreed) {
    if (offers.empty()) {
        return false;
    }
    extension_reader items{offers};
    for (extension_item item = items.next(); is_element(item);) {
        if (item.what != extension_item::kind::offer || item.name != permessage_deflate_name) {
            item = items.next();
            continue;
        }
        deflate_terms offer;
        const error_code why = read_deflate_terms(items, deflate_side::offer, offer, item);
        if (why == error_code::none && accept_offer(offer, wanted, agreed)) {
            return true;
        }
    }
    return false;  // [7692-5-13]
}

std::string_view write_deflate_element(std::span<char, longest_deflate_element> into,
                                       const deflate_terms& terms, deflate_side side) {
    const deflate_parameters& said = terms.parameters;
    element_writer out{into};
    out.add(permessage_deflate_name);
    if (said.server_no_context_takeover) {
        out.add("; server_no_context_takeover");
    }
    if (said.client_no_context_takeover) {
        out.add("; client_no_context_takeover");
    }
    if (terms.names_server_window) {  // [7692-7.1.2.1-02] [7692-7.1.2.1-06]
        out.add("; server_max_window_bits");
        out.add_value(said.server_max_window_bits);
    }
    if (terms.names_client_window) {  // [7692-7.1.2.2-01] [7692-7.1.2.2-02] [7692-7.1.2.2-05]
        out.add("; client_max_window_bits");
        const bool only_obeys = side == deflate_side::offer &&
                                said.client_max_window_bits == deflate_parameters::most_window_bits;
        if (!only_obeys) {
            out.add_value(said.client_max_window_bits);
        }
    }
    return out.text();
}

}  // namespace plainsong
