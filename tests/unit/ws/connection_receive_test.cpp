// SPDX-License-Identifier: MIT
// connection_receive_test.cpp — octets to events: messages, fragments, pings, and all that is wrong.
//
// Covers: ws/connection (its receiving half).
#include <plainsong/ws/connection.hpp>

#include <algorithm>
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

using tests::append;
using tests::cut_in_every_way;
using tests::dialogue;
using tests::endpoint;
using tests::joined;
using tests::octets;
using tests::octets_of;
using tests::on_wire;
using tests::wire_frame;

using lines = std::vector<std::string>;

constexpr role both_roles[] = {role::server, role::client};

std::string close_for(unsigned code, error_code why) {
    return "> close " + std::to_string(code) + " \"" + facts_of(why).text + '"';
}

// ---- what is right

TEST(ConnectionReceive, ReportsAWholeMessageAsOneEventThatPointsIntoTheInput) {
    tests::proves({"6455-5.2-02", "6455-5.4-02", "6455-6.2-08", "6455-5.3-06", "6455-5.7-01"});
    octets wire = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
    endpoint server{role::server};
    const step done = server.engine.receive(wire, server.clock.now());
    EXPECT_EQ(done.taken, wire.size());
    EXPECT_EQ(done.what.kind, event_kind::data);
    EXPECT_EQ(done.what.type, opcode::text);
    EXPECT_TRUE(done.what.first);
    EXPECT_TRUE(done.what.last);
    EXPECT_EQ(as_text(done.what.payload), "Hello");
    EXPECT_EQ(done.what.payload.data(), wire.data() + 6);
    EXPECT_FALSE(server.engine.needs_workspace());
}

TEST(ConnectionReceive, TakesNothingOfTheNextFrameWithAnEvent) {
    endpoint client{role::client};
    octets wire = on_wire({.payload = octets_of("one")});
    const std::size_t first = wire.size();
    wire.push_back(0x89);  // the next frame would not even be legal without its second octet
    const step done = client.engine.receive(wire, client.clock.now());
    EXPECT_EQ(done.taken, first);
    EXPECT_EQ(as_text(done.what.payload), "one");
}

TEST(ConnectionReceive, HandsOutPartsOfAFrameBeforeTheRestIsThere) {
    tests::proves({"6455-5.4-18"});
    endpoint client{role::client};
    octets wire = on_wire({.opcode = 2, .payload = octets(300, 7)});
    ASSERT_EQ(client.engine.payload_missing(), 0U);
    step done = client.engine.receive(byte_span{wire}.first(104), client.clock.now());
    EXPECT_EQ(done.taken, 104U);
    EXPECT_EQ(done.what.payload.size(), 100U);
    EXPECT_TRUE(done.what.first);
    EXPECT_FALSE(done.what.last);
    EXPECT_EQ(client.engine.payload_missing(), 200U);
    done = client.engine.receive(byte_span{wire}.subspan(104), client.clock.now());
    EXPECT_FALSE(done.what.first);
    EXPECT_TRUE(done.what.last);
    EXPECT_EQ(client.engine.payload_missing(), 0U);
}

TEST(ConnectionReceive, HandsOnACompressedMessageAsItIs) {
    tests::proves({"7692-6-02", "7692-6-04", "7692-6.1-06"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.engine.allow_compression();
        const octets payload = {0xff, 0xfe, 0xc1};  // no text, whatever the opcode says
        wire_frame first = end.from_peer(1, payload, false);
        first.rsv = 4;
        octets wire = on_wire(first);
        append(wire, on_wire(end.from_peer(9)));
        append(wire, on_wire(end.from_peer(0, payload)));
        append(wire, on_wire(end.from_peer(1, octets_of("plain"))));
        byte_span in{wire};
        std::vector<event> seen;
        while (!in.empty()) {
            const step done = end.engine.receive(in, end.clock.now());
            seen.push_back(done.what);
            in = in.subspan(done.taken);
        }
        ASSERT_EQ(seen.size(), 4U);
        EXPECT_TRUE(seen[0].compressed && seen[0].first && !seen[0].last);
        EXPECT_EQ(seen[0].type, opcode::text);
        EXPECT_EQ(seen[1].kind, event_kind::ping);
        EXPECT_TRUE(seen[2].compressed && !seen[2].first && seen[2].last);
        EXPECT_EQ(octets(seen[2].payload.begin(), seen[2].payload.end()), payload);
        EXPECT_FALSE(seen[3].compressed);
        EXPECT_TRUE(seen[3].first && seen[3].last);
        end.engine.fail(error_code::invalid_utf8, end.clock.now(), 2);
        EXPECT_EQ(end.engine.outcome().cause.offset, wire.size() - 2);
    }
}

TEST(ConnectionReceive, LacksNoPayloadInsideAControlFrame) {
    endpoint client{role::client};
    octets wire = on_wire({.opcode = 9, .payload = octets(20, 7)});
    wire.resize(10);
    client.feed(wire);
    EXPECT_EQ(client.engine.payload_missing(), 0U);
}

TEST(ConnectionReceive, GivesTheSameMessageHoweverItIsFragmentedAndCut) {
    tests::proves({"6455-5.4-01", "6455-5.4-03", "6455-5.4-08", "6455-5.4-12", "6455-5.6-03",
                   "6455-6.2-01", "6455-6.2-04", "6455-5.2-12"});
    const octets text = octets_of("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x8e\xb5 text");
    for (const role self : both_roles) {
        const endpoint shape{self};
        for (std::size_t first = 0; first <= text.size(); ++first) {
            const auto at = text.begin() + static_cast<std::ptrdiff_t>(first);
            dialogue talk{self};
            talk.receive(on_wire(shape.from_peer(1, octets(text.begin(), at), false)));
            talk.receive(on_wire(shape.from_peer(0, octets(at, text.end()), true)));
            EXPECT_EQ(cut_in_every_way(talk), "");
            EXPECT_EQ(talk.run_whole().log.at(0), "text " + tests::shown(text));
        }
    }
}

TEST(ConnectionReceive, TakesMessagesOfEverySizeOfLength) {
    tests::proves({"6455-5.2-08", "6455-5.6-04"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        dialogue talk{self};
        lines expected;
        for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 65537U}) {
            octets payload(size);
            for (std::size_t i = 0; i < size; ++i) {
                payload[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
            }
            talk.receive(on_wire(shape.from_peer(2, payload)));
            expected.push_back("binary " + tests::shown(payload));
        }
        lines log = talk.run_whole().log;
        log.pop_back();
        EXPECT_TRUE(log == expected);
        EXPECT_EQ(cut_in_every_way(talk), "");
    }
}

TEST(ConnectionReceive, FindsFramesByLengthNotByContent) {
    tests::proves({"6455-10.7-05"});
    const endpoint shape{role::server};
    const octets inner = on_wire(shape.from_peer(8, "\x03\xe8"));
    dialogue talk{role::server};
    talk.receive(on_wire(shape.from_peer(2, inner))).receive(on_wire(shape.from_peer(1, "end")));
    EXPECT_EQ(cut_in_every_way(talk), "");
    EXPECT_EQ(talk.run_whole().log.at(1), "text \"end\"");
}

TEST(ConnectionReceive, TakesNoFrameOutOfTheRestOfAnother) {
    tests::proves({"6455-10.7-05"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        const octets inner = on_wire(shape.from_peer(1, "inner"));
        for (const unsigned op : {1U, 2U, 9U, 10U}) {
            wire_frame frame = shape.from_peer(op, "");
            frame.key = {};  // the payload stands on the wire as it is
            frame.payload = op == 1 ? octets_of("not masked") : inner;
            dialogue talk{self};
            talk.receive(on_wire(frame)).receive(on_wire(shape.from_peer(1, "outer")));
            EXPECT_EQ(cut_in_every_way(talk), "");
            const lines log = talk.run_whole().log;
            EXPECT_EQ(log.at(log.size() - 2), "text \"outer\"");
            EXPECT_EQ(std::count(log.begin(), log.end(), "text \"inner\""), 0);
        }
        // A head that looks like one and a half.
        wire_frame frame = shape.from_peer(2, octets(0x8181 - 0x8000, 1));
        dialogue talk{self};
        talk.receive(on_wire(frame)).receive(inner);
        EXPECT_EQ(cut_in_every_way(talk), "");
    }
}

// ---- pings

TEST(ConnectionReceive, AnswersAPingWithItsOwnPayload) {
    tests::proves(
        {"6455-5.5.2-01", "6455-5.5.2-02", "6455-5.5.2-03", "6455-5.5.3-01", "6455-6.2-02"});
    for (const role self : both_roles) {
        for (std::size_t size = 0; size <= max_control_bytes; ++size) {
            endpoint end{self};
            octets payload(size);
            for (std::size_t i = 0; i < size; ++i) {
                payload[i] = static_cast<std::uint8_t>(i * 37);
            }
            end.feed(end.from_peer(9, payload));
            EXPECT_EQ(end.log,
                      (lines{"ping " + tests::shown(payload), "> pong " + tests::shown(payload)}));
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
        }
    }
}

TEST(ConnectionReceive, AnswersBetweenTheFragmentsOfAMessage) {
    tests::proves({"6455-5.4-06", "6455-5.4-10"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        dialogue talk{self};
        talk.receive(on_wire(shape.from_peer(1, "a", false)))
            .receive(on_wire(shape.from_peer(9, "p")))
            .receive(on_wire(shape.from_peer(10, "q")))
            .receive(on_wire(shape.from_peer(0, "b")));
        EXPECT_EQ(cut_in_every_way(talk), "");
        EXPECT_EQ(talk.run_whole().log,
                  (lines{"ping \"p\"", "> pong \"p\"", "pong \"q\"", "text \"ab\"",
                         "closed 1006 unclean by nobody because unexpected_end at " +
                             std::to_string(talk.size())}));
    }
}

TEST(ConnectionReceive, SaysNothingToAPong) {
    tests::proves({"6455-5.5.3-04"});
    endpoint end{role::server};
    for (int i = 0; i < 100'000; ++i) {
        end.engine.receive(byte_span{}, end.clock.now());
        octets wire = on_wire(end.from_peer(10, octets(125, 1)));
        const step done = end.engine.receive(wire, end.clock.now());
        ASSERT_EQ(done.what.kind, event_kind::pong);
        ASSERT_TRUE(end.engine.output().empty());
        ASSERT_FALSE(end.engine.needs_workspace());
    }
}

TEST(ConnectionReceive, AnswersTheNewestOfThePingsThatPileUp) {
    tests::proves({"6455-5.5.3-02"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        for (unsigned i = 0; i < 1000; ++i) {
            end.feed(end.from_peer(9, octets(i % 126, static_cast<std::uint8_t>(i))));
            ASSERT_LE(end.engine.output().size(), 131U);
        }
        end.log.clear();
        end.release_output();
        EXPECT_EQ(end.log, (lines{"> pong " + tests::shown(octets(999 % 126, 999 % 256))}));
    }
}

TEST(ConnectionReceive, ReplacesAPongAmongOtherFramesButNotOneThatIsPartlyGone) {
    tests::proves({"6455-5.5.3-02"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        EXPECT_FALSE(end.ping(octets_of("mine")));
        end.feed(end.from_peer(9, "first"));
        EXPECT_FALSE(end.send(opcode::text, octets_of("between")));
        end.feed(end.from_peer(9, "second, and longer"));
        EXPECT_FALSE(end.pong(octets_of("unasked")));
        // One octet of our ping leaves: the pong behind it can still be replaced.
        const auto leave = [&end](std::size_t size) {
            append(end.sent, end.engine.output().first(size));
            end.engine.output_sent(size, end.clock.now());
        };
        leave(1);
        end.feed(end.from_peer(9, "third"));
        const std::size_t head = self == role::server ? 2 : 6;
        leave(head + 4 - 1 + head + 7 + head + 7 + 1);  // up to the first octet of that pong
        end.feed(end.from_peer(9, "fourth"));
        end.feed(end.from_peer(9, "fifth"));
        end.log.clear();
        end.release_output();
        EXPECT_EQ(end.log, (lines{"> ping \"mine\"", "> text \"between\"", "> pong \"unasked\"",
                                  "> pong \"third\"", "> pong \"fifth\""}));
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionReceive, ReplacesAPongOfWhichNothingHasLeftWhereverItStands) {
    tests::proves({"6455-5.5.3-02"});
    for (const role self : both_roles) {
        const std::size_t head = self == role::server ? 2 : 6;
        // All before the pong leaves, and not an octet of it.
        endpoint front{self};
        front.hold_output();
        EXPECT_FALSE(front.ping(octets_of("mine")));
        front.feed(front.from_peer(9, "first"));
        append(front.sent, front.engine.output().first(head + 4));
        front.engine.output_sent(head + 4, front.clock.now());
        front.feed(front.from_peer(9, "second"));
        front.log.clear();
        front.release_output();
        EXPECT_EQ(front.log, (lines{"> ping \"mine\"", "> pong \"second\""}));

        // What waits moves to the front of the output, because the end of it is used up.
        endpoint moved{self, {}, 1000};
        moved.hold_output();
        EXPECT_FALSE(moved.send(opcode::binary, octets(400, 'a')));
        moved.feed(moved.from_peer(9, "first"));
        append(moved.sent, moved.engine.output().first(390));
        moved.engine.output_sent(390, moved.clock.now());
        EXPECT_FALSE(moved.send(opcode::binary, octets(330, 'b')));
        moved.feed(moved.from_peer(9, "second"));
        moved.log.clear();
        moved.release_output();
        EXPECT_EQ(moved.log,
                  (lines{"> binary 400 x \"a\"", "> binary 330 x \"b\"", "> pong \"second\""}));
        EXPECT_TRUE(moved.faults.empty()) << joined(moved.faults);
    }
}

// ---- all that is wrong

struct mistake {
    std::string name;
    lines good;  // what comes before it is reported
    std::vector<wire_frame> frames;
    error_code why;
    std::size_t offset_in_last;  // of the first wrong octet, in the last frame
};

std::vector<mistake> mistakes_to(role self) {
    const endpoint shape{self};
    const std::size_t head = shape.from_peer(1).head_size();
    std::vector<mistake> all;
    const auto add = [&all](std::string name, std::vector<wire_frame> frames, error_code why,
                            std::size_t offset, lines good = {}) {
        all.push_back({std::move(name), std::move(good), std::move(frames), why, offset});
    };
    for (const unsigned op : {0U, 1U, 2U, 8U, 9U, 10U}) {
        for (unsigned rsv = 1; rsv < 8; ++rsv) {
            wire_frame frame = shape.from_peer(op, "");
            frame.rsv = rsv;
            add("rsv", {frame}, error_code::frame_reserved_bit, 0);
        }
        wire_frame frame = shape.from_peer(op, "no");
        frame.masked = !frame.masked;
        if (op != 0) {
            add("mask", {frame},
                self == role::server ? error_code::frame_not_masked : error_code::frame_masked, 1);
        }
    }
    for (const unsigned op : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        for (const bool final : {false, true}) {
            add("opcode", {shape.from_peer(op, "", final)}, error_code::frame_reserved_opcode, 0);
            add("opcode", {shape.from_peer(op, "xyz", final)}, error_code::frame_reserved_opcode,
                0);
        }
    }
    for (const unsigned op : {8U, 9U, 10U}) {
        add("fragment", {shape.from_peer(op, "", false)}, error_code::control_fragmented, 0);
        add("long", {shape.from_peer(op, octets(126, 'l'))}, error_code::control_payload_too_long,
            1);
    }
    for (const unsigned bits : {16U, 64U}) {
        wire_frame frame = shape.from_peer(1, "short");
        frame.length_bits = bits;
        add("minimal", {frame}, error_code::frame_length_not_minimal, 2);
    }
    for (const std::uint64_t size :
         {1ULL << 63, (1ULL << 63) + 1, ~0ULL, ~0ULL - 3, ~0ULL - 13, (1ULL << 63) - 1, 1ULL << 62,
          (1ULL << 32) - 1, 1ULL << 32, 1ULL << 31, (1ULL << 31) - 1}) {
        wire_frame frame = shape.from_peer(2, octets(100, 'b'));
        frame.announced = size;
        const error_code why =
            size >> 63 != 0 ? error_code::frame_length_top_bit : error_code::frame_too_big;
        add("length", {frame}, why, 2);
        frame.opcode = 0;
        add("length of a second fragment", {shape.from_peer(2, "first", false), frame}, why, 2);
        add("length of an orphan", {frame}, error_code::continuation_without_start, 0);
    }
    add("orphan", {shape.from_peer(0, "x")}, error_code::continuation_without_start, 0);
    add("orphan", {shape.from_peer(1, "m"), shape.from_peer(0, "x", false)},
        error_code::continuation_without_start, 0, {"text \"m\""});
    add("interleaved", {shape.from_peer(1, "a", false), shape.from_peer(1, "b")},
        error_code::message_not_finished, 0);
    add("interleaved", {shape.from_peer(2, "", false), shape.from_peer(1, "b", false)},
        error_code::message_not_finished, 0);
    add("utf-8", {shape.from_peer(1, "ab\xed\xa0\x80")}, error_code::invalid_utf8, head + 3);
    add("utf-8", {shape.from_peer(1, "\xe2\x82", false), shape.from_peer(0, "\xc0 and more")},
        error_code::invalid_utf8, head);
    add("utf-8", {shape.from_peer(1, "ab\xe2\x82")}, error_code::invalid_utf8, head + 4);
    add("utf-8", {shape.from_peer(1, "\xf0", false), shape.from_peer(0, "")},
        error_code::invalid_utf8, head);
    add("close", {shape.from_peer(8, "x")}, error_code::close_payload_one_byte, head);
    for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U}) {
        add("close", {shape.close_from_peer(code)}, error_code::close_code_invalid, head);
    }
    add("close", {shape.close_from_peer(1000, "ok\xff")}, error_code::close_reason_not_utf8,
        head + 4);
    add("close", {shape.close_from_peer(1000, "ok\xc3")}, error_code::close_reason_not_utf8,
        head + 5);
    return all;
}

TEST(ConnectionReceive, FailsOnEachMistakeAndDeliversNothingAfterIt) {
    tests::proves({"6455-5.1-02",   "6455-5.1-03",   "6455-5.1-05",   "6455-5.1-06",
                   "6455-5.2-04",   "6455-5.2-05",   "6455-5.2-09",   "6455-5.2-11",
                   "6455-5.4-04",   "6455-5.4-05",   "6455-5.4-07",   "6455-5.5-02",
                   "6455-5.5-03",   "6455-5.5.1-02", "6455-5.6-02",   "6455-5.8-01",
                   "6455-7.1.7-01", "6455-7.1.7-02", "6455-7.1.7-03", "6455-7.1.7-05",
                   "6455-7.1.7-07", "6455-7.2.1-01", "6455-7.4.1-04", "6455-7.4.1-09",
                   "6455-8.1-01",   "6455-10.1-01",  "6455-10.7-01",  "6455-10.7-03"});
    for (const role self : both_roles) {
        const endpoint shape{self};
        for (const mistake& one : mistakes_to(self)) {
            dialogue talk{self};
            std::size_t begin = 0;
            for (const wire_frame& frame : one.frames) {
                begin = talk.size();
                talk.receive(on_wire(frame));
            }
            talk.receive(on_wire(shape.from_peer(1, "X")));
            talk.receive(on_wire(shape.from_peer(9, "P")));
            talk.receive(on_wire(shape.close_from_peer(1000)));
            lines expected = one.good;
            expected.push_back(close_for(facts_of(one.why).answer, one.why));
            expected.push_back("> fin");
            expected.push_back(std::string("closed 1006 unclean by local because ") +
                               facts_of(one.why).name + " at " +
                               std::to_string(begin + one.offset_in_last));
            EXPECT_EQ(talk.run_whole().log, expected) << one.name;
            EXPECT_EQ(cut_in_every_way(talk), "") << one.name;
        }
    }
}

TEST(ConnectionReceive, AnswersTheFirstWrongOctetWithoutWaitingForMore) {
    tests::proves({"6455-5.6-02", "6455-10.4-01"});
    for (const role self : both_roles) {
        for (const mistake& one : mistakes_to(self)) {
            octets wire;
            std::size_t begin = 0;
            for (const wire_frame& frame : one.frames) {
                begin = wire.size();
                append(wire, on_wire(frame));
            }
            // A length is wrong as a whole, and a control frame is judged as a whole.
            const bool is_length = one.offset_in_last == 2;
            const std::size_t last = is_length ? begin + 10
                                     : one.frames.back().opcode == 8 && one.offset_in_last > 1
                                         ? wire.size()
                                         : begin + one.offset_in_last + 1;
            endpoint end{self};
            end.feed(byte_view{wire}.first(std::min(wire.size(), last)));
            EXPECT_TRUE(end.engine.wants_shutdown()) << one.name;
            EXPECT_EQ(end.engine.state(), close_state::draining) << one.name;
        }
    }
}

// ---- limits

limits with(const std::function<void(limits&)>& change) {
    limits bounds;
    change(bounds);
    return bounds;
}

TEST(ConnectionReceive, TakesAFrameAsLongAsItsLimit) {
    tests::proves({"6455-10.4-01", "6455-10.4-02", "6455-7.4.1-11"});
    const limits bounds = with([](limits& l) { l.frame_bytes = 200; });
    for (const role self : both_roles) {
        endpoint end{self, bounds};
        end.feed(end.from_peer(2, octets(200, 1)));
        end.feed(end.from_peer(2, octets(200, 1), false));
        end.feed(end.from_peer(0, octets(200, 1)));
        EXPECT_EQ(end.log.size(), 2U);
        // The head alone is enough.
        octets wire = on_wire(end.from_peer(2, octets(201, 1)));
        wire.resize(4);
        end.log.clear();
        end.feed(wire);
        EXPECT_EQ(end.log, (lines{close_for(1009, error_code::frame_too_big), "> fin"}));
    }
}

TEST(ConnectionReceive, TakesAMessageAsLongAsItsLimitOverAllFragments) {
    tests::proves({"6455-10.4-01", "6455-10.4-02"});
    const limits bounds = with([](limits& l) { l.message_bytes = 200; });
    for (const role self : both_roles) {
        endpoint end{self, bounds};
        for (int i = 0; i < 3; ++i) {  // each message has the whole limit to itself
            end.feed(end.from_peer(2, octets(150, 1), false));
            end.feed(end.from_peer(0, octets(49, 1), false));
            end.feed(end.from_peer(0, octets(1, 1)));
        }
        EXPECT_EQ(end.log.size(), 3U);
        end.feed(end.from_peer(2, octets(150, 1), false));
        end.log.clear();
        octets wire = on_wire(end.from_peer(0, octets(51, 1)));
        wire.resize(2);
        end.feed(wire);
        EXPECT_EQ(end.log, (lines{close_for(1009, error_code::message_too_big), "> fin"}));
    }
}

TEST(ConnectionReceive, JudgesAWholeMessageInOneReadByTheSameLimits) {
    tests::proves({"6455-10.4-01", "6455-10.4-02"});
    const auto verdict = [](role self, const limits& bounds, std::size_t size) {
        const endpoint shape{self};
        dialogue talk{self, bounds};
        talk.receive(on_wire(shape.from_peer(2, octets(size, 1))));
        talk.receive(on_wire(shape.from_peer(1, "X")));
        EXPECT_EQ(cut_in_every_way(talk), "");
        return talk.run_whole().log.at(0);
    };
    for (const role self : both_roles) {
        for (const std::size_t limit : {5U, 125U, 126U, 300U}) {
            const std::string whole = "binary " + tests::shown(octets(limit, 1));
            const limits frame = with([limit](limits& l) { l.frame_bytes = limit; });
            EXPECT_EQ(verdict(self, frame, limit), whole);
            EXPECT_EQ(verdict(self, frame, limit + 1), close_for(1009, error_code::frame_too_big));
            const limits message = with([limit](limits& l) { l.message_bytes = limit; });
            EXPECT_EQ(verdict(self, message, limit), whole);
            EXPECT_EQ(verdict(self, message, limit + 1),
                      close_for(1009, error_code::message_too_big));
        }
        const limits none = with([](limits& l) { l.message_frames = 0; });
        EXPECT_EQ(verdict(self, none, 5), close_for(1008, error_code::too_many_fragments));
    }
}

TEST(ConnectionReceive, CountsTheFramesOfAMessageAlsoTheEmptyOnes) {
    tests::proves({"6455-5.4-11", "6455-7.4.1-10", "6455-10.4-01"});
    for (const role self : both_roles) {
        const limits bounds = with([](limits& l) { l.message_frames = 3; });
        endpoint end{self, bounds};
        end.feed(end.from_peer(1, "", false));
        end.feed(end.from_peer(9, ""));
        end.feed(end.from_peer(0, "", false));
        end.feed(end.from_peer(0, ""));
        EXPECT_EQ(end.log.back(), "text \"\"");
        end.feed(end.from_peer(1, "", false));
        end.feed(end.from_peer(0, "a", false));
        end.feed(end.from_peer(0, "", false));
        EXPECT_TRUE(end.engine.is_open());
        end.log.clear();
        end.feed(end.from_peer(0, ""));
        EXPECT_EQ(end.log, (lines{close_for(1008, error_code::too_many_fragments), "> fin"}));
    }
}

TEST(ConnectionReceive, EndsAnEndlessMessageOfEmptyFragmentsWithinItsDefaultLimits) {
    tests::proves({"6455-10.4-01"});
    endpoint end{role::server};
    octets wire = on_wire(end.from_peer(1, "", false));
    for (int i = 0; i < 1'000'000; ++i) {
        append(wire, on_wire(end.from_peer(0, "", false)));
    }
    end.feed(wire);
    const limits defaults;
    // The head of the frame beyond the limit is the last that is looked at.
    EXPECT_EQ(end.engine.outcome().cause.code, error_code::too_many_fragments);
    EXPECT_EQ(end.engine.outcome().cause.offset, defaults.message_frames * 6);
    EXPECT_LE(end.steps, 2U);
}

TEST(ConnectionReceive, HasFiniteLimitsUnlessToldOtherwise) {
    tests::proves({"6455-10.4-02"});
    endpoint end{role::server};
    octets wire = on_wire(end.from_peer(2, octets((1 << 20) + 1, 1)));
    wire.resize(10);
    end.feed(wire);
    EXPECT_EQ(end.log.at(0), close_for(1009, error_code::frame_too_big));
}

// ---- every short sequence of frames

/// RFC 6455 §5.4 as an automaton over frames: T and B begin, C continues, P and Q are pings, X is a
/// Close; a small letter has FIN = 0.
std::string judged(const std::string& frames) {
    char open = 0;
    std::string log;
    for (const char frame : frames) {
        const bool final = frame < 'a';
        const char kind = final ? frame : static_cast<char>(frame - 'a' + 'A');
        if (kind == 'P') {
            log += 'P';
        } else if (kind == 'X') {
            return log + 'X';
        } else if ((kind == 'C') != (open != 0)) {
            return log + '!';
        } else {
            open = kind == 'C' ? open : kind;
            log += final ? open : '\0';
            open = final ? '\0' : open;
        }
        if (!log.empty() && log.back() == '\0') {
            log.pop_back();
        }
    }
    return log;
}

std::string lived(role self, const std::string& frames, bool octet_by_octet) {
    static connection_config config;
    static tests::key_double keys;
    config.self = self;
    config.keys = {&tests::key_double::next, &keys};
    octets memory(workspace::minimum_output_bytes);
    workspace room{memory};
    const time_point now{};
    connection engine{config, now};
    engine.attach(room);
    octets wire;
    for (const char frame : frames) {
        const bool final = frame < 'a';
        const std::string kinds = "CTB";
        const char kind = final ? frame : static_cast<char>(frame - 'a' + 'A');
        const std::size_t place = kinds.find(kind);
        const unsigned op = kind == 'P' ? 9U : kind == 'X' ? 8U : static_cast<unsigned>(place);
        append(wire, on_wire({.opcode = op,
                              .payload = octets(place == 0    ? 0
                                                : kind == 'X' ? 0
                                                              : 1,
                                                'z'),
                              .final = final,
                              .masked = self == role::server,
                              .key = {1, 2, 3, 4}}));
    }
    std::string log;
    for (std::size_t at = 0; at < wire.size();) {
        byte_span in = byte_span{wire}.subspan(at);
        if (octet_by_octet) {
            in = in.first(1);
        }
        const step done = engine.receive(in, now);
        at += done.taken;
        if (done.what.kind == event_kind::ping) {
            log += 'P';
        } else if (done.what.kind == event_kind::data && done.what.last) {
            log += done.what.type == opcode::text ? 'T' : 'B';
        }
    }
    if (engine.state() == close_state::failing) {
        return log + '!';
    }
    return engine.is_open() ? log : log + 'X';
}

TEST(ConnectionReceive, JudgesEveryShortSequenceOfFramesLikeTheAutomaton) {
    tests::proves(
        {"6455-5.4-03", "6455-5.4-04", "6455-5.4-05", "6455-5.4-09", "6455-5.4-17", "6455-6.2-05"});
    const std::string alphabet = "tTbBcCPX";
    for (std::size_t length = 1; length <= 6; ++length) {
        std::size_t count = 1;
        for (std::size_t i = 0; i < length; ++i) {
            count *= alphabet.size();
        }
        for (std::size_t number = 0; number < count; ++number) {
            std::string frames;
            for (std::size_t i = 0, rest = number; i < length; ++i, rest /= alphabet.size()) {
                frames += alphabet[rest % alphabet.size()];
            }
            const std::string expected = judged(frames);
            const role self = both_roles[number % 2];
            ASSERT_EQ(lived(self, frames, number % 4 < 2), expected) << frames;
            if (length < 5) {
                for (const role other : both_roles) {
                    ASSERT_EQ(lived(other, frames, false), expected) << frames;
                    ASSERT_EQ(lived(other, frames, true), expected) << frames;
                }
            }
        }
    }
}

// ---- sizes next to each other

TEST(ConnectionReceive, TakesFramesOfEverySizeInEveryOrder) {
    tests::proves({"6455-5.4-11"});
    const std::size_t sizes[] = {0, 1, 126};
    const unsigned kinds[] = {1, 0, 9, 10};
    for (const role self : both_roles) {
        const endpoint shape{self};
        for (unsigned number = 0; number < 12 * 12 * 12; ++number) {
            dialogue talk{self};
            talk.receive(on_wire(shape.from_peer(1, "", false)));
            std::string text;
            lines expected;
            unsigned rest = number;
            for (int i = 0; i < 3; ++i, rest /= 12) {
                const unsigned op = kinds[rest % 4];
                const std::size_t size = sizes[rest / 4 % 3];
                const octets payload(op > 8 && size > 125 ? 125 : size, 'z');
                if (op == 1) {  // ends the message that is open and begins another
                    talk.receive(on_wire(shape.from_peer(0, payload)));
                    talk.receive(on_wire(shape.from_peer(1, payload, false)));
                    expected.push_back(
                        "text " + tests::shown(octets_of(text + std::string(payload.size(), 'z'))));
                    text = std::string(payload.size(), 'z');
                } else if (op == 0) {
                    talk.receive(on_wire(shape.from_peer(0, payload, false)));
                    text += std::string(payload.size(), 'z');
                } else {
                    talk.receive(on_wire(shape.from_peer(op, payload)));
                    expected.push_back((op == 9 ? "ping " : "pong ") + tests::shown(payload));
                    if (op == 9) {
                        expected.push_back("> pong " + tests::shown(payload));
                    }
                }
            }
            talk.receive(on_wire(shape.from_peer(0, "")));
            expected.push_back("text " + tests::shown(octets_of(text)));
            const dialogue::record whole = talk.run_whole();
            ASSERT_EQ(whole.faults, lines{});
            lines log = whole.log;
            log.pop_back();
            ASSERT_EQ(log, expected);
            ASSERT_TRUE(talk.run([](std::size_t) { return true; }, true) == whole);
        }
    }
}

}  // namespace
}  // namespace plainsong
