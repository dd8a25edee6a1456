// SPDX-License-Identifier: MIT
// The loop over the kernel's own readiness, the same on every poller.
#include <plainsong/net/loop.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/portable.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::probe;
using tests::socket_pair;
using tests::tcp_pair;
using tests::turn_until;
using tests::unix_pair;

class LoopOverKernel : public ::testing::TestWithParam<tests::poller_choice> {
protected:
    loop loop_{GetParam().options};

    watch_token watch(const fd& socket, interest what, probe& member) {
        result<watch_token> token = loop_.watch(socket.number(), what, member);
        EXPECT_TRUE(token);
        return *token;
    }
    /// Turns without waiting.  Returns: how often `member` was told something.
    std::size_t events_of(probe& member, int turns) {
        const std::size_t before = member.seen.size();
        for (int i = 0; i < turns; ++i) {
            EXPECT_FALSE(loop_.turn(0s));
        }
        return member.seen.size() - before;
    }
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, LoopOverKernel, tests::every_poller(), tests::poller_name{});

TEST_P(LoopOverKernel, ReportsWhatIsReadableUntilItIsRead) {
    const socket_pair pair = unix_pair();
    probe member;
    watch(pair.ours, interest::read, member);
    EXPECT_EQ(events_of(member, 3), 0U);
    tests::write_all(pair.theirs.number(), "hello");
    ASSERT_TRUE(turn_until(loop_, [&] { return !member.seen.empty(); }));
    EXPECT_TRUE(member.seen.back().readable);
    EXPECT_FALSE(member.seen.back().hung_up || member.seen.back().failed);
    EXPECT_EQ(events_of(member, 3), 3U);  // level-triggered
    EXPECT_EQ(sys::receive(pair.ours.number(), loop_.receive_buffer()).count, 5U);
    EXPECT_EQ(events_of(member, 3), 0U);
}

TEST_P(LoopOverKernel, FollowsAChangeOfInterest) {
    const socket_pair pair = unix_pair();
    probe member;
    const watch_token token = watch(pair.ours, interest::read, member);
    tests::write_all(pair.theirs.number(), "hello");
    EXPECT_FALSE(loop_.change(token, interest::write));
    EXPECT_EQ(events_of(member, 2), 2U);
    EXPECT_TRUE(member.seen.back().writable);
    EXPECT_FALSE(member.seen.back().readable);
    EXPECT_FALSE(loop_.change(token, interest::none));
    EXPECT_EQ(events_of(member, 3), 0U);
    EXPECT_FALSE(loop_.change(token, interest::both));
    EXPECT_GE(events_of(member, 1), 1U);
    readiness seen;
    for (const readiness& each : member.seen) {
        seen.readable = seen.readable || each.readable;
        seen.writable = seen.writable || each.writable;
    }
    EXPECT_TRUE(seen.readable && seen.writable);
    loop_.unwatch(token);
    EXPECT_EQ(events_of(member, 3), 0U);
    EXPECT_EQ(loop_.find(token), nullptr);
}

TEST_P(LoopOverKernel, WaitsNoLongerThanItsTimer) {
    probe member;
    const time_point begin = sys::now();
    loop_.arm(member, loop_.now() + 20ms);
    ASSERT_TRUE(turn_until(loop_, [&] { return member.fired == 1; }));
    EXPECT_GE(sys::now() - begin, 20ms);
}

TEST_P(LoopOverKernel, DropsTheEventOfASocketWhoseNumberCameBackInTheBatch) {
    socket_pair first = unix_pair();
    socket_pair second = unix_pair();
    tests::write_all(first.theirs.number(), "1");
    tests::write_all(second.theirs.number(), "2");
    probe one;
    probe two;
    probe newcomer;
    fd renewed;
    watch_token tokens[2];
    // Whoever is called first closes the other and opens a socket under its number.
    auto replace = [&](watch_token victim, fd& closed) {
        if (renewed) {
            return;
        }
        const int number = closed.number();
        loop_.unwatch(victim);
        closed.reset();
        renewed = fd{tests::make_socket(AF_UNIX)};
        ASSERT_EQ(renewed.number(), number);
        watch(renewed, interest::none, newcomer);
    };
    one.when_ready = [&](readiness) { replace(tokens[1], second.ours); };
    two.when_ready = [&](readiness) { replace(tokens[0], first.ours); };
    tokens[0] = watch(first.ours, interest::read, one);
    tokens[1] = watch(second.ours, interest::read, two);
    ASSERT_FALSE(loop_.turn(1s));
    EXPECT_EQ(one.seen.size() + two.seen.size(), 1U);
    for (const readiness& seen : newcomer.seen) {
        EXPECT_FALSE(seen.readable);
    }
}

TEST_P(LoopOverKernel, ServesEverybodyInRotationWhenTheBatchIsSmall) {
    loop_options options = GetParam().options;
    options.events_per_turn = 4;
    loop small{options};
    constexpr std::size_t members = 40;
    std::vector<socket_pair> pairs;
    std::vector<probe> probes(members);
    for (probe& member : probes) {
        pairs.push_back(unix_pair());
        ASSERT_TRUE(small.watch(pairs.back().ours.number(), interest::write, member));
    }
    for (std::size_t turns = 0; turns < 2 * members / 4; ++turns) {
        ASSERT_FALSE(small.turn(0s));
    }
    if (std::string{GetParam().name} == "fake_kqueue") {
        return;  // rotation is the kernel's part there, and the fake has none
    }
    for (const probe& member : probes) {
        EXPECT_GE(member.seen.size(), 1U);
        EXPECT_LE(member.seen.size(), 3U);
    }
}

TEST_P(LoopOverKernel, TakesDescriptorsAboveAThousand) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit old = limit;
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    const int high = limit.rlim_cur > 70'000 ? 69'000 : static_cast<int>(limit.rlim_cur) - 1;
    const socket_pair pair = unix_pair();
    const fd moved{::fcntl(pair.ours.number(), F_DUPFD_CLOEXEC, high)};
    ASSERT_GE(moved.number(), high);
    probe member;
    const watch_token token = watch(moved, interest::read, member);
    tests::write_all(pair.theirs.number(), "x");
    EXPECT_TRUE(turn_until(loop_, [&] { return !member.seen.empty(); }));
    loop_.unwatch(token);
    ::setrlimit(RLIMIT_NOFILE, &old);
}

// ---- ends of connections ------------------------------------------------------------------------

TEST_P(LoopOverKernel, ReportsAFinAsReadable) {
    socket_pair pair = tcp_pair();
    probe member;
    watch(pair.ours, interest::read, member);
    pair.theirs.reset();
    ASSERT_TRUE(turn_until(loop_, [&] { return !member.seen.empty(); }));
    EXPECT_TRUE(member.seen.back().readable);
    stream ours = tcp_stream(pair.ours.release());
    EXPECT_EQ(ours.receive(loop_.receive_buffer()).status, io_result::kind::end);
}

TEST_P(LoopOverKernel, HandsOverTheDataInFrontOfAReset) {
    socket_pair pair = tcp_pair();
    probe member;
    watch(pair.ours, interest::read, member);
    tests::write_all(pair.theirs.number(), "last words");
    tests::reset(pair.theirs);
    bool told = false;
    ASSERT_TRUE(turn_until(loop_, [&] {
        for (const readiness& seen : member.seen) {
            told = told || seen.failed;
        }
        return told;
    }));
    EXPECT_TRUE(member.seen.back().readable);
    stream ours = tcp_stream(pair.ours.release());
    EXPECT_EQ(ours.receive(loop_.receive_buffer()).count, 10U);
    const io_result after = ours.receive(loop_.receive_buffer());
    EXPECT_EQ(after.status, io_result::kind::failed);
    EXPECT_EQ(after.number, ECONNRESET);
}

TEST_P(LoopOverKernel, DoesNotSpinOnAResetWhilePaused) {
    socket_pair pair = tcp_pair();
    probe member;
    const watch_token token = watch(pair.ours, interest::read, member);
    EXPECT_FALSE(loop_.change(token, interest::none));
    tests::reset(pair.theirs);
    tests::await_ready(pair.ours.number(), 1 /* POLLIN */);
    EXPECT_LE(events_of(member, 50), 1U);
    EXPECT_FALSE(loop_.change(token, interest::read));
    EXPECT_GE(events_of(member, 2), 2U);
    EXPECT_TRUE(member.seen.back().readable);
}

TEST_P(LoopOverKernel, DoesNotReportAFinWhilePaused) {
    socket_pair pair = tcp_pair();
    probe member;
    const watch_token token = watch(pair.ours, interest::none, member);
    pair.theirs.reset();
    tests::await_ready(pair.ours.number(), 1 /* POLLIN */);
    EXPECT_EQ(events_of(member, 50), 0U);
    EXPECT_FALSE(loop_.change(token, interest::read));
    EXPECT_EQ(events_of(member, 1), 1U);
}

TEST_P(LoopOverKernel, ReportsAFinToThePatientInTime) {
    socket_pair pair = tcp_pair();
    probe member;
    const watch_token token = watch(pair.ours, interest::both, member);
    ASSERT_FALSE(loop_.change(token, interest::patient));
    EXPECT_EQ(events_of(member, 3), 0U);  // and none of being writable
    pair.theirs.reset();
    ASSERT_TRUE(turn_until(loop_, [&] { return !member.seen.empty(); }));
    EXPECT_TRUE(member.seen.back().readable);
    loop_.unwatch(token);
    EXPECT_EQ(events_of(member, 3), 0U);
}

TEST_P(LoopOverKernel, TakesAHangUpOfBothSidesForANormalEnd) {
    socket_pair pair = tcp_pair();
    probe member;
    watch(pair.ours, interest::read, member);
    stream ours = tcp_stream(pair.ours.release());
    ours.shutdown_write();
    ::shutdown(pair.theirs.number(), SHUT_WR);
    ASSERT_TRUE(turn_until(loop_, [&] { return !member.seen.empty(); }));
    EXPECT_TRUE(member.seen.back().readable);
    EXPECT_FALSE(member.seen.back().failed);
    EXPECT_EQ(ours.receive(loop_.receive_buffer()).status, io_result::kind::end);
}

// ---- other threads, signals, processes ----------------------------------------------------------

TEST_P(LoopOverKernel, WakesForAStopFromAnotherThread) {
    std::thread other{[&] { loop_.stop(); }};
    EXPECT_EQ(loop_.run(), 0);
    other.join();
}

TEST_P(LoopOverKernel, RunsEachPostedFunctionOnceOrSaysNo) {
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> accepted = 0;
        int ran = 0;  // the loop's thread alone writes it
        std::thread runner{[&] { EXPECT_EQ(loop_.run(), 0); }};
        std::vector<std::thread> posters;
        for (int i = 0; i < 8; ++i) {
            posters.emplace_back([&] {
                for (int posts = 0; posts < 200; ++posts) {
                    accepted += loop_.post([&] { ++ran; }) ? 1 : 0;
                }
            });
        }
        std::thread stopper{[&] { loop_.stop(); }};
        stopper.join();
        for (std::thread& poster : posters) {
            poster.join();
        }
        runner.join();
        loop_.stop();  // what was accepted between two runs is run by the next
        EXPECT_EQ(loop_.run(), 0);
        ASSERT_EQ(ran, accepted.load());
    }
}

TEST_P(LoopOverKernel, IsStoppedByASignalHandlerThatKeepsErrno) {
    static std::atomic<loop*> stopped = nullptr;
    static std::atomic<bool> errno_kept = false;
    stopped = &loop_;
    struct sigaction action {};
    struct sigaction old {};
    action.sa_handler = [](int) {
        const int interrupted = errno;
        errno = 12345;
        stopped.load()->stop();
        errno_kept = errno == 12345;
        errno = interrupted;
    };
    ASSERT_EQ(::sigaction(SIGUSR1, &action, &old), 0);
    const pthread_t self = ::pthread_self();
    std::thread other{[&] { ::pthread_kill(self, SIGUSR1); }};
    EXPECT_EQ(loop_.run(), 0);
    other.join();
    ::sigaction(SIGUSR1, &old, nullptr);
    EXPECT_TRUE(errno_kept);
}

TEST_P(LoopOverKernel, CarriesAMegabyteThroughAStormOfSignals) {
    struct sigaction action {};
    struct sigaction old_action {};
    action.sa_handler = [](int) {};  // and no SA_RESTART
    ASSERT_EQ(::sigaction(SIGALRM, &action, &old_action), 0);
    const itimerval storm{{0, 500}, {0, 500}};
    ASSERT_EQ(::setitimer(ITIMER_REAL, &storm, nullptr), 0);

    socket_pair pair = tcp_pair();
    stream ours = tcp_stream(pair.ours.release());
    stream theirs = tcp_stream(pair.theirs.release());
    const std::string text(1'000'000, 's');
    std::size_t sent = 0;
    std::size_t received = 0;
    probe reader;
    probe writer;
    reader.when_ready = [&](readiness) {
        const io_result got = ours.receive(loop_.receive_buffer());
        EXPECT_NE(got.status, io_result::kind::failed);
        received += got.count;
    };
    writer.when_ready = [&](readiness) {
        if (sent < text.size()) {
            const io_slice rest{const_cast<char*>(text.data()) + sent, text.size() - sent};
            const io_result put = theirs.send({&rest, 1});
            EXPECT_NE(put.status, io_result::kind::failed);
            sent += put.count;
        }
    };
    ASSERT_TRUE(loop_.watch(ours.descriptor(), interest::read, reader));
    ASSERT_TRUE(loop_.watch(theirs.descriptor(), interest::write, writer));
    EXPECT_TRUE(turn_until(loop_, [&] { return received == text.size(); }));

    const itimerval calm{};
    ::setitimer(ITIMER_REAL, &calm, nullptr);
    ::sigaction(SIGALRM, &old_action, nullptr);
}

TEST_P(LoopOverKernel, WorksWithTheStandardDescriptorsClosed) {
    const loop_options options = GetParam().options;
    const int status = tests::in_child([&] {
        ::close(0);
        ::close(1);
        ::close(2);
        loop own{options};
        const socket_pair pair = unix_pair();
        probe member;
        if (own.status() || !own.watch(pair.ours.number(), interest::read, member)) {
            return 1;
        }
        tests::write_all(pair.theirs.number(), "x");
        return turn_until(own, [&] { return !member.seen.empty(); }) ? 0 : 2;
    });
    EXPECT_EQ(status, 0);
}

TEST_P(LoopOverKernel, LeavesNoDescriptorBehind) {
    const std::size_t before = tests::open_descriptors();
    for (int i = 0; i < 100; ++i) {
        loop short_lived{GetParam().options};
        EXPECT_FALSE(short_lived.turn(0s));
    }
    EXPECT_EQ(tests::open_descriptors(), before);
}

TEST_P(LoopOverKernel, MakesEachOfItsDescriptorsCloseOnExec) {
    std::set<int> before;
    for (int number = 0; number < 1024; ++number) {
        if (::fcntl(number, F_GETFD) >= 0) {
            before.insert(number);
        }
    }
    loop another{GetParam().options};
    for (int number = 0; number < 1024; ++number) {
        const int flags = ::fcntl(number, F_GETFD);
        EXPECT_TRUE(flags < 0 || before.contains(number) || (flags & FD_CLOEXEC) != 0) << number;
    }
}

}  // namespace
}  // namespace plainsong
