// SPDX-License-Identifier: MIT
// Programs that leave, close or connect a client at the moments that are hardest for it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <plainsong/client.hpp>

#include "tests/support/far_ends.hpp"
#include "tests/support/memory_host.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

/// A client whose connection goes through client_options::wrap, with or without a proxy before it.
class ClientWithWrap : public ::testing::TestWithParam<poller_choice> {
protected:
    ClientWithWrap() : its_loop(GetParam().options) {}

    void connect(bool by_proxy, std::function<stream(stream)> wrap) {
        const std::string port = std::to_string(end.where().port());
        const std::string proxy = "http://127.0.0.1:" + port;
        url = by_proxy ? "ws://far.invalid/" : "ws://127.0.0.1:" + port + "/";
        one = std::make_unique<client>(
            its_loop,
            client_options{.proxy = by_proxy ? proxy : "",
                           .wrap = [wrap = std::move(wrap)](stream plain, std::string_view, bool) {
                               return wrap(std::move(plain));
                           }});
        ASSERT_FALSE(one->connect(url, record()));
        ASSERT_TRUE(turn_until(its_loop, [&] {
            far = far ? std::move(far) : end.take();
            return static_cast<bool>(far);
        }));
        if (by_proxy) {
            EXPECT_EQ(hear().substr(0, 26), "CONNECT far.invalid:80 HTT");
            write_all(far.number(), "HTTP/1.1 200 OK\r\n\r\n");
        }
    }
    handlers record() {
        handlers on = log.record();
        on.on_failure = [this](const connect_failure& why) { failures.push_back(shown(why)); };
        return on;
    }
    /// A head that the client sends, or what it sent until it went.
    std::string hear() {
        std::string text;
        EXPECT_TRUE(turn_until(its_loop, [&] {
            char octet = 0;
            ssize_t count = 0;
            while (!text.ends_with("\r\n\r\n") &&
                   (count = ::recv(far.number(), &octet, 1, MSG_DONTWAIT)) == 1) {
                text += octet;
            }
            return count == 0 || text.ends_with("\r\n\r\n");
        }));
        return text;
    }

    loop its_loop;
    open_end end;
    fd far;  // the other end of the connection
    std::string url;
    std::vector<std::string> failures;
    journal log;
    std::unique_ptr<client> one;
};

TEST_P(ClientWithWrap, SaysNothingMoreOnceItWasDestroyedInside) {
    for (const bool by_proxy : {false, true}) {
        for (const bool gives_a_stream : {false, true}) {
            far.reset();
            connect(by_proxy, [&](stream plain) {
                one.reset();
                return gives_a_stream ? std::move(plain) : stream{};
            });
            EXPECT_EQ(hear(), "") << by_proxy << gives_a_stream;
            EXPECT_EQ(one, nullptr);
            EXPECT_EQ(joined(failures), "") << by_proxy << gives_a_stream;
        }
    }
}

TEST_P(ClientWithWrap, FailsOnceIfItIsClosedInside) {
    for (const bool by_proxy : {false, true}) {
        for (const bool gives_a_stream : {false, true}) {
            far.reset();
            failures.clear();
            connect(by_proxy, [&](stream plain) {
                EXPECT_TRUE(one->close());
                return gives_a_stream ? std::move(plain) : stream{};
            });
            EXPECT_EQ(hear(), "") << by_proxy << gives_a_stream;
            EXPECT_EQ(one->state(), client_state::idle);
            EXPECT_EQ(joined(failures), "terminated\n") << by_proxy << gives_a_stream;
            EXPECT_EQ(one->snapshot().handshakes_open, 0U);
        }
    }
}

TEST_P(ClientWithWrap, ConnectsAgainIfItIsToldToInside) {
    for (const bool by_proxy : {false, true}) {
        far.reset();
        failures.clear();
        int calls = 0;
        connect(by_proxy, [&](stream plain) {
            if (++calls == 1) {
                EXPECT_TRUE(one->close());
                EXPECT_FALSE(one->connect(url, record()));
            }
            return plain;
        });
        EXPECT_EQ(hear(), "");
        EXPECT_EQ(joined(failures), "terminated\n");
        EXPECT_EQ(one->state(), client_state::connecting);
        ASSERT_TRUE(turn_until(its_loop, [&] {
            far = end.take();
            return static_cast<bool>(far);
        }));
        EXPECT_EQ(hear().substr(0, 4), by_proxy ? "CONN" : "GET ");
    }
}

TEST_P(ClientWithWrap, MayGetAStreamWithAnotherDescriptor) {
    proves({"6455-4.1-11", "6455-4.1-19"});
    for (const bool by_proxy : {false, true}) {
        far.reset();
        connect(by_proxy, [](stream plain) {
            stream other = tcp_stream(::dup(plain.descriptor()));
            plain.close();
            return other;
        });
        write_all(far.number(), good_answer(hear()));
        EXPECT_TRUE(turn_until(its_loop, [&] { return one->is_open(); })) << by_proxy;
        one->current()->terminate();
        EXPECT_EQ(one->state(), client_state::idle);
    }
}

INSTANTIATE_TEST_SUITE_P(EveryPoller, ClientWithWrap, every_poller(), poller_name{});

// ---- leaving in the middle of things ---------------------------------------------------------------

TEST(ClientReentrancy, DeliversNoMoreOfAMessageToAProgramThatHasLeft) {
    for (const bool in_chunk : {false, true}) {
        memory_host rig;
        std::string seen;
        handlers on;
        on.on_message_begin = [&](session&, opcode) {
            seen += "begin ";
            if (!in_chunk) {
                rig.one.reset();
            }
        };
        on.on_message_chunk = [&](session&, byte_view) {
            seen += "chunk ";
            rig.one.reset();
        };
        on.on_message_end = [&](session&) { seen += "end "; };
        ASSERT_FALSE(rig.connect_with(std::move(on)));
        rig.say(good_answer(rig.request())).say(server_text("x"));
        rig.settle();
        EXPECT_EQ(seen, in_chunk ? "begin chunk " : "begin ");
        rig.say(server_close(1001));
        rig.end();
        rig.settle();
        EXPECT_EQ(rig.network.open_lines, 0U);
    }
}

TEST(ClientReentrancy, LeavesAUsableSessionToTheCallbackItIsDestroyedIn) {
    memory_host rig;
    bool was_called = false;
    handlers on;
    on.subprotocols = "chat";
    on.on_open = [&](session& s) {
        EXPECT_EQ(s.subprotocol(), "chat");
        rig.one.reset();
        EXPECT_EQ(s.subprotocol(), "");
        EXPECT_EQ(s.self(), role::client);
        EXPECT_EQ(s.send_text("late").what, fate::gone);
        was_called = true;
    };
    ASSERT_FALSE(rig.connect_with(std::move(on)));
    rig.say(good_answer(rig.request(), "Sec-WebSocket-Protocol: chat\r\n"));
    rig.settle();
    EXPECT_TRUE(was_called);
    EXPECT_EQ(rig.heard(), "close 1001\n");
}

TEST(ClientReentrancy, LogsNothingOnceItIsDestroyed) {
    std::vector<std::string> logged;
    client_options options;
    options.log = [&](const log_record& one) { logged.push_back(facts_of(one.why.code).name); };
    memory_host rig(std::move(options));
    rig.open();
    rig.one.reset();
    rig.settle();
    rig.pass(60s);
    EXPECT_EQ(joined(logged), "");
    EXPECT_EQ(rig.network.open_lines, 0U);
}

TEST(ClientReentrancy, MayBeDestroyedWhileItLogs) {
    memory_host* where = nullptr;
    client_options options;
    options.log = [&where](const log_record&) { where->one.reset(); };
    memory_host rig(std::move(options));
    where = &rig;
    rig.open();
    rig.say(server_frame(3, {}));
    rig.settle();
    EXPECT_EQ(rig.one, nullptr);
    rig.end();
    rig.settle();
    EXPECT_EQ(rig.network.open_lines, 0U);
}

TEST(ClientReentrancy, ClosesATransportThatItWasGivenAndNeverUsed) {
    memory_host rig;
    ASSERT_FALSE(rig.connect());
    EXPECT_TRUE(rig.one->close());
    EXPECT_TRUE(rig.line->closed);
    EXPECT_EQ(joined(rig.failures), "terminated\n");
    rig.expect_empty();
}

TEST(ClientReentrancy, NeedsATransportToConnectOver) {
    memory_host rig;
    EXPECT_EQ(rig.one->connect_over({}, "ws://127.0.0.1:1/", {}).code(),
              error_code::invalid_argument);
    EXPECT_EQ(rig.one->state(), client_state::idle);
}

TEST(ClientReentrancy, SendsItsRequestThoughTheKernelWasShortOfMemory) {
    memory_host rig;
    ASSERT_FALSE(rig.connect());
    rig.line->short_of_memory = 1;
    rig.settle();
    rig.pass(1s);
    EXPECT_EQ(rig.request().substr(0, 9), "GET /chat");
}

}  // namespace
}  // namespace plainsong::tests
