// SPDX-License-Identifier: MIT
// connection_deadline_test.cpp — what an engine does when time passes, and when the clock is broken.
//
// Covers: ws/connection (next_deadline, on_deadline).
#include <plainsong/ws/connection.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/endpoint.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using tests::endpoint;
using tests::joined;
using tests::octets;
using tests::octets_of;
using tests::on_wire;

using lines = std::vector<std::string>;

constexpr role both_roles[] = {role::server, role::client};

limits odd_limits() {
    limits bounds;
    bounds.ping_after = seconds(7);
    bounds.pong_within = seconds(3);
    bounds.idle_timeout = seconds(50);
    bounds.message_stall = seconds(5);
    bounds.close_within = seconds(2);
    bounds.drain_within = milliseconds(700);
    return bounds;
}

std::string close_for(error_code why) {
    return "> close " + std::to_string(facts_of(why).answer) + " \"" + facts_of(why).text + '"';
}

/// Passes time up to a nanosecond before the deadline, which does nothing, and then reaches it.
void reach(endpoint& end, duration expected) {
    const time_point start = end.clock.now();
    EXPECT_EQ(end.engine.next_deadline() - start, expected);
    const auto lines_before = end.log.size();
    end.wait(expected - nanoseconds(1));
    EXPECT_EQ(end.log.size(), lines_before);
    end.wait(nanoseconds(1));
}

TEST(ConnectionDeadline, PingsAfterSilenceAndGivesUpWithoutAPong) {
    tests::proves({"6455-5.5.2-04", "6455-7.1.5-03"});
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        reach(end, seconds(7));
        EXPECT_EQ(end.log, lines{"> ping \"\""});
        reach(end, seconds(3));
        EXPECT_EQ(end.log.back(), "closed 1006 unclean by nobody because no_pong at 0");
        EXPECT_EQ(end.engine.next_deadline(), never);
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionDeadline, TakesAnyOctetForASignOfLife) {
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        reach(end, seconds(7));
        end.wait(seconds(2));
        end.feed(end.from_peer(2, "not a pong"));
        reach(end, seconds(7));
        EXPECT_EQ(end.log.back(), "> ping \"\"");
        end.feed(end.from_peer(10, "of another ping"));
        reach(end, seconds(7));
        // A single octet of a head counts as well, but a message then has to go on.
        end.feed(byte_view{on_wire(end.from_peer(1, ""))}.first(1));
        reach(end, seconds(5));
        EXPECT_EQ(end.log[end.log.size() - 2], close_for(error_code::message_stalled));
    }
}

TEST(ConnectionDeadline, MovesWithEveryRead) {
    endpoint end{role::server, odd_limits()};
    for (int i = 0; i < 20; ++i) {
        end.wait(seconds(6));
        EXPECT_TRUE(end.log.empty() || end.log.back() == "pong \"\"");
        end.feed(end.from_peer(10, ""));
    }
    reach(end, seconds(7));
}

TEST(ConnectionDeadline, ClosesAnIdleConnectionWherePingsAreOffOrSlower) {
    tests::proves({"6455-7.1.7-08", "6455-7.2.1-03", "6455-7.4.1-03"});
    for (const role self : both_roles) {
        for (const duration ping : {duration::max(), duration(seconds(50)), duration(hours(1))}) {
            limits bounds = odd_limits();
            bounds.ping_after = ping;
            endpoint end{self, bounds};
            end.wait(seconds(20));
            end.feed(end.from_peer(10, ""));
            reach(end, seconds(50));
            EXPECT_EQ(end.log.back(), close_for(error_code::idle_too_long));
            EXPECT_EQ(end.engine.state(), close_state::close_sent);
            end.feed(end.close_from_peer(1001));
            end.end();
            EXPECT_EQ(end.log.back().substr(0, 27), "closed 1001 clean by local ");
            EXPECT_EQ(end.engine.outcome().cause.code, error_code::idle_too_long);
        }
    }
}

TEST(ConnectionDeadline, LeavesAConnectionAloneForEverIfToldTo) {
    tests::proves({"6455-7.1.7-08", "6455-7.2.1-03"});
    limits bounds;
    bounds.ping_after = bounds.idle_timeout = bounds.message_stall = duration::max();
    for (const role self : both_roles) {
        endpoint end{self, bounds};
        EXPECT_EQ(end.engine.next_deadline(), never);
        end.feed(end.from_peer(1, "", false));
        EXPECT_EQ(end.engine.next_deadline(), never);
        end.wait(hours(24 * 365 * 100));
        EXPECT_TRUE(end.log.empty());
        EXPECT_TRUE(end.engine.is_open());
    }
}

TEST(ConnectionDeadline, EndsAMessageThatStalls) {
    tests::proves({"6455-7.4.1-10"});
    for (const role self : both_roles) {
        const octets text = on_wire(endpoint{self}.from_peer(1, "abcd"));
        const octets ping = on_wire(endpoint{self}.from_peer(9, "abcd"));
        for (std::size_t size = 1; size < text.size(); ++size) {
            for (const octets& wire : {text, ping}) {
                endpoint end{self, odd_limits()};
                end.feed(byte_view{wire}.first(size));
                reach(end, seconds(5));
                EXPECT_EQ(end.log, (lines{close_for(error_code::message_stalled), "> fin"}));
                EXPECT_EQ(end.engine.outcome().cause.offset, size);
            }
        }
        endpoint between{self, odd_limits()};
        between.feed(between.from_peer(1, "abcd", false));
        reach(between, seconds(5));
        EXPECT_EQ(between.log, (lines{close_for(error_code::message_stalled), "> fin"}));
        endpoint after{self, odd_limits()};
        after.feed(text);
        EXPECT_EQ(after.engine.next_deadline() - after.clock.now(), seconds(7));
    }
}

TEST(ConnectionDeadline, WaitsForAMessageThatGoesOn) {
    endpoint end{role::server, odd_limits()};
    const octets wire = on_wire(end.from_peer(1, "a long text"));
    for (const std::uint8_t octet : wire) {
        end.wait(seconds(4));
        end.feed({&octet, 1});
    }
    EXPECT_EQ(end.log, lines{"text \"a long text\""});
}

TEST(ConnectionDeadline, PingsFirstWhereAMessageMayStallForLonger) {
    limits bounds = odd_limits();
    bounds.message_stall = seconds(9);
    endpoint end{role::server, bounds};
    end.feed(end.from_peer(1, "", false));
    reach(end, seconds(7));
    EXPECT_EQ(end.log, lines{"> ping \"\""});
    reach(end, seconds(2));
    EXPECT_EQ(end.log[1], close_for(error_code::message_stalled));
}

TEST(ConnectionDeadline, GivesUpOnACloseThatIsNotAnswered) {
    tests::proves({"6455-7.1.1-03"});
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        end.wait(seconds(6));
        ASSERT_FALSE(end.close(1000));
        end.wait(seconds(1));
        end.feed(end.from_peer(1, "still talking"));  // buys no time
        reach(end, seconds(1));
        EXPECT_EQ(end.log.back().substr(0, 55),
                  "closed 1006 unclean by local because close_not_answered");
    }
}

TEST(ConnectionDeadline, GivesUpOnAPeerThatDoesNotReadTheClose) {
    tests::proves({"6455-7.1.7-06"});
    for (const role self : both_roles) {
        endpoint answer{self, odd_limits()};
        answer.hold_output();
        answer.feed(answer.close_from_peer(1000));
        reach(answer, seconds(2));
        EXPECT_EQ(answer.log.back().substr(0, 49),
                  "closed 1000 unclean by peer because write_stalled");
        endpoint failed{self, odd_limits()};
        failed.hold_output();
        failed.feed(failed.from_peer(3, ""));
        failed.wait(seconds(1));
        failed.feed(octets(100'000, 0xff));
        reach(failed, seconds(1));
        EXPECT_EQ(failed.log.back(),
                  "closed 1006 unclean by local because frame_reserved_opcode at 0");
    }
}

TEST(ConnectionDeadline, WaitsForTheEndOfTheStreamNoLongerThanAllowed) {
    tests::proves({"6455-5.5.1-14", "6455-7.1.1-03", "6455-7.1.1-05"});
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        end.feed(end.close_from_peer(1000));
        end.wait(milliseconds(100));
        end.feed(octets(10, 0xff));  // buys no time
        reach(end, self == role::server ? milliseconds(600) : milliseconds(1900));
        EXPECT_EQ(end.log.back(), "closed 1000 clean by peer");
        endpoint failed{self, odd_limits()};
        failed.feed(failed.from_peer(3, ""));
        reach(failed, milliseconds(700));
        EXPECT_EQ(failed.log.back(),
                  "closed 1006 unclean by local because frame_reserved_opcode at 0");
    }
}

TEST(ConnectionDeadline, IsQuietOnlyIfTheNextOneCannotComeEarlier) {
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        EXPECT_TRUE(end.engine.is_quiet());
        end.feed(end.from_peer(1, "whole"));
        EXPECT_TRUE(end.engine.is_quiet());
        end.feed(end.from_peer(1, "begun", false));
        EXPECT_FALSE(end.engine.is_quiet());
        end.feed(end.from_peer(0, "ended"));
        EXPECT_TRUE(end.engine.is_quiet());
        end.wait(seconds(7));
        EXPECT_FALSE(end.engine.is_quiet());  // a pong is awaited
        end.feed(end.from_peer(10, ""));
        EXPECT_TRUE(end.engine.is_quiet());
        end.hold_output();
        ASSERT_FALSE(end.ping({}));
        EXPECT_FALSE(end.engine.is_quiet());
        end.release_output();
        EXPECT_TRUE(end.engine.is_quiet());
        ASSERT_FALSE(end.close(1000));
        EXPECT_FALSE(end.engine.is_quiet());
    }
}

// ---- clocks that misbehave

TEST(ConnectionDeadline, PingsAfterAJumpOfTheClockBeforeItGivesUp) {
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        end.wait(hours(24));
        EXPECT_EQ(end.log, lines{"> ping \"\""});
        EXPECT_EQ(end.engine.next_deadline() - end.clock.now(), seconds(3));
        end.feed(end.from_peer(10, ""));
        EXPECT_TRUE(end.engine.is_open());
    }
}

TEST(ConnectionDeadline, ActsOnceForEachDeadlineHoweverOftenItIsAsked) {
    endpoint end{role::server, odd_limits()};
    end.wait(seconds(7));
    for (int i = 0; i < 10; ++i) {
        end.wait(seconds(0));
    }
    EXPECT_EQ(end.log, lines{"> ping \"\""});
    end.wait(seconds(3));
    for (int i = 0; i < 10; ++i) {
        end.wait(seconds(0));
    }
    EXPECT_EQ(end.log.size(), 2U);
}

TEST(ConnectionDeadline, SurvivesAClockThatGoesBack) {
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        end.wait(hours(-100));  // before the epoch of the clock
        EXPECT_TRUE(end.log.empty());
        end.feed(end.from_peer(1, "still here"));
        EXPECT_EQ(end.log.back(), "text \"still here\"");
        reach(end, seconds(7));
        EXPECT_EQ(end.log.back(), "> ping \"\"");
        end.wait(hours(-1));
        EXPECT_EQ(end.log.size(), 2U);
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionDeadline, DoesNotOverflowNearTheEndsOfTime) {
    limits bounds = odd_limits();
    bounds.ping_after = duration::max();
    bounds.idle_timeout = duration::max();
    for (const time_point start : {time_point::min(), time_point{}, never - seconds(1)}) {
        const connection_config config{.bounds = bounds};
        octets memory(workspace::minimum_output_bytes);
        workspace room{memory};
        connection end{config, start};
        end.attach(room);
        EXPECT_GE(end.next_deadline(), start);
        ASSERT_FALSE(end.close(1000, "", start));
        EXPECT_EQ(end.next_deadline(), start == never - seconds(1) ? never : start + seconds(2));
    }
}

TEST(ConnectionDeadline, AsksForNothingMoreOnceItHasEnded) {
    for (const role self : both_roles) {
        endpoint end{self, odd_limits()};
        end.end();
        EXPECT_EQ(end.engine.next_deadline(), never);
        end.clock.set(never);
        end.wait(seconds(0));
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionDeadline, PingsNotIntoAFullOutputAndGivesUpAllTheSame) {
    for (const role self : both_roles) {
        endpoint end{self, odd_limits(), workspace::minimum_output_bytes};
        end.hold_output();
        while (!end.ping(octets(125))) {
        }
        const std::size_t queued = end.engine.output().size();
        reach(end, seconds(7));
        EXPECT_EQ(end.engine.output().size(), queued);
        reach(end, seconds(3));
        EXPECT_EQ(end.log.back(), "closed 1006 unclean by nobody because no_pong at 0");
    }
}

}  // namespace
}  // namespace plainsong
