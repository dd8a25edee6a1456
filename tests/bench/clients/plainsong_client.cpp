// SPDX-License-Identifier: MIT
// plainsong_client.cpp — our own client, as any program would use it.
//
// Used by: tests/bench/run.  Depends on: libplainsong.a.
#include <plainsong/client.hpp>

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/clients/window.hpp"

int main(int argc, char** argv) {
    bench::window window(argc, argv);
    plainsong::loop loop;
    const std::string url = "ws://127.0.0.1:" + std::to_string(window.port) + "/";
    const std::vector<std::uint8_t> payload(window.size, 'x');
    plainsong::limits bounds;
    bounds.frame_bytes = bounds.message_bytes = 64 << 20;
    bounds.outbox_bytes = 64 << 20;
    std::vector<std::unique_ptr<plainsong::client>> all;
    for (int i = 0; i < window.connections; ++i) {
        all.push_back(
            std::make_unique<plainsong::client>(loop, plainsong::client_options{.bounds = bounds}));
        const auto why = all.back()->connect(
            url, {.on_failure = [](auto&) { bench::window::fail("no connection"); },
                  .on_open =
                      [&](plainsong::session& s) {
                          for (int n = 0; n < window.depth; ++n) {
                              s.send_binary(payload);
                          }
                      },
                  .on_message =
                      [&](plainsong::session& s, const plainsong::message& m) {
                          if (m.payload.size() != payload.size()) {
                              bench::window::fail("another size came back");
                          }
                          s.send_binary(payload);
                          window.note();
                      },
                  .on_close = [](auto&, auto&) { bench::window::fail("closed"); }});
        if (why) {
            return plainsong::report(why);
        }
    }
    return loop.run();
}
