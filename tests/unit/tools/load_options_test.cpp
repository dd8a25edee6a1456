// SPDX-License-Identifier: MIT
// load_options_test.cpp — the command line of the load generator.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/load_options.hpp"

namespace plainsong::load {
namespace {

struct parsed {
    parse_outcome what = parse_outcome::wrong;
    options made;
    std::string complaint;
};

parsed parse(std::vector<std::string> words) {
    std::string verb = "load";
    std::vector<char*> argv = {verb.data()};
    for (std::string& each : words) {
        argv.push_back(each.data());
    }
    parsed out;
    out.what = parse_options(static_cast<int>(argv.size()), argv.data(), out.made, out.complaint);
    return out;
}

parsed with_url(std::vector<std::string> words) {
    words.emplace_back("ws://127.0.0.1:7/path?query");
    return parse(words);
}

TEST(LoadOptions, HaveDefaultsThatMeasureAClosedLoop) {
    const parsed said = with_url({});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.what, mode::echo);
    EXPECT_FALSE(said.made.is_paced());
    EXPECT_EQ(said.made.connections, 100U);
    EXPECT_EQ(said.made.all_connections(), 100U);
    EXPECT_EQ(said.made.seconds, 2);
    EXPECT_EQ(said.made.host, "127.0.0.1:7");
    EXPECT_EQ(said.made.target, "/path?query");
    EXPECT_EQ(std::string(said.made.server.text().view()), "127.0.0.1:7");
}

TEST(LoadOptions, TakeEveryKnob) {
    const parsed said = with_url(
        {"--rate",     "2500.5", "--connections", "7",  "--ramp",  "1.5",   "--warmup", "0",
         "--duration", "9",      "--size",        "60", "--text",  "ascii", "--verify", "sample",
         "--patience", "3",      "--server-pid",  "1",  "--chart", "a.svg", "--json",   "--spin"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_TRUE(said.made.is_paced());
    EXPECT_EQ(said.made.rate, 2500.5);
    EXPECT_EQ(said.made.connections, 7U);
    EXPECT_EQ(said.made.ramp, 1.5);
    EXPECT_EQ(said.made.warmup, 0);
    EXPECT_EQ(said.made.seconds, 9);
    EXPECT_TRUE(said.made.timed);
    EXPECT_EQ(said.made.size, 60U);
    EXPECT_EQ(said.made.payload, payload_kind::ascii);
    EXPECT_EQ(said.made.verify, verification::sample);
    EXPECT_EQ(said.made.patience, 3);
    EXPECT_EQ(said.made.server_process, 1);
    EXPECT_EQ(said.made.chart, "a.svg");
    EXPECT_TRUE(said.made.json);
    EXPECT_TRUE(said.made.spin);
}

TEST(LoadOptions, KeepWhatTheBenchmarksSay) {
    parsed said = with_url({"--json", "--size", "125", "--connections", "1", "--spin", "--seconds",
                            "1.5", "--warmup", "0.4", "--verify", "all", "--server-pid", "17",
                            "--text", "mixed", "--tell-sizes", "--depth", "16"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.seconds, 1.5);
    said = with_url({"--connect-storm", "--seconds", "1.5", "--warmup", "0.4", "--verify", "all"});
    EXPECT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.what, mode::storm);
    said = with_url({"--idle", "--connections", "5000", "--size", "16384", "--messages", "1"});
    EXPECT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.what, mode::idle);
    EXPECT_EQ(said.made.connections, 5000U);
    EXPECT_FALSE(said.made.timed);
    said = with_url({"--connections", "3", "--connections", "1"});  // the last one counts
    EXPECT_EQ(said.made.connections, 1U);
}

TEST(LoadOptions, CompressInOneOfTwoWays) {
    EXPECT_EQ(with_url({}).made.compression, compression_kind::none);
    parsed said = with_url({"--compress", "each", "--text", "json"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.compression, compression_kind::each);
    EXPECT_EQ(said.made.payload, payload_kind::json);
    said = with_url({"--compress", "takeover"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.compression, compression_kind::takeover);
    EXPECT_EQ(with_url({"--compress", "on"}).what, parse_outcome::wrong);
    for (const char* other : {"--connect-storm", "--broadcast", "--tell-sizes"}) {
        EXPECT_EQ(with_url({"--compress", "each", other}).what, parse_outcome::wrong) << other;
    }
}

TEST(LoadOptions, IdleMayNameItsNumber) {
    const parsed said = with_url({"--idle", "25", "--duration", "3"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.what, mode::idle);
    EXPECT_EQ(said.made.connections, 25U);
    EXPECT_TRUE(said.made.timed);
}

TEST(LoadOptions, ABroadcastHasOneConnectionMore) {
    const parsed said = with_url({"--broadcast", "--connections", "9"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.all_connections(), 10U);
}

TEST(LoadOptions, HelpIsNoMistake) {
    EXPECT_EQ(parse({"--help"}).what, parse_outcome::help);
    EXPECT_EQ(with_url({"-h"}).what, parse_outcome::help);
}

TEST(LoadOptions, RefuseWhatMakesNoSense) {
    const std::vector<std::vector<std::string>> wrong = {
        {"--connections", "0"},
        {"--connections", "2.5"},
        {"--connections", "12x"},
        {"--depth", "65537"},
        {"--size", "-1"},
        {"--rate", "0"},
        {"--rate", "nan"},
        {"--rate", "inf"},
        {"--ramp", "0"},
        {"--duration", "0"},
        {"--seconds", ""},
        {"--warmup", "-1"},
        {"--text", "latin"},
        {"--verify", "some"},
        {"--chart", "picture.png"},
        {"--chart", ""},
        {"--unix", ""},
        {"--idle", "0"},
        {"--nonsense"},
        {"-x"},
        {"ws://127.0.0.1:8/"},
        {"--rate", "10", "--depth", "2"},
        {"--rate", "10", "--idle"},
        {"--idle", "--connect-storm"},
        {"--idle", "--broadcast"},
        {"--broadcast", "--connect-storm"},
        {"--idle", "5", "--connections", "6"},
        {"--connections", "6", "--idle", "5"},
        {"--idle", "--warmup", "1"},
        {"--idle", "--chart", "a.svg"},
        {"--connect-storm", "--ramp", "1"},
        {"--connect-storm", "--depth", "2"},
        {"--connect-storm", "--size", "2"},
        {"--connect-storm", "--text", "ascii"},
        {"--broadcast", "--tell-sizes"},
        {"--broadcast", "--size", "47"},
        {"--broadcast", "--text", "mixed"},
        {"--duration", "1", "--messages", "5"},
        {"--messages", "5", "--seconds", "1"},
    };
    for (const std::vector<std::string>& each : wrong) {
        const parsed said = with_url(each);
        std::string words;
        for (const std::string& word : each) {
            words += word + " ";
        }
        EXPECT_EQ(said.what, parse_outcome::wrong) << words;
        EXPECT_NE(said.complaint, "") << words;
        EXPECT_EQ(said.complaint.find('\n'), std::string::npos) << words;
    }
    EXPECT_NE(parse({"ws://127.0.0.1:8/", "--depth"}).complaint.find("wants a value"),
              std::string::npos);
    for (const char* url :
         {"", "http://127.0.0.1/", "wss://127.0.0.1/", "ws://name.example/", "ws://127.0.0.1/#x"}) {
        EXPECT_EQ(parse({url}).what, parse_outcome::wrong) << url;
    }
    EXPECT_NE(parse({"--json"}).complaint.find("URL is missing"), std::string::npos);
}

}  // namespace
}  // namespace plainsong::load
