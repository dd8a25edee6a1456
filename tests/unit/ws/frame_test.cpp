// SPDX-License-Identifier: MIT
// frame_test.cpp — the head of a frame: the examples of RFC 6455 §5.7, each shape at each length of
// input with nothing readable behind it, and each pair of first octets against an oracle.
//
// Covers: ws/frame.
#include <plainsong/ws/frame.hpp>
#include <plainsong/ws/limits.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/wire.hpp"

namespace plainsong {
namespace {

using tests::head_on_wire;
using tests::octets;
using tests::wire_frame;

constexpr role both_roles[] = {role::server, role::client};

/// As `receiver` likes it: masked for a server.
wire_frame masked_for(role receiver, wire_frame frame) {
    frame.masked = receiver == role::server;
    frame.key = {0x37, 0xfa, 0x21, 0x3d};
    return frame;
}

frame_parse parse(byte_view in, const frame_rules& rules) {
    frame_header header;
    return parse_frame_head(in, rules, header);
}

std::string name_of(error_code why) {
    return facts_of(why).name;
}

// ---- the examples

struct example {
    role receiver;
    frame_header header;
    octets head;
};

const mask_key example_key{{0x37, 0xfa, 0x21, 0x3d}};

const std::vector<example>& examples() {
    static const std::vector<example> all = {
        {role::client, {.payload_size = 5, .op = opcode::text}, {0x81, 0x05}},
        {role::server,
         {.payload_size = 5, .key = example_key, .op = opcode::text, .masked = true},
         {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d}},
        {role::client, {.payload_size = 3, .op = opcode::text, .final = false}, {0x01, 0x03}},
        // RFC 7692 §7.2.3.1
        {role::client, {.payload_size = 7, .op = opcode::text, .compressed = true}, {0xc1, 0x07}},
        {role::client,
         {.payload_size = 3, .op = opcode::text, .final = false, .compressed = true},
         {0x41, 0x03}},
        {role::client, {.payload_size = 2, .op = opcode::continuation}, {0x80, 0x02}},
        {role::client, {.payload_size = 5, .op = opcode::ping}, {0x89, 0x05}},
        {role::server,
         {.payload_size = 5, .key = example_key, .op = opcode::pong, .masked = true},
         {0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d}},
        {role::client, {.payload_size = 256, .op = opcode::binary}, {0x82, 0x7e, 0x01, 0x00}},
        {role::client,
         {.payload_size = 65536, .op = opcode::binary},
         {0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}},
    };
    return all;
}

TEST(FrameHead, ReadsTheExamplesOfTheRfc) {
    tests::proves({"6455-5.7-01", "6455-5.2-01", "6455-5.2-06", "6455-5.2-07", "6455-5.2-08",
                   "6455-5.2-10", "6455-5.2-13"});
    for (const example& one : examples()) {
        frame_header header;
        const frame_rules rules{.receiver = one.receiver,
                                .message_open = one.header.op == opcode::continuation,
                                .compression = one.header.compressed};
        const frame_parse parsed = parse_frame_head(one.head, rules, header);
        EXPECT_EQ(parsed.size, one.head.size());
        EXPECT_EQ(parsed.why, error_code::none);
        EXPECT_EQ(header, one.header);
    }
}

TEST(FrameHead, WritesTheExamplesOfTheRfc) {
    tests::proves({"6455-5.7-01", "6455-5.2-01", "6455-5.2-03", "6455-6.1-04"});
    for (const example& one : examples()) {
        const frame_head head = encode_frame_head(one.header);
        EXPECT_EQ(octets(head.view().begin(), head.view().end()), one.head);
    }
}

// ---- sizes

const std::vector<std::uint64_t>& telling_sizes() {
    static const std::vector<std::uint64_t> all = {0,
                                                   1,
                                                   2,
                                                   124,
                                                   125,
                                                   126,
                                                   127,
                                                   128,
                                                   255,
                                                   256,
                                                   65534,
                                                   65535,
                                                   65536,
                                                   65537,
                                                   1U << 20,
                                                   (1U << 31) - 1,
                                                   1ULL << 31,
                                                   (1ULL << 32) - 1,
                                                   1ULL << 32,
                                                   1ULL << 62,
                                                   max_payload_size};
    return all;
}

TEST(FrameHead, GoesThroughEachShapeAndBack) {
    tests::proves({"6455-5.2-08", "6455-5.2-11", "6455-5.2-12", "6455-5.3-01", "6455-5.3-07"});
    for (const role receiver : both_roles) {
        for (const std::uint64_t size : telling_sizes()) {
            for (const unsigned op : {0U, 1U, 2U}) {
                for (const bool final : {false, true}) {
                    const wire_frame frame =
                        masked_for(receiver, {.opcode = op, .final = final, .announced = size});
                    const octets wire = head_on_wire(frame);
                    frame_header header;
                    const frame_parse parsed = parse_frame_head(
                        wire, {.receiver = receiver, .message_open = op == 0}, header);
                    ASSERT_EQ(parsed.why, error_code::none) << size;
                    ASSERT_EQ(parsed.size, wire.size());
                    EXPECT_EQ(header.payload_size, size);
                    EXPECT_EQ(header.op, static_cast<opcode>(op));
                    EXPECT_EQ(header.final, final);
                    EXPECT_EQ(header.masked, frame.masked);
                    EXPECT_EQ(header.key.bytes, frame.masked ? frame.key : mask_key{}.bytes);
                    const frame_head head = encode_frame_head(header);
                    EXPECT_EQ(octets(head.view().begin(), head.view().end()), wire);
                }
            }
        }
    }
}

TEST(FrameHead, WantsMoreAtEachPrefixAndReadsNothingBehindIt) {
    tests::proves({"6455-5.2-07", "6455-5.2-08"});
    tests::guarded_memory memory{max_frame_head_bytes};
    for (const role receiver : both_roles) {
        for (const std::uint64_t size : telling_sizes()) {
            const octets wire =
                head_on_wire(masked_for(receiver, {.opcode = 2, .announced = size}));
            for (std::size_t length = 0; length <= wire.size(); ++length) {
                const auto in = memory.at_end(length);
                std::copy_n(wire.begin(), length, in.begin());
                const frame_parse parsed = parse(in, {.receiver = receiver});
                EXPECT_EQ(parsed.why, error_code::none);
                EXPECT_EQ(parsed.size, length == wire.size() ? wire.size() : 0U);
            }
        }
    }
}

TEST(FrameHead, IgnoresWhatFollowsIt) {
    tests::proves({"6455-10.7-05"});
    for (const std::uint8_t follower : octets{0x00, 0x81, 0xff}) {
        octets wire = {0x82, 0x7e, 0x01, 0x00};
        wire.resize(64, follower);
        EXPECT_EQ(parse(wire, {.receiver = role::client}).size, 4);
    }
}

TEST(FrameHead, RefusesALengthThatIsNotMinimal) {
    tests::proves({"6455-5.2-11"});
    for (const role receiver : both_roles) {
        for (const std::uint64_t size : telling_sizes()) {
            for (const unsigned bits : {16U, 64U}) {
                const bool wrong = bits == 16 ? size < 126 : size < 65536;
                if (!wrong) {
                    continue;
                }
                const wire_frame frame =
                    masked_for(receiver, {.opcode = 2, .length_bits = bits, .announced = size});
                const octets wire = head_on_wire(frame);
                const frame_parse parsed = parse(wire, {.receiver = receiver});
                EXPECT_EQ(name_of(parsed.why), "frame_length_not_minimal") << size;
                EXPECT_EQ(parsed.offset, 2);
                EXPECT_EQ(parsed.size, 0);
            }
        }
    }
}

TEST(FrameHead, RefusesTheTopBitOfALength) {
    tests::proves({"6455-5.2-09"});
    for (const role receiver : both_roles) {
        for (const std::uint64_t size :
             {1ULL << 63, (1ULL << 63) + 1, ~0ULL, ~0ULL - 3, ~0ULL - 13}) {
            for (const unsigned op : {0U, 1U, 2U}) {
                const octets wire =
                    head_on_wire(masked_for(receiver, {.opcode = op, .announced = size}));
                // The limits are as wide as can be: the rule stands without them.
                const frame_parse parsed =
                    parse(wire, {.receiver = receiver, .message_open = op == 0});
                EXPECT_EQ(name_of(parsed.why), "frame_length_top_bit") << size;
                EXPECT_EQ(parsed.offset, 2);
            }
        }
    }
}

TEST(FrameHead, JudgesALengthBeforeTheKeyIsThere) {
    tests::proves({"6455-10.4-01"});
    octets wire = head_on_wire(masked_for(role::server, {.opcode = 2, .announced = 1ULL << 32}));
    wire.resize(wire.size() - 4);
    EXPECT_EQ(name_of(parse(wire, {.frame_bytes = 1 << 20}).why), "frame_too_big");
}

TEST(FrameHead, LetsAFrameBeAsLongAsTheLimitsAndNoLonger) {
    tests::proves({"6455-10.4-01", "6455-10.4-02"});
    for (const std::uint64_t limit : {0ULL, 1ULL, 125ULL, 126ULL, 65535ULL, 65536ULL, 1ULL << 40}) {
        const auto verdict = [&](std::uint64_t size, const frame_rules& rules) {
            return parse(head_on_wire({.opcode = 2, .announced = size}), rules);
        };
        const frame_rules frame{.receiver = role::client, .frame_bytes = limit};
        EXPECT_EQ(verdict(limit, frame).why, error_code::none);
        EXPECT_EQ(name_of(verdict(limit + 1, frame).why), "frame_too_big");
        EXPECT_EQ(verdict(limit + 1, frame).offset, limit + 1 < 126 ? 1 : 2);
        const frame_rules message{.receiver = role::client, .message_bytes = limit};
        EXPECT_EQ(verdict(limit, message).why, error_code::none);
        EXPECT_EQ(name_of(verdict(limit + 1, message).why), "message_too_big");
        // Control frames are no part of a message.
        const frame_rules none{.receiver = role::client, .frame_bytes = 0, .message_bytes = 0};
        EXPECT_EQ(parse(head_on_wire({.opcode = 9, .announced = 125}), none).why, error_code::none);
    }
}

TEST(FrameHead, LetsACompressedFrameBeALittleLarger) {
    tests::proves({"6455-10.4-01"});
    for (const std::uint64_t limit : {0ULL, 1ULL, 1000ULL, 1ULL << 20, 1ULL << 62, ~0ULL}) {
        const std::uint64_t most = compressed_limit(limit);
        EXPECT_GE(most, limit);
        EXPECT_TRUE(most > limit || limit == ~0ULL);
        const auto verdict = [&](std::uint64_t size, unsigned rsv, bool is_frame) {
            const frame_rules rules{.receiver = role::client,
                                    .frame_bytes = is_frame ? limit : max_payload_size,
                                    .message_bytes = is_frame ? max_payload_size : limit,
                                    .compression = true};
            return parse(head_on_wire({.opcode = 2, .rsv = rsv, .announced = size}), rules).why;
        };
        if (most < max_payload_size) {
            for (const bool is_frame : {true, false}) {
                EXPECT_EQ(verdict(most, 4, is_frame), error_code::none);
                EXPECT_NE(verdict(most + 1, 4, is_frame), error_code::none);
                EXPECT_NE(verdict(limit + 1, 0, is_frame), error_code::none);
            }
        }
    }
}

TEST(FrameHead, RefusesALongControlFrameAtItsSecondOctet) {
    tests::proves({"6455-5.5-02"});
    for (const role receiver : both_roles) {
        for (const unsigned op : {8U, 9U, 10U}) {
            for (const std::uint64_t size :
                 {126ULL, 127ULL, 65535ULL, 65536ULL, (1ULL << 63) - 1, ~0ULL}) {
                octets wire = head_on_wire(masked_for(receiver, {.opcode = op, .announced = size}));
                wire.resize(2);
                const frame_parse parsed = parse(wire, {.receiver = receiver});
                EXPECT_EQ(name_of(parsed.why), "control_payload_too_long");
                EXPECT_EQ(parsed.offset, 1);
            }
        }
    }
}

// ---- all first two octets

/// What RFC 6455 §5 says of the two, as a list of rules in the order of the octets.
std::string oracle(unsigned first, unsigned second, const frame_rules& rules) {
    const role receiver = rules.receiver;
    const bool message_open = rules.message_open;
    const unsigned op = first % 16;
    const bool final = first >= 128;
    const bool control = op >= 8;
    const bool known = op == 0 || op == 1 || op == 2 || op == 8 || op == 9 || op == 10;
    const bool is_marked = rules.compression && (op == 1 || op == 2) && first / 16 % 8 == 4;
    if (first / 16 % 8 != 0 && !is_marked) {
        return "frame_reserved_bit at 0";
    }
    if (!known) {
        return "frame_reserved_opcode at 0";
    }
    if (control && !final) {
        return "control_fragmented at 0";
    }
    if (op == 0 && !message_open) {
        return "continuation_without_start at 0";
    }
    if ((op == 1 || op == 2) && message_open) {
        return "message_not_finished at 0";
    }
    if (receiver == role::server && second < 128) {
        return "frame_not_masked at 1";
    }
    if (receiver == role::client && second >= 128) {
        return "frame_masked at 1";
    }
    if (control && second % 128 > 125) {
        return "control_payload_too_long at 1";
    }
    const bool long_form = second % 128 > 125;
    return receiver == role::client && !long_form ? "whole" : "more";
}

TEST(FrameHead, JudgesEveryPairOfFirstOctetsLikeTheOracle) {
    tests::proves({"6455-5.1-02", "6455-5.1-05", "6455-5.2-02", "6455-5.2-04", "6455-5.2-05",
                   "6455-5.4-04", "6455-5.4-05", "6455-5.4-07", "6455-5.4-17", "6455-5.5-01",
                   "6455-5.5-02", "6455-5.5-03", "6455-5.6-01", "6455-5.8-01", "7692-6.1-05",
                   "7692-5-14"});
    for (unsigned pair = 0; pair < 65536; ++pair) {
        const octets wire = {static_cast<std::uint8_t>(pair / 256),
                             static_cast<std::uint8_t>(pair)};
        for (const role receiver : both_roles) {
            for (const unsigned state : {0U, 1U, 2U, 3U}) {
                const frame_rules rules{.receiver = receiver,
                                        .message_open = state % 2 != 0,
                                        .compression = state / 2 != 0};
                const frame_parse parsed = parse(wire, rules);
                const std::string verdict =
                    parsed.why != error_code::none
                        ? name_of(parsed.why) + " at " + std::to_string(parsed.offset)
                    : parsed.size == 0 ? "more"
                                       : "whole";
                ASSERT_EQ(verdict, oracle(pair / 256, pair % 256, rules)) << std::hex << pair;
                // The first octet is judged without the second.
                const frame_parse early = parse(byte_view{wire}.first(1), rules);
                ASSERT_EQ(early.why != error_code::none, verdict.ends_with(" at 0"));
            }
        }
    }
}

TEST(FrameHead, KeepsItsVerdictWhenMoreOctetsFollow) {
    tests::proves({"6455-6.2-01"});
    for (unsigned pair = 0; pair < 65536; ++pair) {
        octets wire = {static_cast<std::uint8_t>(pair / 256), static_cast<std::uint8_t>(pair)};
        for (const std::uint8_t filler : octets{0x00, 0x7f, 0xff}) {
            wire.resize(2);
            wire.resize(14, filler);
            const frame_rules rules{.receiver = pair % 256 >= 128 ? role::server : role::client,
                                    .frame_bytes = 1 << 20};
            frame_parse settled;
            for (std::size_t length = 0; length <= wire.size(); ++length) {
                const frame_parse parsed = parse(byte_view{wire}.first(length), rules);
                if (settled.size != 0 || settled.why != error_code::none) {
                    ASSERT_EQ(parsed.size, settled.size);
                    ASSERT_EQ(parsed.why, settled.why);
                    ASSERT_EQ(parsed.offset, settled.offset);
                }
                settled = parsed;
            }
            ASSERT_TRUE(settled.size != 0 || settled.why != error_code::none);
        }
    }
}

}  // namespace
}  // namespace plainsong
