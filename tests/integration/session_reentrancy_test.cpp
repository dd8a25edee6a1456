// SPDX-License-Identifier: MIT
// Every call from inside every callback: whatever a program does there, each session is told of its
// end once and nothing is left.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

struct scene {
    memory_server rig;
    session_id self{};
    session_id other{};
    bool acted = false;
    int drained = 0;
    std::vector<memory_client> adopted;
    std::function<void(scene&)> action;

    session* find(session_id id) { return id ? rig->find(id) : nullptr; }
};

struct named_action {
    const char* name;
    std::function<void(scene&)> act;
};

/// Calls `call` with a session, if it is still there.
std::function<void(scene&)> on(session_id scene::*which, std::function<void(session&)> call) {
    return [which, call = std::move(call)](scene& s) {
        if (session* const found = s.find(s.*which)) {
            call(*found);
        }
    };
}

std::vector<named_action> actions() {
    std::vector<named_action> all;
    const std::pair<const char*, std::function<void(session&)>> calls[] = {
        {"send", [](session& s) { s.send_text("from a callback"); }},
        {"send_much", [](session& s) { s.send_binary(octets(700'000, 1)); }},
        {"send_in_pieces",
         [](session& s) {
             s.send_begin(opcode::text);
             s.send_part("piece");
             s.send_end();
         }},
        {"send_unfinished", [](session& s) { s.send_begin(opcode::binary); }},
        {"ping", [](session& s) { s.ping(as_bytes("!")); }},
        {"pong", [](session& s) { s.pong(as_bytes("!")); }},
        {"close", [](session& s) { s.close(1000, "from a callback"); }},
        {"close_twice",
         [](session& s) {
             s.close(1000);
             s.close(1001);
         }},
        {"terminate", [](session& s) { s.terminate(); }},
        {"terminate_twice",
         [](session& s) {
             s.terminate();
             s.terminate();
         }},
        {"close_and_terminate",
         [](session& s) {
             s.close();
             s.terminate();
         }},
        {"pause", [](session& s) { s.pause_reading(); }},
        {"pause_and_resume",
         [](session& s) {
             s.pause_reading();
             s.resume_reading();
         }},
        {"ask",
         [](session& s) {
             EXPECT_EQ(s.subprotocol(), "");
             static_cast<void>(s.peer());
             static_cast<void>(s.backlog_bytes());
             EXPECT_EQ(s.owner().find(s.id()), &s);
         }},
    };
    for (const auto& [name, call] : calls) {
        all.push_back({name, on(&scene::self, call)});
        all.push_back({name, on(&scene::other, call)});
    }
    all.push_back({"drain", [](scene& s) {
                       s.rig->drain(1001, duration::zero(), 1s, [&s] { ++s.drained; });
                   }});
    all.push_back({"drain_at_once", [](scene& s) {
                       s.rig->drain(1001, duration::zero(), duration::zero(),
                                    [&s] { ++s.drained; });
                   }});
    all.push_back({"stop", [](scene& s) { s.rig->stop(1s); }});
    all.push_back({"server_send", [](scene& s) {
                       s.rig->send_text(s.self, "posted");
                       s.rig->send(s.other, opcode::binary, as_bytes("posted"));
                   }});
    all.push_back({"server_close", [](scene& s) {
                       s.rig->close(s.self, 1000);
                       s.rig->close(s.other, 1000, "posted");
                   }});
    all.push_back({"adopt", [](scene& s) {
                       s.adopted.emplace_back(s.rig);
                       s.adopted.back().say(good_request({}, "/")).say(client_text("new"));
                   }});
    all.push_back({"stop_the_loop", [](scene& s) { s.rig.its_loop.stop(); }});
    return all;
}

enum class place {
    on_open,
    on_message,
    on_begin,
    on_chunk,
    on_ping,
    on_pong,
    on_drain,
    on_close,
    on_upgrade
};

void act_once(scene& s, session& at) {
    if (!s.acted && !(at.id() == s.other)) {
        s.acted = true;
        s.self = at.id();
        s.action(s);
    }
}

reactions reactions_at(scene& s, place where) {
    reactions made;
    const auto on_session = [&s](session& at) { act_once(s, at); };
    made.on_message = [](session& at, message m) { at.send(m); };
    switch (where) {
        case place::on_open:
            made.on_open = on_session;
            break;
        case place::on_message:
            made.on_message = [&s](session& at, message m) {
                act_once(s, at);
                at.send(m);
            };
            break;
        case place::on_begin:
            made.streams = true;
            made.on_message_begin = on_session;
            break;
        case place::on_chunk:
            made.streams = true;
            made.on_message_chunk = [&s](session& at, byte_view) { act_once(s, at); };
            break;
        case place::on_ping:
            made.on_ping = [&s](session& at, byte_view) { act_once(s, at); };
            break;
        case place::on_pong:
            made.on_pong = [&s](session& at, byte_view) { act_once(s, at); };
            break;
        case place::on_drain:
            made.on_drain = on_session;
            break;
        case place::on_close:
            made.on_close = [&s](session& at, const close_record&) { act_once(s, at); };
            break;
        case place::on_upgrade:
            made.on_upgrade = [&s](upgrade&) {
                if (s.other && !s.acted) {
                    s.acted = true;
                    s.action(s);
                }
            };
            break;
    }
    return made;
}

void play(place where, const named_action& what, std::size_t receive_at_most) {
    SCOPED_TRACE(what.name + std::string(" at place ") + std::to_string(static_cast<int>(where)) +
                 ", " + std::to_string(receive_at_most) + " octets a read");
    scene s;
    s.action = what.act;
    s.rig->route("/", s.rig.log.record(reactions_at(s, where)));
    memory_client other(s.rig);
    other.say(good_request({}, "/"));
    if (where == place::on_open) {  // the other one is to be quiet while it opens
        s.acted = true;
    }
    s.rig.settle();
    ASSERT_EQ(s.rig.log.count(), 1U);
    s.other = s.rig.log.last().id;
    s.acted = false;
    other.line->window = 100;  // and slow
    memory_client peer(s.rig);
    peer.line->receive_at_most = receive_at_most;
    peer.say(good_request({}, "/")).say(client_text("one")).say(client_text("tw", false));
    peer.say(client_ping("p")).say(client_frame(10, octets_of("q")));
    peer.say(client_frame(0, octets_of("o"))).say(client_frame(2, octets(20'000, 3)));
    s.rig.settle();
    if (where == place::on_drain && s.rig.log.count() == 2) {
        peer.line->window = 0;
        if (session* const found = s.rig->find(s.rig.log.last().id)) {
            found->send_binary(octets(600'000, 2));
        }
        peer.line->window = no_bound;
        s.rig.settle();
    }
    other.say(client_text("hello")).say(client_ping("x"));
    s.rig.settle();
    peer.say(client_close(1000));
    s.rig.settle();
    other.line->window = no_bound;
    s.rig.pass(2s);
    EXPECT_TRUE(s.acted);
    peer.end();
    other.say(client_close(1000)).end();
    for (memory_client& one : s.adopted) {
        one.say(client_close(1000)).end();
    }
    s.rig.pass(60s);
    const std::string name = what.name;
    EXPECT_EQ(s.drained, name.starts_with("drain") ? 1 : 0);
    expect_empty(s.rig);
}

class Reentrancy : public ::testing::TestWithParam<place> {};

TEST_P(Reentrancy, LeavesNothingBehindWhateverACallbackDoes) {
    for (const named_action& what : actions()) {
        for (const std::size_t at_most : {std::size_t{1}, std::size_t{50}, no_bound}) {
            play(GetParam(), what, at_most);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Callbacks, Reentrancy,
                         ::testing::Values(place::on_open, place::on_message, place::on_begin,
                                           place::on_chunk, place::on_ping, place::on_pong,
                                           place::on_drain, place::on_close, place::on_upgrade));

TEST(ReentrancyOfUpgrade, RefusesInEachWay) {
    proves({"6455-4.2.2-04", "6455-4.2.2-05"});
    for (const std::uint16_t status : {std::uint16_t{204}, std::uint16_t{302}, std::uint16_t{401},
                                       std::uint16_t{404}, std::uint16_t{503}}) {
        memory_server rig;
        rig->route("/", rig.log.record({.on_upgrade = [status](upgrade& asked) {
            asked.refuse(599, "first");
            EXPECT_FALSE(asked.add_field("Location", "/elsewhere"));
            EXPECT_FALSE(asked.add_field("WWW-Authenticate", "Basic realm=\"x\""));
            for (const char* ours :
                 {"Connection", "upgrade", "Content-Length", "Sec-WebSocket-Accept",
                  "Transfer-Encoding", "", "a b", "a:"}) {
                EXPECT_EQ(asked.add_field(ours, "x").code(), error_code::field_not_sendable)
                    << ours;
            }
            EXPECT_EQ(asked.add_field("X", "a\r\nb").code(), error_code::field_not_sendable);
            asked.refuse(status, "no");
        }}));
        memory_client peer(rig);
        peer.say(good_request({}, "/")).say(client_text("never"));
        rig.settle();
        const std::string answer = peer.answer();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << answer;
        EXPECT_EQ(field_of(answer, "Location"), "/elsewhere");
        EXPECT_EQ(field_of(answer, "WWW-Authenticate"), "Basic realm=\"x\"");
        EXPECT_EQ(body_of(answer), status == 204 ? "" : "no");
        EXPECT_TRUE(peer.line->fin_sent);
        peer.end();
        rig.settle();
        EXPECT_EQ(rig.log.count(), 0U);
        expect_empty(rig);
    }
}

TEST(ReentrancyOfServer, MayBeDestroyedByWhatItCallsWhenItIsDrained) {
    memory_network network;
    loop on{network.options()};
    journal log;
    auto owned = std::make_unique<server>(on);
    (*owned).route("/", log.record(echo()));
    auto line = std::make_shared<memory_line>();
    ASSERT_FALSE(owned->adopt(network.connect(line), {}));
    append(line->inbound, octets_of(good_request({}, "/")));
    network.settle(on);
    EXPECT_EQ(log.open(), 1U);
    owned->drain(1001, duration::zero(), 1s, [&owned] { owned.reset(); });
    network.pass(on, 2s);
    EXPECT_EQ(owned, nullptr);
    EXPECT_EQ(log.open(), 0U);
    EXPECT_EQ(network.open_lines, 0U);
}

TEST(ReentrancyOfServer, MayBeDestroyedByAPostedFunction) {
    memory_network network;
    loop on{network.options()};
    journal log;
    auto owned = std::make_unique<server>(on);
    (*owned).route("/", log.record(echo()));
    auto line = std::make_shared<memory_line>();
    ASSERT_FALSE(owned->adopt(network.connect(line), {}));
    append(line->inbound, octets_of(good_request({}, "/")));
    network.settle(on);
    const session_id id = log.last().id;
    owned->send_text(id, "too late: it comes behind");
    ASSERT_TRUE(on.post([&owned] { owned.reset(); }));
    owned->send_text(id, "later still");
    network.settle(on);
    EXPECT_EQ(log.text(), "open\nclose 1006 because terminated\n");
    EXPECT_EQ(network.open_lines, 0U);
    EXPECT_EQ(joined(network.faults), "");
}

#ifndef NDEBUG
TEST(ReentrancyOfThreads, AbortsADebugBuildOnAnotherThreadAlsoWhileTheSessionIsServed) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const std::pair<const char*, std::function<void(session&)>> calls[] = {
        {"send", [](session& s) { s.send_text("from elsewhere"); }},
        {"ping", [](session& s) { s.ping(); }},
        {"close", [](session& s) { s.close(); }},
        {"terminate", [](session& s) { s.terminate(); }},
        {"pause", [](session& s) { s.pause_reading(); }},
    };
    for (const auto& one : calls) {
        const std::function<void(session&)>& call = one.second;
        EXPECT_DEATH(
            {
                memory_server rig;
                rig->route("/", {.on_message = [&](session& s, message) {
                               std::thread([&] { call(s); }).join();
                           }});
                memory_client peer = rig.open();
                peer.say(client_text("now"));
                rig.settle();
            },
            "was used by thread")
            << one.first;
    }
}
#endif

}  // namespace
}  // namespace plainsong::tests
