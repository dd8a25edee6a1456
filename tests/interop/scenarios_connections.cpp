// SPDX-License-Identifier: MIT
// scenarios_connections.cpp — handshakes, ends and proxies; see scenarios.hpp.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/app/credentials.hpp>

#include "tests/interop/scenarios.hpp"
#include "tests/support/visit.hpp"

namespace ws = plainsong;
using ws::tests::expect;
using ws::tests::expect_equal;
using ws::tests::visit;

namespace interop {

namespace {

// ---- the handshake ------------------------------------------------------------------------------

void negotiates(std::string_view offered, std::string_view agreed) {
    visit guest(usual());
    guest.open(at("/subprotocol"), offered);
    expect_equal(guest.protocol, agreed, "subprotocol");
    expect_equal(guest.hear(), agreed, "the server's view of it");
    guest.leave();
}

void is_refused(std::string_view path, int status) {
    visit guest(usual());
    guest.fail(at(path));
    expect_equal(std::to_string(guest.status), std::to_string(status), "status");
    expect(guest.stage == ws::connect_stage::handshake, "it failed at another stage");
    const bool has_challenge = guest.challenge == "Basic realm=\"choir\"";
    expect(has_challenge == (status == 401), "WWW-Authenticate: " + guest.challenge);
    expect_equal(guest.retry_after, status == 503 ? "7" : "", "Retry-After");
}

void is_let_in_by_name() {
    const std::string credentials = ws::basic_authorization("cantor", "psalm");
    ws::client_options options = usual();
    options.authorization = credentials;
    visit guest(std::move(options));
    guest.open(at("/private")).say("in");
    expect_equal(guest.hear(), "in", "echo");
    guest.leave();
}

void sends_its_fields() {
    const ws::http::field extra[] = {{"X-Song", "kyrie"}, {"X-Empty", ""}};
    ws::client_options options = usual();
    options.origin = "http://choir.example";
    options.cookies = "a=1; b=2";
    options.user_agent = "cantor/1";
    options.fields = extra;
    visit guest(std::move(options));
    const std::string seen = '\n' + guest.open(at("/headers")).hear();
    for (const char* line : {"origin: http://choir.example", "cookie: a=1; b=2", "x-song: kyrie",
                             "user-agent: cantor/1", "sec-websocket-version: 13"}) {
        expect(seen.find(std::string("\n") + line + '\n') != std::string::npos,
               std::string(line) + " is not in" + seen);
    }
    guest.leave();
}

// ---- the end ------------------------------------------------------------------------------------

std::string written(std::uint16_t code, std::string_view reason) {
    return std::to_string(code) + " clean" + (reason.empty() ? "" : " ") + std::string(reason);
}

void closes(std::uint16_t code, std::string_view reason) {
    const std::string tag = new_tag();
    visit guest(usual());
    const std::string end = guest.open(at("/echo?tag=" + tag)).close(code, reason).end();
    // Whether the answer repeats the reason is the server's choice.
    const std::string wanted = given.echoes_codes ? std::to_string(code) + " clean" : "1000 clean";
    expect_equal(std::string_view(end).substr(0, wanted.size()), wanted, "our view of the end");
    expect_equal(log_of(tag), written(code, reason), "the server's view");
}

void is_closed(std::uint16_t code, const std::string& reason) {
    const std::string tag = new_tag();
    visit guest(usual());
    guest.open(at("/close?tag=" + tag))
        .say(std::to_string(code) + (reason.empty() ? "" : " ") + reason);
    expect_equal(guest.end(), written(code, reason), "our view of the end");
    // Our answer names the code again [6455-5.5.1-08].
    const std::string wanted = std::to_string(code) + " clean";
    expect_equal(log_of(tag).substr(0, wanted.size()), wanted, "the server's view");
}

void is_still_there() {
    visit guest(usual());
    guest.open(at("/echo")).say("still here");
    expect_equal(guest.hear(), "still here", "echo");
    guest.leave();
}

void is_left() {
    visit guest(usual());
    guest.open(at("/vanish")).say("go");
    expect_equal(guest.end(), "1006 unclean", "our view of the end");
    is_still_there();
}

/// Leaves in a way that is no Close, after `act`.
void vanishes(const std::string& path, const std::function<void(visit&)>& act) {
    const std::string tag = new_tag();
    visit guest(usual());
    guest.open(at(path + "?tag=" + tag));
    act(guest);
    guest.connection().terminate();
    expect_equal(guest.end(), "1006 unclean", "our view of the end");
    expect_equal(log_of(tag), "1006 unclean", "the server's view");
    is_still_there();
}

// ---- proxies ------------------------------------------------------------------------------------

void asks_the_proxy_for_the_name() {
    const std::size_t colon = given.base.rfind(':');
    visit guest(usual());
    guest.open("ws://localhost" + given.base.substr(colon) + "/echo").say("by name");
    expect_equal(guest.hear(), "by name", "echo");
    guest.leave();
}

void is_refused_by_the_proxy() {
    ws::client_options options = usual();
    options.proxy = given.refused;
    visit guest(std::move(options));
    guest.fail(at("/echo"));
    expect(guest.stage == ws::connect_stage::proxy, "it failed at another stage");
}

void goes_around_the_proxy() {
    ws::client_options options = usual();
    options.proxy = "http://127.0.0.1:1";  // where no proxy can be
    options.no_proxy = "example.org, 127.0.0.1";
    visit guest(std::move(options));
    guest.open(at("/echo")).say("directly");
    expect_equal(guest.hear(), "directly", "echo");
    guest.leave();
}

}  // namespace

std::vector<check> checks_of_connections() {
    return {
        {"is given the one subprotocol in common",
         [] { negotiates("chat, superchat", "superchat"); }},
        {"is given no subprotocol when it offers none", [] { negotiates("", ""); }},
        {"is given no subprotocol that the server does not know",
         [] { negotiates("plainchant", ""); }},
        {"is refused on a path that is not there", [] { is_refused("/nowhere", 404); }},
        {"is refused by the program", [] { is_refused("/refuse", 401); }},
        {"is refused without credentials", [] { is_refused("/private", 401); }},
        {"is told to come later", [] { is_refused("/busy", 503); }},
        {"is let in with credentials", is_let_in_by_name},
        {"sends its fields", sends_its_fields},
        {"closes with 1000", [] { closes(1000, ""); }},
        {"closes with 1000 and a reason", [] { closes(1000, "Amen"); }},
        {"closes with 3000 and a non-ASCII reason", [] { closes(3000, "Déo grátias 𝄞"); }},
        {"closes with 4999 and the longest reason", [] { closes(4999, std::string(123, 'a')); }},
        {"is closed with 1000", [] { is_closed(1000, ""); }},
        {"is closed with 1000 and a reason", [] { is_closed(1000, "Ite, missa est"); }},
        {"is closed with 1001", [] { is_closed(1001, "going away"); }},
        {"is closed with 4000 and a non-ASCII reason", [] { is_closed(4000, "finís 𝄞"); }},
        {"is left without a Close", is_left},
        {"may vanish", [] { vanishes("/echo", [](visit&) {}); }},
        {"may vanish in the middle of a message",
         [] {
             vanishes("/echo", [](visit& guest) {
                 guest.begin_message(ws::opcode::text);
                 guest.send_part("a");
                 expect_equal(guest.ping("flushed"), "flushed", "pong");
             });
         }},
        {"may vanish while the server sends",
         [] {
             vanishes("/count", [](visit& guest) {
                 guest.say("100000");
                 expect_equal(guest.hear(), "0", "first message");
             });
         }},
    };
}

std::vector<check> checks_of_proxies() {
    std::vector<check> all;
    if (!given.proxy.empty()) {
        all.push_back({"lets the proxy look the name up", asks_the_proxy_for_the_name});
        all.push_back({"goes around the proxy where it is told to", goes_around_the_proxy});
    }
    if (!given.refused.empty()) {
        all.push_back({"is refused by the proxy for its credentials", is_refused_by_the_proxy});
    }
    return all;
}

}  // namespace interop
