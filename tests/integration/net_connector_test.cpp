// SPDX-License-Identifier: MIT
// net_connector_test.cpp — connecting over the kernel's own sockets, the same on every poller.
//
// The clock of these loops stands still unless a test moves it: what happens without that has not
// waited for anything.
#include <plainsong/net/connector.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/far_ends.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::ipv4_host;
using tests::ipv6_host;
using tests::open_end;
using tests::refusing_end;
using tests::silent_end;
using tests::turn_until;

time_point clock_now;

class ConnectorOverKernel : public ::testing::TestWithParam<tests::poller_choice> {
protected:
    ConnectorOverKernel() { EXPECT_FALSE(loop_.status()); }
    ~ConnectorOverKernel() override {
        // Whatever a test has done, no descriptor is left.
        outcomes_.clear();
        connector_.reset();
        EXPECT_EQ(tests::open_descriptors(), at_first_);
    }

    static loop_options on_virtual_time(loop_options options) {
        clock_now = time_point{1'000'000s};
        options.clock = [] { return clock_now; };
        return options;
    }

    void connect(const std::vector<address>& where, const connect_options& options = {}) {
        // What a test has opened before is its own.
        descriptors_ = tests::open_descriptors();
        connector_->connect(where, options, [this](connect_outcome outcome) {
            outcomes_.push_back(std::move(outcome));
        });
        EXPECT_TRUE(connector_->is_connecting());
        EXPECT_TRUE(outcomes_.empty());  // never inside the call
    }
    void turn() { ASSERT_FALSE(loop_.turn(0s)); }
    /// All that happens without waiting.
    void settle() {
        for (int i = 0; i < 3; ++i) {
            turn();
        }
    }
    void pass(duration time) {
        clock_now += time;
        settle();
    }
    /// Returns: the one outcome, when it has come.
    connect_outcome& outcome() {
        EXPECT_TRUE(turn_until(loop_, [&] { return !outcomes_.empty(); }));
        settle();
        EXPECT_EQ(outcomes_.size(), 1U);
        EXPECT_FALSE(connector_->is_connecting());
        return outcomes_.at(0);
    }
    /// Returns: whether the outcome is a connection to `there`, over which a byte goes.
    bool reaches(const open_end& there) {
        connect_outcome& made = outcome();
        EXPECT_FALSE(made.why) << facts_of(made.why.code()).name << ' ' << made.why.number();
        EXPECT_EQ(made.peer, there.where());
        if (!made.transport) {
            return false;
        }
        tests::write_all(made.transport.descriptor(), "x");
        const fd taken = there.take();
        if (!taken) {
            return false;
        }
        tests::await_ready(taken.number(), POLLIN);
        return sys::receive(taken.number(), loop_.receive_buffer()).count == 1;
    }
    /// Returns: what is open now beyond what was when connect() was called.
    std::size_t opened() { return tests::open_descriptors() - descriptors_; }

    loop loop_{on_virtual_time(GetParam().options)};
    std::unique_ptr<connector> connector_ = std::make_unique<connector>(loop_);
    std::vector<connect_outcome> outcomes_;
    std::size_t at_first_ = tests::open_descriptors();
    std::size_t descriptors_ = at_first_;
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, ConnectorOverKernel, tests::every_poller(),
                         tests::poller_name{});

// ---- one address --------------------------------------------------------------------------------

TEST_P(ConnectorOverKernel, ConnectsOverEachFamily) {
    const tests::socket_path path;
    for (const open_end& there : {open_end{ipv4_host}, open_end{ipv6_host}}) {
        connect({there.where()});
        EXPECT_TRUE(reaches(there));
        outcomes_.clear();
    }
    const open_end there{path.where()};
    connect({there.where()});
    EXPECT_TRUE(reaches(there));
}

TEST_P(ConnectorOverKernel, HandsOverASocketThatNeverBlocksNorDelaysNorIsInherited) {
    const open_end there;
    connect({there.where()});
    const int socket = outcome().transport.descriptor();
    EXPECT_NE(::fcntl(socket, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(socket, F_GETFD) & FD_CLOEXEC, 0);
    int no_delay = 0;
    socklen_t size = sizeof no_delay;
    EXPECT_EQ(::getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
    EXPECT_NE(no_delay, 0);
    // It has left the loop: its new owner may watch it.
    tests::probe member;
    EXPECT_TRUE(loop_.watch(socket, interest::write, member));
    settle();
    EXPECT_FALSE(member.seen.empty());
    EXPECT_EQ(opened(), 1U);
}

TEST_P(ConnectorOverKernel, SaysOnceThatItWasRefused) {
    const refusing_end there;
    connect({there.where()});
    EXPECT_EQ(outcome().why, (error{error_code::connect_failed, ECONNREFUSED}));
    EXPECT_FALSE(outcome().transport);
    EXPECT_FALSE(outcome().peer);
    EXPECT_EQ(opened(), 0U);
}

TEST_P(ConnectorOverKernel, SaysWhyAPathTakesNoConnection) {
    const tests::socket_path path;
    connect({path.where()});
    EXPECT_EQ(outcome().why, (error{error_code::connect_failed, ENOENT}));
    outcomes_.clear();
    { const open_end gone{path.where()}; }
    connect({path.where()});
    EXPECT_EQ(outcome().why, (error{error_code::connect_failed, ECONNREFUSED}));
}

TEST_P(ConnectorOverKernel, RefusesToConnectToNothing) {
    connect({});
    EXPECT_EQ(outcome().why, error_code::no_such_address);
    outcomes_.clear();
    connect({address{}});
    EXPECT_EQ(outcome().why, error_code::no_such_address);
}

TEST_P(ConnectorOverKernel, GivesUpAtItsDeadlineAndNotBefore) {
    const silent_end there;
    connect({there.where()}, {.within = 3s});
    settle();
    EXPECT_EQ(opened(), 1U);
    pass(3s - 1ms);
    EXPECT_TRUE(outcomes_.empty());
    pass(1ms);
    EXPECT_EQ(outcome().why, error{error_code::connect_timeout});
    EXPECT_EQ(opened(), 0U);
}

TEST_P(ConnectorOverKernel, CountsTheDeadlineFromItsFirstTurn) {
    const silent_end there;
    connect({there.where()}, {.within = 3s});
    pass(100s);  // the program was busy with something else
    pass(3s - 1ms);
    EXPECT_TRUE(outcomes_.empty());
    pass(1ms);
    EXPECT_EQ(outcome().why, error{error_code::connect_timeout});
}

TEST_P(ConnectorOverKernel, SeesAnAnswerThatWasThereBeforeTheDeadline) {
    const open_end there;
    connect({there.where()}, {.within = 3s});
    turn();
    there.await_guest();
    clock_now += 10s;  // both are so by the time that the loop looks again
    turn();
    EXPECT_FALSE(outcome().why);
}

TEST_P(ConnectorOverKernel, WaitsForEverIfToldSo) {
    const silent_end there;
    connect({there.where()}, {.stagger = duration::max(), .within = duration::max()});
    settle();
    pass(std::chrono::hours{24 * 365 * 100});
    EXPECT_TRUE(outcomes_.empty());
    EXPECT_TRUE(connector_->is_connecting());
}

TEST_P(ConnectorOverKernel, TakesNoTimeForATimeout) {
    for (const duration within : {duration{0}, duration{-1s}}) {
        const silent_end there;
        connect({there.where()}, {.within = within});
        EXPECT_EQ(outcome().why, error{error_code::connect_timeout});
        outcomes_.clear();
    }
}

// ---- several addresses --------------------------------------------------------------------------

TEST_P(ConnectorOverKernel, TriesTheNextAtOnceWhenOneIsRefused) {
    const refusing_end first;
    const refusing_end second{ipv6_host};
    const open_end third;
    connect({first.where(), third.where(), second.where()});
    EXPECT_TRUE(reaches(third));
    EXPECT_EQ(opened(), 1U);
}

TEST_P(ConnectorOverKernel, GivesEachAttemptItsHeadStart) {
    const silent_end first;
    const silent_end second{ipv6_host};
    const open_end third;
    connect({first.where(), third.where(), second.where()});
    settle();
    EXPECT_EQ(opened(), 1U);
    pass(250ms - 1ns);
    EXPECT_EQ(opened(), 1U);
    pass(1ms);
    EXPECT_EQ(opened(), 2U);
    pass(249ms);
    EXPECT_EQ(opened(), 2U);
    EXPECT_FALSE(third.has_guest());
    pass(1ms);
    EXPECT_TRUE(reaches(third));
    EXPECT_EQ(opened(), 1U);  // those that lost are closed
}

TEST_P(ConnectorOverKernel, AlternatesFamilies) {
    const silent_end first{ipv6_host};
    const open_end same{ipv6_host};
    const open_end other;
    connect({first.where(), same.where(), other.where()});
    settle();
    pass(250ms);
    EXPECT_TRUE(reaches(other));
    EXPECT_FALSE(same.has_guest());
}

TEST_P(ConnectorOverKernel, GivesTheNextItsTurnWhenOneFailsAmongOthers) {
    const silent_end first;
    const refusing_end second;
    const open_end third;
    connect({first.where(), second.where(), third.where()});
    settle();
    EXPECT_FALSE(third.has_guest());
    pass(250ms);
    EXPECT_TRUE(reaches(third));
    EXPECT_EQ(opened(), 1U);
}

TEST_P(ConnectorOverKernel, StartsAllAtOnceWithoutAHeadStart) {
    for (const duration stagger : {duration{0}, duration{-1s}}) {
        const silent_end first;
        const silent_end second{ipv6_host};
        connect({first.where(), second.where()}, {.stagger = stagger});
        settle();
        EXPECT_EQ(opened(), 2U);
        connector_->cancel();
    }
}

TEST_P(ConnectorOverKernel, EndsAllAttemptsAtOneDeadline) {
    const silent_end first;
    const silent_end second{ipv6_host};
    const open_end third;
    connect({first.where(), third.where(), second.where()}, {.within = 400ms});
    settle();
    pass(250ms);
    EXPECT_EQ(opened(), 2U);
    pass(150ms);
    EXPECT_EQ(outcome().why, error{error_code::connect_timeout});
    EXPECT_EQ(opened(), 0U);
    EXPECT_FALSE(third.has_guest());
}

TEST_P(ConnectorOverKernel, TriesAThousandAddressesAndReportsOnce) {
    const refusing_end there;
    connect(std::vector<address>(1000, there.where()));
    EXPECT_EQ(outcome().why, (error{error_code::connect_failed, ECONNREFUSED}));
    EXPECT_EQ(opened(), 0U);
}

TEST_P(ConnectorOverKernel, SaysWhatTellsMostOfSeveralFailures) {
    const refusing_end refusing;
    const tests::socket_path missing;
    for (const auto& where : {std::vector{refusing.where(), missing.where()},
                              std::vector{missing.where(), refusing.where()}}) {
        connect(where);
        EXPECT_EQ(outcome().why, (error{error_code::connect_failed, ECONNREFUSED}));
        outcomes_.clear();
    }
}

TEST_P(ConnectorOverKernel, WaitsForRoomInTheQueueOfAPath) {
    const tests::socket_path path;
    silent_end there{path.where()};
    connect({there.where()});
    settle();
    pass(1s);
    EXPECT_TRUE(outcomes_.empty());
    EXPECT_EQ(opened(), 0U);  // nothing is under way; it only tries again
    there.make_room();
    descriptors_ = tests::open_descriptors();
    pass(19ms);
    EXPECT_EQ(opened(), 0U);
    pass(1ms);
    EXPECT_FALSE(outcome().why);
}

TEST_P(ConnectorOverKernel, WaitsForRoomInTheQueueOfAPathNoLongerThanItsDeadline) {
    const tests::socket_path path;
    const silent_end there{path.where()};
    connect({there.where()}, {.within = 50ms});
    settle();
    pass(49ms);
    EXPECT_TRUE(outcomes_.empty());
    pass(1ms);
    EXPECT_EQ(outcome().why, error{error_code::connect_timeout});
}

// ---- cancelling ---------------------------------------------------------------------------------

TEST_P(ConnectorOverKernel, IsCancelledAtEachStageWithoutACallOrADescriptor) {
    const silent_end first;
    const silent_end second{ipv6_host};
    const open_end third;
    const std::vector<address> where = {first.where(), third.where(), second.where()};
    const std::vector<std::function<void()>> stages = {
        [] {},                 // nothing has begun
        [&] { settle(); },     // one on its way
        [&] { pass(250ms); },  // two
        [&] {                  // one has arrived
            clock_now += 250ms;
            turn();
            third.await_guest();
        },
    };
    for (const bool destroys : {false, true}) {
        for (std::size_t stage = 0; stage < stages.size(); ++stage) {
            connect(where);
            for (std::size_t i = 0; i <= stage; ++i) {
                stages[i]();
            }
            EXPECT_TRUE(connector_->is_connecting());
            EXPECT_EQ(opened(), stage);
            if (destroys) {
                connector_ = std::make_unique<connector>(loop_);
            } else {
                connector_->cancel();
                connector_->cancel();
            }
            EXPECT_FALSE(connector_->is_connecting());
            EXPECT_EQ(opened(), 0U);
            pass(std::chrono::hours{1});
            EXPECT_TRUE(outcomes_.empty());
            static_cast<void>(third.take());
        }
    }
}

TEST_P(ConnectorOverKernel, DropsTheCallbackWhenItIsCancelled) {
    const auto owned = std::make_shared<int>(1);
    const silent_end there;
    const address where = there.where();
    connector_->connect({&where, 1}, {}, [kept = owned](connect_outcome) { FAIL(); });
    settle();
    EXPECT_EQ(owned.use_count(), 2);
    connector_->cancel();
    EXPECT_EQ(owned.use_count(), 1);
}

TEST_P(ConnectorOverKernel, BeginsAnewWhenItIsToldToConnectAgain) {
    const silent_end first;
    const open_end second;
    connect({first.where()});
    settle();
    connect({second.where()});
    descriptors_ -= 1;  // that of the first attempt, which is gone
    EXPECT_TRUE(reaches(second));
    EXPECT_EQ(opened(), 1U);
}

TEST_P(ConnectorOverKernel, MayBeDestroyedInItsCallback) {
    const open_end open;
    const refusing_end refusing;
    const silent_end silent;
    for (const address& where : {open.where(), refusing.where(), silent.where()}) {
        int calls = 0;
        const address list[] = {where, silent.where()};
        connector_->connect(list, {.within = 2s}, [&](connect_outcome) {
            ++calls;
            connector_ = std::make_unique<connector>(loop_);
        });
        ASSERT_TRUE(turn_until(loop_, [&] {
            clock_now += 1s;
            return calls > 0;
        }));
        settle();
        EXPECT_EQ(calls, 1);
    }
}

TEST_P(ConnectorOverKernel, MayConnectAgainInItsCallback) {
    const refusing_end refusing;
    const open_end open;
    const address first = refusing.where();
    std::vector<error> seen;
    connector_->connect({&first, 1}, {}, [&](connect_outcome outcome) {
        seen.push_back(outcome.why);
        connect({open.where()});
    });
    EXPECT_TRUE(reaches(open));
    EXPECT_EQ(seen, (std::vector<error>{{error_code::connect_failed, ECONNREFUSED}}));
}

// ---- real time ----------------------------------------------------------------------------------

TEST(ConnectorInRealTime, LetsAnEarlierAttemptWinOverALaterOne) {
    loop turned;
    connector made{turned};
    silent_end first;
    const silent_end second{ipv6_host};
    const address where[] = {first.where(), second.where()};
    std::vector<connect_outcome> outcomes;
    made.connect(where, {.stagger = 1ms, .within = tests::patience},
                 [&](connect_outcome outcome) { outcomes.push_back(std::move(outcome)); });
    const std::size_t before = tests::open_descriptors();
    ASSERT_TRUE(turn_until(turned, [&] { return tests::open_descriptors() == before + 2; }));
    first.make_room();  // and the kernel of this side asks again within a second
    ASSERT_TRUE(turn_until(turned, [&] { return !outcomes.empty(); }));
    EXPECT_FALSE(outcomes[0].why);
    EXPECT_EQ(outcomes[0].peer, first.where());
}

}  // namespace
}  // namespace plainsong
