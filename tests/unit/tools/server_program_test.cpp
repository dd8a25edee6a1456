// SPDX-License-Identifier: MIT
// server_program_test.cpp — what the options of the serving verbs make of a server's limits.
#include "tools/server_program.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace plainsong::tools {
namespace {

limits bounds_with(std::uint64_t max_message) {
    server_settings settings;
    settings.max_message = max_message;
    std::vector<std::string_view> origins;
    return options_from(settings, origins).bounds;
}

TEST(ServerProgram, KeepsToTheLimitsOfTheLibraryUnlessItIsTold) {
    const limits usual;
    const limits bounds = bounds_with(0);
    EXPECT_EQ(bounds.message_bytes, usual.message_bytes);
    EXPECT_EQ(bounds.frame_bytes, usual.frame_bytes);
    EXPECT_EQ(bounds.outbox_bytes, usual.outbox_bytes);
}

TEST(ServerProgram, QueuesWhatItTakesAndNoLessThanUsual) {
    const limits usual;
    for (const std::uint64_t size :
         {std::uint64_t{1}, std::uint64_t{100}, std::uint64_t{usual.outbox_bytes - 1}}) {
        const limits bounds = bounds_with(size);
        EXPECT_EQ(bounds.message_bytes, size);
        EXPECT_EQ(bounds.frame_bytes, size);
        EXPECT_EQ(bounds.outbox_bytes, usual.outbox_bytes);
        EXPECT_LE(bounds.outbox_high_bytes, bounds.outbox_bytes);
    }
    EXPECT_EQ(bounds_with(64 << 20).outbox_bytes, 64U << 20);
}

}  // namespace
}  // namespace plainsong::tools
