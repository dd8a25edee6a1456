// SPDX-License-Identifier: MIT
// extension_fuzz.cpp — Sec-WebSocket-Extensions, offers of permessage-deflate in it, and comma lists.
//
// Input: the field; each LF ends a line of it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/ws/extension.hpp>
#include <plainsong/ws/permessage_deflate.hpp>

namespace {

using namespace plainsong;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// What a reader finds, written out again; ";" if that is malformed.
std::string normal_form(extension_reader reader, std::size_t bound) {
    using kind = extension_item::kind;
    std::string out;
    std::vector<char> scratch(bound + 1);
    for (std::size_t steps = 0;; ++steps) {
        require(steps <= bound);  // each step takes at least one octet
        const extension_item item = reader.next();
        if (item.what == kind::malformed) {
            require(reader.next().what == kind::malformed);
            return ";";
        }
        if (item.what == kind::end) {
            return out;
        }
        require(is_token(item.name));
        out += item.what == kind::parameter ? "; " : out.empty() ? "" : ", ";
        out += item.name;
        if (item.has_value) {
            const std::string_view value = item.value(scratch);
            require(is_token(value));
            out.append("=").append(value);
        }
    }
}

/// Whatever a server agrees on is within what it wanted, and its answer reads as what was agreed on.
void accept_offers(http::field_values offers) {
    for (const std::uint8_t bits : {std::uint8_t{8}, std::uint8_t{11}, std::uint8_t{15}}) {
        for (const bool forgets : {false, true}) {
            const deflate_parameters wanted{.server_no_context_takeover = forgets,
                                            .client_no_context_takeover = forgets,
                                            .server_max_window_bits = bits,
                                            .client_max_window_bits = bits};
            deflate_terms agreed;
            if (!accept_deflate_offer(offers, wanted, agreed)) {
                continue;
            }
            const deflate_parameters& terms = agreed.parameters;
            require(terms.server_max_window_bits >= 8 && terms.server_max_window_bits <= bits);
            require(terms.client_max_window_bits >= 8);
            require(terms.client_max_window_bits <= bits || forgets ||
                    terms.client_no_context_takeover);
            require(!forgets ||
                    (terms.server_no_context_takeover && terms.client_no_context_takeover));
            char text[longest_deflate_element];
            extension_reader answer{write_deflate_element(text, agreed, deflate_side::answer)};
            require(answer.next().name == permessage_deflate_name);
            deflate_terms read;
            extension_item behind;
            require(read_deflate_terms(answer, deflate_side::answer, read, behind) ==
                    error_code::none);
            require(read.parameters == terms && behind.what == extension_item::kind::end);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all{reinterpret_cast<const char*>(data), size};
    std::vector<http::field> lines;
    for (std::size_t from = 0; from <= size;) {
        const std::size_t end = std::min(all.find('\n', from), size);
        lines.push_back({"X", all.substr(from, end - from)});
        from = end + 1;
    }
    const http::field_values values{lines, "X"};
    const std::string found = normal_form(extension_reader{values}, size + 1);
    require(is_extension_list(values) == (found != ";"));
    if (found != ";") {
        require(normal_form(extension_reader{std::string_view{found}}, found.size() + 1) == found);
    }

    accept_offers(values);

    http::list_reader reader{values};
    std::size_t taken = 0;
    std::string_view element;
    while (reader.next(element)) {
        require(!element.empty() && !is_ows(element.front()) && !is_ows(element.back()));
        taken += element.size();
    }
    require(taken <= size);
    return 0;
}
