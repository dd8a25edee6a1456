// SPDX-License-Identifier: MIT
// broken_handshake.cpp — see broken_handshake.hpp.
#include "tests/support/broken_handshake.hpp"

#include <string_view>

#include "tests/support/handshake_server.hpp"

namespace plainsong::tests {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

/// Makes the lines that begin so what they should be, or takes them away.
std::string with_line(std::string head, std::string_view name, std::string_view instead) {
    for (std::size_t at = head.find(line_end); at != std::string::npos && at + 2 < head.size();) {
        const std::size_t next = head.find(line_end, at + 2);
        if (next != std::string::npos && head.compare(at + 2, name.size(), name) == 0) {
            head.erase(at, next - at);
        } else {
            at = next;
        }
    }
    return head.insert(head.find(line_end), instead);
}

/// What a server with that defect sees of a request.
std::string seen_with(defect what, std::string head) {
    switch (what) {
        case defect::ignores_the_method:
            return head.replace(0, head.find(' '), "GET");
        case defect::ignores_the_version_of_http:
            return head.replace(head.find_last_of(' ', head.find(line_end)),
                                head.find(line_end) - head.find_last_of(' ', head.find(line_end)),
                                " HTTP/1.1");
        case defect::ignores_the_host:
            return with_line(head, "Host", "\r\nHost: h.example");
        case defect::ignores_the_connection:
            return with_line(head, "Connection", "\r\nConnection: Upgrade");
        case defect::ignores_the_key:
            return with_line(head, "Sec-WebSocket-Key",
                             "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        case defect::ignores_the_version:
            return with_line(head, "Sec-WebSocket-Version", "\r\nSec-WebSocket-Version: 13");
        case defect::takes_any_request:
            return good_request();
        default:
            return head;
    }
}

void replace(std::string& in, std::string_view what, std::string_view with) {
    const std::size_t at = in.find(what);
    if (at != std::string::npos) {
        in.replace(at, what.size(), with);
    }
}

/// What a server with that defect makes of its answer.
void spoil(defect what, const std::string& request, broken_answer& answer) {
    const bool opens = answer.status == 101;
    if (what == defect::answers_with_a_wrong_accept && opens) {
        replace(answer.octets, "Accept: ", "Accept: x");
    } else if (what == defect::takes_any_offer && opens &&
               request.find("permessage-deflate") != std::string::npos) {
        replace(answer.octets, head_end,
                "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    } else if (what == defect::chooses_a_subprotocol_of_its_own && opens) {
        replace(answer.octets, head_end, "\r\nSec-WebSocket-Protocol: own\r\n\r\n");
    } else if (what == defect::tells_no_allowed_method) {
        replace(answer.octets, "\r\nAllow", "\r\nX-Allow");
    } else if (what == defect::refuses_in_silence && answer.status > 101) {
        answer.octets.clear();
    } else if (what == defect::forgets_octets_behind_the_request && opens) {
        answer.taken = std::string::npos;
    }
}

}  // namespace

broken_answer answer_brokenly(defect what, const std::string& seen) {
    const std::size_t end = seen.find(head_end);
    broken_answer out;
    if (what == defect::answers_a_part_of_a_request && end == std::string::npos) {
        out.status = 400;
        out.octets = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        return out;
    }
    const std::size_t size = end == std::string::npos ? seen.size() : end + head_end.size();
    const bool whole = end != std::string::npos && end > 0;
    const handshake_outcome outcome =
        handshake_server().run(whole ? seen_with(what, seen.substr(0, size)) : seen);
    out = {outcome.status, outcome.status == 101 ? size : 0, outcome.answer};
    spoil(what, seen, out);
    return out;
}

}  // namespace plainsong::tests
