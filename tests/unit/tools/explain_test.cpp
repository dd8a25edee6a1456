// SPDX-License-Identifier: MIT
// explain_test.cpp — what `plainsong explain` says of octets, keys and codes.
#include <gtest/gtest.h>
#include <stdlib.h>
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
#include "tools/explain_frame.hpp"
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
    if (!input.empty()) {  // there may be no data at all, which fwrite may not be given
        std::fwrite(input.data(), 1, input.size(), file);
    }
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

TEST(ExplainDiagram, DrawsRowsOf32BitsWithACornerWhereverAFieldEnds) {
    const std::uint8_t octets[] = {0x80, 0xFF, 0x00, 0x01, 0xA0};
    const diagram_field fields[] = {{"FIN", "", 1}, {"seven", "", 7}, {"long", "l", 32}};
    EXPECT_EQ(draw_bits(octets, fields, 16),
              "         0                   1                   2                   3\n"
              "         0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n"
              "        +-+-------------+-----------------------------------------------+\n"
              "     16 |F|    seven    |                     long                      |\n"
              "        |I|             |                                               |\n"
              "        |N|             |                                               |\n"
              "        |1|0 0 0 0 0 0 0|                   ff 00 01                    |\n"
              "        +-+-------------+-----------------------------------------------+\n"
              "     20 |       l       |\n"
              "        |      a0       |\n"
              "        +---------------+\n");
}

// RFC 6455 §5.7, the second of its examples.
constexpr std::string_view masked_hello =
    R"(Frame 1, octets 0 to 10: text, 5 octets of payload, from the client

         0                   1                   2                   3
         0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
        +-+-+-+-+-------+-+-------------+-------------------------------+
      0 |F|R|R|R|opcode |M| Payload len |          Masking-key          |
        |I|S|S|S|       |A|             |                               |
        |N|V|V|V|       |S|             |                               |
        | |1|2|3|       |K|             |                               |
        |1|0|0|0|0 0 0 1|1|0 0 0 0 1 0 1|             37 fa             |
        +-+-+-+-+-------+-+-------------+-------------------------------+
      4 |    Masking-key (continued)    |         Payload Data          |
        |             21 3d             |             7f 9f             |
        +-------------------------------+---------------+---------------+
      8 |           Payload Data (continued)            |
        |                   4d 51 58                    |
        +-----------------------------------------------+

  FIN       1           the whole message is in this frame
            keeps  RFC 6455 §5.4 [6455-5.4-02]
  RSV1-3    0 0 0       no extension has a part in this frame
            keeps  RFC 6455 §5.2 [6455-5.2-03]
  opcode    0x1         text: begins a message that is UTF-8
            keeps  RFC 6455 §5.2 [6455-5.2-06]
  MASK      1           a key follows, and the payload is masked with it
            keeps  RFC 6455 §5.1 [6455-5.1-01]
  length    5           5 octets of payload
            keeps  RFC 6455 §5.2 [6455-5.2-11]
  key       37 fa 21 3d octet i of the payload was XORed with octet i mod 4 of it
            keeps  RFC 6455 §5.2 [6455-5.2-13]
  payload   "Hello"
            keeps  RFC 6455 §5.6 [6455-5.6-02]

1 frame, no rule broken
)";

TEST(Explain, DrawsTheExampleOfTheRfc) {
    const explanation told = explained("81 85 37fa213d 7f9f4d5158", sender::client);
    EXPECT_TRUE(told.keeps_all_rules);
    EXPECT_EQ(told.text, masked_hello);
}

// A length of 16 bits that needs 7, without a mask, from a client, and a bit that is reserved.
constexpr std::string_view thrice_wrong =
    R"(  FIN       1           the whole message is in this frame
            keeps  RFC 6455 §5.4 [6455-5.4-02]
  RSV1-3    1 0 0       an extension must have given them a meaning
            BREAKS RFC 6455 §5.2 [6455-5.2-04]: RSV bits are 0 unless negotiated (the answer is Close 1002)
            (permessage-deflate, RFC 7692, sets RSV1 on compressed messages; once agreed on, that is fine)
  opcode    0x2         binary: begins a message of any octets
            keeps  RFC 6455 §5.2 [6455-5.2-06]
  MASK      0           the payload is as it is
            BREAKS RFC 6455 §5.1 [6455-5.1-02]: a client masks each of its frames (the answer is Close 1002)
  length    126         16 bits follow: 1 octets of payload
            BREAKS RFC 6455 §5.2 [6455-5.2-11]: the shortest length form is used (the answer is Close 1002)
  payload   2a          what an extension has made of the message

An endpoint that gets this fails the connection and reads nothing behind it
[6455-7.1.7-05] [6455-7.1.7-07].

1 frame, 3 rules broken
)";

TEST(Explain, TellsAllThatIsWrongWithOneFrame) {
    const explanation told = explained("c2 7e 0001 2a", sender::client);
    EXPECT_FALSE(told.keeps_all_rules);
    EXPECT_EQ(told.text.substr(told.text.find("  FIN ")), thrice_wrong);
}

TEST(Explain, DrawsEachFormOfALength) {
    std::string text = "82 7e 0100";
    for (int i = 0; i < 256; ++i) {
        text += " 55";
    }
    expect_parts(explained(text, sender::server).text,
                 {"Frame 1, octets 0 to 259: binary, 256 octets",
                  "Payload len |    Extended payload length    |", "01 00",
                  ": 234 octets of payload more\n", "length    126         16 bits follow: 256"});
    const explanation wide = explained("82 ff 0000000000010000 01020304 aa", sender::client);
    EXPECT_TRUE(wide.keeps_all_rules);
    expect_parts(wide.text,
                 {"Extended payload length", "Extended payload length (continued)", "length",
                  "Masking-key", "Payload", ": 65535 octets of payload more",
                  "64 bits follow: 65536 octets", "1 of 65536 octets of payload are here"});
}

TEST(Explain, NamesEachRuleThatAFrameBreaks) {
    const std::pair<std::string_view, std::vector<error_code>> broken[] = {
        {"c1 00", {error_code::frame_reserved_bit}},
        {"83 00", {error_code::frame_reserved_opcode}},
        {"8b 00", {error_code::frame_reserved_opcode}},
        {"80 00", {error_code::continuation_without_start}},
        {"01 00 81 00", {error_code::message_not_finished}},
        {"09 00", {error_code::control_fragmented}},
        {"89 7e 007e", {error_code::control_payload_too_long}},
        {"81 7e 007d", {error_code::frame_length_not_minimal}},
        {"81 7f 000000000000ffff", {error_code::frame_length_not_minimal}},
        {"81 7f 8000000000000000", {error_code::frame_length_top_bit}},
        {"79 7e 0001 00",
         {error_code::frame_reserved_bit, error_code::control_fragmented,
          error_code::control_payload_too_long, error_code::frame_length_not_minimal}},
        {"f0 00", {error_code::frame_reserved_bit, error_code::continuation_without_start}},
        {"f3 80 01020304",
         {error_code::frame_reserved_bit, error_code::frame_reserved_opcode,
          error_code::frame_masked}},
        {"01 00 c2 80 00000000 80 00",
         {error_code::frame_reserved_bit, error_code::message_not_finished,
          error_code::frame_masked, error_code::continuation_without_start}},
        {"88 01 03", {error_code::close_payload_one_byte}},
        {"88 02 03ed", {error_code::close_code_invalid}},
        {"88 03 03e8ff", {error_code::close_reason_not_utf8}},
        {"81 01 ff", {error_code::invalid_utf8}},
        {"81 01 c3", {error_code::invalid_utf8}},
        {"01 01 c3 80 01 28", {error_code::invalid_utf8}},
    };
    for (const auto& [hex, codes] : broken) {
        const explanation told = explained(hex, sender::server);
        EXPECT_FALSE(told.keeps_all_rules) << hex;
        EXPECT_EQ(count(told.text, "BREAKS RFC 6455 §"), codes.size()) << hex << '\n' << told.text;
        for (const error_code code : codes) {
            const error_facts& facts = facts_of(code);
            expect_parts(told.text, {std::string("[") + facts.requirement + "]: " + facts.text});
        }
        expect_parts(told.text, {std::to_string(codes.size()) +
                                 (codes.size() == 1 ? " rule broken\n" : " rules broken\n")});
    }
}

TEST(Explain, AgreesWithTheLibraryOnEveryFirstTwoOctets) {
    for (unsigned bits = 0; bits < 65536; ++bits) {
        for (const bool open : {false, true}) {
            std::vector<std::uint8_t> octets(140, 0);
            octets[0] = static_cast<std::uint8_t>(bits >> 8);
            octets[1] = static_cast<std::uint8_t>(bits & 0xFF);
            octets[3] = 126;
            for (const role sent_by : {role::server, role::client}) {
                frame_header header;
                const frame_rules rules{
                    .receiver = sent_by == role::client ? role::server : role::client,
                    .message_open = open};
                const frame_parse parse = parse_frame_head(octets, rules, header);
                const dissection made = dissect(octets, sent_by, open);
                if (parse.why == error_code::none) {
                    ASSERT_TRUE(made.broken.empty()) << bits;
                    ASSERT_EQ(made.head_size, parse.size) << bits;
                    ASSERT_EQ(made.header, header) << bits;
                } else {
                    ASSERT_FALSE(made.broken.empty()) << bits;
                    ASSERT_EQ(made.broken[0], parse.why) << bits;
                }
            }
        }
    }
}

TEST(Explain, JudgesTheMaskByWhoHasSentIt) {
    EXPECT_TRUE(explained("81 00").keeps_all_rules);
    EXPECT_TRUE(explained("81 80 01020304").keeps_all_rules);
    EXPECT_TRUE(explained("81 00", sender::server).keeps_all_rules);
    const explanation unmasked = explained("81 00", sender::client);
    expect_parts(unmasked.text, {"the payload is as it is", "[6455-5.1-02]"});
    const explanation masked = explained("81 80 01020304", sender::server);
    expect_parts(masked.text, {"[6455-5.1-05]"});
    // The first frame shows who speaks, and the others are judged by it.
    expect_parts(explained("81 80 01020304 81 00").text,
                 {"taken for a client", "Frame 2", "[6455-5.1-02]"});
}

TEST(Explain, FollowsAMessageThroughItsFrames) {
    const explanation told = explained("01 02 48c3 89 00 00 01 a4 80 00 82 01 ff");
    EXPECT_TRUE(told.keeps_all_rules) << told.text;
    expect_parts(told.text, {"Frame 1", "to be continued", "more frames of this message follow",
                             "a character goes on in the next frame", "Frame 2", "ping",
                             "between the frames of a message", "Frame 3", "continuation",
                             "Frame 4", "the message is complete: 3 octets of text", "Frame 5",
                             "binary", "5 frames, no rule broken"});
    expect_parts(explained("01 00").text, {"The message isn't finished"});
    EXPECT_EQ(count(explained("01 01 ff 80 01 ff").text, "BREAKS"), 1U);
    // Nobody reads what stands behind a Close, and data may not stand there.
    const explanation late = explained("88 00 81 00 89 00");
    EXPECT_FALSE(late.keeps_all_rules);
    EXPECT_EQ(count(late.text, "behind the sender's Close"), 2U);
    EXPECT_EQ(count(late.text, "[6455-5.5.1-06]: no data follows a Close"), 1U);
}

TEST(Explain, ShowsPayloadsForWhatTheyAre) {
    expect_parts(explained("88 06 03e8 62796521").text,
                 {"code      1000        normal closure", "[6455-5.5.1-02]", "reason    \"bye!\"",
                  "[6455-5.5.1-03]"});
    expect_parts(explained("88 00").text, {"(none)", "reports 1005"});
    expect_parts(explained("89 02 6869").text, {"\"hi\"", "[6455-5.5.2-02] [6455-5.5.3-01]"});
    expect_parts(explained("8a 00").text, {"\"\"", "[6455-5.5.3-04]"});
    expect_parts(explained("82 02 00ff").text, {"payload   00 ff"});
    expect_parts(explained("81 80 00000000").text, {"a key of zeros masks nothing"});
    expect_parts(explained("81 03 61ff62").text, {"number 1 of the message, from 0: 0xff"});
    // The text is that of the message: its first wrong octet may be frames ago.
    expect_parts(explained("01 02 61c3 80 01 61").text, {"number 2 of the message, from 0: 0x61"});
}

TEST(Explain, SaysWhatIsMissingAtAnyPlace) {
    std::vector<std::uint8_t> all;
    ASSERT_TRUE(read_hex("82 fe 007e 01020304", all));
    all.resize(all.size() + 126, 0x55);
    for (std::size_t size = 1; size < all.size(); ++size) {
        const explanation told = stream(byte_view(all).first(size), sender::unknown);
        EXPECT_TRUE(told.keeps_all_rules) << size;
        EXPECT_EQ(count(told.text, "The octets end inside of this frame"), 1U) << told.text;
        EXPECT_EQ(count(told.text, " of 126 octets of payload are here"), size < 8 ? 0U : 1U);
    }
    EXPECT_EQ(count(stream(all, sender::unknown).text, "octets end"), 0U);
    // Behind a length that means nothing, nothing can be found.
    expect_parts(explained("81 7f 8000000000000000 81 00").text,
                 {"isn't known", "1 frame, 1 rule"});
}

constexpr std::string_view good_head =
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

explanation head(std::string_view text, std::string_view key = {}) {
    return stream(as_bytes(text), sender::unknown, key);
}

std::string with(std::string_view text, std::string_view old, std::string_view now) {
    std::string changed(text);
    changed.replace(changed.find(old), old.size(), now);
    return changed;
}

TEST(ExplainHead, TellsARequestLineByLine) {
    const explanation told = head(std::string(good_head) + std::string("\x81\x00", 2));
    expect_parts(
        told.text,
        {"Head of the request, octets 0 to " + std::to_string(good_head.size() - 1) + "\n",
         "  GET / HTTP/1.1\n", "keeps  RFC 6455 §4.2.1 [6455-4.2.1-05]", "  Host: h\n",
         "[6455-4.2.1-07]", "  Upgrade: websocket\n", "[6455-4.2.1-08]", "  Connection: Upgrade\n",
         "[6455-4.2.1-09]", "  Sec-WebSocket-Key: dGhl", "[6455-4.2.1-10]",
         "74 68 65 20 73 61 6d 70",
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "  Sec-WebSocket-Version: 13\n",
         "[6455-4.2.1-11]", "Frame 1, octets " + std::to_string(good_head.size()) + " to ",
         "from the client", "[6455-5.1-02]", "1 frame, 1 rule broken"});
}

TEST(ExplainHead, JudgesEachLineByItself) {
    const struct {
        std::string_view old;
        std::string_view now;
        std::vector<std::string_view> rules;
    } cases[] = {
        {"GET", "POST", {"[6455-4.2.1-05]: the method is GET"}},
        {"GET /", "GET x", {"[9112-3.2-02]"}},
        {"Host: h", "Host: h h", {"[9112-3.2-01]: Host is a host"}},
        {"Host: h\r\n", "", {"(no Host)", "[9112-3.2-01]: exactly one"}},
        {"Host: h", "Host: h\r\nHost: h", {"BREAKS RFC 9112 §3.2", "the line of the same name"}},
        {"websocket", "h2c", {"[6455-4.2.1-08]"}},
        {"Connection: Upgrade", "Connection: close", {"[6455-4.2.1-09]"}},
        {"dGhl", "!", {"[6455-4.2.1-10]: the key is"}},
        {"Version: 13", "Version: 14", {"[6455-4.2.2-09]"}},
        {"Host: h", "Host: h\r\nSec-WebSocket-Protocol: a b", {"[6455-4.3-06]"}},
        {"Host: h", "Host: h\r\nSec-WebSocket-Extensions: ;", {"[6455-9.1-01]"}},
        {"Host: h", "Host: h\r\nContent-Length: 1", {"has no body"}},
    };
    for (const auto& each : cases) {
        const explanation told = head(with(good_head, each.old, each.now));
        EXPECT_FALSE(told.keeps_all_rules) << each.now;
        EXPECT_EQ(count(told.text, "BREAKS"), 1U) << told.text;
        expect_parts(told.text, each.rules);
    }
    EXPECT_TRUE(head(with(good_head, "Host: h", "Host: h\r\nCookie: x\r\nOrigin: http://o"))
                    .keeps_all_rules);
    const explanation bad =
        head(with(with(good_head, "websocket", "x"), "Version: 13", "Version: 012"));
    EXPECT_EQ(count(bad.text, "BREAKS"), 2U) << bad.text;
    const explanation plain = head("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(count(plain.text, "BREAKS"), 4U) << plain.text;
    EXPECT_EQ(count(plain.text, "  (no "), 4U) << plain.text;
}

constexpr std::string_view good_answer =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

TEST(ExplainHead, JudgesAnAnswerByTheKeyIfItIsKnown) {
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    const explanation told = head(std::string(good_answer) + std::string("\x81\x00", 2));
    EXPECT_TRUE(told.keeps_all_rules) << told.text;
    expect_parts(told.text, {"Head of the answer", "101: the server goes over", "[6455-4.2.2-18]",
                             "[6455-4.2.2-19]", "[6455-4.2.2-20]", "[6455-4.2.2-21]",
                             "give the key with --key", "from the server", "no rule broken"});
    EXPECT_TRUE(head(good_answer, key).keeps_all_rules);
    const explanation other = head(good_answer, "AQIDBAUGBwgJCgsMDQ4PEC==");
    EXPECT_EQ(count(other.text, "BREAKS"), 1U) << other.text;
    expect_parts(other.text, {"[6455-4.1-47]", "the right answer to AQID"});
    const struct {
        std::string_view old;
        std::string_view now;
        std::string_view rule;
    } cases[] = {
        {"101", "200", "[6455-4.1-44]"},
        {"websocket", "h2c", "[6455-4.1-45]"},
        {"Connection: Upgrade", "Connection: close", "[6455-4.1-46]"},
        {"s3pP", "s3p", "[6455-4.1-47]"},
        {"Upgrade: websocket\r\n", "", "[6455-4.1-45]"},
        {"websocket", "websocket\r\nSec-WebSocket-Protocol: a, b", "[6455-4.3-09]"},
    };
    for (const auto& each : cases) {
        const explanation made = head(with(good_answer, each.old, each.now), key);
        EXPECT_EQ(count(made.text, "BREAKS"), 1U) << each.now << '\n' << made.text;
        expect_parts(made.text, {each.rule});
    }
}

TEST(ExplainHead, ShowsWhereTheGrammarEnds) {
    expect_parts(head("HTTP/1.1 101 x\n").text,
                 {"octet 14 is wrong, behind \"HTTP/1.1 101 x\"", "\"\\x0a\"",
                  facts_of(error_code::request_illegal_byte).text});
    expect_parts(head("GET / HT").text, {"The octets end inside of this head"});
    expect_parts(head("GET / HTTP/1.1\r\nHost: \x01").text, {"octet 22 is wrong", "BREAKS"});
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
        ASSERT_EQ(count(told.text, "defined   "), 1U) << code;
        ASSERT_EQ(count(told.text, "sent by   nobody"), travels ? 0U : 1U) << code;
    }
    expect_parts(close_code(1000).text, {"normal closure", "88 02 03 e8"});
    expect_parts(close_code(1006).text, {"abnormal closure", "never stands in a Close frame"});
    expect_parts(close_code(4001).text, {"private", "88 02 0f a1", "a page may pass it"});
    expect_parts(close_code(1010).text, {"a client alone", "[6455-7.4.1-14]", "refuses it"});
    expect_parts(close_code(1012).text, {"registry"});
}

TEST(ExplainVerb, TakesHexFromItsArgumentsOrItsInput) {
    const run_result from_arguments = run({"81", "00"});
    EXPECT_EQ(from_arguments.status, 0);
    expect_parts(from_arguments.out, {"Frame 1, octets 0 to 1: text"});
    EXPECT_EQ(run({}, "81 00\n").out, from_arguments.out);
    EXPECT_EQ(run({}, std::string_view("\x81\x00", 2)).out, from_arguments.out);
    EXPECT_EQ(run({"--from", "client", "8100"}).status, 1);
    EXPECT_EQ(run({"--from", "server", "8100"}).status, 0);
    expect_parts(run({"--raw"}, "81 00").out, {"octets 0 to 4: ", "of payload are here"});
    EXPECT_EQ(run({"close", "1000"}).status, 0);
    EXPECT_EQ(run({"handshake", "x"}).status, 1);
    EXPECT_EQ(run({"--help"}).status, 0);
}

TEST(ExplainVerb, ReadsACaptureFromAFile) {
    char name[] = "/tmp/plainsong-XXXXXX";
    const int file = ::mkstemp(name);
    ASSERT_GE(file, 0);
    const std::string octets = std::string(good_answer) + std::string("\x81\x00", 2);
    ASSERT_EQ(::write(file, octets.data(), octets.size()), ssize_t(octets.size()));
    ::close(file);
    run_result said = run({"--file", name, "--key", "dGhlIHNhbXBsZSBub25jZQ=="});
    EXPECT_EQ(said.status, 0);
    expect_parts(said.out, {"Head of the answer", "the right answer to", "Frame 1", "1 frame, no"});
    EXPECT_EQ(run({"--file", name, "--key", "AQIDBAUGBwgJCgsMDQ4PEC=="}).status, 1);
    ::unlink(name);
    said = run({"--file", name});
    EXPECT_EQ(said.status, 1);
    EXPECT_EQ(said.out, "");
    expect_parts(said.err, {name, "No such file"});
}

TEST(ExplainVerb, SaysHowItIsUsed) {
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{"8"},
                                               {"zz"},
                                               {"--from"},
                                               {"--file"},
                                               {"--key"},
                                               {"--file", "x", "8100"},
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
