// SPDX-License-Identifier: MIT
// load_frames_test.cpp — what the load generator sends is what it claims to send.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <plainsong/codec/mask.hpp>
#include <plainsong/codec/utf8.hpp>
#include <plainsong/ws/frame.hpp>

#include "tests/support/inflating.hpp"
#include "tools/load_frames.hpp"

namespace plainsong::load {
namespace {

constexpr std::size_t sizes[] = {0, 1, 2, 125, 126, 1024, 65535, 65536};

options asking_for(std::size_t size, payload_kind kind) {
    options wanted;
    wanted.size = size;
    wanted.payload = kind;
    wanted.tell_sizes = true;
    return wanted;
}

TEST(LoadFrames, AreMaskedFramesOfThePayloadsThatTheyClaim) {
    for (const std::size_t size : sizes) {
        frame_ring ring;
        ASSERT_FALSE(ring.fill(asking_for(size, payload_kind::binary)));
        byte_view rest = ring.stream();
        for (std::size_t i = 0; i < ring.count(); ++i) {
            frame_header header;
            const frame_parse parse = parse_frame_head(rest, frame_rules{}, header);
            ASSERT_EQ(parse.why, error_code::none);
            ASSERT_EQ(header.payload_size, size);
            EXPECT_EQ(header.op, opcode::binary);
            EXPECT_NE(header.key, mask_key{});
            ASSERT_EQ(parse.size + size, ring.frame_bytes());
            std::vector<std::uint8_t> payload(rest.begin() + parse.size,
                                              rest.begin() + std::ptrdiff_t(ring.frame_bytes()));
            apply_mask(payload, header.key);
            EXPECT_TRUE(std::equal(payload.begin(), payload.end(), ring.payload(i)));
            rest = rest.subspan(ring.frame_bytes());
        }
        EXPECT_TRUE(rest.empty());
    }
}

TEST(LoadFrames, ExpectUnmaskedEchoesOfTheSamePayloads) {
    for (const std::size_t size : sizes) {
        frame_ring ring;
        ASSERT_FALSE(ring.fill(asking_for(size, payload_kind::ascii)));
        ASSERT_EQ(ring.echoes().size(), ring.count() * ring.echo_bytes());
        frame_rules rules;
        rules.receiver = role::client;
        frame_header header;
        const byte_view second = ring.echoes().subspan(ring.echo_bytes());
        const frame_parse parse = parse_frame_head(second, rules, header);
        ASSERT_EQ(parse.why, error_code::none);
        EXPECT_EQ(header.op, opcode::text);
        EXPECT_EQ(parse.size + header.payload_size, ring.echo_bytes());
        EXPECT_EQ(ring.frame_bytes() - ring.echo_bytes(), mask_key{}.bytes.size());
        EXPECT_TRUE(std::equal(second.begin() + parse.size,
                               second.begin() + std::ptrdiff_t(ring.echo_bytes()),
                               ring.payload(1)));
    }
}

TEST(LoadFrames, DifferInKeyAndPayload) {
    frame_ring ring;
    ASSERT_FALSE(ring.fill(asking_for(64, payload_kind::binary)));
    std::set<std::string> keys;
    std::set<std::string> payloads;
    for (std::size_t i = 0; i < ring.count(); ++i) {
        const byte_view frame = ring.stream().subspan(i * ring.frame_bytes(), ring.frame_bytes());
        keys.emplace(as_text(frame.subspan(2, 4)));
        payloads.emplace(as_text({ring.payload(i), ring.payload_bytes()}));
    }
    EXPECT_GE(ring.count(), 200U);
    EXPECT_GE(keys.size(), ring.count() - 1);  // two of 256 may be the same by chance
    EXPECT_EQ(payloads.size(), ring.count());
}

TEST(LoadFrames, MixedTextIsUtf8OfOneToThreeBytes) {
    for (const std::size_t size : sizes) {
        frame_ring ring;
        ASSERT_FALSE(ring.fill(asking_for(size, payload_kind::mixed)));
        std::size_t lengths[4] = {};
        for (std::size_t i = 0; i < ring.count(); ++i) {
            const byte_view text{ring.payload(i), size};
            ASSERT_TRUE(is_utf8(text));
            for (const std::uint8_t byte : text) {
                ++lengths[byte < 0x80 ? 1 : byte < 0xC0 ? 0 : byte < 0xE0 ? 2 : 3];
            }
        }
        if (size >= 125) {
            EXPECT_GT(lengths[1], lengths[0] / 5);
            EXPECT_GT(lengths[2], lengths[0] / 5);
            EXPECT_GT(lengths[3], lengths[0] / 5);
        }
    }
}

TEST(LoadFrames, CompressEachMessageForItself) {
    for (const std::size_t size : sizes) {
        options wanted = asking_for(size, payload_kind::json);
        wanted.tell_sizes = false;
        wanted.compression = compression_kind::takeover;
        frame_ring ring;
        ASSERT_FALSE(ring.fill(wanted));
        frame_rules rules;
        rules.compression = true;
        for (std::size_t i = 0; i < ring.count(); ++i) {
            const std::uint64_t end = ring.start_of(i + 1);
            const byte_view frame = ring.stream().subspan(
                ring.start_of(i), static_cast<std::size_t>(end - ring.start_of(i)));
            frame_header header;
            const frame_parse parse = parse_frame_head(frame, rules, header);
            ASSERT_EQ(parse.why, error_code::none);
            EXPECT_TRUE(header.compressed);
            std::vector<std::uint8_t> payload(frame.begin() + parse.size, frame.end());
            ASSERT_EQ(header.payload_size, payload.size());
            EXPECT_TRUE(size < 1024 || payload.size() < size / 2);
            apply_mask(payload, header.key);
            const tests::inflated back = tests::inflating({}).run(payload);
            EXPECT_EQ(back.code, error_code::none);
            ASSERT_EQ(back.text.size(), size);
            EXPECT_TRUE(std::equal(back.text.begin(), back.text.end(), ring.payload(i)));
        }
    }
}

TEST(LoadFrames, KnowWhereEachFrameBeginsInAnyRound) {
    for (const compression_kind kind : {compression_kind::none, compression_kind::each}) {
        options wanted = asking_for(300, payload_kind::json);
        wanted.compression = kind;
        frame_ring ring;
        ASSERT_FALSE(ring.fill(wanted));
        const std::uint64_t rounds = 2 * ring.count() + 3;
        for (std::uint64_t i = 0; i < rounds; ++i) {
            const std::uint64_t start = ring.start_of(i);
            EXPECT_EQ(ring.start_from(start), start);
            EXPECT_EQ(ring.start_from(start + 1), ring.start_of(i + 1));
            EXPECT_EQ(ring.start_from(ring.start_of(i + 1) - 1), ring.start_of(i + 1));
        }
        EXPECT_EQ(ring.start_of(2 * ring.count()), 2 * ring.stream().size());
    }
}

}  // namespace
}  // namespace plainsong::load
