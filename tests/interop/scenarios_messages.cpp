// SPDX-License-Identifier: MIT
// scenarios_messages.cpp — messages of every kind, there and back; see scenarios.hpp.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/interop/scenarios.hpp"
#include "tests/support/visit.hpp"

namespace ws = plainsong;
using ws::tests::expect;
using ws::tests::expect_equal;
using ws::tests::visit;

namespace interop {

namespace {

using received = visit::received;

constexpr std::size_t KiB = 1024;
constexpr std::size_t MiB = 1024 * KiB;

// ---- messages -----------------------------------------------------------------------------------

received binary(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) {
        state = state * 1'664'525 + 1'013'904'223;
        byte = static_cast<char>(state >> 24);
    }
    return {false, std::move(bytes)};
}

/// A text of exactly `size` bytes in which every sequence length occurs.
received text(std::size_t size) {
    constexpr std::string_view tune = "Kyrie é–– 𝄞 ελέησον ";
    std::string made;
    while (made.size() + tune.size() <= size) {
        made += tune;
    }
    return {true, made + std::string(size - made.size(), '.')};
}

void is_same(const received& actual, const received& wanted) {
    expect(actual.is_text == wanted.is_text, "text and binary were confused");
    expect_equal(actual.payload, wanted.payload, "echo");
}

void echoes(const std::vector<received>& messages) {
    visit guest(usual());
    guest.open(at("/echo"));
    for (const received& m : messages) {
        guest.send(m);
        is_same(guest.receive(), m);
    }
    guest.leave();
}

void keeps_order() {
    visit guest(usual());
    guest.open(at("/echo"));
    for (int i = 0; i < 1000; ++i) {
        guest.send({i % 2 == 1, std::to_string(i)});
    }
    for (int i = 0; i < 1000; ++i) {
        is_same(guest.receive(), {i % 2 == 1, std::to_string(i)});
    }
    guest.leave();
}

void gets_in_order() {
    visit guest(usual());
    guest.open(at("/count")).say("1000");
    for (int i = 0; i < 1000; ++i) {
        expect_equal(guest.hear(), std::to_string(i), "message");
    }
    guest.leave();
}

void holds_50() {
    std::vector<std::unique_ptr<visit>> all;
    for (int i = 0; i < 50; ++i) {
        all.push_back(std::make_unique<visit>(usual()));
        all.back()->open(at("/echo")).say("voice " + std::to_string(i));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        expect_equal(all[i]->hear(), "voice " + std::to_string(i), "echo");
        all[i]->leave();
    }
}

void sends_fragments(ws::opcode type, const std::vector<std::string_view>& parts) {
    std::string whole;
    for (const std::string_view part : parts) {
        whole += part;
    }
    visit guest(usual());
    guest.open(at("/echo")).send_parts(type, parts);
    is_same(guest.receive(), {type == ws::opcode::text, whole});
    guest.say("after");
    expect_equal(guest.hear(), "after", "echo");
    guest.leave();
}

void joins_fragments() {
    visit guest(usual());
    guest.open(at("/streamed"));
    for (const received& m : {received{true, "Agnus Dei"}, binary(100'000), text(70'000),
                              received{true, "é"}, binary(3)}) {
        guest.send(m);
        is_same(guest.receive(), m);
    }
    guest.leave();
}

void is_greeted() {
    visit guest(usual());
    guest.open(at("/greeting"));
    for (const char* line : {"Kyrie", "eleison", ""}) {
        expect_equal(guest.hear(), line, "message");
    }
    expect_equal(guest.end(), "1000 clean", "our view of the end");
}

// ---- control frames -----------------------------------------------------------------------------

void pings() {
    visit guest(usual());
    guest.open(at("/echo"));
    for (const std::string& payload :
         {std::string("Asperges me"), std::string(), std::string(125, 'a')}) {
        expect_equal(guest.ping(payload), payload, "pong");
    }
    guest.leave();
}

void pings_between_fragments() {
    visit guest(usual());
    guest.open(at("/echo")).begin_message(ws::opcode::text);
    guest.send_part("ab");
    expect_equal(guest.ping("now"), "now", "pong");
    guest.send_part("c");
    guest.end_message();
    expect_equal(guest.hear(), "abc", "echo");
    guest.leave();
}

void answers_pings() {
    visit guest(usual());
    guest.open(at("/ping"));
    for (const std::string& payload :
         {std::string("psalm"), std::string("é"), std::string(120, 'a')}) {
        guest.say("ping " + payload);
        expect_equal(guest.pinged(), payload, "ping");
        expect_equal(guest.hear(), "pong " + payload, "the server's report");
    }
    guest.leave();
}

}  // namespace

std::vector<check> checks_of_messages() {
    std::string every(256, '\0');
    for (std::size_t i = 0; i < every.size(); ++i) {
        every[i] = static_cast<char>(i);
    }
    return {
        {"echoes ASCII text",
         [] {
             echoes({{true, "Salve Regina"}, {true, "x"}});
         }},
        {"echoes non-ASCII text",
         [] {
             echoes({{true, "Glória in excélsis"}, {true, "𝄞 ελέησον — 聖"}});
         }},
        {"echoes an empty text",
         [] {
             echoes({{true, ""}});
         }},
        {"echoes an empty binary",
         [] {
             echoes({{false, ""}});
         }},
        {"echoes every byte value",
         [every] {
             echoes({{false, every}});
         }},
        {"echoes at the edges of the length forms",
         [] {
             echoes({binary(1), binary(125), binary(126), binary(127), binary(65535), binary(65536),
                     binary(65537)});
         }},
        {"echoes 64 KiB of text", [] { echoes({text(64 * KiB)}); }},
        {"echoes 64 KiB of binary", [] { echoes({binary(64 * KiB)}); }},
        {"echoes 16 MiB of text", [] { echoes({text(16 * MiB)}); }},
        {"echoes 16 MiB of binary", [] { echoes({binary(16 * MiB)}); }},
        {"echoes text and binary in turn",
         [] {
             echoes({{true, "a"}, binary(3), {true, "b"}, {false, ""}, {true, ""}});
         }},
        {"keeps 1,000 messages in order", keeps_order},
        {"gets 1,000 messages of the server in order", gets_in_order},
        {"holds 50 connections at once", holds_50},
        {"sends a text in fragments",
         [] {
             sends_fragments(ws::opcode::text, {"Ky", "ri", "", "e"});
         }},
        {"sends a binary in fragments",
         [] {
             const received whole = binary(200'000);
             const std::string_view all = whole.payload;
             sends_fragments(ws::opcode::binary,
                             {all.substr(0, 50'000), all.substr(50'000, 1), all.substr(50'001)});
         }},
        {"cuts a character between two fragments",
         [] {
             sends_fragments(ws::opcode::text, {"\xf0\x9d", "\x84\x9e"});
         }},
        {"joins the fragments of the server", joins_fragments},
        {"takes what comes right behind the answer", is_greeted},
        {"pings the server", pings},
        {"pings the server between two fragments", pings_between_fragments},
        {"answers pings of the server", answers_pings},
    };
}

}  // namespace interop
