// SPDX-License-Identifier: MIT
// A WebSocket over real sockets: against our own server, and against peers that misbehave.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/far_ends.hpp"
#include "tests/support/memory_page.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/socket_server.hpp"

namespace plainsong::tests {
namespace {

std::string url_of(const address& where, std::string_view path = "/echo") {
    return "ws://" + std::string(where.text().view()) + std::string(path);
}

class WebSocketOverSockets : public ::testing::TestWithParam<poller_choice> {
protected:
    WebSocketOverSockets() {
        limits wide;
        wide.frame_bytes = wide.message_bytes = 32 << 20;
        wide.outbox_bytes = 64 << 20;
        handlers made = host.log.record(echo());
        made.subprotocols = "chat, superchat";
        host->route("/echo", std::move(made), wide);
        host.listen();
    }

    WebSocket& connect(page_reactions also = {}, const Protocols& protocols = {}) {
        socket = std::make_unique<WebSocket>(host.its_loop, url_of(host.where()), protocols);
        log_events(*socket, log, std::move(also));
        return *socket;
    }
    [[nodiscard]] bool closes() {
        return host.until([&] { return socket->readyState() == WebSocket::CLOSED; });
    }

    socket_server host{GetParam().options};
    std::string log;
    std::unique_ptr<WebSocket> socket;
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, WebSocketOverSockets, every_poller(), poller_name{});

TEST_P(WebSocketOverSockets, EchoesEachForm) {
    connect({.on_open =
                 [&] {
                     EXPECT_EQ(socket->protocol(), "superchat");
                     EXPECT_EQ(socket->extensions(), "");
                     socket->send("text");
                     socket->send("");
                     socket->send("lone \xed\xa0\x80");
                     socket->send(as_bytes("bytes"));
                     socket->send(Blob("blob"));
                     socket->close(3333, "enough");
                     EXPECT_EQ(socket->readyState(), WebSocket::CLOSING);
                 }},
            {"superchat", "other"});
    ASSERT_TRUE(closes());
    ASSERT_TRUE(host.empty());
    EXPECT_EQ(log, "open\nclose 3333 clean\n") << "what is echoed comes after close()";
    EXPECT_EQ(host.log.text(),
              "open\ntext \"text\"\ntext \"\"\ntext hex 6c6f6e6520efbfbdefbfbdefbfbd\n"
              "binary \"bytes\"\nbinary \"blob\"\n"
              "close 3333 sent 3333 clean by peer \"enough\"\n");
}

TEST_P(WebSocketOverSockets, EchoesLargeMessagesWhole) {
    for (const std::string_view type : {"blob", "arraybuffer"}) {
        const std::string sent = pattern(16 << 20);
        std::string heard;
        connect({.on_open =
                     [&] {
                         socket->binaryType = type;
                         socket->send(as_bytes(sent));
                         EXPECT_EQ(socket->bufferedAmount(), sent.size());
                     },
                 .on_message =
                     [&](const MessageEvent& e) {
                         heard = e.data.is_blob()
                                     ? *e.data.blob().text()
                                     : std::string(as_text(e.data.arrayBuffer().bytes()));
                         EXPECT_EQ(socket->bufferedAmount(), 0U);
                         socket->close(1000);
                     }});
        ASSERT_TRUE(closes());
        EXPECT_TRUE(heard == sent);
        EXPECT_TRUE(log.ends_with("close 1000 clean\n"));
    }
}

TEST_P(WebSocketOverSockets, SendsAFileInFragments) {
    std::string path = "/tmp/plainsong-socket.XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    const std::string content = pattern(5'000'000);
    ASSERT_EQ(::write(descriptor, content.data(), content.size()),
              static_cast<ssize_t>(content.size()));
    ::close(descriptor);
    auto file = Blob::from_file(path);
    ::unlink(path.c_str());
    ASSERT_TRUE(file);
    std::string heard;
    connect({.on_open =
                 [&] {
                     socket->send(*file);
                     socket->send("behind");
                 },
             .on_message =
                 [&](const MessageEvent& e) {
                     if (e.data.is_text()) {
                         socket->close();
                     } else {
                         heard = *e.data.blob().text();
                     }
                 }});
    ASSERT_TRUE(closes());
    EXPECT_TRUE(heard == content);
    EXPECT_TRUE(log.ends_with("text \"behind\"\nclose 1005 clean\n"));
}

TEST_P(WebSocketOverSockets, HearsAServerThatCloses) {
    host->route("/bye", host.log.record({.on_open = [](session& one) {
        one.send_text("bye");
        one.close(4000, "go away");
    }}));
    socket = std::make_unique<WebSocket>(host.its_loop, url_of(host.where(), "/bye"));
    log_events(*socket, log);
    ASSERT_TRUE(closes());
    ASSERT_TRUE(host.empty());
    EXPECT_EQ(log, "open\ntext \"bye\"\nclose 4000 clean \"go away\"\n");
    EXPECT_EQ(host.log.text(), "open\nclose 4000 sent 4000 clean by local\n");
}

TEST_P(WebSocketOverSockets, TellsTheServerThatItGoesAway) {
    connect({.on_open = [&] { socket.reset(); }});
    ASSERT_TRUE(host.until([&] { return host.log.count() == 1 && host.log.open() == 0; }));
    EXPECT_EQ(log, "open\n");
    EXPECT_EQ(host.log.text(), "open\nclose 1001 sent 1001 clean by peer\n");
}

TEST_P(WebSocketOverSockets, FailsWhereNobodyListensAndWhereItIsRefused) {
    const refusing_end nobody;
    socket = std::make_unique<WebSocket>(host.its_loop, url_of(nobody.where()));
    log_events(*socket, log);
    EXPECT_EQ(socket->readyState(), WebSocket::CONNECTING);
    ASSERT_TRUE(closes());
    EXPECT_EQ(socket->status(), error(error_code::connect_failed, ECONNREFUSED));
    socket = std::make_unique<WebSocket>(host.its_loop, url_of(host.where(), "/nowhere"));
    log_events(*socket, log);
    ASSERT_TRUE(closes());
    EXPECT_EQ(socket->status().code(), error_code::upgrade_refused);
    EXPECT_EQ(log, "error\nclose 1006 not clean\nerror\nclose 1006 not clean\n");
}

// ---- peers that do as the test likes ------------------------------------------------------------

/// Opens a connection by hand.
class WebSocketAndRawPeer : public ::testing::Test {
protected:
    void open() {
        socket = std::make_unique<WebSocket>(its_loop, url_of(listening.where()));
        log_events(*socket, log);
        std::string request;
        ASSERT_TRUE(turn_until(its_loop, [&] {
            if (!peer) {
                peer = listening.take();
            }
            char some[1000];
            const ssize_t count = peer ? ::recv(peer.number(), some, sizeof some, 0) : 0;
            request.append(some, count > 0 ? static_cast<std::size_t>(count) : 0);
            return request.ends_with("\r\n\r\n");
        }));
        write_all(peer.number(), good_answer(request));
        ASSERT_TRUE(until(WebSocket::OPEN));
    }
    [[nodiscard]] bool until(std::uint16_t state) {
        return turn_until(its_loop, [&] { return socket->readyState() == state; });
    }
    void say(const octets& bytes) { write_all(peer.number(), as_text(bytes)); }

    loop its_loop;
    open_end listening;
    fd peer;
    std::string log;
    std::unique_ptr<WebSocket> socket;
};

TEST_F(WebSocketAndRawPeer, ThatResetsIsNotClean) {
    open();
    say(server_text("last"));
    ASSERT_TRUE(turn_until(its_loop, [&] { return log.ends_with("text \"last\"\n"); }));
    reset(peer);
    ASSERT_TRUE(until(WebSocket::CLOSED));
    EXPECT_EQ(log, "open\ntext \"last\"\nerror\nclose 1006 not clean\n");
    EXPECT_EQ(socket->status(), error(error_code::system_call_failed, ECONNRESET));
}

TEST_F(WebSocketAndRawPeer, ThatResetsAfterBothClosesIsNotCleanEither) {
    open();
    say(server_close(1000));
    char answer[100];
    ASSERT_TRUE(turn_until(
        its_loop, [&] { return ::recv(peer.number(), answer, sizeof answer, 0) == 2 + 4 + 2; }));
    EXPECT_EQ(socket->readyState(), WebSocket::CLOSING);
    reset(peer);
    ASSERT_TRUE(until(WebSocket::CLOSED));
    EXPECT_EQ(log, "open\nclose 1000 not clean\n");
}

TEST_F(WebSocketAndRawPeer, ThatEndsWithoutACloseIsNotClean) {
    open();
    peer.reset();
    ASSERT_TRUE(until(WebSocket::CLOSED));
    EXPECT_EQ(log, "open\nerror\nclose 1006 not clean\n");
    EXPECT_EQ(socket->status().code(), error_code::unexpected_end);
}

TEST_F(WebSocketAndRawPeer, ThatClosesWithoutACodeIsCleanWith1005) {
    open();
    say(server_frame(8, {}));
    ASSERT_TRUE(until(WebSocket::CLOSING));
    ::shutdown(peer.number(), SHUT_WR);
    ASSERT_TRUE(until(WebSocket::CLOSED));
    EXPECT_EQ(log, "open\nclose 1005 clean\n");
}

// ---- the example --------------------------------------------------------------------------------

TEST(WebSocketExample, OfTheHeaderRuns) {
    namespace ws = plainsong;
    ws::loop loop;
    ws::server server(loop);
    server.route("/echo", {.on_message = [](ws::session& s, ws::message m) { s.send(m); }});
    ASSERT_FALSE(server.listen({}));
    std::string used;
    const auto use = [&](std::string_view text) { used = text; };

    ws::WebSocket socket(loop, "ws://127.0.0.1:" + std::to_string(server.port()) + "/echo");
    socket.onopen = [&] { socket.send("hello"); };
    socket.onmessage = [&](const ws::MessageEvent& e) {
        use(e.data.text());
        socket.close();
    };
    socket.onclose = [&](const ws::CloseEvent& e) {
        EXPECT_TRUE(e.wasClean);
        loop.stop();
    };
    EXPECT_EQ(loop.run(), 0);
    EXPECT_EQ(used, "hello");
}

}  // namespace
}  // namespace plainsong::tests
