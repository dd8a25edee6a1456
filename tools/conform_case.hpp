// SPDX-License-Identifier: MIT
// conform_case.hpp — one conformance case: what is sent, what may come back, who closes.
//
// Does: hold what a file in autobahn/cases says, with all parameters filled in.
// Does not: parse (see conform_case_file) or run (see conform_conversation).
// Used by: tools/conform_*.  Depends on: tools/conform_extension.
#ifndef PLAINSONG_TOOLS_CONFORM_CASE_HPP
#define PLAINSONG_TOOLS_CONFORM_CASE_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/conform_extension.hpp"

namespace plainsong::conform {

using milliseconds = std::chrono::milliseconds;

/// Octets that are said shorter than they are.
class payload {
public:
    /// `octets`, `times` over.
    void repeat(std::string octets, std::uint64_t times);
    /// `octets` again and again until there are `size` of them.
    void fill(std::string octets, std::uint64_t size);

    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] std::string octets() const;
    /// Returns: whether those are its octets.
    [[nodiscard]] bool is(std::string_view candidate) const;

private:
    struct term {
        std::string octets;
        std::uint64_t size;
    };
    std::vector<term> terms_;
};

enum class step_kind : std::uint8_t {
    send,      // a message or control frame
    head,      // the head of a frame alone
    part,      // of the payload of the frame begun
    wait,      // and note that it was waited
    converse,  // messages, each after the echo of the one before
    end,       // of sending: a FIN
    reset,     // of the connection
    flood,     // the same frame again and again, until it is through or the peer stops reading
    stop_reading,
    read_on,
};

struct step {
    step_kind what = step_kind::send;
    std::uint8_t opcode = 0;
    std::uint8_t rsv = 0;  // 4: RSV1, 2: RSV2, 1: RSV3
    bool fin = true;
    std::optional<bool> masked;     // if that is not what a frame of the tester has to be
    bool unfinished = false;        // more is announced than follows
    bool alone = false;             // in a write of its own
    std::uint64_t frame_bytes = 0;  // of each fragment; 0: one frame
    std::uint64_t chop_bytes = 0;   // of each write; 0: as many as the kernel takes
    std::uint64_t announced = 0;    // the length that a head tells
    std::uint64_t times = 1;        // messages of a conversation
    milliseconds pause{0};          // of a wait, or behind each write
    std::string note;               // of a wait or a flood, "" if nothing is noted
    payload body;
    std::string corpus;               // "": the body is what is sent
    std::uint64_t message_bytes = 0;  // of each message cut from the corpus
    bool compressed = false;          // as agreed; RSV1 comes with it
};

/// An echo is the message of a conversation that it answers, octet by octet.
enum class event_kind : std::uint8_t { text, binary, pong, noted, echo };

struct expected_event {
    event_kind what = event_kind::text;
    bool only_size = false;  // what the octets are doesn't matter
    std::uint64_t times = 1;
    std::string note;
    payload body;
};

using expected_events = std::vector<expected_event>;

/// When a case runs: those of one weight before those of the next.
enum class case_weight : std::uint8_t {
    light,  // side by side
    heavy,  // one by one
    bulk,   // much work and little hurry: side by side, when nothing else is disturbed
};

/// What the tester does when nothing happens any more.
enum class patience_end : std::uint8_t {
    give_up,  // Close 1001, or drop the connection if it is closing already
    close,    // an empty Close: nothing more was to be expected
    fail,     // an empty Close, and the case has failed
};

/// What the tester does when the peer is the first to close.
enum class close_reply : std::uint8_t { close, end, nothing, reset };

/// What it means that the peer keeps a connection that nobody can use any more.
enum class keeping : std::uint8_t { passes, told, tolerated, fails };

enum class testee : std::uint8_t { either, server, client };

struct conform_case {
    std::string id;
    std::string title;
    std::string group;
    std::string source;                 // the lines of its file
    std::vector<std::uint32_t> number;  // the id, part by part; a letter comes behind all numbers
    std::uint32_t ordinal = 0;          // among all cases, from 1
    testee tests = testee::either;      // for whom the case is made
    std::vector<step> steps;
    std::vector<expected_events> accepted;   // any of them is OK
    std::vector<expected_events> tolerated;  // any of them is NON-STRICT
    std::vector<expected_events> mentioned;  // any of them is INFORMATIONAL
    std::vector<std::uint16_t> codes;        // that the peer's Close may have; none is fine too
    std::string request;                     // that the tester makes of a server, octet by octet
    std::string response;                    // that it gives to a client
    std::vector<std::string> answers;        // to a request that are OK: "4xx", "end", "silence";
                                             // or "refused", by a client
    std::vector<std::string> tolerable_answers;  // that are NON-STRICT
    std::vector<std::string> rules;              // requirement ids
    deflate_plan compression;
    milliseconds patience{0};
    patience_end then = patience_end::give_up;
    milliseconds linger{0};  // before the tester, as a server, ends a connection after both Closes
    close_reply reply = close_reply::close;
    keeping keeps = keeping::passes;
    bool closed_by_tester = true;
    bool closed_by_either = false;
    bool without_reset = false;  // the peer's end is a FIN
    bool apart = false;          // it is too much work for a peer to run beside others
    bool measures = false;       // what is sent behind the first wrong octet of a text
    bool cleanly = false;
    bool informational = false;
    bool wrong_side_fails = false;  // the behavior too
    bool wrong_code_fails = false;  // the behavior too

    /// Whether the opening handshake is what is tested.
    [[nodiscard]] bool is_of_opening() const { return !request.empty() || !response.empty(); }
    /// Whether something of that name is among what may be noted.
    [[nodiscard]] bool awaits(std::string_view note) const;
    /// Whether the script says when to close.
    [[nodiscard]] bool closes_itself() const;
    /// Whether there is no point in going on once something else came than what is expected.
    [[nodiscard]] bool ends_astray() const { return then == patience_end::fail; }
    [[nodiscard]] case_weight weight() const {
        if (then != patience_end::fail) {
            return apart ? case_weight::bulk : case_weight::light;
        }
        return compression.is_there() ? case_weight::bulk : case_weight::heavy;
    }
};

/// Returns: whether `step` is a Close by which the tester begins the closing handshake.
bool begins_closing(const step& each);

/// Returns: whether `pattern` means `id`; "*" stands for any characters.
bool matches_pattern(std::string_view pattern, std::string_view id);

std::string_view name_of(event_kind what);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_CASE_HPP
