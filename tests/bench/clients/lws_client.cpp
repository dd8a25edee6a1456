// SPDX-License-Identifier: MIT
// lws_client.cpp — a WebSocket client on libwebsockets, for comparison.
//
// Does: write when the library says that the socket is writable, one message at a time, as its
// documentation asks; no extensions, no logs.
// Used by: tests/bench/run.  Depends on: Debian's libwebsockets-dev.
#include <libwebsockets.h>

#include <cstring>
#include <vector>

#include "tests/bench/clients/window.hpp"

namespace {

constexpr std::size_t buffer_bytes = 64u << 10;

bench::window* the_window;
std::vector<unsigned char> the_payload;  // LWS_PRE bytes of room, then the message

struct session {
    int due;
    std::size_t received;  // of the echo that is coming
};

int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, std::size_t length) {
    auto* s = static_cast<session*>(user);
    switch (reason) {
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            s->due = the_window->depth;
            s->received = 0;
            lws_callback_on_writable(wsi);
            return 0;
        case LWS_CALLBACK_CLIENT_RECEIVE:
            s->received += length;
            if (lws_remaining_packet_payload(wsi) == 0 && lws_is_final_fragment(wsi)) {
                if (s->received != the_window->size) {
                    bench::window::fail("another size came back");
                }
                s->received = 0;
                ++s->due;
                lws_callback_on_writable(wsi);
                the_window->note();
            }
            return 0;
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            if (s->due > 0) {
                // It masks in place, so each message begins as a copy.
                static std::vector<unsigned char> copy(LWS_PRE + the_window->size);
                std::memcpy(copy.data(), the_payload.data(), copy.size());
                if (lws_write(wsi, copy.data() + LWS_PRE, the_window->size, LWS_WRITE_BINARY) < 0) {
                    return -1;
                }
                if (--s->due > 0) {
                    lws_callback_on_writable(wsi);
                }
            }
            return 0;
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
            bench::window::fail(in ? static_cast<const char*>(in) : "no connection");
        case LWS_CALLBACK_CLIENT_CLOSED:
            bench::window::fail("closed");
        default:
            return 0;
    }
}

}  // namespace

int main(int argc, char** argv) {
    bench::window window(argc, argv);
    the_window = &window;
    the_payload.assign(LWS_PRE + window.size, 'x');
    static const lws_protocols protocols[] = {
        {"echo", on_event, sizeof(session), buffer_bytes, 0, nullptr, 0},
        {nullptr, nullptr, 0, 0, 0, nullptr, 0},
    };
    lws_set_log_level(0, nullptr);
    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    info.pt_serv_buf_size = buffer_bytes;
    info.gid = -1;
    info.uid = -1;
    info.options = LWS_SERVER_OPTION_DISABLE_IPV6;
    lws_context* context = lws_create_context(&info);
    if (!context) {
        bench::window::fail("no context");
    }
    for (int i = 0; i < window.connections; ++i) {
        lws_client_connect_info to{};
        to.context = context;
        to.address = "127.0.0.1";
        to.port = window.port;
        to.path = "/";
        to.host = to.address;
        to.origin = to.address;
        to.local_protocol_name = "echo";
        if (!lws_client_connect_via_info(&to)) {
            bench::window::fail("no connection");
        }
    }
    while (lws_service(context, 0) >= 0) {
    }
}
