// SPDX-License-Identifier: MIT memory_page.hpp — a WebSocket on a memory_network, a log of its
// events, and the server at the far end, whose part the test plays.
#ifndef PLAINSONG_TESTS_SUPPORT_MEMORY_PAGE_HPP
#define PLAINSONG_TESTS_SUPPORT_MEMORY_PAGE_HPP

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <plainsong/websocket.hpp>

#include "tests/support/memory_host.hpp"

namespace plainsong::tests {

/// What a test does in a handler, after the event was written down.
struct page_reactions {
    std::function<void()> on_open{};
    std::function<void(const MessageEvent&)> on_message{};
    std::function<void()> on_error{};
    std::function<void(const CloseEvent&)> on_close{};
};

/// Lines: "open", `text "x"`, `blob "x"`, `buffer "x"`, "error", `close 1000 clean "bye"`.
inline void log_events(WebSocket& of, std::string& log, page_reactions also = {}) {
    of.onopen = [&log, run = std::move(also.on_open)] {
        log += "open\n";
        if (run) {
            run();
        }
    };
    of.onmessage = [&log, run = std::move(also.on_message)](const MessageEvent& e) {
        if (e.data.is_text()) {
            log += "text " + shown(as_bytes(e.data.text()));
        } else if (e.data.is_blob()) {
            log += "blob " + shown(*e.data.blob().bytes());
        } else {
            log += "buffer " + shown(e.data.arrayBuffer().bytes());
        }
        log += '\n';
        if (run) {
            run(e);
        }
    };
    of.onerror = [&log, run = std::move(also.on_error)] {
        log += "error\n";
        if (run) {
            run();
        }
    };
    of.onclose = [&log, run = std::move(also.on_close)](const CloseEvent& e) {
        log += "close " + std::to_string(e.code) + (e.wasClean ? " clean" : " not clean");
        log += e.reason.empty() ? "\n" : " " + shown(as_bytes(e.reason)) + "\n";
        if (run) {
            run(e);
        }
    };
}

class memory_page {
public:
    ~memory_page() {
        EXPECT_EQ(joined(network.faults), "");
        EXPECT_EQ(joined(ear.faults), "");
    }

    /// A WebSocket in CONNECTING.
    WebSocket& connect(page_reactions also = {}, const Protocols& protocols = {},
                       websocket_options options = {}, std::string_view url = "ws://test/chat") {
        line = std::make_shared<memory_line>();
        ear = hearing(true);
        options.transport = network.connect(line);
        socket = std::make_unique<WebSocket>(its_loop, url, protocols, std::move(options));
        log_events(*socket, log, std::move(also));
        return *socket;
    }
    /// One in OPEN, its first event in the log taken off.
    WebSocket& open(page_reactions also = {}, websocket_options options = {}) {
        connect(std::move(also), {}, std::move(options));
        answer();
        EXPECT_EQ(socket->readyState(), WebSocket::OPEN);
        EXPECT_TRUE(log.starts_with("open\n"));
        log.erase(0, 5);
        return *socket;
    }

    /// The request, once it has come.
    std::string request() {
        settle();
        take();
        return ear.take_request();
    }
    /// Grants the upgrade; `fields` each with its CR LF.
    void answer(std::string_view fields = {}) {
        say(good_answer(request(), fields));
        settle();
    }
    memory_page& say(std::span<const std::uint8_t> bytes) {
        append(line->inbound, bytes);
        return *this;
    }
    memory_page& say(std::string_view text) { return say(as_bytes(text)); }
    memory_page& end() {
        line->ended = true;
        return *this;
    }
    memory_page& fail(int number) {
        line->error = number;
        return *this;
    }

    /// Frames that came since the last call, a line each.
    std::string heard() {
        take();
        return ear.take_frames();
    }
    void take() {
        append(ear.bytes, line->outbound);
        line->outbound.clear();
    }

    /// An event that is fired in the last turn may queue another one, which moves no octet.
    void settle() {
        for (int i = 0; i < 3; ++i) {
            network.settle(its_loop);
        }
    }
    void pass(duration span) { network.pass(its_loop, span); }

    memory_network network;
    loop its_loop{network.options()};
    std::string log;
    std::shared_ptr<memory_line> line;
    hearing ear{true};
    std::unique_ptr<WebSocket> socket;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_MEMORY_PAGE_HPP
