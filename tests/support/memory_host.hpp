// SPDX-License-Identifier: MIT
// memory_host.hpp — a client on a memory_network, its journal, and the server at the far end, whose
// part the test plays.
#ifndef PLAINSONG_TESTS_SUPPORT_MEMORY_HOST_HPP
#define PLAINSONG_TESTS_SUPPORT_MEMORY_HOST_HPP

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/client.hpp>
#include <plainsong/ws/accept_key.hpp>

#include "tests/support/client_frames.hpp"
#include "tests/support/handshake_server.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_network.hpp"

namespace plainsong::tests {

using namespace std::chrono_literals;

/// Frames of a server.
inline octets server_frame(unsigned op, octets payload, bool final = true) {
    return on_wire({.opcode = op, .payload = std::move(payload), .final = final});
}
inline octets server_text(std::string_view text, bool final = true) {
    return server_frame(1, octets_of(text), final);
}
inline octets server_close(unsigned code, std::string_view reason = {}) {
    octets body = {static_cast<std::uint8_t>(code / 256), static_cast<std::uint8_t>(code)};
    return server_frame(8, append(body, octets_of(reason)));
}

/// The answer that opens a connection for `request`; `fields` each with its CR LF.
inline std::string good_answer(std::string_view request, std::string_view fields = {}) {
    const accept_key proof = accept_key_for(field_of(request, "Sec-WebSocket-Key"));
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           std::string(proof.text()) + "\r\n" + std::string(fields) + "\r\n";
}

/// `connect_refused 0 status 0`, with what there is of: errno, the status's reason, the body.
inline std::string shown(const connect_failure& failure) {
    std::string text = facts_of(failure.why.code()).name;
    if (failure.why.number() != 0) {
        text += " errno " + std::to_string(failure.why.number());
    }
    if (failure.status != 0) {
        text += " status " + std::to_string(failure.status) + " " + std::string(failure.reason);
    }
    if (!failure.body.empty()) {
        text += " body " + shown(failure.body);
    }
    return text + (failure.will_retry ? " retry" : "");
}

/// One client, and at most one connection of it at a time.
class memory_host {
public:
    explicit memory_host(client_options options = {})
        : one(std::make_unique<client>(its_loop, std::move(options))) {}
    ~memory_host() { check(); }

    handlers record(reactions also = {}) {
        handlers made = log.record(std::move(also));
        made.on_failure = [this](const connect_failure& failure) {
            failures.push_back(shown(failure));
            if (on_failure) {
                on_failure(failure);
            }
        };
        return made;
    }

    /// Begins a connection over a fresh line.
    error connect(reactions also = {}, std::string_view url = "ws://test/chat") {
        return connect_with(record(std::move(also)), url);
    }
    error connect_with(handlers on, std::string_view url = "ws://test/chat") {
        line = std::make_shared<memory_line>();
        ear = hearing(true);
        return one->connect_over(network.connect(line), url, std::move(on));
    }

    /// The request, once it has come.
    std::string request() {
        settle();
        take();
        return ear.take_request();
    }
    /// A connection that is open.
    void open(reactions also = {}, std::string_view fields = {}) {
        ASSERT_FALSE(connect(std::move(also)));
        say(good_answer(request(), fields));
        settle();
        ASSERT_EQ(one->state(), client_state::open);
    }

    memory_host& say(std::span<const std::uint8_t> bytes) {
        append(line->inbound, bytes);
        return *this;
    }
    memory_host& say(std::string_view text) { return say(as_bytes(text)); }
    void end() { line->ended = true; }
    void fail(int number) { line->error = number; }

    /// What the client has sent since the last call: frames as lines.
    std::string heard() {
        take();
        std::string lines = ear.take_frames();
        EXPECT_EQ(joined(ear.faults), "");
        return lines;
    }

    void settle() { network.settle(its_loop); }
    void pass(duration span) { network.pass(its_loop, span); }

    /// What nobody may have done meanwhile.
    void check() {
        EXPECT_EQ(joined(network.faults), "");
        EXPECT_EQ(joined(log.faults), "");
        network.faults.clear();
        log.faults.clear();
    }
    /// No connection is left, and each session was told of its end.
    void expect_empty() {
        EXPECT_EQ(network.open_lines, 0U);
        EXPECT_EQ(log.open(), 0U);
        check();
    }

    memory_network network;
    loop its_loop{network.options()};
    journal log;
    std::vector<std::string> failures;
    std::function<void(const connect_failure&)> on_failure;
    std::shared_ptr<memory_line> line;
    hearing ear{true};
    std::unique_ptr<client> one;

private:
    void take() {
        append(ear.bytes, line->outbound);
        line->outbound.clear();
    }
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_MEMORY_HOST_HPP
