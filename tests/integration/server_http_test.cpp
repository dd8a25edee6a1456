// SPDX-License-Identifier: MIT
// Requests: routes, pages, refusals, Origin, subprotocols and what a program may say to them.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/vectors.hpp"

namespace plainsong::tests {
namespace {

/// The one answer to a request, and that nothing follows it but FIN.
std::string ask(memory_server& rig, std::string_view request, bool to_head = false) {
    memory_client peer(rig);
    peer.say(request);
    rig.settle();
    const std::string answer = peer.answer(to_head);
    EXPECT_TRUE(peer.bytes().empty());
    EXPECT_EQ(peer.line->fin_sent, !answer.empty() && !answer.starts_with("HTTP/1.1 101 "));
    peer.end();
    rig.settle();
    EXPECT_TRUE(peer.line->closed);
    return answer;
}

std::string get(std::string_view path, std::string_view method = "GET") {
    return std::string(method) + ' ' + std::string(path) + " HTTP/1.1\r\nHost: h.example\r\n\r\n";
}

std::string status_of(std::string_view answer) {
    return std::string(answer.substr(9, 3));
}

TEST(ServerRoutes, TakeTheLongestMatch) {
    std::string taken;
    memory_server rig;
    const auto mark = [&](const char* name) {
        return rig.log.record({.on_open = [&taken, name](session&) { taken = name; }});
    };
    rig->route("/a", mark("/a"));
    rig->route("/a/*", mark("/a/*"));
    rig->route("/a/b*", mark("/a/b*"));
    rig->route("/a/b", mark("/a/b"));
    const auto route_of = [&](const char* path) {
        taken = "none";
        const std::string status = status_of(ask(rig, good_request({}, path)));
        EXPECT_EQ(status, taken == "none" ? "404" : "101");
        return taken;
    };
    EXPECT_EQ(route_of("/a"), "/a");
    EXPECT_EQ(route_of("/a?query"), "/a");
    EXPECT_EQ(route_of("/a/"), "/a/*");
    EXPECT_EQ(route_of("/a/x"), "/a/*");
    EXPECT_EQ(route_of("/a/b"), "/a/b");
    EXPECT_EQ(route_of("/a/bc"), "/a/b*");
    EXPECT_EQ(route_of("/"), "none");
    EXPECT_EQ(route_of("/ab"), "none");
    rig->route("*", mark("*"));
    EXPECT_EQ(route_of("/ab"), "*");
    EXPECT_EQ(route_of("/a/b"), "/a/b");
    expect_empty(rig);
}

TEST(ServerRoutes, ReportMistakesWhenTheServerListens) {
    const auto error_of = [](auto set_up) {
        loop on;
        server one(on);
        set_up(one);
        return one.listen({}).code();
    };
    EXPECT_EQ(error_of([](server& s) { s.route("/a", {}); }), error_code::none);
    EXPECT_EQ(error_of([](server& s) {
                  s.route("/a", {});
                  s.route("/a", {});
              }),
              error_code::invalid_argument);
    EXPECT_EQ(error_of([](server& s) { s.route("a", {}); }), error_code::invalid_argument);
    EXPECT_EQ(error_of([](server& s) { s.route("", {}); }), error_code::invalid_argument);
    EXPECT_EQ(error_of([](server& s) { s.route("/", {.subprotocols = "a, ,b"}); }),
              error_code::invalid_argument);
    EXPECT_EQ(error_of([](server& s) { s.route("/", {.subprotocols = "a b"}); }),
              error_code::invalid_argument);
    EXPECT_EQ(error_of([](server& s) { s.page("/healthz", "text/plain", "taken"); }),
              error_code::invalid_argument);
    EXPECT_EQ(error_of([](server& s) { s.page("x", "text/plain", "no path"); }),
              error_code::invalid_argument);
}

TEST(ServerPages, AnswerGetAndHead) {
    proves({"6455-4.2.1-03"});
    memory_server rig;
    rig->route("/echo", rig.log.record());
    rig->page("/", "text/html", "<p>hello</p>");
    int written = 0;
    rig->page("/now", "text/plain", [&written](text_builder& out) {
        out.add("number ").add(static_cast<std::uint64_t>(++written));
    });
    std::string answer = ask(rig, get("/"));
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_EQ(field_of(answer, "Content-Type"), "text/html");
    EXPECT_EQ(field_of(answer, "Content-Length"), "12");
    EXPECT_EQ(field_of(answer, "Connection"), "close");
    EXPECT_EQ(body_of(answer), "<p>hello</p>");
    answer = ask(rig, get("/", "HEAD"), true);
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_EQ(field_of(answer, "Content-Length"), "12");
    EXPECT_EQ(body_of(answer), "");
    EXPECT_EQ(body_of(ask(rig, get("/now"))), "number 1");
    EXPECT_EQ(body_of(ask(rig, get("/now?again"))), "number 2");
    EXPECT_EQ(status_of(ask(rig, get("/", "POST"))), "405");
    EXPECT_EQ(status_of(ask(rig, get("/nowhere"))), "404");
    EXPECT_EQ(status_of(ask(rig, get("/nowhere", "HEAD"), true)), "405");
    answer = ask(rig, get("/echo"));
    EXPECT_EQ(status_of(answer), "426");
    EXPECT_EQ(field_of(answer, "Sec-WebSocket-Version"), "13");
    EXPECT_EQ(field_of(answer, "Upgrade"), "websocket");
    EXPECT_EQ(rig->snapshot().pages_served, 4U);
    expect_empty(rig);
}

TEST(ServerPages, SayThatItIsHealthyAndWhatItCounts) {
    memory_server rig;
    rig->route("/", rig.log.record(echo()));
    EXPECT_EQ(body_of(ask(rig, get("/healthz"))), "ok\n");
    memory_client peer = rig.open();
    peer.say(client_text("hello"));
    rig.settle();
    const std::string answer = ask(rig, get("/metrics"));
    EXPECT_EQ(field_of(answer, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    const std::string body = body_of(answer);
    for (const char* line :
         {"# TYPE plainsong_sessions_open gauge\nplainsong_sessions_open 1\n",
          "\nplainsong_messages_received 1\n", "\nplainsong_messages_sent 1\n",
          "\nplainsong_connections_accepted 3\n", "\nplainsong_pages_served 1\n"}) {
        EXPECT_NE(body.find(line), std::string::npos) << line;
    }
    memory_server bare({.health_path = "", .metrics_path = ""});
    EXPECT_EQ(status_of(ask(bare, get("/healthz"))), "404");
    EXPECT_EQ(status_of(ask(bare, get("/metrics"))), "404");
}

TEST(ServerOrigin, IsJudgedByThePolicy) {
    proves({"6455-10.2-01", "6455-10.2-02", "6455-4.2.2-07", "6455-4.2.1-12", "6455-4.2.1-13"});
    const std::string_view allowed[] = {"https://good.example", "http://[::1]:8080"};
    const origin_policy same{};
    const origin_policy any{.which = origin_policy::rule::any};
    const origin_policy list{.which = origin_policy::rule::list, .allowed = allowed};
    const origin_policy lax{
        .which = origin_policy::rule::list, .allowed = allowed, .allow_missing = true};
    const auto status = [](const origin_policy& policy, const std::string& origin) {
        memory_server rig({.origin = policy});
        rig->route("/", rig.log.record());
        return status_of(
            ask(rig, good_request(origin.empty() ? "" : "Origin: " + origin + "\r\n", "/")));
    };
    EXPECT_EQ(status(same, ""), "101");
    EXPECT_EQ(status(same, "http://h.example"), "101");
    EXPECT_EQ(status(same, "http://evil.example"), "403");
    EXPECT_EQ(status(same, "null"), "403");
    EXPECT_EQ(status(any, "http://evil.example"), "101");
    EXPECT_EQ(status(any, "null"), "101");
    EXPECT_EQ(status(list, "https://good.example"), "101");
    EXPECT_EQ(status(list, "http://[::1]:8080"), "101");
    EXPECT_EQ(status(list, "https://good.example.evil"), "403");
    EXPECT_EQ(status(list, ""), "403");
    EXPECT_EQ(status(lax, ""), "101");
    EXPECT_EQ(status(lax, "http://h.example"), "403");
}

TEST(ServerUpgrade, LetsTheProgramInspectAndShapeTheAnswer) {
    proves({"6455-4.2.2-12", "6455-4.2.2-13", "6455-4.2.2-22", "6455-4.2.1-14", "6455-11.3.4-02",
            "6455-10.5-01"});
    memory_server rig;
    int mark = 0;
    std::string seen;
    handlers made;
    made.subprotocols = "superchat, chat";
    made.on_upgrade = [&](upgrade& asked) {
        seen = std::string(asked.path()) + '|' + std::string(asked.query()) + '|' +
               std::string(asked.host()) + '|' + std::string(asked.origin()) + '|' +
               std::string(asked.field("cookie")) + '|' + std::string(asked.field("none")) + '|' +
               std::string(asked.peer().text().view());
        EXPECT_EQ(asked.request().fields.size(), 8U);
        EXPECT_FALSE(asked.add_field("Set-Cookie", "a=b"));
        EXPECT_EQ(asked.choose_subprotocol("other").code(), error_code::invalid_argument);
        EXPECT_FALSE(asked.choose_subprotocol("superchat"));
        asked.set_data(&mark);
    };
    std::string agreed;
    made.on_open = [&](session& s) {
        EXPECT_EQ(s.data(), &mark);
        agreed = s.subprotocol();
    };
    rig->route("/chat", std::move(made));
    memory_client peer(rig, *address::parse("192.0.2.1", 1234));
    peer.say(
        good_request("Cookie: c=1\r\nOrigin: http://h.example\r\n"
                     "Sec-WebSocket-Protocol: chat, superchat\r\n",
                     "/chat?room=1"));
    rig.settle();
    const std::string answer = peer.answer();
    EXPECT_EQ(status_of(answer), "101");
    EXPECT_EQ(field_of(answer, "Set-Cookie"), "a=b");
    EXPECT_EQ(field_of(answer, "Sec-WebSocket-Protocol"), "superchat");
    EXPECT_EQ(agreed, "superchat");
    EXPECT_EQ(seen, "/chat|room=1|h.example|http://h.example|c=1||192.0.2.1:1234");
}

TEST(ServerUpgrade, ChoosesTheFirstSubprotocolThatTheClientNamesAndTheRouteKnows) {
    memory_server rig;
    std::string agreed;
    handlers made;
    made.subprotocols = "superchat, chat";
    made.on_open = [&](session& s) { agreed = s.subprotocol(); };
    rig->route("/", std::move(made));
    const auto protocol = [&](const std::string& asked) {
        agreed = "?";
        const std::string answer = ask(
            rig,
            good_request(asked.empty() ? "" : "Sec-WebSocket-Protocol: " + asked + "\r\n", "/"));
        EXPECT_EQ(field_of(answer, "Sec-WebSocket-Protocol"), agreed.empty() ? "<none>" : agreed);
        return agreed;
    };
    EXPECT_EQ(protocol("chat, superchat"), "chat");
    EXPECT_EQ(protocol("x, superchat"), "superchat");
    EXPECT_EQ(protocol("x"), "");
    EXPECT_EQ(protocol("Chat"), "") << "compared exactly";
    EXPECT_EQ(protocol(""), "");
}

TEST(ServerUpgrade, AnswersTheExamplesOfTheProtocol) {
    proves({"6455-4.2.2-08", "6455-4.2.2-21", "6455-11.3.3-01", "6455-4.2.2-17"});
    const auto answer_to = [](bool accept_ws, std::string_view request) {
        memory_server rig({.accept_ws_target = accept_ws});
        handlers made = rig.log.record();
        made.subprotocols = "superchat";
        rig->route("*", std::move(made));
        return ask(rig, request);
    };
    const auto request = [](std::string_view target, std::string_view key) {
        return "GET " + std::string(target) +
               " HTTP/1.1\r\nHost: localhost:8888\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: " +
               std::string(key) +
               "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, superchat\r\n\r\n";
    };
    std::string answer = answer_to(false, request("/", "sN9cRrP/n9NdMgdcy2VJFQ=="));
    EXPECT_EQ(field_of(answer, "Sec-WebSocket-Accept"), "fFBooB7FAkLlXgRSz0BT3v4hq5s=");
    EXPECT_EQ(field_of(answer, "Sec-WebSocket-Protocol"), "superchat");
    const std::string absolute = request("ws://localhost:8888/", "IHfMdf8a0aQXbwQO1pkGdA==");
    answer = answer_to(true, absolute);
    EXPECT_EQ(field_of(answer, "Sec-WebSocket-Accept"), "aWAY+V/uyz5ILZEoWuWdxjnlb7E=");
    EXPECT_EQ(status_of(answer_to(false, absolute)), "400");
}

TEST(ServerUpgrade, TakesAFoldedLineIfItIsToldTo) {
    proves({"9112-5.2-01", "9112-5.2-02"});
    const std::string folded = good_request("X-Long: one\r\n two\r\n", "/");
    for (const bool lenient : {false, true}) {
        memory_server rig({.lenient_fold = lenient});
        std::string seen;
        handlers made = rig.log.record();
        made.on_upgrade = [&seen](upgrade& asked) { seen = asked.field("X-Long"); };
        rig->route("/", std::move(made));
        EXPECT_EQ(status_of(ask(rig, folded)), lenient ? "101" : "400");
        EXPECT_EQ(seen, lenient ? "one   two" : "");
    }
}

/// Plays the table of requests against a whole server.
TEST(ServerHandshakes, AnswerEachRequestOfTheTableHoweverItIsCut) {
    proves({"6455-4.2.1-02", "6455-4.2.1-03", "6455-4.2.1-05", "6455-4.2.1-07", "6455-4.2.1-08",
            "6455-4.2.1-09", "6455-4.2.1-10", "6455-4.2.1-11", "6455-4.2.2-09", "6455-4.2.2-10",
            "6455-4.2.2-11", "6455-4.2.2-01", "6455-4.2.2-18", "6455-10.7-01", "6455-10.7-04",
            "9112-2.2-03", "9112-5.1-01", "9112-6.1-01"});
    const std::string_view allowed[] = {"https://good.example"};
    const std::vector<vector_row> rows = read_vectors("autobahn/cases/handshake-requests.tsv");
    EXPECT_GE(rows.size(), 181U);
    for (vector_row row : rows) {
        const std::string expected = row["expected"].substr(0, row["expected"].find('['));
        const std::string request = unescape(row["raw"]);
        const bool is_head = request.starts_with("HEAD ");
        server_options options;
        options.origin.which = origin_policy::rule::any;
        if (row["expected"].ends_with("[allow]")) {
            options.origin = {.which = origin_policy::rule::list, .allowed = allowed};
        }
        memory_server rig(std::move(options));
        rig->route("*", rig.log.record(echo()));
        for (const std::size_t at_most : {std::size_t{1}, std::size_t{100}, no_bound}) {
            SCOPED_TRACE(row["id"] + ' ' + row["what"] + ", " + std::to_string(at_most));
            memory_client peer(rig);
            peer.line->receive_at_most = at_most;
            peer.say(request);
            rig.settle();
            const std::string answer = peer.answer(is_head);
            if (expected == "wait") {
                EXPECT_EQ(answer, "");
                EXPECT_FALSE(peer.line->fin_sent);
                rig.pass(11s);
                const std::string late = peer.answer();
                const bool has_line = request.find("\r\n", 2) != std::string::npos;
                EXPECT_EQ(late.substr(0, 13), has_line ? "HTTP/1.1 408 " : "") << late;
            } else {
                EXPECT_EQ(status_of(answer), expected) << answer;
                EXPECT_EQ(peer.line->fin_sent, expected != "101");
                EXPECT_TRUE(expected == "101" || peer.bytes().empty()) << "one answer only";
            }
            if (expected == "101") {
                peer.say(client_text("open"));
                rig.settle();
                EXPECT_TRUE(peer.heard().ends_with("text \"open\"\n"));
            }
            peer.end();
            rig.settle();
            EXPECT_TRUE(peer.line->closed);
        }
        expect_empty(rig);
    }
}

TEST(ServerPages, ReachAPeerThatHasHalfClosedWhateverTheirSize) {
    memory_server rig;
    const std::string body(100'000, 'x');
    rig->page("/large", "text/plain", body);
    memory_client peer(rig);
    peer.line->window = 10'000;
    peer.say(get("/large")).end();
    rig.settle();
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(peer.line->closed);
        peer.line->window += 10'000;
        rig.settle();
    }
    EXPECT_EQ(body_of(peer.answer()), body);
    EXPECT_TRUE(peer.line->fin_sent);
    EXPECT_TRUE(peer.line->closed);
}

}  // namespace
}  // namespace plainsong::tests
