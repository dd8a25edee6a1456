// SPDX-License-Identifier: MIT
// client.cpp — the public face of a client.
#include <plainsong/app/client.hpp>

#include <utility>

#include <plainsong/codec/utf8.hpp>

#include "src/app/client_core.hpp"

namespace plainsong {

client::client(loop& its_loop, client_options options)
    : core_(new client_core(its_loop, std::move(options))) {}

client::~client() {
    core_->its_loop.check_thread();
    core_->leave();
}

error client::connect(std::string_view url, handlers on) {
    core_->its_loop.check_thread();
    return core_->connect(url, std::move(on), {});
}

error client::connect_over(stream transport, std::string_view url, handlers on) {
    core_->its_loop.check_thread();
    if (!transport) {
        return error_code::invalid_argument;
    }
    return core_->connect(url, std::move(on), std::move(transport));
}

client_state client::state() const {
    switch (core_->at) {
        case client_core::stage::idle:
            return client_state::idle;
        case client_core::stage::open:
            return client_state::open;
        case client_core::stage::waiting:
            return client_state::waiting;
        case client_core::stage::starting:
        case client_core::stage::name:
        case client_core::stage::address:
        case client_core::stage::proxy:
        case client_core::stage::handshake:
            break;
    }
    return client_state::connecting;
}

session* client::current() const {
    return core_->at == client_core::stage::open ? core_->current : nullptr;
}

bool client::is_open() const {
    const session* const one = current();
    return one != nullptr && one->is_open();
}

send_result client::send(const message& m) {
    if (m.type != opcode::text && m.type != opcode::binary) {
        return {fate::refused, error_code::invalid_argument};
    }
    return core_->send(m);
}

send_result client::send_text(std::string_view text) {
    if (!is_utf8(as_bytes(text))) {
        return {fate::refused, error_code::text_not_utf8};
    }
    return core_->send({opcode::text, as_bytes(text)});
}

std::size_t client::backlog_bytes() const {
    const session* const one = current();
    return core_->queue_bytes + (one == nullptr ? 0 : one->backlog_bytes());
}

send_result client::close(std::uint16_t code, std::string_view reason) {
    core_->its_loop.check_thread();
    return core_->close(code, reason);
}

std::uint32_t client::attempts() const {
    return core_->attempts;
}

time_point client::next_attempt() const {
    return core_->at == client_core::stage::waiting ? core_->due() : never;
}

metrics_snapshot client::snapshot() const {
    return snapshot_of(core_->counts);
}

}  // namespace plainsong
