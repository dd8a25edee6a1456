// SPDX-License-Identifier: MIT
// explain_judge.cpp — good handshakes with one thing exchanged.
//
// Used by: tools/explain_head.  Depends on: tools/explain_judge.
#include "tools/explain_judge.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/client_handshake.hpp>
#include <plainsong/ws/server_handshake.hpp>

#include "tools/explain_text.hpp"

namespace plainsong::explain {
namespace {

constexpr std::string_view some_key = "dGhlIHNhbXBsZSBub25jZQ==";  // of RFC 6455 §1.3

constexpr http::field good_request[] = {{"Host", "localhost"},
                                        {"Upgrade", "websocket"},
                                        {"Connection", "Upgrade"},
                                        {"Sec-WebSocket-Key", some_key},
                                        {"Sec-WebSocket-Version", "13"}};

/// The first of the fields is the good handshake's unless that is the one to be judged; the given
/// ones of that name follow.
std::vector<http::field> exchanged(std::span<const http::field> good,
                                   std::span<const http::field> given, std::string_view name) {
    std::vector<http::field> out;
    std::copy_if(good.begin(), good.end(), std::back_inserter(out),
                 [name](const auto& each) { return !equals_ignoring_case(each.name, name); });
    std::copy_if(given.begin(), given.end(), std::back_inserter(out),
                 [name](const auto& each) { return equals_ignoring_case(each.name, name); });
    return out;
}

bool is_digest(std::string_view accept) {
    std::array<std::uint8_t, base64_decoded_size_limit(28)> octets{};
    if (accept.size() != accept_key{}.characters.size()) {
        return false;
    }
    result<std::size_t> size = base64_decode(accept, octets);
    return size && *size == sizeof(sha1_digest);
}

}  // namespace

field_judge::field_judge(byte_view head, bool is_request, std::string_view key)
    : head_(head.begin(), head.end()), key_(key), is_request_(is_request) {
    is_request ? http::read_head(head_, request_) : http::read_head(head_, answer_);
}

std::string_view field_judge::value_of(std::string_view name) const {
    const auto fields = is_request_ ? request_.fields.all() : answer_.fields.all();
    const http::field* found = http::find(fields, name);
    return found == nullptr ? std::string_view{} : found->value;
}

error_code field_judge::judge_start_line() const {
    return is_request_ ? judge_request_with("") : judge_answer_with("");
}

error_code field_judge::judge_field(std::string_view name) const {
    return is_request_ ? judge_request_with(name) : judge_answer_with(name);
}

/// With no name the request line is the given one.
error_code field_judge::judge_request_with(std::string_view name) const {
    http::request_head probe;
    probe.method = name.empty() ? request_.method : "GET";
    probe.target = name.empty() ? request_.target : "/";
    for (const http::field& each : exchanged(good_request, request_.fields.all(), name)) {
        static_cast<void>(probe.fields.add(each));
    }
    upgrade_request out;
    return judge_request(probe, {}, out);
}

/// With no name the status line is the given one.
error_code field_judge::judge_answer_with(std::string_view name) const {
    const std::string_view asked_key = key_.empty() ? some_key : std::string_view(key_);
    const accept_key accept = accept_key_for(asked_key);
    const http::field good_answer[] = {{"Upgrade", "websocket"},
                                       {"Connection", "Upgrade"},
                                       {"Sec-WebSocket-Accept", accept.text()}};
    std::string text = "HTTP/1.1 101 Switching Protocols\r\n";
    if (name.empty()) {
        text = as_text(head_);
        text.resize(text.find("\r\n", text.find("HTTP/")) + 2);
    }
    for (const http::field& each : exchanged(good_answer, answer_.fields.all(), name)) {
        text += std::string(each.name) + ": " + std::string(each.value) + "\r\n";
    }
    text += "\r\n";
    upgrade_offer asked{.host = "localhost", .target = "/", .key = {}};
    std::copy_n(asked_key.begin(), std::min(asked_key.size(), sizeof asked.key.text),
                asked.key.text);
    asked.protocols = value_of("Sec-WebSocket-Protocol");  // nobody knows here what was asked
    asked.extensions = value_of("Sec-WebSocket-Extensions");
    answer_reader reader;
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    const error_code why = reader.end(bytes, asked, {}).why.code;
    const bool may_be_right = key_.empty() && why == error_code::answer_accept_wrong &&
                              is_digest(value_of("Sec-WebSocket-Accept"));
    return may_be_right ? error_code::none : why;
}

void field_judge::explain_value(std::string_view name, page& out) const {
    const std::string_view value = value_of(name);
    if (name == "Sec-WebSocket-Key" && is_handshake_key(value)) {
        std::array<std::uint8_t, base64_decoded_size_limit(24)> nonce{};
        result<std::size_t> size = base64_decode(value, nonce, base64_pad_bits::any);
        out.note("the octets: " + hex(byte_view(nonce).first(size ? *size : 0), 16));
        out.note("the answer to it is Sec-WebSocket-Accept: " +
                 std::string(accept_key_for(value).text()));
    } else if (name == "Sec-WebSocket-Accept") {
        if (key_.empty()) {
            out.note("(whether it answers the key isn't known here: give the key with --key)");
        } else {
            out.note("the right answer to " + key_ + " is " +
                     std::string(accept_key_for(key_).text()));
        }
    }
}

}  // namespace plainsong::explain
