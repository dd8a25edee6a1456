// SPDX-License-Identifier: MIT
// Each limit of a server: what is within it passes, what is beyond it gets its answer.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

std::string status_of(const limits& bounds, const std::string& request) {
    memory_server rig({.bounds = bounds});
    rig->route("*", rig.log.record());
    memory_client peer(rig);
    peer.say(request).end();
    rig.settle();
    expect_empty(rig);
    return peer.answer().substr(9, 3);
}

TEST(ServerLimits, BoundTheRequest) {
    proves({"6455-10.4-01", "6455-10.4-02", "6455-10.7-04", "9112-3-02"});
    limits bounds;
    bounds.request_line_bytes = 40;
    const std::string line_end = " HTTP/1.1";
    const std::string target = "/" + std::string(40 - 5 - line_end.size(), 'x');
    EXPECT_EQ(status_of(bounds, good_request({}, target)), "101");
    EXPECT_EQ(status_of(bounds, good_request({}, target + "x")), "414");

    bounds = {};
    bounds.header_line_bytes = 60;
    const std::string field = "X-Field: ";
    EXPECT_EQ(status_of(bounds, good_request(field + std::string(60 - 9, 'x') + "\r\n")), "101");
    EXPECT_EQ(status_of(bounds, good_request(field + std::string(60 - 8, 'x') + "\r\n")), "431");

    bounds = {};
    const std::string request = good_request("X: 1\r\n");
    const std::size_t block = request.size() - request.find("\r\n") - 4;
    bounds.header_block_bytes = block;
    EXPECT_EQ(status_of(bounds, request), "101");
    bounds.header_block_bytes = block - 1;
    EXPECT_EQ(status_of(bounds, request), "431");

    bounds = {};
    bounds.header_lines = 6;
    EXPECT_EQ(status_of(bounds, good_request("X: 1\r\n")), "101");
    EXPECT_EQ(status_of(bounds, good_request("X: 1\r\nY: 2\r\n")), "431");
}

/// What the server closes with after these frames, "" if it does not.
std::string close_of(const limits& bounds, const std::vector<octets>& frames) {
    memory_server rig;
    rig->route("/", rig.log.record(), bounds);
    rig->route("/default", rig.log.record());
    memory_client peer = rig.open();
    for (const octets& frame : frames) {
        peer.say(frame);
    }
    rig.settle();
    const std::string heard = peer.heard();
    return heard.substr(0, heard.find_first_of(" \n", 6));
}

TEST(ServerLimits, BoundFramesAndMessages) {
    proves({"6455-10.4-01", "6455-10.4-02", "6455-7.4.1-11", "6455-7.4.1-10"});
    limits bounds;
    bounds.frame_bytes = 100;
    EXPECT_EQ(close_of(bounds, {client_frame(2, octets(100))}), "");
    EXPECT_EQ(close_of(bounds, {client_frame(2, octets(101))}), "close 1009");
    const octets only_head = {0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0};
    EXPECT_EQ(close_of(bounds, {only_head}), "close 1009") << "before any of it has come";

    bounds = {};
    bounds.message_bytes = 100;
    EXPECT_EQ(close_of(bounds, {client_frame(2, octets(50), false), client_frame(0, octets(50))}),
              "");
    EXPECT_EQ(close_of(bounds, {client_frame(2, octets(50), false), client_frame(0, octets(51))}),
              "close 1009");

    bounds = {};
    bounds.message_frames = 3;
    const octets empty = client_frame(0, {}, false);
    EXPECT_EQ(close_of(bounds, {client_frame(2, {}, false), empty, client_frame(0, {})}), "");
    EXPECT_EQ(close_of(bounds, {client_frame(2, {}, false), empty, empty, empty}), "close 1008");
}

TEST(ServerLimits, AreThoseOfTheRouteIfItHasSome) {
    limits narrow;
    narrow.message_bytes = narrow.frame_bytes = 10;
    memory_server rig;
    rig->route("/narrow", rig.log.record(echo()), narrow);
    rig->route("/wide", rig.log.record(echo()));
    memory_client one = rig.open("/narrow");
    memory_client other = rig.open("/wide");
    one.say(client_text("01234567890"));
    other.say(client_text("01234567890"));
    rig.settle();
    EXPECT_TRUE(one.heard().starts_with("close 1009"));
    EXPECT_EQ(other.heard(), "text \"01234567890\"\n");
}

TEST(ServerLimits, BoundTheNumberOfQueuedMessages) {
    limits bounds;
    bounds.outbox_messages = 5;
    memory_server rig;
    rig->route("/", rig.log.record(), bounds);
    memory_client peer = rig.open();
    peer.line->window = 0;
    int taken = 0;
    while (rig.latest().send_text("x")) {
        ASSERT_LT(++taken, 10);
    }
    EXPECT_EQ(taken, 5);
}

TEST(ServerLimits, BoundTheCrowdOfSessions) {
    limits bounds;
    bounds.connections = 3;
    memory_server rig({.bounds = bounds});
    rig->route("/", rig.log.record());
    std::vector<memory_client> in;
    for (int i = 0; i < 3; ++i) {
        in.push_back(rig.open());
    }
    memory_client out(rig);
    out.say(good_request({}, "/")).end();
    rig.settle();
    const std::string answer = out.answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_EQ(field_of(answer, "Retry-After"), "1");
    in[1].end();
    rig.settle();
    in.push_back(rig.open());
    EXPECT_EQ(rig->sessions(), 3U);
    expect_sums(rig->snapshot());
}

TEST(ServerLimits, BoundTheCrowdFromOneAddress) {
    limits bounds;
    bounds.connections_per_peer = 2;
    memory_server rig({.bounds = bounds});
    rig->route("/", rig.log.record());
    const auto try_from = [&](const char* host, std::uint16_t port) {
        auto one = std::make_unique<memory_client>(rig, *address::parse(host, port));
        one->say(good_request({}, "/"));
        rig.settle();
        return one;
    };
    std::vector<std::unique_ptr<memory_client>> all;
    for (const auto& [host, status] :
         {std::pair{"192.0.2.1", "101"}, std::pair{"192.0.2.1", "101"},
          std::pair{"192.0.2.1", "503"}, std::pair{"192.0.2.2", "101"}, std::pair{"::1", "101"}}) {
        all.push_back(try_from(host, static_cast<std::uint16_t>(all.size() + 1)));
        EXPECT_EQ(all.back()->answer().substr(9, 3), status);
    }
    all[0]->end();
    all[2]->end();
    rig.settle();
    EXPECT_EQ(try_from("192.0.2.1", 9)->answer().substr(9, 3), "101");
    EXPECT_EQ(try_from("192.0.2.1", 10)->answer().substr(9, 3), "503");
}

TEST(ServerLimits, BoundTheCrowdOfHandshakes) {
    limits bounds;
    bounds.handshakes = 3;
    memory_server rig({.bounds = bounds});
    rig->route("/", rig.log.record());
    std::vector<memory_client> waiting;
    for (int i = 0; i < 3; ++i) {
        waiting.emplace_back(rig);
        EXPECT_FALSE(waiting.back().adopted);
    }
    memory_client out(rig);
    EXPECT_EQ(out.adopted.code(), error_code::overloaded);
    EXPECT_TRUE(out.line->closed);
    EXPECT_EQ(rig->snapshot().connections_refused, 1U);
    waiting[0].say(good_request({}, "/"));
    rig.settle();
    memory_client in = rig.open();
    waiting[1].end();
    rig.settle();
    EXPECT_EQ(rig->snapshot().handshakes_open, 1U);
    expect_sums(rig->snapshot());
}

TEST(ServerLimits, AreFiniteByDefault) {
    const limits bounds;
    EXPECT_EQ(bounds.request_line_bytes, 8192U);
    EXPECT_EQ(bounds.header_line_bytes, 8192U);
    EXPECT_EQ(bounds.header_block_bytes, 16384U);
    EXPECT_EQ(bounds.header_lines, 100U);
    EXPECT_EQ(bounds.handshake_within, 10s);
    EXPECT_EQ(bounds.frame_bytes, 1U << 20);
    EXPECT_EQ(bounds.message_bytes, 1U << 20);
    EXPECT_EQ(bounds.message_frames, 16384U);
    EXPECT_EQ(bounds.message_stall, 10s);
    EXPECT_EQ(bounds.ping_after, 30s);
    EXPECT_EQ(bounds.pong_within, 20s);
    EXPECT_EQ(bounds.idle_timeout, 120s);
    EXPECT_EQ(bounds.close_within, 5s);
    EXPECT_EQ(bounds.drain_within, 1s);
    EXPECT_EQ(bounds.drain_bytes, 65536U);
    EXPECT_EQ(bounds.outbox_high_bytes, 256U << 10);
    EXPECT_EQ(bounds.outbox_bytes, 1U << 20);
    EXPECT_LE(bounds.outbox_messages, 65536U);
    EXPECT_LE(bounds.write_stall, 60s);
    EXPECT_LE(bounds.handshakes, 65536U);
}

TEST(ServerLimits, KeepMemoryBesideWhatHasArrived) {
    // 2,000 peers announce a message of 1 MiB and send ten bytes of it.
    memory_server rig;
    rig->route("/", rig.log.record());
    std::vector<memory_client> all;
    for (int i = 0; i < 2000; ++i) {
        all.emplace_back(rig);
        all.back().say(good_request({}, "/"));
    }
    rig.settle();
    const std::size_t before = heap_in_use();
    for (memory_client& one : all) {
        one.bytes().clear();
        one.say(octets{0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4});
        one.say(octets(10));
    }
    rig.settle();
    EXPECT_LT(heap_in_use() - before, 2000U * 8192U);
}

TEST(ServerLimits, KeepNothingOfAMessageThatHasPassed) {
    memory_server rig({.message_cache_bytes = 0});
    rig->route("/", {.on_message = [](session& s, message m) { s.send(m); }});
    std::vector<memory_client> all;
    for (int i = 0; i < 1000; ++i) {
        all.emplace_back(rig);
        all.back().say(good_request({}, "/"));
    }
    const octets half(8192, 'x');
    const auto talk = [&] {
        for (memory_client& one : all) {
            one.line->receive_at_most = 3000;
            one.say(client_frame(2, half, false)).say(client_ping("x")).say(client_frame(0, half));
            rig.settle();
            one.line->outbound = {};
            one.line->inbound = {};
        }
    };
    talk();
    const std::size_t before = heap_in_use();
    talk();
    EXPECT_LE(heap_in_use(), before + 1000);
    EXPECT_EQ(rig->snapshot().messages_sent, 2000U);
}

}  // namespace
}  // namespace plainsong::tests
