// SPDX-License-Identifier: MIT
// conform_opening.cpp — the client's side of RFC 6455 §4.1, as plain as can be.
//
// Used by: tools/conform_run.  Depends on: tools/conform_opening.
#include "tools/conform_opening.hpp"

#include <array>
#include <utility>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>
#include <plainsong/http/writer.hpp>
#include <plainsong/net/entropy.hpp>

namespace plainsong::conform {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::size_t longest_head = 16384;

std::string base64_of(byte_view octets) {
    std::string text(base64_encoded_size(octets.size()), ' ');
    base64_encode(octets, text);
    return text;
}

std::string lower(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    return out;
}

bool has_token(std::string_view list, std::string_view token) {
    const std::string all = "," + lower(list) + ",";
    std::string bare;
    for (const char each : all) {
        bare += each == ' ' || each == '\t' ? "" : std::string(1, each);
    }
    return bare.find("," + std::string(token) + ",") != std::string::npos;
}

/// "HTTP/1.1 404 Not Found\r\n…" → "404"
std::string status_of(std::string_view head) {
    constexpr std::string_view version = "HTTP/1.";
    constexpr std::size_t at = version.size() + 2;
    const bool is = head.starts_with(version) && head.size() > at + 3 && head[at - 1] == ' ' &&
                    head.find_first_not_of("0123456789", at) == at + 3;
    return is ? std::string(head.substr(at, 3)) : "garbage";
}

/// Returns: the field that an answer with that status must have and hasn't, or "".
std::string lack_of_answer(std::string_view head, std::string_view status) {
    bool there = true;
    const char* name = "";
    if (status == "405" || status == "426") {
        name = status == "405" ? "allow" : "upgrade";  // RFC 9110 §15.5.6 and §15.5.22
        static_cast<void>(field_of(head, name, &there));
    }
    return there ? "" : name;
}

/// Leaves a subprotocol out of an answer if the request offers it.
std::string without_protocol(std::string head, std::string_view request) {
    const std::string chosen = field_of(head, "sec-websocket-protocol");
    if (chosen.empty() || !has_token(field_of(request, "sec-websocket-protocol"), lower(chosen))) {
        return head;
    }
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        const std::string line = lower(head.substr(at, head.find("\r\n", at + 2) - at));
        if (line.starts_with("\r\nsec-websocket-protocol:")) {
            return head.erase(at, line.size());
        }
    }
    return head;
}

}  // namespace

std::string field_of(std::string_view head, std::string_view name, bool* there) {
    std::string value;
    bool found = false;
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos && at + 2 < head.size();
         at = head.find("\r\n", at + 2)) {
        std::string_view line = head.substr(at + 2);
        line = line.substr(0, line.find("\r\n"));
        if (line.size() > name.size() && line[name.size()] == ':' &&
            lower(line.substr(0, name.size())) == name) {
            line.remove_prefix(name.size() + 1);
            const std::size_t begin = line.find_first_not_of(" \t");
            const std::size_t end = line.find_last_not_of(" \t");
            value += found ? "," : "";
            value += begin == std::string_view::npos ? "" : line.substr(begin, end - begin + 1);
            found = true;
        }
    }
    if (there != nullptr) {
        *there = found;
    }
    return value;
}

std::string accept_for(std::string_view key) {
    const std::string all = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return base64_of(sha1_of(as_bytes(all)));
}

std::string fault_of_response(std::string_view head, std::string_view key, std::string_view offered,
                              deflate_terms& terms) {
    if (!head.starts_with("HTTP/1.1 101 ")) {
        return "the answer is '" + std::string(head.substr(0, head.find("\r\n"))) + "'";
    }
    if (lower(field_of(head, "upgrade")) != "websocket") {
        return "the answer has no Upgrade: websocket";
    }
    if (!has_token(field_of(head, "connection"), "upgrade")) {
        return "the answer has no Connection: Upgrade";
    }
    if (field_of(head, "sec-websocket-accept") != accept_for(key)) {
        return "the answer has no right Sec-WebSocket-Accept";
    }
    bool has_protocol = false;
    bool has_extensions = false;
    static_cast<void>(field_of(head, "sec-websocket-protocol", &has_protocol));
    const std::string extensions = field_of(head, "sec-websocket-extensions", &has_extensions);
    if (has_protocol || (has_extensions && offered.empty())) {
        return std::string("the answer has ") + (has_protocol ? "a subprotocol" : "extensions") +
               ", for which nobody asked";
    }
    return read_answer(offered, extensions, terms);
}

std::string request_to(const destination& to, std::string request) {
    const std::size_t bracket = to.host.find(']');
    const std::size_t colon = to.host.find(':', bracket == std::string::npos ? 0 : bracket);
    const std::string host = to.host.substr(0, colon);
    const auto replace = [&request](std::string_view name, const std::string& with) {
        for (std::size_t at = request.find(name); at != std::string::npos;
             at = request.find(name, at + with.size())) {
            request.replace(at, name.size(), with);
        }
    };
    replace("h.example/chat", host + to.target);
    replace(" /chat", " " + to.target);
    replace("h.example", host);
    return request;
}

opening::~opening() {
    if (token_) {
        loop_.unwatch(token_);
    }
    loop_.cancel(*this);
}

void opening::start(const destination& to, const asking& what, duration within,
                    callback<void(opening_outcome)> done) {
    done_ = std::move(done);
    asked_ = what;
    write_request(to);
    if (out_.request.empty()) {
        return finish("the request can't be made");
    }
    out_going_ = outgoing(asked_.request.empty() ? split{} : asked_.how);
    out_going_.add(out_.request, 0, false);
    loop_.arm(*this, after(loop_.now(), within));
    connector_.connect(to.where, {.within = within},
                       [this](connect_outcome outcome) { connected(std::move(outcome)); });
}

void opening::write_request(const destination& to) {
    if (!asked_.request.empty()) {
        out_.request = request_to(to, asked_.request);
        key_ = field_of(out_.request, "sec-websocket-key");
        asked_.offer = asked_.declines ? "" : field_of(out_.request, "sec-websocket-extensions");
        return;
    }
    std::array<std::uint8_t, 16> nonce{};
    std::array<std::uint8_t, longest_head> memory{};
    const error no_nonce = fill_random(nonce);
    key_ = base64_of(nonce);
    http::writer request(memory);
    request.request_line("GET", to.target)
        .add("Host", to.host)
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Key", key_)
        .add("Sec-WebSocket-Version", "13")
        .add("User-Agent", "plainsong-conform");
    if (!asked_.offer.empty()) {
        request.add("Sec-WebSocket-Extensions", asked_.offer);
    }
    auto size = request.end_head().finish();
    if (!no_nonce && size) {
        out_.request = as_text(byte_view(memory).first(*size));
    }
}

void opening::connected(connect_outcome outcome) {
    if (outcome.why) {
        return finish(std::string("no connection: ") + facts_of(outcome.why.code()).text);
    }
    out_.transport = std::move(outcome.transport);
    auto watched = loop_.watch(out_.transport.descriptor(), interest::both, *this);
    if (!watched) {
        return finish("the connection can't be watched");
    }
    token_ = *watched;
}

void opening::on_ready(readiness what) {
    if (what.writable && !out_going_.is_empty()) {
        send();
    }
    if (done_) {
        receive();
    }
}

void opening::send() {
    const std::string_view octets = out_going_.next();
    const io_slice slice{const_cast<char*>(octets.data()), octets.size()};
    const io_result put = out_.transport.send({&slice, 1});
    if (put.status == io_result::kind::done) {
        out_going_.sent(put.count);
    } else if (put.status != io_result::kind::would_block) {
        out_going_.clear();  // there may be an answer all the same
    }
    if (!out_going_.is_empty()) {
        return;
    }
    if (loop_.change(token_, interest::read)) {
        return finish("the connection can't be watched");
    }
    take_head();
}

void opening::receive() {
    const byte_span buffer = loop_.receive_buffer();
    const io_result got = out_.transport.receive(buffer);
    if (got.status == io_result::kind::would_block) {
        return;
    }
    if (got.status != io_result::kind::done) {
        return finish_without("end", "the server ends the connection instead of an answer");
    }
    out_.early += as_text(buffer.first(got.count));
    take_head();
}

/// Takes one head of what came; one that is none of the answer yet is left out.
void opening::take_head() {
    while (done_) {
        const std::size_t end = out_.early.find(end_of_head);
        if (end == std::string::npos) {
            return out_.early.size() > longest_head
                       ? finish_without("garbage", "the head of the answer doesn't end")
                       : void();
        }
        out_.response = out_.early.substr(0, end + end_of_head.size());
        const std::string status = status_of(out_.response);
        if (status == "101" && !out_going_.is_empty()) {
            return;  // a frame that goes with the request stands in front of those to come
        }
        out_.early.erase(0, out_.response.size());
        if (asked_.request.empty() || status == "101") {
            return finish(fault_of_response(without_protocol(out_.response, out_.request), key_,
                                            asked_.offer, out_.terms));
        }
        if (!status.starts_with("1")) {
            out_.lacks = lack_of_answer(out_.response, status);
            return finish_without(status, "the answer is " + status);
        }
    }
}

void opening::finish_without(std::string_view answer, std::string obstacle) {
    if (!asked_.request.empty() && out_.transport) {
        out_.answer = answer;
    }
    finish(std::move(obstacle));
}

void opening::finish(std::string obstacle) {
    loop_.cancel(*this);
    connector_.cancel();
    if (token_) {
        loop_.unwatch(token_);
        token_ = {};
    }
    out_.obstacle = std::move(obstacle);
    callback<void(opening_outcome)> done = std::move(done_);
    done(std::move(out_));
}

}  // namespace plainsong::conform
