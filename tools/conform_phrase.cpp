// SPDX-License-Identifier: MIT
// conform_phrase.cpp — what statements have in common: sizes, opcodes, payloads.
//
// Used by: tools/conform_statement.  Depends on: tools/conform_phrase.
#include "tools/conform_phrase.hpp"

#include "tools/conform_corpus.hpp"

namespace plainsong::conform {
namespace {

struct opcode_name {
    std::string_view name;
    std::uint8_t number;
};

constexpr opcode_name opcodes[] = {{"continuation", 0}, {"text", 1}, {"binary", 2},
                                   {"close", 8},        {"ping", 9}, {"pong", 10}};

constexpr std::uint64_t largest_size = std::uint64_t{1} << 30;  // of what is held in memory

}  // namespace

bool phrase::accept_behind(std::string_view prefix, std::string& rest) {
    if (at_end() || words_[at_].is_quoted || !words_[at_].text.starts_with(prefix)) {
        return false;
    }
    rest = words_[at_++].text.substr(prefix.size());
    return true;
}

bool phrase::accept_text(std::string& into) {
    if (at_end() || !words_[at_].is_quoted) {
        return false;
    }
    into = words_[at_++].text;
    return true;
}

bool phrase::take_size(std::uint64_t& into, std::string_view what) {
    std::string text;
    return (accept_behind("", text) && read_size(text, into) && into <= largest_size) ||
           refuse(std::string(what) + " is no size");
}

bool phrase::take_duration(std::chrono::milliseconds& into) {
    std::string text;
    return (accept_behind("", text) && read_duration(text, into) && into.count() > 0) ||
           refuse("a duration is missing, such as 500ms or 1s");
}

bool phrase::take_number_behind(std::string_view prefix, std::uint64_t most, std::uint64_t& into,
                                bool& found) {
    std::string text;
    found = accept_behind(prefix, text);
    return !found || (read_size(text, into) && into <= most) ||
           refuse(std::string(prefix) + " takes a number up to " + std::to_string(most));
}

bool phrase::take_opcode(step& into) {
    for (const opcode_name& each : opcodes) {
        if (accept(each.name)) {
            into.opcode = each.number;
            return true;
        }
    }
    std::uint64_t number = 0;
    bool found = false;
    if (!take_number_behind("opcode=", 15, number, found)) {
        return false;
    }
    into.opcode = static_cast<std::uint8_t>(number);
    return found || refuse(
                        "no opcode: one of text, binary, continuation, close, ping, pong, "
                        "opcode=N");
}

bool phrase::take_bits(step& into) {
    std::uint64_t fin = 1, rsv = 0;
    bool found = false;  // either may be missing
    const bool fine =
        take_number_behind("fin=", 1, fin, found) && take_number_behind("rsv=", 7, rsv, found);
    into.fin = fin == 1;
    into.rsv = static_cast<std::uint8_t>(rsv);
    if (accept("masked")) {
        into.masked = true;
    } else if (accept("unmasked")) {
        into.masked = false;
    }
    return fine;
}

bool phrase::take_term(payload& into, bool& found) {
    std::string octets;
    std::string text;
    std::uint64_t number = 0;
    found = true;
    if (accept_text(octets)) {
        number = octets.size();
    } else if (accept_behind("hex:", text)) {
        if (!read_hex(text, octets)) {
            return refuse("hex: wants pairs of digits");
        }
    } else if (accept_behind("noise:", text)) {
        if (!read_size(text, number) || number > corpus_size) {
            return refuse("noise: wants a size up to 256K");
        }
        octets = noise(number);
    } else if (accept_behind("code:", text)) {
        if (!read_size(text, number) || number > 65535) {
            return refuse("code: wants a number up to 65535");
        }
        octets = {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
    } else {
        found = false;
        return true;
    }
    number = octets.size();
    if (accept("x")) {
        if (!take_size(number, "what follows x")) {
            return false;
        }
        number *= octets.size();
    } else if (accept("up")) {
        if (!must("to") || !take_size(number, "what follows up to")) {
            return false;
        }
    }
    if (octets.empty() && number > 0) {
        return refuse("nothing can't be repeated");
    }
    into.fill(std::move(octets), number);
    return true;
}

bool phrase::take_payload(payload& into) {
    for (bool more = true; more;) {
        if (!take_term(into, more)) {
            return false;
        }
    }
    return true;
}

}  // namespace plainsong::conform
