// SPDX-License-Identifier: MIT
// client_handshake_fuzz.cpp — the answer to an opening handshake on the client's side.
//
// Input: one octet that chooses what was offered, then the answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/ws/client_handshake.hpp>

namespace {

using namespace plainsong;
using kind = answer_reader::step::kind;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

upgrade_offer offer_for(std::uint8_t choice) {
    constexpr std::string_view nonce = "the sample nonce";
    constexpr std::string_view protocols[] = {"", "chat", "chat, superchat", "v2.example"};
    constexpr std::string_view extensions[] = {
        "", "permessage-deflate", "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=10; server_no_context_takeover, "
        "permessage-deflate; client_max_window_bits=12, foo; a=b"};
    return {.host = "h.example",
            .target = "/",
            .key = make_key(as_bytes(nonce).first<nonce.size()>()),
            .protocols = protocols[choice & 3],
            .extensions = extensions[(choice >> 2) & 3]};
}

bool lies_within(std::string_view part, byte_view whole) {
    const byte_view octets = as_bytes(part);
    return part.empty() || (octets.data() >= whole.data() &&
                            octets.data() + octets.size() <= whole.data() + whole.size());
}

/// What a reader says of an answer, written out.
std::string told(const answer_reader& reader, const answer_reader::step& step, byte_view all) {
    std::string out = std::to_string(static_cast<int>(step.status)) + ' ' +
                      facts_of(step.why.code).name + ' ' + std::to_string(step.why.offset) + ' ' +
                      std::to_string(step.size);
    require(step.size <= all.size() && step.why.offset <= all.size());
    if (!reader.has_head()) {
        require(step.status != kind::open && step.why.code != error_code::upgrade_refused);
        return out;
    }
    const upgrade_answer answer = reader.answer();
    require(lies_within(answer.reason, all) && lies_within(as_text(answer.body), all));
    require(lies_within(answer.protocol, all) && lies_within(answer.extensions, all));
    require(answer.body.size() <= answer_reader::most_body);
    require((step.status == kind::open) <= (answer.status == 101));
    require(step.why.code != error_code::upgrade_refused || answer.status >= 200);
    out.append(" ").append(answer.reason).append("|").append(answer.protocol);
    out.append("|").append(answer.extensions).append("|").append(as_text(answer.body));
    for (const http::field& each : answer.fields) {
        require(is_token(each.name) && lies_within(each.name, all) && lies_within(each.value, all));
        out.append("\n").append(each.name).append(":").append(each.value);
    }
    return out;
}

/// Feeds the answer in pieces of `piece` octets, each time in memory of its own.
std::string run(byte_view answer, const upgrade_offer& offer, std::size_t piece, bool ends) {
    answer_reader reader;
    std::size_t seen = 0;
    for (;;) {
        seen = answer.size() - seen < piece ? answer.size() : seen + piece;
        std::vector<std::uint8_t> all(answer.begin(),
                                      answer.begin() + static_cast<std::ptrdiff_t>(seen));
        answer_reader::step step = reader.receive(all, offer, {});
        if (seen == answer.size() && ends) {
            step = reader.end(all, offer, {});
            require(step.status != kind::need_more);
        }
        if (seen == answer.size() || step.status != kind::need_more) {
            return told(reader, step, all);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 65536) {
        return 0;
    }
    const upgrade_offer offer = offer_for(data[0]);
    const byte_view answer{data + 1, size - 1};
    const std::size_t whole = answer.size() + 1;
    for (const bool ends : {false, true}) {
        const std::string verdict = run(answer, offer, whole, ends);
        const std::size_t least = 1 + answer.size() / 1000;  // or long inputs take too long
        require(run(answer, offer, least, ends) == verdict);
        require(run(answer, offer, least + (data[0] >> 4) * std::size_t{7}, ends) == verdict);
    }
    return 0;
}
