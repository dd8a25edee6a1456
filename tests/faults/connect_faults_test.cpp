// SPDX-License-Identifier: MIT
// connect_faults_test.cpp — what connector and resolver do when system calls fail.
#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <plainsong/net/connector.hpp>
#include <plainsong/net/resolver.hpp>

#include "tests/support/far_ends.hpp"
#include "tests/support/fault_injection.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::open_end;
using tests::refusing_end;
using tests::silent_end;
using tests::turn_until;
namespace faults = tests::faults;
using faults::call;
using faults::injection;

time_point clock_now;

class ConnectFaultsOverKernel : public ::testing::TestWithParam<tests::poller_choice> {
protected:
    static loop_options on_virtual_time(loop_options options) {
        clock_now = time_point{1'000'000s};
        options.clock = [] { return clock_now; };
        return options;
    }

    /// Connects, with time moving whenever nothing else does.  Returns: the one outcome.
    connect_outcome connect(const std::vector<address>& where,
                            const connect_options& options = {}) {
        connector made{loop_};
        std::vector<connect_outcome> outcomes;
        made.connect(where, options,
                     [&](connect_outcome outcome) { outcomes.push_back(std::move(outcome)); });
        const bool came = turn_until(loop_, [&] {
            clock_now += loop_.turn(0s) ? 0s : 50ms;
            return !outcomes.empty();
        });
        EXPECT_TRUE(came);
        EXPECT_FALSE(loop_.turn(0s));
        EXPECT_EQ(outcomes.size(), 1U);
        return outcomes.empty() ? connect_outcome{} : std::move(outcomes[0]);
    }

    loop loop_{on_virtual_time(GetParam().options)};
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, ConnectFaultsOverKernel, tests::every_poller(),
                         tests::poller_name{});

constexpr call calls_of_connecting[] = {call::socket,      call::setsockopt, call::connect,
                                        call::epoll_ctl,   call::getsockopt, call::getpeername,
                                        call::getsockname, call::close};

TEST_P(ConnectFaultsOverKernel, ReportsOnceAndLeavesNothingOpenWhicheverCallFails) {
    const open_end there;
    int failed = 0;
    for (const call which : calls_of_connecting) {
        const std::size_t before = tests::open_descriptors();
        failed += faults::fail_each(
            {.which = which, .number = ENOMEM, .acts = which == call::close}, [&] {
                connect_outcome outcome = connect({there.where()});
                if (outcome.why) {
                    EXPECT_EQ(outcome.why, (error{error_code::connect_failed, ENOMEM}));
                    EXPECT_FALSE(outcome.transport);
                } else {
                    EXPECT_TRUE(outcome.transport);
                }
                outcome.transport.close();
                while (there.take()) {
                }
            });
        EXPECT_EQ(tests::open_descriptors(), before) << faults::name_of(which);
    }
    EXPECT_GE(failed, 7);
}

TEST_P(ConnectFaultsOverKernel, GoesOnToTheNextAddressWhicheverCallFails) {
    const open_end first;
    const open_end second{tests::ipv6_host};
    for (const call which :
         {call::socket, call::connect, call::getsockopt, call::getpeername, call::getsockname}) {
        for (const int number : {ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, ECONNREFUSED, EADDRNOTAVAIL,
                                 EMFILE, EACCES, 9999}) {
            const injection active{{.which = which, .number = number}};
            connect_outcome outcome = connect({first.where(), second.where()});
            EXPECT_FALSE(outcome.why) << faults::name_of(which) << ' ' << number;
            EXPECT_EQ(outcome.peer, second.where());
            EXPECT_EQ(active.fired(), 1);
        }
    }
}

TEST_P(ConnectFaultsOverKernel, NamesTheErrnoOfWhatFailedAtOnce) {
    const open_end there;
    for (const int number : {ENETUNREACH, ECONNREFUSED, EADDRNOTAVAIL, EACCES, EMFILE, 9999}) {
        const injection active{{.which = call::connect, .number = number}};
        EXPECT_EQ(connect({there.where()}).why, (error{error_code::connect_failed, number}));
    }
    const injection active{{.which = call::connect, .number = ETIMEDOUT}};
    EXPECT_EQ(connect({there.where()}).why, (error{error_code::connect_timeout, ETIMEDOUT}));
}

TEST_P(ConnectFaultsOverKernel, TellsARefusalBeforeAnAddressOutOfReach) {
    const refusing_end first;
    const refusing_end second;
    for (const int nth : {1, 2}) {
        for (const int number : {ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EACCES, ETIMEDOUT}) {
            const injection active{{.which = call::connect, .number = number, .nth = nth}};
            EXPECT_EQ(connect({first.where(), second.where()}).why,
                      (error{error_code::connect_failed, ECONNREFUSED}));
            EXPECT_EQ(active.fired(), 1);
        }
    }
}

TEST_P(ConnectFaultsOverKernel, AwaitsAConnectThatASignalInterrupted) {
    const open_end there;
    const injection active{{.which = call::connect, .number = EINTR, .acts = true}};
    EXPECT_FALSE(connect({there.where()}).why);
    EXPECT_EQ(active.calls(call::connect), 1);
}

TEST_P(ConnectFaultsOverKernel, NoticesAHangUpWhoseErrorIsGone) {
    const refusing_end there;
    // The kernel tells the error of a socket once; here somebody else has heard it.
    const injection active{{.which = call::getsockopt, .number = 0, .returns = 0}};
    EXPECT_EQ(connect({there.where()}).why, (error{error_code::connect_failed, ENOTCONN}));
    EXPECT_EQ(active.fired(), 1);
}

TEST_P(ConnectFaultsOverKernel, KeepsAnAddressForWhenThereAreDescriptorsAgain) {
    for (const int number : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
        const silent_end first;
        const open_end second;
        // Not before the first has got its own, and then a few times.
        connector made{loop_};
        std::vector<connect_outcome> outcomes;
        const address where[] = {first.where(), second.where()};
        made.connect(where, {},
                     [&](connect_outcome outcome) { outcomes.push_back(std::move(outcome)); });
        ASSERT_FALSE(loop_.turn(0s));
        {
            const injection active{
                {.which = call::socket, .number = number, .how = faults::lasting::forever}};
            clock_now += 250ms;
            for (int i = 0; i < 10; ++i, clock_now += 20ms) {
                ASSERT_FALSE(loop_.turn(0s));
            }
            EXPECT_EQ(active.fired(), 10) << number;  // once each time: it doesn't spin
            EXPECT_TRUE(outcomes.empty());
        }
        ASSERT_FALSE(loop_.turn(0s));
        ASSERT_TRUE(turn_until(loop_, [&] { return !outcomes.empty(); }));
        EXPECT_FALSE(outcomes[0].why);
        EXPECT_EQ(outcomes[0].peer, second.where());
    }
}

TEST_P(ConnectFaultsOverKernel, GivesUpWhenThereAreNoDescriptorsAtAll) {
    const open_end first;
    const open_end second;
    const injection active{
        {.which = call::socket, .number = EMFILE, .how = faults::lasting::forever}};
    EXPECT_EQ(connect({first.where(), second.where()}).why,
              (error{error_code::connect_failed, EMFILE}));
    EXPECT_EQ(active.fired(), 2);
}

TEST_P(ConnectFaultsOverKernel, IsCancelledWhicheverCallHasFailed) {
    const silent_end first;
    const open_end second;
    for (const call which : calls_of_connecting) {
        const std::size_t before = tests::open_descriptors();
        faults::fail_each({.which = which, .number = ENOMEM, .acts = which == call::close}, [&] {
            for (int turns = 0; turns < 4; ++turns) {
                connector made{loop_};
                const address where[] = {first.where(), second.where()};
                int calls = 0;
                made.connect(where, {}, [&](connect_outcome) { ++calls; });
                for (int i = 0; i < turns; ++i, clock_now += 250ms) {
                    ASSERT_FALSE(loop_.turn(0s));
                }
                const int before_it = calls;
                made.cancel();
                ASSERT_FALSE(loop_.turn(0s));
                EXPECT_EQ(calls, before_it);
                EXPECT_LE(calls, 1);
            }
        });
        while (second.take()) {
        }
        EXPECT_EQ(tests::open_descriptors(), before) << faults::name_of(which);
    }
}

// ---- a port that answers itself -----------------------------------------------------------------

address own_port;

/// Lets each new socket of its family have the port that it is going to connect to.
void bind_to_own_port(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    static_cast<void>(
        ::bind(descriptor, own_port.native(), static_cast<socklen_t>(own_port.native_size())));
}

TEST_P(ConnectFaultsOverKernel, TakesAConnectionOfASocketToItselfForNone) {
    for (const std::string_view host : {tests::ipv4_host, tests::ipv6_host}) {
        own_port = refusing_end{host}.where();  // and nobody has it any more
        const open_end other;
        const faults::each_socket bound{bind_to_own_port};
        const std::size_t before = tests::open_descriptors();
        EXPECT_EQ(connect({own_port}).why, error{error_code::connected_to_itself});
        EXPECT_EQ(tests::open_descriptors(), before);
    }
}

TEST_P(ConnectFaultsOverKernel, SaysThatItMetItselfBeforeAnythingElseAndTriesTheNextAddress) {
    own_port = refusing_end{}.where();
    const refusing_end refusing{tests::ipv6_host};
    const open_end open{tests::ipv6_host};
    const faults::each_socket bound{bind_to_own_port};
    EXPECT_EQ(connect({own_port, refusing.where()}).why, error{error_code::connected_to_itself});
    EXPECT_EQ(connect({refusing.where(), own_port}).why, error{error_code::connected_to_itself});
    const connect_outcome outcome = connect({own_port, open.where()});
    EXPECT_FALSE(outcome.why);
    EXPECT_EQ(outcome.peer, open.where());
}

// ---- names --------------------------------------------------------------------------------------

/// What the system's resolver says of a name that needs no DNS, and in how many calls.
resolve_outcome look_up(loop& turned, std::string_view host = "127.1") {
    system_resolver made{turned};
    std::vector<resolve_outcome> outcomes;
    made.resolve(host, 80,
                 [&](resolve_outcome outcome) { outcomes.push_back(std::move(outcome)); });
    EXPECT_TRUE(outcomes.empty());
    EXPECT_TRUE(turn_until(turned, [&] { return !outcomes.empty(); }));
    EXPECT_EQ(outcomes.size(), 1U);
    return outcomes.empty() ? resolve_outcome{} : std::move(outcomes[0]);
}

TEST(ResolverFaults, TellsANameThatDoesNotExistFromALookupThatFailed) {
    loop turned;
    for (const auto& [number, code] : {std::pair{EAI_NONAME, error_code::name_not_found},
                                       {EAI_NODATA, error_code::name_not_found},
                                       {EAI_ADDRFAMILY, error_code::name_not_found},
                                       {EAI_AGAIN, error_code::name_lookup_failed},
                                       {EAI_FAIL, error_code::name_lookup_failed},
                                       {EAI_MEMORY, error_code::name_lookup_failed}}) {
        const injection active{{.which = call::getaddrinfo, .returns = number}};
        EXPECT_EQ(look_up(turned).why, (error{code, number}));
        EXPECT_EQ(active.fired(), 1);
    }
    const injection active{{.which = call::getaddrinfo, .number = EMFILE, .returns = EAI_SYSTEM}};
    EXPECT_EQ(look_up(turned).why, (error{error_code::system_call_failed, EMFILE}));
}

TEST(ResolverFaults, TakesNoAddressesForNoName) {
    loop turned;
    const injection active{{.which = call::getaddrinfo, .returns = 0}};
    EXPECT_EQ(look_up(turned).why, error{error_code::name_not_found});
    EXPECT_EQ(active.fired(), 1);
}

TEST(ResolverFaults, SaysWhyItHasNoThreadAndForgetsTheQuestion) {
    loop turned;
    const std::size_t before = tests::open_descriptors();
    {
        system_resolver made{turned};
        std::vector<error> seen;
        const auto note = [&](const resolve_outcome& outcome) { seen.push_back(outcome.why); };
        const injection active{{.which = call::pthread_create, .returns = EAGAIN}};
        made.resolve("127.1", 80, note);
        ASSERT_TRUE(turn_until(turned, [&] { return seen.size() == 1; }));
        made.resolve("127.2", 80, note);  // for which there is a thread
        ASSERT_TRUE(turn_until(turned, [&] { return seen.size() == 2; }));
        EXPECT_EQ(seen, (std::vector<error>{{error_code::system_call_failed, EAGAIN}, {}}));
        EXPECT_EQ(active.calls(call::getaddrinfo), 1);
    }
    EXPECT_EQ(tests::open_descriptors(), before);
}

TEST(ResolverFaults, MakesDoWithTheThreadsThatItHas) {
    loop turned;
    system_resolver made{turned};
    const injection active{{.which = call::pthread_create,
                            .nth = 2,
                            .how = faults::lasting::forever,
                            .returns = EAGAIN}};
    int answers = 0;
    for (int i = 0; i < 10; ++i) {
        made.resolve("127.1", 80, [&](const resolve_outcome& outcome) {
            EXPECT_FALSE(outcome.why);
            ++answers;
        });
    }
    EXPECT_TRUE(turn_until(turned, [&] { return answers == 10; }));
}

TEST(ResolverFaults, SaysWhyItCannotBeWokenAndLeavesNothingOpen) {
    loop turned;
    const std::size_t before = tests::open_descriptors();
    int failed = 0;
    for (const call which : {call::eventfd, call::epoll_ctl}) {
        failed += faults::fail_each(which, EMFILE, [&] {
            const error why = look_up(turned).why;
            if (why) {
                EXPECT_EQ(why, (error{error_code::system_call_failed, EMFILE}));
            }
        });
        EXPECT_EQ(tests::open_descriptors(), before);
    }
    EXPECT_GE(failed, 2);
}

TEST(ResolverFaults, HearsItsThreadsThoughSignalsInterruptThem) {
    loop turned;
    for (const call which : {call::write, call::read}) {
        const injection active{{.which = which, .number = EINTR}};
        EXPECT_FALSE(look_up(turned).why);
        EXPECT_EQ(active.fired(), 1);
    }
}

}  // namespace
}  // namespace plainsong
