// SPDX-License-Identifier: MIT
// net_stream_test.cpp — streams over TCP and unix sockets.
#include <plainsong/net/stream.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "tests/support/net_fixtures.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::socket_pair;
using tests::tcp_pair;
using tests::unix_pair;

using maker = socket_pair (*)();

class StreamOverSocket : public ::testing::TestWithParam<maker> {
protected:
    StreamOverSocket() {
        socket_pair pair = GetParam()();
        ours_ = tcp_stream(pair.ours.release());
        theirs_ = std::move(pair.theirs);
    }

    io_result send(std::vector<std::string> parts) {
        std::vector<io_slice> slices;
        for (std::string& part : parts) {
            slices.push_back({part.data(), part.size()});
        }
        return ours_.send(slices);
    }
    io_result receive() {
        tests::await_ready(ours_.descriptor(), 1 /* POLLIN */);
        return ours_.receive(buffer_);
    }

    stream ours_;
    fd theirs_;
    std::array<std::uint8_t, 100> buffer_{};
};

INSTANTIATE_TEST_SUITE_P(Both, StreamOverSocket,
                         ::testing::Values(maker{tcp_pair}, maker{unix_pair}),
                         [](const auto& made) { return made.index == 0 ? "tcp" : "unix"; });

TEST_P(StreamOverSocket, ReceivesWhatIsThereAndThenWouldBlock) {
    tests::write_all(theirs_.number(), "hello");
    const io_result got = receive();
    EXPECT_EQ(got.status, io_result::kind::done);
    EXPECT_EQ(as_text({buffer_.data(), got.count}), "hello");
    const io_result nothing = ours_.receive(buffer_);
    EXPECT_EQ(nothing.status, io_result::kind::would_block);
    EXPECT_EQ(nothing.number, 0);
}

TEST_P(StreamOverSocket, SendsSlicesInOrder) {
    for (const auto& parts : std::vector<std::vector<std::string>>{{"one"}, {"t", "", "wo!"}, {}}) {
        if (parts.empty()) {
            continue;
        }
        std::string whole;
        for (const std::string& part : parts) {
            whole += part;
        }
        EXPECT_EQ(send(parts).count, whole.size());
        std::string got(whole.size(), '?');
        tests::await_ready(theirs_.number(), 1 /* POLLIN */);
        EXPECT_EQ(::read(theirs_.number(), got.data(), got.size()),
                  static_cast<ssize_t>(whole.size()));
        EXPECT_EQ(got, whole);
    }
}

TEST_P(StreamOverSocket, CutsMoreSlicesThanTheKernelTakes) {
    const io_result put = send(std::vector<std::string>(5000, "x"));
    EXPECT_EQ(put.status, io_result::kind::done);
    EXPECT_GT(put.count, 0U);
    EXPECT_LE(put.count, 5000U);
}

TEST_P(StreamOverSocket, WouldBlockWhenThePeerDoesNotRead) {
    io_result put;
    std::size_t sent = 0;
    do {
        put = send({std::string(1 << 20, 'x')});
        sent += put.count;
    } while (put.status == io_result::kind::done && sent < (1U << 30));
    EXPECT_EQ(put.status, io_result::kind::would_block);
    EXPECT_EQ(put.number, 0);
}

TEST_P(StreamOverSocket, EndsAfterTheDataWhenThePeerHalfCloses) {
    tests::write_all(theirs_.number(), "bye");
    ::shutdown(theirs_.number(), SHUT_WR);
    EXPECT_EQ(receive().count, 3U);
    EXPECT_EQ(receive().status, io_result::kind::end);
    EXPECT_EQ(send({"still here"}).count, 10U);  // our direction is open
}

TEST_P(StreamOverSocket, HalfClosesItsOwnDirection) {
    ours_.shutdown_write();
    tests::await_ready(theirs_.number(), 1 /* POLLIN */);
    char byte = 0;
    EXPECT_EQ(::read(theirs_.number(), &byte, 1), 0);
    tests::write_all(theirs_.number(), "x");
    EXPECT_EQ(receive().count, 1U);
}

TEST_P(StreamOverSocket, FailsWithoutASignalWhenThePeerIsGone) {
    theirs_.reset();
    io_result put{io_result::kind::done, 0, 0};
    for (int attempt = 0; attempt < 1000 && put.status != io_result::kind::failed; ++attempt) {
        put = send({"x"});  // the first is taken; the answer to it is a reset
        put = put.status == io_result::kind::failed ? put : send({"x", "y"});
    }
    EXPECT_EQ(put.status, io_result::kind::failed);
    EXPECT_TRUE(put.number == EPIPE || put.number == ECONNRESET) << put.number;
}

TEST_P(StreamOverSocket, ClosesOnceAndFailsAfterwards) {
    const int number = ours_.descriptor();
    ours_.close();
    EXPECT_FALSE(ours_);
    EXPECT_EQ(ours_.descriptor(), -1);
    const fd renewed{::dup2(theirs_.number(), number)};
    ours_.close();
    ours_.shutdown_write();
    EXPECT_EQ(ours_.receive(buffer_).number, EBADF);
    EXPECT_EQ(send({"x"}).status, io_result::kind::failed);
    EXPECT_GE(::fcntl(renewed.number(), F_GETFD), 0);
}

TEST_P(StreamOverSocket, MovesWithoutClosing) {
    stream moved{std::move(ours_)};
    EXPECT_TRUE(moved);
    ours_ = std::move(moved);
    EXPECT_EQ(send({"x"}).count, 1U);
    ours_ = stream{};
    tests::await_ready(theirs_.number(), 1 /* POLLIN */);
    char bytes[2] = {};
    EXPECT_EQ(::read(theirs_.number(), bytes, sizeof bytes), 1);
    EXPECT_EQ(::read(theirs_.number(), bytes, sizeof bytes), 0);
}

TEST(Stream, LetsGoOfANumberThatIsNoSocket) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    const fd reading{ends[0]};
    const fd writing{ends[1]};
    std::array<std::uint8_t, 4> buffer{};
    const auto misuse = [&] {
        stream mistaken = tcp_stream(writing.number());
        EXPECT_EQ(mistaken.receive(buffer).number, ENOTSOCK);
        EXPECT_FALSE(mistaken);
    };
#ifdef NDEBUG
    misuse();
    EXPECT_GE(::fcntl(writing.number(), F_GETFD), 0);  // it wasn't ours to close
#else
    EXPECT_DEATH(misuse(), "");
#endif
}

TEST(Connect, ReportsARefusalOnce) {
    result<fd> listening = sys::listen(*address::parse("127.0.0.1", 0), {});
    ASSERT_TRUE(listening);
    const address nobody = *sys::bound_address(listening->number());
    listening->reset();
    result<fd> socket = sys::connect(nobody);
    if (!socket) {
        EXPECT_EQ(socket.why().number(), ECONNREFUSED);
        return;
    }
    tests::await_ready(socket->number(), 4 /* POLLOUT */);
    EXPECT_EQ(sys::connect_outcome(socket->number()).number(), ECONNREFUSED);
    EXPECT_FALSE(sys::connect_outcome(socket->number()));
}

TEST(Connect, SetsTheTimeWithoutAcknowledgement) {
    const socket_pair pair = tcp_pair();
    EXPECT_FALSE(sys::set_user_timeout(pair.ours.number(), 1500ms));
    EXPECT_FALSE(sys::set_user_timeout(pair.ours.number(), duration::max()));
}

TEST(Connect, NeedsAnAddress) {
    EXPECT_EQ(sys::connect({}).why().code(), error_code::no_such_address);
    EXPECT_EQ(sys::listen({}, {}).why().code(), error_code::no_such_address);
}

}  // namespace
}  // namespace plainsong
