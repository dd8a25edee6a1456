// SPDX-License-Identifier: MIT
// session_slab, text and metrics, and what a session may cost.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <plainsong/app/metrics.hpp>
#include <plainsong/app/session.hpp>
#include <plainsong/app/text.hpp>

#include "src/app/session_slab.hpp"

namespace plainsong {
namespace {

TEST(SessionSize, LeavesRoomForItsSlotWithin192Bytes) {
    // A slot of the loop's table takes 16 bytes, and a slab nothing worth mentioning.
    EXPECT_LE(sizeof(session), 168U);
    EXPECT_EQ(alignof(session), alignof(void*));
}

TEST(SessionSlab, GivesEachSlotOnceAndTakesItBack) {
    session_slab slab;
    std::set<void*> used;
    std::vector<void*> order;
    std::mt19937 random(3);
    for (int step = 0; step < 20'000; ++step) {
        const bool grows = step % 4000 < 2500;
        if (used.empty() || random() % 8 < (grows ? 5U : 3U)) {
            void* const slot = slab.take();
            ASSERT_TRUE(used.insert(slot).second);
            ASSERT_EQ(reinterpret_cast<std::uintptr_t>(slot) % alignof(session), 0U);
            order.push_back(slot);
        } else {
            const std::size_t index = random() % order.size();
            slab.put_back(order[index], random() % 2 == 0);
            used.erase(order[index]);
            order[index] = order.back();
            order.pop_back();
        }
        ASSERT_EQ(slab.used(), used.size());
        ASSERT_LE(used.size(), slab.slots());
    }
    // No two overlap.
    std::uintptr_t end = 0;
    for (void* const slot : used) {
        const auto begin = reinterpret_cast<std::uintptr_t>(slot);
        ASSERT_GE(begin, end);
        end = begin + sizeof(session);
    }
}

TEST(SessionSlab, VisitsWhatIsUsedAndNothingElse) {
    session_slab slab;
    std::vector<void*> all;
    for (int i = 0; i < 500; ++i) {
        all.push_back(slab.take());
    }
    std::set<void*> kept(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); i += 3) {
        slab.put_back(all[i], false);
        kept.erase(all[i]);
    }
    std::set<void*> seen;
    std::size_t at = 0;
    while (at < slab.slots()) {
        const std::size_t next = slab.visit(at, 37, [&](session& one) { seen.insert(&one); });
        ASSERT_LE(next - at, 37U);
        ASSERT_GT(next, at);
        at = next;
    }
    EXPECT_EQ(seen, kept);
    for (void* const one : kept) {
        slab.put_back(one, false);
    }
    EXPECT_GE(slab.slots(), 500U);
    slab.trim();
    EXPECT_EQ(slab.slots(), 0U);
    EXPECT_NE(slab.take(), nullptr);
}

TEST(SessionSlab, GivesEmptyChunksBackButKeepsOne) {
    session_slab slab;
    std::vector<void*> all;
    for (int i = 0; i < 640; ++i) {
        all.push_back(slab.take());
    }
    for (void* const one : all) {
        slab.put_back(one, true);
    }
    EXPECT_EQ(slab.used(), 0U);
    EXPECT_EQ(slab.slots(), session_slab::sessions_per_chunk);
}

TEST(TextBuilder, AppendsTextAndNumbers) {
    text_builder text;
    EXPECT_EQ(text.view(), "");
    text.add("").add("a").add(std::uint64_t{0}).add(std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(text.view(), "a018446744073709551615");
    std::string expected(text.view());
    for (std::uint64_t i = 0; i < 1000; ++i) {
        text.add(" ").add(i);
        expected += ' ' + std::to_string(i);
    }
    EXPECT_EQ(text.view(), expected);
    text_builder moved(std::move(text));
    EXPECT_EQ(moved.view(), expected);
    moved.clear();
    EXPECT_EQ(moved.view(), "");
    EXPECT_EQ(moved.add("again").view(), "again");
}

/// Prometheus' text format, version 0.0.4: for each metric HELP, TYPE and a sample.
TEST(Metrics, PrintInTheFormatOfPrometheus) {
    metrics counts;
    std::uint64_t next = 1;
#define PLAINSONG_SET(name, kind, help) counts.name.add(next++);
    PLAINSONG_METRICS(PLAINSONG_SET)
#undef PLAINSONG_SET
    text_builder text;
    counts.print(text);
    std::istringstream lines{std::string(text.view())};
    std::string line;
    std::set<std::string> names;
    std::uint64_t value = 1;
    while (std::getline(lines, line)) {
        std::istringstream help(line);
        std::string hash;
        std::string word;
        std::string name;
        help >> hash >> word >> name;
        ASSERT_EQ(hash + word, "#HELP");
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos);
        EXPECT_TRUE(names.insert(name).second);
        ASSERT_TRUE(std::getline(lines, line));
        EXPECT_TRUE(line == "# TYPE " + name + " counter" || line == "# TYPE " + name + " gauge")
            << line;
        ASSERT_TRUE(std::getline(lines, line));
        EXPECT_EQ(line, name + ' ' + std::to_string(value++));
    }
    EXPECT_EQ(value, next);
    EXPECT_EQ(text.view().back(), '\n');
    const metrics_snapshot copy = snapshot_of(counts);
    EXPECT_EQ(copy.connections_accepted, 1U);
    EXPECT_EQ(copy.accept_errors, next - 1);
}

TEST(Metrics, CountUpAndDown) {
    metric one;
    one.add(5);
    one.subtract(2);
    EXPECT_EQ(one.value(), 3U);
}

}  // namespace
}  // namespace plainsong
