// SPDX-License-Identifier: MIT
// A client that connects again: over real sockets, in time that the test moves.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <plainsong/client.hpp>
#include <plainsong/server.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/far_ends.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_host.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

fake_clock the_clock;

/// A port of 127.0.0.1 where nobody listens now, but somebody may later.
std::uint16_t quiet_port() {
    result<fd> listening = sys::listen(*address::parse("127.0.0.1", 0), {});
    return sys::bound_address(listening->number())->port();
}

class Reconnecting : public ::testing::Test {
protected:
    explicit Reconnecting()
        : its_loop({.clock = [] { return the_clock.now(); }}), port(quiet_port()) {}

    [[nodiscard]] std::string url() const {
        return "ws://127.0.0.1:" + std::to_string(port) + "/echo";
    }
    handlers record(reactions also = {}) {
        handlers made = log.record(std::move(also));
        made.on_failure = [this](const connect_failure& failure) {
            failures.push_back(shown(failure));
        };
        return made;
    }
    /// Turns until `condition` holds; time stands still.
    template <typename Condition>
    [[nodiscard]] bool until(Condition condition) {
        const time_point end = sys::now() + patience;
        while (!condition()) {
            if (sys::now() >= end || its_loop.turn(duration::zero())) {
                return false;
            }
        }
        return true;
    }
    void listen() {
        host = std::make_unique<server>(its_loop);
        host->route("/echo", {.on_message = [](session& s, message m) { s.send(m); }});
        ASSERT_FALSE(host->listen({.port = port}));
    }
    [[nodiscard]] std::size_t failed() const { return failures.size(); }

    loop its_loop;
    std::uint16_t port;
    journal log;
    std::vector<std::string> failures;
    std::unique_ptr<server> host;
};

constexpr reconnect_options always = {.enabled = true, .stop_codes = {}, .stop_statuses = {}};

TEST_F(Reconnecting, WaitsLongerAfterEachFailureButNeverTooLong) {
    proves({"6455-7.2.3-01", "6455-7.2.3-02", "6455-7.2.3-03", "6455-7.2.3-04"});
    client one(its_loop, {.reconnect = always});
    ASSERT_FALSE(one.connect(url(), record()));
    duration bound = always.first_delay;
    for (std::size_t i = 1; i <= 100; ++i) {
        ASSERT_TRUE(until([&] { return failed() == i; })) << i;
        EXPECT_EQ(failures.back(),
                  "connect_failed errno " + std::to_string(ECONNREFUSED) + " retry");
        ASSERT_EQ(one.state(), client_state::waiting);
        EXPECT_EQ(one.attempts(), i);
        const duration wait = one.next_attempt() - the_clock.now();
        EXPECT_GE(wait, duration::zero());
        EXPECT_LE(wait, bound);
        bound = std::min(bound * 2, always.longest_delay);
        the_clock.set(one.next_attempt());
    }
}

TEST_F(Reconnecting, SendsWhatWasQueuedWhileThereWasNoConnection) {
    client one(its_loop, {.reconnect = always, .queue_while_down_bytes = 10});
    EXPECT_EQ(one.send_text("x").what, fate::gone);
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    EXPECT_EQ(one.send_text("first").what, fate::queued);
    EXPECT_EQ(one.send_text("last").what, fate::queued);
    EXPECT_EQ(one.backlog_bytes(), 9U);
    const send_result refused = one.send_text("xx");
    EXPECT_EQ(refused.what, fate::refused);
    EXPECT_EQ(refused.why, error_code::refused_full);
    listen();
    the_clock.set(one.next_attempt());
    ASSERT_TRUE(until([&] { return log.text() == "open\ntext \"first\"\ntext \"last\"\n"; }))
        << log.text();
    EXPECT_EQ(one.backlog_bytes(), 0U);
}

TEST_F(Reconnecting, KeepsWhatWasQueuedUntilAMessageInPiecesHasEnded) {
    client one(its_loop, {.reconnect = always, .queue_while_down_bytes = 100});
    listen();
    ASSERT_FALSE(one.connect(url(), record({.on_open = [](session& s) {
                                 s.send_begin(opcode::text);
                                 s.send_part("in ");
                             }})));
    EXPECT_EQ(one.send_text("queued").what, fate::queued);
    ASSERT_TRUE(until([&] { return one.is_open(); }));
    EXPECT_EQ(one.send_text("too early").why, error_code::message_in_progress);
    EXPECT_EQ(one.backlog_bytes(), 6U);
    EXPECT_TRUE(one.current()->send_part("pieces"));
    EXPECT_TRUE(one.current()->send_end());
    EXPECT_TRUE(one.send_text("last"));
    ASSERT_TRUE(until([&] { return log.last().lines.size() == 4; })) << log.text();
    EXPECT_EQ(log.text(), "open\ntext \"in pieces\"\ntext \"queued\"\ntext \"last\"\n");
}

TEST_F(Reconnecting, DoesNotRepeatWhatItsOwnProgramHasMadeImpossible) {
    client one(its_loop, {.wrap = [](stream, std::string_view, bool) { return stream{}; },
                          .reconnect = always});
    listen();
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    EXPECT_EQ(failures[0], "tls_not_available");
    EXPECT_EQ(one.state(), client_state::idle);
}

TEST_F(Reconnecting, RefusesMessagesWhileDownUnlessToldToQueue) {
    client one(its_loop, {.reconnect = always});
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    for (const char* text : {"x", ""}) {
        const send_result refused = one.send_text(text);
        EXPECT_EQ(refused.what, fate::refused) << text;
        EXPECT_EQ(refused.why, error_code::not_open);
    }
}

TEST_F(Reconnecting, BeginsAnewOnlyAfterAStableConnection) {
    listen();
    client one(its_loop, {.reconnect = always});
    ASSERT_FALSE(one.connect(url(), record()));
    for (std::uint32_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(until([&] { return one.is_open(); }));
        EXPECT_EQ(one.attempts(), i);
        one.current()->terminate();
        ASSERT_EQ(one.state(), client_state::waiting);
        the_clock.set(one.next_attempt());
    }
    ASSERT_TRUE(until([&] { return one.is_open(); }));
    the_clock.advance(always.stable_after);
    ASSERT_TRUE(until([&, turns = 0]() mutable { return ++turns == 3; }));
    one.current()->terminate();
    EXPECT_EQ(one.attempts(), 0U);
    EXPECT_LE(one.next_attempt() - the_clock.now(), always.first_delay);
}

TEST_F(Reconnecting, StopsAtTheCodesAndStatusesThatItIsTold) {
    host = std::make_unique<server>(its_loop);
    host->route("/code", {.on_message = [](session& s, message m) {
                    s.close(static_cast<std::uint16_t>(std::stoi(std::string(m.text()))));
                }});
    ASSERT_FALSE(host->listen({.port = port}));
    const std::string base = "ws://127.0.0.1:" + std::to_string(port);
    client one(its_loop, {.reconnect = {.enabled = true}});
    for (const auto& [code, again] : {std::pair{1008, false},
                                      {1001, true},
                                      {1013, true},
                                      {1000, false},
                                      {4000, true},
                                      {1002, false}}) {
        ASSERT_FALSE(one.connect(base + "/code", record()));
        ASSERT_TRUE(until([&] { return one.is_open(); }));
        ASSERT_TRUE(one.send_text(std::to_string(code)));
        ASSERT_TRUE(until([&] { return one.state() != client_state::open; }));
        EXPECT_EQ(one.state() == client_state::waiting, again) << code;
        one.close();
        EXPECT_EQ(one.state(), client_state::idle);
    }
    ASSERT_FALSE(one.connect(base + "/nowhere", record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    EXPECT_EQ(failures[0].substr(0, 35), "upgrade_refused status 404 Not Foun");
    EXPECT_EQ(one.state(), client_state::idle);
}

TEST_F(Reconnecting, StopsAtAStatusOfAProxy) {
    proves({"6455-4.1-14"});
    const open_end proxy;
    for (const auto& [status, again] : {std::pair{"407", false}, {"403", false}, {"503", true}}) {
        const std::string where = "http://127.0.0.1:" + std::to_string(proxy.where().port());
        client one(its_loop, {.proxy = where, .reconnect = {.enabled = true}});
        failures.clear();
        ASSERT_FALSE(one.connect("ws://far.invalid/", record()));
        fd taken;
        ASSERT_TRUE(until([&] {
            taken = taken ? std::move(taken) : proxy.take();
            return static_cast<bool>(taken);
        }));
        write_all(taken.number(), "HTTP/1.1 " + std::string(status) + " No\r\n\r\n");
        ASSERT_TRUE(until([&] { return failed() == 1; }));
        EXPECT_EQ(one.state() == client_state::waiting, again) << failures[0];
    }
}

TEST_F(Reconnecting, HasOneDeadlineForAnAttemptWithItsRedirects) {
    int asked = 0;
    host = std::make_unique<server>(its_loop);
    host->route("/echo", {.on_upgrade = [&](upgrade& request) {
                    ++asked;
                    the_clock.advance(6s);
                    (void)request.add_field("Location", "/echo");
                    request.refuse(307);
                }});
    ASSERT_FALSE(host->listen({.port = port}));
    client_options options{.open_within = 10s};
    options.most_redirects = 5;
    client one(its_loop, std::move(options));
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    EXPECT_EQ(asked, 2) << failures[0];
}

TEST_F(Reconnecting, DoesNotComeBackFromACloseOfItsOwn) {
    listen();
    client one(its_loop, {.reconnect = always});
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return one.is_open(); }));
    EXPECT_TRUE(one.close(4001, "enough"));
    ASSERT_TRUE(until([&] { return one.state() == client_state::idle; }));
    EXPECT_EQ(log.text(), "open\nclose 4001 sent 4001 clean by local\n");
}

TEST_F(Reconnecting, DoesNotComeBackFromACloseOfItsOwnThatIsNotAnswered) {
    const open_end end;
    for (const char* way : {"reset", "violation", "silence", "only a violation"}) {
        const std::string_view how = way;
        client one(its_loop, {.reconnect = always});
        ASSERT_FALSE(
            one.connect("ws://127.0.0.1:" + std::to_string(end.where().port()) + "/", record()));
        fd far;
        std::string request;
        ASSERT_TRUE(until([&] {
            far = far ? std::move(far) : end.take();
            char octet = 0;
            while (far && ::recv(far.number(), &octet, 1, MSG_DONTWAIT) == 1) {
                request += octet;
            }
            return request.ends_with("\r\n\r\n");
        }));
        write_all(far.number(), good_answer(request));
        ASSERT_TRUE(until([&] { return one.is_open(); }));
        if (how != "only a violation") {
            EXPECT_TRUE(one.current()->close(1000));
        }
        if (how == "reset") {
            tests::reset(far);
        } else if (how == "silence") {
            the_clock.advance(1h);
        } else {
            write_all(far.number(), as_text(server_frame(3, {})));
            the_clock.advance(1s);
            ASSERT_TRUE(until([turns = 0]() mutable { return ++turns == 3; }));
            far.reset();
        }
        ASSERT_TRUE(until([&] { return one.state() != client_state::open; })) << way;
        const bool again = how == "only a violation";
        EXPECT_EQ(one.state(), again ? client_state::waiting : client_state::idle)
            << way << ": " << log.text();
    }
}

TEST_F(Reconnecting, IsCancelledAtOnceWhileItWaits) {
    client one(its_loop, {.reconnect = always});
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    EXPECT_TRUE(one.close());
    EXPECT_EQ(one.state(), client_state::idle);
    EXPECT_EQ(one.next_attempt(), never);
    the_clock.advance(1h);
    ASSERT_TRUE(until([&, turns = 0]() mutable { return ++turns == 3; }));
    EXPECT_EQ(failed(), 1U);
}

TEST_F(Reconnecting, GivesUpAfterSoManyAttempts) {
    client one(its_loop, {.reconnect = {.enabled = true, .most_attempts = 3}});
    ASSERT_FALSE(one.connect(url(), record()));
    for (std::size_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(until([&] { return failed() == i; }));
        the_clock.advance(always.longest_delay);
    }
    EXPECT_EQ(one.state(), client_state::idle);
    EXPECT_EQ(failures.back(), "connect_failed errno " + std::to_string(ECONNREFUSED));
}

TEST_F(Reconnecting, WaitsAsLongAsRetryAfterSays) {
    host = std::make_unique<server>(its_loop);
    host->route("/echo", {.on_upgrade = [](upgrade& asked) {
                    (void)asked.add_field("Retry-After", "77");
                    asked.refuse(429, "later");
                }});
    ASSERT_FALSE(host->listen({.port = port}));
    client one(its_loop, {.reconnect = {.enabled = true}});
    ASSERT_FALSE(one.connect(url(), record()));
    ASSERT_TRUE(until([&] { return failed() == 1; }));
    EXPECT_EQ(one.next_attempt() - the_clock.now(), 77s);
}

}  // namespace
}  // namespace plainsong::tests
