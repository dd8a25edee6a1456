// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <plainsong/ws/server_handshake.hpp>

#include "tests/support/guard_page.hpp"
#include "tests/support/handshake_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

using tests::body_of;
using tests::field_of;
using tests::good_request;
using tests::handshake_outcome;
using tests::handshake_server;

/// A head with what was judged of it; views point into it, so it stays where it is.
struct judged {
    std::string octets;
    http::request_head head;
    upgrade_request request;
    error_code why;

    explicit judged(std::string text, const handshake_options& options = {})
        : octets(std::move(text)) {
        http::head_parser parser;
        const http::head_step step = parser.feed(as_bytes(octets), {});
        EXPECT_EQ(step.status, http::head_step::kind::done) << octets;
        http::read_head({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()}, head);
        why = judge_request(head, options, request);
    }
    judged(const judged&) = delete;
    judged& operator=(const judged&) = delete;
};

std::string accept(const upgrade_request& request, const acceptance& chosen) {
    std::array<std::uint8_t, 1024> memory{};
    auto size = write_accept(memory, request, chosen);
    return size ? std::string(as_text(byte_view(memory).first(*size)))
                : facts_of(size.why().code()).name;
}

std::string refuse(const refusal& answer) {
    std::array<std::uint8_t, 1024> memory{};
    auto size = write_refusal(memory, answer);
    return size ? std::string(as_text(byte_view(memory).first(*size)))
                : facts_of(size.why().code()).name;
}

std::string request_of(std::string_view start, std::string_view fields) {
    return std::string(start) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

TEST(ServerHandshake, AnswersTheExampleOfTheStandard) {
    tests::proves({"6455-4.2.1-01", "6455-4.2.2-21", "6455-4.2.2-22", "6455-4.2.1-14"});
    handshake_server server;
    server.subprotocols = {"superchat"};
    const handshake_outcome outcome = server.run(
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n");
    EXPECT_EQ(outcome.answer,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
              "Sec-WebSocket-Protocol: superchat\r\n\r\n");
    EXPECT_EQ(outcome.path, "/chat");
    EXPECT_EQ(outcome.host, "server.example.com");
}

TEST(ServerHandshake, TakesTheNeededFieldsInAnyOrder) {
    tests::proves({"6455-4.2.1-04"});
    std::vector<std::string> fields = {"Host: h\r\n",
                                       "Upgrade: websocket\r\n",
                                       "Connection: Upgrade\r\n",
                                       "Sec-WebSocket-Key: sN9cRrP/n9NdMgdcy2VJFQ==\r\n",
                                       "Sec-WebSocket-Version: 13\r\n",
                                       "Origin: http://h\r\n"};
    std::sort(fields.begin(), fields.end());
    int orders = 0;
    do {
        std::string all;
        for (const std::string& field : fields) {
            all += field;
        }
        const handshake_outcome outcome = handshake_server{}.run(request_of("GET /", all));
        ASSERT_EQ(field_of(outcome.answer, "Sec-WebSocket-Accept"), "fFBooB7FAkLlXgRSz0BT3v4hq5s=");
        ++orders;
    } while (std::next_permutation(fields.begin(), fields.end()));
    EXPECT_EQ(orders, 720);
}

TEST(ServerHandshake, NeedsEachOfItsFields) {
    tests::proves({"6455-4.2.1-02", "6455-4.2.1-07", "6455-4.2.1-08", "6455-4.2.1-09",
                   "6455-4.2.1-10", "6455-4.2.1-11"});
    const std::pair<std::string_view, error_code> missing[] = {
        {"Host: h.example\r\n", error_code::host_missing},
        {"Upgrade: websocket\r\n", error_code::upgrade_missing},
        {"Connection: Upgrade\r\n", error_code::connection_without_upgrade},
        {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", error_code::key_missing},
        {"Sec-WebSocket-Version: 13\r\n", error_code::version_missing}};
    for (const auto& [field, why] : missing) {
        std::string request = good_request();
        request.erase(request.find(field), field.size());
        EXPECT_EQ(handshake_server{}.run(request).why, why) << field;
    }
}

TEST(ServerHandshake, RefusesAFieldThatMayStandOnlyOnce) {
    tests::proves({"6455-11.3.1-02", "6455-11.3.5-02", "9112-3.2-01"});
    const std::pair<std::string_view, error_code> twice[] = {
        {"Host: h.example\r\n", error_code::host_missing},
        {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", error_code::key_missing},
        {"Sec-WebSocket-Version: 13\r\n", error_code::version_missing},
        {"Content-Length: 0\r\nContent-Length: 0\r\n", error_code::content_length_malformed},
        {"Origin: http://h\r\nOrigin: http://h\r\n", error_code::origin_repeated}};
    for (const auto& [field, why] : twice) {
        const handshake_outcome outcome = handshake_server{}.run(good_request(field));
        EXPECT_EQ(outcome.why, why) << field;
        EXPECT_EQ(outcome.status, 400) << field;
    }
}

// Two rules broken at once: the earlier one is named.
TEST(ServerHandshake, AppliesItsRulesInOrder) {
    const std::pair<std::string_view, error_code> broken[] = {
        {"Host: a b\r\n", error_code::host_malformed},
        {"Host: h\r\nContent-Length: 5\r\n", error_code::body_announced},
        {"Host: h\r\nExpect: tea\r\n", error_code::expectation_unknown}};
    std::string fields = "Upgrade: a b\r\nConnection: a b\r\nOrigin: null\r\nOrigin: null\r\n";
    for (const auto& [field, why] : broken) {
        EXPECT_EQ(judged(request_of("BREW /", std::string(field) + fields)).why, why);
    }
    EXPECT_EQ(judged(request_of("GET ws://h/", fields)).why, error_code::request_target_malformed);
    fields += "Host: h\r\n";
    EXPECT_EQ(judged(request_of("BREW /", fields)).why, error_code::method_unknown);
    EXPECT_EQ(judged(request_of("PUT /", fields)).why, error_code::method_not_allowed);
    const auto next = [&](std::string_view from, std::string_view to) {
        fields.replace(fields.find(from), from.size(), to);
        return judged(request_of("GET /", fields)).why;
    };
    EXPECT_EQ(next("Upgrade: a b", "Upgrade: a b"), error_code::upgrade_malformed);
    EXPECT_EQ(next("Upgrade: a b", "Upgrade: h2c"), error_code::connection_malformed);
    EXPECT_EQ(next("Connection: a b", "Connection: a"), error_code::upgrade_missing);
    EXPECT_EQ(next("Upgrade: h2c", "Upgrade: websocket"), error_code::connection_without_upgrade);
    EXPECT_EQ(next("Connection: a", "Connection: upgrade"), error_code::key_missing);
    fields += "Sec-WebSocket-Key: AAAA\r\n";
    EXPECT_EQ(next("AAAA", "AAAA"), error_code::key_malformed);
    EXPECT_EQ(next("AAAA", "AAAAAAAAAAAAAAAAAAAAAA=="), error_code::version_missing);
    fields += "Sec-WebSocket-Version: x\r\nSec-WebSocket-Protocol: \r\n";
    EXPECT_EQ(next("Version: x", "Version: x"), error_code::version_malformed);
    EXPECT_EQ(next("Version: x", "Version: 7"), error_code::version_unsupported);
    EXPECT_EQ(next("Version: 7", "Version: 13"), error_code::protocol_malformed);
    fields += "Sec-WebSocket-Extensions: ;\r\n";
    EXPECT_EQ(next("Protocol: ", "Protocol: a"), error_code::extension_malformed);
    EXPECT_EQ(next("Extensions: ;", "Extensions: a"), error_code::origin_repeated);
    EXPECT_EQ(next("Origin: null\r\n", ""), error_code::none);
}

TEST(ServerHandshake, ReadsTheTargetAsPathAndQuery) {
    tests::proves({"6455-4.2.1-06", "9112-3.2.2-01", "9112-3.2.2-02"});
    const auto parts = [](std::string_view target) {
        const judged one(good_request("", target));
        EXPECT_EQ(one.why, error_code::none) << target;
        std::string out{one.request.host};
        return out.append(" ").append(one.request.path).append("?").append(one.request.query);
    };
    EXPECT_EQ(parts("/chat?a=b"), "h.example /chat?a=b");
    EXPECT_EQ(parts("http://other.example:81/chat"), "other.example:81 /chat?");
    EXPECT_EQ(parts("https://other.example?x"), "other.example /?x");
    EXPECT_EQ(judged(good_request("", "ws://h.example/chat")).why,
              error_code::request_target_malformed);
}

TEST(ServerHandshake, AcceptsAWebSocketTargetIfTold) {
    handshake_server server;
    const std::string request =
        request_of("GET ws://localhost:8888/",
                   "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: IHfMdf8a0aQXbwQO1pkGdA==\r\nSec-WebSocket-Version: 13\r\n");
    EXPECT_EQ(server.run(request).status, 400);
    server.options.accept_ws_target = true;
    const handshake_outcome outcome = server.run(request);
    EXPECT_EQ(field_of(outcome.answer, "Sec-WebSocket-Accept"), "aWAY+V/uyz5ILZEoWuWdxjnlb7E=");
    EXPECT_EQ(outcome.path, "/");
    EXPECT_EQ(outcome.host, "localhost:8888");
}

TEST(ServerHandshake, FoldsTheCaseOfAsciiOnly) {
    tests::proves({"6455-2.1-01", "6455-4.2.1-08", "6455-4.2.1-09", "6455-11.2-01"});
    const auto status = [](std::string_view upgrade, std::string_view connection) {
        std::string request = good_request();
        request.replace(request.find("websocket"), 9, upgrade);
        request.replace(request.find(": Upgrade") + 2, 7, connection);
        return handshake_server{}.run(request).status;
    };
    EXPECT_EQ(status("wEbSoCkEt", "uPgRaDe"), 101);
    EXPECT_EQ(status("WEBSOCKET", "UPGRADE"), 101);
    EXPECT_EQ(status("web\xc5\xbfocket", "upgrade"), 400);
    EXPECT_EQ(status("websoc\xe2\x84\xaa"
                     "et",
                     "upgrade"),
              400);
    EXPECT_EQ(status("webso\xc4\xb1ket", "upgrade"), 400);
    EXPECT_EQ(status("websocket",
                     "upg\xc3\x84"
                     "de"),
              400);
}

TEST(ServerHandshake, IgnoresFieldsThatItDoesNotKnow) {
    tests::proves({"6455-4.2.1-16", "9112-2.2-01"});
    EXPECT_EQ(
        handshake_server{}.run(good_request("X: \xff\xfe\x80\r\nConnection-X: a b\r\n")).status,
        101);
    EXPECT_EQ(
        handshake_server{}.run(good_request("Connection: Sec-WebSocket-Key, Host\r\n")).status,
        101);
}

TEST(ServerHandshake, AnswersAnExpectationWithTheUpgradeItself) {
    tests::proves({"9110-7.8-04"});
    const auto run = [](std::string_view fields) {
        return handshake_server{}.run(good_request(fields));
    };
    EXPECT_TRUE(run("Expect: 100-Continue\r\n").answer.starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(run("Expect: 100-continue, 100-continue\r\n").status, 101);
    EXPECT_EQ(run("Expect: 100-continue, tea\r\n").status, 417);
    EXPECT_EQ(run("Expect: 100-continue\r\nExpect: tea\r\n").status, 417);
    EXPECT_EQ(run("Expect: 100-continue=x\r\n").status, 417);
}

TEST(ServerHandshake, HasNoRoomForABody) {
    tests::proves({"9112-6.1-01", "9112-6.3-01", "9112-7.1-01"});
    EXPECT_EQ(handshake_server{}.run(good_request("Content-Length: 000\r\n")).status, 101);
    for (const std::string_view length : {"1", "-1", "+1", "+0", "1 2", "0x1", "1_0", "", "0, 0",
                                          "0;", "18446744073709551616", "9999999999999999999999"}) {
        std::string field = "Content-Length: " + std::string(length) + "\r\n";
        EXPECT_EQ(handshake_server{}.run(good_request(field)).status, 400) << length;
    }
    EXPECT_EQ(handshake_server{}.run(good_request("Transfer-Encoding: identity\r\n")).status, 400);
    EXPECT_EQ(handshake_server{}.run(good_request("Transfer-Encoding:\r\n")).status, 400);
}

TEST(ServerHandshake, KnowsAMethodByItsExactName) {
    tests::proves({"9112-3-01", "9112-3.1-01", "6455-4.2.1-05", "9110-15.5.6-01"});
    const auto status = [](std::string_view method) {
        return handshake_server{}.run(std::string(method) + good_request().substr(3)).status;
    };
    for (const std::string_view method :
         {"HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
        EXPECT_EQ(status(method), 405) << method;
    }
    for (const std::string_view method : {"get", "Get", "GETS", "GE", "PRI", "M-SEARCH"}) {
        EXPECT_EQ(status(method), 501) << method;
    }
    EXPECT_EQ(status(std::string(1000, 'X')), 501);
}

TEST(ServerHandshake, TellsAPlainRequestFromAMalformedOne) {
    const auto judge = [](std::string_view start, std::string_view fields) {
        const judged one(request_of(start, fields));
        EXPECT_NE(one.why, error_code::none);
        return std::pair{one.request.is_plain_http, one.why};
    };
    using code = error_code;
    EXPECT_EQ(judge("GET /p?q", "Host: h\r\n"), std::pair(true, code::upgrade_missing));
    EXPECT_EQ(judge("HEAD /", "Host: h\r\n"), std::pair(true, code::method_not_allowed));
    EXPECT_EQ(judge("POST /", "Host: h\r\nConnection: keep-alive\r\n"),
              std::pair(true, code::method_not_allowed));
    EXPECT_EQ(judge("GET /", "Host: h\r\nUpgrade: h2c\r\n"),
              std::pair(true, code::upgrade_missing));
    EXPECT_EQ(judge("GET /", "Host: h\r\nUpgrade:\r\n"), std::pair(true, code::upgrade_missing));
    EXPECT_EQ(judge("OPTIONS *", "Host: h\r\n"), std::pair(false, code::method_not_allowed));
    EXPECT_EQ(judge("CONNECT h:80", "Host: h\r\n"), std::pair(false, code::method_not_allowed));
    EXPECT_EQ(judge("HEAD /", "Host: h\r\nUpgrade: websocket\r\n"),
              std::pair(false, code::method_not_allowed));
    EXPECT_EQ(judge("GET /", "Host: h\r\nUpgrade: a b\r\n"),
              std::pair(false, code::upgrade_malformed));
    EXPECT_EQ(judge("GET /", "Host: h\r\nConnection: \"a\"\r\n"),
              std::pair(false, code::connection_malformed));
    EXPECT_EQ(judge("BREW /", "Host: h\r\n"), std::pair(false, code::method_unknown));
    EXPECT_EQ(judge("GET /", ""), std::pair(false, code::host_missing));
    EXPECT_EQ(judge("POST /", "Host: h\r\nContent-Length: 3\r\n"),
              std::pair(false, code::body_announced));
    const judged page(request_of("GET /p?q", "Host: h:1\r\nOrigin: http://h\r\n"));
    EXPECT_EQ(page.request.path, "/p");
    EXPECT_EQ(page.request.query, "q");
    EXPECT_EQ(page.request.host, "h:1");
    EXPECT_EQ(page.request.origin, "http://h");
}

TEST(ServerHandshake, RefusesAnOriginThatItsPolicyDoesNotAllow) {
    tests::proves({"6455-4.2.2-07", "6455-10.2-02", "6455-4.2.1-12"});
    handshake_server server;
    server.origins = {};
    EXPECT_EQ(server.run(good_request()).status, 101);
    EXPECT_EQ(server.run(good_request("Origin: https://h.example\r\n")).status, 101);
    EXPECT_EQ(server.run(good_request("Origin: https://evil.example\r\n")).status, 403);
    EXPECT_EQ(server.run(good_request("Origin: null\r\n")).status, 403);
    EXPECT_EQ(server.run(good_request("Origin:\r\n")).status, 403);
    const std::string absolute =
        good_request("Origin: http://h.example\r\n", "http://other.example/");
    EXPECT_EQ(server.run(absolute).status, 403) << "the target's authority counts, not Host";
}

TEST(SelectProtocol, PrefersWhatTheClientPrefers) {
    tests::proves({"6455-4.2.1-14", "6455-11.3.4-01"});
    const judged one(
        good_request("Sec-WebSocket-Protocol: a, b\r\nsec-websocket-protocol: ,c\r\n"));
    const auto select = [&](std::vector<std::string_view> supported) {
        return select_protocol(one.request, supported);
    };
    EXPECT_EQ(select({"c", "b", "a"}), "a");
    EXPECT_EQ(select({"c", "b"}), "b");
    EXPECT_EQ(select({"c"}), "c");
    EXPECT_EQ(select({"A", "", "d"}), "");
    EXPECT_EQ(select({}), "");
}

TEST(WriteAccept, SendsOnlyASubprotocolThatTheClientNamed) {
    tests::proves(
        {"6455-4.2.2-12", "6455-4.2.2-13", "6455-4.2.2-14", "6455-4.2.2-22", "6455-11.3.4-02"});
    const judged one(good_request("Sec-WebSocket-Protocol: chat, superchat\r\n"));
    EXPECT_EQ(field_of(accept(one.request, {.subprotocol = "chat"}), "Sec-WebSocket-Protocol"),
              "chat");
    EXPECT_EQ(field_of(accept(one.request, {}), "Sec-WebSocket-Protocol"), "<none>");
    EXPECT_EQ(accept(one.request, {.subprotocol = "Chat"}), "invalid_argument");
    EXPECT_EQ(accept(one.request, {.subprotocol = "chat, superchat"}), "invalid_argument");
    EXPECT_EQ(accept(one.request, {.subprotocol = "chat\r\nX: y"}), "invalid_argument");
    const judged none(good_request());
    EXPECT_EQ(accept(none.request, {.subprotocol = "chat"}), "invalid_argument");
}

TEST(WriteAccept, SendsOnlyExtensionsThatTheClientNamed) {
    tests::proves(
        {"6455-4.2.2-15", "6455-4.2.2-16", "6455-4.2.2-23", "6455-9-03", "6455-11.3.2-02"});
    const judged one(
        good_request("Sec-WebSocket-Extensions: a; b\r\nSec-WebSocket-Extensions: c\r\n"));
    EXPECT_EQ(field_of(accept(one.request, {.extensions = "c; d=1"}), "Sec-WebSocket-Extensions"),
              "c; d=1");
    EXPECT_EQ(field_of(accept(one.request, {.extensions = "a, c"}), "Sec-WebSocket-Extensions"),
              "a, c");
    EXPECT_EQ(field_of(accept(one.request, {}), "Sec-WebSocket-Extensions"), "<none>");
    for (const std::string_view bad : {"b", "a, e", "a;", "A", "a\r\nX: y"}) {
        EXPECT_EQ(accept(one.request, {.extensions = bad}), "invalid_argument") << bad;
    }
    const judged none(good_request());
    EXPECT_EQ(accept(none.request, {.extensions = "a"}), "invalid_argument");
}

TEST(WriteAccept, AddsFieldsThatAreNotItsOwn) {
    tests::proves({"6455-4.2.2-17", "6455-11.3.3-01"});
    const judged one(good_request());
    const http::field cookie[] = {{"Set-Cookie", "a=b"}, {"X", ""}};
    EXPECT_TRUE(
        accept(one.request, {.fields = cookie}).ends_with("\r\nSet-Cookie: a=b\r\nX: \r\n\r\n"));
    for (const http::field bad :
         {http::field{"Sec-WebSocket-Accept", "x"}, http::field{"sec-websocket-Anything", "x"},
          http::field{"UPGRADE", "x"}, http::field{"connection", "close"},
          http::field{"Content-Length", "0"}, http::field{"Transfer-Encoding", "chunked"},
          http::field{"X", "a\r\nY: b"}, http::field{"X y", "a"}, http::field{"", "a"},
          http::field{"X", std::string_view("\0", 1)}}) {
        const http::field fields[] = {bad};
        EXPECT_EQ(accept(one.request, {.fields = fields}), "field_not_sendable") << bad.name;
        EXPECT_EQ(refuse({.status = 403, .fields = fields}), "field_not_sendable") << bad.name;
    }
}

TEST(WriteAccept, SaysWhenItsMemoryIsTooSmall) {
    const judged one(good_request());
    const std::size_t whole = accept(one.request, {}).size();
    for (std::size_t room = 0; room <= whole; ++room) {
        tests::guarded_memory memory{whole};
        auto size = write_accept(memory.at_end(room), one.request, {});
        EXPECT_EQ(size.why().code(), room < whole ? error_code::output_full : error_code::none);
    }
}

TEST(WriteRefusal, NamesTheRuleAndItsRequirement) {
    tests::proves({"6455-4.2.1-03", "6455-10.7-04"});
    EXPECT_EQ(refuse({.why = error_code::host_missing}),
              "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
              "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 56\r\n\r\n"
              "400 Bad Request: exactly one Host is sent [9112-3.2-01]\n");
}

TEST(WriteRefusal, IsCompleteForEachErrorThatHasAnAnswer) {
    tests::proves({"6455-4.2.1-03", "6455-4.2.2-09", "6455-4.2.2-10", "6455-4.2.2-11",
                   "6455-4.4-02", "9110-7.8-03", "9110-15.5.6-01"});
    const auto check = [](error_code why, int status) {
        const std::string answer = refuse({.why = why});
        SCOPED_TRACE(answer);
        EXPECT_EQ(answer.substr(0, 13), "HTTP/1.1 " + std::to_string(status) + " ");
        EXPECT_EQ(field_of(answer, "Content-Length"), std::to_string(body_of(answer).size()));
        EXPECT_TRUE(field_of(answer, "Connection").ends_with("close"));
        EXPECT_EQ(field_of(answer, "Allow"), status == 405 ? "GET" : "<none>");
        EXPECT_EQ(field_of(answer, "Upgrade"), status == 426 ? "websocket" : "<none>");
        EXPECT_EQ(field_of(answer, "Retry-After"), status == 503 ? "1" : "<none>");
        EXPECT_LT(answer.size(), 512U);
        const std::string head = refuse({.why = why, .head_request = true});
        EXPECT_EQ(head + body_of(answer), answer);
    };
#define CHECK_ROW(name, whose, answer, requirement, text) \
    if (answer >= 400 && answer < 600) {                  \
        check(error_code::name, answer);                  \
    }
    PLAINSONG_ERRORS(CHECK_ROW)
#undef CHECK_ROW
    EXPECT_EQ(field_of(refuse({.why = error_code::version_missing}), "Sec-WebSocket-Version"),
              "13");
    EXPECT_EQ(field_of(refuse({.why = error_code::version_malformed}), "Sec-WebSocket-Version"),
              "13");
    EXPECT_EQ(field_of(refuse({.why = error_code::version_unsupported}), "Sec-WebSocket-Version"),
              "13");
    EXPECT_EQ(field_of(refuse({.why = error_code::key_missing}), "Sec-WebSocket-Version"),
              "<none>");
}

TEST(WriteRefusal, SaysWhatAnApplicationWantsToSay) {
    tests::proves({"6455-4.2.2-04", "6455-4.2.2-05"});
    const http::field challenge[] = {{"WWW-Authenticate", "Basic realm=\"a\""}};
    EXPECT_EQ(
        refuse({.status = 401, .body = "who?", .content_type = "text/x", .fields = challenge}),
        "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
        "Content-Type: text/x\r\nContent-Length: 4\r\n\r\nwho?");
    const http::field location[] = {{"Location", "/elsewhere"}};
    const std::string moved = refuse({.status = 302, .reason = "Moved on", .fields = location});
    EXPECT_TRUE(moved.starts_with("HTTP/1.1 302 Moved on\r\n")) << moved;
    EXPECT_EQ(body_of(moved), "302 Moved on\n");
    const http::field own[] = {{"allow", "GET, HEAD"}};
    EXPECT_EQ(field_of(refuse({.status = 405, .fields = own}), "Allow"), "<none>");
    EXPECT_EQ(field_of(refuse({.status = 405, .fields = own}), "allow"), "GET, HEAD");
    EXPECT_EQ(field_of(refuse({.status = 503, .retry_after_seconds = 30}), "Retry-After"), "30");
    const std::string empty = refuse({.status = 204});
    EXPECT_EQ(field_of(empty, "Content-Length"), "<none>");
    EXPECT_EQ(body_of(empty), "");
}

TEST(WriteRefusal, RefusesWhatIsNoAnswer) {
    EXPECT_EQ(refuse({}), "invalid_argument");
    EXPECT_EQ(refuse({.status = 101}), "invalid_argument");
    EXPECT_EQ(refuse({.status = 600}), "invalid_argument");
    EXPECT_EQ(refuse({.why = error_code::frame_not_masked}), "invalid_argument");
    EXPECT_EQ(refuse({.status = 400, .reason = "a\r\nX: y"}), "field_not_sendable");
    const std::string whole = refuse({.why = error_code::host_missing});
    for (std::size_t room = 0; room < whole.size(); ++room) {
        tests::guarded_memory memory{whole.size()};
        auto size = write_refusal(memory.at_end(room), {.why = error_code::host_missing});
        EXPECT_EQ(size.why().code(), error_code::output_full) << room;
    }
}

}  // namespace
}  // namespace plainsong
