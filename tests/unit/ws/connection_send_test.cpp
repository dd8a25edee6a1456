// SPDX-License-Identifier: MIT
// connection_send_test.cpp — commands to octets: messages, fragments, keys, and an output that fills.
//
// Covers: ws/connection (its speaking half), ws/connection's workspace.
#include <plainsong/ws/connection.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/endpoint.hpp"
#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

using tests::append;
using tests::endpoint;
using tests::joined;
using tests::octets;
using tests::octets_of;
using tests::on_wire;

using lines = std::vector<std::string>;

constexpr role both_roles[] = {role::server, role::client};

octets copy(byte_view bytes) {
    return {bytes.begin(), bytes.end()};
}

// ---- messages

TEST(ConnectionSend, MarksACompressedMessageInItsFirstFrameOnly) {
    tests::proves({"7692-6.1-01", "7692-6.1-02", "7692-6.1-03", "7692-6.1-04"});
    for (const role self : {role::server, role::client}) {
        endpoint end{self};
        const octets payload = {0xf2, 0x48};
        frame_header header;
        EXPECT_EQ(end.engine.send_header(opcode::text, 2, true, header, true).code(),
                  error_code::invalid_argument)
            << "it was not agreed on";
        end.engine.allow_compression();
        const auto first_octet = [&](opcode type, bool last, bool compressed) -> unsigned {
            EXPECT_FALSE(end.engine.send(type, payload, last, compressed));
            const byte_view out = end.engine.output();
            const unsigned octet = out[0];
            end.engine.output_sent(out.size(), end.clock.now());
            return octet;
        };
        EXPECT_EQ(first_octet(opcode::text, true, true), 0xc1U);
        EXPECT_EQ(first_octet(opcode::binary, false, true), 0x42U);
        EXPECT_EQ(end.engine.send(opcode::continuation, payload, true, true).code(),
                  error_code::invalid_argument);
        EXPECT_FALSE(end.engine.ping(payload));
        EXPECT_EQ(end.engine.output()[0], 0x89U);
        end.engine.output_sent(end.engine.output().size(), end.clock.now());
        EXPECT_EQ(first_octet(opcode::continuation, true, false), 0x80U);
        EXPECT_EQ(first_octet(opcode::text, true, false), 0x81U);
    }
}

TEST(ConnectionSend, WritesTheExamplesOfTheRfcAsAServer) {
    tests::proves({"6455-5.7-01", "6455-5.1-04", "6455-6.1-04", "6455-6.1-05", "6455-6.1-06",
                   "6455-6.1-07", "6455-6.1-10"});
    endpoint server{role::server};
    server.hold_output();
    EXPECT_FALSE(server.send(opcode::text, octets_of("Hello")));
    EXPECT_FALSE(server.send(opcode::text, octets_of("Hel"), false));
    EXPECT_FALSE(server.ping(octets_of("Hello")));
    EXPECT_FALSE(server.send(opcode::continuation, octets_of("lo")));
    EXPECT_EQ(copy(server.engine.output()),
              (octets{0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x01, 0x03, 0x48, 0x65, 0x6c,
                      0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x80, 0x02, 0x6c, 0x6f}));
}

TEST(ConnectionSend, WritesTheMaskedExampleOfTheRfcAsAClient) {
    tests::proves({"6455-5.7-01", "6455-5.1-01", "6455-5.3-01", "6455-5.3-06", "6455-6.1-08"});
    const mask_source source{[](void*, mask_key& key) {
                                 key = {{0x37, 0xfa, 0x21, 0x3d}};
                                 return true;
                             },
                             nullptr};
    const connection_config config{.self = role::client, .keys = source};
    octets memory(workspace::minimum_output_bytes);
    workspace room{memory};
    connection client{config, time_point{}};
    client.attach(room);
    ASSERT_FALSE(client.send(opcode::text, octets_of("Hello")));
    EXPECT_EQ(copy(client.output()),
              (octets{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
}

TEST(ConnectionSend, UsesTheShortestLengthForEverySize) {
    tests::proves(
        {"6455-5.2-03", "6455-5.2-08", "6455-5.2-11", "6455-5.2-14", "6455-6.1-01", "6455-6.1-04"});
    for (const role self : both_roles) {
        endpoint end{self, {}, 1 << 17};
        for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 65537U}) {
            octets payload(size);
            for (std::size_t i = 0; i < size; ++i) {
                payload[i] = static_cast<std::uint8_t>(i * 11 + i / 256);
            }
            end.log.clear();
            ASSERT_FALSE(end.send(opcode::binary, payload));
            EXPECT_TRUE(end.log == lines{"> binary " + tests::shown(payload)}) << size;
        }
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionSend, MasksEachFrameOfAClientWithAKeyOfItsOwn) {
    tests::proves({"6455-5.1-01", "6455-5.3-02", "6455-5.3-03", "6455-5.5.1-05", "6455-6.1-08",
                   "6455-10.3-01"});
    endpoint client{role::client, {}, 1 << 16};
    client.hold_output();
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(client.send(opcode::text, octets_of("same"), false));
        EXPECT_FALSE(client.ping({}));
        EXPECT_FALSE(client.pong(octets_of("same")));
        EXPECT_FALSE(client.send(opcode::continuation, {}, true));
    }
    client.feed(client.from_peer(9, "ping"));
    client.feed(client.close_from_peer(1000));
    client.release_output();
    EXPECT_TRUE(client.faults.empty()) << joined(client.faults);
    std::set<std::array<std::uint8_t, 4>> keys;
    std::size_t frames = 0;
    for (std::span<const std::uint8_t> rest{client.sent}; !rest.empty(); ++frames) {
        keys.insert(tests::take_frame(rest)->key);
    }
    EXPECT_EQ(frames, 82U);
    EXPECT_EQ(keys.size(), frames);
    EXPECT_EQ(client.keys.used, frames);
}

TEST(ConnectionSend, AsksForNoKeyAsAServer) {
    tests::proves({"6455-5.1-04"});
    const connection_config config{.self = role::server};  // without a source of keys
    octets memory(4096);
    workspace room{memory};
    connection server{config, time_point{}};
    server.attach(room);
    EXPECT_FALSE(server.send(opcode::text, octets_of("x")));
    EXPECT_FALSE(server.ping({}));
    EXPECT_FALSE(server.close(1000, "", time_point{}));
}

TEST(ConnectionSend, OwnsACopyOfWhatItWasGiven) {
    tests::proves({"6455-10.3-02"});
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        octets payload = octets_of("before");
        EXPECT_FALSE(end.send(opcode::text, payload));
        payload.assign(payload.size(), '!');
        end.release_output();
        EXPECT_EQ(end.log, lines{"> text \"before\""});
    }
}

TEST(ConnectionSend, GivesTheHeadAloneToThoseWhoWriteThePayloadThemselves) {
    tests::proves({"6455-5.2-08", "6455-6.1-04", "6455-6.1-08"});
    for (const role self : both_roles) {
        endpoint end{self};
        for (const std::uint64_t size : {0ULL, 125ULL, 126ULL, 65536ULL, max_payload_size + 0ULL}) {
            frame_head head;
            mask_key key;
            ASSERT_FALSE(end.engine.send_head(opcode::binary, size, true, head, key));
            EXPECT_EQ(copy(head.view()), tests::head_on_wire({.opcode = 2,
                                                              .masked = self == role::client,
                                                              .key = key.bytes,
                                                              .announced = size}));
            EXPECT_EQ(key == mask_key{}, self == role::server);
        }
        EXPECT_TRUE(end.engine.output().empty());
        frame_head head;
        mask_key key;
        EXPECT_EQ(
            end.engine.send_head(opcode::binary, max_payload_size + 1, true, head, key).code(),
            error_code::invalid_argument);
    }
}

TEST(ConnectionSend, KeepsTheOrderOfFragments) {
    tests::proves({"6455-5.4-03", "6455-5.4-09", "6455-5.4-17", "6455-6.1-06", "6455-6.1-07"});
    for (const role self : both_roles) {
        endpoint end{self};
        EXPECT_EQ(end.send(opcode::continuation, {}).code(), error_code::no_message_in_progress);
        EXPECT_FALSE(end.send(opcode::binary, octets_of("a"), false));
        EXPECT_EQ(end.send(opcode::text, {}).code(), error_code::message_in_progress);
        EXPECT_EQ(end.send(opcode::binary, {}, false).code(), error_code::message_in_progress);
        EXPECT_FALSE(end.send(opcode::continuation, {}, false));
        EXPECT_FALSE(end.pong(octets_of("in between")));
        EXPECT_FALSE(end.send(opcode::continuation, octets_of("b")));
        EXPECT_EQ(end.send(opcode::continuation, {}).code(), error_code::no_message_in_progress);
        EXPECT_FALSE(end.send(opcode::text, {}));
        EXPECT_EQ(end.log, (lines{"> binary more \"a\"", "> continuation more \"\"",
                                  "> pong \"in between\"", "> continuation \"b\"", "> text \"\""}));
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionSend, SendsNoOpcodeButThoseOfData) {
    tests::proves({"6455-5.6-01"});
    for (const role self : both_roles) {
        for (const bool in_message : {false, true}) {
            endpoint end{self};
            if (in_message) {
                ASSERT_FALSE(end.send(opcode::text, {}, false));
            }
            end.log.clear();
            for (std::uint8_t op = 3; op < 16; ++op) {
                EXPECT_EQ(end.send(static_cast<opcode>(op), {}).code(),
                          error_code::invalid_argument);
            }
            EXPECT_TRUE(end.log.empty());
        }
    }
}

TEST(ConnectionSend, SendsControlFramesOfUpTo125Octets) {
    tests::proves({"6455-5.5-02", "6455-5.5.2-01", "6455-5.5.2-04", "6455-5.5.3-03"});
    for (const role self : both_roles) {
        endpoint end{self};
        for (const std::size_t size : {0U, 1U, 125U}) {
            EXPECT_FALSE(end.ping(octets(size, 'i')));
            EXPECT_FALSE(end.pong(octets(size, 'o')));
        }
        EXPECT_EQ(end.log.size(), 6U);
        EXPECT_EQ(end.ping(octets(126)).code(), error_code::control_too_long);
        EXPECT_EQ(end.pong(octets(126)).code(), error_code::control_too_long);
        EXPECT_EQ(end.log.size(), 6U);
        EXPECT_EQ(end.log.back(), "> pong 125 x \"o\"");
    }
}

TEST(ConnectionSend, SendsNothingOnceItHasClosed) {
    tests::proves({"6455-5.1-07", "6455-5.5.1-06", "6455-6.1-02", "6455-6.1-03"});
    using act = void (*)(endpoint&);
    const act ways_to_close[] = {
        [](endpoint& end) { ASSERT_FALSE(end.close(1000)); },
        [](endpoint& end) { end.feed(end.close_from_peer(1000)); },
        [](endpoint& end) { end.fail(error_code::send_queue_overflow); },
        [](endpoint& end) { end.end(); },
        [](endpoint& end) { end.lose(error_code::connection_reset); },
    };
    for (const role self : both_roles) {
        for (const act way : ways_to_close) {
            endpoint end{self};
            ASSERT_FALSE(end.send(opcode::text, octets_of("first"), false));
            way(end);
            const octets sent = end.sent;
            for (const opcode op : {opcode::continuation, opcode::text, opcode::binary}) {
                EXPECT_EQ(end.send(op, octets_of("late")).code(), error_code::not_open);
                EXPECT_EQ(end.send(op, octets(1 << 20)).code(), error_code::not_open);
            }
            EXPECT_EQ(end.ping({}).code(), error_code::not_open);
            EXPECT_EQ(end.pong({}).code(), error_code::not_open);
            EXPECT_EQ(end.close(1000).code(), error_code::not_open);
            end.fail(error_code::send_queue_overflow);
            end.feed(end.from_peer(9, "ping"));
            EXPECT_EQ(end.sent, sent);
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
        }
    }
}

// ---- an output that fills

TEST(ConnectionSend, LeavesRoomForAPongAndACloseInTheSmallestOutput) {
    tests::guarded_memory memory{workspace::minimum_output_bytes};
    for (const role self : both_roles) {
        tests::key_double keys;
        const connection_config config{.self = self, .keys = {&tests::key_double::next, &keys}};
        const octets longest(125, 'x');
        workspace room{memory.at_end(workspace::minimum_output_bytes)};
        connection end{config, time_point{}};
        end.attach(room);
        EXPECT_FALSE(end.ping(longest));
        EXPECT_FALSE(end.ping(longest));
        while (!end.ping(longest)) {
        }
        EXPECT_EQ(end.ping({}).code(), error_code::output_full);
        EXPECT_EQ(end.pong({}).code(), error_code::output_full);
        EXPECT_EQ(end.send(opcode::text, {}).code(), error_code::output_full);
        EXPECT_EQ(end.send(opcode::text, octets(1 << 20)).code(), error_code::output_full);
        const std::size_t before = end.output().size();
        // A part of the first ping leaves, so nothing can be taken back.
        end.output_sent(1, time_point{});
        octets wire = on_wire(
            {.opcode = 9, .payload = longest, .masked = self == role::server, .key = {1, 2, 3, 4}});
        EXPECT_EQ(end.receive(wire, time_point{}).what.kind, event_kind::ping);
        const std::size_t pong = 127U + (self == role::client ? 4U : 0U);
        EXPECT_EQ(end.output().size(), before - 1 + pong);
        EXPECT_FALSE(end.close(1000, std::string(123, 'r'), time_point{}));
        EXPECT_EQ(end.output().size(), before - 1 + 2 * pong);
        EXPECT_EQ(end.state(), close_state::close_sent);
    }
}

TEST(ConnectionSend, FillsTheOutputToTheReserveAndGoesOnWhenSomeHasLeft) {
    for (const role self : both_roles) {
        endpoint end{self, {}, 1000};
        end.hold_output();
        // 1000 octets, less a head of 14 and what a pong and a Close may need.
        const std::size_t most = 1000 - 14 - 2 * 131;
        EXPECT_EQ(end.send(opcode::binary, octets(most + 1, 'a')).code(), error_code::output_full);
        EXPECT_FALSE(end.send(opcode::binary, octets(most, 'a')));
        EXPECT_EQ(end.send(opcode::binary, {}).code(), error_code::output_full);
        append(end.sent, end.engine.output().first(300));
        end.engine.output_sent(300, end.clock.now());
        // The free octets are at both ends of what waits.
        EXPECT_FALSE(end.send(opcode::text, octets_of(std::string(280, 'b'))));
        EXPECT_EQ(end.send(opcode::text, octets_of(std::string(100, 'c'))).code(),
                  error_code::output_full);
        end.release_output();
        EXPECT_EQ(end.log,
                  (lines{"> binary " + std::to_string(most) + " x \"a\"", "> text 280 x \"b\""}));
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

TEST(ConnectionSend, IsTheSameHoweverLittleLeavesAtATime) {
    tests::proves({"6455-6.1-10"});
    for (const role self : both_roles) {
        octets whole;
        for (const std::size_t most : {1U << 20, 1U, 2U, 3U, 7U, 64U}) {
            endpoint end{self, {}, 800};
            end.hold_output();
            const auto leave = [&] {
                const std::size_t size = std::min(most + 0UL, end.engine.output().size());
                append(end.sent, end.engine.output().first(size));
                end.engine.output_sent(size, end.clock.now());
            };
            for (int i = 0; i < 30; ++i) {
                while (end.send(opcode::text, octets(static_cast<std::size_t>(i * 13), 'm'))) {
                    leave();
                }
            }
            while (end.ping(octets_of("p"))) {
                leave();
            }
            ASSERT_FALSE(end.close(1001, "bye"));
            while (!end.engine.output().empty()) {
                leave();
            }
            end.release_output();
            EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
            whole = whole.empty() ? end.sent : whole;
            EXPECT_EQ(end.sent, whole);
        }
    }
}

// ---- a source of keys that runs dry

TEST(ConnectionSend, SendsNothingWithoutAKey) {
    tests::proves({"6455-5.3-04", "6455-10.3-01"});
    endpoint client{role::client};
    client.keys.left = 0;
    EXPECT_EQ(client.send(opcode::text, octets_of("x")).code(), error_code::no_entropy);
    EXPECT_EQ(client.ping({}).code(), error_code::no_entropy);
    EXPECT_EQ(client.pong({}).code(), error_code::no_entropy);
    EXPECT_EQ(client.close(1000).code(), error_code::no_entropy);
    EXPECT_TRUE(client.engine.is_open());
    EXPECT_TRUE(client.sent.empty());
    // Nothing was begun either.
    client.keys.left = 9;
    EXPECT_EQ(client.send(opcode::continuation, {}).code(), error_code::no_message_in_progress);
    EXPECT_FALSE(client.send(opcode::text, octets_of("x"), false));
    client.keys.left = 0;
    EXPECT_EQ(client.send(opcode::continuation, {}).code(), error_code::no_entropy);
    client.keys.left = 9;
    EXPECT_FALSE(client.send(opcode::continuation, octets_of("y")));
    EXPECT_EQ(client.log, (lines{"> text more \"x\"", "> continuation \"y\""}));
}

TEST(ConnectionSend, FailsTheConnectionIfAnAnswerHasNoKey) {
    tests::proves({"6455-5.3-04"});
    endpoint client{role::client};
    client.keys.left = 0;
    client.feed(client.from_peer(9, "p"));
    EXPECT_EQ(client.log, (lines{"ping \"p\"", "> fin"}));
    client.end();
    EXPECT_EQ(client.log.back(), "closed 1006 unclean by nobody because no_entropy at 3");

    endpoint idle{role::client};
    idle.keys.left = 0;
    idle.wait(limits{}.ping_after);
    EXPECT_EQ(idle.log, lines{"> fin"});
    EXPECT_TRUE(idle.sent.empty());
}

TEST(ConnectionSend, EndsUncleanIfTheAnswerToACloseHasNoKey) {
    tests::proves({"6455-5.3-04", "6455-7.1.4-02"});
    endpoint client{role::client};
    client.keys.left = 0;
    client.feed(client.close_from_peer(1001, "away"));
    client.wait(limits{}.close_within);
    EXPECT_EQ(client.log,
              lines{"closed 1001 unclean by peer because no_entropy at 8 reason \"away\""});
    EXPECT_TRUE(client.sent.empty());
}

// ---- memory

TEST(ConnectionMemory, IsSmall) {
    EXPECT_LE(sizeof(connection), 80U);
}

TEST(ConnectionMemory, IsNotNeededBetweenMessages) {
    for (const role self : both_roles) {
        endpoint end{self};
        EXPECT_FALSE(end.engine.needs_workspace());
        end.feed(end.from_peer(1, "whole"));
        end.feed(end.from_peer(9, "ping"));
        EXPECT_FALSE(end.engine.needs_workspace());
        // An open message needs none either, as long as no head and no control frame is cut.
        end.feed(end.from_peer(1, "first", false));
        octets wire = on_wire(end.from_peer(0, "second"));
        wire.pop_back();
        end.feed(wire);
        EXPECT_FALSE(end.engine.needs_workspace());
    }
}

TEST(ConnectionMemory, IsNeededForWhatIsUnfinished) {
    for (const role self : both_roles) {
        for (const unsigned op : {1U, 9U}) {
            endpoint end{self};
            const octets wire = on_wire(end.from_peer(op, "ab"));
            end.feed(byte_view{wire}.first(1));
            EXPECT_TRUE(end.engine.needs_workspace());
            end.feed(byte_view{wire}.subspan(1));
            EXPECT_FALSE(end.engine.needs_workspace());
        }
        endpoint ping{self};
        octets wire = on_wire(ping.from_peer(9, "ab"));
        ping.feed(byte_view{wire}.first(wire.size() - 1));
        EXPECT_TRUE(ping.engine.needs_workspace());
        endpoint output{self};
        output.hold_output();
        ASSERT_FALSE(output.ping({}));
        EXPECT_TRUE(output.engine.needs_workspace());
        output.release_output();
        EXPECT_FALSE(output.engine.needs_workspace());
        endpoint reason{self};
        reason.feed(reason.close_from_peer(1000, "bye"));
        EXPECT_TRUE(reason.engine.needs_workspace());
    }
}

TEST(ConnectionMemory, IsGivenBackWhenTheConnectionFails) {
    for (const role self : both_roles) {
        for (const unsigned op : {1U, 8U, 9U}) {
            const octets wire = on_wire(endpoint{self}.from_peer(op, "abcdef"));
            for (std::size_t size = 1; size < wire.size(); ++size) {
                endpoint end{self};
                end.feed(byte_view{wire}.first(size));
                end.fail(error_code::send_queue_overflow);
                EXPECT_FALSE(end.engine.needs_workspace());
                end.engine.detach();
                EXPECT_EQ(end.engine.outcome().cause.code, error_code::send_queue_overflow);
                EXPECT_EQ(end.engine.attached(), nullptr);
            }
        }
    }
}

TEST(ConnectionMemory, TellsTheOutcomeWithoutAWorkspace) {
    endpoint end{role::server};
    end.feed(end.from_peer(8, ""));
    end.end();
    ASSERT_FALSE(end.engine.needs_workspace());
    end.engine.detach();
    EXPECT_EQ(end.engine.outcome().code, close_code::no_code);
    EXPECT_EQ(end.engine.outcome().reason, "");
    EXPECT_EQ(end.engine.next_deadline(), never);
}

TEST(ConnectionMemory, TakesAllThatWaitsAlongWhenItMoves) {
    for (const role self : both_roles) {
        endpoint end{self};
        end.hold_output();
        end.be_restless();
        EXPECT_FALSE(end.ping(octets_of("mine")));
        end.feed(end.from_peer(9, "first"));
        const octets wire = on_wire(end.from_peer(9, "second"));
        for (const std::uint8_t octet : wire) {
            end.feed({&octet, 1});
        }
        append(end.sent, end.engine.output().first(3));
        end.engine.output_sent(3, end.clock.now());
        end.feed(end.from_peer(9, "third"));
        EXPECT_FALSE(end.close(1000, "bye"));
        end.log.clear();
        end.release_output();
        EXPECT_EQ(end.log, (lines{"> ping \"mine\"", "> pong \"third\"", "> close 1000 \"bye\""}));
        EXPECT_TRUE(end.faults.empty()) << joined(end.faults);
    }
}

}  // namespace
}  // namespace plainsong
