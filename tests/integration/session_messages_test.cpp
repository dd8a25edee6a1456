// SPDX-License-Identifier: MIT
// Messages, pings and Closes of a session on a transport in memory, however its bytes are cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

TEST(Session, EchoesAndClosesCleanly) {
    proves({"6455-5.5.1-07", "6455-5.5.1-08", "6455-5.5.1-11", "6455-5.5.1-12", "6455-7.1.1-01",
            "6455-7.1.1-04", "6455-7.1.2-02", "6455-7.1.3-01", "6455-7.1.4-01", "6455-7.1.4-02",
            "6455-7.1.5-01", "6455-7.1.6-01", "6455-4.2.2-24"});
    memory_server rig;
    rig->route("/", rig.log.record(echo()));
    memory_client peer = rig.open();
    peer.say(client_text("hello"));
    rig.settle();
    EXPECT_EQ(peer.heard(), "text \"hello\"\n");
    peer.say(client_close(1000, "bye"));
    rig.settle();
    EXPECT_EQ(peer.heard(), "close 1000\n");
    EXPECT_TRUE(peer.line->fin_sent);
    EXPECT_FALSE(peer.line->closed);
    peer.end();
    rig.settle();
    EXPECT_TRUE(peer.line->closed);
    EXPECT_EQ(rig.log.text(), "open\ntext \"hello\"\nclose 1000 sent 1000 clean by peer \"bye\"\n");
    expect_empty(rig);
}

octets long_dialogue() {
    octets all = octets_of(good_request({}, "/"));
    for (const octets& part :
         {client_text("one"), client_text(""), client_text("tw", false), client_ping("in between"),
          client_frame(0, octets_of("o "), false), client_frame(0, {}, false),
          client_frame(0, octets_of("gr\xc3"), false), client_frame(10, octets_of("pong")),
          client_frame(0, octets_of("\xbcn")), client_frame(2, octets(300, 0xff)),
          client_frame(2, octets(70'000, 7)), client_close(4000, "the end"),
          client_text("never seen")}) {
        append(all, part);
    }
    return all;
}

std::string play(std::size_t receive_at_most, bool streams) {
    memory_server rig;
    reactions also = echo();
    also.streams = streams;
    rig->route("/", rig.log.record(also), wide());
    memory_client peer(rig);
    peer.line->receive_at_most = receive_at_most;
    peer.say(long_dialogue()).end();
    rig.settle();
    EXPECT_TRUE(peer.answer().starts_with("HTTP/1.1 101 "));
    expect_empty(rig);
    // A pong may overtake messages that were gathered in the same read.
    std::string data;
    std::string control;
    peer.bytes();
    while (const auto frame = peer.ear.take_frame()) {
        (frame->opcode == 10 ? control : data) += shown(*frame) + '\n';
    }
    EXPECT_EQ(joined(peer.ear.faults), "");
    return rig.log.text() + "sent\n" + data + control;
}

TEST(Session, LivesTheSameHoweverItsBytesAreCut) {
    proves({"6455-5.4-01", "6455-5.4-10", "6455-5.4-12", "6455-5.6-03", "6455-6.2-04",
            "6455-7.1.1-02"});
    const std::string log =
        "open\ntext \"one\"\ntext \"\"\nping \"in between\"\npong \"pong\"\n"
        "text hex 74776f206772c3bc6e\nbinary 300 x hex ff\nbinary 70000 x hex 07\n"
        "close 4000 sent 4000 clean by peer \"the end\"\nsent\n";
    const std::string echoed =
        "text \"one\"\ntext \"\"\ntext hex 74776f206772c3bc6e\nbinary 300 x hex ff\n"
        "binary 70000 x hex 07\n";
    for (const std::size_t at_most :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{13}, std::size_t{200},
          std::size_t{1000}, std::size_t{30'000}, no_bound}) {
        EXPECT_EQ(play(at_most, false), log + echoed + "close 4000\npong \"in between\"\n")
            << at_most;
        EXPECT_EQ(play(at_most, true), log + "close 4000\npong \"in between\"\n") << at_most;
    }
}

TEST(Session, JoinsLargeMessagesHoweverTheyArrive) {
    for (const std::size_t size : {65'535U, 65'536U, 300'000U, 1'048'576U, 5'000'000U}) {
        for (const std::size_t at_most : {std::size_t{1460}, std::size_t{65'536}, no_bound}) {
            for (const std::size_t fragment : {std::size_t{16'384}, std::size_t{100'000}, size}) {
                memory_server rig;
                const std::string text = pattern(size);
                bool same = false;
                rig->route("/",
                           rig.log.record({.on_message =
                                               [&](session& one, message m) {
                                                   same = m.text() == text;
                                                   one.send(m);
                                               }}),
                           wide());
                memory_client peer = rig.open();
                peer.line->receive_at_most = at_most;
                peer.line->window = 10'000;  // so that most of the echo is queued
                octets wire;
                for (std::size_t at = 0; at < size; at += fragment) {
                    append(wire,
                           client_frame(at == 0 ? 1 : 0,
                                        octets_of(std::string_view(text).substr(at, fragment)),
                                        at + fragment >= size));
                }
                // In pieces, because taking octets off the front of a long line is slow.
                for (std::size_t at = 0; at < wire.size(); at += 1 << 19) {
                    peer.say(std::span{wire}.subspan(
                        at, std::min<std::size_t>(1 << 19, wire.size() - at)));
                    rig.settle();
                }
                EXPECT_TRUE(same) << size << ' ' << at_most << ' ' << fragment;
                peer.say(client_text("next"));
                peer.line->window = no_bound;
                rig.settle();
                peer.bytes();
                const auto frame = peer.ear.take_frame();
                ASSERT_TRUE(frame);
                EXPECT_EQ(std::string(frame->payload.begin(), frame->payload.end()), text);
                EXPECT_EQ(peer.heard(), "text \"next\"\n");
            }
        }
    }
}

TEST(Session, ShowsNothingBehindAViolation) {
    proves({"6455-7.1.7-03", "6455-7.1.7-05", "6455-7.1.7-07", "6455-7.2.1-01", "6455-10.7-03",
            "6455-5.1-02", "6455-5.1-03"});
    struct wrong {
        octets bytes;
        const char* close;
        const char* cause;
    };
    const wrong all[] = {
        {{0xc1, 0x80, 0, 0, 0, 0}, "close 1002", "frame_reserved_bit"},
        {{0x83, 0x80, 0, 0, 0, 0}, "close 1002", "frame_reserved_opcode"},
        {{0x81, 0x01, 'x'}, "close 1002", "frame_not_masked"},
        {{0x88, 0x00}, "close 1002", "frame_not_masked"},
        {{0x89, 0x00}, "close 1002", "frame_not_masked"},
        {{0x80, 0x80, 0, 0, 0, 0}, "close 1002", "continuation_without_start"},
        {{0x09, 0x80, 0, 0, 0, 0}, "close 1002", "control_fragmented"},
        {{0x89, 0xfe}, "close 1002", "control_payload_too_long"},
        {{0x82, 0xfe, 0, 125}, "close 1002", "frame_length_not_minimal"},
        {{0x82, 0xff, 0x80}, "close 1002", "frame_length_top_bit"},
        {{0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0}, "close 1009", "frame_too_big"},
        {client_text("\xff"), "close 1007", "invalid_utf8"},
        {client_frame(8, {3}), "close 1002", "close_payload_one_byte"},
        {client_close(1005), "close 1002", "close_code_invalid"},
        {client_close(1000, "\xff"), "close 1007", "close_reason_not_utf8"},
    };
    for (const wrong& one : all) {
        for (const std::size_t at_most : {std::size_t{1}, no_bound}) {
            memory_server rig;
            rig->route("/", rig.log.record(echo()));
            memory_client peer = rig.open();
            peer.line->receive_at_most = at_most;
            peer.say(client_text("before"));
            peer.say(one.bytes).say(client_text("behind")).say(client_ping("behind"));
            peer.say(client_close(1000));
            rig.settle();
            EXPECT_TRUE(peer.line->fin_sent);
            EXPECT_FALSE(peer.line->closed) << "FIN and our Close must not be overtaken by a reset";
            peer.end();
            rig.settle();
            EXPECT_TRUE(peer.heard().starts_with("text \"before\"\n" + std::string(one.close)));
            ASSERT_EQ(rig.log.last().lines.size(), 3U) << one.cause << rig.log.text();
            EXPECT_EQ(rig.log.last().lines[1], "text \"before\"");
            EXPECT_NE(
                rig.log.last().lines[2].find(std::string("close 1006 sent ") + (one.close + 6) +
                                             " by local because " + one.cause),
                std::string::npos)
                << rig.log.text();
            EXPECT_EQ(rig->snapshot().violations, 1U);
            expect_empty(rig);
        }
    }
}

TEST(Session, ReportsWhatThePeerClosedWith) {
    proves({"6455-7.1.5-01", "6455-7.1.5-02", "6455-7.1.6-01", "6455-5.5.1-01", "6455-7.4.1-07"});
    for (const unsigned code : {0U, 1000U, 1001U, 1003U, 1007U, 1014U, 3000U, 4999U}) {
        for (const std::size_t reason : {0U, 1U, 123U}) {
            if (code == 0 && reason != 0) {
                continue;
            }
            memory_server rig;
            rig->route("/", rig.log.record());
            memory_client peer = rig.open();
            const std::string text(reason, 'r');
            peer.say(code == 0 ? client_frame(8, {}) : client_close(code, text)).end();
            rig.settle();
            const std::string said = std::to_string(code == 0 ? 1005 : code);
            EXPECT_EQ(peer.heard(), code == 0 ? "close\n" : "close " + said + "\n");
            EXPECT_EQ(rig.log.last().lines.back(),
                      "close " + said + " sent " + said + " clean by peer" +
                          (reason == 0 ? "" : " " + shown(octets_of(text))));
        }
    }
}

TEST(Session, ClosesWithWhatTheProgramSays) {
    proves({"6455-7.1.2-01", "6455-7.3-01", "6455-7.3-03", "6455-7.4-01", "6455-5.5.1-06"});
    for (const int number : {1000, 1001, 1011, 3000, 4999}) {
        const auto code = static_cast<std::uint16_t>(number);
        memory_server rig;
        rig->route("/", rig.log.record(echo()));
        memory_client peer = rig.open();
        EXPECT_TRUE(rig.latest().close(code, "because"));
        EXPECT_FALSE(rig.latest().close(code));
        rig.settle();
        EXPECT_EQ(peer.heard(), "close " + std::to_string(code) + " \"because\"\n");
        EXPECT_FALSE(peer.line->fin_sent) << "the peer's Close is awaited";
        peer.say(client_text("still delivered")).say(client_ping("x"));
        rig.settle();
        EXPECT_EQ(peer.heard(), "") << "nothing follows our Close";
        peer.say(client_close(1001, "me too"));
        rig.settle();
        EXPECT_TRUE(peer.line->fin_sent);
        peer.end();
        rig.settle();
        EXPECT_EQ(rig.log.text(), "open\ntext \"still delivered\"\nping \"x\"\nclose 1001 sent " +
                                      std::to_string(code) + " clean by local \"me too\"\n");
        expect_empty(rig);
    }
}

TEST(Session, EndsOnceWhenBothSidesCloseAtOnce) {
    proves({"6455-5.5.1-15", "6455-7.1.5-04"});
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.say(client_close(3001));
    rig.latest().close(3002);
    rig.settle();
    EXPECT_EQ(peer.heard(), "close 3002\n");
    EXPECT_TRUE(peer.line->fin_sent);
    peer.end();
    rig.settle();
    EXPECT_EQ(rig.log.text(), "open\nclose 3001 sent 3002 clean by local\n");
    expect_empty(rig);
}

TEST(Session, TellsOfPingsAndPongs) {
    proves({"6455-5.5.2-01", "6455-5.5.2-02", "6455-5.5.2-03", "6455-5.5.3-01", "6455-5.5.3-04"});
    memory_server rig;
    rig->route("/",
               rig.log.record({.on_message = [](session& s, message m) { s.ping(m.payload); }}));
    memory_client peer = rig.open();
    peer.say(client_ping("")).say(client_frame(10, octets_of("unasked")));
    rig.settle();
    peer.say(client_ping(std::string(125, 'p'))).say(client_text("ask"));
    rig.settle();
    EXPECT_EQ(peer.heard(), "pong \"\"\npong 125 x \"p\"\nping \"ask\"\n");
    EXPECT_EQ(rig.log.text(),
              "open\nping \"\"\npong \"unasked\"\nping 125 x \"p\"\ntext \"ask\"\n");
    EXPECT_EQ(rig->snapshot().pings_received, 2U);
    EXPECT_EQ(rig->snapshot().pongs_received, 1U);
    EXPECT_EQ(rig->snapshot().messages_received, 1U);
}

TEST(Session, AnswersEachPingOfAReadAtItsPlace) {
    proves({"6455-5.4-10", "6455-5.5.2-02", "6455-5.5.2-03", "6455-5.5.3-01"});
    memory_server rig;
    rig->route("/", rig.log.record(echo()));
    memory_client peer = rig.open();
    octets all = client_text("first");
    std::string expected = "text \"first\"\n";
    append(all, client_text("frag", false));
    for (int i = 0; i < 10; ++i) {
        append(all, client_ping(std::to_string(i)));
        expected += "pong \"" + std::to_string(i) + "\"\n";
    }
    append(all, client_frame(0, octets_of("ment")));
    peer.say(all);
    rig.settle();
    EXPECT_EQ(peer.heard(), expected + "text \"fragment\"\n");
}

TEST(Session, AnswersAFloodOfPingsByAFewPongsAndTheNewest) {
    proves({"6455-5.5.3-02"});
    memory_server rig;
    rig->route("/", rig.log.record(echo()));
    memory_client peer = rig.open();
    octets all;
    for (int i = 0; i < 1000; ++i) {
        append(all, client_ping(std::to_string(i)));
    }
    peer.say(all);
    rig.settle();
    const std::string heard = peer.heard();
    EXPECT_TRUE(heard.starts_with("pong \"0\"\npong \"1\"\n")) << heard;
    EXPECT_TRUE(heard.ends_with("pong \"999\"\n")) << heard;
    EXPECT_LT(std::count(heard.begin(), heard.end(), '\n'), 50);
}

TEST(Session, HoldsAPausedPeerBackAndResumes) {
    memory_server rig;
    rig->route("/", rig.log.record({.on_message = [](session& s, message) { s.pause_reading(); }}));
    memory_client peer = rig.open();
    peer.line->receive_at_most = client_text("1").size();
    peer.say(client_text("1")).say(client_text("2")).say(client_text("3"));
    rig.settle();
    EXPECT_EQ(rig.log.text(), "open\ntext \"1\"\n");
    rig.latest().resume_reading();
    rig.settle();
    EXPECT_EQ(rig.log.text(), "open\ntext \"1\"\ntext \"2\"\n");
    // A paused session that closes reads on, or it would never see the peer's Close.
    rig.latest().close(1000);
    peer.say(client_close(1000)).end();
    rig.settle();
    EXPECT_EQ(rig.log.text(),
              "open\ntext \"1\"\ntext \"2\"\ntext \"3\"\nclose 1000 sent 1000 clean by local\n");
    expect_empty(rig);
}

TEST(Session, EndsWhilePaused) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client reset = rig.open();
    rig.latest().pause_reading();
    rig.settle();
    reset.say(client_text("before the reset")).fail(ECONNRESET);
    rig.settle();
    EXPECT_EQ(rig.log.text(),
              "open\ntext \"before the reset\"\nclose 1006 because connection_reset errno 104\n");
    memory_client ended = rig.open();
    rig.latest().pause_reading();
    ended.say(client_text("x")).end();
    rig.settle();
    EXPECT_EQ(rig.log.text(), "open\n") << "its end is behind what it said";
    const std::size_t turns = rig.network.turns;
    rig.pass(10s);
    EXPECT_LT(rig.network.turns - turns, 100U);
    rig.pass(60s);
    EXPECT_EQ(rig.log.text(), "open\nclose 1006 because no_pong\n");
    expect_empty(rig);
}

}  // namespace
}  // namespace plainsong::tests
