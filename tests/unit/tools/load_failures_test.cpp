// SPDX-License-Identifier: MIT
// load_failures_test.cpp — failures are counted by cause, in bounded memory.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tools/load_failures.hpp"

namespace plainsong::load {
namespace {

TEST(LoadFailures, SayNothingIfThereAreNone) {
    const failure_tally none;
    EXPECT_EQ(none.count(), 0U);
    EXPECT_EQ(none.text(), "");
}

TEST(LoadFailures, AreCountedByErrnoTextAndStage) {
    failure_tally tally;
    tally.add(stage::connecting, ECONNREFUSED, "Connection refused");
    tally.add(stage::connecting, ECONNREFUSED, "Connection refused");
    EXPECT_EQ(tally.text(),
              "2 connections failed: 2 x ECONNREFUSED (Connection refused), connecting");
    tally.add(stage::open, ECONNRESET, "reset");
    tally.add(stage::closing, ECONNRESET, "reset");
    tally.add(stage::upgrading, 0, "the server refused: 403 Forbidden");
    ASSERT_EQ(tally.kinds().size(), 4U);
    EXPECT_EQ(tally.kinds()[0].count, 2U);
    EXPECT_EQ(tally.count(), 5U);
    EXPECT_EQ(tally.text(),
              "5 connections failed: 2 x ECONNREFUSED (Connection refused), connecting; "
              "1 x ECONNRESET (reset), open; 1 x ECONNRESET (reset), closing; "
              "1 x the server refused: 403 Forbidden, upgrading");
}

TEST(LoadFailures, OfManyKindsShareOneRow) {
    failure_tally tally;
    for (int i = 0; i < 1000; ++i) {
        tally.add(stage::open, 0, "kind " + std::to_string(i));
    }
    tally.add(stage::open, 0, "kind 3");
    ASSERT_EQ(tally.kinds().size(), failure_tally::most_kinds + 1);
    EXPECT_EQ(tally.kinds().back().text, "other");
    EXPECT_EQ(tally.kinds().back().count, 1000 - failure_tally::most_kinds);
    EXPECT_EQ(tally.kinds()[3].count, 2U);
    EXPECT_EQ(tally.count(), 1001U);
}

TEST(LoadFailures, NameAnErrnoThatHasNoName) {
    EXPECT_EQ(name_of_errno(ETIMEDOUT), "ETIMEDOUT");
    EXPECT_EQ(name_of_errno(98765), "errno 98765");
}

}  // namespace
}  // namespace plainsong::load
