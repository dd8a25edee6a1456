// SPDX-License-Identifier: MIT
// `plainsong cat` as its users look closer with it, and test the other end.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/cat_process.hpp"
#include "tests/support/flat_json.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/raw_server.hpp"

namespace plainsong::tests {
namespace {

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// A directory that goes with the test.
struct scratch {
    scratch() { EXPECT_NE(::mkdtemp(name), nullptr); }
    ~scratch() {
        ::unlink(file().c_str());
        ::rmdir(name);
    }
    [[nodiscard]] std::string file() const { return std::string(name) + "/file"; }
    char name[24] = "/tmp/plainsong-XXXXXX";
};

std::string contents(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(name).rdbuf();
    return text.str();
}

using CatTools = cat_test;

// ---- the request

TEST_F(CatTools, AskAsTheyAreTold) {
    cat_process cat({"-H", "X-One: 1", "--header", "X-Two:2", "--subprotocol", "chat",
                     "--subprotocol", "super", "--origin", "http://o.example", "--auth", "me:word",
                     url("/chat")});
    cat.end_input();
    raw_server peer(door);
    const std::string asked = peer.accept("Sec-WebSocket-Protocol: super\r\n");
    EXPECT_EQ(field_of(asked, "X-One"), "1");
    EXPECT_EQ(field_of(asked, "X-Two"), "2");
    EXPECT_EQ(field_of(asked, "Sec-WebSocket-Protocol"), "chat, super");
    EXPECT_EQ(field_of(asked, "Origin"), "http://o.example");
    EXPECT_EQ(field_of(asked, "Authorization"), "Basic bWU6d29yZA==");
    EXPECT_EQ(peer.next(), "close 1000");
    peer.end_cleanly();
    EXPECT_EQ(cat->status(), 0);
}

TEST_F(CatTools, GoThroughAProxyOfTheCommandLineOrTheEnvironment) {
    const std::string proxy = "http://u:p@" + std::string(door.where().text().view());
    for (const bool by_environment : {false, true}) {
        if (by_environment) {
            ::setenv("http_proxy", proxy.c_str(), 1);
        }
        cat_process cat(by_environment
                            ? std::vector<std::string>{"ws://far.invalid:81/x"}
                            : std::vector<std::string>{"--proxy", proxy, "ws://far.invalid:81/x"});
        cat.end_input();
        raw_server tunnel(door);
        const std::string asked = tunnel.request();
        EXPECT_TRUE(asked.starts_with("CONNECT far.invalid:81 HTTP/1.1\r\n")) << asked;
        EXPECT_EQ(field_of(asked, "Proxy-Authorization"), "Basic dTpw");
        tunnel.say("HTTP/1.1 200 Fine\r\n\r\n");
        EXPECT_TRUE(tunnel.accept().starts_with("GET /x HTTP/1.1\r\n"));
        EXPECT_EQ(tunnel.next(), "close 1000");
        tunnel.end_cleanly();
        EXPECT_EQ(cat->status(), 0);
    }
    // The environment speaks of loopback, too, unless it is told otherwise.
    const echo_process echo;
    EXPECT_EQ(run_cat({"--proxy", "", "--once", echo.url}, "x\n").output, "x\n");
    ::setenv("no_proxy", "127.0.0.0/8", 1);
    EXPECT_EQ(run_cat({"--once", echo.url}, "x\n").output, "x\n");
    ::unsetenv("no_proxy");
    cat_process refused({echo.url});
    raw_server unwilling(door);
    EXPECT_TRUE(unwilling.request().starts_with("CONNECT 127.0.0.1:"));
    unwilling.say("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(refused->status(), 3);
    EXPECT_TRUE(holds(refused->errors, "the proxy answered 407")) << refused->errors;
    ::unsetenv("http_proxy");
}

TEST_F(CatTools, ConnectAgainWhenTheConnectionBreaks) {
    cat_process cat({"--reconnect", url()});
    {
        raw_server first(door);
        first.accept();
        first.say(server_text("one"));
        cat.type("a\n");
        EXPECT_EQ(first.next(), "text \"a\"");
        first.reset();
    }
    raw_server second(door);
    second.accept();
    cat.type("b\n");
    EXPECT_EQ(second.next(), "text \"b\"");
    second.say(server_text("two"));
    second.say(server_close(1000));
    EXPECT_EQ(second.next(), "close 1000");
    second.reset();
    EXPECT_EQ(cat->status(), 0);
    EXPECT_EQ(cat->output, "one\ntwo\n");
    EXPECT_TRUE(holds(cat->errors, "connecting again in ")) << cat->errors;
}

// ---- being the server

TEST_F(CatTools, AreTheServerForOnePeerAtATime) {
    cat_process cat({"--listen", "0", "--subprotocol", "chat", "-H", "X-Mine: yes"});
    const std::string line = cat->error_line();
    ASSERT_TRUE(line.starts_with("listening on ws://127.0.0.1:")) << line;
    const address where = *address::parse(
        "127.0.0.1", static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1))));
    {
        raw_client peer(where);
        peer.say(good_request("Sec-WebSocket-Protocol: a, chat\r\n", "/any/path"));
        const std::string answer = peer.answer();
        EXPECT_EQ(field_of(answer, "Sec-WebSocket-Protocol"), "chat");
        EXPECT_EQ(field_of(answer, "X-Mine"), "yes");
        raw_client second(where);
        second.say(good_request());
        EXPECT_TRUE(second.answer().starts_with("HTTP/1.1 503 "));
        peer.say(client_text("to you"));
        EXPECT_EQ(cat->line(), "to you");
        cat.type("to me\n");
        EXPECT_EQ(peer.next(), "text \"to me\"");
        peer.say(client_close(1000));
        EXPECT_EQ(peer.rest(), "close 1000\nfin\n");
    }
    raw_client next(where);
    ASSERT_TRUE(next.upgrade("/"));
    cat.type("again\n").end_input();
    EXPECT_EQ(next.next(), "text \"again\"");
    EXPECT_EQ(next.next(), "close 1000");
    next.say(client_close(1000));
    EXPECT_EQ(next.rest(), "fin\n");
    EXPECT_EQ(cat->status(), 0);
}

TEST_F(CatTools, TalkToEachOtherOverAPath) {
    const scratch place;
    cat_process server({"--listen", "unix:" + place.file(), "--once"});
    EXPECT_EQ(server->error_line(), "listening on unix:" + place.file());
    server.type("pong\n");
    const program_outcome client =
        run_cat({"--unix", place.file(), "--once", "ws://any.invalid/"}, "ping\n");
    EXPECT_EQ(client.output, "pong\n");
    EXPECT_EQ(client.status, 0);
    EXPECT_EQ(server->status(), 0);
    EXPECT_EQ(server->output, "ping\n");
}

// ---- looking closer

TEST_F(CatTools, PrintLinesOfJson) {
    const echo_process echo;
    const program_outcome said = run_cat({"--json", echo.url}, "say \"\\\x7f\xc3\xa4\n");
    const std::vector<std::string> lines = lines_of(said.output);
    ASSERT_EQ(lines.size(), 4U) << said.output;
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"out", "text"}, {"out", "close"}, {"in", "text"}, {"in", "close"}};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto values = flat_json(lines[i]);
        ASSERT_TRUE(values) << lines[i];
        EXPECT_EQ(values->at("direction"), expected[i].first);
        EXPECT_EQ(values->at("opcode"), expected[i].second);
        EXPECT_GT(std::stod(values->at("time")), 1.6e9);
        EXPECT_EQ(values->at("length"), expected[i].second == "text" ? "9" : "2");
        EXPECT_EQ(values->count("payload"), 1U);
    }
    EXPECT_TRUE(holds(lines[2], "\"payload\":\"say \\\"\\\\\\u007f\xc3\xa4\"")) << lines[2];
    const program_outcome binary = run_cat({"--json", "--input", "hex", echo.url}, "ff\n");
    EXPECT_TRUE(holds(binary.output, "\"payload\":\"/w==\",\"encoding\":\"base64\"}"));
}

TEST_F(CatTools, ShowHeadsAndFramesOnStandardError) {
    const echo_process echo;
    const program_outcome said = run_cat({"-v", "--frames", echo.url}, "hello\n");
    EXPECT_EQ(said.output, "hello\n");
    for (const char* part : {"> GET / HTTP/1.1\n", "\n> Sec-WebSocket-Version: 13\n",
                             "\n< HTTP/1.1 101 ", "\n< Upgrade: websocket\n", " FIN text masked ",
                             " length 5 \"hello\"\n< ", " FIN text length 5 \"hello\"\n",
                             " FIN close masked ", " FIN close length 2 1000 \"\"\n"}) {
        EXPECT_TRUE(holds(said.errors, part)) << part << " is not in\n" << said.errors;
    }
}

TEST_F(CatTools, CompressIfTheyAreToldTo) {
    const echo_process echo;
    const std::string text(200, 'x');
    const program_outcome said = run_cat({"--compress", "-v", "--frames", echo.url}, text + "\n");
    EXPECT_EQ(said.output, text + "\n");
    for (const char* part :
         {"> Sec-WebSocket-Extensions: permessage-deflate", "FIN RSV1 text masked ",
          "< Sec-WebSocket-Extensions: permessage-deflate"}) {
        EXPECT_TRUE(holds(said.errors, part)) << part << " is not in\n" << said.errors;
    }
    EXPECT_FALSE(holds(said.errors, "RSV bits")) << said.errors;
    const program_outcome plain = run_cat({"-v", echo.url}, text + "\n");
    EXPECT_FALSE(holds(plain.errors, "Extensions")) << plain.errors;
    EXPECT_EQ(run_cat({"--compress", "--record", "x", echo.url}, "").status, 2);
}

TEST_F(CatTools, TellHowLongAPingTakes) {
    const echo_process echo;
    cat_process cat({"--ping-interval", "0.01", echo.url});
    const std::string line = cat->error_line();
    EXPECT_TRUE(line.starts_with("pong 1 after ")) << line;
    EXPECT_TRUE(line.ends_with(" ms")) << line;
    EXPECT_EQ(cat.end_input()->status(), 0);
}

TEST_F(CatTools, RecordAndReplay) {
    const scratch place;
    const echo_process echo;
    EXPECT_EQ(
        run_cat({"--record", place.file(), "--input", "hex", echo.url}, "ff00\n6869\n").status, 0);
    const std::string recorded = contents(place.file());
    EXPECT_EQ(recorded.substr(0, 24), "# plainsong recording 1\n");
    for (const char* part : {" > binary fin base64:/wA=\n", " < binary fin base64:/wA=\n",
                             " > binary fin \"hi\"\n", " < binary fin \"hi\"\n", " > close fin "}) {
        EXPECT_TRUE(holds(recorded, part)) << part << " is not in\n" << recorded;
    }
    for (const char* speed : {"1", "0"}) {
        cat_process cat({"--replay", place.file(), "--replay-speed", speed, url()});
        raw_server peer(door);
        peer.accept();
        EXPECT_EQ(peer.next(), "binary hex ff00");
        EXPECT_EQ(peer.next(), "binary \"hi\"");
        EXPECT_EQ(peer.next(), "close 1000");
        peer.end_cleanly();
        EXPECT_EQ(cat->status(), 0);
    }
}

TEST_F(CatTools, ReplayAtTheTimesOfTheRecording) {
    const scratch place;
    std::ofstream(place.file()) << "0.2 > text fin \"later\"\n0.4 > text fin \"last\"\n";
    cat_process cat({"--replay", place.file(), "--replay-speed", "2", url()});
    raw_server peer(door);
    peer.accept();
    const time_point start = sys::now();
    EXPECT_EQ(peer.next(), "text \"later\"");
    EXPECT_GE(sys::now() - start, 90ms);
    EXPECT_EQ(peer.next(), "text \"last\"");
    EXPECT_GE(sys::now() - start, 190ms);
    EXPECT_EQ(peer.next(), "close 1000");
    peer.end_cleanly();
    EXPECT_EQ(cat->status(), 0);
}

// ---- misbehaving

TEST_F(CatTools, BreakTheRuleThatTheyAreToldToBreak) {
    struct vice {
        std::vector<std::string> switches;
        std::string code;
        std::string rule;
    };
    const echo_process echo;
    for (const vice& one :
         {vice{{"--no-mask"}, "1002", "a client masks each of its frames"},
          vice{{"--bad-utf8"}, "1007", "text is UTF-8"},
          vice{{"--rsv", "1"}, "1002", "RSV bits are 0 unless negotiated"},
          vice{{"--rsv", "4"}, "1002", "RSV bits are 0 unless negotiated"},
          vice{{"--opcode", "3"}, "1002", "the opcode is 0, 1, 2, 8, 9 or 10"},
          vice{{"--opcode", "0"}, "1002", "a continuation continues a message"}}) {
        std::vector<std::string> arguments = one.switches;
        arguments.insert(arguments.end(), {"--split", "1", echo.url});
        const program_outcome said = run_cat(arguments, "text\n");
        EXPECT_EQ(said.status, 1) << one.rule;
        EXPECT_EQ(said.output, "");
        EXPECT_TRUE(holds(said.errors, "closed by the peer: " + one.code + " \"" + one.rule + "\""))
            << said.errors;
    }
    EXPECT_EQ(run_cat({"--split", "1", echo.url}, "in pieces\n").output, "in pieces\n");
}

TEST_F(CatTools, LeavePingsUnanswered) {
    cat_process cat({"--no-pong", url()});
    raw_server peer(door);
    peer.accept();
    peer.say(server_frame(9, octets_of("anybody?")));
    peer.say(server_text("x"));
    EXPECT_EQ(cat->line(), "x");
    cat.end_input();
    EXPECT_EQ(peer.next(), "close 1000");
    peer.end_cleanly();
    EXPECT_EQ(cat->status(), 0);
}

TEST_F(CatTools, EndTheirSideBehindTheFirstMessage) {
    cat_process cat({"--half-close", url()});
    cat.type("one\ntwo\n");
    raw_server peer(door);
    peer.accept();
    EXPECT_EQ(peer.next(), "text \"one\"");
    EXPECT_EQ(peer.next(), "fin");
    peer.say(server_text("still here"));
    EXPECT_EQ(cat->line(), "still here");
    peer.reset();
    EXPECT_EQ(cat->status(), 1);
}

TEST_F(CatTools, ReadNothing) {
    cat_process cat({"--stall", url()});
    raw_server peer(door);
    peer.accept();
    const octets message = server_frame(1, octets(65'536, 'x'));
    std::size_t said = 0;
    constexpr std::size_t limit = 64 << 20;
    while (said < limit && peer.has_room(300)) {
        said += peer.try_say(message);
    }
    EXPECT_LT(said, limit);
    // What came with the answer to the handshake was read; nothing else is.
    cat->signal(SIGKILL);
    EXPECT_EQ(cat->status(), 128 + SIGKILL);
    EXPECT_LT(cat->output.size(), 1U << 20);
}

}  // namespace
}  // namespace plainsong::tests
