// SPDX-License-Identifier: MIT
// websocket_core.hpp — the state of a WebSocket, its listeners and its queue of events.
//
// Does: turn what a client reports into events, and fire them one by one when the loop comes by.
// It outlives its WebSocket until the handler in which that was destroyed has returned.
// Used by: app/websocket.  Depends on: app/client, app/websocket_outlet, app/blob_data.
#ifndef PLAINSONG_SRC_APP_WEBSOCKET_CORE_HPP
#define PLAINSONG_SRC_APP_WEBSOCKET_CORE_HPP

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/app/client.hpp>
#include <plainsong/app/websocket.hpp>
#include <plainsong/net/loop.hpp>

#include "src/app/blob_data.hpp"
#include "src/app/websocket_outlet.hpp"
#include "src/app/websocket_url.hpp"

namespace plainsong {

std::string_view name_of(event_type type);

struct websocket_core final : loop_member {
    websocket_core(loop& on, websocket_options& options);

    // ---- the calls of a WebSocket
    void connect(std::string_view given, const Protocols& protocols, websocket_options&& options);
    void leave();
    DOMException send_text(std::string_view text);
    DOMException send_bytes(byte_view bytes);
    DOMException send_blob(const Blob& blob);
    DOMException close(std::optional<int> code, std::string_view reason);
    [[nodiscard]] std::uint16_t ready_state() const;
    [[nodiscard]] session* current() const { return link ? link->current() : nullptr; }

    EventListener add_listener(event_type type, event_callback call, bool once);
    void remove_listener(EventListener which);
    void set_handler(event_type type, event_callback call);
    [[nodiscard]] bool has_handler(event_type type) const;

    // ---- the loop's: a task has ended, the next ones are fired
    void on_due() override;

    struct listener {
        std::uint32_t id;  // 0: an event handler such as onopen
        event_type type;
        bool once;
        bool removed;
        event_callback call;
    };

    struct queued_event {
        enum class kind : std::uint8_t { open, message, end } what;
        bool is_text = false;
        bool failed = false;
        bool clean = false;
        std::uint16_t code = 0;
        blob_builder data{};
        std::string text{};  // the subprotocol, or the reason
        std::string extensions{};
    };

    // ---- what the client reports
    handlers make_handlers(std::string_view offer, const compression_options& compression);
    void opened(session& one);
    void ended(session& one, const close_record& how);
    void fail(error why);
    void queue_event(queued_event one);
    void wake() { its_loop.arm(*this, its_loop.now()); }

    // ---- sending and closing
    template <typename Send>
    DOMException send(std::uint64_t size, Send how);
    void move_on();
    void give_up(error why);

    // ---- firing
    void deliver(queued_event& one);
    void fire(event_type type, Event& what);
    [[nodiscard]] MessageData data_of(const queued_event& one) const;
    void forget_removed();

    loop& its_loop;
    WebSocket* owner = nullptr;  // nullptr once it has gone
    error status;
    websocket_url url;
    std::string protocol;
    std::string extensions;
    std::uint16_t state = WebSocket::CONNECTING;
    bool has_offered = false;
    bool was_established = false;
    bool is_firing = false;

    struct close_request {
        std::uint16_t code;
        std::string reason;
    };
    std::optional<close_request> owed_close;  // behind messages that wait

    blob_builder incoming;
    bool incoming_is_text = false;
    std::deque<queued_event> events;
    std::vector<std::unique_ptr<listener>> listeners;  // in the order in which they are called
    std::vector<std::unique_ptr<listener>> replaced;   // one of them may be running
    std::uint32_t last_listener = 0;

    websocket_outlet outlet;
    std::optional<client> link;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_WEBSOCKET_CORE_HPP
