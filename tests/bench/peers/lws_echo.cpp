// SPDX-License-Identifier: MIT
// lws_echo.cpp — a WebSocket echo server on libwebsockets, for comparison.
//
// Does: collect each message and write it when the library says that the socket is writable, with
// receiving paused in between, as its documentation asks; UTF-8 is checked as in the other servers;
// no logs; no extensions, unless there is a second argument.
// Does not: matter outside tests/bench and autobahn/peers.
// Used by: tests/bench/run, autobahn/peers/run.  Depends on: Debian's libwebsockets-dev.
#include <libwebsockets.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t max_message = 64u << 20;
constexpr std::size_t buffer_bytes = 64u << 10;  // the default of 4 KiB is far slower

struct session {
    unsigned char* bytes;  // LWS_PRE bytes of room, then the message
    std::size_t size, capacity;
    bool binary, complete;
};

bool append(session& s, const void* from, std::size_t count) {
    if (s.size + count > max_message) {
        return false;
    }
    if (!s.bytes || s.size + count > s.capacity) {
        const std::size_t wanted =
            s.capacity * 2 > s.size + count ? s.capacity * 2 : s.size + count;
        void* grown = std::realloc(s.bytes, LWS_PRE + wanted);
        if (!grown) {
            return false;
        }
        s.bytes = static_cast<unsigned char*>(grown);
        s.capacity = wanted;
    }
    std::memcpy(s.bytes + LWS_PRE + s.size, from, count);
    s.size += count;
    return true;
}

int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, std::size_t length) {
    auto* s = static_cast<session*>(user);
    switch (reason) {
        case LWS_CALLBACK_ESTABLISHED:
            *s = session{};
            return 0;
        case LWS_CALLBACK_RECEIVE:
            s->binary = lws_frame_is_binary(wsi) != 0;
            if (!append(*s, in, length)) {
                return -1;
            }
            if (lws_remaining_packet_payload(wsi) == 0 && lws_is_final_fragment(wsi)) {
                s->complete = true;
                lws_rx_flow_control(wsi, 0);
                lws_callback_on_writable(wsi);
            }
            return 0;
        case LWS_CALLBACK_SERVER_WRITEABLE:
            if (s->complete) {
                const auto kind = s->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
                if (lws_write(wsi, s->bytes + LWS_PRE, s->size, kind) < 0) {
                    return -1;
                }
                s->size = 0;
                s->complete = false;
                lws_rx_flow_control(wsi, 1);
            }
            return 0;
        case LWS_CALLBACK_CLOSED:
            std::free(s->bytes);
            s->bytes = nullptr;
            return 0;
        default:
            return 0;
    }
}

}  // namespace

int main(int argc, char** argv) {
    static const lws_protocols protocols[] = {
        {"echo", on_event, sizeof(session), buffer_bytes, 0, nullptr, 0},
        {nullptr, nullptr, 0, 0, 0, nullptr, 0},
    };
    static const lws_extension extensions[] = {
        {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
        {nullptr, nullptr, nullptr},
    };
    lws_set_log_level(0, nullptr);
    lws_context_creation_info info{};
    info.port = argc > 1 ? std::atoi(argv[1]) : 0;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.extensions = argc > 2 ? extensions : nullptr;
    info.pt_serv_buf_size = buffer_bytes;
    info.gid = -1;
    info.uid = -1;
    info.options = LWS_SERVER_OPTION_DISABLE_IPV6 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8;
    lws_context* context = lws_create_context(&info);
    lws_vhost* host = context ? lws_create_vhost(context, &info) : nullptr;
    if (!host) {
        std::fprintf(stderr, "lws_echo: cannot listen\n");
        return 1;
    }
    std::printf("listening on %d\n", lws_get_vhost_listen_port(host));
    std::fflush(stdout);
    while (lws_service(context, 0) >= 0) {
    }
    lws_context_destroy(context);
}
