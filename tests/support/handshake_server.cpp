// SPDX-License-Identifier: MIT
#include "tests/support/handshake_server.hpp"

#include <array>

#include <plainsong/base/bytes.hpp>

namespace plainsong::tests {

namespace {

constexpr std::size_t answer_bytes = 1024;

handshake_outcome refuse(const handshake_outcome& so_far, error_code why, bool is_head) {
    handshake_outcome outcome = so_far;
    std::array<std::uint8_t, answer_bytes> buffer{};
    auto size = write_refusal(buffer, {.why = why, .head_request = is_head});
    outcome.why = why;
    outcome.status = facts_of(why).answer;
    outcome.answer = size ? std::string(as_text(byte_view(buffer).first(*size))) : "not written";
    return outcome;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const handshake_outcome& outcome) {
    return out << outcome.status << ' ' << facts_of(outcome.why).name << " at " << outcome.offset
               << ", head of " << outcome.head_size << " octets\n"
               << outcome.answer;
}

handshake_outcome handshake_server::run(std::string_view octets,
                                        const std::vector<std::size_t>& cuts) const {
    http::head_parser parser;
    std::size_t next = 0;
    for (;;) {
        const std::size_t end = next < cuts.size() ? cuts[next++] : octets.size();
        const byte_view seen = as_bytes(octets.substr(0, end));
        const http::head_step step = parser.feed(seen, limits);
        if (step.status == http::head_step::kind::failed) {
            return refuse({.offset = step.why.offset}, step.why.code, parser.is_head_request(seen));
        }
        if (step.status == http::head_step::kind::done) {
            return judge(std::string(octets.substr(0, step.size)));
        }
        if (end == octets.size()) {
            return {};
        }
    }
}

handshake_outcome handshake_server::run_octet_by_octet(std::string_view octets) const {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < octets.size(); ++i) {
        cuts.push_back(i);
    }
    return run(octets, cuts);
}

handshake_outcome handshake_server::judge(std::string octets) const {
    http::request_head head;
    http::read_head({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()}, head);
    upgrade_request request;
    error_code why = judge_request(head, options, request);
    if (why == error_code::none) {
        why = judge_origin(origins, request);
    }
    const handshake_outcome outcome{.head_size = octets.size(),
                                    .path = std::string(request.path),
                                    .host = std::string(request.host)};
    if (why != error_code::none) {
        return refuse(outcome, why, request.is_head());
    }
    std::array<std::uint8_t, answer_bytes> buffer{};
    auto size =
        write_accept(buffer, request, {.subprotocol = select_protocol(request, subprotocols)});
    handshake_outcome accepted = outcome;
    accepted.status = 101;
    accepted.answer = size ? std::string(as_text(byte_view(buffer).first(*size))) : "not written";
    return accepted;
}

std::string good_request(std::string_view fields, std::string_view target) {
    std::string request = "GET ";
    request += target;
    request +=
        " HTTP/1.1\r\nHost: h.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    request += fields;
    return request + "\r\n";
}

std::string field_of(std::string_view answer, std::string_view name) {
    const std::string line_start = "\r\n" + std::string(name) + ": ";
    const std::string_view head = answer.substr(0, answer.find("\r\n\r\n") + 2);
    const std::size_t at = head.find(line_start);
    if (at == std::string_view::npos) {
        return "<none>";
    }
    if (head.find(line_start, at + 1) != std::string_view::npos) {
        return "<several>";
    }
    const std::size_t from = at + line_start.size();
    return std::string(head.substr(from, head.find("\r\n", from) - from));
}

std::string body_of(std::string_view answer) {
    return std::string(answer.substr(answer.find("\r\n\r\n") + 4));
}

}  // namespace plainsong::tests
