// SPDX-License-Identifier: MIT
#include "tests/support/handshake_client.hpp"

#include <algorithm>
#include <memory>

#include <plainsong/base/bytes.hpp>

namespace plainsong::tests {

namespace {

answer_outcome outcome_of(const answer_reader& reader, const answer_reader::step& step) {
    answer_outcome outcome{.status = step.status, .why = step.why.code, .offset = step.why.offset};
    outcome.head_size = step.size;
    outcome.has_head = reader.has_head();
    if (!reader.has_head()) {
        return outcome;
    }
    const upgrade_answer answer = reader.answer();
    outcome.answered = answer.status;
    outcome.reason = answer.reason;
    for (const http::field& each : answer.fields) {
        outcome.fields.emplace_back(each.name, each.value);
    }
    outcome.body = as_text(answer.body);
    outcome.protocol = answer.protocol;
    outcome.extensions = answer.extensions;
    outcome.has_deflate = answer.has_deflate;
    outcome.deflate = answer.deflate;
    return outcome;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const answer_outcome& outcome) {
    constexpr std::string_view names[] = {"waits", "open", "failed"};
    out << names[static_cast<std::size_t>(outcome.status)] << ' ' << facts_of(outcome.why).name
        << " at " << outcome.offset << ", heads of " << outcome.head_size << " octets";
    if (outcome.has_head) {
        out << ", " << outcome.answered << " '" << outcome.reason << "' with "
            << outcome.fields.size() << " fields, subprotocol '" << outcome.protocol
            << "', extensions '" << outcome.extensions << "', body '" << outcome.body << '\'';
    }
    return out;
}

answer_outcome handshake_client::run(std::string_view answer,
                                     const std::vector<std::size_t>& cuts) const {
    answer_reader reader;
    std::size_t next = 0;
    for (;;) {
        const std::size_t end = next < cuts.size() ? cuts[next++] : answer.size();
        const std::unique_ptr<std::uint8_t[]> memory(new std::uint8_t[end]);
        std::copy_n(answer.begin(), end, memory.get());
        const byte_span seen{memory.get(), end};
        answer_reader::step step = reader.receive(seen, offer, limits);
        const bool is_last = end == answer.size();
        if (is_last && ends) {
            step = reader.end(seen, offer, limits);
        }
        if (is_last || step.status != answer_reader::step::kind::need_more) {
            return outcome_of(reader, step);
        }
    }
}

answer_outcome handshake_client::run_octet_by_octet(std::string_view answer) const {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < answer.size(); ++i) {
        cuts.push_back(i);
    }
    return run(answer, cuts);
}

upgrade_offer handshake_client::example_offer() {
    constexpr std::string_view nonce = "the sample nonce";
    return {.host = "h.example",
            .target = "/chat",
            .key = make_key(as_bytes(nonce).first<nonce.size()>())};
}

std::string good_answer(std::string_view fields) {
    std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ";
    answer += example_accept;
    answer += "\r\n";
    answer += fields;
    return answer + "\r\n";
}

}  // namespace plainsong::tests
