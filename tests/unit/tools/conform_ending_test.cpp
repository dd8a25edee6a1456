// SPDX-License-Identifier: MIT
// conform_ending_test.cpp — the words about the ends of a connection, and what they make of a run.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tools/conform_case_file.hpp"
#include "tools/conform_options.hpp"
#include "tools/conform_outgoing.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

struct outcome {
    std::string complaint;
    std::vector<conform_case> cases;
};

outcome read(const std::string& statements) {
    outcome out;
    out.complaint = read_case_file("f",
                                   "group C \"g\"\ncase C.1 \"t\"\n    expect nothing\n"
                                   "    closed by either with 1000\n    give up after 1s\n" +
                                       statements,
                                   out.cases);
    return out;
}

/// Returns: how a run ends in which both sent a Close and then this was so.
std::string closing_of(const std::string& statements, const std::function<void(record&)>& change) {
    const outcome out = read("    send close\n" + statements);
    EXPECT_EQ(out.complaint, "");
    record run;
    run.is_open = true;
    run.ours = run.theirs = {true, 1000, ""};
    run.end = connection_end::fin;
    change(run);
    return std::string(name_of(judge(out.cases.at(0), run).closing));
}

TEST(ConformEnding, IsWrittenInWordsOfItsOwn) {
    const outcome out = read(
        "    head text length=18446744073709551615 unfinished in chops of 2 every 20ms\n"
        "    part \"abc\"\n    end sending\n    reset\n    reply reset\n    keeping tolerated\n"
        "    without reset\n    linger 500ms\n    for clients\n");
    ASSERT_EQ(out.complaint, "");
    const conform_case& made = out.cases.at(0);
    ASSERT_EQ(made.steps.size(), 4U);
    EXPECT_EQ(made.steps[0].announced, ~std::uint64_t{0});
    EXPECT_EQ(made.steps[0].chop_bytes, 2U);
    EXPECT_EQ(made.steps[0].pause, milliseconds(20));
    EXPECT_EQ(made.steps[2].what, step_kind::end);
    EXPECT_EQ(made.steps[3].what, step_kind::reset);
    EXPECT_EQ(made.reply, close_reply::reset);
    EXPECT_EQ(made.keeps, keeping::tolerated);
    EXPECT_TRUE(made.without_reset);
    EXPECT_EQ(made.linger, milliseconds(500));
    EXPECT_EQ(made.tests, testee::client);
    EXPECT_EQ(read("    end\n").complaint, "f:6: 'sending' is missing");
    EXPECT_EQ(read("    reply pong\n").complaint,
              "f:6: the reply to a Close is close, end, nothing or reset");
    EXPECT_EQ(read("    keeping on\n").complaint,
              "f:6: keeping passes, is told, tolerated, or fails");
    EXPECT_EQ(read("    for nobody\n").complaint, "f:6: 'clients' is missing");
    EXPECT_EQ(read("    send text in chops of 1 every day\n").complaint,
              "f:6: a duration is missing, such as 500ms or 1s");
}

TEST(ConformEnding, JudgesAPeerThatKeepsAUselessConnection) {
    const auto kept = [](record& run) {
        run.theirs.there = false;
        run.no_end = run.tester_dropped = true;
    };
    EXPECT_EQ(closing_of("", kept), "FAILED BY CLIENT");
    EXPECT_EQ(closing_of("    keeping told\n", kept), "INFORMATIONAL");
    EXPECT_EQ(closing_of("    keeping tolerated\n", kept), "NON-STRICT");
    EXPECT_EQ(closing_of("    keeping fails\n", kept), "FAILED");
    EXPECT_EQ(closing_of("    keeping fails\n", [](record&) {}), "OK");
}

TEST(ConformEnding, ToleratesAResetWhereTheEndShouldBeAFin) {
    const auto reset = [](record& run) { run.end = connection_end::reset; };
    EXPECT_EQ(closing_of("", reset), "OK");
    EXPECT_EQ(closing_of("    without reset\n", reset), "NON-STRICT");
    EXPECT_EQ(closing_of("    without reset\n", [](record&) {}), "OK");
}

TEST(ConformEnding, ToleratesAClientThatEndsTheConnectionBeforeTheServer) {
    const auto first = [](record& run) { run.peer_ended_first = true; };
    EXPECT_EQ(closing_of("", first), "OK");
    EXPECT_EQ(closing_of("    linger 500ms\n", first), "NON-STRICT");
    EXPECT_EQ(closing_of("    linger 500ms\n", [](record&) {}), "OK");
}

TEST(ConformEnding, FailsWhoServesNobodyAfterAReset) {
    const outcome out = read("    reset\n");
    ASSERT_EQ(out.complaint, "");
    record run;
    run.is_open = true;
    EXPECT_EQ(judge(out.cases[0], run).behavior, grade::ok);
    run.next_obstacle = "no answer came in time";
    const verdict said = judge(out.cases[0], run);
    EXPECT_EQ(said.behavior, grade::failed);
    EXPECT_EQ(said.why, "after that the peer served nobody: no answer came in time");
}

TEST(ConformEnding, LeavesOutTheCasesOfTheOtherRole) {
    std::vector<conform_case> cases;
    for (const char* const role : {"    for servers\n", "    for clients\n", ""}) {
        cases.push_back(read("    reset\n" + std::string(role)).cases.at(0));
    }
    options asked;
    std::string complaint;
    EXPECT_EQ(choose(cases, asked, complaint),
              (std::vector<const conform_case*>{&cases[0], &cases[2]}));
    asked.serves = true;
    EXPECT_EQ(choose(cases, asked, complaint),
              (std::vector<const conform_case*>{&cases[1], &cases[2]}));
    asked.list = true;
    EXPECT_EQ(choose(cases, asked, complaint).size(), 3U);
}

TEST(ConformFlood, IsWrittenInWordsOfItsOwn) {
    const outcome out = read(
        "    stop reading\n    flood 70K ping rsv=1 \"a\"\n    read on\n"
        "    once sent note late\n    mention noted late\n    measure the fault\n");
    ASSERT_EQ(out.complaint, "");
    const conform_case& made = out.cases.at(0);
    ASSERT_EQ(made.steps.size(), 4U);
    EXPECT_EQ(made.steps[0].what, step_kind::stop_reading);
    EXPECT_EQ(made.steps[1].what, step_kind::flood);
    EXPECT_EQ(made.steps[1].times, 71680U);
    EXPECT_EQ(made.steps[1].rsv, 1);
    EXPECT_EQ(made.steps[2].what, step_kind::read_on);
    EXPECT_EQ(made.steps[3].times, 0U);
    EXPECT_TRUE(made.awaits("late"));
    EXPECT_FALSE(made.awaits("limit"));
    EXPECT_TRUE(made.measures);
    EXPECT_EQ(read("    once more\n").complaint, "f:6: 'sent' is missing");
    EXPECT_EQ(read("    stop it\n").complaint, "f:6: 'reading' is missing");
    EXPECT_EQ(read("    flood ping\n").complaint, "f:6: the number of frames is no size");
    EXPECT_EQ(read("    measure all\n").complaint, "f:6: 'the' is missing");
}

TEST(ConformFlood, IsInformationalWhereThatIsOnlyMentioned) {
    const outcome out =
        read("    flood 2 ping\n    mention noted through\n    mention noted all, noted limit\n");
    ASSERT_EQ(out.complaint, "");
    record run;
    run.is_open = true;
    run.events = {{event_kind::noted, "through"}};
    EXPECT_EQ(judge(out.cases[0], run).behavior, grade::informational);
    run.events = {{event_kind::noted, "all"}};
    EXPECT_EQ(judge(out.cases[0], run).behavior, grade::failed);
    run.events.clear();
    run.past_fault = 7;
    EXPECT_EQ(judge(out.cases[0], run).why,
              "what came is what was expected; 7 octets were sent behind the first wrong one until "
              "the Close came");
}

TEST(ConformOutgoing, PausesWhereThatWasAskedForHoweverItCuts) {
    outgoing out({.what = cutting::each, .seed = 1});
    out.add("abcd", 3, false, milliseconds(20));
    std::string pauses;
    while (!out.is_empty()) {
        EXPECT_EQ(out.next().size(), 1U);
        pauses += out.pause().count() > 0 ? "p" : "-";
        out.sent(1);
    }
    EXPECT_EQ(pauses, "--pp");
}

TEST(ConformOutgoing, KnowsTheLastWriteAndThePauseBehindEach) {
    outgoing out({});
    out.add("abc", 2, false, milliseconds(20));
    EXPECT_EQ(out.next(), "ab");
    EXPECT_EQ(out.pause(), milliseconds(20));
    EXPECT_FALSE(out.is_last(2));
    out.sent(2);
    EXPECT_EQ(out.next(), "c");
    EXPECT_TRUE(out.is_last(1));
    out.add("d", 0, false);
    EXPECT_FALSE(out.is_last(1));
    out.sent(1);
    EXPECT_EQ(out.next(), "d");
    EXPECT_EQ(out.pause(), milliseconds(0));
    EXPECT_EQ(out.total_added(), 4U);
    EXPECT_EQ(out.total_sent(), 3U);
    out.drop_unbegun();
    EXPECT_EQ(out.total_added(), 3U);
}

}  // namespace
}  // namespace plainsong::conform
