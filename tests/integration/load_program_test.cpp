// SPDX-License-Identifier: MIT
// `plainsong load` against servers that do what a test needs: stall, broadcast, lose, refuse.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/flat_json.hpp"
#include "tests/support/program.hpp"
#include "tests/support/socket_server.hpp"

namespace plainsong::tests {
namespace {

/// What a run said, and how it ended.
struct load_run {
    int status = -1;
    std::string output;
    std::string errors;
    flat_values said;  // of --json

    [[nodiscard]] double number(const std::string& name) const {
        const auto found = said.find(name);
        EXPECT_NE(found, said.end()) << name << " is not in " << output;
        return found == said.end() ? -1 : std::stod(found->second);
    }
    [[nodiscard]] std::string text(const std::string& name) const {
        const auto found = said.find(name);
        return found == said.end() ? "<missing>" : found->second;
    }
};

std::string url_of(const socket_server& one) {
    return "ws://" + std::string(one.where().text().view()) + "/";
}

/// Runs the program while the server's loop is turned.
load_run load(socket_server& target, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"load", url_of(target)});
    process one(std::move(arguments));
    EXPECT_TRUE(target.until([&one] { return one.has_said_all(); })) << "the run doesn't end";
    load_run made;
    made.status = one.status();
    made.output = one.output;
    made.errors = one.errors;
    if (auto said = flat_json(one.output)) {
        made.said = std::move(*said);
    }
    return made;
}

handlers echo() {
    return {.on_message = [](session& s, message m) { s.send(m); }};
}

// ---- coordinated omission

/// Echoes until a certain message, then nothing for a while, then all that came meanwhile.
class stalling_server final : public loop_member {
public:
    stalling_server(int at, duration how_long) : at_(at), how_long_(how_long) {
        server->route("/", {.on_message = [this](session& s, message m) { take(s, m); }});
        server.listen();
    }

    socket_server server;

private:
    void take(session& s, message m) {
        if (++seen_ == at_) {
            stalled_ = true;
            server.its_loop.arm(*this, server.its_loop.now() + how_long_);
        }
        if (!stalled_) {
            s.send(m);
            return;
        }
        waiting_.push_back({s.id(), {m.payload.begin(), m.payload.end()}});
    }
    void on_due() override {
        stalled_ = false;
        for (const held& each : waiting_) {
            server->find(each.to)->send_binary(each.payload);
        }
        waiting_.clear();
    }

    struct held {
        session_id to;
        octets payload;
    };
    int at_;
    duration how_long_;
    int seen_ = 0;
    bool stalled_ = false;
    std::vector<held> waiting_;
};

constexpr double ms = 1e6;  // in nanoseconds

TEST(LoadProgram, AnOpenLoopChargesAStallToAllThatHadToWait) {
    // 400 messages in a second, and for 0.4 seconds nothing comes back: the 160 that were due then
    // wait for between 0.4 seconds and nothing.
    stalling_server slow(100, 400ms);
    const load_run made = load(slow.server, {"--rate", "400", "--duration", "1", "--warmup", "0",
                                             "--connections", "4", "--json"});
    ASSERT_EQ(made.status, 0) << made.errors;
    EXPECT_EQ(made.number("messages"), 400);
    EXPECT_EQ(made.number("unanswered"), 0);
    EXPECT_GE(made.number("trip_ns.p90"), 270 * ms);
    EXPECT_GE(made.number("trip_ns.p99"), 370 * ms);
    EXPECT_GE(made.number("trip_ns.max"), 395 * ms);
    EXPECT_GE(made.number("trip_ns.mean"), 60 * ms);
}

TEST(LoadProgram, AClosedLoopSeesAStallOncePerConnection) {
    stalling_server slow(100, 400ms);
    const load_run made =
        load(slow.server, {"--messages", "400", "--warmup", "0", "--connections", "4", "--json"});
    ASSERT_EQ(made.status, 0) << made.errors;
    EXPECT_GE(made.number("trip_ns.max"), 395 * ms);
    EXPECT_LT(made.number("trip_ns.p90"), 200 * ms);  // 4 of 400 waited
}

TEST(LoadProgram, AStallAtTheEndOfTheWindowCountsToo) {
    stalling_server slow(190, 300ms);
    const load_run made = load(slow.server, {"--rate", "400", "--messages", "200", "--warmup", "0",
                                             "--connections", "2", "--json"});
    ASSERT_EQ(made.status, 0) << made.errors;
    EXPECT_EQ(made.number("messages"), 200);
    EXPECT_GE(made.number("trip_ns.max"), 295 * ms);
    EXPECT_GE(made.number("trip_ns.p99"), 270 * ms);
    EXPECT_GE(made.number("seconds"), 0.7);
}

TEST(LoadProgram, AnOpenLoopKeepsItsRate) {
    socket_server fast;
    fast->route("/", echo());
    fast.listen();
    const load_run made = load(fast, {"--rate", "1000", "--messages", "500", "--warmup", "0.1",
                                      "--connections", "7", "--json"});
    ASSERT_EQ(made.status, 0) << made.errors;
    EXPECT_EQ(made.number("messages"), 500);
    EXPECT_EQ(made.number("rate"), 1000);
    EXPECT_GE(made.number("seconds"), 0.499);
    EXPECT_LE(made.number("per_second"), 1003);
    EXPECT_GE(made.number("late_ns.max"), 0);
}

// ---- broadcasts

/// Sends each message to everybody, the sender too, as `what` changes it.
class broadcasting_server {
public:
    enum class habit { honest, loses_each_tenth, spoils, greets };

    explicit broadcasting_server(habit what) {
        server->route("/", {.on_open =
                                [this, what](session& s) {
                                    members_.push_back(s.id());
                                    if (what == habit::greets) {
                                        s.send_text("welcome");
                                    }
                                },
                            .on_message =
                                [this, what](session&, message m) {
                                    octets text(m.payload.begin(), m.payload.end());
                                    if (what == habit::spoils) {
                                        text.back() ^= 1;
                                    }
                                    if (++seen_ % 10 == 0 && what == habit::loses_each_tenth) {
                                        return;
                                    }
                                    for (const session_id each : members_) {
                                        if (session* to = server->find(each)) {
                                            to->send({m.type, text});
                                        }
                                    }
                                }});
        server.listen();
    }

    socket_server server;

private:
    std::vector<session_id> members_;
    int seen_ = 0;
};

TEST(LoadProgram, ABroadcastIsMeasuredAtEachReceiver) {
    for (const bool paced : {false, true}) {
        broadcasting_server server(broadcasting_server::habit::honest);
        std::vector<std::string> arguments = {
            "--broadcast", "--connections",      "8",     "--warmup", "0",
            "--messages",  paced ? "50" : "400", "--json"};
        if (paced) {
            arguments.insert(arguments.end(), {"--rate", "500", "--text", "ascii"});
        }
        const load_run made = load(server.server, arguments);
        ASSERT_EQ(made.status, 0) << made.errors;
        EXPECT_EQ(made.text("mode"), "broadcast");
        EXPECT_EQ(made.number("messages"), 400);
        EXPECT_EQ(made.number("sent"), 50);
        EXPECT_EQ(made.number("lost"), 0);
        EXPECT_EQ(made.number("foreign"), 0);
        EXPECT_GT(made.number("trip_ns.p50"), 0);
    }
}

TEST(LoadProgram, ABroadcastCountsWhatIsLostAndFailsThen) {
    broadcasting_server server(broadcasting_server::habit::loses_each_tenth);
    const load_run made = load(server.server, {"--broadcast", "--connections", "3", "--warmup", "0",
                                               "--rate", "500", "--messages", "55", "--json"});
    EXPECT_EQ(made.status, 1);
    EXPECT_EQ(made.number("lost"), 15);
    EXPECT_EQ(made.number("messages"), 150);
    EXPECT_NE(made.errors.find("15 messages never came back"), std::string::npos) << made.errors;
}

TEST(LoadProgram, ABroadcastNoticesAChangedByteAndLeavesOtherMessagesAlone) {
    broadcasting_server spoiler(broadcasting_server::habit::spoils);
    const std::vector<std::string> arguments = {"--broadcast", "--connections", "3",  "--warmup",
                                                "0",           "--messages",    "30", "--json"};
    load_run made = load(spoiler.server, arguments);
    EXPECT_EQ(made.status, 1);
    EXPECT_NE(made.text("failure").find("differs"), std::string::npos) << made.output;
    broadcasting_server greeter(broadcasting_server::habit::greets);
    made = load(greeter.server, arguments);
    EXPECT_EQ(made.status, 0) << made.errors;
    EXPECT_EQ(made.number("foreign"), 3);
}

// ---- connections

TEST(LoadProgram, IdleConnectionsAreHeldForAWhileAndAnswerPings) {
    socket_server server;
    int opened = 0;
    int pongs = 0;
    server->route("/", {.on_open =
                            [&opened](session& s) {
                                ++opened;
                                s.ping(as_bytes("are you there"));
                            },
                        .on_pong = [&pongs](session&, byte_view) { ++pongs; }});
    server.listen();
    const load_run made = load(server, {"--idle", "12", "--duration", "0.2", "--json"});
    EXPECT_EQ(made.status, 0) << made.errors;
    EXPECT_EQ(opened, 12);
    EXPECT_EQ(pongs, 12);
    EXPECT_EQ(made.number("pings"), 12);
    EXPECT_GE(made.number("seconds"), 0.2);
}

TEST(LoadProgram, ARampOpensConnectionsOverAPeriod) {
    socket_server server;
    std::vector<time_point> opened;
    handlers with_times = echo();
    with_times.on_open = [&opened](session&) { opened.push_back(sys::now()); };
    server->route("/", std::move(with_times));
    server.listen();
    const load_run made = load(server, {"--ramp", "0.4", "--connections", "40", "--messages", "40",
                                        "--warmup", "0", "--json"});
    EXPECT_EQ(made.status, 0) << made.errors;
    ASSERT_EQ(opened.size(), 40U);
    EXPECT_GE(opened.back() - opened.front(), 380ms);
    EXPECT_GE(opened[20] - opened[0], 190ms);
}

TEST(LoadProgram, AStormMeasuresWholeConnections) {
    for (const bool paced : {false, true}) {
        socket_server server;
        int opened = 0;
        int clean = 0;
        server->route("/", {.on_open = [&opened](session&) { ++opened; },
                            .on_close =
                                [&clean](session&, const close_record& how) {
                                    clean += how.clean && how.code == 1000 ? 1 : 0;
                                }});
        server.listen();
        std::vector<std::string> arguments = {
            "--connect-storm", "--connections", "5", "--messages", "60", "--warmup", "0", "--json"};
        if (paced) {
            arguments.insert(arguments.end(), {"--rate", "300"});
        }
        const load_run made = load(server, arguments);
        EXPECT_EQ(made.status, 0) << made.errors;
        EXPECT_GE(made.number("messages"), 60);
        EXPECT_GT(made.number("trip_ns.p9999"), 0);
        EXPECT_GE(opened, 60);
        EXPECT_TRUE(server.empty());
        EXPECT_EQ(clean, opened);
        if (paced) {
            EXPECT_EQ(opened, 60);
            EXPECT_GE(made.number("seconds"), 0.19);
        }
    }
}

TEST(LoadProgram, CountsWhoWasRefusedAndGoesOnWithTheRest) {
    socket_server server;
    int asked = 0;
    handlers choosy = echo();
    choosy.on_upgrade = [&asked](upgrade& u) {
        if (++asked % 3 == 0) {
            u.refuse(403);
        }
    };
    server->route("/", std::move(choosy));
    server.listen();
    const load_run made =
        load(server, {"--connections", "9", "--messages", "100", "--warmup", "0", "--json"});
    EXPECT_EQ(made.status, 1);
    EXPECT_GE(made.number("messages"), 100);
    EXPECT_EQ(made.number("failures.0.count"), 3);
    EXPECT_EQ(made.text("failures.0.when"), "upgrading");
    EXPECT_EQ(made.text("failures.0.errno"), "null");
    EXPECT_EQ(made.text("failures.0.text"), "the server refused: 403 Forbidden");
    EXPECT_EQ(made.text("failure"), "null");
    EXPECT_NE(made.errors.find("3 connections failed"), std::string::npos) << made.errors;
}

TEST(LoadProgram, CountsWhoIsLostOnTheWay) {
    for (const bool paced : {false, true}) {
        socket_server server;
        int seen = 0;
        server->route("/", {.on_message = [&seen](session& s, message m) {
                          if (++seen == 40) {
                              s.terminate();
                              return;
                          }
                          s.send(m);
                      }});
        server.listen();
        std::vector<std::string> arguments = {"--connections", "4", "--messages", "200",
                                              "--warmup",      "0", "--json"};
        if (paced) {
            arguments.insert(arguments.end(), {"--rate", "1000"});
        }
        const load_run made = load(server, arguments);
        EXPECT_EQ(made.status, 1);
        EXPECT_EQ(made.number("failures.0.count"), 1);
        EXPECT_EQ(made.text("failures.0.when"), "open");
        EXPECT_EQ(made.text("failure"), "null");
        // With a schedule each fourth message was for the connection that is gone.
        EXPECT_GE(made.number("unanswered"), paced ? 35 : 1);
        EXPECT_GE(made.number("messages"), paced ? 150 : 200);
    }
}

TEST(LoadProgram, SaysWhyNothingCouldBeOpened) {
    result<fd> taken = sys::listen(*address::parse("127.0.0.1", 0), {});
    ASSERT_TRUE(taken);
    const address nowhere = *sys::bound_address(taken->number());
    taken->reset();
    for (const char* storm : {"--json", "--connect-storm"}) {
        const program_outcome said =
            run({"load", "ws://" + std::string(nowhere.text().view()) + "/", "--connections", "4",
                 "--json", storm});
        EXPECT_EQ(said.status, 1);
        const auto values = flat_json(said.output);
        ASSERT_TRUE(values) << said.output;
        EXPECT_EQ(values->at("failures.0.errno"), "ECONNREFUSED");
        EXPECT_EQ(values->at("failures.0.when"), "connecting");
        EXPECT_NE(values->at("failure"), "null");
        EXPECT_NE(said.errors.find("ECONNREFUSED (Connection refused)"), std::string::npos);
    }
}

// ---- what is said

TEST(LoadProgram, DrawsAChartThatStandsAlone) {
    socket_server server;
    server->route("/", echo());
    server.listen();
    char name[] = "/tmp/plainsong-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    for (const char* end : {"/chart.svg", "/chart.html"}) {
        const std::string file = name + std::string(end);
        const load_run made = load(
            server, {"--connections", "3", "--messages", "2000", "--warmup", "0", "--chart", file});
        EXPECT_EQ(made.status, 0) << made.errors;
        EXPECT_NE(made.output.find("p99.99"), std::string::npos) << made.output;
        std::stringstream chart;
        chart << std::ifstream(file).rdbuf();
        const std::string text = chart.str();
        for (const char* part : {"<svg ", "</svg>", ">99.9%<", "Latency by percentile", ">max ",
                                 "prefers-color-scheme:dark"}) {
            EXPECT_NE(text.find(part), std::string::npos) << part;
        }
        for (const char* outside : {"http://", "https://", "<script", "url("}) {
            std::string rest = text;
            const std::string space = "xmlns='http://www.w3.org/2000/svg'";
            rest.erase(rest.find(space), space.size());
            EXPECT_EQ(rest.find(outside), std::string::npos) << outside;
        }
        for (const char* broken : {"nan", "inf"}) {
            EXPECT_EQ(text.find(broken), std::string::npos) << broken;
        }
        ::unlink(file.c_str());
    }
    ::rmdir(name);
    const load_run made =
        load(server, {"--messages", "10", "--chart", "/nowhere/at/all.svg", "--warmup", "0"});
    EXPECT_EQ(made.status, 1);
    EXPECT_NE(made.errors.find("/nowhere/at/all.svg: No such file"), std::string::npos);
}

TEST(LoadProgram, TellsItsProgressOnATerminalAlone) {
    socket_server server;
    server->route("/", echo());
    server.listen();
    const fd terminal{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    ASSERT_TRUE(terminal);
    ASSERT_EQ(::grantpt(terminal.number()) + ::unlockpt(terminal.number()), 0);
    const fd screen{::open(::ptsname(terminal.number()), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    ASSERT_TRUE(screen);
    process one({"load", url_of(server), "--rate", "100", "--duration", "1.2", "--warmup", "0",
                 "--connections", "3"},
                0, screen.number());
    ASSERT_TRUE(server.until([&one] { return one.has_said_all(); }));
    EXPECT_EQ(one.status(), 0);
    EXPECT_NE(one.output.find("messages     120"), std::string::npos) << one.output;
    std::string line;
    while (!line.ends_with("\r\x1b[K")) {  // the line is wiped in the end
        await_ready(terminal.number(), POLLIN);
        char drawn[4096];
        const ssize_t count = ::read(terminal.number(), drawn, sizeof drawn);
        ASSERT_GT(count, 0) << line;
        line.append(drawn, static_cast<std::size_t>(count));
    }
    EXPECT_NE(line.find("3 open"), std::string::npos) << line;
    EXPECT_NE(line.find("p99"), std::string::npos) << line;
    EXPECT_NE(line.find("0 failed"), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const load_run quiet = load(server, {"--rate", "100", "--duration", "1.2", "--warmup", "0"});
    EXPECT_EQ(quiet.errors, "");
}

TEST(LoadProgram, EndsWithStatusTwoAndOneLineIfItIsCalledWrongly) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"load"},
          {"load", "ws://127.0.0.1/", "--rate", "5", "--depth", "2"},
          {"load", "ws://127.0.0.1/", "--dance"}}) {
        const program_outcome said = run(arguments);
        EXPECT_EQ(said.status, 2);
        EXPECT_EQ(said.output, "");
        EXPECT_TRUE(said.errors.starts_with("plainsong load: ")) << said.errors;
        EXPECT_EQ(said.errors.find('\n'), said.errors.size() - 1) << said.errors;
    }
    const program_outcome help = run({"load", "--help"});
    EXPECT_EQ(help.status, 0);
    for (const char* option :
         {"--rate",     "--connect-storm", "--idle",       "--broadcast",  "--connections",
          "--depth",    "--size",          "--text",       "--ramp",       "--warmup",
          "--duration", "--seconds",       "--messages",   "--patience",   "--verify",
          "--unix",     "--spin",          "--server-pid", "--tell-sizes", "--json",
          "--chart"}) {
        EXPECT_NE(help.output.find(option), std::string::npos) << option;
    }
}

}  // namespace
}  // namespace plainsong::tests
