// SPDX-License-Identifier: MIT
// message_test.cpp — from frames to messages: type, size, count, text, and the joining of chunks.
//
// Covers: ws/message.
#include <plainsong/ws/message.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

constexpr frame_header head_of(opcode op, std::uint64_t size, bool final = true) {
    return {.payload_size = size, .op = op, .final = final};
}

TEST(MessageReader, IsOpenFromTheFirstFrameToTheEnd) {
    tests::proves({"6455-6.2-05"});
    message_reader reader;
    EXPECT_FALSE(reader.is_open());
    EXPECT_EQ(reader.begin_frame(head_of(opcode::binary, 3, false), 9), error_code::none);
    EXPECT_TRUE(reader.is_open());
    EXPECT_TRUE(reader.end_message());
    EXPECT_FALSE(reader.is_open());
}

TEST(MessageReader, TakesTheTypeFromTheFirstFrame) {
    tests::proves({"6455-5.4-17", "6455-6.2-03"});
    for (const opcode type : {opcode::text, opcode::binary}) {
        message_reader reader;
        ASSERT_EQ(reader.begin_frame(head_of(type, 0, false), 9), error_code::none);
        ASSERT_EQ(reader.begin_frame(head_of(opcode::continuation, 0), 9), error_code::none);
        EXPECT_EQ(reader.type(), type);
        ASSERT_TRUE(reader.end_message());
        EXPECT_EQ(reader.type(), type);  // until the next message begins
    }
}

TEST(MessageReader, AddsUpTheSizesOfTheFramesAndForgetsThemAtTheEnd) {
    message_reader reader;
    ASSERT_EQ(reader.begin_frame(head_of(opcode::binary, 3, false), 9), error_code::none);
    ASSERT_EQ(reader.begin_frame(head_of(opcode::continuation, 1ULL << 40), 9), error_code::none);
    EXPECT_EQ(reader.size(), (1ULL << 40) + 3);
    ASSERT_TRUE(reader.end_message());
    EXPECT_EQ(reader.size(), 0U);
}

TEST(MessageReader, CountsEmptyFragmentsToTheLimitAndNoFurther) {
    tests::proves({"6455-10.4-01"});
    for (const std::uint32_t limit : {1U, 2U, 16384U}) {
        message_reader reader;
        for (std::uint32_t i = 0; i < limit; ++i) {
            const auto head = head_of(i == 0 ? opcode::text : opcode::continuation, 0, false);
            ASSERT_EQ(reader.begin_frame(head, limit), error_code::none);
        }
        EXPECT_EQ(reader.begin_frame(head_of(opcode::continuation, 0), limit),
                  error_code::too_many_fragments);
        ASSERT_TRUE(reader.end_message());
        EXPECT_EQ(reader.begin_frame(head_of(opcode::text, 0), limit), error_code::none);
    }
    message_reader reader;
    EXPECT_EQ(reader.begin_frame(head_of(opcode::text, 0), 0), error_code::too_many_fragments);
}

TEST(MessageReader, FollowsTextOverChunksAndBinaryNotAtAll) {
    tests::proves({"6455-5.6-02", "6455-5.6-03", "6455-5.6-04", "6455-8.1-01"});
    const std::uint8_t euro[] = {0xe2, 0x82, 0xac};
    const std::uint8_t surrogate[] = {0xed, 0xa0, 0x80};
    message_reader reader;
    ASSERT_EQ(reader.begin_frame(head_of(opcode::text, 9), 9), error_code::none);
    EXPECT_EQ(reader.accept(byte_view{euro}.first(1)), 1U);
    EXPECT_EQ(reader.accept(byte_view{euro}.subspan(1)), 2U);
    EXPECT_EQ(reader.accept(byte_view{surrogate}.first(1)), 1U);
    EXPECT_EQ(reader.accept(byte_view{surrogate}.subspan(1)), 0U);

    message_reader other;
    ASSERT_EQ(other.begin_frame(head_of(opcode::binary, 9), 9), error_code::none);
    EXPECT_EQ(other.accept(surrogate), 3U);
    EXPECT_EQ(other.accept(byte_view{euro}.first(1)), 1U);
    EXPECT_TRUE(other.end_message());
}

TEST(MessageReader, RefusesATextThatStopsInsideACharacterAndStartsTheNextAfresh) {
    tests::proves({"6455-5.6-02"});
    const std::uint8_t half[] = {0xf0, 0x90};
    message_reader reader;
    ASSERT_EQ(reader.begin_frame(head_of(opcode::text, 2), 9), error_code::none);
    ASSERT_EQ(reader.accept(half), 2U);
    EXPECT_FALSE(reader.end_message());
    ASSERT_EQ(reader.begin_frame(head_of(opcode::text, 1), 9), error_code::none);
    EXPECT_EQ(reader.accept(as_bytes("a")), 1U);
    EXPECT_TRUE(reader.end_message());
}

TEST(MessageReader, IsSmall) {
    EXPECT_LE(sizeof(message_reader), 16U);
}

TEST(MessageAssembler, JoinsChunksInOrder) {
    tests::proves({"6455-5.4-08", "6455-6.2-04"});
    std::uint8_t storage[8];
    message_assembler joined{storage};
    EXPECT_TRUE(joined.append(as_bytes("ab"), true));
    EXPECT_TRUE(joined.append({}, false));
    EXPECT_TRUE(joined.append(as_bytes("cd"), false));
    EXPECT_EQ(as_text(joined.bytes()), "abcd");
    EXPECT_TRUE(joined.append(as_bytes("e"), true));
    EXPECT_EQ(as_text(joined.bytes()), "e");
}

TEST(MessageAssembler, FillsItsStorageToTheLastOctetAndKeepsWhatItHasBeyond) {
    tests::proves({"6455-10.4-01"});
    tests::guarded_memory memory{16};
    for (const auto storage : {memory.at_end(4), memory.at_begin(4)}) {
        message_assembler joined{storage};
        ASSERT_TRUE(joined.append(as_bytes("abc"), true));
        EXPECT_FALSE(joined.append(as_bytes("de"), false));
        EXPECT_EQ(as_text(joined.bytes()), "abc");
        EXPECT_TRUE(joined.append(as_bytes("d"), false));
        EXPECT_FALSE(joined.append(as_bytes("e"), false));
        EXPECT_FALSE(joined.append(as_bytes("12345"), true));
        EXPECT_EQ(as_text(joined.bytes()), "abcd");
        EXPECT_TRUE(joined.append(as_bytes("1234"), true));
        EXPECT_EQ(as_text(joined.bytes()), "1234");
    }
}

TEST(MessageAssembler, TakesEmptyMessagesWithoutStorage) {
    message_assembler joined{{}};
    EXPECT_TRUE(joined.append({}, true));
    EXPECT_TRUE(joined.bytes().empty());
    EXPECT_FALSE(joined.append(as_bytes("a"), false));
}

}  // namespace
}  // namespace plainsong
