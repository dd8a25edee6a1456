// SPDX-License-Identifier: MIT
// Every way in which a connection can end, at every byte: one on_close for each on_open, the right
// record, nothing left behind.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

octets dialogue() {
    octets all = octets_of(good_request({}, "/"));
    for (const octets& part :
         {client_text("one"), client_text("tw", false), client_ping("p"),
          client_frame(0, octets_of("o")), client_frame(2, octets(200, 9)), client_close(1001)}) {
        append(all, part);
    }
    return all;
}

/// What the journal says when `size` octets came and then the end.
std::string expected_log(std::size_t size, const std::string& end) {
    std::size_t at = good_request({}, "/").size();
    if (size < at) {
        return "";
    }
    std::string log = "open\n";
    const std::pair<octets, const char*> parts[] = {
        {client_text("one"), "text \"one\"\n"},
        {client_text("tw", false), ""},
        {client_ping("p"), "ping \"p\"\n"},
        {client_frame(0, octets_of("o")), "text \"two\"\n"},
        {client_frame(2, octets(200, 9)), "binary 200 x hex 09\n"},
        {client_close(1001), nullptr}};
    for (const auto& [part, line] : parts) {
        at += part.size();
        if (size < at) {
            return log + "close 1006 because " + end + "\n";
        }
        log += line == nullptr ? "close 1001 sent 1001 clean by peer\n" : line;
    }
    return log;
}

TEST(SessionEnding, IsToldOnceWhereverTheStreamEnds) {
    proves({"6455-7.1.4-02", "6455-7.1.4-03", "6455-7.1.5-03", "6455-7.2.1-02", "6455-7.2.2-01"});
    const octets all = dialogue();
    for (std::size_t size = 0; size <= all.size(); ++size) {
        for (const bool apart : {false, true}) {
            memory_server rig;
            rig->route("/", rig.log.record(echo()));
            memory_client peer(rig);
            peer.say(std::span{all}.first(size));
            if (apart) {
                rig.settle();
            }
            peer.end();
            rig.settle();
            EXPECT_EQ(rig.log.text(), expected_log(size, "unexpected_end")) << size;
            EXPECT_TRUE(peer.line->closed);
            expect_empty(rig);
        }
    }
}

TEST(SessionEnding, IsToldOnceWhereverTheStreamIsReset) {
    const octets all = dialogue();
    for (std::size_t size = 0; size <= all.size(); ++size) {
        memory_server rig;
        rig->route("/", rig.log.record(echo()));
        memory_client peer(rig);
        peer.say(std::span{all}.first(size));
        rig.settle();
        peer.fail(ECONNRESET);
        rig.settle();
        std::string log = expected_log(size, "connection_reset errno 104");
        if (size == all.size()) {  // behind both Close frames a reset is just an end
            log.insert(log.size() - 1, " errno 104");
        }
        EXPECT_EQ(rig.log.text(), log) << size;
        expect_empty(rig);
    }
}

TEST(SessionEnding, ReadsWhatCameBeforeAReset) {
    // M1 and R18: the Close is in the buffer, the reset behind it; sending fails at once.
    for (const bool send_first : {false, true}) {
        memory_server rig;
        rig->route("/", rig.log.record(echo()));
        memory_client peer = rig.open();
        peer.say(client_text("x")).say(client_close(4001, "reason")).fail(ECONNRESET);
        if (send_first) {
            EXPECT_FALSE(rig.latest().send_text("first").what == fate::sent);
        }
        rig.settle();
        const std::string text = rig.log.text();
        EXPECT_TRUE(text.starts_with("open\ntext \"x\"\nclose 4001 sent 4001 by peer \"reason\""))
            << text;
        EXPECT_EQ(text.find(" clean"), std::string::npos);
        expect_empty(rig);
    }
}

TEST(SessionEnding, TakesNoEndForAnEndAfterAFailedSend) {
    // M2: after a failed send the kernel reports 0 instead of the reset.
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    rig.network.fault = [](memory_call call) { return call == memory_call::send ? EPIPE : 0; };
    rig.latest().send_text("x");
    rig.network.fault = {};
    peer.end();
    rig.settle();
    EXPECT_EQ(rig.log.last().lines.back(),
              "close 1006 because connection_reset errno 32 lost 1 of 3 bytes");
    expect_empty(rig);
}

TEST(SessionEnding, NamesTheErrnoOfATransportThatFails) {
    for (const int number :
         {ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN, ECONNABORTED, EPROTO, EIO, 9999}) {
        memory_server rig;
        rig->route("/", rig.log.record());
        memory_client peer = rig.open();
        peer.fail(number);
        rig.settle();
        EXPECT_EQ(rig.log.last().lines.back(),
                  "close 1006 because connection_reset errno " + std::to_string(number));
        expect_empty(rig);
    }
}

TEST(SessionEnding, WaitsForThePeersEndWithoutHurry) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    EXPECT_EQ(rig.network.interest_in(peer.line), interest::read);
    peer.say(client_close(1000));
    rig.settle();
    EXPECT_EQ(rig.network.interest_in(peer.line), interest::patient);
    memory_client refused(rig);
    refused.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    rig.settle();
    EXPECT_EQ(rig.network.interest_in(refused.line), interest::patient);
    memory_client closing = rig.open();
    rig.latest().close();
    rig.settle();
    EXPECT_EQ(rig.network.interest_in(closing.line), interest::read);  // its Close is awaited
    for (memory_client* one : {&peer, &refused, &closing}) {
        one->end();
    }
    rig.settle();
    expect_empty(rig);
}

TEST(SessionEnding, IsPatientAlsoWhereItHadToWriteBefore) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.line->window = 0;
    peer.say(client_close(1000));
    rig.settle();
    EXPECT_EQ(rig.network.interest_in(peer.line), interest::both);
    peer.line->window = 100;
    rig.settle();
    EXPECT_EQ(rig.network.interest_in(peer.line), interest::patient);
    EXPECT_FALSE(peer.line->closed);
    peer.end();
    rig.settle();
    EXPECT_EQ(rig.log.last().lines.back(), "close 1000 sent 1000 clean by peer");
    expect_empty(rig);
}

TEST(SessionEnding, KeepsThePeersCodeWhenItResetsBehindBothCloses) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    peer.say(client_close(1000));
    rig.settle();
    peer.fail(ECONNRESET);
    rig.settle();
    EXPECT_EQ(rig.log.last().lines.back(), "close 1000 sent 1000 clean by peer errno 104");
    expect_empty(rig);
}

TEST(SessionEnding, IsUncleanWhenTheAnswerToOurCloseNeverComes) {
    for (const bool is_reset : {false, true}) {
        memory_server rig;
        rig->route("/", rig.log.record());
        memory_client peer = rig.open();
        rig.latest().close(1000);
        rig.settle();
        is_reset ? peer.fail(ECONNRESET) : peer.end();
        rig.settle();
        EXPECT_EQ(rig.log.last().lines.back(),
                  is_reset ? "close 1006 sent 1000 by local because connection_reset errno 104"
                           : "close 1006 sent 1000 by local because unexpected_end");
        expect_empty(rig);
    }
}

TEST(SessionEnding, TurnsAwayAPeerThatNeverStopsTalkingAfterTheClose) {
    proves({"6455-7.1.1-03"});
    for (const bool is_http : {false, true}) {
        memory_server rig;
        rig->route("/", rig.log.record());
        memory_client peer = is_http ? memory_client(rig) : rig.open();
        peer.say(is_http ? octets_of("garbage\r\n\r\n") : client_close(1000));
        rig.settle();
        std::size_t swallowed = 0;
        while (!peer.line->closed && swallowed < 10'000'000) {
            peer.say(octets(10'000, 'x'));
            rig.settle();
            swallowed += 10'000;
        }
        EXPECT_LE(swallowed, (64U << 10) + 10'000U);
        expect_empty(rig);
    }
}

TEST(SessionEnding, AnswersARefusedRequestAndWaitsForItsEnd) {
    proves({"6455-10.7-04", "6455-4.2.1-03"});
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer(rig);
    peer.say("POST / HTTP/1.1\r\nHost: x\r\n\r\n").say(good_request({}, "/"));
    rig.settle();
    const std::string answer = peer.answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 ")) << answer;
    EXPECT_TRUE(peer.bytes().empty()) << "one answer only";
    EXPECT_TRUE(peer.line->fin_sent);
    EXPECT_FALSE(peer.line->closed);
    peer.end();
    rig.settle();
    expect_empty(rig);
    EXPECT_EQ(rig.log.count(), 0U);
}

TEST(SessionEnding, OpensNothingIfTheAnswerCannotBeSent) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer(rig);
    peer.say(good_request({}, "/")).fail(ECONNRESET);
    rig.settle();
    EXPECT_EQ(rig.log.count(), 0U);
    EXPECT_EQ(rig->snapshot().handshakes_failed, 1U);
    expect_empty(rig);
}

TEST(SessionEnding, TerminatesWithoutAClose) {
    memory_server rig;
    rig->route("/", rig.log.record());
    memory_client peer = rig.open();
    rig.latest().terminate();
    EXPECT_TRUE(peer.line->closed);
    EXPECT_FALSE(peer.line->fin_sent);
    EXPECT_EQ(peer.heard(), "");
    EXPECT_EQ(rig.log.text(), "open\nclose 1006 because terminated\n");
    rig.settle();
    expect_empty(rig);
}

TEST(SessionEnding, TellsTheLogOfEachFailureOnce) {
    proves({"6455-7.1.7-04"});
    std::vector<std::string> told;
    server_options options;
    options.log = [&told](const log_record& record) {
        told.push_back(std::to_string(static_cast<int>(record.event)) + ' ' +
                       facts_of(record.why.code).name + ' ' +
                       std::to_string(record.system.number()) + ' ' +
                       std::string(record.peer.text().view()));
    };
    memory_server rig(std::move(options));
    rig->route("/", rig.log.record());
    const address from = *address::parse("192.0.2.7", 99);
    {
        memory_client silent(rig, from);
        silent.end();
        rig.settle();
    }
    {
        memory_client reset(rig, from);
        reset.say("GET ").fail(ECONNRESET);
        rig.settle();
    }
    {
        memory_client wrong(rig, from);
        wrong.say("\r\n\r\n\r\n").end();
        rig.settle();
    }
    {
        memory_client unknown(rig, from);
        unknown.say(good_request({}, "/elsewhere")).end();
        rig.settle();
    }
    {
        memory_client slow(rig, from);
        rig.pass(11s);
    }
    {
        memory_client peer = rig.open();
        peer.say(octets{0x81, 0x00}).end();
        rig.settle();
    }
    {
        memory_client peer = rig.open();
        peer.fail(ETIMEDOUT);
        rig.settle();
    }
    {
        memory_client fine = rig.open();
        fine.say(client_close(1000)).end();
        rig.settle();
    }
    const std::vector<std::string> expected = {"0 unexpected_end 0 192.0.2.7:99",
                                               "0 connection_reset 104 192.0.2.7:99",
                                               "0 too_many_empty_lines 0 192.0.2.7:99",
                                               "0 path_unknown 0 192.0.2.7:99",
                                               "0 handshake_timeout 0 192.0.2.7:99",
                                               "1 frame_not_masked 0 none",
                                               "1 connection_reset 110 none"};
    EXPECT_EQ(told, expected);
    expect_empty(rig);
}

}  // namespace
}  // namespace plainsong::tests
