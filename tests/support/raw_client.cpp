// SPDX-License-Identifier: MIT
// raw_client.cpp — see raw_client.hpp.
#include "tests/support/raw_client.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tests/support/handshake_server.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/portable.hpp"

namespace plainsong::tests {

raw_client::raw_client(const address& where, loop* turned, int receive_buffer)
    : turned_(turned), socket_(make_socket(where.native()->sa_family)) {
    if (receive_buffer != 0) {
        ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                     sizeof receive_buffer);
    }
    const int on = 1;
    ::setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int outcome =
        ::connect(socket_.number(), where.native(), static_cast<socklen_t>(where.native_size()));
    if (outcome != 0) {
        EXPECT_EQ(errno, EINPROGRESS) << std::strerror(errno);
        await_ready(socket_.number(), POLLOUT);
    }
}

void raw_client::wait(short events) {
    pollfd one{socket_.number(), events, 0};
    if (turned_ == nullptr) {
        ::poll(&one, 1, 50);
        return;
    }
    EXPECT_FALSE(turned_->turn(::poll(&one, 1, 0) > 0 ? 0ms : 2ms));
}

template <typename Condition>
bool raw_client::wait_until(Condition condition) {
    const time_point end = sys::now() + patience;
    while (!condition()) {
        if (sys::now() >= end) {
            return false;
        }
        wait(POLLIN);
    }
    return true;
}

std::size_t raw_client::try_say(std::span<const std::uint8_t> bytes) {
    const ssize_t count = ::send(socket_.number(), bytes.data(), bytes.size(), no_signal);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool raw_client::say(std::span<const std::uint8_t> bytes) {
    const time_point end = sys::now() + patience;
    while (!bytes.empty() && sys::now() < end) {
        const ssize_t count = ::send(socket_.number(), bytes.data(), bytes.size(), no_signal);
        if (count > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            continue;
        }
        if (errno != EAGAIN) {
            return false;
        }
        listen();  // or both ends could wait for the other to read
        wait(POLLOUT | POLLIN);
    }
    return bytes.empty();
}

bool raw_client::listen() {
    std::uint8_t buffer[65'536];
    if (!ending_.empty()) {
        return true;
    }
    const ssize_t count = ::recv(socket_.number(), buffer, sizeof buffer, 0);
    if (count > 0) {
        append(ear.bytes, {buffer, static_cast<std::size_t>(count)});
    } else if (count == 0) {
        ending_ = "fin";
    } else if (errno != EAGAIN) {
        ending_ = errno == ECONNRESET ? "reset" : std::strerror(errno);
    }
    return !ending_.empty();
}

std::string raw_client::answer(bool to_head) {
    std::string taken;
    wait_until([&] {
        const bool ended = listen();
        taken = ear.take_answer(to_head);
        return !taken.empty() || ended;
    });
    return taken;
}

bool raw_client::upgrade(std::string_view path) {
    say(good_request({}, path));
    return answer().starts_with("HTTP/1.1 101 ");
}

std::optional<wire_frame> raw_client::take_or_listen() {
    if (auto frame = ear.take_frame()) {
        return frame;
    }
    listen();
    return ear.take_frame();
}

std::string raw_client::next() {
    std::string line = "nothing";
    wait_until([&] {
        if (const auto frame = take_or_listen()) {
            line = shown(*frame);
        } else if (has_ended()) {
            line = (ear.bytes.empty() ? "" : "half a frame and ") + ending_;
        }
        return line != "nothing";
    });
    EXPECT_EQ(joined(ear.faults), "");
    return line;
}

octets raw_client::message() {
    octets payload;
    EXPECT_TRUE(wait_until([&] {
        if (auto frame = take_or_listen()) {
            payload = std::move(frame->payload);
            return true;
        }
        return has_ended();
    }));
    return payload;
}

std::string raw_client::rest() {
    std::string lines;
    std::string line;
    do {
        line = next();
        lines += line + '\n';
    } while (line != "nothing" && !line.ends_with("fin") && !line.ends_with("reset"));
    return lines;
}

void raw_client::half_close() {
    ::shutdown(socket_.number(), SHUT_WR);
}

void raw_client::reset() {
    tests::reset(socket_);
}

}  // namespace plainsong::tests
