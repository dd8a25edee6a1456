// SPDX-License-Identifier: MIT
// cat_options_test.cpp — what the command line of `plainsong cat` means.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tools/cat_options.hpp"

namespace plainsong::tools {
namespace {

using namespace std::chrono_literals;

std::map<std::string, std::string> surroundings;

const char* environment(const char* name) {
    const auto found = surroundings.find(name);
    return found == surroundings.end() ? nullptr : found->second.c_str();
}

struct reading {
    parse_result result = parse_result::go;
    cat_options options;
    std::string complaint;
};

reading read(std::vector<std::string> arguments) {
    std::string verb = "cat";
    std::vector<char*> argv = {verb.data()};
    for (std::string& one : arguments) {
        argv.push_back(one.data());
    }
    reading made;
    made.result = read_cat_options(static_cast<int>(argv.size()), argv.data(), environment,
                                   made.options, made.complaint);
    return made;
}

constexpr const char* url = "ws://127.0.0.1:9001/echo";

TEST(CatOptions, TakeAUrlAlone) {
    const reading plain = read({url});
    EXPECT_EQ(plain.result, parse_result::go) << plain.complaint;
    EXPECT_EQ(plain.options.url, url);
    EXPECT_EQ(plain.options.close_code, 1000);
    EXPECT_FALSE(plain.options.bad.any());
    EXPECT_EQ(read({"--help"}).result, parse_result::help);
    EXPECT_EQ(read({"--json", "-h"}).result, parse_result::help);
    EXPECT_EQ(read({"--", url}).options.url, url);
}

TEST(CatOptions, ShapeTheRequest) {
    const reading made =
        read({"-H", "X-One: 1", "--header=X-Two:  2", "--subprotocol", "a", "--subprotocol=b",
              "--origin", "http://o.example", url, "--auth", "user:pass:word", "--unix", "/run/s"});
    ASSERT_EQ(made.result, parse_result::go) << made.complaint;
    using field = std::pair<std::string, std::string>;
    EXPECT_EQ(made.options.fields, (std::vector<field>{{"X-One", "1"}, {"X-Two", "2"}}));
    EXPECT_EQ(made.options.subprotocols, "a, b");
    EXPECT_EQ(made.options.origin, "http://o.example");
    EXPECT_EQ(made.options.authorization, "Basic dXNlcjpwYXNzOndvcmQ=");
    EXPECT_EQ(made.options.unix_path, "/run/s");
    EXPECT_EQ(read({url, "--auth", "bearer:to:ken"}).options.authorization, "Bearer to:ken");
}

TEST(CatOptions, NameTheFormOfMessages) {
    const reading both = read({"--binary", "hex", url});
    EXPECT_EQ(both.options.input, message_form::hex);
    EXPECT_EQ(both.options.output, message_form::hex);
    EXPECT_TRUE(both.options.sends_binary);
    const reading in = read({"--input=base64", url});
    EXPECT_EQ(in.options.output, message_form::text);
    EXPECT_TRUE(in.options.sends_binary);
    const reading out = read({"--output", "length", url});
    EXPECT_EQ(out.options.output, message_form::length);
    EXPECT_FALSE(out.options.sends_binary);
}

TEST(CatOptions, ReadNumbers) {
    const reading made = read({url, "--timeout", "0.5", "--ping-interval", "20", "--max-message",
                               "2M", "--replay-speed", "0", "--close", "4000", "bye", "--split",
                               "3", "--rsv", "7", "--opcode", "0"});
    ASSERT_EQ(made.result, parse_result::go) << made.complaint;
    EXPECT_EQ(made.options.timeout, 500ms);
    EXPECT_EQ(made.options.ping_interval, 20s);
    EXPECT_EQ(made.options.max_message, 2U << 20);
    EXPECT_EQ(made.options.replay_speed, 0);
    EXPECT_EQ(made.options.close_code, 4000);
    EXPECT_EQ(made.options.close_reason, "bye");
    EXPECT_TRUE(made.options.close_is_given);
    EXPECT_EQ(made.options.bad.split, 3U);
    EXPECT_EQ(made.options.bad.rsv, 7);
    EXPECT_EQ(made.options.bad.opcode, 0);
}

TEST(CatOptions, SayWhereToListen) {
    for (const auto& [text, host, port] : {std::tuple{"9001", "127.0.0.1", 9001},
                                           {"0.0.0.0:0", "0.0.0.0", 0},
                                           {"[::1]:80", "[::1]", 80}}) {
        const reading made = read({"--listen", text});
        ASSERT_EQ(made.result, parse_result::go) << made.complaint;
        EXPECT_TRUE(made.options.is_listening);
        EXPECT_EQ(made.options.listen_host, host);
        EXPECT_EQ(made.options.listen_port, port);
    }
    EXPECT_EQ(read({"--listen", "unix:/run/s"}).options.listen_path, "/run/s");
}

TEST(CatOptions, RefuseWhatDoesNotFitInOneLine) {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"--sing", url},
        {"-", url},
        {url, url},
        {"http://h/"},
        {"ws://h/#f"},
        {"wss://h/"},
        {url, "--header", "no colon"},
        {url, "--header", "a b: c"},
        {url, "--subprotocol", "a b"},
        {url, "--origin", ""},
        {url, "--auth", "nobody"},
        {url, "--auth", ":word"},
        {url, "--timeout", "0"},
        {url, "--timeout", "nan"},
        {url, "--ping-interval", "1s"},
        {url, "--max-message", "0"},
        {url, "--max-message", "2G"},
        {url, "--binary", "text"},
        {url, "--input", "lines"},
        {url, "--close", "1000"},
        {url, "--close", "1005", ""},
        {url, "--close", "1000", std::string(124, 'x')},
        {url, "--close", "1000", "\xff"},
        {url, "--split", "0"},
        {url, "--rsv", "8"},
        {url, "--opcode", "16"},
        {url, "--replay-speed", "-1"},
        {url, "--json", "--output", "hex"},
        {url, "--timeout"},
        {url, "--once=1"},
        {"--listen", "65536"},
        {"--listen", ":80"},
        {"--listen", "unix:"},
        {"--listen", "0", url},
        {"--listen", "0", "--no-mask"},
        {"--listen", "0", "--reconnect"},
        {"--listen", "0", "--proxy", ""},
        {"--listen", "0", "--unix", "/run/s"},
        {"--listen", "0", "--auth", "a:b"},
        {"--listen", "0", "--origin", "o.example"},
        {"--listen", "0", "--close", "1010", ""},
    };
    for (const std::vector<std::string>& arguments : wrong) {
        const reading made = read(arguments);
        EXPECT_EQ(made.result, parse_result::wrong)
            << (arguments.empty() ? "nothing" : arguments.back());
        EXPECT_NE(made.complaint, "");
        EXPECT_EQ(made.complaint.find('\n'), std::string::npos);
    }
}

TEST(CatOptions, TakeTheProxyFromTheEnvironment) {
    surroundings = {{"http_proxy", "http://low:1"},
                    {"HTTP_PROXY", "http://up:2"},
                    {"ALL_PROXY", "socks5://all:3"},
                    {"NO_PROXY", "localhost"}};
    EXPECT_EQ(read({url}).options.proxy, "http://low:1");
    EXPECT_EQ(read({url}).options.no_proxy, "localhost");
    surroundings.erase("http_proxy");
    EXPECT_EQ(read({url}).options.proxy, "http://up:2");
    surroundings["HTTP_PROXY"] = "";
    EXPECT_EQ(read({url}).options.proxy, "socks5://all:3");
    surroundings["all_proxy"] = "host:4";
    surroundings["no_proxy"] = "*";
    EXPECT_EQ(read({url}).options.proxy, "http://host:4");
    EXPECT_EQ(read({url}).options.no_proxy, "*");
    const reading off = read({url, "--proxy", ""});
    EXPECT_EQ(off.result, parse_result::go);
    EXPECT_EQ(off.options.proxy, "");
    const reading chosen = read({url, "--proxy=http://mine:5"});
    EXPECT_EQ(chosen.options.proxy, "http://mine:5");
    EXPECT_EQ(chosen.options.no_proxy, "");
    EXPECT_EQ(read({url, "--unix", "/run/s"}).options.proxy, "");
    surroundings.clear();
    EXPECT_EQ(read({url}).options.proxy, "");
}

}  // namespace
}  // namespace plainsong::tools
