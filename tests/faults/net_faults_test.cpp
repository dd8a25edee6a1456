// SPDX-License-Identifier: MIT
// net_faults_test.cpp — what loop, listener and stream do when system calls fail.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include <plainsong/net/listener.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

#include "tests/support/fault_injection.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using tests::probe;
using tests::socket_pair;
using tests::tcp_pair;
using tests::turn_until;
namespace faults = tests::faults;
using faults::call;
using faults::injection;

const address any_port = *address::parse("127.0.0.1", 0);

class LoopFaults : public ::testing::TestWithParam<tests::poller_choice> {};

INSTANTIATE_TEST_SUITE_P(EveryPoller, LoopFaults, tests::every_poller(), tests::poller_name{});

// ---- starting -----------------------------------------------------------------------------------

TEST_P(LoopFaults, SaysWhyItCannotStartAndLeavesNothingOpen) {
    int failed = 0;
    for (const call which : {call::epoll_create1, call::epoll_ctl, call::eventfd}) {
        for (const int number : {EMFILE, ENFILE, ENOMEM, ENOSPC}) {
            const std::size_t before = tests::open_descriptors();
            failed += faults::fail_each(which, number, [&] {
                loop made{GetParam().options};
                if (made.status()) {
                    EXPECT_EQ(made.status(), (error{error_code::system_call_failed, number}));
                    EXPECT_EQ(made.run(), 1);
                } else {
                    EXPECT_FALSE(made.turn(0s));
                }
            });
            EXPECT_EQ(tests::open_descriptors(), before);
        }
    }
    EXPECT_GE(failed, 4);
}

TEST(ListenerFaults, SaysWhyItCannotListenAndLeavesNothingOpen) {
    loop owner;
    int failed = 0;
    for (const call which : {call::socket, call::setsockopt, call::bind, call::listen,
                             call::getsockname, call::epoll_ctl}) {
        const std::size_t before = tests::open_descriptors();
        failed += faults::fail_each(which, ENOMEM, [&] {
            listener made{owner};
            const error why = made.listen(any_port, {.reuse_port = true}, [](auto&&...) {});
            if (why) {
                EXPECT_EQ(why, (error{error_code::system_call_failed, ENOMEM}));
                EXPECT_FALSE(made.bound());
            } else {
                EXPECT_NE(made.bound().port(), 0);
            }
        });
        EXPECT_EQ(tests::open_descriptors(), before) << faults::name_of(which);
    }
    EXPECT_EQ(failed, 9);  // three options of the socket, and it enters and leaves the poller
}

TEST(ListenerFaults, LeavesNoPathBehindWhenItCannotBeWatched) {
    loop owner;
    const std::string path = "/tmp/plainsong-faults-" + std::to_string(sys::process_id());
    listener made{owner};
    {
        const injection active{{.which = call::epoll_ctl, .number = ENOSPC}};
        EXPECT_EQ(made.listen(*address::unix_path(path), {}, [](auto&&...) {}).number(), ENOSPC);
    }
    EXPECT_FALSE(sys::identify(path.c_str()));
}

TEST(ListenerFaults, WorksWithoutAReserve) {
    loop owner;
    listener made{owner};
    const injection active{
        {.which = call::open, .number = EMFILE, .how = faults::lasting::forever}};
    EXPECT_FALSE(made.listen(any_port, {}, [](auto&&...) {}));
}

// ---- accepting ----------------------------------------------------------------------------------

class AcceptFaults : public ::testing::Test {
protected:
    AcceptFaults() {
        EXPECT_FALSE(listener_.listen(
            any_port, {},
            [this](stream connection, const address&) {
                accepted_.push_back(std::move(connection));
            },
            [this](error why) { reports_.push_back(why); }));
    }
    void connect_one() {
        const faults::outside own;
        result<fd> socket = sys::connect(listener_.bound());
        ASSERT_TRUE(socket);
        tests::await_ready(socket->number(), 4 /* POLLOUT */);
        clients_.push_back(std::move(*socket));
    }
    bool accepts(std::size_t count) {
        return turn_until(loop_, [&] { return accepted_.size() == count; });
    }

    loop loop_;
    listener listener_{loop_};
    std::vector<stream> accepted_;
    std::vector<fd> clients_;
    std::vector<error> reports_;
};

TEST_F(AcceptFaults, SkipsAConnectionThatFailed) {
    for (const int number : {ECONNABORTED, EPROTO, EPERM, EINTR, ENETDOWN, ENETUNREACH, EHOSTDOWN,
                             EHOSTUNREACH, EOPNOTSUPP, ENONET, ENOPROTOOPT, ETIMEDOUT}) {
        connect_one();
        const std::size_t expected = clients_.size();
        const injection active{{.which = call::accept4, .number = number}};
        ASSERT_FALSE(loop_.turn(1s));  // in the same turn: the next is tried at once
        EXPECT_EQ(accepted_.size(), expected) << number;
        EXPECT_EQ(active.fired(), 1);
    }
    EXPECT_TRUE(reports_.empty());
}

TEST_F(AcceptFaults, WaitsForThePollerAfterAFalseAlarm) {
    connect_one();
    const injection active{{.which = call::accept4, .number = EAGAIN}};
    EXPECT_TRUE(accepts(1));
    EXPECT_EQ(active.fired(), 1);
}

TEST_F(AcceptFaults, PausesWhileTheSystemIsShortAndGoesOn) {
    for (const int number : {ENOBUFS, ENOMEM, ENFILE, EMFILE, 9999}) {
        connect_one();
        {
            const injection active{
                {.which = call::accept4, .number = number, .how = faults::lasting::forever}};
            int turns = 0;
            for (const time_point end = sys::now() + 200ms; sys::now() < end; ++turns) {
                ASSERT_FALSE(loop_.turn(end - sys::now()));
            }
            EXPECT_LE(turns, 6) << number;
            EXPECT_EQ(listener_.last_error().number(), number);
        }
        EXPECT_TRUE(accepts(clients_.size()));
    }
    EXPECT_TRUE(reports_.empty());
}

TEST_F(AcceptFaults, ReportsABrokenSocketOnceAndKeepsItsConnections) {
    for (const int number : {EBADF, ENOTSOCK, EINVAL}) {
        connect_one();
        ASSERT_TRUE(accepts(1));
        connect_one();
        const std::size_t before = tests::open_descriptors();
        {
            const injection active{
                {.which = call::accept4, .number = number, .how = faults::lasting::forever}};
            ASSERT_TRUE(turn_until(loop_, [&] { return !reports_.empty(); }));
            ASSERT_FALSE(loop_.turn(0s));
            // A number that isn't ours any more is not closed; here that leaves it open.
            EXPECT_EQ(active.calls(call::close), number == EINVAL ? 2 : 1);
        }
        EXPECT_LT(tests::open_descriptors(), before);
        ASSERT_EQ(reports_.size(), 1U);
        EXPECT_EQ(reports_[0].number(), number);
        EXPECT_FALSE(listener_.bound());
        EXPECT_TRUE(accepted_[0]);
        accepted_.clear();
        clients_.clear();
        reports_.clear();
        EXPECT_FALSE(listener_.listen(
            any_port, {},
            [this](stream connection, const address&) {
                accepted_.push_back(std::move(connection));
            },
            [this](error why) { reports_.push_back(why); }));
    }
}

TEST_F(AcceptFaults, AcceptsThoughTheSocketRefusesNoDelay) {
    listener_.close();
    const injection active{{.which = call::setsockopt, .number = EINVAL, .nth = 2}};
    ASSERT_FALSE(listener_.listen(any_port, {}, [this](stream connection, const address&) {
        accepted_.push_back(std::move(connection));
    }));
    EXPECT_EQ(active.fired(), 1);
    connect_one();
    EXPECT_TRUE(accepts(1));
}

// ---- turning ------------------------------------------------------------------------------------

TEST_P(LoopFaults, TakesAnInterruptedWaitForATurnWithoutEvents) {
    loop turned{GetParam().options};
    const socket_pair pair = tcp_pair();
    probe member;
    ASSERT_TRUE(turned.watch(pair.ours.number(), interest::read, member));
    tests::write_all(pair.theirs.number(), "x");
    const call waits =
        GetParam().options.poller == poller_kind::epoll ? call::epoll_wait : call::poll;
    const injection active{{.which = waits, .number = EINTR}};
    EXPECT_FALSE(turned.turn(1s));
    EXPECT_TRUE(member.seen.empty());
    EXPECT_FALSE(turned.turn(1s));
    EXPECT_EQ(member.seen.size(), 1U);
    EXPECT_EQ(active.fired(), 1);
}

TEST_P(LoopFaults, EndsItsRunIfThePollerBreaks) {
    loop turned{GetParam().options};
    const call waits =
        GetParam().options.poller == poller_kind::epoll ? call::epoll_wait : call::poll;
    const injection active{{.which = waits, .number = EFAULT}};
    EXPECT_EQ(turned.run(), 1);
}

TEST(EpollFaults, RefusesOneMemberAndServesTheOthers) {
    loop turned;
    const socket_pair first = tcp_pair();
    const socket_pair second = tcp_pair();
    probe refused;
    probe served;
    for (const int number : {ENOSPC, ENOMEM, EEXIST, EPERM}) {
        const injection active{{.which = call::epoll_ctl, .number = number}};
        EXPECT_EQ(turned.watch(first.ours.number(), interest::read, refused).why(),
                  (error{error_code::system_call_failed, number}));
    }
    const watch_token token = *turned.watch(second.ours.number(), interest::read, served);
    {
        const injection active{{.which = call::epoll_ctl, .number = ENOENT}};
        EXPECT_EQ(turned.change(token, interest::both).number(), ENOENT);
    }
    tests::write_all(first.theirs.number(), "x");
    tests::write_all(second.theirs.number(), "x");
    EXPECT_TRUE(turn_until(turned, [&] { return !served.seen.empty(); }));
    EXPECT_TRUE(refused.seen.empty());
    EXPECT_FALSE(served.seen[0].writable);
}

TEST(EpollFaults, LooksAgainAtThePatientIfOneLookFails) {
    loop turned;
    const socket_pair pair = tcp_pair();
    probe member;
    ASSERT_TRUE(turned.watch(pair.ours.number(), interest::patient, member));
    tests::write_all(pair.theirs.number(), "x");
    const injection active{{.which = call::poll, .number = ENOMEM}};
    EXPECT_TRUE(turn_until(turned, [&] { return !member.seen.empty(); }));
    EXPECT_EQ(active.fired(), 1);
}

TEST(WakeFaults, WakesThoughReadingTheWakeChannelIsInterrupted) {
    loop turned;
    turned.stop();  // before the run: the wake-up is still in the channel
    const injection active{{.which = call::read, .number = EINTR}};
    EXPECT_FALSE(turned.turn(1s));
    EXPECT_FALSE(turned.turn(0s));
    EXPECT_EQ(active.fired(), 1);
    EXPECT_EQ(active.calls(call::read), 2);
}

TEST(WakeFaults, WakesThoughWritingTheWakeChannelIsInterrupted) {
    loop turned;
    const injection active{{.which = call::write, .number = EINTR}};
    turned.stop();
    EXPECT_EQ(active.calls(call::write), 2);
    EXPECT_EQ(turned.run(), 0);
}

// ---- streams ------------------------------------------------------------------------------------

class StreamFaults : public ::testing::Test {
protected:
    StreamFaults() : pair_(tcp_pair()), ours_(tcp_stream(pair_.ours.release())) {}

    io_result send(std::size_t slices) {
        char byte = 'x';
        const std::vector<io_slice> parts(slices, io_slice{&byte, 1});
        return ours_.send(parts);
    }
    io_result receive() { return ours_.receive(buffer_); }

    socket_pair pair_;
    stream ours_;
    std::uint8_t buffer_[16] = {};
};

TEST_F(StreamFaults, RepeatsWhatASignalInterrupted) {
    tests::write_all(pair_.theirs.number(), "hello");
    tests::await_ready(ours_.descriptor(), 1 /* POLLIN */);
    {
        const injection active{{.which = call::recv, .number = EINTR}};
        EXPECT_EQ(receive().count, 5U);
        EXPECT_EQ(active.fired(), 1);
    }
    for (const auto& [which, slices] : {std::pair{call::send, 1U}, {call::sendmsg, 2U}}) {
        const injection active{{.which = which, .number = EINTR}};
        EXPECT_EQ(send(slices).count, slices);
        EXPECT_EQ(active.fired(), 1);
    }
}

TEST_F(StreamFaults, TellsAFalseAlarmFromAnEnd) {
    const injection active{{.which = call::recv, .number = EWOULDBLOCK}};
    EXPECT_EQ(receive().status, io_result::kind::would_block);
    EXPECT_TRUE(ours_);
}

TEST_F(StreamFaults, TakesNothingSentForWouldBlock) {
    for (const auto& [which, slices] : {std::pair{call::send, 1U}, {call::sendmsg, 2U}}) {
        for (const int number : {0, EAGAIN, ENOBUFS, ENOMEM}) {
            const injection active{
                {.which = which, .number = number, .returns = number == 0 ? 0 : -1}};
            const io_result put = send(slices);
            EXPECT_EQ(put.status, io_result::kind::would_block) << number;
            EXPECT_EQ(put.number, number == EAGAIN ? 0 : number);
            EXPECT_EQ(put.count, 0U);
        }
    }
}

TEST_F(StreamFaults, PassesEachErrnoOn) {
    for (const int number : {ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN,
                             ECONNABORTED, EPROTO, EIO, ENOTCONN, 9999}) {
        {
            const injection active{{.which = call::recv, .number = number}};
            EXPECT_EQ(receive().status, io_result::kind::failed);
        }
        const injection active{{.which = call::send, .number = number}};
        const io_result put = send(1);
        EXPECT_EQ(put.status, io_result::kind::failed);
        EXPECT_EQ(put.number, number);
        EXPECT_TRUE(ours_);
    }
}

#ifdef NDEBUG
TEST_F(StreamFaults, FailsWhenTheKernelClaimsMoreThanWasAsked) {
    for (const auto& [which, slices] :
         {std::pair{call::send, 1U}, {call::sendmsg, 2U}, {call::recv, 0U}}) {
        const injection active{{.which = which, .returns = 17}};
        const io_result outcome = which == call::recv ? receive() : send(slices);
        EXPECT_EQ(outcome.status, io_result::kind::failed);
        EXPECT_EQ(outcome.number, EIO);
        EXPECT_EQ(outcome.count, 0U);
    }
}

TEST_F(StreamFaults, NeverClosesANumberThatIsNotItsOwn) {
    for (const int number : {EBADF, ENOTSOCK}) {
        const socket_pair pair = tcp_pair();
        stream mistaken = tcp_stream(pair.ours.number());
        const injection active{{.which = call::send, .number = number}};
        const io_slice nothing{buffer_, 1};
        EXPECT_EQ(mistaken.send({&nothing, 1}).number, number);
        EXPECT_FALSE(mistaken);
        mistaken.close();
        EXPECT_EQ(active.calls(call::close), 0);
    }
}
#else
TEST_F(StreamFaults, StopsADebugBuildAtAMistakeOfOurs) {
    for (const int number : {EBADF, ENOTSOCK, EFAULT, EINVAL}) {
        const injection active{{.which = call::send, .number = number}};
        EXPECT_DEATH(send(1), "");
    }
    const injection active{{.which = call::recv, .returns = 17}};
    EXPECT_DEATH(receive(), "");
}
#endif

TEST_F(StreamFaults, CountsANumberAsGoneWhateverCloseSays) {
    for (const int number : {EIO, EINTR}) {
        socket_pair pair = tcp_pair();
        stream closed = tcp_stream(pair.ours.release());
        const injection active{{.which = call::close,
                                .number = number,
                                .how = faults::lasting::forever,
                                .acts = true}};
        closed.close();
        closed.close();
        EXPECT_EQ(active.calls(call::close), 1) << number;
    }
}

TEST_F(StreamFaults, MovesTheSameBytesInPiecesOfOne) {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += static_cast<char>('a' + i % 26);
    }
    std::size_t sent = 0;
    {
        const injection active{
            {.which = call::sendmsg, .how = faults::lasting::forever, .limit = 1}};
        while (sent < text.size()) {
            const std::size_t middle = sent + (text.size() - sent) / 2;
            const io_slice halves[] = {{text.data() + sent, middle - sent},
                                       {text.data() + middle, text.size() - middle}};
            const io_result put = ours_.send(halves);
            ASSERT_EQ(put.count, 1U);
            sent += put.count;
        }
    }
    stream theirs = tcp_stream(pair_.theirs.release());
    const injection active{{.which = call::recv, .how = faults::lasting::forever, .limit = 1}};
    std::string got;
    while (got.size() < text.size()) {
        const io_result piece = theirs.receive(buffer_);
        if (piece.status == io_result::kind::would_block) {
            tests::await_ready(theirs.descriptor(), 1 /* POLLIN */);
            continue;
        }
        ASSERT_EQ(piece.count, 1U);
        got += static_cast<char>(buffer_[0]);
    }
    EXPECT_EQ(got, text);
}

TEST(ConnectFaults, AwaitsAConnectThatASignalInterrupted) {
    result<fd> listening = sys::listen(any_port, {});
    ASSERT_TRUE(listening);
    const address where = *sys::bound_address(listening->number());
    const injection active{{.which = call::connect, .number = EINTR, .acts = true}};
    result<fd> socket = sys::connect(where);
    ASSERT_TRUE(socket);
    tests::await_ready(socket->number(), 4 /* POLLOUT */);
    EXPECT_FALSE(sys::connect_outcome(socket->number()));
    EXPECT_EQ(active.calls(call::connect), 1);
}

TEST(ConnectFaults, SaysWhyItCannotConnectAndLeavesNothingOpen) {
    const std::size_t before = tests::open_descriptors();
    for (const call which : {call::socket, call::connect}) {
        const injection active{{.which = which, .number = ENETUNREACH}};
        EXPECT_EQ(sys::connect(any_port).why().number(), ENETUNREACH);
    }
    const injection active{{.which = call::getsockopt, .number = ENOBUFS}};
    EXPECT_EQ(sys::connect_outcome(0).number(), ENOBUFS);
    EXPECT_EQ(tests::open_descriptors(), before);
}

}  // namespace
}  // namespace plainsong
