// SPDX-License-Identifier: MIT
// conform_grace_test.cpp — a busy machine is not taken for a bad peer, nor a bad peer for a busy machine.
#include "tools/conform_grace.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/broken_echo.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/ticker.hpp"
#include "tools/conform_case_file.hpp"
#include "tools/conform_run.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

using tests::defect;

bool busy() {
    return true;
}
bool idle() {
    return false;
}

TEST(ConformGrace, ReadsWhatLinuxTellsOfItsProcessors) {
    EXPECT_TRUE(shows_pressure("some avg10=10.00 avg60=0.90 avg300=2.77 total=14244879362"));
    EXPECT_FALSE(shows_pressure("some avg10=9.99 avg60=80.00 avg300=2.77 total=1"));
    EXPECT_FALSE(shows_pressure("full avg10=50.00"));
    EXPECT_FALSE(shows_pressure(""));
    EXPECT_TRUE(shows_more_than("0.71 0.66 1.02 3/99 29440", 2));
    EXPECT_FALSE(shows_more_than("9.71 9.66 9.02 2/99 29440", 2));
    EXPECT_FALSE(shows_more_than("", 2));
    EXPECT_FALSE(shows_more_than("3/99", 0));
}

TEST(ConformGrace, EndsSomeTime) {
    grace given(busy);
    int times = 0;
    while (given.grant(duration::zero()) && times < 100) {
        ++times;
    }
    EXPECT_EQ(times, 8);
}

TEST(ConformGrace, IsGivenToATesterThatWokeLate) {
    EXPECT_TRUE(grace(idle).grant(std::chrono::milliseconds(50)));
    EXPECT_FALSE(grace(idle).grant(std::chrono::milliseconds(49)));
    EXPECT_FALSE(grace(nullptr).grant(std::chrono::seconds(9)));
}

using list = std::vector<std::string>;

/// Returns: those of the cases that do not pass strictly against a server with that defect, where each turn
/// of the loop takes that long.
list failed(const list& ids, defect what, duration turn, const conversation_options& talk) {
    static tests::fake_clock clock;
    std::string complaint;
    const std::vector<conform_case> all = all_cases(complaint);
    std::vector<const conform_case*> cases;
    for (const conform_case& each : all) {
        if (std::find(ids.begin(), ids.end(), each.id) != ids.end()) {
            cases.push_back(&each);
        }
    }
    loop its_loop({.clock = [] { return clock.now(); }});
    const std::string path = "/tmp/conform-grace-" + std::to_string(::getpid());
    destination to{{*address::unix_path(path)}, "host", "/"};
    const tests::broken_echo server(its_loop, to.where[0], what);
    tests::ticker time(its_loop, clock, turn);
    time.tick();
    list out;
    server_run run(its_loop, to, {.jobs = 1, .talk = talk}, cases,
                   [&](const conform_case& one, record& happened) {
                       if (!judge(one, happened).passes(true)) {
                           out.push_back(one.id);
                       }
                   });
    EXPECT_TRUE(run.run());
    time.stop();
    EXPECT_FALSE(its_loop.turn(duration::zero()));
    return out;
}

list failed(defect what, std::chrono::milliseconds turn, bool (*is_busy)()) {
    return failed({"1.1.1", "2.2", "3.3", "6.4.1", "7.1.1"}, what, turn,
                  {.patience = {}, .is_busy = is_busy, .how = {}});
}

TEST(ConformConversation, WaitsForAPeerThatGetsNoTime) {
    EXPECT_NE(failed(defect::none, std::chrono::milliseconds(1100), nullptr), list{});
    EXPECT_EQ(failed(defect::none, std::chrono::milliseconds(1100), busy), list{});
}

TEST(ConformConversation, FindsABadPeerOnABusyMachine) {
    EXPECT_EQ(failed(defect::answers_no_ping, std::chrono::milliseconds(2), busy), list{"2.2"});
    EXPECT_EQ(
        failed(defect::judges_utf8_at_the_end_of_a_message, std::chrono::milliseconds(2), busy),
        list{"6.4.1"});
}

// Its 4 MiB take half a minute here, and the reset that follows them is the tester's.
TEST(ConformConversation, BlamesNobodyForTheTimeThatItsOwnOctetsTake) {
    EXPECT_EQ(failed({"C.5.6"}, defect::none, std::chrono::microseconds(500),
                     {.patience = {}, .how = {.what = cutting::each, .seed = 1}}),
              list{});
}

}  // namespace
}  // namespace plainsong::conform
