// SPDX-License-Identifier: MIT
// server.cpp — the public face: set up, listen, send from any thread, stop.
#include <plainsong/app/server.hpp>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/list.hpp>

#include "src/app/server_core.hpp"

namespace plainsong {

server::server(loop& its_loop, server_options options) {
    const std::string health(options.health_path);
    const std::string metrics_at(options.metrics_path);
    core_ = new server_core(*this, its_loop, std::move(options));
    if (!health.empty()) {
        page(health, "text/plain; charset=utf-8", "ok\n");
    }
    if (!metrics_at.empty()) {
        page(metrics_at, "text/plain; version=0.0.4; charset=utf-8",
             [core = core_](text_builder& out) { core->counts.print(out); });
    }
}

server::~server() {
    delete core_;
}

// ---- what is served --------------------------------------------------------------------------------

void server::route(std::string_view path, handlers on) {
    route(path, std::move(on), core_->bounds);
}

void server::route(std::string_view path, handlers on, const limits& bounds) {
    auto fresh = std::make_unique<plainsong::route>();
    fresh->core = core_;
    fresh->is_prefix = path.ends_with('*');
    fresh->path = path.substr(0, path.size() - (fresh->is_prefix ? 1 : 0));
    if (path != "*" && !path.starts_with('/')) {
        core_->setup_error = error_code::invalid_argument;
    }
    for (const auto& one : core_->routes) {
        if (one->path == fresh->path && one->is_prefix == fresh->is_prefix) {
            core_->setup_error = error_code::invalid_argument;
        }
    }
    if (!fresh->set_handlers(std::move(on))) {
        core_->setup_error = error_code::invalid_argument;
    }
    fresh->config.bounds = bounds;
    core_->routes.push_back(std::move(fresh));
}

void server::page(std::string_view path, std::string_view content_type, std::string_view body) {
    if (core_->find_page(path) != nullptr || !path.starts_with('/')) {
        core_->setup_error = error_code::invalid_argument;
        return;
    }
    auto fresh = std::make_unique<http_page>();
    fresh->path = path;
    fresh->content_type = content_type;
    fresh->body = body;
    core_->pages.push_back(std::move(fresh));
}

void server::page(std::string_view path, std::string_view content_type,
                  callback<void(text_builder&)> body) {
    const std::size_t before = core_->pages.size();
    page(path, content_type, std::string_view{});
    if (core_->pages.size() != before) {
        core_->pages.back()->write = std::move(body);
    }
}

// ---- connections -----------------------------------------------------------------------------------

error server::listen(const listen_options& where) {
    if (core_->setup_error) {
        return core_->setup_error;
    }
    auto parsed = where.unix_path.empty() ? address::parse(where.host, where.port)
                                          : address::unix_path(where.unix_path);
    if (!parsed) {
        return parsed.why();
    }
    auto fresh = std::make_unique<listener>(core_->its_loop);
    auto why = fresh->listen(
        *parsed,
        {.backlog = where.backlog,
         .reuse_port = where.reuse_port,
         .remove_stale_socket = where.remove_stale_socket,
         .user_timeout = core_->longest_silence()},
        [core = core_](stream transport, const address& peer) {
            (void)core->admit(std::move(transport), peer, true);
        },
        [core = core_](error broken) {
            core->counts.accept_errors.add(1);
            if (core->sink) {
                core->sink({.event = log_event::accept_failed,
                            .why = {broken.code(), 0},
                            .system = broken,
                            .fatal = true});
            }
        });
    if (why) {
        return why;
    }
    core_->listeners.push_back(std::move(fresh));
    return {};
}

std::uint16_t server::port() const {
    return core_->listeners.empty() ? std::uint16_t{0} : core_->listeners.front()->bound().port();
}

error server::adopt(stream transport, const address& peer) {
    core_->its_loop.check_thread();
    return core_->admit(std::move(transport), peer, false);
}

// ---- sessions --------------------------------------------------------------------------------------

session* server::find(session_id id) {
    core_->its_loop.check_thread();
    return core_->find(id);
}

send_result server::send(session_id id, opcode type, byte_view payload) {
    const bool posted =
        core_->its_loop.post([self = core_->self, id, type, copy = std::string(as_text(payload))] {
            if (*self == nullptr) {
                return;
            }
            session* const found = (*self)->find(id);
            send_result sent{fate::gone};
            if (found != nullptr) {
                sent = type == opcode::text ? found->send_text(copy)
                                            : found->send({type, as_bytes(copy)});
            }
            if (!sent && sent.why != error_code::refused_full) {  // that one is counted already
                (*self)->counts.messages_refused.add(1);
            }
        });
    return posted ? send_result{fate::queued} : send_result{fate::gone, error_code::gone};
}

void server::close(session_id id, std::uint16_t code, std::string_view reason) {
    (void)core_->its_loop.post([self = core_->self, id, code, copy = std::string(reason)] {
        if (*self != nullptr) {
            if (session* const found = (*self)->find(id); found != nullptr) {
                found->close(code, copy);
            }
        }
    });
}

std::size_t server::sessions() const {
    return static_cast<std::size_t>(core_->counts.sessions_open.value());
}

metrics_snapshot server::snapshot() const {
    return snapshot_of(core_->counts);
}

// ---- the end ---------------------------------------------------------------------------------------

void server::drain(std::uint16_t code, duration spread, duration deadline, callback<void()> done) {
    core_->its_loop.check_thread();
    core_->begin_drain(code, spread, deadline, std::move(done));
}

void server::stop(duration deadline) {
    loop& its_loop = core_->its_loop;
    its_loop.check_thread();
    if (its_loop.is_turning()) {
        core_->begin_drain(close_code::going_away, duration::zero(), deadline, {});
        return;
    }
    core_->begin_drain(close_code::going_away, duration::zero(), deadline,
                       [&its_loop] { its_loop.stop(); });
    // run() lets go of the thread in the end, so that another one may destroy the server.
    while (core_->draining) {
        if (its_loop.run() != 0) {
            core_->drop_all();
            core_->note_if_empty();
        }
    }
}

}  // namespace plainsong
