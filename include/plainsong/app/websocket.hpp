// SPDX-License-Identifier: MIT
// websocket.hpp — the browser's WebSocket (https://websockets.spec.whatwg.org/), in C++ on a loop.
//
// Does: what the standard says of the interface, with its names, which every web developer knows;
// they are the one exception to this library's own style.
// Does not: throw, reconnect, or know a page: no base URL, no cookies of a jar, no blocked ports,
// and an Origin only if options name one.  For the session itself, pings, and connecting again use
// app/client.
// Used by: programs.  Depends on: app/client, app/blob, app/websocket_events.
//
//   ws::loop loop;
//   ws::WebSocket socket(loop, "ws://127.0.0.1:9001/echo");
//   socket.onopen = [&] { socket.send("hello"); };
//   socket.onmessage = [&](const ws::MessageEvent& e) { use(e.data.text()); socket.close(); };
//   socket.onclose = [&](const ws::CloseEvent& e) { loop.stop(); };
//   loop.run();
//
// Events are queued, and fired by the loop one after the other: no handler runs inside a call of
// the program, and none inside another.  A WebSocket may be destroyed in its own handlers; nothing
// is called after that.
//
// Where the browser throws, the call returns a DOMException, and status() keeps that of the
// constructor:
//
//   the browser's          this library's error
//   SyntaxError            url_malformed, url_has_fragment, protocols_not_sendable (constructor);
//                          control_too_long (a reason of more than 123 bytes)
//   InvalidStateError      invalid_state (send while CONNECTING)
//   InvalidAccessError     close_code_not_sendable (close with a code but 1000 and 3000 to 4999)
//   TypeError              invalid_argument, field_not_sendable (options that make no request)
//
// What the standard leaves to events comes by events only, as `error` before `close`; status() then
// says why.
#ifndef PLAINSONG_APP_WEBSOCKET_HPP
#define PLAINSONG_APP_WEBSOCKET_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <plainsong/app/blob.hpp>
#include <plainsong/app/client.hpp>
#include <plainsong/app/websocket_events.hpp>
#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong {

/// What a page cannot choose.
struct websocket_options {
    /// How to reach the server and what to tell it.  `reconnect`, `queue_while_down_bytes` and, in
    /// `bounds`, the limits that stand below in another form have no effect.
    client_options connection{};
    /// Used instead of connecting, if it isn't empty: see client::connect_over.
    stream transport{};
    /// permessage_deflate() makes messages of either side smaller; browsers offer it, too.
    compression_options compression{};
    /// A larger message that comes in ends the connection (1009).
    std::uint64_t most_message_bytes = 64 << 20;
    /// Memory that may be taken by what was sent and has not left.  What is beyond it is not sent,
    /// and the connection fails, as the standard has it when a buffer is full.  Bytes of files take
    /// none.
    std::uint64_t most_buffered_bytes = 256 << 20;
};

/// One of "blob" and "arraybuffer"; other names change nothing.
class BinaryType {
public:
    BinaryType& operator=(std::string_view name) {
        is_blob_ = name == "blob" || (is_blob_ && name != "arraybuffer");
        return *this;
    }
    operator std::string_view() const { return is_blob_ ? "blob" : "arraybuffer"; }
    friend bool operator==(const BinaryType& one, std::string_view name) {
        return std::string_view(one) == name;
    }

private:
    bool is_blob_ = true;
};

/// Subprotocols to offer: none, one, or a list.  Lifetime: that of the call it is made for.
class Protocols {
public:
    Protocols() = default;
    Protocols(std::string_view one) : names_{one} {}
    Protocols(const char* one) : names_{one} {}
    Protocols(const std::string& one) : names_{one} {}
    Protocols(std::initializer_list<std::string_view> names) : names_(names) {}
    Protocols(std::span<const std::string_view> names) : names_(names.begin(), names.end()) {}

    [[nodiscard]] const std::vector<std::string_view>& names() const { return names_; }

private:
    std::vector<std::string_view> names_;
};

/// Threads: the loop's.  Debug builds abort on any other.
class WebSocket {
public:
    static constexpr std::uint16_t CONNECTING = 0;
    static constexpr std::uint16_t OPEN = 1;
    static constexpr std::uint16_t CLOSING = 2;
    static constexpr std::uint16_t CLOSED = 3;

    /// Begins to connect.  The URL is absolute, its scheme ws, wss, http or https; a user's name
    /// and password in it are sent by Basic authorisation.
    /// Errors: status() says so, readyState() is CLOSED from the start and no event comes.
    /// Lifetime: `its_loop` outlives the WebSocket.
    WebSocket(loop& its_loop, std::string_view url, const Protocols& protocols = {},
              websocket_options options = {});
    /// Goes away quietly: the peer of an open connection is told 1001, no event comes any more.
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    /// Why the constructor has failed, or, later, the connection.
    [[nodiscard]] error status() const;

    /// As the URL Standard writes it.
    [[nodiscard]] std::string_view url() const;
    [[nodiscard]] std::uint16_t readyState() const;
    /// Payload bytes given to send() that have not been handed to the system yet; all of those that
    /// were given in the present task, that is since the loop last came by; and those that never
    /// will be handed over, because the connection has ended.
    [[nodiscard]] std::uint64_t bufferedAmount() const;
    /// "", or permessage-deflate and its parameters, if it is offered and the server has accepted.
    [[nodiscard]] std::string_view extensions() const;
    /// The subprotocol that the server chose, "" before that.
    [[nodiscard]] std::string_view protocol() const;

    /// What the data of binary messages are to be: that of the moment when the event is fired.
    BinaryType binaryType;

    /// Text is made UTF-8 if it isn't: what is ill-formed becomes U+FFFD.
    DOMException send(std::string_view text);
    DOMException send(byte_view bytes);
    DOMException send(const ArrayBuffer& buffer) { return send(byte_view(buffer.bytes())); }
    /// One message.  What comes of a file is read and sent in fragments as the peer takes them; if
    /// the file cannot be read to its end, the connection fails, since half the message has been
    /// sent.
    DOMException send(const Blob& blob);
    /// The bytes of any view, in the order that they have in memory.
    template <typename Item, std::size_t count,
              typename = std::enable_if_t<std::is_trivially_copyable_v<Item>>>
    DOMException send(std::span<Item, count> view) {
        return send(
            byte_view(reinterpret_cast<const std::uint8_t*>(view.data()), view.size_bytes()));
    }

    /// Starts the closing handshake behind all that was sent; in CONNECTING it gives the attempt
    /// up.  Without code and reason the Close is empty; a reason alone goes with 1000.
    DOMException close();
    DOMException close(int code, std::string_view reason = {});
    DOMException close(std::string_view reason);

    EventHandler<Event> onopen;
    EventHandler<MessageEvent> onmessage;
    EventHandler<Event> onerror;
    EventHandler<CloseEvent> onclose;

    /// Has `listener` called for each event of `type`, in the order in which listeners were added.
    /// It takes an `Event`, the class of that event, or nothing.
    /// Returns: `none` if no event is called so, or none that the listener takes.
    template <typename Callable>
    EventListener addEventListener(std::string_view type, Callable&& listener,
                                   AddEventListenerOptions options = {}) {
        using plain = std::decay_t<Callable>;
        if constexpr (std::is_invocable_v<plain&> || std::is_invocable_v<plain&, const Event&>) {
            return add_listener(type, make_event_callback<Event>(std::forward<Callable>(listener)),
                                options);
        } else {
            constexpr bool takes_messages = std::is_invocable_v<plain&, const MessageEvent&>;
            using EventClass = std::conditional_t<takes_messages, MessageEvent, CloseEvent>;
            if (type != (takes_messages ? "message" : "close")) {
                return EventListener::none;
            }
            return add_listener(
                type, make_event_callback<EventClass>(std::forward<Callable>(listener)), options);
        }
    }
    /// No effect if it isn't there any more.
    void removeEventListener(EventListener listener);

private:
    EventListener add_listener(std::string_view type, event_callback listener,
                               AddEventListenerOptions options);
    explicit WebSocket(websocket_core* core);

    websocket_core* core_;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_WEBSOCKET_HPP
