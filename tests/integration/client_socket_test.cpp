// SPDX-License-Identifier: MIT
// Clients and a server over real sockets, on one loop or in two processes.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <plainsong/client.hpp>
#include <plainsong/net/resolver.hpp>
#include <plainsong/server.hpp>

#include "tests/support/far_ends.hpp"
#include "tests/support/journal.hpp"
#include "tests/support/memory_host.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

class ClientOverSockets : public ::testing::TestWithParam<poller_choice> {
protected:
    ClientOverSockets() : its_loop(GetParam().options), host(its_loop, {.bounds = wide()}) {
        host.route("/echo", {.subprotocols = "chat, superchat",
                             .on_message = [](session& s, message m) { s.send(m); },
                             .overflow = overflow_policy::close});
        EXPECT_FALSE(host.listen({}));
    }

    static limits wide() {
        limits bounds;
        bounds.frame_bytes = bounds.message_bytes = 32 << 20;
        bounds.outbox_bytes = 64 << 20;
        return bounds;
    }
    [[nodiscard]] std::string url(std::string_view path = "/echo") const {
        return "ws://127.0.0.1:" + std::to_string(host.port()) + std::string(path);
    }
    handlers record(reactions also = {}) {
        handlers made = log.record(std::move(also));
        made.on_failure = [this](const connect_failure& failure) {
            failures.push_back(shown(failure));
            stages.push_back(failure.stage);
        };
        return made;
    }
    template <typename Condition>
    [[nodiscard]] bool until(Condition condition) {
        return turn_until(its_loop, condition);
    }

    loop its_loop;
    server host;
    journal log;
    std::vector<std::string> failures;
    std::vector<connect_stage> stages;
};

TEST_P(ClientOverSockets, TalksToAServerOnItsOwnLoop) {
    proves({"6455-4.1-12"});
    client one(its_loop, {.bounds = wide()});
    handlers on = record({.on_open = [](session& s) {
        s.send_text("hello");
        s.send_binary(octets(16 << 20, 5));
        s.ping(octets_of("p"));
        s.send_begin(opcode::text);
        s.send_part("one ");
        s.send_part("two");
        s.send_end();
    }});
    on.subprotocols = "superchat";
    ASSERT_FALSE(one.connect(url(), std::move(on)));
    const auto has = [&](const char* line) { return log.text().find(line) != std::string::npos; };
    ASSERT_TRUE(until([&] { return has("text \"one two\"\n"); })) << log.text();
    EXPECT_EQ(one.current()->subprotocol(), "superchat");
    EXPECT_EQ(one.current()->self(), role::client);
    EXPECT_TRUE(one.close(4000, "done"));
    ASSERT_TRUE(until([&] { return one.state() == client_state::idle; }));
    EXPECT_TRUE(has("text \"hello\"\n"));
    EXPECT_TRUE(has("binary 16777216 x hex 05\n"));
    EXPECT_TRUE(has("pong \"p\"\n"));
    EXPECT_TRUE(has("\nclose 4000 sent 4000 clean by local\n")) << log.text();
    EXPECT_TRUE(until([&] { return host.sessions() == 0; }));
}

TEST_P(ClientOverSockets, SaysWhoRefused) {
    proves({"6455-4.1-14"});
    std::string gone;
    {
        server other(its_loop);
        ASSERT_FALSE(other.listen({}));
        gone = "ws://127.0.0.1:" + std::to_string(other.port()) + "/";
    }
    client one(its_loop);
    ASSERT_FALSE(one.connect(gone, record()));
    ASSERT_TRUE(until([&] { return failures.size() == 1; }));
    EXPECT_EQ(failures[0], "connect_failed errno " + std::to_string(ECONNREFUSED));
    EXPECT_EQ(stages[0], connect_stage::address);
    ASSERT_FALSE(one.connect(url("/nowhere"), record()));
    ASSERT_TRUE(until([&] { return failures.size() == 2; }));
    EXPECT_EQ(failures[1].substr(0, 37), "upgrade_refused status 404 Not Found ");
    EXPECT_EQ(stages[1], connect_stage::handshake);
}

TEST_P(ClientOverSockets, ReachesAServerByANameAndByAPath) {
    const std::string path = "/tmp/plainsong-client-" + std::to_string(::getpid());
    ASSERT_FALSE(host.listen({.unix_path = path}));
    for (const bool by_path : {false, true}) {
        client one(its_loop, {.unix_path = by_path ? path : ""});
        const std::string name = by_path
                                     ? "ws://anywhere.invalid/echo"
                                     : "ws://localhost:" + std::to_string(host.port()) + "/echo";
        ASSERT_FALSE(one.connect(name, record()));
        ASSERT_TRUE(until([&] { return one.is_open(); })) << name;
        EXPECT_TRUE(one.close());
        ASSERT_TRUE(until([&] { return one.state() == client_state::idle; }));
    }
    EXPECT_TRUE(failures.empty());
}

/// Answers when the test says so.
class slow_resolver final : public resolver {
public:
    ticket resolve(std::string_view, std::uint16_t, callback<void(resolve_outcome)> done) override {
        waiting = std::move(done);
        return ++last;
    }
    void cancel(ticket which) override {
        cancelled = which;
        waiting.reset();
    }

    callback<void(resolve_outcome)> waiting;
    ticket last = 0;
    ticket cancelled = 0;
};

TEST_P(ClientOverSockets, AsksTheResolverItWasGiven) {
    slow_resolver names;
    client one(its_loop, {.names = &names});
    const std::string name = "ws://example.invalid:" + std::to_string(host.port()) + "/echo";
    ASSERT_FALSE(one.connect(name, record()));
    ASSERT_TRUE(until([&] { return static_cast<bool>(names.waiting); }));
    names.waiting({.why = {}, .addresses = {*address::parse("127.0.0.1", host.port())}});
    ASSERT_TRUE(until([&] { return one.is_open(); }));
    EXPECT_TRUE(one.close());
    ASSERT_TRUE(until([&] { return one.state() == client_state::idle; }));
    ASSERT_FALSE(one.connect(name, record()));
    ASSERT_TRUE(until([&] { return names.last == 2; }));
    names.waiting({.why = {error_code::name_not_found}, .addresses = {}});
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0], "name_not_found");
    EXPECT_EQ(stages[0], connect_stage::name);
}

TEST_P(ClientOverSockets, SharesTheSystemsResolverWithTheOthersOfItsLoop) {
    const refusing_end nobody;
    const std::size_t before = open_descriptors();
    std::vector<std::unique_ptr<client>> many;
    while (many.size() < 8) {
        many.push_back(std::make_unique<client>(its_loop));
        // Numeric in a way that the system understands and an address does not.
        const std::string name = "ws://127.1:" + std::to_string(nobody.where().port()) + "/";
        ASSERT_FALSE(many.back()->connect(name, record()));
    }
    ASSERT_TRUE(until([&] { return failures.size() == many.size(); }));
    EXPECT_EQ(failures[0], "connect_failed errno " + std::to_string(ECONNREFUSED));
    EXPECT_LE(open_descriptors(), before + 2) << "what wakes the loop, once";
}

TEST_P(ClientOverSockets, IsCancelledAtEachStageWithOneCallbackAndNoDescriptorLeft) {
    slow_resolver names;
    result<fd> silent = sys::listen(*address::parse("127.0.0.1", 0), {});
    const std::uint16_t port = sys::bound_address(silent->number())->port();
    ASSERT_TRUE(until([turns = 0]() mutable { return ++turns == 3; }));
    const std::size_t before = open_descriptors();
    for (const char* stage : {"start", "name", "connect", "handshake", "destroyed"}) {
        const std::string_view at = stage;
        failures.clear();
        auto one = std::make_unique<client>(its_loop, client_options{.names = &names});
        const std::string host_part = at == "name" ? "example.invalid" : "127.0.0.1";
        ASSERT_FALSE(
            one->connect("ws://" + host_part + ":" + std::to_string(port) + "/", record()));
        if (at == "name") {
            ASSERT_TRUE(until([&] { return static_cast<bool>(names.waiting); }));
        } else if (at == "connect") {
            ASSERT_FALSE(its_loop.turn(duration::zero()));
        } else if (at != "start") {
            ASSERT_TRUE(until([&] { return one->snapshot().handshakes_open == 1; }));
        }
        if (at == "destroyed") {
            one.reset();
        } else {
            EXPECT_TRUE(one->close());
            ASSERT_EQ(failures.size(), 1U) << stage;
            EXPECT_EQ(failures[0], "terminated");
            EXPECT_EQ(one->snapshot().handshakes_open, 0U);
        }
        one.reset();
        ASSERT_TRUE(until([turns = 0]() mutable { return ++turns == 3; }));
        EXPECT_LE(failures.size(), 1U);
        EXPECT_EQ(open_descriptors(), before) << stage;
    }
    EXPECT_EQ(names.cancelled, names.last);
}

TEST_P(ClientOverSockets, TimesOutWhenNobodyAnswers) {
    result<fd> silent = sys::listen(*address::parse("127.0.0.1", 0), {});
    const std::uint16_t port = sys::bound_address(silent->number())->port();
    client one(its_loop, {.open_within = 50ms});
    ASSERT_FALSE(one.connect("ws://127.0.0.1:" + std::to_string(port) + "/", record()));
    ASSERT_TRUE(until([&] { return failures.size() == 1; }));
    EXPECT_EQ(failures[0], "handshake_timeout");
}

TEST_P(ClientOverSockets, FollowsARedirectOnlyIfToldTo) {
    server other(its_loop);
    std::vector<std::string> seen;
    other.route("/there", {.on_upgrade = [&](upgrade& asked) {
                    seen.push_back(std::string(asked.field("Authorization")) + "|" +
                                   std::string(asked.field("Cookie")) + "|" +
                                   std::string(asked.field("X-Mine")));
                }});
    ASSERT_FALSE(other.listen({}));
    const std::string there = "http://127.0.0.1:" + std::to_string(other.port()) + "/there?x=1#y";
    host.route("/away", {.on_upgrade = [&](upgrade& asked) {
                   (void)asked.add_field("Location", there);
                   asked.refuse(302);
               }});
    host.route("/near", {.on_upgrade = [&](upgrade& asked) {
                   (void)asked.add_field("Location", "/echo");
                   asked.refuse(307);
               }});
    host.route("/round", {.on_upgrade = [&](upgrade& asked) {
                   (void)asked.add_field("Location", "/round");
                   asked.refuse(308);
               }});
    const http::field mine{"X-Mine", "secret"};
    client_options options{.cookies = "a=1", .authorization = "Bearer t", .fields = {&mine, 1}};
    client stays(its_loop, std::move(options));
    ASSERT_FALSE(stays.connect(url("/away"), record()));
    ASSERT_TRUE(until([&] { return failures.size() == 1; }));
    EXPECT_EQ(failures[0].substr(0, 32), "upgrade_refused status 302 Found");

    client_options told{.cookies = "a=1", .authorization = "Bearer t", .fields = {&mine, 1}};
    told.most_redirects = 5;
    client goes(its_loop, std::move(told));
    ASSERT_FALSE(goes.connect(url("/away"), record()));
    ASSERT_TRUE(until([&] { return goes.is_open(); }));
    EXPECT_EQ(joined(seen), "||\n") << "nothing confidential goes to another origin";
    EXPECT_TRUE(goes.close());
    ASSERT_TRUE(until([&] { return goes.state() == client_state::idle; }));
    ASSERT_FALSE(goes.connect(url("/near"), record()));
    ASSERT_TRUE(until([&] { return goes.is_open(); }));
    EXPECT_TRUE(goes.close());
    ASSERT_TRUE(until([&] { return goes.state() == client_state::idle; }));
    ASSERT_FALSE(goes.connect(url("/round"), record()));
    ASSERT_TRUE(until([&] { return failures.size() == 2; }));
    EXPECT_EQ(host.snapshot().handshakes_failed, 2U + 1U + 6U) << "five times, and no more";
    ASSERT_TRUE(until([&] { return other.sessions() == 0; }));
}

TEST_P(ClientOverSockets, TakesARedirectToNowhereForARefusal) {
    std::string to;
    host.route("/odd", {.on_upgrade = [&](upgrade& asked) {
                   (void)asked.add_field("Location", to);
                   asked.refuse(302);
               }});
    client_options options;
    options.most_redirects = 5;
    client one(its_loop, std::move(options));
    for (const char* where : {"/a b", "/%", "/\"", "", "#x", "?x", "//127.0.0.1/", "near",
                              "ftp://127.0.0.1/", "http://", "http:///echo", "http://[::1/",
                              "http://a:b@127.0.0.1/", "ws://127.0.0.1:99999/", "wss://127.0.0.1/",
                              "https://127.0.0.1/", "http://127.0.0.1/\xff"}) {
        to = where;
        failures.clear();
        ASSERT_FALSE(one.connect(url("/odd"), record()));
        ASSERT_TRUE(until([&] { return failures.size() == 1; })) << where;
        EXPECT_EQ(failures[0].substr(0, 32), "upgrade_refused status 302 Found") << where;
    }
}

INSTANTIATE_TEST_SUITE_P(EveryPoller, ClientOverSockets, every_poller(), poller_name{});

/// A server in a process of its own, so that each of the two has descriptors enough.
class server_process {
public:
    server_process() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe(ends), 0);
        child_ = ::fork();
        if (child_ == 0) {
            ::close(ends[0]);
            serve(ends[1]);
        }
        ::close(ends[1]);
        EXPECT_EQ(::read(ends[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
        ::close(ends[0]);
    }
    ~server_process() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    server_process(const server_process&) = delete;
    server_process& operator=(const server_process&) = delete;

    std::uint16_t port = 0;

private:
    [[noreturn]] static void serve(int answer) {
        loop its_loop;
        server host(its_loop);
        host.route("/", {.on_message = [](session& s, message m) { s.send(m); }});
        if (!host.listen({.backlog = 4096})) {
            const std::uint16_t mine = host.port();
            (void)!::write(answer, &mine, sizeof mine);
            its_loop.run();
        }
        ::_exit(1);
    }

    pid_t child_ = -1;
};

TEST(ClientCrowd, HoldsTenThousandConnectionsInOneProcess) {
    constexpr std::size_t crowd = 10'000;
    rlimit most{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &most), 0);
    const rlimit before = most;
    most.rlim_cur = most.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &most), 0);
    if (most.rlim_cur < crowd + 100) {
        GTEST_SKIP() << "only " << most.rlim_cur << " descriptors are allowed here";
    }
    const server_process host;
    const std::size_t descriptors = open_descriptors();
    {
        loop its_loop;
        const std::string url = "ws://127.0.0.1:" + std::to_string(host.port) + "/";
        std::size_t opened = 0;
        std::size_t echoed = 0;
        std::size_t closed = 0;
        std::size_t failed = 0;
        std::vector<std::unique_ptr<client>> all;
        for (std::size_t i = 0; i < crowd; ++i) {
            all.push_back(std::make_unique<client>(its_loop));
            ASSERT_FALSE(all.back()->connect(
                url,
                {.on_failure = [&](const connect_failure&) { ++failed; },
                 .on_open = [&](session&) { ++opened; },
                 .on_message = [&](session&, message) { ++echoed; },
                 .on_close = [&](session&, const close_record& how) { closed += how.clean; }}));
            // A few hundred at a time, as the listener's backlog has it.
            ASSERT_TRUE(i % 256 != 255 || turn_until(its_loop, [&] { return opened == i + 1; }));
        }
        ASSERT_TRUE(turn_until(its_loop, [&] { return opened == crowd; }));
        for (const auto& one : all) {
            EXPECT_TRUE(one->send_text("x"));
        }
        ASSERT_TRUE(turn_until(its_loop, [&] { return echoed == crowd; }));
        for (const auto& one : all) {
            EXPECT_TRUE(one->close());
        }
        ASSERT_TRUE(turn_until(its_loop, [&] { return closed == crowd; }));
        EXPECT_EQ(failed, 0U);
    }
    EXPECT_EQ(open_descriptors(), descriptors);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace plainsong::tests
