// SPDX-License-Identifier: MIT
// server_core.cpp — routes, the crowd of sessions, and how it is sent home.
#include "src/app/server_core.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <plainsong/base/contract.hpp>

#include "src/app/handshake.hpp"

namespace plainsong {

namespace {

constexpr duration drain_tick = std::chrono::milliseconds(10);

std::uint64_t number_of(session_id id) {
    return std::uint64_t{id.index} << 32 | id.generation;
}

std::string key_of(const address& peer) {
    return std::string(as_text(peer.host_bytes()));
}

}  // namespace

server_core::server_core(server& its_owner, loop& on, server_options&& options)
    : session_core(on, options.bounds, std::move(options.log)),
      owner(its_owner),
      origin(options.origin),
      accept_ws_target(options.accept_ws_target),
      lenient_fold(options.lenient_fold),
      self(std::make_shared<server_core*>(this)) {
    lent.blocks.keep_at_least(options.message_cache_bytes);
    before_upgrade.core = this;
    for (std::string_view one : options.origin.allowed) {
        parsed_origin parsed;
        if (!parse_origin(one, parsed)) {
            setup_error = error_code::invalid_argument;
        }
        origin_texts.emplace_back(one);
    }
    origin_views.assign(origin_texts.begin(), origin_texts.end());
    origin.allowed = origin_views;
}

server_core::~server_core() {
    *self = nullptr;
    its_loop.cancel(*this);
    listeners.clear();
    while (sessions.used() != 0) {  // an on_close may adopt another
        sessions.visit(0, sessions.slots(), [this](session& one) {
            one.terminate();
            PLAINSONG_REQUIRE(one.phase_ == session::phase::dead);
            free(one);  // it leaves the graveyard
        });
    }
}

server& session::owner() const {
    PLAINSONG_REQUIRE(self() == role::server);
    return static_cast<server_core&>(core()).owner;
}

// ---- finding ---------------------------------------------------------------------------------------

route* server_core::find_route(std::string_view path) const {
    route* best = nullptr;
    for (const auto& one : routes) {
        const bool matches = one->is_prefix ? path.starts_with(one->path) : path == one->path;
        const bool is_better = best == nullptr || !one->is_prefix ||
                               (best->is_prefix && one->path.size() > best->path.size());
        if (matches && is_better) {
            best = one.get();
        }
    }
    return best;
}

http_page* server_core::find_page(std::string_view path) const {
    for (const auto& one : pages) {
        if (one->path == path) {
            return one.get();
        }
    }
    return nullptr;
}

session* server_core::find(session_id id) {
    auto* const found = static_cast<session*>(its_loop.find(id));
    return found != nullptr && &found->core() == this ? found : nullptr;
}

// ---- sessions --------------------------------------------------------------------------------------

error server_core::admit(stream transport, const address& peer, bool knows_peer) {
    counts.connections_accepted.add(1);
    if (bounds.handshakes != 0 && counts.handshakes_open.value() >= bounds.handshakes) {
        counts.connections_refused.add(1);
        return error_code::overloaded;
    }
    const int descriptor = transport.descriptor();
    auto* const one = ::new (sessions.take()) session(before_upgrade, std::move(transport));
    auto token = its_loop.watch(descriptor, interest::read, *one);
    if (!token) {
        counts.connections_refused.add(1);
        free(*one);
        return token.why();
    }
    one->token_ = *token;
    counts.handshakes_open.add(1);
    its_loop.arm(*one, after(its_loop.now(), bounds.handshake_within));
    if (!knows_peer && peer) {
        one->extras().peer = peer;
    }
    if (bounds.connections_per_peer != 0) {
        std::string key = key_of(peer);
        ++peers[key];
        peer_of.emplace(number_of(one->token_), std::move(key));
    }
    return {};
}

bool server_core::is_peer_crowded(const session& one) const {
    const auto key = peer_of.find(number_of(one.id()));
    return key != peer_of.end() && peers.at(key->second) > bounds.connections_per_peer;
}

duration server_core::longest_silence() const {
    const auto of = [](const limits& one) { return std::max(one.idle_timeout, one.write_stall); };
    duration longest = of(bounds);
    for (const auto& one : routes) {
        longest = std::max(longest, of(one->config.bounds));
    }
    return longest;
}

byte_span server_core::shake_hands(session& one, byte_span in) {
    return handshake::receive(one, in);
}

void server_core::handshake_timed_out(session& one) {
    handshake::timed_out(one);
}

void server_core::handshake_ended(session& one, error_code why) {
    handshake::ended(one, why);
}

void server_core::forget(session& one) {
    if (const auto key = peer_of.find(number_of(one.id())); key != peer_of.end()) {
        const auto count = peers.find(key->second);
        if (count != peers.end() && --count->second == 0) {
            peers.erase(count);
        }
        peer_of.erase(key);
    }
    const bool may_be_the_last =
        counts.sessions_open.value() == 0 && counts.handshakes_open.value() == 0;
    if (draining && may_be_the_last) {
        its_loop.arm(*this, its_loop.now());
    }
}

void server_core::free(session& one) {
    one.~session();
    sessions.put_back(&one, !draining);  // a drain walks through the slots
}

// ---- draining --------------------------------------------------------------------------------------

void server_core::begin_drain(std::uint16_t code, duration spread, duration deadline,
                              callback<void()> done) {
    for (const auto& one : listeners) {
        one->close();
    }
    if (!draining) {
        draining = true;
        drain_code = code;
        drain_spread = spread;
        drain_begin = never;
        drain_next = 0;
    }
    const duration patience =
        deadline > duration::max() - spread ? duration::max() : spread + deadline;
    drain_patience = std::min(drain_patience, patience);
    if (done) {
        drained.push_back(std::move(done));
    }
    // In the next turn, since outside of one the loop's time stands still.
    its_loop.arm(*this, its_loop.now());
}

// Sends the next share of sessions home, in proportion to the time that has passed.
void server_core::close_share() {
    const time_point now = its_loop.now();
    if (drain_begin == never) {
        drain_begin = now;
        drain_end = after(now, drain_spread);
    }
    drain_until = std::min(drain_until, after(now, drain_patience));
    drain_patience = duration::max();
    if (now >= drain_until) {
        drop_all();
        note_if_empty();
        return;
    }
    const auto close_one = [this](session& one) {
        if (one.is_open()) {
            one.close(drain_code);
        } else if (one.phase_ == session::phase::handshake) {
            one.terminate();
        }
    };
    const bool is_last = now >= drain_end;
    if (is_last) {
        sessions.visit(0, sessions.slots(), close_one);
    } else {
        const auto share = static_cast<double>((now - drain_begin).count()) /
                           static_cast<double>((drain_end - drain_begin).count());
        const auto wanted = static_cast<std::size_t>(share * static_cast<double>(sessions.slots()));
        if (wanted > drain_next) {
            drain_next = sessions.visit(drain_next, wanted - drain_next, close_one);
        }
    }
    its_loop.arm(*this, is_last ? drain_until : std::min(now + drain_tick, drain_end));
    note_if_empty();
}

void server_core::drop_all() {
    sessions.visit(0, sessions.slots(), [](session& one) { one.terminate(); });
}

void server_core::note_if_empty() {
    if (live_sessions() != 0) {
        return;
    }
    its_loop.cancel(*this);
    draining = false;
    drain_until = never;
    listeners.clear();
    sessions.trim();
    // One of them may destroy the server.
    for (callback<void()>& call : std::exchange(drained, {})) {
        call();
    }
}

std::size_t server_core::live_sessions() {
    std::size_t live = 0;
    sessions.visit(0, sessions.slots(),
                   [&live](session& one) { live += one.phase_ == session::phase::dead ? 0 : 1; });
    return live;
}

}  // namespace plainsong
