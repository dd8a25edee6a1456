// SPDX-License-Identifier: MIT
// broken_deflate.cpp — see broken_deflate.hpp.
#include "tests/support/broken_deflate.hpp"

#include <algorithm>
#include <regex>

#include <plainsong/base/bytes.hpp>

#include "tests/support/reference_inflate.hpp"

namespace plainsong::tests {
namespace {

constexpr std::size_t largest_window = 32768;
constexpr std::size_t budget = 4 << 20;
constexpr std::size_t small_budget = 65536;

unsigned bits_in(const std::string& text) {
    return text.empty() ? 15 : static_cast<unsigned>(std::stoul(text));
}

}  // namespace

std::string broken_deflate::agree(std::string_view head) {
    // Found by hand: a regular expression recurses for each character, and a head may be long.
    constexpr std::string_view field = "Sec-WebSocket-Extensions: ";
    const std::size_t line = head.find(field);
    if (has(defect::knows_no_compression) || line == std::string_view::npos) {
        return "";
    }
    const std::size_t value = line + field.size();
    const std::string offers(head.substr(value, head.find("\r\n", value) - value));
    const std::regex one("[^,]+");
    for (std::sregex_iterator at(offers.begin(), offers.end(), one), end; at != end; ++at) {
        server_forgets_ = client_forgets_ = client_names_bits_ = false;
        server_bits_ = client_bits_ = "";
        agreed_ = take_offer(at->str());
        if (agreed_ || has(defect::looks_at_the_first_offer_alone)) {
            break;
        }
    }
    if (!agreed_) {
        return "";
    }
    const unsigned bits = has(defect::ignores_its_window)   ? 15
                          : has(defect::takes_9_bits_for_8) ? std::max(bits_in(server_bits_), 9U)
                                                            : bits_in(server_bits_);
    out_.emplace(std::clamp(bits, 8U, 15U), deflate_level::fast);
    return std::string("permessage-deflate") +
           (server_forgets_ ? "; server_no_context_takeover" : "") +
           (client_forgets_ ? "; client_no_context_takeover" : "") +
           (server_bits_.empty() ? "" : "; server_max_window_bits=" + server_bits_) +
           (client_bits_.empty() ? "" : "; client_max_window_bits=" + client_bits_);
}

bool broken_deflate::take_offer(std::string_view offer) {
    const std::string all(offer);
    std::smatch found;
    if (!std::regex_match(all, found, std::regex("\\s*permessage-deflate((\\s*;[^;]*)*)"))) {
        return false;
    }
    const std::string rest = found[1];
    const std::regex one("\\s*;\\s*([^\\s;=]+)\\s*(=\\s*(\"?)([^\";]*)\"?\\s*)?");
    for (std::sregex_iterator at(rest.begin(), rest.end(), one), end; at != end; ++at) {
        std::optional<std::string> value;
        if ((*at)[2].matched) {
            value = (*at)[4];
            std::erase(*value, '\\');
            if (has(defect::knows_no_quotes) && (*at)[3].length() > 0) {
                return false;
            }
        }
        if (!take_parameter((*at)[1].str(), value)) {
            return false;
        }
    }
    return true;
}

bool broken_deflate::take_parameter(std::string_view name, std::optional<std::string> value) {
    const bool may_repeat = has(defect::takes_repeated_parameters);
    if (name.ends_with("_no_context_takeover")) {
        bool& forgets = name[0] == 's' ? server_forgets_ : client_forgets_;
        const bool fine =
            (!forgets || may_repeat) && (!value || has(defect::takes_values_where_none_belong));
        forgets = true;
        return fine;
    }
    if (name != "server_max_window_bits" && name != "client_max_window_bits") {
        return has(defect::takes_unknown_parameters);
    }
    const bool ours = name[0] == 's';
    std::string& bits = ours ? server_bits_ : client_bits_;
    const bool is_new = ours ? bits.empty() : !std::exchange(client_names_bits_, true);
    const bool valid = value ? std::regex_match(*value, std::regex("[89]|1[0-5]")) : !ours;
    bits = valid ? value.value_or("") : "15";
    return (is_new || may_repeat) && (valid || has(defect::takes_any_window));
}

std::string broken_deflate::packed(std::string_view text) {
    const bool whole = has(defect::leaves_the_end_of_the_flush);
    const std::vector<std::uint8_t> octets =
        out_->message(as_bytes(text), {}, whole ? deflate_flush::sync : deflate_flush::message);
    if (server_forgets_ && !has(defect::keeps_its_context)) {
        (*out_)->forget();
    }
    return std::string(as_text(octets));
}

std::uint16_t broken_deflate::unpack(std::string_view payload, std::string& text) {
    const bool forgets = (client_forgets_ && !has(defect::inflates_what_was_to_be_forgotten)) ||
                         has(defect::forgets_each_message);
    const reference_inflated out = reference_inflater::run(
        as_bytes(payload),
        {.before = forgets ? std::vector<std::uint8_t>{} : before_,
         .window_bits = has(defect::takes_any_distance)          ? 15
                        : has(defect::inflates_with_8_bits_only) ? 8
                                                                 : bits_in(client_bits_),
         .budget = has(defect::inflates_64_KiB_at_most)  ? small_budget
                   : has(defect::inflates_without_limit) ? ~std::size_t{0}
                                                         : budget,
         .ends_at_final_block = has(defect::stops_at_a_final_block)});
    text = as_text(out.text);
    remember(text);
    const bool fine =
        out.code == error_code::none || has(defect::takes_any_deflate) ||
        (out.code == error_code::deflate_ends_inside_block && has(defect::does_not_judge_the_end));
    return fine ? 0 : out.code == error_code::message_too_big ? 1009 : 1007;
}

void broken_deflate::remember(std::string_view text) {
    const byte_view octets = as_bytes(text);
    before_.insert(before_.end(), octets.begin(), octets.end());
    if (before_.size() > largest_window) {
        before_.erase(before_.begin(), before_.end() - static_cast<std::ptrdiff_t>(largest_window));
    }
}

}  // namespace plainsong::tests
