// SPDX-License-Identifier: MIT
// `bufferedAmount`: payload bytes that were given to send() and have not left.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/support/memory_page.hpp"

namespace plainsong::tests {
namespace {

TEST(WebSocketBufferedAmount, CountsAllOfThePresentTaskAlsoWhatHasLeft) {
    memory_page page;
    WebSocket& socket = page.open();
    socket.send("0123456789");
    EXPECT_EQ(page.heard(), "text \"0123456789\"\n");
    EXPECT_EQ(socket.bufferedAmount(), 10U);
    socket.send("\xc3\xa9");
    EXPECT_EQ(socket.bufferedAmount(), 12U) << "bytes, not characters";
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 0U);
}

TEST(WebSocketBufferedAmount, CountsInHandlersToo) {
    memory_page page;
    std::vector<std::uint64_t> seen;
    const auto send = [&] {
        page.socket->send(std::string(1000, 'x'));
        seen.push_back(page.socket->bufferedAmount());
    };
    page.open({.on_open = send, .on_message = [&](const MessageEvent&) { send(); }});
    page.settle();
    page.say(server_text("a"));
    page.settle();
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{1000, 1000}));
}

TEST(WebSocketBufferedAmount, CountsPayloadOnlyAndFallsAsBytesLeave) {
    memory_page page;
    WebSocket& socket = page.open();
    page.line->window = 0;
    socket.send(std::string(100, 'x'));  // a head of 6 octets
    socket.send(std::string(200, 'x'));  // of 8
    socket.send("");
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 300U);
    const auto after = [&](std::size_t octets) {
        page.line->window = octets;
        page.settle();
        return socket.bufferedAmount();
    };
    EXPECT_EQ(after(3), 300U);
    EXPECT_EQ(after(3), 300U) << "a head is no payload";
    EXPECT_EQ(after(1), 299U);
    EXPECT_EQ(after(99), 200U);
    EXPECT_EQ(after(8), 200U);
    EXPECT_EQ(after(150), 50U);
    EXPECT_EQ(after(50), 0U);
    EXPECT_EQ(after(6), 0U);
    EXPECT_EQ(page.heard(), "text 100 x \"x\"\ntext 200 x \"x\"\ntext \"\"\n");
}

TEST(WebSocketBufferedAmount, DoesNotCountControlFrames) {
    memory_page page;
    WebSocket& socket = page.open();
    page.line->window = 10;
    page.say(server_frame(9, octets(100, 'p')));
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 0U);
    socket.send("0123456789");
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 10U);
    page.line->window = 96 + 6;  // the rest of the pong, and a head
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 10U);
    page.line->window = 4;
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 6U);
}

TEST(WebSocketBufferedAmount, DoesNotTakeTheRestOfAPongForAMessageThatHasLeft) {
    memory_page page;
    WebSocket& socket = page.open();
    page.line->send_at_most = 10;
    page.line->window = 16 + 30;
    socket.send("0123456789");
    page.say(server_frame(9, octets(100, 'p')));  // whose pong goes in pieces, and not to its end
    page.settle();
    EXPECT_EQ(page.line->window, 0U);
    EXPECT_EQ(socket.bufferedAmount(), 0U);
}

TEST(WebSocketBufferedAmount, KnowsTheHeadOfEachSize) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{125}, std::size_t{126},
                                   std::size_t{65535}, std::size_t{65536}}) {
        memory_page page;
        WebSocket& socket = page.open();
        const std::size_t head = (size < 126 ? 2U : size < 65536 ? 4U : 10U) + 4;
        page.line->window = 0;
        socket.send(std::string(size, 'x'));
        socket.send(std::string(size, 'y'));
        page.line->window = head + size;
        page.settle();
        EXPECT_EQ(socket.bufferedAmount(), size);
        page.line->window = head + 1;
        page.settle();
        EXPECT_EQ(socket.bufferedAmount(), size - 1);
        page.line->window = no_bound;
        page.settle();
        EXPECT_EQ(socket.bufferedAmount(), 0U);
    }
}

TEST(WebSocketBufferedAmount, GrowsOnlyByWhatIsRefusedByClose) {
    memory_page page;
    WebSocket& socket = page.open();
    socket.close();
    socket.send("0123456789");
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 10U);
    page.say(server_frame(8, {})).end();
    page.settle();
    socket.send(ArrayBuffer(5));
    socket.send(Blob("0123"));
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 19U);
}

TEST(WebSocketBufferedAmount, KeepsWhatNeverLeft) {
    for (const bool in_order : {true, false}) {
        memory_page page;
        WebSocket& socket = page.open();
        page.line->window = 106 + 8 + 50;
        socket.send(std::string(100, 'x'));
        socket.send(std::string(200, 'x'));
        socket.send(std::string(300'000, 'x'));
        socket.send(Blob(std::string(400'000, 'x')));
        page.settle();
        EXPECT_EQ(socket.bufferedAmount(), 700'150U);
        if (in_order) {
            page.say(server_close(1000));
            page.settle();
            EXPECT_EQ(socket.bufferedAmount(), 700'150U) << "given up, but not sent";
            page.line->window = no_bound;  // the frame that has begun is sent to its end
            page.settle();
            page.end();
        } else {
            page.fail(ECONNRESET);
        }
        page.settle();
        EXPECT_EQ(socket.readyState(), WebSocket::CLOSED);
        EXPECT_EQ(socket.bufferedAmount(), in_order ? 700'000U : 700'150U);
        socket.send("more");
        page.pass(1s);
        EXPECT_EQ(socket.bufferedAmount(), in_order ? 700'004U : 700'154U);
    }
}

}  // namespace
}  // namespace plainsong::tests
