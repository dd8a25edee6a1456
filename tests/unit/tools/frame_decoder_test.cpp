// SPDX-License-Identifier: MIT
// frame_decoder_test.cpp — frames, right and wrong, however they are cut.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/client_frames.hpp"
#include "tools/frame_decoder.hpp"
#include "tools/wire_witness.hpp"

namespace plainsong::tools {
namespace {

using tests::octets;
using tests::octets_of;
using tests::on_wire;
using tests::wire_frame;

std::vector<std::string> decode(role receiver, const octets& bytes, std::size_t piece) {
    std::vector<std::string> lines;
    frame_decoder one(receiver, 64, [&](const decoded_frame& frame) {
        lines.push_back(frame_line(receiver == role::server, 0, frame));
    });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        one.feed(byte_view(bytes).subspan(at).first(std::min(piece, bytes.size() - at)));
    }
    return lines;
}

std::vector<std::string> decode(role receiver, const std::vector<wire_frame>& frames) {
    octets bytes;
    for (const wire_frame& one : frames) {
        tests::append(bytes, on_wire(one));
    }
    const auto whole = decode(receiver, bytes, bytes.size());
    for (const std::size_t piece : {1UL, 3UL, 100UL}) {
        EXPECT_EQ(decode(receiver, bytes, piece), whole) << "in pieces of " << piece;
    }
    return whole;
}

TEST(FrameDecoder, TellsEachFrame) {
    const auto lines = decode(role::client, {{.opcode = 1, .payload = octets_of("Hello")},
                                             {.opcode = 2, .payload = {0xff, 0x00}, .final = false},
                                             {.opcode = 9},
                                             {.opcode = 0, .payload = octets(70'000, 'x')},
                                             {.opcode = 8,
                                              .payload = octets_of("\x03\xe9"
                                                                   "bye")}});
    EXPECT_EQ(lines,
              (std::vector<std::string>{
                  "< 0.000 FIN text length 5 \"Hello\"", "< 0.000 binary length 2 hex ff00",
                  "< 0.000 FIN ping length 0 \"\"",
                  "< 0.000 FIN continuation length 70000 \"" + std::string(64, 'x') + "\"...",
                  "< 0.000 FIN close length 5 1001 \"bye\""}));
}

TEST(FrameDecoder, TakesTheMaskOff) {
    EXPECT_EQ(decode(role::server, {{.opcode = 1,
                                     .payload = octets_of("Hello"),
                                     .masked = true,
                                     .key = {0x37, 0xfa, 0x21, 0x3d}}}),
              std::vector<std::string>{"> 0.000 FIN text masked 37fa213d length 5 \"Hello\""});
}

TEST(FrameDecoder, NamesTheRuleThatAFrameBreaksAndGoesOn) {
    const auto lines = decode(role::client, {{.opcode = 1, .payload = octets_of("a"), .rsv = 5},
                                             {.opcode = 11},
                                             {.opcode = 0, .payload = octets_of("b")},
                                             {.opcode = 1, .length_bits = 16, .announced = {}},
                                             {.opcode = 1, .masked = true},
                                             {.opcode = 1}});
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_EQ(lines[0],
              "< 0.000 FIN RSV1 RSV3 text length 1 \"a\"  [6455-5.2-04: RSV bits are 0 unless "
              "negotiated]");
    EXPECT_NE(lines[1].find("opcode 11 length 0 \"\"  [6455-5.2-05"), std::string::npos);
    EXPECT_NE(lines[2].find("[6455-5.4-04"), std::string::npos);
    EXPECT_NE(lines[3].find("[6455-5.2-11"), std::string::npos);
    EXPECT_NE(lines[4].find("[6455-5.1-05"), std::string::npos);
    EXPECT_EQ(lines[5], "< 0.000 FIN text length 0 \"\"");
}

TEST(FrameDecoder, KeepsOnlyTheBeginningOfALongPayload) {
    std::size_t kept = 0;
    frame_decoder one(role::client, 10, [&](const decoded_frame& frame) {
        kept = frame.payload.size();
        EXPECT_EQ(frame.length, 70'000U);
    });
    one.feed(on_wire({.opcode = 2, .payload = octets(70'000, 1)}));
    EXPECT_EQ(kept, 10U);
}

/// What a witness tells of a handshake and one frame each way, fed in pieces.
std::vector<std::string> told(bool heads, bool frames, std::string_view status, std::size_t piece) {
    std::vector<std::string> lines;
    wire_report report;
    report.heads = heads;
    report.frames = frames;
    report.note = [&](std::string_view line) { lines.emplace_back(line); };
    report.clock = [] { return time_point{} + std::chrono::seconds(5); };
    report.begin();
    wire_witness witness(report, role::client);
    const auto feed = [&](std::string_view bytes, auto into) {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
            (witness.*into)(as_bytes(bytes.substr(0, piece)));
        }
    };
    feed("GET / HTTP/1.1\r\nHost: \x1b[m\r\n\r\n", &wire_witness::on_sent);
    feed("HTTP/1.1 " + std::string(status) + "\r\nX: y\r\n\r\n\x81\x02hi",
         &wire_witness::on_received);
    feed(std::string_view("\x81\x82\0\0\0\0ho", 8), &wire_witness::on_sent);
    return lines;
}

TEST(WireWitness, TellsHeadsAndFrames) {
    for (const std::size_t piece : {1UL, 5UL, 1000UL}) {
        EXPECT_EQ(
            told(true, true, "101 Fine", piece),
            (std::vector<std::string>{"> GET / HTTP/1.1", "> Host: \\x1b[m", "< HTTP/1.1 101 Fine",
                                      "< X: y", "< 0.000 FIN text length 2 \"hi\"",
                                      "> 0.000 FIN text masked 00000000 length 2 \"ho\""}));
        EXPECT_EQ(told(false, true, "101 Fine", piece).size(), 2U);
        EXPECT_EQ(told(true, false, "101 Fine", piece).size(), 4U);
    }
}

TEST(WireWitness, TakesTheBodyOfARefusalForNoFrame) {
    const auto lines = told(false, true, "404 Not Found", 3);
    EXPECT_EQ(lines, std::vector<std::string>{"> 0.000 FIN text masked 00000000 length 2 \"ho\""});
}

}  // namespace
}  // namespace plainsong::tools
