// SPDX-License-Identifier: MIT
// net_listener_test.cpp — the listener over real sockets, on every poller.
#include <plainsong/net/listener.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/portable.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::turn_until;

const address any_port = *address::parse("127.0.0.1", 0);

/// A directory that goes with the test.
class scratch_directory {
public:
    scratch_directory() { EXPECT_NE(::mkdtemp(name_), nullptr); }
    ~scratch_directory() {
        ::unlink((std::string{name_} + "/s").c_str());
        ::rmdir(name_);
    }
    [[nodiscard]] std::string socket_path() const { return std::string{name_} + "/s"; }

private:
    char name_[32] = "/tmp/plainsong-XXXXXX";
};

class Listener : public ::testing::TestWithParam<tests::poller_choice> {
protected:
    struct accepted {
        stream connection;
        address peer;
    };

    error listen(const address& where, listener_options options = {}) {
        return listener_.listen(where, options, [this](stream connection, const address& peer) {
            accepted_.push_back({std::move(connection), peer});
        });
    }
    fd connect(const address& where) {
        result<fd> socket = sys::connect(where);
        EXPECT_TRUE(socket) << socket.why().number();
        return socket ? std::move(*socket) : fd{};
    }
    bool accepts(std::size_t count) {
        return turn_until(loop_, [&] { return accepted_.size() == count; });
    }

    loop loop_{GetParam().options};
    listener listener_{loop_};
    std::vector<accepted> accepted_;
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, Listener, tests::every_poller(), tests::poller_name{});

TEST_P(Listener, AcceptsWithTheAddressOfThePeer) {
    ASSERT_FALSE(listen(any_port));
    EXPECT_NE(listener_.bound().port(), 0);
    const fd client = connect(listener_.bound());
    ASSERT_TRUE(accepts(1));
    EXPECT_EQ(accepted_[0].peer, *sys::bound_address(client.number()));
    EXPECT_FALSE(listener_.last_error());
}

TEST_P(Listener, MakesAcceptedSocketsReady) {
    ASSERT_FALSE(listen(any_port));
    const fd client = connect(listener_.bound());
    ASSERT_TRUE(accepts(1));
    const int number = accepted_[0].connection.descriptor();
    EXPECT_NE(::fcntl(number, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(number, F_GETFD) & FD_CLOEXEC, 0);
    int value = 0;
    socklen_t size = sizeof value;
    ASSERT_EQ(::getsockopt(number, IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    EXPECT_NE(value, 0);
}

TEST_P(Listener, ListensOnIpv6) {
    const error why = listen(*address::parse("::1", 0));
    if (why) {
        EXPECT_TRUE(why.number() == EAFNOSUPPORT || why.number() == EADDRNOTAVAIL);
        GTEST_SKIP() << "no IPv6 here";
    }
    const fd client = connect(listener_.bound());
    ASSERT_TRUE(accepts(1));
    EXPECT_EQ(accepted_[0].peer.family(), address_family::ipv6);
}

TEST_P(Listener, AcceptsAWholeQueueInBatches) {
    ASSERT_FALSE(listen(any_port, {.accepts_per_turn = 10}));
    std::vector<fd> clients;
    for (int i = 0; i < 35; ++i) {
        clients.push_back(connect(listener_.bound()));
        tests::await_ready(clients.back().number(), 4 /* POLLOUT */);
    }
    for (std::size_t expected : {10U, 20U, 30U, 35U}) {
        ASSERT_FALSE(loop_.turn(1s));
        EXPECT_EQ(accepted_.size(), expected);
    }
}

TEST_P(Listener, AcceptsAConnectionThatWasResetBefore) {
    ASSERT_FALSE(listen(any_port));
    fd client = connect(listener_.bound());
    const address its_own = *sys::bound_address(client.number());
    tests::await_ready(client.number(), 4 /* POLLOUT */);
    tests::reset(client);
    ASSERT_TRUE(accepts(1));
    EXPECT_EQ(accepted_[0].peer, its_own);
}

TEST_P(Listener, MayBeClosedByItsCallback) {
    int calls = 0;
    ASSERT_FALSE(listener_.listen(any_port, {}, [&](stream, const address&) {
        ++calls;
        listener_.close();
    }));
    const address where = listener_.bound();
    const fd first = connect(where);
    const fd second = connect(where);
    tests::await_ready(second.number(), 4 /* POLLOUT */);
    ASSERT_TRUE(turn_until(loop_, [&] { return calls > 0; }));
    ASSERT_FALSE(loop_.turn(0s));
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(listener_.bound());
}

TEST_P(Listener, ListensAgainOnTheSamePortAtOnce) {
    ASSERT_FALSE(listen(any_port));
    const address where = listener_.bound();
    EXPECT_EQ(listen(where).code(), error_code::invalid_state);
    for (std::size_t round = 1; round <= 20; ++round) {
        const fd client = connect(where);
        ASSERT_TRUE(accepts(round));
        accepted_.back().connection.close();  // our side closes first: TIME_WAIT stays with us
        listener_.close();
        ASSERT_FALSE(listen(where)) << "round " << round;
    }
}

TEST_P(Listener, SharesAPortIfAsked) {
    ASSERT_FALSE(listen(any_port, {.reuse_port = true}));
    listener second{loop_};
    EXPECT_FALSE(
        second.listen(listener_.bound(), {.reuse_port = true}, [](stream, const address&) {}));
    listener third{loop_};
    EXPECT_EQ(third.listen(listener_.bound(), {}, [](stream, const address&) {}).number(),
              EADDRINUSE);
}

TEST_P(Listener, SaysWhyItCannotListenAndLeavesNothing) {
    const std::size_t before = tests::open_descriptors();
    EXPECT_EQ(listen({}).code(), error_code::no_such_address);
    EXPECT_EQ(listen(*address::parse("192.0.2.1", 0)).number(), EADDRNOTAVAIL);
    EXPECT_EQ(listen(*address::unix_path("/nowhere/s")).number(), ENOENT);
    EXPECT_EQ(listen(*address::unix_path("/tmp")).number(), EADDRINUSE);
    EXPECT_EQ(tests::open_descriptors(), before);
    EXPECT_FALSE(listener_.bound());
    EXPECT_FALSE(listen(any_port));
}

// ---- paths --------------------------------------------------------------------------------------

bool exists(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

TEST_P(Listener, MakesAPathAndRemovesIt) {
    const scratch_directory directory;
    const address where = *address::unix_path(directory.socket_path());
    ASSERT_FALSE(listen(where));
    EXPECT_EQ(listener_.bound(), where);
    const fd client = connect(where);
    ASSERT_TRUE(accepts(1));
    EXPECT_EQ(accepted_[0].peer.text().view(), "unix:");
    EXPECT_TRUE(exists(directory.socket_path()));
    listener_.close();
    EXPECT_FALSE(exists(directory.socket_path()));
}

TEST_P(Listener, RemovesOnlyItsOwnPath) {
    const scratch_directory directory;
    ASSERT_FALSE(listen(*address::unix_path(directory.socket_path())));
    ASSERT_EQ(::unlink(directory.socket_path().c_str()), 0);
    const fd other{::open(directory.socket_path().c_str(), O_CREAT | O_WRONLY, 0600)};
    listener_.close();
    EXPECT_TRUE(exists(directory.socket_path()));
}

TEST_P(Listener, LeavesItsPathToTheProcessThatMadeIt) {
    const scratch_directory directory;
    ASSERT_FALSE(listen(*address::unix_path(directory.socket_path())));
    EXPECT_EQ(tests::in_child([&] {
                  listener_.close();
                  return 0;
              }),
              0);
    EXPECT_TRUE(exists(directory.socket_path()));
}

TEST_P(Listener, TakesAStalePathOverOnlyIfAsked) {
    const scratch_directory directory;
    const address where = *address::unix_path(directory.socket_path());
    result<fd> dead = sys::listen(where, {});
    ASSERT_TRUE(dead);
    dead->reset();
    EXPECT_EQ(listen(where).number(), EADDRINUSE);
    EXPECT_TRUE(exists(directory.socket_path()));
    EXPECT_FALSE(listen(where, {.remove_stale_socket = true}));
    const fd client = connect(where);
    EXPECT_TRUE(accepts(1));
}

TEST_P(Listener, NeverTakesAPathThatIsInUseOrNoSocket) {
    const scratch_directory directory;
    const address where = *address::unix_path(directory.socket_path());
    {
        result<fd> alive = sys::listen(where, {});
        ASSERT_TRUE(alive);
        EXPECT_EQ(listen(where, {.remove_stale_socket = true}).number(), EADDRINUSE);
        EXPECT_TRUE(exists(directory.socket_path()));
        ASSERT_EQ(::unlink(directory.socket_path().c_str()), 0);
    }
    const fd file{::open(directory.socket_path().c_str(), O_CREAT | O_WRONLY, 0600)};
    EXPECT_EQ(listen(where, {.remove_stale_socket = true}).number(), EADDRINUSE);
    EXPECT_TRUE(exists(directory.socket_path()));
}

// ---- out of descriptors -------------------------------------------------------------------------

/// Opens descriptors until the process has no more.
std::vector<fd> use_all_descriptors() {
    std::vector<fd> all;
    for (;;) {
        fd next{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
        if (!next) {
            EXPECT_EQ(errno, EMFILE);
            return all;
        }
        all.push_back(std::move(next));
    }
}

void limit_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 100;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Counts the turns of half a second in which accept finds no descriptor, then frees some and sees
/// whether the next client is accepted within 100 ms.  Returns: 0, or the number of the line that failed.
int starve(const loop_options& loop_choice, bool sheds) {
    limit_descriptors();
    loop starved{loop_choice};
    listener listening{starved};
    std::vector<stream> accepted;
    if (listening.listen(any_port, {.shed_when_exhausted = sheds},
                         [&](stream connection, const address&) {
                             accepted.push_back(std::move(connection));
                         })) {
        return __LINE__;
    }
    fd waiting = *sys::connect(listening.bound());
    fd later{tests::make_socket(AF_INET)};
    std::vector<fd> used = use_all_descriptors();

    int turns = 0;
    const time_point end = sys::now() + 500ms;
    while (sys::now() < end) {
        ++turns;
        if (starved.turn(end - sys::now())) {
            return __LINE__;
        }
    }
    if (turns > 12) {  // 20 a second, and the two at the ends of the time
        return __LINE__;
    }
    if (!accepted.empty() || listening.last_error().number() != EMFILE) {
        return __LINE__;
    }
    if (listening.shed() != (sheds ? 1U : 0U)) {
        return __LINE__;
    }
    used.clear();
    const address where = listening.bound();
    if (::connect(later.number(), where.native(), static_cast<socklen_t>(where.native_size())) !=
            0 &&
        errno != EINPROGRESS) {
        return __LINE__;
    }
    // Counted in turns that wait 50 ms at most, since a busy machine may take longer for each.
    for (int i = 0; i < 2; ++i) {
        if (starved.turn(50ms)) {
            return __LINE__;
        }
    }
    return accepted.size() == (sheds ? 1U : 2U) ? 0 : __LINE__;
}

TEST_P(Listener, RefusesThoseWhoWaitWhenOutOfDescriptorsAndRecovers) {
    EXPECT_EQ(tests::in_child([] { return starve(GetParam().options, true) % 255; }), 0);
}

TEST_P(Listener, LetsThemWaitInsteadIfAsked) {
    EXPECT_EQ(tests::in_child([] { return starve(GetParam().options, false) % 255; }), 0);
}

}  // namespace
}  // namespace plainsong
