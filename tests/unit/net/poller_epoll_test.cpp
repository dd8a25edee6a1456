// SPDX-License-Identifier: MIT
// What epoll_poller alone does: patience.  What all pollers do is tested through the loop.
#ifdef __linux__

#include <gtest/gtest.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <vector>

#include <plainsong/net/fd.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/poller.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong {
namespace {

using tests::socket_pair;
using tests::unix_pair;

constexpr watch_token patient_token{1, 1};
constexpr watch_token prompt_token{2, 1};

class EpollPoller : public ::testing::Test {
protected:
    EpollPoller() { EXPECT_FALSE(poller_->status()); }

    /// Who is reported by one wait: none, or one of the two tokens.
    watch_token wait(int milliseconds) {
        const wait_outcome waited = poller_->wait(events_, milliseconds);
        EXPECT_EQ(waited.number, 0);
        EXPECT_LE(waited.count, 1U);
        return waited.count == 0 ? watch_token{} : events_[0].token;
    }

    /// Waits until it is `token` that is reported.  Returns: how often others were.
    int await(watch_token token) {
        const time_point deadline = sys::now() + tests::patience;
        int others = 0;
        while (sys::now() < deadline) {
            const watch_token reported = wait(-1);
            if (reported == token) {
                return others;
            }
            others += reported ? 1 : 0;
        }
        ADD_FAILURE() << "nobody reported " << token.index;
        return others;
    }

    std::unique_ptr<poller> poller_{make_epoll_poller(8)};
    std::array<poller_event, 8> events_;
};

TEST_F(EpollPoller, IsNotWokenForAPatientOne) {
    // Now and then its time comes before the wait has begun, or anybody is late.
    constexpr int tries = 9;
    const fd timer{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
    ASSERT_FALSE(poller_->add(timer.number(), interest::patient, patient_token));
    int slept_over = 0;
    for (int i = 0; i < tries; ++i) {
        const itimerspec soon{{}, {0, 1'000'000}};
        ASSERT_EQ(::timerfd_settime(timer.number(), 0, &soon, nullptr), 0);
        const time_point begun = sys::now();
        await(patient_token);
        slept_over += sys::now() - begun >= std::chrono::milliseconds{4} ? 1 : 0;
    }
    EXPECT_GT(slept_over, tries / 2);
}

TEST_F(EpollPoller, DoesNotSleepWhileThePatientHaveMoreThanABatch) {
    constexpr std::uint32_t crowd = 20;  // of which a wait reports 8
    duration shortest = duration::max();
    for (int i = 0; i < 9; ++i) {  // anybody may be late
        std::vector<socket_pair> all;
        for (std::uint32_t each = 0; each < crowd; ++each) {
            all.push_back(unix_pair());
            ASSERT_FALSE(poller_->add(all[each].ours.number(), interest::patient, {each, 1}));
            tests::write_all(all[each].theirs.number(), "x");
        }
        wait_outcome waited = poller_->wait(events_, -1);
        const time_point begun = sys::now();
        for (const std::uint32_t expected : {8U, 8U, 4U}) {
            ASSERT_EQ(waited.count, expected);
            for (std::uint32_t each = 0; each < waited.count; ++each) {
                const watch_token token = events_[each].token;
                poller_->remove(all[token.index].ours.number(), interest::patient, token);
            }
            waited = expected == 4 ? wait_outcome{} : poller_->wait(events_, -1);
        }
        shortest = std::min(shortest, sys::now() - begun);
    }
    EXPECT_LT(shortest, std::chrono::milliseconds{4});
}

TEST_F(EpollPoller, TellsOfAPatientOneWhenSomethingElseHasWokenIt) {
    const socket_pair slow = unix_pair();
    const socket_pair quick = unix_pair();
    ASSERT_FALSE(poller_->add(slow.ours.number(), interest::patient, patient_token));
    ASSERT_FALSE(poller_->add(quick.ours.number(), interest::read, prompt_token));
    EXPECT_EQ(wait(0), watch_token{});
    tests::write_all(quick.theirs.number(), "x");
    EXPECT_EQ(wait(-1), prompt_token);
    tests::write_all(slow.theirs.number(), "x");
    EXPECT_LT(await(patient_token), 1000);
}

TEST_F(EpollPoller, LetsNeitherThePatientNorTheOthersHoldUpTheOther) {
    const socket_pair slow = unix_pair();
    const socket_pair quick = unix_pair();
    ASSERT_FALSE(poller_->add(slow.ours.number(), interest::patient, patient_token));
    ASSERT_FALSE(poller_->add(quick.ours.number(), interest::read, prompt_token));
    tests::write_all(slow.theirs.number(), "x");
    tests::write_all(quick.theirs.number(), "x");
    for (int i = 0; i < 3; ++i) {
        EXPECT_LT(await(patient_token), 1000);
        EXPECT_EQ(wait(-1), prompt_token);
    }
}

TEST_F(EpollPoller, ChangesAnInterestIntoPatienceAndBack) {
    const socket_pair one = unix_pair();
    const int descriptor = one.ours.number();
    ASSERT_FALSE(poller_->add(descriptor, interest::read, patient_token));
    tests::write_all(one.theirs.number(), "x");
    ASSERT_FALSE(poller_->modify(descriptor, interest::read, interest::patient, patient_token));
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(await(patient_token), 0);
        EXPECT_FALSE(events_[0].ready.writable);
    }
    ASSERT_FALSE(poller_->modify(descriptor, interest::patient, interest::both, patient_token));
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(wait(0), patient_token);
        EXPECT_TRUE(events_[0].ready.readable && events_[0].ready.writable);
    }
    poller_->remove(descriptor, interest::both, patient_token);
    EXPECT_EQ(wait(0), watch_token{});
}

TEST_F(EpollPoller, ForgetsAPatientOneThatLeaves) {
    const socket_pair one = unix_pair();
    ASSERT_FALSE(poller_->add(one.ours.number(), interest::patient, patient_token));
    tests::write_all(one.theirs.number(), "x");
    EXPECT_EQ(wait(0), patient_token);
    poller_->remove(one.ours.number(), interest::patient, patient_token);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(wait(0), watch_token{});
    }
}

TEST_F(EpollPoller, StaysPatientIfTheKernelRefusesAnotherInterest) {
    const socket_pair one = unix_pair();
    ASSERT_FALSE(poller_->add(one.ours.number(), interest::patient, patient_token));
    // Also in epoll already, whence the kernel refuses it a second time.
    ASSERT_FALSE(poller_->add(one.ours.number(), interest::none, prompt_token));
    EXPECT_EQ(poller_->modify(one.ours.number(), interest::patient, interest::read, patient_token)
                  .number(),
              EEXIST);
    tests::write_all(one.theirs.number(), "x");
    EXPECT_EQ(await(patient_token), 0);
}

TEST_F(EpollPoller, AsksAboutACrowdOfThePatientAllTheMoreSeldom) {
    constexpr std::uint32_t crowd =
        900;  // poll refuses more than the process may open: 1024, perhaps
    const socket_pair silent = unix_pair();
    const socket_pair slow = unix_pair();
    const socket_pair quick = unix_pair();
    // To poll, one descriptor named often is as good as many.
    for (std::uint32_t i = 0; i < crowd; ++i) {
        ASSERT_FALSE(poller_->add(silent.ours.number(), interest::patient, {10 + i, 1}));
    }
    ASSERT_FALSE(poller_->add(slow.ours.number(), interest::patient, patient_token));
    ASSERT_FALSE(poller_->add(quick.ours.number(), interest::read, prompt_token));
    tests::write_all(slow.theirs.number(), "x");
    tests::write_all(quick.theirs.number(), "x");
    const time_point begun = sys::now();
    EXPECT_EQ(await(patient_token), 0);
    EXPECT_GT(await(patient_token), 0);
    EXPECT_GE(sys::now() - begun, crowd * std::chrono::microseconds{2});
}

}  // namespace
}  // namespace plainsong

#endif  // __linux__
