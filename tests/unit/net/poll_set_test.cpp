// SPDX-License-Identifier: MIT
// poll_set: an answer of the kernel is handed out to its end, and nothing of it to those who have left.
// What it reports of a descriptor is tested through the loop.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "src/net/poll_set.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong {
namespace {

using tests::socket_pair;

class PollSet : public ::testing::Test {
protected:
    static constexpr std::uint32_t crowd = 5;

    /// Five descriptors, each with something to be read.
    PollSet() {
        for (std::uint32_t i = 0; i < crowd; ++i) {
            pairs_.push_back(tests::unix_pair());
            set_.add(number(i), interest::read, {i, 1});
            tests::write_all(pairs_[i].theirs.number(), "x");
        }
    }

    int number(std::uint32_t index) { return pairs_[index].ours.number(); }

    /// The indices that one wait reports, two at most.
    std::vector<std::uint32_t> report() {
        std::array<poller_event, 2> events;
        const wait_outcome waited = set_.wait(events, 0);
        EXPECT_EQ(waited.number, 0);
        std::vector<std::uint32_t> indices;
        for (std::uint32_t i = 0; i < waited.count; ++i) {
            EXPECT_TRUE(events[i].ready.readable);
            indices.push_back(events[i].token.index);
        }
        return indices;
    }

    std::vector<socket_pair> pairs_;
    poll_set set_;
};

using indices = std::vector<std::uint32_t>;

TEST_F(PollSet, HandsAnAnswerOutToItsEndBeforeItAsksAgain) {
    EXPECT_FALSE(set_.has_more());
    EXPECT_EQ(report(), (indices{0, 1}));
    EXPECT_TRUE(set_.has_more());
    char taken = 0;
    ASSERT_EQ(::read(number(4), &taken, 1), 1);  // which the answer doesn't know yet
    EXPECT_EQ(report(), (indices{2, 3}));
    EXPECT_EQ(report(), (indices{4}));
    EXPECT_FALSE(set_.has_more());
    EXPECT_EQ(report(), (indices{0, 1}));
    EXPECT_EQ(report(), (indices{2, 3}));
    EXPECT_FALSE(set_.has_more());
}

TEST_F(PollSet, ForgetsTheAnswerOfWhoLeavesOrChanges) {
    EXPECT_EQ(report(), (indices{0, 1}));
    set_.remove({2, 1});  // its place goes to the last of them
    set_.modify(number(3), interest::write, {3, 1});
    EXPECT_EQ(report(), (indices{4}));
    EXPECT_FALSE(set_.has_more());
    set_.modify(number(3), interest::read, {3, 1});
    EXPECT_EQ(report(), (indices{3, 0}));
    set_.remove({1, 1});
    EXPECT_EQ(report(), (indices{4}));
    EXPECT_EQ(set_.size(), 3U);
}

TEST_F(PollSet, IsEmptyWhenAllHaveLeftWithAnAnswerUnderWay) {
    EXPECT_EQ(report(), (indices{0, 1}));
    for (std::uint32_t i = 0; i < crowd; ++i) {
        set_.remove({i, 1});
    }
    EXPECT_FALSE(set_.has_more());
    EXPECT_EQ(report(), indices{});
    set_.add(number(3), interest::read, {3, 2});
    EXPECT_EQ(report(), (indices{3}));
}

}  // namespace
}  // namespace plainsong
