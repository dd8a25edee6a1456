// SPDX-License-Identifier: MIT
// extension_fuzz.cpp — Sec-WebSocket-Extensions and comma lists.
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
