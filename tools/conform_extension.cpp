// SPDX-License-Identifier: MIT
// conform_extension.cpp — the grammar of RFC 6455 §9.1 and the parameters of RFC 7692 §7.1.
//
// Used by: tools/conform_*.  Depends on: tools/conform_extension.
#include "tools/conform_extension.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace plainsong::conform {
namespace {

constexpr std::string_view extension_name = "permessage-deflate";
constexpr unsigned least_bits = 8;

/// The parameters of one offer or answer.
struct parameters {
    bool server_forgets = false;
    bool client_forgets = false;
    std::optional<unsigned> server_bits;
    std::optional<unsigned> client_bits;
    bool client_names_bits = false;  // perhaps without a value
};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    const std::size_t end = text.find_last_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, end - begin + 1);
}

/// Parts a list; no value of this extension has a comma or a semicolon in quotes.
std::vector<std::string_view> parted(std::string_view text, char at) {
    std::vector<std::string_view> out;
    for (bool more = true; more;) {
        const std::size_t end = std::min(text.find(at), text.size());
        more = end < text.size();
        out.push_back(trimmed(text.substr(0, end)));
        text.remove_prefix(more ? end + 1 : end);
    }
    return out;
}

/// "8" to "15", perhaps in quotes, and then perhaps with backslashes.
std::optional<unsigned> bits_of(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    std::string value(quoted ? text.substr(1, text.size() - 2) : text);
    if (quoted) {
        std::erase(value, '\\');
    }
    for (unsigned bits = least_bits; bits <= deflate_terms::most_bits; ++bits) {
        if (value == std::to_string(bits)) {
            return bits;
        }
    }
    return std::nullopt;
}

/// Takes one parameter.  Returns: false if it isn't one, or is there already.
bool take_parameter(std::string_view text, parameters& into, bool is_answer) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view name = trimmed(text.substr(0, equals));
    const bool has_value = equals < text.size();
    const std::optional<unsigned> bits =
        has_value ? bits_of(trimmed(text.substr(equals + 1))) : std::nullopt;
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
        bool& which = name[0] == 's' ? into.server_forgets : into.client_forgets;
        return !has_value && !std::exchange(which, true);
    }
    if (name == "server_max_window_bits") {
        const bool is_new = !into.server_bits;
        into.server_bits = bits;
        return is_new && bits;
    }
    if (name == "client_max_window_bits") {
        into.client_bits = bits;
        return !std::exchange(into.client_names_bits, true) && (bits || (!has_value && !is_answer));
    }
    return false;
}

/// Returns: nothing if that is no permessage-deflate with valid parameters.
std::optional<parameters> read_extension(std::string_view text, bool is_answer) {
    const std::vector<std::string_view> parts = parted(text, ';');
    parameters out;
    const bool fine = parts[0] == extension_name &&
                      std::all_of(parts.begin() + 1, parts.end(), [&](std::string_view each) {
                          return take_parameter(each, out, is_answer);
                      });
    return fine ? std::optional(out) : std::nullopt;
}

/// Returns: whether that is an answer to that offer.
bool answers(const parameters& answer, const parameters& offer) {
    constexpr unsigned most = deflate_terms::most_bits;
    return (answer.server_forgets || !offer.server_forgets) &&
           answer.server_bits.value_or(most) <= offer.server_bits.value_or(most) &&
           (!answer.client_names_bits ||
            (offer.client_names_bits &&
             answer.client_bits.value_or(most) <= offer.client_bits.value_or(most)));
}

std::string text_of(const parameters& one) {
    std::string text(extension_name);
    text += one.server_forgets ? "; server_no_context_takeover" : "";
    text += one.client_forgets ? "; client_no_context_takeover" : "";
    text += one.server_bits ? "; server_max_window_bits=" + std::to_string(*one.server_bits) : "";
    text += one.client_bits ? "; client_max_window_bits=" + std::to_string(*one.client_bits) : "";
    return text;
}

/// Returns: what answers the offer with those parameters in addition, nothing if they don't fit it.
std::optional<parameters> joined(const parameters& offer, const parameters& addition) {
    constexpr unsigned most = deflate_terms::most_bits;
    parameters out = addition;
    out.server_forgets = out.server_forgets || offer.server_forgets;
    if (offer.server_bits) {
        out.server_bits = std::min(*offer.server_bits, addition.server_bits.value_or(most));
    }
    if (addition.client_bits) {
        out.client_bits = std::min(*addition.client_bits, offer.client_bits.value_or(most));
    }
    return answers(out, offer) ? std::optional(out) : std::nullopt;
}

}  // namespace

bool deflate_plan::is_met_by(const deflate_terms& terms) const {
    return !is_there() || must_decline || !exact_answer.empty() ||
           (terms.agreed && terms.tester_bits >= least_bits && terms.tester_bits <= most_bits &&
            terms.tester_forgets == forgets.value_or(terms.tester_forgets));
}

std::string read_answer(std::string_view offered, std::string_view answer, deflate_terms& into) {
    into = {};
    if (answer.empty()) {
        return "";
    }
    const std::optional<parameters> agreed = read_extension(answer, true);
    if (!agreed) {
        return "the answer has extensions that nobody can have: " + std::string(answer);
    }
    for (const std::string_view each : parted(offered, ',')) {
        const std::optional<parameters> offer = read_extension(each, false);
        if (offer && answers(*agreed, *offer)) {
            constexpr unsigned most = deflate_terms::most_bits;
            into.agreed = true;
            into.tester_bits = agreed->client_bits.value_or(most);  // whatever was hinted
            into.peer_bits = agreed->server_bits.value_or(most);
            into.tester_forgets = agreed->client_forgets;
            into.peer_forgets = agreed->server_forgets;
            return "";
        }
    }
    return "the answer has an extension that answers no offer: " + std::string(answer);
}

std::string answer_offers(std::string_view offers, const std::vector<std::string>& additions,
                          deflate_terms& into) {
    into = {};
    for (const std::string& each : additions) {
        const std::string parting = each.empty() ? "" : "; ";
        const std::optional<parameters> addition =
            read_extension(std::string(extension_name) + parting + each, true);
        for (const std::string_view text : parted(offers, ',')) {
            const std::optional<parameters> offer = read_extension(text, false);
            const std::optional<parameters> answer =
                offer && addition ? joined(*offer, *addition) : std::nullopt;
            if (answer) {
                constexpr unsigned most = deflate_terms::most_bits;
                into.agreed = true;
                into.tester_bits = answer->server_bits.value_or(most);
                into.peer_bits = answer->client_bits.value_or(most);
                into.tester_forgets = answer->server_forgets;
                into.peer_forgets = answer->client_forgets;
                return text_of(*answer);
            }
        }
    }
    return "";
}

}  // namespace plainsong::conform
