// SPDX-License-Identifier: MIT
// The server over real sockets, on every poller.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/handshake_server.hpp"
#include "tests/support/memory_books.hpp"
#include "tests/support/pollers.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/socket_server.hpp"
#include "tests/support/vectors.hpp"

namespace plainsong::tests {
namespace {

class SocketServer : public ::testing::TestWithParam<poller_choice> {
protected:
    SocketServer() : rig(GetParam().options, options()) {}

    static server_options options() {
        server_options made;
        made.bounds.frame_bytes = made.bounds.message_bytes = 16 << 20;
        made.bounds.outbox_bytes = 32 << 20;
        made.origin.which = origin_policy::rule::any;
        return made;
    }

    socket_server rig;
};

INSTANTIATE_TEST_SUITE_P(EveryPoller, SocketServer, every_poller(), poller_name{});

TEST_P(SocketServer, EchoesEachSizeWholeAndInFragments) {
    proves({"6455-5.2-08", "6455-5.2-10", "6455-5.4-12", "6455-6.2-04", "6455-6.2-08"});
    rig->route("/", rig.log.record(echo()));
    rig.listen();
    raw_client peer = rig.open();
    for (const std::size_t size :
         {0U, 1U, 125U, 126U, 127U, 2047U, 2048U, 16'384U, 65'535U, 65'536U, 1U << 20, 16U << 20}) {
        octets payload(size);
        for (std::size_t i = 0; i < size; ++i) {
            payload[i] = static_cast<std::uint8_t>(i * 7 + i / 255);
        }
        ASSERT_TRUE(peer.say(client_frame(2, payload)));
        EXPECT_TRUE(peer.message() == payload) << size;
        const std::size_t part = size / 5 + 1;
        for (std::size_t at = 0; at < size || at == 0; at += part) {
            const auto first = payload.begin() + static_cast<std::ptrdiff_t>(at);
            const auto last =
                payload.begin() + static_cast<std::ptrdiff_t>(std::min(size, at + part));
            ASSERT_TRUE(
                peer.say(client_frame(at == 0 ? 2 : 0, octets(first, last), at + part >= size)));
        }
        EXPECT_TRUE(peer.message() == payload) << size << " in fragments";
    }
    ASSERT_TRUE(peer.say(client_close(1000)));
    EXPECT_EQ(peer.rest(), "close 1000\nfin\n");
    peer.close();
    EXPECT_TRUE(rig.empty());
}

TEST_P(SocketServer, ServesIpv6AndPaths) {
    rig->route("/", rig.log.record(echo()));
    char name[] = "/tmp/plainsong-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    const std::string path = std::string(name) + "/socket";
    ASSERT_FALSE(rig->listen({.unix_path = path}));
    EXPECT_EQ(rig->port(), 0);
    ASSERT_FALSE(rig->listen({.host = "::1"}));
    raw_client local(*address::unix_path(path), &rig.its_loop);
    EXPECT_TRUE(local.upgrade());
    EXPECT_EQ(rig->find(rig.log.last().id)->peer().family(), address_family::unix_path);
    local.say(client_text("over a path"));
    EXPECT_EQ(local.next(), "text \"over a path\"");
    local.close();
    EXPECT_TRUE(rig.empty());
    EXPECT_EQ(rig.log.last().lines.back(), "close 1006 because unexpected_end");
    rig->stop(1s);
    EXPECT_NE(::access(path.c_str(), F_OK), 0) << "its path is removed";
    ::rmdir(name);

    ASSERT_FALSE(rig->listen({.host = "::1"}));
    raw_client peer(*address::parse("::1", rig->port()), &rig.its_loop);
    EXPECT_TRUE(peer.upgrade());
    EXPECT_EQ(rig->find(rig.log.last().id)->peer().text().view().substr(0, 6), "[::1]:");
    peer.say(client_text("over IPv6"));
    EXPECT_EQ(peer.next(), "text \"over IPv6\"");
}

TEST_P(SocketServer, SaysWhyItCannotListen) {
    rig.listen();
    const std::uint16_t port = rig->port();
    EXPECT_EQ(rig->listen({.port = port}), (error{error_code::system_call_failed, EADDRINUSE}));
    EXPECT_EQ(rig->listen({.host = "example.org"}).code(), error_code::no_such_address);
    EXPECT_EQ(rig->listen({.unix_path = "/nowhere/at/all"}),
              (error{error_code::system_call_failed, ENOENT}));
    EXPECT_EQ(rig->port(), port);
}

TEST_P(SocketServer, LetsThePeerReadItsCloseBeforeTheEndAndResetsNothing) {
    proves({"6455-5.5.1-11", "6455-5.5.1-12", "6455-7.1.1-02", "6455-7.1.1-04", "6455-7.1.1-06",
            "6455-7.1.7-03", "6455-7.1.7-05", "6455-10.7-03"});
    rig->route("/", rig.log.record());
    rig.listen();
    for (const bool violates : {false, true}) {
        raw_client peer = rig.open();
        octets last = violates ? octets{0xff, 0x80, 1, 2, 3, 4} : client_close(1000);
        append(last, octets(30'000, 'x'));  // unread, it would turn an end into a reset
        peer.say(last);
        const std::string heard = peer.rest();
        EXPECT_TRUE(heard.starts_with(violates ? "close 1002 " : "close 1000\n")) << heard;
        EXPECT_TRUE(heard.ends_with("\nfin\n")) << heard;
        peer.close();
        EXPECT_TRUE(rig.empty());
    }
}

TEST_P(SocketServer, TellsAnOrderlyEndFromAReset) {
    std::vector<bool> orderly;
    rig->route("/", {.on_close = [&](session&, const close_record& how) {
                   EXPECT_TRUE(how.clean);
                   orderly.push_back(how.orderly_end);
               }});
    rig.listen();
    for (const char* way : {"at once", "later", "reset"}) {
        const std::string_view how = way;
        raw_client peer = rig.open();
        peer.say(client_close(1000));
        if (how != "at once") {
            EXPECT_EQ(peer.rest(), "close 1000\nfin\n");
        }
        if (how == "reset") {
            peer.reset();
        } else {
            peer.half_close();
        }
        EXPECT_TRUE(rig.empty());
    }
    EXPECT_EQ(orderly, (std::vector<bool>{true, true, false}));
}

TEST_P(SocketServer, LetsARefusedPeerReadTheAnswerAndResetsNothing) {
    proves({"6455-4.2.1-03", "6455-10.7-04"});
    rig->route("/", rig.log.record());
    rig.listen();
    raw_client peer = rig.connect();
    peer.say("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(30'000, 'x'));
    EXPECT_TRUE(peer.answer().starts_with("HTTP/1.1 404 "));
    EXPECT_EQ(peer.rest(), "fin\n");
    peer.close();
    EXPECT_TRUE(rig.empty());
}

TEST_P(SocketServer, AnswersTheTableOfRequests) {
    rig->route("*", rig.log.record());
    rig.listen();
    for (vector_row row : read_vectors("autobahn/cases/handshake-requests.tsv")) {
        const std::string expected = row["expected"];
        const std::string request = unescape(row["raw"]);
        if (expected == "wait" || row["group"] == "origin") {
            continue;
        }
        raw_client peer = rig.connect();
        peer.say(request);
        const std::string answer = peer.answer(request.starts_with("HEAD "));
        EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + expected) << row["id"];
        if (expected != "101") {
            EXPECT_EQ(peer.rest(), "fin\n") << row["id"];
        }
    }
    EXPECT_TRUE(rig.empty());
}

octets dialogue() {
    octets all = octets_of(good_request({}, "/"));
    append(all, client_text("one"));
    append(all, client_text("tw", false));
    append(all, client_ping("p"));
    return append(all, client_frame(0, octets_of("o")));
}

TEST_P(SocketServer, TellsOfEachEndOnceWhereverAPeerLeaves) {
    rig->route("/", rig.log.record(echo()));
    rig.listen();
    const octets all = dialogue();
    const std::size_t head = good_request({}, "/").size();
    std::size_t opened = 0;
    for (std::size_t size = 0; size <= all.size(); size += size < head - 3 ? 7 : 1) {
        for (int how = 0; how < 3; ++how) {
            rig.log.forget();
            raw_client peer = rig.connect();
            peer.say(std::span{all}.first(size));
            const std::uint64_t accepted = rig->snapshot().connections_accepted;
            if (size % 2 == 0) {  // so that the end comes apart
                ASSERT_TRUE(
                    rig.until([&] { return rig->snapshot().connections_accepted > accepted; }));
            }
            how == 0 ? peer.close() : how == 1 ? peer.reset() : peer.half_close();
            ASSERT_TRUE(rig.until([&] {
                const metrics_snapshot counts = rig->snapshot();
                return counts.connections_accepted > accepted || size % 2 == 0;
            }));
            ASSERT_TRUE(rig.empty());
            EXPECT_LE(rig.log.count(), 1U);
            EXPECT_EQ(rig.log.open(), 0U);
            opened += rig.log.count();
            if (how == 2) {
                EXPECT_EQ(rig.log.count(), size >= head ? 1U : 0U);
                const std::string heard = size >= head ? peer.answer() : "";
                const std::string end = peer.rest();
                EXPECT_TRUE(end.ends_with("fin\n")) << size << ' ' << end;
            }
            if (rig.log.count() == 1) {
                EXPECT_TRUE(rig.log.last().lines.back().starts_with("close 1006 because "));
            }
        }
    }
    EXPECT_GT(opened, 30U);
    expect_sums(rig->snapshot());
}

TEST_P(SocketServer, ReadsTheCloseThatCameBeforeAReset) {
    rig->route("/", rig.log.record());
    rig.listen();
    raw_client peer = rig.open();
    const session_id id = rig.log.last().id;
    peer.say(client_close(4001, "bye"));
    peer.reset();
    ASSERT_TRUE(rig.until([&] { return rig->find(id) == nullptr; }));
    // A reset may take unread octets with it on its way; then there was no Close.
    const std::string line = rig.log.last().lines.back();
    EXPECT_TRUE(line.starts_with("close 4001 sent 4001") || line.starts_with("close 1006")) << line;
    EXPECT_TRUE(rig.empty());
}

TEST_P(SocketServer, EndsAPausedSessionWhosePeerIsGone) {
    rig->route("/", rig.log.record());
    rig.listen();
    for (const bool is_reset : {false, true}) {
        raw_client peer = rig.open();
        const session_id id = rig.log.last().id;
        rig->find(id)->pause_reading();
        EXPECT_FALSE(rig.its_loop.turn(0ms));
        is_reset ? peer.reset() : peer.close();
        // Neither is missed nor does it keep the loop busy.
        int turns = 0;
        const time_point until = sys::now() + 100ms;
        while (sys::now() < until && rig->sessions() != 0) {
            EXPECT_FALSE(rig.its_loop.turn(50ms));
            ++turns;
        }
        EXPECT_LE(turns, 10);
        if (session* const waiting = rig->find(id)) {
            waiting->resume_reading();
        }
        EXPECT_TRUE(rig.empty());
        EXPECT_EQ(rig.log.last().lines.back(), is_reset
                                                   ? "close 1006 because connection_reset errno 104"
                                                   : "close 1006 because unexpected_end");
    }
}

TEST_P(SocketServer, KeepsOthersGoingBesideOneThatDoesNotRead) {
    limits bounds;
    bounds.outbox_bytes = 300'000;
    bounds.outbox_high_bytes = 100'000;
    rig->route("/", rig.log.record(echo()));
    rig->route("/flood", rig.log.record(), bounds);
    rig.listen();
    raw_client slow = rig.open("/flood", 4096);
    const session_id id = rig.log.last().id;
    raw_client other = rig.open();
    int number = 0;
    int taken = 0;
    std::vector<int> refused;
    for (; refused.size() < 50; ++number) {
        const std::string text = std::to_string(number) + std::string(20'000, '.');
        session* const flooded = rig->find(id);
        ASSERT_NE(flooded, nullptr);
        flooded->send_text(text) ? static_cast<void>(++taken) : refused.push_back(number);
        EXPECT_LE(flooded->backlog_bytes(), 300'000U);
        if (number % 10 == 0) {
            other.say(client_text("still here"));
            EXPECT_EQ(other.next(), "text \"still here\"");
        }
    }
    // It wakes up: what was taken arrives in order, and on_drain comes once.
    int last = -1;
    for (int i = 0; i < taken; ++i) {
        const octets payload = slow.message();
        const int now = std::stoi(std::string(payload.begin(), payload.end()));
        EXPECT_GT(now, last);
        last = now;
    }
    ASSERT_TRUE(rig.until([&] { return rig->find(id)->backlog_bytes() == 0; }));
    EXPECT_EQ(rig.log[0].text(), "open\ndrain\n");
    EXPECT_EQ(rig->snapshot().messages_refused, refused.size());
}

TEST_P(SocketServer, TurnsAwayAPeerThatTalksWithoutEndAfterItsClose) {
    rig->route("/", rig.log.record());
    rig.listen();
    raw_client peer = rig.open();
    peer.say(client_close(1000));
    const octets noise(65'536, 'x');
    std::size_t said = 0;
    while (rig->sessions() != 0 && said < (64U << 20)) {
        said += peer.try_say(noise);
        EXPECT_FALSE(rig.its_loop.turn(0ms));
    }
    EXPECT_EQ(rig->sessions(), 0U);
    EXPECT_LT(said, 8U << 20);
}

TEST_P(SocketServer, StopsWithEverybodyToldInTime) {
    rig->route("/", rig.log.record());
    rig.listen();
    std::vector<raw_client> open;
    std::vector<raw_client> waiting;
    for (int i = 0; i < 100; ++i) {
        open.push_back(rig.open());
    }
    for (int i = 0; i < 20; ++i) {
        waiting.push_back(rig.connect());
        waiting.back().say("GET / HT");
    }
    for (std::size_t i = 0; i < 5; ++i) {
        rig->find(rig.log[i].id)->send_binary(octets(20 << 20, 7));
    }
    ASSERT_TRUE(rig.until([&] { return rig->snapshot().handshakes_open == 20; }));
    const time_point start = sys::now();
    rig->stop(300ms);
    EXPECT_LE(sys::now() - start, 400ms + 300ms);  // and a machine that is busy
    EXPECT_EQ(rig.log.open(), 0U);
    EXPECT_EQ(rig->sessions(), 0U);
    for (std::size_t i = 5; i < open.size(); ++i) {
        EXPECT_EQ(open[i].next(), "close 1001");
    }
    for (raw_client& one : waiting) {
        const std::string end = one.rest();
        EXPECT_TRUE(end == "fin\n" || end == "reset\n") << end;
    }
}

TEST_P(SocketServer, LeavesNothingBehindWhenItIsStartedAndStoppedAHundredTimes) {
    const auto round = [&] {
        loop on(GetParam().options);
        journal log;
        server one(on);
        server other(on);
        one.route("/", log.record(echo()));
        other.route("/", log.record(echo()));
        ASSERT_FALSE(one.listen({}));
        ASSERT_FALSE(other.listen({}));
        for (server* each : {&one, &other}) {
            raw_client peer(*address::parse("127.0.0.1", each->port()), &on);
            ASSERT_TRUE(peer.upgrade());
            peer.say(client_text("x"));
            EXPECT_EQ(peer.next(), "text \"x\"");
            peer.say(client_text("begun", false));
        }
        one.stop(10ms);
    };
    for (int i = 0; i < 3; ++i) {
        round();
    }
    const std::size_t descriptors = open_descriptors();
    const std::size_t heap = heap_in_use();
    for (int i = 0; i < 97; ++i) {
        round();
    }
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_NEAR(static_cast<double>(heap_in_use()), static_cast<double>(heap), 4096);
}

}  // namespace
}  // namespace plainsong::tests
