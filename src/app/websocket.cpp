// SPDX-License-Identifier: MIT
// websocket.cpp — the public face of a WebSocket.
#include <plainsong/app/websocket.hpp>

#include <optional>
#include <utility>

#include "src/app/websocket_core.hpp"

namespace plainsong {

std::string_view DOMException::name() const {
    switch (why) {
        case error_code::none:
            return "";
        case error_code::url_malformed:
        case error_code::url_has_fragment:
        case error_code::protocols_not_sendable:
        case error_code::control_too_long:
            return "SyntaxError";
        case error_code::invalid_state:
            return "InvalidStateError";
        case error_code::close_code_not_sendable:
            return "InvalidAccessError";
        case error_code::invalid_argument:
        case error_code::field_not_sendable:
            return "TypeError";
        default:
            return "NetworkError";
    }
}

WebSocket::WebSocket(websocket_core* core)
    : onopen(core, event_type::open),
      onmessage(core, event_type::message),
      onerror(core, event_type::error),
      onclose(core, event_type::close),
      core_(core) {
    core->owner = this;
}

WebSocket::WebSocket(loop& its_loop, std::string_view url, const Protocols& protocols,
                     websocket_options options)
    : WebSocket(new websocket_core(its_loop, options)) {
    core_->connect(url, protocols, std::move(options));
}

WebSocket::~WebSocket() {
    core_->its_loop.check_thread();
    core_->leave();
}

error WebSocket::status() const {
    return core_->status;
}

std::string_view WebSocket::url() const {
    return core_->url.text;
}

std::uint16_t WebSocket::readyState() const {
    return core_->ready_state();
}

std::uint64_t WebSocket::bufferedAmount() const {
    return core_->outlet.buffered(core_->current());
}

std::string_view WebSocket::extensions() const {
    return core_->extensions;
}

std::string_view WebSocket::protocol() const {
    return core_->protocol;
}

DOMException WebSocket::send(std::string_view text) {
    return core_->send_text(text);
}

DOMException WebSocket::send(byte_view bytes) {
    return core_->send_bytes(bytes);
}

DOMException WebSocket::send(const Blob& blob) {
    return core_->send_blob(blob);
}

DOMException WebSocket::close() {
    return core_->close(std::nullopt, {});
}

DOMException WebSocket::close(int code, std::string_view reason) {
    return core_->close(code, reason);
}

DOMException WebSocket::close(std::string_view reason) {
    return core_->close(std::nullopt, reason);
}

EventListener WebSocket::add_listener(std::string_view type, event_callback listener,
                                      AddEventListenerOptions options) {
    for (const event_type one :
         {event_type::open, event_type::message, event_type::error, event_type::close}) {
        if (type == name_of(one)) {
            return core_->add_listener(one, std::move(listener), options.once);
        }
    }
    return EventListener::none;
}

void WebSocket::removeEventListener(EventListener listener) {
    core_->remove_listener(listener);
}

}  // namespace plainsong
