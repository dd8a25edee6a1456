// SPDX-License-Identifier: MIT
// load_inflate.cpp — offering, judging the answer, inflating.
//
// Used by: tools/load_client.  Depends on: tools/load_inflate.
#include "tools/load_inflate.hpp"

#include <plainsong/ws/extension.hpp>

namespace plainsong::load {
namespace {

// The decoder may want to write an octet more to see that there is one too many.
constexpr std::size_t spare_room = 64;

deflate_terms terms_of(compression_kind asked) {
    const bool forgets = asked == compression_kind::each;
    return {.parameters = {.server_no_context_takeover = forgets,
                           .client_no_context_takeover = forgets}};
}

}  // namespace

std::string offer_of(compression_kind asked) {
    if (asked == compression_kind::none) {
        return "";
    }
    char element[longest_deflate_element];
    return "Sec-WebSocket-Extensions: " +
           std::string(write_deflate_element(element, terms_of(asked), deflate_side::offer)) +
           "\r\n";
}

bool reads_answer(http::field_values answered, compression_kind asked, deflate_parameters& agreed) {
    if (answered.empty()) {
        return false;
    }
    extension_reader items{answered};
    extension_item item = items.next();
    deflate_terms answer;
    const bool is_good =
        item.what == extension_item::kind::offer && item.name == permessage_deflate_name &&
        read_deflate_terms(items, deflate_side::answer, answer, item) == error_code::none &&
        item.what == extension_item::kind::end && fits_offer(answer, terms_of(asked));
    agreed = answer.parameters;
    return is_good;
}

echo_inflater::echo_inflater(const deflate_parameters& agreed, std::size_t payload_bytes)
    : bounds_{.message_bytes = payload_bytes},
      window_bits_(agreed.server_max_window_bits),
      room_(payload_bytes + spare_room),
      memory_(agreed.server_no_context_takeover ? 0 : std::size_t{1} << window_bits_) {
    if (!memory_.empty()) {
        window_ = inflate_window(memory_);
    }
}

// The octets are compared with those of UTF-8 text, which need not be judged again.
void echo_inflater::begin() {
    at_ = 0;
    inflater_.begin(opcode::binary, window_bits_, bounds_);
}

}  // namespace plainsong::load
