// SPDX-License-Identifier: MIT
// handshake_fuzz.cpp — a whole opening handshake on the server's side.
//
// Input: one octet of options, then the request.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <plainsong/ws/extension.hpp>
#include <plainsong/ws/server_handshake.hpp>

namespace {

using namespace plainsong;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// An answer is a status line and lines of fields, then an empty line and the announced body.
void check_answer(std::string_view answer, std::string_view status, bool has_body) {
    require(answer.starts_with("HTTP/1.1 ") && answer.substr(9, 3) == status);
    const std::size_t end = answer.find("\r\n\r\n");
    require(end != std::string_view::npos);
    const std::string_view head = answer.substr(0, end + 2);
    for (std::size_t i = 0; i < head.size(); ++i) {
        require((head[i] == '\r') == (i + 1 < head.size() && head[i + 1] == '\n'));
    }
    const std::string_view body = answer.substr(end + 4);
    require(body.empty() != has_body);
    const std::string length = "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    require(!has_body || head.find(length) != std::string_view::npos);
}

void refuse(error_code why, bool is_head) {
    std::array<std::uint8_t, 512> memory;
    auto size = write_refusal(memory, {.why = why, .head_request = is_head});
    require(bool(size));
    const std::string status = std::to_string(facts_of(why).answer);
    check_answer(as_text(byte_view(memory).first(*size)), status, !is_head);
}

void accept(const upgrade_request& request, const http::request_head& head) {
    require(request.method == "GET" && head.minor_version >= 1);
    require(request.path.starts_with('/') && !request.host.empty() && request.key.size() == 24);
    extension_reader offers{request.extensions};
    std::size_t steps = request.extensions.empty() ? 0 : 1;
    while (steps != 0) {
        const extension_item item = offers.next();
        require(item.what != extension_item::kind::malformed && ++steps < 20000);
        if (item.what == extension_item::kind::end) {
            break;
        }
    }
    const std::string_view supported[] = {"chat", "v2.example"};
    std::array<std::uint8_t, 512> memory;
    auto size = write_accept(memory, request, {.subprotocol = select_protocol(request, supported)});
    require(bool(size));
    check_answer(as_text(byte_view(memory).first(*size)), "101", false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::uint8_t options = data[0];
    const byte_view all{data + 1, size - 1};
    http::head_parser parser;
    http::head_limits limits;
    limits.lenient_fold = (options & 1) != 0;
    const http::head_step step = parser.feed(all, limits);
    if (step.status == http::head_step::kind::failed) {
        refuse(step.why.code, parser.is_head_request(all));
        return 0;
    }
    if (step.status == http::head_step::kind::need_more) {
        return 0;
    }
    std::string octets{as_text(all.first(step.size))};
    http::request_head head;
    http::read_head({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()}, head);
    upgrade_request request;
    error_code why = judge_request(head, {.accept_ws_target = (options & 2) != 0}, request);
    require(why != error_code::none || !request.is_plain_http);
    require(!request.is_plain_http || request.path.starts_with('/'));
    const std::string_view allowed[] = {"https://good.example"};
    if (why == error_code::none) {
        why =
            judge_origin({static_cast<origin_policy::rule>((options >> 2) % 3), allowed}, request);
    }
    if (why == error_code::none) {
        accept(request, head);
    } else {
        refuse(why, request.is_head());
    }
    return 0;
}
