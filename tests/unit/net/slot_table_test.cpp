// SPDX-License-Identifier: MIT
// slot_table_test.cpp — tests of net/slot_table.
#include "src/net/slot_table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "tests/support/net_fixtures.hpp"

namespace plainsong {
namespace {

watch_slot& must_find(const slot_table& table, watch_token token) {
    watch_slot* slot = table.find(token);
    if (slot == nullptr) {
        std::abort();
    }
    return *slot;
}

TEST(SlotTable, FindsWhatWasInserted) {
    slot_table table;
    tests::probe member;
    const watch_token token = table.insert(5, interest::write, member);
    ASSERT_TRUE(token);
    EXPECT_EQ(must_find(table, token).member, &member);
    EXPECT_EQ(must_find(table, token).number(), 5);
    EXPECT_EQ(must_find(table, token).wanted(), interest::write);
}

TEST(SlotTable, FindsNothingByATokenOfThePastOrOfNobody) {
    slot_table table;
    tests::probe member;
    EXPECT_EQ(table.find({}), nullptr);
    EXPECT_EQ(table.find({4'000'000'000U, 1}), nullptr);
    const watch_token old = table.insert(5, interest::read, member);
    EXPECT_EQ(table.find({}), nullptr);
    table.erase(old);
    EXPECT_EQ(table.find(old), nullptr);
    const watch_token renewed = table.insert(5, interest::read, member);
    EXPECT_EQ(renewed.index, old.index);  // the slot is used again, and yet
    EXPECT_EQ(table.find(old), nullptr);
    EXPECT_NE(table.find(renewed), nullptr);
}

TEST(SlotTable, KeepsSlotsInPlaceWhileItGrows) {
    slot_table table;
    tests::probe member;
    const watch_token first = table.insert(0, interest::read, member);
    const watch_slot* where = &must_find(table, first);
    std::vector<watch_token> tokens;
    for (int descriptor = 1; descriptor < 70'000; ++descriptor) {
        tokens.push_back(table.insert(descriptor, interest::both, member));
    }
    EXPECT_EQ(table.find(first), where);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        ASSERT_EQ(must_find(table, tokens[i]).number(), static_cast<int>(i) + 1);
    }
}

TEST(SlotTable, HoldsTheLargestDescriptor) {
    slot_table table;
    tests::probe member;
    const int largest = (1 << 29) - 1;
    EXPECT_EQ(must_find(table, table.insert(largest, interest::none, member)).number(), largest);
}

TEST(SlotTable, KeepsEachInterest) {
    slot_table table;
    tests::probe member;
    watch_slot& slot = must_find(table, table.insert(5, interest::patient, member));
    EXPECT_EQ(slot.wanted(), interest::patient);
    for (const interest each :
         {interest::none, interest::read, interest::write, interest::both, interest::patient}) {
        slot.want(each);
        EXPECT_EQ(slot.wanted(), each);
        EXPECT_EQ(slot.number(), 5);
    }
}

TEST(SlotTable, NeverGivesTheGenerationThatMeansNothing) {
    slot_table table;
    tests::probe member;
    watch_token token = table.insert(5, interest::read, member);
    must_find(table, token).generation = UINT32_MAX;
    token.generation = UINT32_MAX;
    table.erase(token);
    EXPECT_EQ(table.insert(5, interest::read, member).generation, 1U);
}

}  // namespace
}  // namespace plainsong
