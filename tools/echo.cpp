// SPDX-License-Identifier: MIT
// echo.cpp — `plainsong echo`: sends each message back as it came.
//
// Does: be the server that conformance suites, load generators and clients are pointed at.  Its
// limits are wider than a server's should be, and it takes any origin: it says so when it starts.
#include <cstdio>

#include "tools/server_program.hpp"
#include "tools/verbs.hpp"

namespace {

constexpr std::uint64_t max_message_bytes = 64 << 20;
constexpr std::uint32_t max_frames = 131072;  // conformance suites send a message in 65,537 frames
constexpr std::uint32_t max_queued_messages = 1 << 20;  // so that small ones can fill 64 MiB, too

constexpr std::string_view help =
    "usage: plainsong echo [OPTION]...\n"
    "\n"
    "Sends each WebSocket message back, on every path.  Takes messages of up to 64 MiB in up to\n"
    "131072 frames, from pages of any origin, unless told otherwise.\n";

}  // namespace

int echo_main(int argc, char** argv) {
    namespace ws = plainsong;
    ws::tools::server_settings settings;
    settings.max_message = max_message_bytes;
    settings.path.push_back('*');  // g++ 12 warns wrongly of an assignment
    int status = 0;
    if (!ws::tools::read_settings(argc, argv, help, settings, status)) {
        return status;
    }
    std::vector<std::string_view> origins;
    ws::server_options options = ws::tools::options_from(settings, origins);
    options.bounds.message_frames = max_frames;
    options.bounds.outbox_messages = max_queued_messages;
    options.accept_ws_target = true;
    if (settings.allowed_origins.empty()) {
        options.origin.which = ws::origin_policy::rule::any;
    }
    ws::loop loop({.poller = settings.poller});
    if (auto why = loop.status()) {
        return ws::tools::report_failure("echo", why);
    }
    char limits[160];
    std::snprintf(limits, sizeof limits,
                  "echo: messages up to %llu bytes in up to %u frames, %zu bytes of answers that "
                  "wait, from %s",
                  static_cast<unsigned long long>(settings.max_message), max_frames,
                  options.bounds.outbox_bytes,
                  settings.allowed_origins.empty() ? "any origin" : "the allowed origins");
    ws::server server(loop, std::move(options));
    server.route(settings.path,
                 {.subprotocols = settings.subprotocols,
                  .on_message = [](ws::session& s, const ws::message& m) { s.send(m); },
                  .overflow = ws::overflow_policy::close,
                  .compression = settings.compression});
    return ws::tools::run_server("echo", loop, server, settings,
                                 {.announcement = "listening on", .scheme = "ws", .note = limits});
}
