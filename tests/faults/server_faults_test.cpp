// SPDX-License-Identifier: MIT
// server_faults_test.cpp — a whole session, from accept to both Closes, with each of its system
// calls failing in turn: whatever fails, the promises of app/handlers.hpp hold, nothing leaks,
// nothing hangs, and the server serves the next one.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/support/fault_injection.hpp"
#include "tests/support/fault_suite.hpp"
#include "tests/support/handshake_server.hpp"
#include "tests/support/memory_books.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/socket_server.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using namespace tests;
using faults::call;
using faults::lasting;

octets dialogue() {
    octets all = octets_of(good_request({}, "/"));
    for (const octets& part :
         {client_text("one"), client_text("tw", false), client_ping("p"),
          client_frame(0, octets_of("o")), client_frame(2, octets(3000, 7)), client_close(1000)}) {
        append(all, part);
    }
    return all;
}

/// A client that says all it has to say in three pieces and leaves.  Its own calls never fail.
void converse(socket_server& rig, bool reads) {
    const address where = rig.where();
    const octets all = dialogue();
    fd client;
    {
        const faults::outside mine;
        client = fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
        const int on = 1;
        ::setsockopt(client.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::connect(client.number(), where.native(), static_cast<socklen_t>(where.native_size()));
    }
    std::size_t said = 0;
    for (int turn = 0; turn < 12; ++turn) {
        if (turn % 3 == 0) {
            const faults::outside mine;
            const std::size_t size = std::min(all.size() - said, all.size() / 3 + 1);
            ::send(client.number(), all.data() + said, size, MSG_NOSIGNAL);
            said += size;
        }
        // The kernel may need a moment to carry what was said.
        static_cast<void>(rig.its_loop.turn(turn % 3 == 0 ? 3ms : 0ms));
    }
    {
        const faults::outside mine;
        std::uint8_t heard[8192];
        while (reads && ::recv(client.number(), heard, sizeof heard, 0) > 0) {
        }
        client.reset();
    }
    for (int turn = 0; turn < 4; ++turn) {
        static_cast<void>(rig.its_loop.turn(0ms));
    }
}

/// Returns: how many calls were made to fail.
int play(const poller_choice& how, const faults::fault& planned) {
    server_options options;
    // What a fault leaves behind ends soon.  The next one, below, has all the time that a server gives: the
    // machine may be busy, and a handshake that is late or a ping between is not what is tested here.
    options.bounds.close_within = options.bounds.drain_within = options.bounds.write_stall = 20ms;
    socket_server rig(how.options, std::move(options));
    EXPECT_FALSE(rig.its_loop.status());
    rig->route("/", rig.log.record(echo()));
    rig.listen();
    int fired = 0;
    {
        const faults::injection active{planned};
        converse(rig, planned.nth % 2 == 0);
        fired = active.fired();
    }
    // The kernel is well again: who is left ends by itself, and the next one is served.
    EXPECT_TRUE(rig.empty());
    if (rig->snapshot().accept_errors == 0) {
        raw_client next = rig.open();
        next.say(client_text("hello"));
        EXPECT_EQ(next.next(), "text \"hello\"");
    }
    EXPECT_LE(rig->snapshot().accept_errors, 1U);
    expect_sums(rig->snapshot());
    return fired;
}

class ServerFaults : public fault_suite {
protected:
    int play(const faults::fault& planned) override { return plainsong::play(GetParam(), planned); }
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, ServerFaults, every_poller(), poller_name{});

TEST_P(ServerFaults, KeepItsPromisesWhenReceivingFails) {
    fail_each(call::recv, {EAGAIN, ECONNRESET, ETIMEDOUT, ENOMEM, 9999});
}

TEST_P(ServerFaults, KeepItsPromisesWhenReceivingGivesOneOctet) {
    fail_each(call::recv, {0}, 1);
}

TEST_P(ServerFaults, KeepItsPromisesWhenSendingFails) {
    fail_each(call::send, {EAGAIN, ECONNRESET, EPIPE, ETIMEDOUT, ENOBUFS, ENOMEM, 9999});
}

TEST_P(ServerFaults, KeepItsPromisesWhenSendingPiecesFails) {
    fail_each(call::sendmsg, {EAGAIN, EPIPE, EHOSTUNREACH, ENOBUFS});
}

TEST_P(ServerFaults, KeepItsPromisesWhenOneOctetIsSent) {
    fail_each(call::send, {0}, 1);
    fail_each(call::sendmsg, {0}, 1);
}

TEST_P(ServerFaults, KeepItsPromisesWhenAcceptingFails) {
    fail_each(call::accept4, {EAGAIN, ECONNABORTED, EMFILE, ENOBUFS, EPERM});
}

TEST_P(ServerFaults, KeepItsPromisesWhenDetailsFail) {
    fail_each(call::shutdown, {ENOTCONN});
    fail_each(call::close, {EIO, EINTR});
}

TEST(ServerFaultsOfEpoll, KeepItsPromisesWhenAConnectionCannotBeWatched) {
    const poller_choice epoll{"epoll", {.poller = poller_kind::epoll}};
    const std::size_t descriptors = open_descriptors();
    int failed = 0;
    for (const int number : {ENOSPC, ENOMEM, EPERM, ENOENT}) {
        for (const lasting how : {lasting::once, lasting::forever}) {
            faults::fault planned;
            planned.which = call::epoll_ctl;
            planned.number = number;
            planned.how = how;
            int fired = 1;
            for (planned.nth = 1; fired != 0; ++planned.nth) {
                SCOPED_TRACE("epoll_ctl " + std::to_string(planned.nth) + ", errno " +
                             std::to_string(number));
                fired = play(epoll, planned);
                failed += fired;
                ASSERT_LT(planned.nth, 100);
            }
        }
    }
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_GT(failed, 8);
}

TEST(ServerFaultsOfAListener, KeepItsSessionsAndTellTheLogOnce) {
    for (const int number : {EBADF, EINVAL, ENOTSOCK}) {
        std::vector<std::string> told;
        server_options options;
        options.log = [&told](const log_record& record) {
            told.push_back(std::to_string(static_cast<int>(record.event)) + ' ' +
                           std::to_string(record.system.number()) + (record.fatal ? " fatal" : ""));
        };
        socket_server rig({}, std::move(options));
        rig->route("/", rig.log.record(echo()));
        rig.listen();
        raw_client peer = rig.open();
        {
            const faults::injection active(
                {.which = call::accept4, .number = number, .how = lasting::forever});
            const raw_client never(rig.where(), &rig.its_loop);
            EXPECT_TRUE(rig.until([&] { return rig->snapshot().accept_errors != 0; }));
            for (int i = 0; i < 5; ++i) {
                EXPECT_FALSE(rig.its_loop.turn(1ms));
            }
        }
        EXPECT_EQ(told, std::vector<std::string>{"2 " + std::to_string(number) + " fatal"});
        peer.say(client_text("still here"));
        EXPECT_EQ(peer.next(), "text \"still here\"");
        EXPECT_EQ(rig->snapshot().accept_errors, 1U);
    }
}

#ifdef NDEBUG
// These mean that a number is not ours any more; a debug build stops at them.
TEST_P(ServerFaults, KeepItsPromisesWhenANumberIsNoSocketOfOurs) {
    fail_each(call::recv, {EBADF, ENOTSOCK});
    fail_each(call::send, {EBADF});
}
#endif

}  // namespace
}  // namespace plainsong
