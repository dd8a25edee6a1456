// SPDX-License-Identifier: MIT
// explain_test.cpp — what `plainsong explain` says of octets, keys and codes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/base/error.hpp>
#include <plainsong/ws/close.hpp>

#include "tools/explain.hpp"
#include "tools/explain_diagram.hpp"
#include "tools/explain_text.hpp"
#include "tools/verbs.hpp"

namespace plainsong::explain {
namespace {

explanation explained(std::string_view hex, sender from = sender::unknown) {
    std::vector<std::uint8_t> octets;
    EXPECT_TRUE(read_hex(hex, octets)) << hex;
    return stream(octets, from);
}

/// How often `part` stands in `text`.
std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

void expect_parts(const std::string& text, const std::vector<std::string_view>& parts) {
    std::size_t at = 0;
    for (const std::string_view part : parts) {
        const std::size_t found = text.find(part, at);
        EXPECT_NE(found, std::string::npos) << part << "\nis not where it should be in\n" << text;
        at = found == std::string::npos ? at : found + part.size();
    }
}

struct run_result {
    int status;
    std::string out;
    std::string err;
};

/// Calls the verb, with `input` as its standard input.
run_result run(std::vector<std::string> arguments, std::string_view input = {}) {
    std::FILE* file = std::tmpfile();
    std::fwrite(input.data(), 1, input.size(), file);
    std::fflush(file);
    ::lseek(::fileno(file), 0, SEEK_SET);
    const int before = ::dup(0);
    ::dup2(::fileno(file), 0);
    std::clearerr(stdin);
    arguments.insert(arguments.begin(), "explain");
    std::vector<char*> argv;
    for (std::string& each : arguments) {
        argv.push_back(each.data());
    }
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    run_result result{};
    result.status = explain_main(static_cast<int>(argv.size()), argv.data());
    result.out = testing::internal::GetCapturedStdout();
    result.err = testing::internal::GetCapturedStderr();
    ::dup2(before, 0);
    ::close(before);
    std::fclose(file);
    return result;
}

TEST(ExplainText, ReadsHexHoweverItIsParted) {
    std::vector<std::uint8_t> octets;
    const std::vector<std::uint8_t> wanted = {0x81, 0x05, 0xFA};
    for (const std::string_view text :
         {"8105fa", "81 05 FA", " 0x81,0X05, 0xfa\r\n", "81:05:fA", "81\t05\nfa", "0x8105fa"}) {
        EXPECT_TRUE(read_hex(text, octets)) << text;
        EXPECT_EQ(octets, wanted) << text;
    }
    for (const std::string_view text : {"8", "81 0", "8 1", "81 0x", "8g", "81-05", "0x", "x81"}) {
        EXPECT_FALSE(read_hex(text, octets)) << text;
    }
    EXPECT_TRUE(read_hex("", octets));
    EXPECT_TRUE(octets.empty());
}

TEST(ExplainText, ShowsOctetsAsTextInWholeCharacters) {
    EXPECT_EQ(hex(as_bytes("ab\n"), 3), "61 62 0a");
    EXPECT_EQ(hex(as_bytes("abc"), 2), "61 62 …");
    EXPECT_EQ(quoted(as_bytes("a\"\\\n\x7f"), 9), "\"a\\\"\\\\\\x0a\\x7f\"");
    EXPECT_EQ(quoted(as_bytes("äb"), 9), "\"äb\"");
    EXPECT_EQ(quoted(as_bytes("aäb"), 2), "\"a\" …");
    EXPECT_EQ(quoted(as_bytes("\xff"), 9), "\"\\xff\"");
    EXPECT_EQ(bits_of(5, 4), "0101");
}

TEST(ExplainDiagram, DrawsBordersWhereFieldsBegin) {
    const std::uint8_t octets[] = {0x80, 0xFF, 0x00, 0x01, 0xA0};
    EXPECT_EQ(draw({{"F", 1}, {"seven", 7}, {"long", 32}}, octets),
              "   0                   1                   2                   3\n"
              "   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n"
              "  +-+-------------+-----------------------------------------------+\n"
              "  |F|seven        |long                                           |\n"
              "  |1|0 0 0 0 0 0 0|1 1 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1|\n"
              "  +-+-------------+-----------------------------------------------+\n"
              "  |long           |\n"
              "  |1 0 1 0 0 0 0 0|\n"
              "  +---------------+\n");
}

TEST(Explain, ShowsAMaskedTextWithItsPayload) {
    const explanation told = explained("81 85 37fa213d 7f9f4d5158");
    EXPECT_TRUE(told.keeps_all_rules);
    expect_parts(told.text,
                 {"Frame 1, octets 0 to 10: text\n",
                  "|F|R|R|R|opcode |M|length       |masking key                    |",
                  "|1|0|0|0|0 0 0 1|1|0 0 0 0 1 0 1|0 0 1 1 0 1 1 1 1 1 1 1 1 0 1 0|", "FIN     1",
                  "[keeps §5.4]", "RSV1-3  000", "[keeps §5.2]", "opcode  0001 = 1",
                  "text, a data frame [keeps §5.6]", "MASK    1", "[keeps §5.1]",
                  "length  0000101 = 5", "5 octets of payload", "key     37 fa 21 3d",
                  "payload 48 65 6c 6c 6f, unmasked", "\"Hello\""});
    EXPECT_EQ(count(told.text, "breaks"), 0U);
}

TEST(Explain, NamesEachRuleThatAHeadBreaks) {
    const std::pair<std::string_view, std::vector<error_code>> broken[] = {
        {"c1 00", {error_code::frame_reserved_bit}},
        {"83 00", {error_code::frame_reserved_opcode}},
        {"80 00", {error_code::continuation_without_start}},
        {"01 00 81 00", {error_code::message_not_finished}},
        {"09 00", {error_code::control_fragmented}},
        {"89 7e 007e", {error_code::control_payload_too_long}},
        {"81 7e 007d", {error_code::frame_length_not_minimal}},
        {"81 7f 000000000000ffff", {error_code::frame_length_not_minimal}},
        {"81 7f 8000000000000000", {error_code::frame_length_top_bit}},
        {"79 7e 0001 00",
         {error_code::frame_reserved_bit, error_code::control_fragmented,
          error_code::control_payload_too_long}},
        {"f0 00", {error_code::frame_reserved_bit, error_code::continuation_without_start}},
        {"88 01 03", {error_code::close_payload_one_byte}},
        {"88 02 03ed", {error_code::close_code_invalid}},
        {"88 03 03e8ff", {error_code::close_reason_not_utf8}},
        {"81 01 ff", {error_code::invalid_utf8}},
        {"81 01 c3", {error_code::invalid_utf8}},
        {"01 01 c3 80 01 28", {error_code::invalid_utf8}},
        {"88 00 81 00", {error_code::not_open}},
    };
    for (const auto& [hex, codes] : broken) {
        const explanation told = explained(hex, sender::server);
        EXPECT_FALSE(told.keeps_all_rules) << hex;
        EXPECT_EQ(count(told.text, "breaks RFC 6455 §"), codes.size()) << hex << '\n' << told.text;
        for (const error_code code : codes) {
            const error_facts& facts = facts_of(code);
            expect_parts(told.text, {std::string("[") + facts.requirement + "]: " + facts.text});
        }
    }
}

TEST(Explain, JudgesTheMaskByWhoHasSentIt) {
    EXPECT_TRUE(explained("81 00").keeps_all_rules);
    EXPECT_TRUE(explained("81 80 01020304").keeps_all_rules);
    EXPECT_TRUE(explained("81 00", sender::server).keeps_all_rules);
    const explanation unmasked = explained("81 00", sender::client);
    expect_parts(unmasked.text, {"not masked", "[6455-5.1-02]"});
    const explanation masked = explained("81 80 01020304", sender::server);
    expect_parts(masked.text, {"[6455-5.1-05]"});
    // The first frame shows who speaks, and the others are judged by it.
    expect_parts(explained("81 80 01020304 81 00").text, {"Frame 2", "[6455-5.1-02]"});
}

TEST(Explain, FollowsAMessageThroughItsFrames) {
    const explanation told = explained("01 02 48c3 89 00 00 01 a4 80 00 82 01 ff");
    EXPECT_TRUE(told.keeps_all_rules) << told.text;
    expect_parts(told.text, {"Frame 1", "more frames of the message follow", "Frame 2", "ping",
                             "Frame 3", "continuation", "Frame 4", "Frame 5", "binary"});
    expect_parts(explained("01 00").text, {"The stream ends within a message"});
    EXPECT_EQ(count(explained("01 01 ff 80 01 ff").text, "breaks"), 1U);
}

TEST(Explain, ShowsACloseFramesCodeAndReason) {
    expect_parts(explained("88 06 03e8 62796521").text, {"code    1000, reason \"bye!\""});
    expect_parts(explained("88 00").text, {"code    1005, which reports that there is none"});
}

TEST(Explain, SaysWhatIsMissingAtAnyPlace) {
    std::vector<std::uint8_t> all;
    ASSERT_TRUE(read_hex("82 fe 007e 01020304", all));
    all.resize(all.size() + 126, 0x55);
    for (std::size_t size = 1; size < all.size(); ++size) {
        const explanation told = stream(byte_view(all).first(size), sender::unknown);
        EXPECT_TRUE(told.keeps_all_rules) << size;
        EXPECT_EQ(count(told.text, "not complete"), 1U) << told.text;
        EXPECT_EQ(count(told.text, "it goes on: "), 1U);
        EXPECT_EQ(count(told.text, " of 126 octets of its payload"), size < 8 ? 0U : 1U);
    }
    EXPECT_EQ(count(stream(all, sender::unknown).text, "not complete"), 0U);
}

TEST(Explain, SkipsTheHeadOfAHandshake) {
    const std::string request =
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    const std::string size = std::to_string(request.size());
    const explanation told =
        stream(as_bytes(request + std::string("\x81\x00", 2)), sender::unknown);
    expect_parts(told.text, {"A request for an upgrade:", "Frame 1, octets " + size + " to ",
                             "[6455-5.1-02]"});
    const std::string answer = "HTTP/1.1 101 x\r\n\r\n";
    EXPECT_TRUE(
        stream(as_bytes(answer + std::string("\x81\x00", 2)), sender::unknown).keeps_all_rules);
    const std::string old = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    expect_parts(stream(as_bytes(old), sender::unknown).text, {"[6455-4.2.1-08]"});
    expect_parts(stream(as_bytes("HTTP/1.1 101 x\n"), sender::unknown).text,
                 {"octet 14 breaks ", facts_of(error_code::request_illegal_byte).text});
    expect_parts(stream(as_bytes("GET / HT"), sender::unknown).text, {"not complete"});
}

TEST(ExplainHandshake, ShowsEachStepFromKeyToAnswer) {
    const explanation told = handshake("dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_TRUE(told.keeps_all_rules);
    expect_parts(told.text,
                 {"74 68 65 20 73 61 6d 70 6c 65 20 6e 6f 6e 63 65",
                  "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                  "60 octets of text, one octet 80, 59 octets 00", "480 bits", "2 blocks",
                  "b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea",
                  "b3 7a 4f  101100 110111 101001 001111  44 55 41 15  s3pP",
                  "c4 ea     110001 001110 101000 ------  49 14 40  -  xOo=",
                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="});
    const explanation wrong = handshake("short");
    EXPECT_FALSE(wrong.keeps_all_rules);
    expect_parts(wrong.text, {"[6455-4.2.1-10]", "1 block"});
    // The padding that RFC 6455 itself prints.
    EXPECT_TRUE(handshake("AQIDBAUGBwgJCgsMDQ4PEC==").keeps_all_rules);
}

TEST(ExplainHandshake, CountsTheBlocksOfTheDigest) {
    for (std::size_t size = 0; size < 200; ++size) {
        const std::size_t text = size + 36;
        const std::size_t blocks = (text + 9 + 63) / 64;
        expect_parts(handshake(std::string(size, 'x')).text,
                     {std::to_string(text) + " octets of text",
                      std::to_string(blocks * 64 - text - 9) + " octets 00",
                      std::to_string(blocks) + " block"});
    }
}

TEST(ExplainClose, KnowsWhichCodesTravel) {
    for (std::uint32_t code = 0; code <= 65535; ++code) {
        const explanation told = close_code(code);
        const bool travels = is_wire_close_code(static_cast<std::uint16_t>(code));
        ASSERT_EQ(told.keeps_all_rules, travels) << code;
        ASSERT_EQ(count(told.text, "may stand in a Close frame: 88 02 "), travels ? 1U : 0U);
        ASSERT_EQ(count(told.text, "RFC 6455 §7.4"), 1U) << code;
    }
    expect_parts(close_code(1000).text, {"normal closure", "88 02 03 e8"});
    expect_parts(close_code(1006).text, {"abnormal closure", "never stands in a Close frame"});
    expect_parts(close_code(4001).text, {"private use", "88 02 0f a1"});
}

TEST(ExplainVerb, TakesHexFromItsArgumentsOrItsInput) {
    const run_result from_arguments = run({"81", "00"});
    EXPECT_EQ(from_arguments.status, 0);
    expect_parts(from_arguments.out, {"Frame 1, octets 0 to 1: text"});
    EXPECT_EQ(run({}, "81 00\n").out, from_arguments.out);
    EXPECT_EQ(run({}, std::string_view("\x81\x00", 2)).out, from_arguments.out);
    EXPECT_EQ(run({"--from", "client", "8100"}).status, 1);
    EXPECT_EQ(run({"--from", "server", "8100"}).status, 0);
    expect_parts(run({"--raw"}, "81 00").out,
                 {"octets 0 to 4: ", "octets of its payload are here"});
    EXPECT_EQ(run({"close", "1000"}).status, 0);
    EXPECT_EQ(run({"handshake", "x"}).status, 1);
    EXPECT_EQ(run({"--help"}).status, 0);
}

TEST(ExplainVerb, SaysHowItIsUsed) {
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{"8"},
                                               {"zz"},
                                               {"--from"},
                                               {"--from", "me", "8100"},
                                               {"--nonsense"},
                                               {"close", "x"},
                                               {"close", "65536"},
                                               {"close", "1e3"},
                                               {"close"},
                                               {}}) {
        const run_result result = run(wrong);
        EXPECT_EQ(result.status, 2) << (wrong.empty() ? "" : wrong[0]);
        EXPECT_EQ(result.out, "");
        EXPECT_EQ(count(result.err, "--help"), 1U);
    }
}

}  // namespace
}  // namespace plainsong::explain
