// SPDX-License-Identifier: MIT
// memory_server.hpp — a server on a memory_network, its journal, and clients of it.
#ifndef PLAINSONG_TESTS_SUPPORT_MEMORY_SERVER_HPP
#define PLAINSONG_TESTS_SUPPORT_MEMORY_SERVER_HPP

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <plainsong/server.hpp>

#include "tests/support/client_frames.hpp"
#include "tests/support/handshake_server.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_network.hpp"

namespace plainsong::tests {

using namespace std::chrono_literals;

/// Limits for messages of up to 32 MiB.
inline limits wide() {
    limits bounds;
    bounds.frame_bytes = bounds.message_bytes = 32 << 20;
    bounds.outbox_bytes = 64 << 20;
    return bounds;
}

class memory_server;

/// The far end of one connection.
class memory_client {
public:
    explicit memory_client(memory_server& its_server, const address& from = {});

    memory_client& say(std::span<const std::uint8_t> bytes) {
        append(line->inbound, bytes);
        return *this;
    }
    memory_client& say(std::string_view text) { return say(as_bytes(text)); }
    memory_client& end() {
        line->ended = true;
        return *this;
    }
    memory_client& fail(int number) {
        line->error = number;
        return *this;
    }

    /// What the server has sent since the last call: frames as lines.
    std::string heard();
    /// The HTTP answer that the server has sent, "" if it is not complete.
    std::string answer(bool to_head = false);
    octets& bytes() {
        take();
        return ear.bytes;
    }

    std::shared_ptr<memory_line> line = std::make_shared<memory_line>();
    hearing ear;
    error adopted;

private:
    void take() {
        append(ear.bytes, line->outbound);
        line->outbound.clear();
    }
};

class memory_server {
public:
    explicit memory_server(server_options options = {}) : server_(its_loop, std::move(options)) {}
    ~memory_server() { check(); }

    /// Turns until nothing moves.
    void settle() { network.settle(its_loop); }
    void pass(duration span) { network.pass(its_loop, span); }

    /// A client whose upgrade to `path` has succeeded.
    memory_client open(std::string_view path = "/") {
        memory_client one(*this);
        one.say(good_request({}, path));
        settle();
        EXPECT_TRUE(one.answer().starts_with("HTTP/1.1 101 ")) << path;
        return one;
    }

    /// What nobody may have done meanwhile.
    void check() {
        EXPECT_EQ(joined(network.faults), "");
        EXPECT_EQ(joined(log.faults), "");
        network.faults.clear();
        log.faults.clear();
    }

    session& latest() {
        session* const found = server_.find(log.last().id);
        EXPECT_NE(found, nullptr);
        return *found;
    }

    memory_network network;
    loop its_loop{network.options()};
    journal log;

    server& operator*() { return server_; }
    server* operator->() { return &server_; }

private:
    server server_;
};

inline memory_client::memory_client(memory_server& its_server, const address& from)
    : adopted(its_server->adopt(its_server.network.connect(line), from)) {}

inline std::string memory_client::heard() {
    take();
    std::string lines = ear.take_frames();
    EXPECT_EQ(joined(ear.faults), "");
    return lines;
}

inline std::string memory_client::answer(bool to_head) {
    take();
    return ear.take_answer(to_head);
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_MEMORY_SERVER_HPP
