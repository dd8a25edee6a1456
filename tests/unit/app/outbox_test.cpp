// SPDX-License-Identifier: MIT
#include "src/app/outbox.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace plainsong {
namespace {

constexpr std::uint64_t no_key = ~std::uint64_t{0};

/// All that waits, as one text.
std::string content(const outbox& box, std::size_t skip = 0) {
    std::vector<io_slice> slices(1000);
    const std::size_t count = box.slices(slices, skip);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text.append(static_cast<const char*>(slices[i].iov_base), slices[i].iov_len);
    }
    return text;
}

void push(outbox& box, std::string_view text, outbox_tag what = {}) {
    const std::size_t head = text.size() / 3;
    box.push(as_bytes(text.substr(0, head)), as_bytes(text.substr(head)), what);
}

class Outbox : public ::testing::Test {
protected:
    message_cache cache{1 << 20};
    outbox box;
};

TEST_F(Outbox, HandsOutFramesInOrder) {
    EXPECT_TRUE(box.empty());
    push(box, "one,");
    push(box, "two,");
    push(box, "three");
    EXPECT_EQ(content(box), "one,two,three");
    EXPECT_EQ(content(box, 1), "two,three");
    EXPECT_EQ(content(box, 3), "");
    EXPECT_EQ(box.bytes(), 13U);
    EXPECT_EQ(box.messages(), 3U);
    EXPECT_GT(box.cost(), box.bytes());
    io_slice few[2];
    EXPECT_EQ(box.slices(few, 0), 2U);
}

TEST_F(Outbox, ConsumesByBytesAndKeepsTheRestOfAFrameInFront) {
    push(box, "one,");
    push(box, "two,");
    box.consume(4, cache);
    EXPECT_FALSE(box.first_is_begun());
    box.consume(1, cache);
    EXPECT_TRUE(box.first_is_begun());
    EXPECT_EQ(content(box), "wo,");
    EXPECT_EQ(box.messages(), 1U) << "whole or in part";
    box.consume(3, cache);
    EXPECT_TRUE(box.empty());
    EXPECT_EQ(box.cost(), 0U);
}

TEST_F(Outbox, PutsTheRestOfAControlFrameFirst) {
    push(box, "message");
    box.push_rest(as_bytes("pong"));
    EXPECT_EQ(content(box), "pongmessage");
    EXPECT_TRUE(box.first_is_begun());
    EXPECT_EQ(box.messages(), 1U);
    EXPECT_EQ(box.message_bytes(), 7U);
    box.consume(1, cache);
    EXPECT_EQ(box.message_bytes(), 7U);
    box.consume(3, cache);
    EXPECT_FALSE(box.first_is_begun());
    EXPECT_EQ(box.message_bytes(), 7U);
    box.consume(7, cache);
    EXPECT_EQ(box.message_bytes(), 0U);
    box.push_rest(as_bytes("alone"));
    push(box, "!");
    EXPECT_EQ(content(box), "alone!");
}

TEST_F(Outbox, GivesUpWhatHasNotBegun) {
    push(box, "begun");
    push(box, "piece", {.is_message = false});
    push(box, "old");
    push(box, "new");
    box.consume(1, cache);
    EXPECT_TRUE(box.drop_oldest());
    EXPECT_EQ(content(box), "egunpiecenew");
    EXPECT_TRUE(box.drop_oldest());
    EXPECT_FALSE(box.drop_oldest()) << "neither what has begun nor a piece";
    push(box, "more");
    EXPECT_EQ(box.drop_unbegun(), 1U);
    EXPECT_EQ(content(box), "egun");
    EXPECT_EQ(box.messages(), 1U);
    push(box, "again");
    EXPECT_EQ(content(box), "egunagain");
}

TEST_F(Outbox, FindsMessagesByKey) {
    push(box, "begun", {.key = 7});
    push(box, "plain");
    push(box, "seven", {.key = 7});
    push(box, "eight", {.key = 8});
    box.consume(1, cache);
    EXPECT_EQ(box.cost_of_key(9), 0U);
    EXPECT_EQ(box.cost_of_key(7), outbox::cost_of(5));
    const std::size_t before = box.cost();
    EXPECT_TRUE(box.drop_key(7));
    EXPECT_EQ(before - box.cost(), outbox::cost_of(5));
    EXPECT_FALSE(box.drop_key(7)) << "the other one has begun";
    EXPECT_TRUE(box.drop_key(8));
    EXPECT_EQ(content(box), "egunplain");
}

TEST_F(Outbox, GivesBlocksBackToTheCache) {
    message_block block;
    cache.reserve(block, 20'000, 20'000);
    const std::uint8_t* const memory = block.memory;
    block.size = 20'000;
    box.push_block(block, block.bytes(), {});
    EXPECT_EQ(block.memory, nullptr);
    EXPECT_EQ(box.bytes(), 20'000U);
    box.consume(19'999, cache);
    box.consume(1, cache);
    message_block other;
    cache.reserve(other, 20'000, 20'000);
    EXPECT_EQ(other.memory, memory);
    // And a block that is given up is freed: a leak would be told.
    other.size = 1;
    box.push_block(other, other.bytes(), {});
}

TEST_F(Outbox, BehavesLikeADequeOfTexts) {
    struct frame {
        std::string text;
        std::uint64_t key;
        bool is_message;
        bool begun;
    };
    std::deque<frame> model;
    std::mt19937 random(7);
    int number = 0;
    for (int step = 0; step < 20'000; ++step) {
        const auto drop = [&](auto matches) {
            for (auto one = model.begin(); one != model.end(); ++one) {
                if (!one->begun && one->is_message && matches(*one)) {
                    model.erase(one);
                    return true;
                }
            }
            return false;
        };
        switch (random() % 6) {
            case 0:
            case 1: {
                const std::uint64_t key = random() % 2 == 0 ? no_key : random() % 4;
                const bool is_message = random() % 4 != 0;
                model.push_back({std::to_string(number++) + ',', key, is_message, false});
                push(box, model.back().text, {.key = key, .is_message = is_message});
                break;
            }
            case 2: {
                std::size_t size = box.bytes() == 0 ? 0 : random() % (box.bytes() + 1) / 2;
                box.consume(size, cache);
                while (size != 0) {
                    frame& first = model.front();
                    if (size < first.text.size()) {
                        first.text.erase(0, size);
                        first.begun = true;
                        break;
                    }
                    size -= first.text.size();
                    model.pop_front();
                }
                break;
            }
            case 3:
                EXPECT_EQ(box.drop_oldest(), drop([](const frame&) { return true; }));
                break;
            case 4: {
                const std::uint64_t key = random() % 4;
                EXPECT_EQ(box.drop_key(key), drop([key](const frame& f) { return f.key == key; }));
                break;
            }
            default:
                if (!box.first_is_begun()) {
                    box.push_rest(as_bytes("rest"));
                    model.push_front({"rest", no_key, false, true});
                }
        }
        std::string expected;
        std::uint32_t messages = 0;
        for (const frame& one : model) {
            expected += one.text;
            messages += one.is_message ? 1 : 0;
        }
        ASSERT_EQ(box.bytes(), expected.size());
        ASSERT_EQ(box.messages(), messages);
        ASSERT_EQ(box.cost(), expected.size() + model.size() * outbox::cost_of(0));
        ASSERT_EQ(box.first_is_begun(), !model.empty() && model.front().begun);
        if (step % 16 == 0 && model.size() < 1000) {
            ASSERT_EQ(content(box), expected);
        }
    }
}

}  // namespace
}  // namespace plainsong
