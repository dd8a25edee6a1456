// SPDX-License-Identifier: MIT
#include "src/app/message_block.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace plainsong {
namespace {

/// Appends as a session does.
void fill(message_cache& cache, message_block& block, std::size_t size, std::uint64_t expected,
          std::uint8_t with) {
    cache.reserve(block, size, expected);
    ASSERT_LE(size, block.free_bytes().size());
    std::memset(block.free_bytes().data(), with, size);
    block.size += size;
}

TEST(MessageCache, GrowsWithWhatHasArrivedAndNotWithWhatWasAnnounced) {
    message_cache cache(0);
    for (const std::size_t step : {1U, 10U, 100U, 1460U, 4096U, 65'536U}) {
        message_block block;
        const std::size_t whole = 1 << 20;
        while (block.size < whole) {
            const std::size_t more = std::min(step, whole - block.size);
            fill(cache, block, more, whole - block.size, 1);
            ASSERT_LE(block.capacity, 2 * block.size + 4096) << step;
        }
        cache.release(block);
    }
}

TEST(MessageCache, KeepsWhatWasThereWhenItGrows) {
    message_cache cache(1 << 20);
    for (int round = 0; round < 3; ++round) {  // from the heap first, from the cache later
        message_block block;
        std::string expected;
        for (std::size_t i = 0; i < 40; ++i) {
            fill(cache, block, 1000 + i, 1000 + i, static_cast<std::uint8_t>('a' + i % 26));
            expected.append(1000 + i, static_cast<char>('a' + i % 26));
        }
        EXPECT_EQ(as_text(block.bytes()), expected);
        EXPECT_TRUE(block.holds(block.begin()));
        EXPECT_TRUE(block.holds(block.memory)) << "the place for a head is part of it";
        EXPECT_FALSE(block.holds(block.begin() + block.capacity));
        cache.release(block);
        EXPECT_EQ(block.memory, nullptr);
        EXPECT_EQ(block.size, 0U);
    }
}

TEST(MessageCache, CopiesSeldomWhenManyFragmentsCome) {
    message_cache cache(0);
    message_block block;
    std::size_t moves = 0;
    for (int i = 0; i < 100'000; ++i) {
        const std::size_t capacity = block.capacity;
        fill(cache, block, 10, 10, 1);
        moves += block.capacity == capacity ? 0 : 1;
    }
    EXPECT_LT(moves, 60U);
    cache.release(block);
}

TEST(MessageCache, LendsBlocksAgainButKeepsNoMoreThanItMay) {
    message_cache cache(100'000);
    std::vector<message_block> blocks(20);
    for (message_block& one : blocks) {
        cache.reserve(one, 20'000, 20'000);
    }
    std::vector<std::uint8_t*> memory;
    for (message_block& one : blocks) {
        memory.push_back(one.memory);
        cache.release(one);
    }
    std::size_t lent_again = 0;
    for (message_block& one : blocks) {
        cache.reserve(one, 20'000, 20'000);
    }
    for (std::size_t i = 0; i < 5; ++i) {
        lent_again += std::count(memory.begin(), memory.end(), blocks[i].memory) != 0 ? 1U : 0U;
    }
    EXPECT_EQ(lent_again, 5U) << "5 of 20,000 bytes fit into 100,000";
    EXPECT_EQ(blocks[0].memory, memory[4]) << "the one given back last";
    for (message_block& one : blocks) {
        cache.release(one);
    }
    message_block small;
    cache.reserve(small, 100, 100);
    EXPECT_GE(small.capacity, 100U);
    cache.release(small);
}

TEST(MessageCache, NeedsNoMemoryForAnEmptyMessage) {
    message_cache cache(1 << 20);
    message_block block;
    cache.reserve(block, 0, 0);
    EXPECT_EQ(block.size, 0U);
    cache.release(block);
}

}  // namespace
}  // namespace plainsong
