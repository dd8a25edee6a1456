// SPDX-License-Identifier: MIT
// A client and a server, each with a loop and a thread of its own.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include <plainsong/client.hpp>
#include <plainsong/server.hpp>

#include "tests/support/net_fixtures.hpp"

namespace plainsong::tests {
namespace {

TEST(ClientThreads, TalksToAServerOnAnotherThread) {
    loop server_loop;
    server host(server_loop);
    host.route("/", {.on_message = [](session& s, message m) { s.send(m); }});
    ASSERT_FALSE(host.listen({}));
    const std::string url = "ws://127.0.0.1:" + std::to_string(host.port()) + "/";
    std::thread other([&] { server_loop.run(); });
    {
        loop its_loop;
        int echoes = 0;
        bool closed = false;
        client one(its_loop);
        ASSERT_FALSE(one.connect(
            url, {.on_open = [](session& s) { s.send_text("0"); },
                  .on_message =
                      [&](session& s, message m) {
                          if (++echoes == 1000) {
                              s.close();
                          } else {
                              s.send(m);
                          }
                      },
                  .on_close = [&](session&, const close_record& how) { closed = how.clean; }}));
        EXPECT_TRUE(turn_until(its_loop, [&] { return closed; }));
        EXPECT_EQ(echoes, 1000);
    }
    server_loop.stop();
    other.join();
}

}  // namespace
}  // namespace plainsong::tests
