// SPDX-License-Identifier: MIT
// websocket_events.hpp — what a WebSocket tells a program, and how a program listens.
//
// Does: name the four events and what they carry; hold `onopen` and its kind.
// Does not: fire them (see app/websocket).
// Used by: app/websocket.  Depends on: app/blob, net/callback.
#ifndef PLAINSONG_APP_WEBSOCKET_EVENTS_HPP
#define PLAINSONG_APP_WEBSOCKET_EVENTS_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <plainsong/app/blob.hpp>
#include <plainsong/net/callback.hpp>

namespace plainsong {

class WebSocket;
struct websocket_core;

/// Lifetime: that of the handler's call; likewise of the views in the events below.
struct Event {
    std::string_view type;  // "open", "message", "error" or "close"
    WebSocket* target = nullptr;
};

/// What came in: a text, or bytes in the form that binaryType asked for.  Copies share the bytes.
class MessageData {
public:
    [[nodiscard]] bool is_text() const { return kind_ == kind::text; }
    [[nodiscard]] bool is_blob() const { return kind_ == kind::blob; }
    [[nodiscard]] bool is_array_buffer() const { return kind_ == kind::array_buffer; }

    /// UTF-8.  "" if !is_text().  Lifetime: that of the last copy of this.
    [[nodiscard]] std::string_view text() const {
        return is_text() ? as_text(buffer_.bytes()) : std::string_view{};
    }
    /// Empty if !is_blob().
    [[nodiscard]] const Blob& blob() const { return blob_; }
    /// Empty if !is_array_buffer().
    [[nodiscard]] ArrayBuffer arrayBuffer() const {
        return is_array_buffer() ? buffer_ : ArrayBuffer{};
    }

private:
    friend struct websocket_core;
    enum class kind : std::uint8_t { text, blob, array_buffer };

    explicit MessageData(Blob blob) : blob_(std::move(blob)), kind_(kind::blob) {}
    MessageData(ArrayBuffer buffer, kind what) : buffer_(std::move(buffer)), kind_(what) {}

    Blob blob_;
    ArrayBuffer buffer_;
    kind kind_;
};

struct MessageEvent : Event {
    MessageData data;
    std::string_view origin;  // of the WebSocket's URL: scheme, host and port
};

struct CloseEvent : Event {
    std::uint16_t code = 0;  // the peer's; 1005 if its Close had none, 1006 without its Close
    std::string_view reason;
    /// Both Close frames were exchanged, and then the peer ended the TCP connection in order.
    bool wasClean = false;
};

/// What a call answers where the browser's would throw.  Falsy if all went well.
struct DOMException {
    error_code why = error_code::none;

    explicit operator bool() const { return why != error_code::none; }
    /// The name that the standards give it, "" if there is none; see the table in
    /// app/websocket.hpp.
    [[nodiscard]] std::string_view name() const;
};

/// Used as an index.
enum class event_type : std::uint8_t { open, message, error, close };

/// A listener that was added, and can be removed by this.
enum class EventListener : std::uint32_t { none };

struct AddEventListenerOptions {
    bool once = false;
};

using event_callback = callback<void(const Event&)>;

/// Calls what takes an `EventClass`, or nothing, for any Event that is one.
template <typename EventClass, typename Callable>
event_callback make_event_callback(Callable&& function) {
    using plain = std::decay_t<Callable>;
    if constexpr (std::is_invocable_v<plain&>) {
        return [kept = plain(std::forward<Callable>(function))](const Event&) mutable { kept(); };
    } else {
        return [kept = plain(std::forward<Callable>(function))](const Event& what) mutable {
            kept(static_cast<const EventClass&>(what));
        };
    }
}

void set_event_handler(websocket_core& of, event_type type, event_callback handler);
bool has_event_handler(const websocket_core& of, event_type type);

/// `onopen`, `onmessage`, `onerror`, `onclose`: assign a function, or nullptr for none.  The
/// function takes the event or nothing.  Assigning is legal in any handler, the one that is running
/// too.
template <typename EventClass>
class EventHandler {
public:
    template <typename Callable,
              typename = std::enable_if_t<!std::is_same_v<std::decay_t<Callable>, EventHandler>>>
    EventHandler& operator=(Callable&& function) {
        set_event_handler(*core_, type_,
                          make_event_callback<EventClass>(std::forward<Callable>(function)));
        return *this;
    }
    EventHandler& operator=(std::nullptr_t) {
        set_event_handler(*core_, type_, {});
        return *this;
    }
    EventHandler(const EventHandler&) = delete;
    EventHandler& operator=(const EventHandler&) = delete;

    /// Whether there is one.
    explicit operator bool() const { return has_event_handler(*core_, type_); }

private:
    friend class WebSocket;
    EventHandler(websocket_core* core, event_type type) : core_(core), type_(type) {}

    websocket_core* core_;
    event_type type_;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_WEBSOCKET_EVENTS_HPP
