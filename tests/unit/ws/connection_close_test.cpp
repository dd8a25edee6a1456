// SPDX-License-Identifier: MIT
// connection_close_test.cpp — how connections end: from either side, from both, cleanly and not.
//
// Covers: ws/connection (closing, failing, the outcome).
#include <plainsong/ws/connection.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/endpoint.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/split.hpp"

namespace plainsong {
namespace {

using tests::cut_in_every_way;
using tests::dialogue;
using tests::endpoint;
using tests::joined;
using tests::octets;
using tests::octets_of;
using tests::on_wire;

using lines = std::vector<std::string>;

constexpr role both_roles[] = {role::server, role::client};

bool may_travel(unsigned code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

// ---- the peer closes

TEST(ConnectionClose, EchoesEachCodeThatMayTravelAndNoOther) {
    tests::proves({"6455-5.5.1-07", "6455-5.5.1-08", "6455-5.5.1-09", "6455-7.1.5-01",
                   "6455-7.4.1-04", "6455-7.4.1-06", "6455-7.4.1-07", "6455-7.4.1-08",
                   "6455-7.4.1-16", "6455-7.4.2-01", "6455-7.4.2-02", "6455-7.4.2-03",
                   "6455-7.4.2-04"});
    for (unsigned code = 0; code < 65536; ++code) {
        endpoint end{both_roles[code % 2], {}, workspace::minimum_output_bytes};
        end.feed(end.close_from_peer(code, code % 3 == 0 ? "why" : ""));
        if (may_travel(code)) {
            ASSERT_EQ(end.log.at(0), "> close " + std::to_string(code));
        } else {
            ASSERT_EQ(end.log.at(0), std::string("> close 1002 \"") +
                                         facts_of(error_code::close_code_invalid).text + '"');
        }
    }
}

TEST(ConnectionClose, AnswersAnEmptyCloseWithAnEmptyOne) {
    tests::proves({"6455-5.5.1-01", "6455-7.1.5-02", "6455-7.4-01", "6455-7.4.1-07"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.feed(end.from_peer(8, ""));
        EXPECT_EQ(end.log.at(0), "> close");
        end.end();
        EXPECT_EQ(end.log.back(), "closed 1005 clean by peer");
        EXPECT_EQ(end.engine.outcome().sent_code, close_code::no_code);
    }
}

TEST(ConnectionClose, ReportsTheReasonOfThePeerToItsLastOctet) {
    tests::proves({"6455-5.5.1-03", "6455-7.1.6-01"});
    for (const role self : both_roles) {
        for (std::size_t size = 0; size <= max_close_reason_bytes; ++size) {
            const std::string reason(size, 'r');
            dialogue talk{self};
            talk.receive(on_wire(endpoint{self}.close_from_peer(4321, reason)));
            const auto log = talk.run([](std::size_t) { return true; }, true).log;
            EXPECT_EQ(log.back(),
                      "closed 4321 clean by peer" +
                          (size == 0 ? "" : " reason " + tests::shown(octets_of(reason))));
        }
    }
}

TEST(ConnectionClose, HalfClosesAtOnceAsAServerAndWaitsAsAClient) {
    tests::proves({"6455-5.5.1-11", "6455-5.5.1-12", "6455-5.5.1-13", "6455-7.1.1-01",
                   "6455-7.1.1-04", "6455-7.1.1-06", "6455-7.1.1-07", "6455-7.1.2-02",
                   "6455-7.1.3-01", "6455-7.1.4-01"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        end.feed(end.close_from_peer(1000));
        EXPECT_EQ(end.engine.state(), close_state::closing);
        EXPECT_FALSE(end.engine.wants_shutdown());  // the Close is not on its way yet
        end.release_output();
        EXPECT_EQ(end.engine.wants_shutdown(), self == role::server);
        EXPECT_EQ(end.engine.state(),
                  self == role::server ? close_state::draining : close_state::awaiting_end);
        EXPECT_FALSE(end.engine.finished());
        end.end();
        EXPECT_TRUE(end.engine.finished());
        EXPECT_EQ(end.log.back(), "closed 1000 clean by peer");
    }
}

TEST(ConnectionClose, LooksAtNothingAfterThePeersClose) {
    tests::proves(
        {"6455-5.5.1-06", "6455-5.5.2-02", "6455-7.1.1-02", "6455-7.1.5-01", "6455-7.1.6-01"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        for (const bool in_message : {false, true}) {
            dialogue talk{self};
            if (in_message) {
                talk.receive(on_wire(shape.from_peer(1, "never delivered", false)));
            }
            talk.receive(on_wire(shape.close_from_peer(1000, "first")))
                .receive(on_wire(shape.close_from_peer(1001, "second")))
                .receive(on_wire(shape.from_peer(9, "ping")))
                .receive(on_wire(shape.from_peer(1, "text")))
                .receive(on_wire(shape.from_peer(0, "end")))
                .receive(octets(50, 0xff));
            EXPECT_EQ(cut_in_every_way(talk), "");
            lines expected = {"> close 1000"};
            if (self == role::server) {
                expected.push_back("> fin");
            }
            expected.push_back("closed 1000 clean by peer reason \"first\"");
            EXPECT_EQ(talk.run_whole().log, expected);
        }
    }
}

TEST(ConnectionClose, ComesAfterThePongThatIsOwed) {
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        end.feed(end.from_peer(9, "p"));
        end.feed(end.close_from_peer(1000));
        end.log.clear();
        end.release_output();
        ASSERT_GE(end.log.size(), 2U);
        EXPECT_EQ(end.log[0], "> pong \"p\"");
        EXPECT_EQ(end.log[1], "> close 1000");
    }
}

// ---- we close

TEST(ConnectionClose, SendsTheCodeAndReasonThatTheProgramGives) {
    tests::proves({"6455-7.1.2-01", "6455-7.1.3-01", "6455-7.3-01", "6455-7.3-03", "6455-7.4-01",
                   "6455-7.4.1-01", "6455-7.4.1-02", "6455-7.4.1-03", "6455-7.4.1-05",
                   "6455-5.5.1-05"});
    for (const role self : both_roles) {
        for (const unsigned code : {1000U, 1001U, 1003U, 1011U, 1013U, 3000U, 4999U}) {
            endpoint end{self};
            EXPECT_FALSE(end.close(static_cast<std::uint16_t>(code), "bye"));
            EXPECT_EQ(end.log, lines{"> close " + std::to_string(code) + " \"bye\""});
            EXPECT_EQ(end.engine.state(), close_state::close_sent);
            EXPECT_EQ(end.engine.outcome().sent_code, code);
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
        }
        endpoint end{self};
        EXPECT_FALSE(end.close(close_code::no_code));
        EXPECT_EQ(end.log, lines{"> close"});
    }
}

TEST(ConnectionClose, SendsEveryLengthOfAReasonAsItIs) {
    tests::proves({"6455-5.5.1-03", "6455-7.1.2-01"});
    for (const role self : both_roles) {
        for (std::size_t size = 1; size <= max_close_reason_bytes; ++size) {
            std::string reason;
            for (std::size_t i = 0; i < size; ++i) {
                reason += static_cast<char>('a' + i % 26);
            }
            endpoint end{self};
            EXPECT_FALSE(end.close(1000, reason));
            EXPECT_EQ(end.log, lines{"> close 1000 \"" + reason + '"'});
        }
    }
}

TEST(ConnectionClose, RefusesToSendWhatMustNotTravel) {
    tests::proves({"6455-5.5-02", "6455-7.4.1-06", "6455-7.4.1-07", "6455-7.4.1-08",
                   "6455-7.4.1-14", "6455-7.4.1-16", "6455-7.4.2-01", "6455-7.4.2-02"});
    for (const role self : both_roles) {
        endpoint end{self};
        for (const unsigned code :
             {0U, 1U, 999U, 1004U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
            EXPECT_EQ(end.close(static_cast<std::uint16_t>(code)).code(),
                      error_code::close_code_not_sendable);
        }
        EXPECT_EQ(end.close(close_code::no_code, "r").code(), error_code::invalid_argument);
        EXPECT_EQ(end.close(1000, std::string(124, 'r')).code(), error_code::control_too_long);
        EXPECT_EQ(end.close(1000, "\xc0").code(), error_code::reason_not_utf8);
        EXPECT_TRUE(end.log.empty());
        EXPECT_TRUE(end.engine.is_open());
        // 1010 is what a client says to a server.
        EXPECT_EQ(end.close(close_code::extension_needed).code(),
                  self == role::server ? error_code::close_code_not_sendable : error_code::none);
    }
}

TEST(ConnectionClose, StillDeliversAndAnswersNothingUntilThePeerCloses) {
    tests::proves({"6455-5.5.1-06", "6455-7.1.5-01", "6455-7.1.5-04"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        dialogue talk{self};
        talk.receive(on_wire(shape.from_peer(1, "begun ", false)))
            .call([](endpoint& end) { EXPECT_FALSE(end.close(1000, "ours")); })
            .receive(on_wire(shape.from_peer(9, "ping")))
            .receive(on_wire(shape.from_peer(10, "pong")))
            .receive(on_wire(shape.from_peer(0, "ended")))
            .receive(on_wire(shape.from_peer(2, "more")))
            .receive(on_wire(shape.close_from_peer(4000, "theirs")))
            .receive(on_wire(shape.from_peer(1, "late")));
        EXPECT_EQ(cut_in_every_way(talk), "");
        lines expected = {"> close 1000 \"ours\"", "ping \"ping\"", "pong \"pong\"",
                          "text \"begun ended\"", "binary \"more\""};
        if (self == role::server) {
            expected.push_back("> fin");
        }
        expected.push_back("closed 4000 clean by local reason \"theirs\"");
        EXPECT_EQ(talk.run_whole().log, expected);
    }
}

TEST(ConnectionClose, MayStandInTheMiddleOfAMessageThatIsBeingSent) {
    tests::proves({"6455-5.5.1-10"});
    for (const role self : both_roles) {
        endpoint end{self};
        EXPECT_FALSE(end.send(opcode::text, octets_of("part"), false));
        EXPECT_FALSE(end.close(1000));
        EXPECT_EQ(end.log, (lines{"> text more \"part\"", "> close 1000"}));
    }
}

TEST(ConnectionClose, SendsNoSecondCloseWhenBothCloseAtOnce) {
    tests::proves({"6455-5.5.1-15", "6455-7.1.5-04"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        EXPECT_FALSE(end.close(1001, "ours"));
        end.feed(end.close_from_peer(1000, "theirs"));
        EXPECT_EQ(end.engine.state(), close_state::closing);
        end.release_output();
        end.end();
        lines expected = {"> close 1001 \"ours\"", "closed 1000 clean by local reason \"theirs\""};
        if (self == role::server) {
            expected.insert(expected.begin() + 1, "> fin");
        }
        EXPECT_EQ(end.log, expected);
        EXPECT_EQ(end.engine.outcome().sent_code, 1001);
    }
}

TEST(ConnectionClose, KeepsItsCloseWhenThePeerThenBreaksARule) {
    tests::proves({"6455-5.5.1-06", "6455-7.1.7-07"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        for (const bool held : {false, true}) {
            endpoint end{self};
            if (held) {
                end.hold_output();
            }
            EXPECT_FALSE(end.close(1000));
            end.feed(end.from_peer(3, ""));
            end.feed(end.close_from_peer(1000));
            EXPECT_EQ(end.engine.wants_shutdown(), !held);
            end.release_output();
            end.end();
            EXPECT_EQ(end.log, (lines{"> close 1000", "> fin",
                                      "closed 1006 unclean by local because "
                                      "frame_reserved_opcode at 0"}));
        }
    }
}

// ---- the program fails the connection

TEST(ConnectionClose, FailsWithTheAnswerOfTheErrorThatTheProgramNames) {
    tests::proves({"6455-7.1.7-05", "6455-7.1.7-07"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.feed(end.from_peer(1, "a", false));
        end.fail(error_code::send_queue_overflow);
        end.feed(end.from_peer(0, "b"));
        end.end();
        EXPECT_EQ(end.log.at(0), std::string("> close 1013 \"") +
                                     facts_of(error_code::send_queue_overflow).text + '"');
        EXPECT_EQ(end.log.at(1), "> fin");
        EXPECT_EQ(end.log.at(2).substr(0, 60),
                  "closed 1006 unclean by local because send_queue_overflow at ");
        EXPECT_EQ(end.log.size(), 3U);
    }
}

TEST(ConnectionClose, EndsWithoutACloseWhereTheErrorHasNoAnswer) {
    tests::proves({"6455-7.1.7-06"});
    for (const role self : both_roles) {
        // 431 is an answer too, but one of HTTP.
        for (const error_code why : {error_code::write_stalled, error_code::head_too_long}) {
            endpoint end{self};
            end.fail(why);
            EXPECT_EQ(end.log, lines{"> fin"});
            end.end();
            EXPECT_EQ(end.log.back(), std::string("closed 1006 unclean by nobody because ") +
                                          facts_of(why).name + " at 0");
        }
    }
}

TEST(ConnectionClose, AnswersEveryErrorInARoomOfTheLeastSize) {
    for (std::uint16_t number = 1;
         number <= static_cast<std::uint16_t>(error_code::handshake_timeout); ++number) {
        const auto why = static_cast<error_code>(number);
        for (const role self : both_roles) {
            endpoint end{self, {}, workspace::minimum_output_bytes};
            end.fail(why);
            const bool told = facts_of(why).answer >= 1000;
            EXPECT_EQ(end.engine.outcome().sent_code, told ? facts_of(why).answer : 0);
            EXPECT_EQ(end.log.size(), told ? 2U : 1U);
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
        }
    }
}

TEST(ConnectionClose, RemembersTheFirstCauseAndNoneAfterThePeersClose) {
    for (const role self : both_roles) {
        endpoint failed{self};
        failed.fail(error_code::send_queue_overflow);
        failed.fail(error_code::message_stalled);
        failed.lose(error_code::connection_reset);
        EXPECT_EQ(failed.engine.outcome().cause.code, error_code::send_queue_overflow);
        endpoint closed{self};
        closed.feed(closed.close_from_peer(1000, "bye"));
        closed.fail(error_code::send_queue_overflow);
        closed.end();
        EXPECT_EQ(closed.log.back(), "closed 1000 clean by peer reason \"bye\"");
        EXPECT_EQ(closed.engine.outcome().cause.offset, 0U);
        endpoint lost{self};
        lost.lose(error_code::none);
        lost.end();
        EXPECT_EQ(lost.log, lines{"closed 1006 unclean by nobody"});
        EXPECT_FALSE(lost.engine.outcome().cause);
    }
}

// ---- clean or not

struct ending {
    const char* name;
    std::function<void(endpoint&)> act;
    const char* outcome;
};

TEST(ConnectionClose, IsCleanIfBothCloseFramesWentThrough) {
    tests::proves({"6455-5.5.1-14", "6455-7.1.1-05", "6455-7.1.4-01", "6455-7.1.4-02",
                   "6455-7.1.5-01", "6455-7.1.5-03", "6455-7.1.6-01", "6455-7.2.1-02"});
    const auto theirs = [](endpoint& end) { end.feed(end.close_from_peer(4000)); };
    const auto ours = [](endpoint& end) { ASSERT_FALSE(end.close(1000)); };
    const auto reset = [](endpoint& end) { end.lose(error_code::connection_reset); };
    const auto fin = [](endpoint& end) { end.end(); };
    const ending endings[] = {
        {"FIN when open", fin, "closed 1006 unclean by nobody because unexpected_end at 0"},
        {"RST when open", reset, "closed 1006 unclean by nobody because connection_reset at 0"},
        {"FIN in a message",
         [&](endpoint& end) {
             end.feed(end.from_peer(1, "", false));
             fin(end);
         },
         "closed 1006 unclean by nobody because unexpected_end at *"},
        {"RST after our Close",
         [&](endpoint& end) {
             ours(end);
             reset(end);
         },
         "closed 1006 unclean by local because connection_reset at 0"},
        {"FIN after our Close",
         [&](endpoint& end) {
             ours(end);
             fin(end);
         },
         "closed 1006 unclean by local because unexpected_end at 0"},
        {"FIN behind the peer's Close, our answer unsent",
         [&](endpoint& end) {
             end.hold_output();
             theirs(end);
             fin(end);
         },
         "closed 4000 unclean by peer because unexpected_end at *"},
        {"RST behind the peer's Close, our answer unsent",
         [&](endpoint& end) {
             end.hold_output();
             theirs(end);
             reset(end);
         },
         "closed 4000 unclean by peer because connection_reset at *"},
        {"FIN after the peer's Close and our answer",
         [&](endpoint& end) {
             theirs(end);
             fin(end);
         },
         "closed 4000 clean by peer"},
        {"RST after the peer's Close and our answer",
         [&](endpoint& end) {
             theirs(end);
             reset(end);
         },
         "closed 4000 clean by peer"},
        {"FIN after our Close and the peer's answer",
         [&](endpoint& end) {
             ours(end);
             theirs(end);
             fin(end);
         },
         "closed 4000 clean by local"},
        {"RST after our Close and the peer's answer",
         [&](endpoint& end) {
             ours(end);
             theirs(end);
             reset(end);
         },
         "closed 4000 clean by local"},
        {"both at once, ours unsent",
         [&](endpoint& end) {
             end.hold_output();
             ours(end);
             theirs(end);
             fin(end);
         },
         "closed 4000 unclean by local because unexpected_end at *"},
        {"the peer never ends the stream",
         [&](endpoint& end) {
             theirs(end);
             end.wait(std::chrono::hours(1));
         },
         "closed 4000 clean by peer"},
    };
    for (const role self : both_roles) {
        for (const ending& one : endings) {
            endpoint end{self};
            one.act(end);
            std::string expected = one.outcome;
            if (expected.back() == '*') {
                expected.pop_back();
                expected += std::to_string(end.engine.outcome().cause.offset);
            }
            EXPECT_EQ(end.log.back(), expected) << one.name;
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
            // What comes later changes nothing.
            const close_info before = end.engine.outcome();
            end.lose(error_code::write_stalled);
            end.end();
            end.wait(std::chrono::hours(1));
            end.feed(octets(100, 0x81));
            EXPECT_EQ(tests::shown(end.engine.outcome()), tests::shown(before)) << one.name;
            EXPECT_EQ(end.log.back(), expected) << one.name;
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
        }
    }
}

TEST(ConnectionClose, CountsThePlaceOfAnEndOverTheWholeStream) {
    tests::proves({"6455-7.1.5-03"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        octets stream = on_wire(shape.from_peer(1, "one"));
        tests::append(stream, on_wire(shape.from_peer(9, "ping")));
        tests::append(stream, on_wire(shape.from_peer(2, octets(300, 1), false)));
        tests::append(stream, on_wire(shape.from_peer(0, "two")));
        for (std::size_t size = 0; size <= stream.size(); ++size) {
            dialogue talk{self};
            talk.receive(byte_view{stream}.first(size));
            const std::string expected =
                "closed 1006 unclean by nobody because unexpected_end at " + std::to_string(size);
            EXPECT_EQ(talk.run_whole().log.back(), expected);
            EXPECT_EQ(talk.run([](std::size_t) { return true; }, true).log.back(), expected);
        }
    }
}

// ---- draining

TEST(ConnectionClose, DiscardsALimitedNumberOfOctetsAfterItsFin) {
    tests::proves({"6455-7.1.1-02", "6455-7.1.1-03"});
    for (const role self : both_roles) {
        for (const bool failing : {false, true}) {
            limits bounds;
            bounds.drain_bytes = 1000;
            endpoint end{self, bounds};
            end.feed(failing ? end.from_peer(3, "") : end.close_from_peer(1000));
            end.feed(octets(1000, 0xff));
            EXPECT_FALSE(end.engine.finished());
            end.feed(octets(1, 0xff));
            EXPECT_TRUE(end.engine.finished());
            EXPECT_EQ(end.log.back(), failing ? "closed 1006 unclean by local because "
                                                "frame_reserved_opcode at 0"
                                              : "closed 1000 clean by peer");
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
        }
    }
}

TEST(ConnectionClose, OwesItsCloseHoweverMuchWasReadWithTheMistake) {
    tests::proves({"6455-7.1.7-05", "6455-10.7-03"});
    for (const role self : both_roles) {
        limits bounds;
        bounds.frame_bytes = 1000;
        bounds.drain_bytes = 100;
        endpoint end{self, bounds};
        end.feed(end.from_peer(2, octets(100'000, 1)));  // all of it in one read
        EXPECT_EQ(end.log.at(0),
                  std::string("> close 1009 \"") + facts_of(error_code::frame_too_big).text + '"');
        EXPECT_EQ(end.log.size(), 2U);
        EXPECT_TRUE(end.engine.wants_shutdown());
        endpoint closing{self, bounds};
        octets wire = on_wire(closing.close_from_peer(1000));
        wire.resize(100'000, 0xff);
        closing.feed(wire);
        closing.end();
        EXPECT_EQ(closing.log.back(), "closed 1000 clean by peer");
    }
}

TEST(ConnectionClose, TakesAllThatComesAfterTheEnd) {
    endpoint end{role::server};
    end.end();
    octets wire(100'000, 0xff);
    const step done = end.engine.receive(wire, end.clock.now());
    EXPECT_EQ(done.taken, wire.size());
    EXPECT_EQ(done.what.kind, event_kind::none);
    EXPECT_EQ(end.engine.payload_missing(), 0U);
}

}  // namespace
}  // namespace plainsong
