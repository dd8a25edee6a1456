// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/app/proxy.hpp"

namespace plainsong {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using kind = proxy_dialog::step::kind;

struct login {
    proxy_kind kind = proxy_kind::http;
    proxy_target target{"example.com", 8080};
    std::string_view user{};
    std::string_view password{};
};

/// What came of a dialog, and all that was sent in it.
struct outcome {
    proxy_dialog::step::kind status = proxy_dialog::step::kind::need_more;
    error_code why = error_code::none;
    std::uint16_t status_code = 0;
    std::size_t taken = 0;
    std::string sent{};

    bool operator==(const outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const outcome& one) {
    return out << static_cast<int>(one.status) << ' ' << facts_of(one.why).name << ", status "
               << one.status_code << ", taken " << one.taken << ", sent "
               << ::testing::PrintToString(one.sent);
}

/// Sends what there is to be sent, `piece` octets at a time.
void flush(proxy_dialog& dialog, std::string& sent, std::size_t piece) {
    while (!dialog.output().empty()) {
        const std::size_t count = std::min(piece, dialog.output().size());
        sent += as_text(dialog.output().first(count));
        dialog.output_sent(count);
    }
}

/// Plays the proxy's side: `answer` in pieces that end at each of `cuts`.
outcome run(const login& how, std::string_view answer, const std::vector<std::size_t>& cuts = {},
            bool ends = false) {
    proxy_dialog dialog(how.kind, how.target, how.user, how.password);
    outcome out;
    std::size_t from = 0;
    const auto note = [&](const proxy_dialog::step& step) {
        out.status = step.status;
        out.why = step.why;
        out.status_code = step.status_code;
        out.taken += step.taken;
    };
    for (std::size_t next = 0; from < answer.size() && out.status != kind::failed; ++next) {
        flush(dialog, out.sent, cuts.empty() ? 1000 : 3);
        const std::size_t end = next < cuts.size() ? cuts[next] : answer.size();
        const std::string piece(answer.substr(from, end - from));
        note(dialog.receive(as_bytes(piece)));
        from = end;
    }
    note(ends ? dialog.end() : dialog.receive({}));
    flush(dialog, out.sent, 1000);
    return out;
}

/// The outcome, once it is the same for each cut.
outcome run_in_every_way(const login& how, std::string_view answer) {
    outcome whole = run(how, answer);
    std::vector<std::size_t> all;
    for (std::size_t cut = 1; cut < answer.size(); ++cut) {
        all.push_back(cut);
        const outcome other = run(how, answer, {cut});
        EXPECT_EQ(other.why, whole.why) << cut;
        EXPECT_EQ(other.status, whole.status) << cut;
        if (whole.status != kind::failed) {
            EXPECT_EQ(other.sent, whole.sent) << cut;
        }
    }
    const outcome slowly = run(how, answer, all);
    EXPECT_EQ(slowly.why, whole.why);
    EXPECT_EQ(slowly.status, whole.status);
    EXPECT_TRUE(slowly.sent == whole.sent || whole.status == kind::failed);
    return whole;
}

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";

// ---- HTTP CONNECT

TEST(HttpProxy, AsksForATunnelToHostAndPort) {
    EXPECT_EQ(run({}, "").sent,
              "CONNECT example.com:8080 HTTP/1.1\r\nHost: example.com:8080\r\n\r\n");
    EXPECT_EQ(run({.target = {"::1", 9}}, "").sent,
              "CONNECT [::1]:9 HTTP/1.1\r\nHost: [::1]:9\r\n\r\n");
    EXPECT_EQ(run({.user = "Aladdin", .password = "open sesame"}, "").sent,
              "CONNECT example.com:8080 HTTP/1.1\r\nHost: example.com:8080\r\n"
              "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
    const std::string longest(4000, 'h');
    EXPECT_EQ(run({.target = {longest, 65535}, .user = longest, .password = longest}, "").status,
              kind::need_more);
}

TEST(HttpProxy, FailsAtOnceForWhatCannotBeSent) {
    const login bad[] = {
        {.target = {"", 80}},   {.target = {"a b", 80}},          {.target = {"h\r\nX: y", 80}},
        {.target = {"h]", 80}}, {.target = {"1:2", 80}},          {.user = "a:b"},
        {.user = "a\n"},        {.user = "a", .password = "\r\n"}};
    for (const login& each : bad) {
        const outcome out = run(each, "");
        EXPECT_EQ(out.why, error_code::proxy_target_not_sendable) << each.target.host;
        EXPECT_EQ(out.status, kind::failed);
        EXPECT_EQ(out.sent, "");
    }
}

TEST(HttpProxy, OpensAtAnyStatusOfTwoHundredAndSome) {
    for (const std::string_view answer :
         {established, "HTTP/1.0 200\r\nProxy-Agent: x\r\n\r\n"sv,
          "HTTP/1.1 299 x\r\nContent-Length: 0\r\nX: a\r\n b\r\n\r\n"sv,
          "HTTP/1.1 100 x\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 x\r\n\r\n"sv}) {
        const outcome out = run_in_every_way({}, answer);
        EXPECT_EQ(out.status, kind::open) << answer << out;
        EXPECT_EQ(out.taken, answer.size());
        EXPECT_EQ(out.status_code / 100, 2);
    }
}

TEST(HttpProxy, NamesTheStatusOfARefusal) {
    const std::pair<std::string_view, error_code> refusals[] = {
        {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
         "Content-Length: 4\r\n\r\nno!\n",
         error_code::proxy_wants_login},
        {"HTTP/1.1 403 Forbidden\r\n\r\n", error_code::proxy_refused},
        {"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", error_code::proxy_refused},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", error_code::proxy_refused},
        {"HTTP/1.1 502 Bad Gateway\r\n\r\n", error_code::proxy_refused}};
    for (const auto& [answer, why] : refusals) {
        const outcome out = run_in_every_way({.user = "u", .password = "p"}, answer);
        EXPECT_EQ(out.status, kind::failed);
        EXPECT_EQ(out.why, why) << answer;
        EXPECT_EQ(std::to_string(out.status_code), answer.substr(9, 3));
    }
}

TEST(HttpProxy, RefusesATunnelInWhichTheProxySpeaks) {
    for (const std::string_view fields :
         {"Content-Length: 5\r\n", "Content-Length: x\r\n", "Transfer-Encoding: chunked\r\n"}) {
        const std::string head = "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n";
        EXPECT_EQ(run_in_every_way({}, head).why, error_code::proxy_spoke_first) << fields;
        EXPECT_EQ(run_in_every_way({}, head + "Hello").why, error_code::proxy_spoke_first);
    }
    const std::string_view forged[] = {"x", "HTTP/1.1 101 Switching Protocols\r\n\r\n"};
    for (const std::string_view behind : forged) {
        const outcome out = run_in_every_way({}, std::string(established) + std::string(behind));
        EXPECT_EQ(out.why, error_code::proxy_spoke_first);
    }
}

TEST(HttpProxy, RefusesGarbage) {
    std::string interims;
    for (int i = 0; i < 9; ++i) {
        interims += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x');
    for (const std::string_view answer :
         {"\0\0"sv, "\x05\x00"sv, "SSH-2.0-x\r\n"sv, "HTTP/1.1 200 OK\n\n"sv, "http/1.1 200 OK"sv,
          "HTTP/2.0 200 OK\r\n\r\n"sv, "HTTP/1.1 099 x\r\n\r\n"sv, "HTTP/1.1 20 x\r\n\r\n"sv,
          "HTTP/1.1 200 OK\r\nX : y\r\n\r\n"sv, "HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n"sv,
          "\r\nHTTP/1.1 200 OK\r\n\r\n"sv, std::string_view{interims}}) {
        const outcome out = run_in_every_way({}, answer);
        EXPECT_EQ(out.why, error_code::proxy_answer_malformed) << answer;
        EXPECT_EQ(out.status, kind::failed);
    }
    EXPECT_EQ(run({}, endless).why, error_code::proxy_answer_malformed);
    EXPECT_EQ(run({}, endless.substr(0, 8000)).status, kind::need_more);
}

TEST(HttpProxy, SaysThatTheProxyHasGone) {
    for (std::size_t size = 0; size < established.size(); ++size) {
        const outcome out = run({}, established.substr(0, size), {}, true);
        EXPECT_EQ(out.why, error_code::proxy_ended) << size;
        EXPECT_EQ(out.status, kind::failed);
    }
    EXPECT_EQ(run({}, established, {}, true).status, kind::open);
}

// ---- SOCKS5

constexpr std::string_view reply_ipv4 = "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"sv;

TEST(SocksProxy, ConnectsWithoutLoggingIn) {
    const std::string answer = "\x05\x00"s + std::string(reply_ipv4);
    const outcome out = run_in_every_way({.kind = proxy_kind::socks5}, answer);
    EXPECT_EQ(out.status, kind::open) << out;
    EXPECT_EQ(out.taken, answer.size());
    EXPECT_EQ(out.sent,
              "\x05\x01\x00"
              "\x05\x01\x00\x03\x0b"
              "example.com\x1f\x90"sv);
}

TEST(SocksProxy, LogsInIfItIsToldTo) {
    const login how{.kind = proxy_kind::socks5, .user = "me", .password = "secret"};
    const std::string answer = "\x05\x02\x01\x00"s + std::string(reply_ipv4);
    const outcome out = run_in_every_way(how, answer);
    EXPECT_EQ(out.status, kind::open) << out;
    EXPECT_EQ(out.sent,
              "\x05\x02\x00\x02"
              "\x01\x02me\x06secret"
              "\x05\x01\x00\x03\x0b"
              "example.com\x1f\x90"sv);
    // The proxy may do without.
    const outcome without = run_in_every_way(how, "\x05\x00"s + std::string(reply_ipv4));
    EXPECT_EQ(without.status, kind::open);
    EXPECT_EQ(without.sent.find("secret"), std::string::npos);
}

TEST(SocksProxy, SendsAddressesAsSuchAndNamesForTheProxyToResolve) {
    const auto asked = [](std::string_view host) {
        return run({.kind = proxy_kind::socks5, .target = {host, 258}}, "\x05\x00"sv)
            .sent.substr(3);
    };
    EXPECT_EQ(asked("10.1.2.255"), "\x05\x01\x00\x01\x0a\x01\x02\xff\x01\x02"sv);
    EXPECT_EQ(asked("::1"), "\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x01\x02"sv);
    EXPECT_EQ(asked("localhost"), "\x05\x01\x00\x03\x09localhost\x01\x02"sv);
    EXPECT_EQ(asked("1.2.3"),
              "\x05\x01\x00\x03\x05"
              "1.2.3\x01\x02"sv);
    const std::string longest(255, 'h');
    EXPECT_EQ(asked(longest), "\x05\x01\x00\x03\xff"s + longest + "\x01\x02");
}

TEST(SocksProxy, FailsAtOnceForWhatCannotBeSent) {
    const std::string long_text(256, 'x');
    const login bad[] = {{.kind = proxy_kind::socks5, .target = {"", 80}},
                         {.kind = proxy_kind::socks5, .target = {long_text, 80}},
                         {.kind = proxy_kind::socks5, .user = long_text},
                         {.kind = proxy_kind::socks5, .user = "u", .password = long_text}};
    for (const login& each : bad) {
        const outcome out = run(each, "");
        EXPECT_EQ(out.why, error_code::proxy_target_not_sendable);
        EXPECT_EQ(out.sent, "");
    }
}

TEST(SocksProxy, ReadsABoundAddressOfAnyType) {
    for (const std::string_view address : {"\x01\x7f\x00\x00\x01"sv, "\x03\x00"sv,
                                           "\x03\x04"
                                           "host"sv,
                                           "\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv}) {
        const std::string answer = "\x05\x00\x05\x00\x00"s + std::string(address) + "\x1f\x90";
        const outcome out = run_in_every_way({.kind = proxy_kind::socks5}, answer);
        EXPECT_EQ(out.status, kind::open) << out;
        EXPECT_EQ(out.taken, answer.size());
        EXPECT_EQ(run({.kind = proxy_kind::socks5}, answer.substr(0, answer.size() - 1)).status,
                  kind::need_more);
    }
}

TEST(SocksProxy, GivesEachReplyItsOwnError) {
    const error_code errors[] = {
        error_code::socks_general_failure,     error_code::socks_not_allowed,
        error_code::socks_network_unreachable, error_code::socks_host_unreachable,
        error_code::socks_connection_refused,  error_code::socks_ttl_expired,
        error_code::socks_command_unknown,     error_code::socks_address_unknown,
        error_code::socks_general_failure};
    char reply = 1;
    for (const error_code why : errors) {
        const std::string answer =
            "\x05\x00\x05"s + reply++ + std::string("\x00\x01\0\0\0\0\0\0"sv);
        EXPECT_EQ(run_in_every_way({.kind = proxy_kind::socks5}, answer).why, why);
    }
    EXPECT_EQ(run({.kind = proxy_kind::socks5}, "\x05\x00\x05\xff"sv).why,
              error_code::socks_general_failure);
}

TEST(SocksProxy, TellsThreeWaysOfNotLoggingInApart) {
    const login anonymous{.kind = proxy_kind::socks5};
    const login known{.kind = proxy_kind::socks5, .user = "u", .password = ""};
    EXPECT_EQ(run_in_every_way(anonymous, "\x05\xff"sv).why, error_code::proxy_wants_login);
    EXPECT_EQ(run_in_every_way(known, "\x05\xff"sv).why, error_code::socks_no_method);
    EXPECT_EQ(run_in_every_way(known, "\x05\x02\x01\x01"sv).why, error_code::socks_login_failed);
}

TEST(SocksProxy, RefusesGarbage) {
    const login known{.kind = proxy_kind::socks5, .user = "u", .password = "p"};
    for (const std::string_view answer :
         {"HTTP/1.1 400 Bad Request\r\n\r\n"sv, "\x04\x5a"sv, "\x05\x01"sv, "\x05\x03"sv,
          "\x05\x02\x05\x00"sv, "\x05\x00\x04"sv, "\x05\x00\x05\x00\x01"sv,
          "\x05\x00\x05\x00\x00\x00"sv, "\x05\x00\x05\x00\x00\x02"sv,
          "\x05\x00\x05\x00\x00\x05"sv}) {
        EXPECT_EQ(run_in_every_way(known, answer).why, error_code::proxy_answer_malformed)
            << ::testing::PrintToString(answer);
    }
    // A method that was not offered.
    EXPECT_EQ(run_in_every_way({.kind = proxy_kind::socks5}, "\x05\x02"sv).why,
              error_code::proxy_answer_malformed);
}

TEST(SocksProxy, RefusesATunnelInWhichTheProxySpeaks) {
    const std::string answer = "\x05\x00"s + std::string(reply_ipv4) + "x";
    EXPECT_EQ(run_in_every_way({.kind = proxy_kind::socks5}, answer).why,
              error_code::proxy_spoke_first);
}

TEST(SocksProxy, SaysThatTheProxyHasGone) {
    const std::string answer = "\x05\x00"s + std::string(reply_ipv4);
    for (std::size_t size = 0; size < answer.size(); ++size) {
        EXPECT_EQ(run({.kind = proxy_kind::socks5}, answer.substr(0, size), {}, true).why,
                  error_code::proxy_ended);
    }
}

TEST(NoProxy, IsATunnelFromTheBeginning) {
    const outcome out = run({.kind = proxy_kind::none}, "");
    EXPECT_EQ(out.status, kind::open);
    EXPECT_EQ(out.sent, "");
}

}  // namespace
}  // namespace plainsong
