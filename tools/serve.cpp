// SPDX-License-Identifier: MIT
// serve.cpp — `plainsong serve`: the page to play with, and an echo behind it.
//
// Does: what `make run` starts.  The defaults are those of the library: one origin, 1 MiB.
#include "tools/page.hpp"
#include "tools/server_program.hpp"
#include "tools/verbs.hpp"

namespace {

constexpr std::uint16_t usual_port = 9001;

constexpr std::string_view help =
    "usage: plainsong serve [OPTION]...\n"
    "\n"
    "Serves a page that speaks WebSocket with this server: http://127.0.0.1:9001/\n";

}  // namespace

int serve_main(int argc, char** argv) {
    namespace ws = plainsong;
    ws::tools::server_settings settings;
    settings.path = "/echo";
    settings.port = usual_port;
    settings.subprotocols = "";
    int status = 0;
    if (!ws::tools::read_settings(argc, argv, help, settings, status)) {
        return status;
    }
    if (settings.subprotocols.empty()) {
        settings.subprotocols = "echo, chat, superchat";
    }
    std::vector<std::string_view> origins;
    ws::loop loop({.poller = settings.poller});
    if (auto why = loop.status()) {
        return ws::tools::report_failure("serve", why);
    }
    ws::server server(loop, ws::tools::options_from(settings, origins));
    server.page("/", "text/html; charset=utf-8", ws::tools::page());
    server.route(settings.path,
                 {.subprotocols = settings.subprotocols,
                  .on_message = [](ws::session& s, const ws::message& m) { s.send(m); },
                  .overflow = ws::overflow_policy::close,
                  .compression = settings.compression});
    return ws::tools::run_server("serve", loop, server, settings,
                                 {.announcement = "open", .scheme = "http"});
}
