// SPDX-License-Identifier: MIT
// client_faults_test.cpp — a whole connection of a client, from connect to both Closes, with each of
// its system calls failing in turn: it is answered by on_failure or by on_open and on_close, once;
// nothing leaks, nothing hangs, and the next connection works.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <initializer_list>
#include <string>

#include "tests/support/fault_injection.hpp"
#include "tests/support/fault_suite.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_host.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;
using namespace tests;
using faults::call;

/// The server, played by hand: it opens, echoes frames, answers a Close.  Its own calls never fail.
class hand_server {
public:
    hand_server() {
        const faults::outside mine;
        result<fd> opened = sys::listen(*address::parse("127.0.0.1", 0), {});
        listening_ = std::move(*opened);
        port = sys::bound_address(listening_.number())->port();
    }
    ~hand_server() {
        const faults::outside mine;
        listening_.reset();
        talking_.reset();
    }

    void serve() {
        const faults::outside mine;
        address peer;
        if (result<fd> fresh = sys::accept(listening_.number(), peer)) {
            talking_ = std::move(*fresh);
            ear_ = hearing(true);
            upgraded_ = false;
        }
        std::uint8_t heard[4096];
        ssize_t count = 0;
        while (talking_ && (count = ::recv(talking_.number(), heard, sizeof heard, 0)) > 0) {
            append(ear_.bytes, std::span(heard).first(static_cast<std::size_t>(count)));
        }
        if (talking_ && count == 0) {
            talking_.reset();
        }
        answer();
    }

    std::uint16_t port = 0;

private:
    void answer() {
        if (!talking_) {
            return;
        }
        if (!upgraded_) {
            const std::string request = ear_.take_request();
            if (request.empty()) {
                return;
            }
            upgraded_ = true;
            say(octets_of(good_answer(request)));
        }
        while (const auto frame = ear_.take_frame()) {
            say(server_frame(frame->opcode, frame->payload));
            if (frame->opcode == 8) {
                ::shutdown(talking_.number(), SHUT_WR);
            }
        }
    }
    void say(const octets& bytes) {
        ::send(talking_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    fd listening_;
    fd talking_;
    hearing ear_{true};
    bool upgraded_ = false;
};

/// One connection.  Returns: whether it went well to its end.
bool converse(loop& its_loop, hand_server& host, client& one) {
    journal log;
    int failures = 0;
    bool clean = false;
    handlers on =
        log.record({.on_open =
                        [](session& s) {
                            s.send_text("hello");
                            s.send_binary(octets(100'000, 3));
                        },
                    .on_message =
                        [](session& s, message m) {
                            if (!m.is_text()) {
                                s.close();
                            }
                        },
                    .on_close = [&](session&, const close_record& how) { clean = how.clean; }});
    on.on_failure = [&](const connect_failure& failure) {
        EXPECT_TRUE(failure.why);
        ++failures;
    };
    const std::string url = "ws://127.0.0.1:" + std::to_string(host.port) + "/";
    EXPECT_FALSE(one.connect(url, std::move(on)));
    const time_point end = sys::now() + patience;
    while (one.state() != client_state::idle && sys::now() < end) {
        host.serve();
        static_cast<void>(its_loop.turn(1ms));
    }
    EXPECT_EQ(one.state(), client_state::idle);
    EXPECT_EQ(log.count() + static_cast<std::size_t>(failures), 1U) << "one answer";
    EXPECT_EQ(log.open(), 0U);
    EXPECT_EQ(joined(log.faults), "");
    return clean;
}

/// Returns: how many calls were made to fail.
int play(const poller_choice& how, const faults::fault& planned) {
    loop its_loop(how.options);
    client_options options{.open_within = 50ms};
    options.bounds.close_within = options.bounds.drain_within = options.bounds.write_stall =
        options.bounds.pong_within = options.bounds.ping_after = 50ms;
    client one(its_loop, std::move(options));
    hand_server host;
    int fired = 0;
    {
        const faults::injection active{planned};
        (void)converse(its_loop, host, one);
        fired = active.fired();
    }
    EXPECT_TRUE(converse(its_loop, host, one)) << "the kernel is well again";
    return fired;
}

class ClientFaults : public fault_suite {
protected:
    int play(const faults::fault& planned) override { return plainsong::play(GetParam(), planned); }
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, ClientFaults, every_poller(), poller_name{});

TEST_P(ClientFaults, KeepItsPromisesWhenConnectingFails) {
    fail_each(call::socket, {EMFILE, ENOBUFS, EAFNOSUPPORT});
    fail_each(call::connect, {ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EAGAIN});
    fail_each(call::getsockopt, {ENOMEM});
    fail_each(call::getsockname, {ENOBUFS});
    fail_each(call::getpeername, {ENOTCONN});
    fail_each(call::setsockopt, {ENOMEM});
}

TEST_P(ClientFaults, KeepItsPromisesWhenReceivingFails) {
    fail_each(call::recv, {EAGAIN, ECONNRESET, ETIMEDOUT, ENOMEM, 9999});
}

TEST_P(ClientFaults, KeepItsPromisesWhenSendingFails) {
    fail_each(call::send, {EAGAIN, ECONNRESET, EPIPE, ENOBUFS, 9999});
    fail_each(call::sendmsg, {EPIPE, ENOBUFS});
}

TEST_P(ClientFaults, KeepItsPromisesWhenThereIsNoEntropy) {
    fail_each(call::getrandom, {EIO, ENOSYS});
}

TEST_P(ClientFaults, KeepItsPromisesWhenClosingFails) {
    fail_each(call::close, {EIO, EINTR});
}

TEST(ClientFaultsOfEpoll, KeepItsPromisesWhenAConnectionCannotBeWatched) {
    int failed = 0;
    for (const int number : {ENOSPC, ENOMEM, EPERM, ENOENT}) {
        faults::fault planned{.which = call::epoll_ctl, .number = number};
        int fired = 1;
        // The first one is the loop's own, of its wake channel.
        for (planned.nth = 2; fired != 0; ++planned.nth) {
            fired = play({"epoll", {.poller = poller_kind::epoll}}, planned);
            failed += fired;
            ASSERT_LT(planned.nth, 100);
        }
    }
    EXPECT_GT(failed, 4);
}

}  // namespace
}  // namespace plainsong
