// SPDX-License-Identifier: MIT
// socket_server.hpp — a server over real sockets, turned by the test itself, and its journal.
#ifndef PLAINSONG_TESTS_SUPPORT_SOCKET_SERVER_HPP
#define PLAINSONG_TESTS_SUPPORT_SOCKET_SERVER_HPP

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <utility>

#include <plainsong/server.hpp>

#include "tests/support/journal.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/raw_client.hpp"

namespace plainsong::tests {

class socket_server {
public:
    explicit socket_server(const loop_options& how = {}, server_options options = {})
        : its_loop(how), server_(its_loop, std::move(options)) {}
    ~socket_server() { EXPECT_EQ(joined(log.faults), ""); }

    /// Listens on 127.0.0.1.
    void listen() { ASSERT_FALSE(server_.listen({})); }
    [[nodiscard]] address where() const { return *address::parse("127.0.0.1", server_.port()); }

    raw_client connect(int receive_buffer = 0) {
        return raw_client(where(), &its_loop, receive_buffer);
    }
    raw_client open(std::string_view path = "/", int receive_buffer = 0) {
        raw_client one = connect(receive_buffer);
        EXPECT_TRUE(one.upgrade(path));
        return one;
    }

    template <typename Condition>
    [[nodiscard]] bool until(Condition condition) {
        return turn_until(its_loop, condition);
    }
    /// Waits until all sessions and handshakes are over.
    [[nodiscard]] bool empty() {
        return until([this] {
            const metrics_snapshot counts = server_.snapshot();
            return counts.sessions_open + counts.handshakes_open == 0;
        });
    }

    loop its_loop;
    journal log;

    server& operator*() { return server_; }
    server* operator->() { return &server_; }

private:
    server server_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_SOCKET_SERVER_HPP
