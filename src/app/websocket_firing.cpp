// SPDX-License-Identifier: MIT
// websocket_firing.cpp — listeners, and the tasks in which events are fired.
//
// Handlers run in on_due alone, so none of them runs inside a call of the program or inside another
// handler.  What a handler may do at any moment: destroy the WebSocket, add, remove and replace
// listeners.
#include <algorithm>
#include <utility>

#include "src/app/websocket_core.hpp"

namespace plainsong {

std::string_view name_of(event_type type) {
    constexpr std::string_view names[] = {"open", "message", "error", "close"};
    return names[static_cast<std::size_t>(type)];
}

// ---- listeners ----------------------------------------------------------------------------------

EventListener websocket_core::add_listener(event_type type, event_callback call, bool once) {
    listeners.push_back(
        std::make_unique<listener>(listener{++last_listener, type, once, false, std::move(call)}));
    return static_cast<EventListener>(last_listener);
}

void websocket_core::remove_listener(EventListener which) {
    for (const auto& one : listeners) {
        one->removed =
            one->removed || (one->id != 0 && one->id == static_cast<std::uint32_t>(which));
    }
    forget_removed();
}

// A handler that replaces another takes its place in the order; one that was removed comes last
// again.
void websocket_core::set_handler(event_type type, event_callback call) {
    const auto old = std::find_if(listeners.begin(), listeners.end(), [&](const auto& one) {
        return one->id == 0 && one->type == type && !one->removed;
    });
    if (!call) {
        if (old != listeners.end()) {
            (*old)->removed = true;
        }
    } else {
        auto fresh = std::make_unique<listener>(listener{0, type, false, false, std::move(call)});
        if (old == listeners.end()) {
            listeners.push_back(std::move(fresh));
        } else {
            replaced.push_back(std::exchange(*old, std::move(fresh)));
        }
    }
    forget_removed();
}

bool websocket_core::has_handler(event_type type) const {
    return std::any_of(listeners.begin(), listeners.end(), [&](const auto& one) {
        return one->id == 0 && one->type == type && !one->removed;
    });
}

void websocket_core::forget_removed() {
    if (!is_firing) {
        std::erase_if(listeners, [](const auto& one) { return one->removed; });
        replaced.clear();
    }
}

void set_event_handler(websocket_core& of, event_type type, event_callback handler) {
    of.set_handler(type, std::move(handler));
}

bool has_event_handler(const websocket_core& of, event_type type) {
    return of.has_handler(type);
}

// ---- firing -------------------------------------------------------------------------------------

void websocket_core::on_due() {
    outlet.end_task(current());
    move_on();
    is_firing = true;
    // What comes in meanwhile waits for the next turn, so that others get theirs.
    for (std::size_t left = events.size(); left != 0 && owner != nullptr; --left) {
        deliver(events.front());
        events.pop_front();
    }
    is_firing = false;
    if (owner == nullptr) {
        delete this;
        return;
    }
    forget_removed();
    if (!events.empty()) {
        wake();
    }
}

// The steps of https://websockets.spec.whatwg.org/#feedback-from-the-protocol.
void websocket_core::deliver(queued_event& one) {
    switch (one.what) {
        case queued_event::kind::open:
            if (state == WebSocket::CONNECTING) {
                state = WebSocket::OPEN;
                protocol = std::move(one.text);
                extensions = std::move(one.extensions);
                Event what;
                fire(event_type::open, what);
            }
            break;
        case queued_event::kind::message:
            if (state == WebSocket::OPEN) {
                MessageEvent what{{}, data_of(one), url.origin};
                fire(event_type::message, what);
            }
            break;
        case queued_event::kind::end: {
            state = WebSocket::CLOSED;
            if (one.failed) {
                Event what;
                fire(event_type::error, what);
            }
            CloseEvent what{{}, one.code, one.text, one.clean};
            fire(event_type::close, what);
            break;
        }
    }
}

// Those that are added meanwhile are not called, nor are those that are removed.
void websocket_core::fire(event_type type, Event& what) {
    what.type = name_of(type);
    const std::size_t count = listeners.size();
    for (std::size_t i = 0; i < count && owner != nullptr; ++i) {
        listener& one = *listeners[i];
        if (one.type == type && !one.removed) {
            one.removed = one.once;
            what.target = owner;
            one.call(what);
        }
    }
}

MessageData websocket_core::data_of(const queued_event& one) const {
    if (!one.is_text && owner->binaryType == "blob") {
        return MessageData(one.data.blob());
    }
    shared_ref<byte_block> block = one.data.join();
    return {block ? blob_data::buffer_of(std::move(block)) : ArrayBuffer{},
            one.is_text ? MessageData::kind::text : MessageData::kind::array_buffer};
}

}  // namespace plainsong
