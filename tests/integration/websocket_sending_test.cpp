// SPDX-License-Identifier: MIT
// What a WebSocket sends: its forms, its order, Blobs and files in pieces.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/memory_page.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong::tests {
namespace {

constexpr std::size_t piece = 64 << 10;

/// Messages that the far end has heard, joined, and the sizes of their fragments.
struct heard_message {
    unsigned opcode = 0;
    std::string payload;
    std::vector<std::size_t> fragments;
};

/// Adds what came since; the last message may lack its end.
void hear(memory_page& page, std::vector<heard_message>& all) {
    page.take();
    octets& bytes = page.ear.bytes;
    std::span<const std::uint8_t> rest{bytes};
    while (const auto frame = take_frame(rest)) {
        if (frame->opcode != 0) {
            all.push_back({frame->opcode, {}, {}});
        }
        ASSERT_FALSE(all.empty());
        all.back().payload.append(frame->payload.begin(), frame->payload.end());
        all.back().fragments.push_back(frame->payload.size());
    }
    bytes.erase(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

std::vector<heard_message> messages(memory_page& page) {
    std::vector<heard_message> all;
    hear(page, all);
    return all;
}

// ---- forms --------------------------------------------------------------------------------------

TEST(WebSocketSend, IsAnInvalidStateErrorWhileConnecting) {
    memory_page page;
    WebSocket& socket = page.connect();
    EXPECT_EQ(socket.send("x").name(), "InvalidStateError");
    EXPECT_EQ(socket.send(Blob("x")).name(), "InvalidStateError");
    EXPECT_EQ(socket.send(as_bytes("x")).name(), "InvalidStateError");
    EXPECT_EQ(socket.bufferedAmount(), 0U);
    page.answer();
    EXPECT_EQ(page.heard(), "");
}

TEST(WebSocketSend, TakesTextBytesBuffersViewsAndBlobs) {
    memory_page page;
    WebSocket& socket = page.open();
    EXPECT_FALSE(socket.send("text"));
    EXPECT_FALSE(socket.send(std::string("string")));
    EXPECT_FALSE(socket.send(""));
    EXPECT_FALSE(socket.send(std::string_view("a\0b", 3)));
    EXPECT_FALSE(socket.send(std::vector<std::uint8_t>{1, 2, 3}));
    EXPECT_FALSE(socket.send(ArrayBuffer(as_bytes("buffer"))));
    EXPECT_FALSE(socket.send(ArrayBuffer()));
    EXPECT_FALSE(socket.send(Blob("blob")));
    EXPECT_FALSE(socket.send(Blob()));
    EXPECT_EQ(page.heard(),
              "text \"text\"\ntext \"string\"\ntext \"\"\ntext hex 610062\nbinary hex 010203\n"
              "binary \"buffer\"\nbinary \"\"\nbinary \"blob\"\nbinary \"\"\n");
}

TEST(WebSocketSend, TakesTheBytesThatAViewShows) {
    memory_page page;
    WebSocket& socket = page.open();
    std::array<std::uint16_t, 4> numbers = {0x0101, 0x0202, 0x0303, 0x0404};
    socket.send(std::span(numbers).subspan(1, 2));
    const std::array<float, 1> one = {0.0F};
    socket.send(std::span(one));
    const std::array<std::int8_t, 2> small = {-1, 127};
    socket.send(std::span(small));
    std::array<std::uint8_t, 3> octets = {1, 2, 3};
    socket.send(std::span(octets).subspan(1));
    EXPECT_EQ(page.heard(),
              "binary hex 02020303\nbinary hex 00000000\nbinary hex ff7f\nbinary hex 0203\n");
}

TEST(WebSocketSend, SendsEachSizeInOneFrame) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{125}, std::size_t{126},
                                   std::size_t{65535}, std::size_t{65536}, std::size_t{1} << 20}) {
        memory_page page;
        WebSocket& socket = page.open();
        socket.send(pattern(size));
        const auto sent = messages(page);
        ASSERT_EQ(sent.size(), 1U);
        EXPECT_EQ(sent[0].payload, pattern(size));
        EXPECT_EQ(sent[0].fragments.size(), 1U);
    }
}

TEST(WebSocketSend, MakesTextUtf8) {
    memory_page page;
    WebSocket& socket = page.open();
    socket.send("a\xed\xb0\x80xb\xed\xa0\x80xc");  // lone surrogates, encoded
    EXPECT_EQ(socket.bufferedAmount(), 5U + 6U * 3U);
    socket.send("\xff");
    socket.send("\xef\xbb\xbf\xc3\xa9");
    EXPECT_EQ(page.heard(),
              "text hex 61efbfbdefbfbdefbfbd7862efbfbdefbfbdefbfbd7863\ntext hex efbfbd\n"
              "text hex efbbbfc3a9\n");
    EXPECT_EQ(page.log, "");
}

TEST(WebSocketSend, SendsNothingBehindClose) {
    memory_page page;
    WebSocket& socket = page.open();
    socket.close();
    EXPECT_FALSE(socket.send("test"));
    EXPECT_FALSE(socket.send(Blob("test")));
    page.say(server_frame(8, {})).end();
    page.settle();
    EXPECT_FALSE(socket.send("test"));
    EXPECT_EQ(page.heard(), "close\n");
    EXPECT_EQ(page.log, "close 1005 clean\n");
    EXPECT_EQ(socket.bufferedAmount(), 12U);
}

// ---- order, and what waits ----------------------------------------------------------------------

TEST(WebSocketSend, KeepsTheOrderOfAllThatWaitsAndClosesBehindIt) {
    memory_page page;
    WebSocket& socket = page.open();
    page.line->window = 1000;
    std::vector<std::string> expected;
    for (int i = 0; i < 40; ++i) {
        expected.push_back(std::to_string(i) + " " + pattern(i % 5 == 4 ? 200'000 : 20'000));
        if (i % 3 == 0) {
            socket.send(Blob(expected.back()));
        } else {
            socket.send(expected.back());
        }
    }
    socket.close(3000, "done");
    EXPECT_EQ(socket.readyState(), WebSocket::CLOSING);
    page.settle();
    std::vector<heard_message> heard;
    for (std::size_t i = 0; i < 200 && (heard.empty() || heard.back().opcode != 8); ++i) {
        page.line->window = 10'000 + i * 1000;
        page.settle();
        hear(page, heard);
    }
    ASSERT_EQ(heard.size(), 41U);
    for (std::size_t i = 0; i < 40; ++i) {
        EXPECT_EQ(heard[i].opcode, i % 3 == 0 ? 2U : 1U);
        EXPECT_TRUE(heard[i].payload == expected[i]) << i;
    }
    page.say(server_close(3000)).end();
    page.settle();
    EXPECT_EQ(page.log, "close 3000 clean\n");
}

TEST(WebSocketSend, LosesNothingHoweverMuchIsGivenAtOnce) {
    memory_page page;
    WebSocket& socket = page.open();
    page.line->window = 0;
    for (int i = 0; i < 50'000; ++i) {  // far beyond the limits of a session's queue
        socket.send("x");
    }
    for (int i = 0; i < 30; ++i) {
        socket.send(as_bytes(pattern(300'000)));
    }
    EXPECT_EQ(socket.bufferedAmount(), 50'000U + 30U * 300'000U);
    page.line->window = no_bound;
    page.settle();
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 0U);
    const auto heard = messages(page);
    ASSERT_EQ(heard.size(), 50'030U);
    for (std::size_t i = 50'000; i < heard.size(); ++i) {
        ASSERT_TRUE(heard[i].payload == pattern(300'000));
    }
}

TEST(WebSocketSend, FailsTheConnectionWhenItsBufferIsFull) {
    memory_page page;
    websocket_options options;
    options.most_buffered_bytes = 1'000'000;
    WebSocket& socket = page.open({}, std::move(options));
    page.line->window = 0;
    const std::string text = pattern(300'000);
    for (int i = 0; i < 3; ++i) {
        socket.send(text);
        EXPECT_FALSE(socket.status());
    }
    EXPECT_FALSE(socket.send(text)) << "the browser's does not throw";
    EXPECT_EQ(page.log, "");
    EXPECT_EQ(socket.bufferedAmount(), 1'200'000U);
    page.settle();
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
    EXPECT_EQ(socket.status().code(), error_code::refused_full);
    EXPECT_EQ(socket.bufferedAmount(), 1'200'000U) << "closing does not reset it";
}

// ---- Blobs --------------------------------------------------------------------------------------

TEST(WebSocketSendsBlobs, OfSeveralPartsAsOneMessage) {
    memory_page page;
    WebSocket& socket = page.open();
    const Blob parts[] = {Blob("one "), Blob("two "), Blob("three")};
    socket.send(Blob(parts).slice(2, -2));
    EXPECT_EQ(page.heard(), "binary \"e two thr\"\n");
}

TEST(WebSocketSendsBlobs, OfAnySizeInFragmentsOfBoundedSize) {
    for (const std::size_t size : {piece - 1, piece, piece + 1, 3 * piece, 10 * piece + 7}) {
        memory_page page;
        WebSocket& socket = page.open();
        socket.send(Blob(pattern(size)));
        page.settle();
        const auto sent = messages(page);
        ASSERT_EQ(sent.size(), 1U);
        EXPECT_TRUE(sent[0].payload == pattern(size));
        EXPECT_EQ(sent[0].opcode, 2U);
        for (const std::size_t fragment : sent[0].fragments) {
            EXPECT_LE(fragment, piece);
        }
        EXPECT_EQ(socket.bufferedAmount(), 0U);
    }
}

class WebSocketSendsFiles : public ::testing::Test {
protected:
    void SetUp() override {
        descriptor_ = ::mkstemp(path_.data());
        ASSERT_GE(descriptor_, 0);
        const std::string some = pattern(1 << 20);
        for (std::size_t at = 0; at < size; at += some.size()) {
            ASSERT_EQ(::write(descriptor_, some.data(), some.size()),
                      static_cast<ssize_t>(some.size()));
        }
        auto opened = Blob::from_file(path_);
        ASSERT_TRUE(opened);
        blob = *opened;
    }
    void TearDown() override {
        ::close(descriptor_);
        ::unlink(path_.c_str());
    }
    void cut(off_t to) { ASSERT_EQ(::ftruncate(descriptor_, to), 0); }

    static constexpr std::size_t size = 8 << 20;
    memory_page page;
    Blob blob;

private:
    std::string path_ = "/tmp/plainsong-send.XXXXXX";
    int descriptor_ = -1;
};

TEST_F(WebSocketSendsFiles, InPiecesAsThePeerReads) {
    WebSocket& socket = page.open();
    page.line->window = 0;
    socket.send(blob);
    EXPECT_EQ(socket.bufferedAmount(), size);
    page.settle();
    const std::string some = pattern(1 << 20);
    std::size_t heard = 0;
    while (heard < size) {
        const std::uint64_t before = socket.bufferedAmount();
        page.line->window = 100'000;
        page.settle();
        page.take();
        while (const auto frame = page.ear.take_frame()) {
            ASSERT_LE(frame->payload.size(), piece);
            for (const std::uint8_t octet : frame->payload) {
                ASSERT_EQ(octet, static_cast<std::uint8_t>(some[heard % some.size()])) << heard;
                ++heard;
            }
        }
        ASSERT_LT(socket.bufferedAmount(), before);
    }
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 0U);
}

TEST_F(WebSocketSendsFiles, WithMessagesBehindThemInOrder) {
    WebSocket& socket = page.open();
    socket.send("before");
    socket.send(blob.slice(0, 200'000));
    socket.send("between");
    socket.send(blob.slice(-100'000));
    socket.send("behind");
    socket.close(1000);
    page.settle();
    const auto heard = messages(page);
    ASSERT_EQ(heard.size(), 6U);
    EXPECT_EQ(heard[0].payload, "before");
    EXPECT_EQ(heard[1].payload.size(), 200'000U);
    EXPECT_EQ(heard[2].payload, "between");
    EXPECT_EQ(heard[3].payload.size(), 100'000U);
    EXPECT_EQ(heard[4].payload, "behind");
    EXPECT_EQ(heard[5].opcode, 8U);
}

TEST_F(WebSocketSendsFiles, LeavingTurnsToOthersHoweverFastThePeerReads) {
    WebSocket& socket = page.open();
    socket.send(blob);
    EXPECT_GT(socket.bufferedAmount(), size / 2);
    page.take();
    EXPECT_LT(page.ear.bytes.size(), size / 2) << "in one go";
    page.settle();
    EXPECT_EQ(socket.bufferedAmount(), 0U);
}

TEST_F(WebSocketSendsFiles, WithoutCountingThemAsMemory) {
    websocket_options options;
    options.most_buffered_bytes = 1'000'000;
    WebSocket& socket = page.open({}, std::move(options));
    page.line->window = 0;
    socket.send(blob);
    socket.send(blob);
    page.settle();
    EXPECT_FALSE(socket.status());
    EXPECT_EQ(socket.bufferedAmount(), 2 * size);
}

TEST_F(WebSocketSendsFiles, AndFailsTheConnectionIfOneShrinks) {
    WebSocket& socket = page.open();
    page.line->window = 300'000;
    socket.send(blob);
    socket.send("behind");
    cut(100);
    page.line->window = no_bound;
    page.settle();
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
    EXPECT_EQ(socket.status().code(), error_code::file_changed);
    EXPECT_GT(socket.bufferedAmount(), size / 2);
    page.take();
    while (const auto frame = page.ear.take_frame()) {
        EXPECT_FALSE(frame->final) << "half a message must not look like a whole one";
    }
}

}  // namespace
}  // namespace plainsong::tests
