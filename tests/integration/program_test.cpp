// SPDX-License-Identifier: MIT
// The program `plainsong` as its users call it: what it prints, how it ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <plainsong/codec/deflate.hpp>

#include "tests/support/handshake_server.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/portable.hpp"
#include "tests/support/program.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/raw_client.hpp"

namespace plainsong::tests {
namespace {

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::uint16_t port_in(const std::string& line) {
    const std::size_t colon = line.rfind(':');
    return static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
}

TEST(Program, ExplainsItself) {
    EXPECT_EQ(run({}).status, 2);
    EXPECT_NE(run({}).errors.find("usage: plainsong VERB"), std::string::npos);
    for (const char* help : {"--help", "-h"}) {
        const program_outcome said = run({help});
        EXPECT_EQ(said.status, 0);
        EXPECT_NE(said.output.find("echo"), std::string::npos);
        EXPECT_EQ(said.errors, "");
    }
    for (const char* verb : {"echo", "serve"}) {
        const program_outcome said = run({verb, "--help"});
        EXPECT_EQ(said.status, 0);
        for (const char* option : {"--host", "--port", "--unix", "--path", "--allow-origin",
                                   "--subprotocol", "--max-message", "--poller", "--verbose",
                                   "--compression", "--window-bits", "--level", "--stats"}) {
            EXPECT_NE(said.output.find(option), std::string::npos) << option;
        }
    }
}

TEST(Program, RefusesWhatItDoesNotUnderstandWithOneLineAndStatusTwo) {
    const std::vector<std::vector<std::string>> wrong = {
        {"dance"},
        {"echo", "--sing"},
        {"echo", "--sing=1"},
        {"echo", "argument"},
        {"echo", "--port"},
        {"echo", "--port", "65536"},
        {"echo", "--port", "-1"},
        {"echo", "--port", "80x"},
        {"echo", "--port="},
        {"echo", "--path", "no-slash"},
        {"echo", "--path", "/a?b"},
        {"echo", "--path", "/a*b*"},
        {"echo", "--path", "/a#"},
        {"echo", "--allow-origin", "good.example"},
        {"echo", "--allow-origin", "https://good.example/path"},
        {"echo", "--subprotocol", "a b"},
        {"echo", "--max-message", "0"},
        {"echo", "--max-message", "1T"},
        {"echo", "--max-message", "99999999999999999999"},
        {"echo", "--poller", "select"},
        {"echo", "--compression", "yes"},
        {"echo", "--window-bits", "7"},
        {"echo", "--window-bits", "16"},
        {"echo", "--level", "9"},
        {"serve", "--sing"}};
    for (const std::vector<std::string>& arguments : wrong) {
        const program_outcome said = run(arguments);
        EXPECT_EQ(said.status, 2) << arguments.back();
        EXPECT_EQ(lines_in(said.errors), 1U) << said.errors;
        EXPECT_TRUE(said.errors.starts_with("plainsong")) << said.errors;
        EXPECT_EQ(said.output, "");
    }
}

TEST(Program, SaysInOneLineWhyItCannotListen) {
    process first({"echo", "--port", "0"});
    const std::string port = std::to_string(port_in(first.line()));
    for (const char* verb : {"echo", "serve"}) {
        const program_outcome said = run({verb, "--port", port});
        EXPECT_EQ(said.status, 1);
        EXPECT_EQ(said.output, "");
        EXPECT_EQ(lines_in(said.errors), 1U) << said.errors;
        EXPECT_NE(said.errors.find("127.0.0.1:" + port), std::string::npos) << said.errors;
        EXPECT_NE(said.errors.find("Address already in use"), std::string::npos) << said.errors;
    }
    const std::pair<std::vector<std::string>, const char*> wrong[] = {
        {{"--host", "example.org"}, "example.org"},
        {{"--unix", "/nowhere/at/all"}, "No such file"},
        {{"--poller", poller_of_others}, "poller_unavailable"}};
    for (const auto& [options, says] : wrong) {
        for (const std::string verb : {"echo", "serve"}) {
            std::vector<std::string> arguments = options;
            arguments.insert(arguments.begin(), verb);
            const program_outcome said = run(arguments);
            EXPECT_EQ(said.status, 1);
            EXPECT_EQ(lines_in(said.errors), 1U) << said.errors;
            EXPECT_TRUE(said.errors.starts_with("plainsong " + verb + ": ")) << said.errors;
            EXPECT_NE(said.errors.find(says), std::string::npos) << said.errors;
        }
    }
}

TEST(Program, SaysThatItMayNot) {
    char name[] = "/tmp/plainsong-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    ::chmod(name, 0555);
    const uid_t nobody = ::geteuid() == 0 ? 65534 : 0;
    const program_outcome said = run({"serve", "--unix", std::string(name) + "/socket"}, nobody);
    ::rmdir(name);
    if (said.status == 99) {
        GTEST_SKIP() << "nobody may not even run the program here";
    }
    EXPECT_EQ(said.status, 1);
    EXPECT_EQ(lines_in(said.errors), 1U) << said.errors;
    EXPECT_NE(said.errors.find("Permission denied"), std::string::npos) << said.errors;
}

TEST(Program, DrainsWithGoingAwayAndEndsWithZeroWhenItIsToldTo) {
    proves({"6455-7.4.1-03"});
    for (const int number : {SIGINT, SIGTERM}) {
        for (const char* verb : {"echo", "serve"}) {
            process one({verb, "--port", "0", "--path", "/x"});
            const std::string line = one.line();
            EXPECT_TRUE(line.starts_with(verb == std::string("echo")
                                             ? "listening on ws://127.0.0.1:"
                                             : "open http://127.0.0.1:"))
                << line;
            EXPECT_EQ(line.back(), '/');
            raw_client peer(*address::parse("127.0.0.1", port_in(line)));
            ASSERT_TRUE(peer.upgrade("/x"));
            peer.say(client_text("hello"));
            EXPECT_EQ(peer.next(), "text \"hello\"");
            one.signal(number);
            EXPECT_EQ(peer.next(), "close 1001");
            peer.say(client_close(1001));
            EXPECT_EQ(peer.rest(), "fin\n");
            peer.close();
            EXPECT_EQ(one.status(), 0);
        }
    }
}

TEST(Program, EndsAtOnceAtTheSecondSignal) {
    process one({"echo", "--port", "0"});
    raw_client stubborn(*address::parse("127.0.0.1", port_in(one.line())));
    ASSERT_TRUE(stubborn.upgrade("/"));
    one.signal(SIGINT);
    EXPECT_EQ(stubborn.next(), "close 1001");
    one.signal(SIGINT);
    EXPECT_EQ(one.status(), 128 + SIGINT);
}

TEST(Program, ListensWhereItIsTold) {
    char name[] = "/tmp/plainsong-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    const std::string path = std::string(name) + "/socket";
    {
        process one({"echo", "--unix=" + path});
        EXPECT_EQ(one.line(), "listening on unix:" + path);
        raw_client peer(*address::unix_path(path));
        ASSERT_TRUE(peer.upgrade("/any/path"));
        peer.say(client_text("over a path"));
        EXPECT_EQ(peer.next(), "text \"over a path\"");
        peer.reset();
        one.signal(SIGTERM);
        EXPECT_EQ(one.status(), 0);
        EXPECT_NE(::access(path.c_str(), F_OK), 0);
    }
    ::rmdir(name);
    process other(
        {"echo", "--host", "::1", "--poller", "poll", "--max-message", "1K", "--verbose"});
    const std::string line = other.line();
    EXPECT_TRUE(line.starts_with("listening on ws://[::1]:")) << line;
    raw_client peer(*address::parse("::1", port_in(line)));
    ASSERT_TRUE(peer.upgrade("/"));
    peer.say(client_text(std::string(1024, 'x')));
    EXPECT_EQ(peer.next(), "text 1024 x \"x\"");
    peer.say(client_text(std::string(1025, 'x')));
    EXPECT_TRUE(peer.next().starts_with("close 1009"));
    peer.close();
    other.signal(SIGTERM);
    EXPECT_EQ(other.status(), 0);
    EXPECT_NE(other.errors.find("frame_too_big"), std::string::npos) << other.errors;
    EXPECT_NE(other.errors.find("[::1]:"), std::string::npos) << other.errors;
}

TEST(Program, CompressesAsItIsToldAndTellsWhatItCosts) {
    const auto answered = [](std::vector<std::string> options) {
        options.insert(options.begin(), {"echo", "--port", "0", "--stats"});
        process one(std::move(options));
        raw_client peer(*address::parse("127.0.0.1", port_in(one.line())));
        peer.say(good_request(
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n", "/"));
        const std::string answer = peer.answer();
        peer.say(client_text(std::string(1000, 'x')));
        peer.ear.allow_compression();
        EXPECT_NE(peer.next(), "nothing");
        one.signal(SIGTERM);
        EXPECT_EQ(peer.next(), "close 1001") << "and the last line is told before";
        peer.close();
        EXPECT_EQ(one.status(), 0);
        return std::pair(field_of(answer, "Sec-WebSocket-Extensions"), one.errors);
    };
    const auto [usual, cheap] = answered({});
    EXPECT_EQ(usual, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    EXPECT_NE(cheap.find("stats: 1 session, each with 168 bytes of its own and 0 of compression; "
                         "1 messages in, 1 out; deflated 1000 to "),
              std::string::npos)
        << cheap;
    const auto [taken_over, dear] =
        answered({"--compression=takeover", "--window-bits", "9", "--level=fast"});
    EXPECT_EQ(taken_over, "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9");
    const std::size_t at = dear.find("bytes of its own and ");
    ASSERT_NE(at, std::string::npos) << dear;
    EXPECT_GE(std::stoul(dear.substr(at + 21)), deflate_memory(9, deflate_level::fast)) << dear;
    EXPECT_EQ(answered({"--compression", "off"}).first, "<none>");
}

TEST(Program, ServesItsPageAndOnlyToItsOwnOrigin) {
    process one({"serve", "--port", "0"});
    const std::uint16_t port = port_in(one.line());
    const address where = *address::parse("127.0.0.1", port);
    raw_client browser(where);
    browser.say("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const std::string page = browser.answer();
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200 ")) << page.substr(0, 100);
    EXPECT_NE(page.find("WebSocket"), std::string::npos);
    for (const auto& [origin, status] :
         {std::pair{"http://h.example", "101"}, std::pair{"http://evil.example", "403"}}) {
        raw_client peer(where);
        peer.say(good_request("Origin: " + std::string(origin) + "\r\n", "/echo"));
        EXPECT_EQ(peer.answer().substr(9, 3), status) << origin;
    }
    raw_client elsewhere(where);
    elsewhere.say(good_request({}, "/elsewhere"));
    EXPECT_EQ(elsewhere.answer().substr(9, 3), "404");
}

}  // namespace
}  // namespace plainsong::tests
