// SPDX-License-Identifier: MIT
// mangled_stream_test.cpp — each misbehaviour, whatever the cuts and whatever the kernel takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/client_frames.hpp"
#include "tools/mangled_stream.hpp"

namespace plainsong::tools {
namespace {

using tests::client_close;
using tests::client_frame;
using tests::client_ping;
using tests::client_text;
using tests::octets;
using tests::octets_of;

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::string text_of(const octets& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string said_by_client() {
    std::string all(request);
    for (const octets& frame :
         {client_text("Hello"), client_text(""), client_frame(10, octets_of("pong")),
          client_frame(2, octets(70'000, 7)), client_text("more", false),
          client_frame(0, octets_of("\xc3\xa4")), client_ping("p"), client_close(1000)}) {
        all += text_of(frame);
    }
    return all;
}

/// What is sent of `in`, fed in pieces, without the request.
std::string rewritten(const misbehaviour& how, std::string_view in, std::size_t piece) {
    mangler one(how);
    std::string out;
    for (std::size_t at = 0; at < in.size(); at += piece) {
        one.feed(as_bytes(in.substr(at, piece)), out);
    }
    EXPECT_EQ(out.substr(0, request.size()), request);
    return out.substr(request.size());
}

std::vector<tests::wire_frame> frames_in(std::string_view bytes) {
    std::span<const std::uint8_t> rest = as_bytes(bytes);
    std::vector<tests::wire_frame> frames;
    while (const auto frame = tests::take_frame(rest)) {
        frames.push_back(*frame);
    }
    EXPECT_TRUE(rest.empty());
    return frames;
}

std::vector<tests::wire_frame> mangle(const misbehaviour& how) {
    const std::string said = said_by_client();
    const std::string whole = rewritten(how, said, said.size());
    for (const std::size_t piece : {1UL, 2UL, 7UL, 1000UL}) {
        EXPECT_EQ(rewritten(how, said, piece), whole) << "in pieces of " << piece;
    }
    return frames_in(whole);
}

TEST(Mangler, ChangesNothingUnlessItIsTold) {
    EXPECT_EQ(rewritten({}, said_by_client(), 100'000), said_by_client().substr(request.size()));
    EXPECT_FALSE(misbehaviour{}.any());
}

TEST(Mangler, TakesTheMaskOff) {
    const auto frames = mangle({.no_mask = true});
    ASSERT_EQ(frames.size(), 8U);
    for (const auto& frame : frames) {
        EXPECT_FALSE(frame.masked);
    }
    EXPECT_EQ(frames[0].payload, octets_of("Hello"));
    EXPECT_EQ(frames[3].payload, octets(70'000, 7));
    EXPECT_EQ(frames[7].payload, octets_of("\x03\xe8"));
}

TEST(Mangler, LeavesPongsOut) {
    const auto frames = mangle({.no_pong = true});
    ASSERT_EQ(frames.size(), 7U);
    EXPECT_TRUE(std::none_of(frames.begin(), frames.end(),
                             [](const auto& frame) { return frame.opcode == 10; }));
}

TEST(Mangler, SpoilsTheEndOfATextMaskedOrNot) {
    for (const bool no_mask : {false, true}) {
        const auto frames = mangle({.no_mask = no_mask, .bad_utf8 = true});
        ASSERT_EQ(frames.size(), 8U);
        EXPECT_EQ(frames[0].payload, octets_of("Hell\xff"));
        EXPECT_EQ(frames[1].payload, octets_of("\xff"));
        EXPECT_EQ(frames[3].payload, octets(70'000, 7));
        EXPECT_EQ(frames[0].masked, !no_mask);
    }
}

TEST(Mangler, SetsReservedBitsAndOpcodesOfMessages) {
    const auto frames = mangle({.rsv = 5, .opcode = 3});
    ASSERT_EQ(frames.size(), 8U);
    for (const auto& frame : frames) {
        const bool is_control = frame.opcode >= 8;
        EXPECT_EQ(frame.rsv, is_control ? 0U : 5U);
        EXPECT_TRUE(is_control || frame.opcode == 3);
    }
    EXPECT_EQ(frames[0].payload, octets_of("Hello"));
}

TEST(Mangler, SaysNothingBehindTheFirstMessage) {
    const auto frames = mangle({.half_close = true});
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].payload, octets_of("Hello"));
}

TEST(Mangler, RewritesBehindAnAcceptanceAndNotBehindARefusal) {
    const std::string accepted = "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01x";
    const std::string refused = "HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\n\x81\x01x";
    for (const std::size_t piece : {1UL, 100UL}) {
        for (const std::string& said : {accepted, refused}) {
            mangler one({.rsv = 4});
            std::string out;
            for (std::size_t at = 0; at < said.size(); at += piece) {
                one.feed(as_bytes(std::string_view(said).substr(at, piece)), out);
            }
            std::string expected = said;
            if (said == accepted) {
                expected[expected.size() - 3] = '\xc1';
            }
            EXPECT_EQ(out, expected);
        }
    }
}

// ---- over a transport

/// A kernel that takes what it is told to.
struct kernel {
    std::string taken;
    std::vector<std::size_t> sends;
    std::size_t room = 0;
    bool has_shut = false;
    bool is_closed = false;
};

const stream_operations operations{
    .receive =
        [](stream_handle, byte_span) {
            return io_result{io_result::kind::end, 0, 0};
        },
    .send =
        [](stream_handle handle, std::span<const io_slice> slices, bool) {
            auto& self = *static_cast<kernel*>(handle.object);
            std::size_t count = 0;
            for (const io_slice& each : slices) {
                const std::size_t size = std::min(each.iov_len, self.room);
                self.taken.append(static_cast<const char*>(each.iov_base), size);
                self.room -= size;
                count += size;
            }
            if (count == 0) {
                return io_result{io_result::kind::would_block, 0, 0};
            }
            self.sends.push_back(count);
            return io_result{io_result::kind::done, 0, count};
        },
    .shutdown_write =
        [](stream_handle handle) { static_cast<kernel*>(handle.object)->has_shut = true; },
    .close = [](stream_handle handle) { static_cast<kernel*>(handle.object)->is_closed = true; },
    .descriptor = [](stream_handle) { return 77; },
};

/// Sends `all` the way a session does: what was not taken comes again, when there is room.
void send_all(stream& over, kernel& below, const std::string& all, std::size_t room) {
    std::string_view rest = all;
    for (int turn = 0; !rest.empty(); ++turn) {
        ASSERT_LT(turn, 200'000);
        below.room = room;
        const std::size_t half = rest.size() / 2;
        auto* const first = const_cast<char*>(rest.data());
        const io_slice slices[] = {{first, half}, {first + half, rest.size() - half}};
        const io_result sent = over.send(half == 0 ? std::span(slices).subspan(1) : slices);
        ASSERT_NE(sent.status, io_result::kind::failed);
        if (sent.status == io_result::kind::done) {
            ASSERT_GT(sent.count, 0U);
            ASSERT_LE(sent.count, rest.size());
            rest.remove_prefix(sent.count);
        }
    }
}

TEST(MangledStream, LosesAndRepeatsNothingHoweverLittleIsTaken) {
    const misbehaviour every[] = {{.no_mask = true, .no_pong = true, .rsv = 1},
                                  {.split = 3},
                                  {.bad_utf8 = true, .split = 1000}};
    for (const misbehaviour& how : every) {
        const std::string expected =
            std::string(request) + rewritten(how, said_by_client(), 100'000);
        for (const std::size_t room : {1UL, 2UL, 5UL, 4096UL, 1'000'000UL}) {
            kernel below;
            stream over = mangled({operations, {.object = &below}}, how);
            EXPECT_EQ(over.descriptor(), 77);
            send_all(over, below, said_by_client(), room);
            EXPECT_EQ(below.taken == expected, true) << room;
            over.close();
            EXPECT_TRUE(below.is_closed);
        }
    }
}

TEST(MangledStream, SendsPiecesOfTheSizeThatWasAskedFor) {
    kernel below;
    stream over = mangled({operations, {.object = &below}}, {.split = 7});
    send_all(over, below, std::string(20, 'x'), 1000);
    EXPECT_EQ(below.sends, (std::vector<std::size_t>{7, 7, 6}));
}

TEST(MangledStream, EndsItsSideOnceTheFirstMessageHasLeft) {
    kernel below;
    stream over = mangled({operations, {.object = &below}}, {.half_close = true});
    const std::string said = std::string(request) + text_of(client_text("Hello"));
    send_all(over, below, said.substr(0, said.size() - 1), 5);
    EXPECT_FALSE(below.has_shut);
    send_all(over, below, said.substr(said.size() - 1), 5);
    EXPECT_TRUE(below.has_shut);
    EXPECT_EQ(below.taken, said);
    send_all(over, below, text_of(client_text("again")), 5);
    EXPECT_EQ(below.taken, said);
}

}  // namespace
}  // namespace plainsong::tools
