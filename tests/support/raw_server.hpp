// SPDX-License-Identifier: MIT
// raw_server.hpp — the server's side of one connection over a real socket, played by the test.
//
// Does: take a client of another process, answer its request in any way, say and hear frames, each
// with a deadline.
#ifndef PLAINSONG_TESTS_SUPPORT_RAW_SERVER_HPP
#define PLAINSONG_TESTS_SUPPORT_RAW_SERVER_HPP

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/client_frames.hpp"
#include "tests/support/far_ends.hpp"
#include "tests/support/memory_host.hpp"
#include "tests/support/portable.hpp"

namespace plainsong::tests {

class raw_server {
public:
    /// Waits for a client at `door`.
    explicit raw_server(const open_end& door) {
        door.await_guest();
        socket_ = door.take();
        EXPECT_TRUE(socket_);
    }

    /// Waits for the head of a request.
    std::string request() {
        std::string taken;
        while (taken = ear.take_request(), taken.empty() && listen()) {
        }
        return taken;
    }
    /// Takes the request and grants it.
    std::string accept(std::string_view fields = {}) {
        const std::string asked = request();
        say(good_answer(asked, fields));
        return asked;
    }

    void say(std::string_view text) { write_all(socket_.number(), text); }
    void say(const octets& bytes) { say(as_text(bytes)); }
    /// Sends what fits now.  Returns: how many octets.
    std::size_t try_say(const octets& bytes) {
        const ssize_t count = ::send(socket_.number(), bytes.data(), bytes.size(), no_signal);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    /// Returns: whether there is room for more before `patience_ms` have passed.
    bool has_room(int patience_ms) {
        pollfd waiting{socket_.number(), POLLOUT, 0};
        return ::poll(&waiting, 1, patience_ms) == 1;
    }

    /// Waits for a frame; nothing at the end.
    std::optional<wire_frame> frame() {
        std::optional<wire_frame> taken;
        while (taken = ear.take_frame(), !taken.has_value() && listen()) {
        }
        return taken;
    }
    /// The same as a line; "fin" or "reset" at the end.
    std::string next() {
        const auto taken = frame();
        return taken ? shown(*taken) : ending_;
    }

    /// Plays the rest of a clean end after the client's Close.
    void end_cleanly(unsigned code = 1000) {
        say(server_close(code));
        socket_.reset();
    }
    void reset() { tests::reset(socket_); }

    hearing ear{true};

private:
    // Returns: false if the end has come.
    bool listen() {
        char buffer[65536];
        if (ending_.empty()) {
            await_ready(socket_.number(), POLLIN);
            const ssize_t count = ::recv(socket_.number(), buffer, sizeof buffer, 0);
            if (count > 0) {
                append(ear.bytes, as_bytes({buffer, static_cast<std::size_t>(count)}));
            } else if (count == 0 || errno != EAGAIN) {
                ending_ = count == 0 ? "fin" : "reset";
            } else {
                ending_ = "nothing";
            }
        }
        return ending_.empty();
    }

    fd socket_;
    std::string ending_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_RAW_SERVER_HPP
