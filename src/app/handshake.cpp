// SPDX-License-Identifier: MIT
// handshake.cpp — from the first byte of a connection to 101, a page or a refusal (RFC 6455 §4.2).
//
// The order of the checks decides which answer is given: grammar and limits (http/head_parser), what
// the request asks for (ws/server_handshake), then here: pages, origin, path, the program, room.
#include "src/app/handshake.hpp"

#include <algorithm>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/head_parser.hpp>

#include "src/app/head_limits.hpp"
#include "src/app/server_core.hpp"

namespace plainsong {

namespace {

constexpr std::size_t answer_head_bytes = 1024;

std::size_t size_of(std::span<const http::field> fields) {
    std::size_t size = 0;
    for (const http::field& one : fields) {
        size += one.name.size() + one.value.size() + 4;  // ": " and CR LF
    }
    return size;
}

}  // namespace

// ---- what a program sees ---------------------------------------------------------------------------

std::string_view upgrade::field(std::string_view name) const {
    const http::field* found = http::find(request_.fields, name);
    return found == nullptr ? std::string_view{} : found->value;
}

void upgrade::refuse(std::uint16_t status, std::string_view body) {
    const bool usable = status >= 200 && status <= 599;
    answer_.refused_with = usable ? status : 500;
    answer_.body = body;
}

error upgrade::add_field(std::string_view name, std::string_view value) {
    if (!is_extra_field({name, value})) {
        return error_code::field_not_sendable;
    }
    answer_.fields.emplace_back(name, value);
    return {};
}

error upgrade::choose_subprotocol(std::string_view name) {
    if (name.empty()) {
        answer_.subprotocol = 0;
        return {};
    }
    const auto& known = answer_.way->protocols;
    const auto place = std::find(known.begin(), known.end(), name);
    // [6455-4.2.2-12]: the choice is one that the client has named
    if (place == known.end() || select_protocol(request_, {&name, 1}).empty()) {
        return error_code::invalid_argument;
    }
    answer_.subprotocol = static_cast<std::uint8_t>(place - known.begin() + 1);
    return {};
}

server_core& handshake::server_of(session& peer) {
    return static_cast<server_core&>(peer.core());
}

// ---- the request -----------------------------------------------------------------------------------

byte_span handshake::receive(session& peer, byte_span in) {
    http::head_limits bounds = head_limits_of(peer.core().bounds);
    bounds.lenient_fold = server_of(peer).lenient_fold;
    http::head_parser fresh;
    http::head_parser* parser = &fresh;
    byte_span all = in;
    const bool continued = peer.extras_ != nullptr && peer.extras_->head.memory != nullptr;
    if (continued) {
        message_block& kept = peer.extras_->head;
        peer.core().lent.blocks.append(kept, in, in.size());
        all = kept.bytes();
        parser = &peer.extras_->parser;
    }
    const http::head_step found = parser->feed(all, bounds);
    switch (found.status) {
        case http::head_step::kind::need_more:
            if (!continued) {
                peer.core().lent.blocks.append(peer.extras().head, in, in.size());
                peer.extras_->parser = fresh;
            }
            return {};
        case http::head_step::kind::failed:
            fail(peer, found.why.code, found.why.offset, parser->is_head_request(all));
            return {};
        case http::head_step::kind::done:
            break;
    }
    http::request_head head;
    http::read_head(all.first(found.size), head);
    judge(peer, head);
    return peer.phase_ == session::phase::open ? all.subspan(found.size) : byte_span{};
}

void handshake::judge(session& peer, const http::request_head& head) {
    server_core& shared = server_of(peer);
    upgrade_request request;
    const error_code why =
        judge_request(head, {.accept_ws_target = shared.accept_ws_target}, request);
    if (request.is_plain_http) {
        answer_plain_http(peer, request, why);
        return;
    }
    if (why != error_code::none) {
        fail(peer, why, 0, request.is_head());
        return;
    }
    if (auto refused = judge_origin(shared.origin, request); refused != error_code::none) {
        fail(peer, refused, 0, false);  // [6455-4.2.2-07]
        return;
    }
    route* const way = shared.find_route(request.path);
    if (way == nullptr) {
        fail(peer, error_code::path_unknown, 0, false);  // [6455-4.2.2-11]
        return;
    }
    upgrade_to(peer, *way, request);
}

void handshake::answer_plain_http(session& peer, const upgrade_request& request, error_code why) {
    server_core& shared = server_of(peer);
    http_page* const page = shared.find_page(request.path);
    if (page == nullptr) {
        const bool is_elsewhere =
            why == error_code::upgrade_missing && shared.find_route(request.path) == nullptr;
        fail(peer, is_elsewhere ? error_code::path_unknown : why, 0, request.is_head());
        return;
    }
    if (request.method != "GET" && !request.is_head()) {
        fail(peer, error_code::method_not_allowed, 0, false);
        return;
    }
    text_builder written;
    std::string_view body = page->body;
    if (page->write) {
        page->write(written);
        body = written.view();
    }
    shared.counts.pages_served.add(1);
    send_answer(peer, {.status = 200,
                       .body = body,
                       .content_type = page->content_type,
                       .head_request = request.is_head()});
}

// ---- the answer ------------------------------------------------------------------------------------

void handshake::upgrade_to(session& peer, route& way, const upgrade_request& request) {
    upgrade::answer answer{.way = &way, .body = {}, .fields = {}};
    const std::string_view agreed = select_protocol(request, way.protocols);
    if (!agreed.empty()) {
        const auto place = std::find(way.protocols.begin(), way.protocols.end(), agreed);
        answer.subprotocol = static_cast<std::uint8_t>(place - way.protocols.begin() + 1);
    }
    void* data = nullptr;
    if (way.on.on_upgrade) {
        const address from = peer.peer();
        upgrade asked(request, from, answer);
        way.on.on_upgrade(asked);
        data = asked.data_;
    }
    std::vector<http::field> fields(answer.fields.size());
    std::transform(answer.fields.begin(), answer.fields.end(), fields.begin(), [](const auto& one) {
        return http::field{one.first, one.second};
    });
    if (answer.refused_with != 0) {
        // [6455-4.2.2-04] [6455-4.2.2-05]
        refuse(peer, {.why = error_code::refused_by_application,
                      .status = answer.refused_with,
                      .body = answer.body,
                      .fields = fields});
        return;
    }
    if (auto why = find_room(peer); why != error_code::none) {
        fail(peer, why, 0, false);
        return;
    }
    peer.data_ = data;
    peer.subprotocol_ = answer.subprotocol;
    accept(peer, way, request, fields);
}

error_code handshake::find_room(session& peer) {
    server_core& shared = server_of(peer);
    const bool is_full =
        shared.draining || (shared.bounds.connections != 0 &&
                            shared.counts.sessions_open.value() >= shared.bounds.connections);
    return is_full || shared.is_peer_crowded(peer) ? error_code::overloaded : error_code::none;
}

void handshake::accept(session& peer, route& way, const upgrade_request& request,
                       std::span<const http::field> fields) {
    server_core& shared = server_of(peer);
    const std::size_t size = answer_head_bytes + size_of(fields);
    std::uint8_t small[answer_head_bytes];
    std::vector<std::uint8_t> large(size > sizeof small ? size : 0);
    const byte_span into = large.empty() ? byte_span(small) : byte_span(large);
    peer.route_ = &way;
    const std::string_view protocol = peer.subprotocol();
    char element[longest_deflate_element];
    std::string_view extensions;
    deflate_terms agreed;
    if (way.on.compression &&
        accept_deflate_offer(request.extensions, way.on.compression.parameters, agreed)) {
        peer.agree_on(agreed.parameters);                                           // [7692-5-16]
        extensions = write_deflate_element(element, agreed, deflate_side::answer);  // [7692-5-06]
    }
    auto written = write_accept(
        into, request, {.subprotocol = protocol, .extensions = extensions, .fields = fields});
    if (!written) {
        refuse(peer, {.why = error_code::refused_by_application, .status = 500});
        return;
    }
    peer.send_raw(into.first(*written));
    if (peer.write_broken_) {
        peer.is_over_ = true;
        ended(peer, error_code::connection_reset);
        return;
    }
    if (peer.extras_ != nullptr) {
        peer.extras_->peer = {};
    }
    shared.counts.handshakes_open.subtract(1);
    peer.open();  // [6455-4.2.2-24]
}

void handshake::fail(session& peer, error_code why, std::uint64_t offset, bool is_head) {
    server_core& shared = server_of(peer);
    shared.log(log_event::handshake_failed, {why, offset}, peer);
    shared.counts.handshakes_failed.add(1);
    send_answer(peer, {.why = why, .head_request = is_head});  // [6455-10.7-04]
}

void handshake::refuse(session& peer, const refusal& answer) {
    server_core& shared = server_of(peer);
    shared.log(log_event::handshake_failed, {answer.why, 0}, peer);
    shared.counts.handshakes_failed.add(1);
    send_answer(peer, answer);
}

// One answer, then FIN, then a bounded wait for the peer's, so that no reset overtakes the answer.
void handshake::send_answer(session& peer, const refusal& answer) {
    server_core& shared = server_of(peer);
    std::vector<std::uint8_t> into(answer_head_bytes + answer.body.size() + size_of(answer.fields));
    auto written = write_refusal(into, answer);
    if (!written) {
        written = write_refusal(into, {.why = answer.why, .status = 500});
    }
    shared.counts.handshakes_open.subtract(1);
    peer.phase_ = session::phase::refused;
    session_extras& extras = peer.extras();
    extras.drain_left = shared.bounds.drain_bytes;
    extras.drain_until = after(shared.its_loop.now(), shared.bounds.close_within);
    if (written) {
        peer.send_raw(byte_span(into).first(*written), true);
    }
}

// ---- no request ------------------------------------------------------------------------------------

void handshake::timed_out(session& peer) {
    const bool speaks_http = peer.extras_ != nullptr && peer.extras_->head.memory != nullptr &&
                             peer.extras_->parser.start_line_complete();
    if (speaks_http) {
        fail(peer, error_code::handshake_timeout, 0,
             peer.extras_->parser.is_head_request(peer.extras_->head.bytes()));
        return;
    }
    peer.is_over_ = true;
    ended(peer, error_code::handshake_timeout);
}

// [6455-7.2.2-01]: without an upgrade there is no Close frame, only the end of the stream.
void handshake::ended(session& peer, error_code why) {
    if (peer.phase_ != session::phase::handshake) {
        return;
    }
    server_core& shared = server_of(peer);
    shared.log(log_event::handshake_failed, {why, 0}, peer);
    shared.counts.handshakes_failed.add(1);
    shared.counts.handshakes_open.subtract(1);
    peer.phase_ = session::phase::refused;
}

}  // namespace plainsong
