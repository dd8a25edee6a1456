// SPDX-License-Identifier: MIT
// loop_test.cpp — tests of net/loop over a poller and a clock that the test controls.
#include <plainsong/net/loop.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "src/net/poller.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/portable.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::probe;

constexpr time_point start{1'000'000s};

/// What the scripted poller and clock do; each test begins with a fresh one.
struct script {
    script() { current = this; }
    ~script() { current = nullptr; }

    static script* current;

    time_point clock = start;
    duration each_wait_takes{};
    std::deque<std::vector<poller_event>> batches;
    std::vector<int> waits;  // the limits that the loop gave, in milliseconds
    int wait_fails_with = 0;
    int add_fails_with = 0;
    int modify_fails_with = 0;
    int removed = 0;
};

script* script::current = nullptr;

class scripted_poller final : public poller {
public:
    error add(int, interest, watch_token) override {
        return outcome(script::current->add_fails_with);
    }
    error modify(int, interest, interest, watch_token) override {
        return outcome(script::current->modify_fails_with);
    }
    void remove(int, interest, watch_token) override { ++script::current->removed; }
    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        script::current->waits.push_back(milliseconds);
        script::current->clock += script::current->each_wait_takes;
        if (script::current->batches.empty()) {
            return {.count = 0, .number = script::current->wait_fails_with};
        }
        const std::vector<poller_event> batch = script::current->batches.front();
        script::current->batches.pop_front();
        std::copy(batch.begin(), batch.end(), events.begin());
        return {.count = static_cast<std::uint32_t>(batch.size()), .number = 0};
    }

private:
    static error outcome(int number) {
        return number == 0 ? error{} : error{error_code::system_call_failed, number};
    }
};

class Loop : public ::testing::Test {
protected:
    static loop_options options() {
        return {.clock = [] { return script::current->clock; },
                .make_poller = [](std::uint32_t) -> poller* { return new scripted_poller; }};
    }

    void turn(duration longest = duration::zero()) { ASSERT_FALSE(loop_.turn(longest)); }
    int limit_of_turn(duration longest) {
        turn(longest);
        return script_.waits.back();
    }

    script script_;
    loop loop_{options()};
};

TEST_F(Loop, ServesEventsThenTimersThenPostedThenTheGraveyard) {
    std::string order;
    probe member;
    probe other;
    const watch_token token = *loop_.watch(7, interest::read, member);
    member.when_ready = [&](readiness) {
        order += "ready ";
        loop_.bury(other);
        EXPECT_TRUE(loop_.post([&] { order += "posted "; }));
    };
    member.when_due = [&] { order += "due "; };
    other.when_gone = [&] { order += "gone "; };
    loop_.arm(member, start);
    script_.batches.push_back({{token, {.readable = true}}});
    turn();
    EXPECT_EQ(order, "ready due posted gone ");
}

TEST_F(Loop, PassesOnWhatThePollerSaw) {
    probe member;
    const watch_token token = *loop_.watch(7, interest::both, member);
    script_.batches.push_back({{token, {.readable = true, .hung_up = true}},
                               {token, {.writable = true, .failed = true}}});
    turn();
    ASSERT_EQ(member.seen.size(), 2U);
    EXPECT_TRUE(member.seen[0].readable && member.seen[0].hung_up);
    EXPECT_FALSE(member.seen[0].writable || member.seen[0].failed);
    EXPECT_TRUE(member.seen[1].writable && member.seen[1].failed);
}

TEST_F(Loop, DropsEventsOfWhatWasUnwatchedInTheSameBatch) {
    probe first;
    probe second;
    probe newcomer;
    const watch_token one = *loop_.watch(7, interest::read, first);
    const watch_token two = *loop_.watch(8, interest::read, second);
    watch_token three;
    first.when_ready = [&](readiness) {
        loop_.unwatch(two);
        three = *loop_.watch(8, interest::read, newcomer);  // the same number, the same slot
    };
    script_.batches.push_back({{one, {.readable = true}}, {two, {.readable = true}}});
    turn();
    EXPECT_EQ(three.index, two.index);
    EXPECT_EQ(first.seen.size(), 1U);
    EXPECT_TRUE(second.seen.empty());
    EXPECT_TRUE(newcomer.seen.empty());
    EXPECT_EQ(loop_.find(two), nullptr);
    EXPECT_EQ(loop_.find(three), &newcomer);
}

TEST_F(Loop, ReadsBeforeItJudgesDeadlines) {
    probe member;
    const watch_token token = *loop_.watch(7, interest::read, member);
    loop_.arm(member, start + 1s);
    member.when_ready = [&](readiness) { loop_.arm(member, loop_.now() + 1s); };
    script_.each_wait_takes = 5s;  // the whole process stood still, and the answer came meanwhile
    script_.batches.push_back({{token, {.readable = true}}});
    turn(1s);
    EXPECT_EQ(member.seen.size(), 1U);
    EXPECT_EQ(member.fired, 0);
}

TEST_F(Loop, JudgesDeadlinesByTheTimeAfterTheIo) {
    probe member;
    probe late;
    const watch_token token = *loop_.watch(7, interest::read, member);
    member.when_ready = [&](readiness) { script_.clock += 2s; };
    loop_.arm(late, start + 1s);
    script_.batches.push_back({{token, {.readable = true}}});
    turn();
    EXPECT_EQ(late.fired, 1);
    EXPECT_EQ(loop_.now(), start + 2s);
}

// ---- waiting ------------------------------------------------------------------------------------

TEST_F(Loop, WaitsForEverOnlyIfNothingIsArmed) {
    EXPECT_EQ(limit_of_turn(duration::max()), -1);
    EXPECT_EQ(limit_of_turn(0s), 0);
    EXPECT_EQ(limit_of_turn(-5s), 0);
    EXPECT_EQ(limit_of_turn(duration::min()), 0);
    EXPECT_EQ(limit_of_turn(10ms), 10);
}

TEST_F(Loop, RoundsAWaitUpToTheNextMillisecond) {
    probe member;
    for (const auto& [wait, limit] : {std::pair{duration{1}, 1},
                                      {duration{999'999}, 1},
                                      {duration{1'000'000}, 1},
                                      {duration{1'000'001}, 2},
                                      {duration{1500ms}, 1500},
                                      {duration::zero(), 0}}) {
        loop_.arm(member, loop_.now() + wait);
        EXPECT_EQ(limit_of_turn(duration::max()), limit) << wait.count();
        loop_.cancel(member);
        script_.clock += 10s;  // past what the wheel still believes to be due
        turn();
    }
}

TEST_F(Loop, ClampsAWaitToWhatThePollerTakes) {
    probe member;
    loop_.arm(member, start + 24h * 365);
    EXPECT_EQ(limit_of_turn(duration::max()), INT_MAX);
    loop_.arm(member, never - duration{1});
    EXPECT_EQ(limit_of_turn(duration::max()), INT_MAX);
    EXPECT_EQ(limit_of_turn(duration::max() - duration{1}), INT_MAX);
}

TEST_F(Loop, DoesNotWaitForWhatIsOverdue) {
    probe member;
    loop_.arm(member, start - 24h);
    EXPECT_EQ(limit_of_turn(duration::max()), 0);
    EXPECT_EQ(member.fired, 1);
    loop_.arm(member, time_point::min());
    EXPECT_EQ(limit_of_turn(duration::max()), 0);
    EXPECT_EQ(member.fired, 2);
}

TEST_F(Loop, TakesNoWaitTooLongAfterASlowCallback) {
    probe slow;
    probe prompt;
    slow.when_due = [&] { script_.clock += 10s; };
    loop_.arm(slow, start);
    loop_.arm(prompt, start + 12s);
    turn();
    EXPECT_EQ(limit_of_turn(duration::max()), 2000);
}

// ---- timers -------------------------------------------------------------------------------------

TEST_F(Loop, FiresATimerOnceWhenItIsDue) {
    probe member;
    loop_.arm(member, start + 1s);
    script_.clock = start + 1s - duration{1};
    turn();
    EXPECT_EQ(member.fired, 0);
    script_.clock += duration{1};
    turn();
    turn();
    EXPECT_EQ(member.fired, 1);
    EXPECT_EQ(member.due(), never);
}

TEST_F(Loop, ReplacesATimerAndCancelsByNever) {
    probe member;
    loop_.arm(member, start + 1s);
    loop_.arm(member, start + 3s);
    script_.clock = start + 2s;
    turn();
    EXPECT_EQ(member.fired, 0);
    loop_.arm(member, never);
    script_.clock = start + 4s;
    turn();
    EXPECT_EQ(member.fired, 0);
}

TEST_F(Loop, FiresATimerArmedAgainInItsOwnCallOnceATurn) {
    probe member;
    member.when_due = [&] { loop_.arm(member, loop_.now() - 1s); };
    loop_.arm(member, start);
    for (int turns = 1; turns <= 5; ++turns) {
        turn();
        EXPECT_EQ(member.fired, turns);
    }
}

TEST_F(Loop, LetsATimerCancelTheNextOneDue) {
    probe first;
    probe second;
    first.when_due = [&] { loop_.cancel(second); };
    loop_.arm(first, start + 1s);
    loop_.arm(second, start + 1s);
    script_.clock = start + 1h;
    turn();
    EXPECT_EQ(first.fired, 1);
    EXPECT_EQ(second.fired, 0);
}

TEST_F(Loop, FiresOnceAfterAJumpOfTheClock) {
    probe member;
    member.when_due = [&] { loop_.arm(member, loop_.now() + 1s); };
    loop_.arm(member, start + 1s);
    script_.clock = start + 1h;
    turn();
    turn();
    EXPECT_EQ(member.fired, 1);
}

TEST_F(Loop, KeepsItsTimersGoingWhenTheClockGoesBack) {
    probe member;
    turn();
    loop_.arm(member, loop_.now() + 2s);
    script_.clock -= 1h;
    turn();
    EXPECT_EQ(loop_.now(), start);
    script_.clock += 1s;
    turn();
    EXPECT_EQ(loop_.now(), start + 1s);
    EXPECT_EQ(member.fired, 0);
    EXPECT_EQ(limit_of_turn(duration::max()), 1000);
    script_.clock += 1s;
    turn();
    EXPECT_EQ(member.fired, 1);
}

TEST_F(Loop, SurvivesAClockThatGoesToItsLimits) {
    probe member;
    loop_.arm(member, start + 1s);
    for (const time_point wild : {time_point::max(), time_point::min(), time_point{}, start,
                                  time_point::max(), time_point::min() + duration{5}}) {
        const time_point before = loop_.now();
        script_.clock = wild;
        turn();
        EXPECT_GE(loop_.now(), before);
        EXPECT_LT(loop_.now(), never);
    }
    EXPECT_EQ(member.fired, 1);
}

TEST_F(Loop, MakesNoProgressOnAClockThatStandsStill) {
    probe member;
    loop_.arm(member, start + 5ms);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(limit_of_turn(duration::max()), 5);
    }
    EXPECT_EQ(member.fired, 0);
}

// ---- the graveyard ------------------------------------------------------------------------------

TEST_F(Loop, BuriesAMemberWithItsTimer) {
    probe member;
    int gone = 0;
    member.when_gone = [&] { ++gone; };
    loop_.arm(member, start);
    loop_.bury(member);
    loop_.bury(member);
    loop_.cancel(member);
    loop_.arm(member, start);
    turn();
    turn();
    EXPECT_EQ(member.fired, 0);
    EXPECT_EQ(gone, 1);
}

TEST_F(Loop, LetsABuriedMemberDieAndBuryAnother) {
    auto member = std::make_unique<probe>();
    probe other;
    int gone = 0;
    other.when_gone = [&] { ++gone; };
    member->when_gone = [&] {
        loop_.bury(other);
        member.reset();
    };
    loop_.bury(*member);
    turn();
    EXPECT_EQ(member, nullptr);
    EXPECT_EQ(gone, 1);
}

TEST_F(Loop, CancelsAnExpiredTimerByBuryingItsMember) {
    probe first;
    probe second;
    first.when_due = [&] { loop_.bury(second); };
    loop_.arm(first, start);
    loop_.arm(second, start);
    turn();
    EXPECT_EQ(second.fired, 0);
}

// ---- posting and stopping -----------------------------------------------------------------------

TEST_F(Loop, RunsPostedFunctionsInOrderAndTheirOwnInTheNextTurn) {
    std::string order;
    EXPECT_TRUE(loop_.post([&] {
        order += "a";
        EXPECT_TRUE(loop_.post([&] { order += "c"; }));
    }));
    EXPECT_TRUE(loop_.post([&] { order += "b"; }));
    EXPECT_EQ(limit_of_turn(duration::max()), 0);
    EXPECT_EQ(order, "ab");
    EXPECT_EQ(limit_of_turn(duration::max()), 0);
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(limit_of_turn(duration::max()), -1);
}

TEST_F(Loop, RunsWhatWasPostedBeforeItReturnsAndRefusesAfterwards) {
    bool ran = false;
    bool accepted_while_ending = true;
    EXPECT_TRUE(loop_.post([&] {
        loop_.stop();
        EXPECT_TRUE(loop_.post([&] {
            ran = true;
            accepted_while_ending = loop_.post([] {});
        }));
    }));
    EXPECT_EQ(loop_.run(), 0);
    EXPECT_TRUE(ran);
    EXPECT_FALSE(accepted_while_ending);
    EXPECT_FALSE(loop_.post([] {}));
}

TEST_F(Loop, RunsAgainAfterAStop) {
    int runs = 0;
    probe member;
    member.when_due = [&] {
        ++runs;
        loop_.stop();
        loop_.stop();
    };
    for (int i = 1; i <= 3; ++i) {
        loop_.arm(member, loop_.now());
        EXPECT_EQ(loop_.run(), 0);
        EXPECT_EQ(runs, i);
        bool posted = false;
        EXPECT_FALSE(loop_.post([&] { posted = true; }));
        EXPECT_FALSE(posted);
    }
    turn();
    EXPECT_TRUE(loop_.post([] {}));  // turning by hand, it accepts again
}

TEST_F(Loop, ReturnsAtOnceIfStoppedBefore) {
    loop_.stop();
    bool ran = false;
    EXPECT_TRUE(loop_.post([&] { ran = true; }));
    EXPECT_EQ(loop_.run(), 0);
    EXPECT_TRUE(ran);
}

TEST_F(Loop, DestroysWhatNeverRan) {
    auto owned = std::make_shared<int>(1);
    {
        loop unused{options()};
        EXPECT_TRUE(unused.post([owned] { FAIL(); }));
    }
    EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(Loop, ReturnsOneIfThePollerFails) {
    bool ran = false;
    EXPECT_TRUE(loop_.post([&] { ran = true; }));
    script_.wait_fails_with = EBADF;
    EXPECT_EQ(loop_.turn(0s), (error{error_code::system_call_failed, EBADF}));
    EXPECT_EQ(loop_.run(), 1);
    EXPECT_TRUE(ran);
}

// ---- watching -----------------------------------------------------------------------------------

TEST_F(Loop, WatchesNothingIfThePollerRefuses) {
    probe member;
    script_.add_fails_with = ENOSPC;
    EXPECT_EQ(loop_.watch(7, interest::read, member).why(),
              (error{error_code::system_call_failed, ENOSPC}));
    script_.add_fails_with = 0;
    EXPECT_EQ(loop_.watch(-1, interest::read, member).why().code(), error_code::invalid_argument);
    const watch_token token = *loop_.watch(7, interest::read, member);
    EXPECT_EQ(loop_.find(token), &member);
}

TEST_F(Loop, KeepsTheOldInterestIfThePollerRefusesTheNew) {
    probe member;
    const watch_token token = *loop_.watch(7, interest::read, member);
    script_.modify_fails_with = ENOENT;
    EXPECT_EQ(loop_.change(token, interest::both).number(), ENOENT);
    EXPECT_FALSE(loop_.change(token, interest::read));  // it is that already: nobody is asked
    loop_.unwatch(token);
    EXPECT_EQ(loop_.change(token, interest::read).code(), error_code::gone);
    loop_.unwatch(token);
    EXPECT_EQ(script_.removed, 1);
}

TEST_F(Loop, LendsABufferWithRoomInFront) {
    const byte_span buffer = loop_.receive_buffer();
    EXPECT_EQ(buffer.size(), 512U * 1024);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
    std::uint8_t* front = buffer.data() - loop::headroom_bytes;
    std::fill(front, buffer.data() + buffer.size(), std::uint8_t{1});  // the sanitizer judges
}

TEST_F(Loop, IsUnusableWithAPollerThatIsNotThere) {
    loop without{{.poller = poller_kind::best,
                  .make_poller = [](std::uint32_t) -> poller* { return nullptr; }}};
    EXPECT_EQ(without.status().code(), error_code::poller_unavailable);
    EXPECT_EQ(without.run(), 1);
    EXPECT_EQ(without.turn(0s).code(), error_code::poller_unavailable);
    EXPECT_FALSE(without.post([] {}));
    probe member;
    EXPECT_EQ(without.watch(1, interest::read, member).why().code(),
              error_code::poller_unavailable);
    without.stop();
}

TEST_F(Loop, OffersOnlyThePollersOfThisSystem) {
#ifdef __linux__
    EXPECT_EQ(loop{{.poller = poller_kind::kqueue}}.status().code(),
              error_code::poller_unavailable);
    EXPECT_FALSE(loop{{.poller = poller_kind::epoll}}.status());
#else
    EXPECT_EQ(loop{{.poller = poller_kind::epoll}}.status().code(), error_code::poller_unavailable);
#endif
    EXPECT_FALSE(loop{{.poller = poller_kind::poll}}.status());
    EXPECT_FALSE(loop{}.status());
}

// ---- threads ------------------------------------------------------------------------------------

TEST_F(Loop, IsUsableByAnyThreadBeforeAndAfterItRuns) {
    std::thread other{[&] {
        loop_.check_thread();
        loop_.stop();
        EXPECT_EQ(loop_.run(), 0);
    }};
    other.join();
    loop_.check_thread();
    probe member;
    loop_.arm(member, start + 1s);
    loop_.cancel(member);
}

#ifndef NDEBUG
TEST_F(Loop, AbortsADebugBuildOnAnotherThreadAndNamesBoth) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            loop used{options()};
            std::thread owner{[&] {
                tests::name_thread("its-owner");
                static_cast<void>(used.turn(0s));
            }};
            owner.join();
            std::thread stranger{[&] {
                tests::name_thread("a-stranger");
                used.check_thread();
            }};
            stranger.join();
        },
        "the loop of thread \"its-owner\" was used by thread \"a-stranger\"");
}
#endif

}  // namespace
}  // namespace plainsong
