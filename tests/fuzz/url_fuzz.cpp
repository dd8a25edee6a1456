// SPDX-License-Identifier: MIT
// url_fuzz.cpp — URLs, request targets, authorities and origins.
//
// Input: the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <plainsong/http/url.hpp>
#include <plainsong/ws/origin.hpp>

namespace {

using namespace plainsong;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// A query may hold a backslash, because browsers write it there as it is.
void require_visible(std::string_view text) {
    const std::size_t query = std::min(text.find('?'), text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        require(c > ' ' && c < '\x7f' && c != '#' && c != '"' && (c != '\\' || i > query));
    }
}

void check_url(std::string_view text) {
    http::url parts;
    if (http::parse_url(text, parts)) {
        return;
    }
    require_visible(text);
    require(!parts.host.empty() && parts.path.starts_with('/'));
    require(parts.host.find('@') == std::string_view::npos);
    std::string again = parts.secure ? "wss://" : "ws://";
    again.append(parts.host).append(":").append(std::to_string(parts.port));
    again.append(parts.path).append("?").append(parts.query);
    http::url second;
    require(!http::parse_url(again, second));
    require(second.host == parts.host && second.port == parts.port && second.path == parts.path &&
            second.query == parts.query && second.secure == parts.secure &&
            second.kind == parts.kind);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    check_url(text);
    http::request_target target;
    if (http::parse_request_target(text, target)) {
        require_visible(text);
        require(target.form != http::target_form::origin || target.path.starts_with('/'));
    }
    http::authority authority;
    if (http::parse_authority(text, authority)) {
        require_visible(text);
        require(!authority.host.empty());
        require((authority.host.front() == '[') == (authority.host.back() == ']'));
    }
    parsed_origin origin;
    if (parse_origin(text, origin)) {
        require_visible(text);
        require(text.starts_with(origin.scheme));
        const std::string_view only[] = {text};
        require(allows({origin_policy::rule::list, only}, {true, text, {}}));
    }
    return 0;
}
