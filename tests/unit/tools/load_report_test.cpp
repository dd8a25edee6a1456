// SPDX-License-Identifier: MIT
// load_report_test.cpp — figures as people and programs read them.
#include <gtest/gtest.h>

#include <string>

#include "tools/load_report.hpp"

namespace plainsong::load {
namespace {

TEST(LoadReport, ShowsDurationsWithThreeDigits) {
    EXPECT_EQ(shown_duration(0), "0 ns");
    EXPECT_EQ(shown_duration(999), "999 ns");
    EXPECT_EQ(shown_duration(1000), "1.00 us");
    EXPECT_EQ(shown_duration(9994), "9.99 us");
    EXPECT_EQ(shown_duration(9996), "10.0 us");
    EXPECT_EQ(shown_duration(12'345), "12.3 us");
    EXPECT_EQ(shown_duration(123'456), "123 us");
    EXPECT_EQ(shown_duration(999'600), "1.00 ms");
    EXPECT_EQ(shown_duration(1'234'567'890), "1.23 s");
    EXPECT_EQ(shown_duration(1'234'567'890'123), "1235 s");
}

TEST(LoadReport, WritesAnyTextAsAJsonString) {
    EXPECT_EQ(json_string(""), "\"\"");
    EXPECT_EQ(json_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(json_string("a\r\n\x01\x7f"), "\"a\\u000d\\u000a\\u0001\\u007f\"");
    EXPECT_EQ(json_string("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
    EXPECT_EQ(json_string("\xff\xc3"), "\"\\u00ff\\u00c3\"");
}

/// Returns: who was the limit in a second of which the server and the generator used so much.
std::string limit_of(double server, double generator, bool spin, double rate = 0) {
    options wanted;
    wanted.spin = spin;
    wanted.rate = rate;
    outcome made;
    made.seconds = 1;
    made.server_cpu = server;
    made.generator_cpu = generator;
    const std::string json = report_as_json(wanted, made);
    const std::size_t at = json.find("\"limit\":\"") + 9;
    return json.substr(at, json.find('"', at) - at);
}

TEST(LoadReport, TellsWhoWasTheLimit) {
    EXPECT_EQ(limit_of(0.95, 0.5, false), "server");
    EXPECT_EQ(limit_of(0.5, 0.95, false), "generator");
    EXPECT_EQ(limit_of(0.95, 0.95, false), "both");
    EXPECT_EQ(limit_of(0.5, 0.5, false), "neither");
}

TEST(LoadReport, DoesNotTakeSpinningForWork) {
    EXPECT_EQ(limit_of(0.95, 1, true), "server");
    EXPECT_EQ(limit_of(0.5, 1, true), "generator");
    EXPECT_EQ(limit_of(0.5, 1, true, 1000), "neither");
}

}  // namespace
}  // namespace plainsong::load
