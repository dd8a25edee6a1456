// SPDX-License-Identifier: MIT
// close_test.cpp — all Close codes, all lengths of a reason, all reasons that stop inside a
// character, and the table of closing against rules that were written without it.
//
// Covers: ws/close.
#include <plainsong/ws/close.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_utf8.hpp"
#include "tests/support/utf8_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;

// RFC 6455 §7.4.1 and the IANA registry, one by one; 3000 to 4999 are anyone's.
bool may_travel(unsigned code) {
    static const std::set<unsigned> registered = {1000, 1001, 1002, 1003, 1007, 1008,
                                                  1009, 1010, 1011, 1012, 1013, 1014};
    return registered.contains(code) || code / 1000 == 3 || code / 1000 == 4;
}

octets body_of(unsigned code, const octets& reason = {}) {
    octets body = {static_cast<std::uint8_t>(code / 256), static_cast<std::uint8_t>(code)};
    body.insert(body.end(), reason.begin(), reason.end());
    return body;
}

TEST(CloseCode, TravelsIfRegisteredOrFree) {
    tests::proves({"6455-7.4.1-01", "6455-7.4.1-06", "6455-7.4.1-07", "6455-7.4.1-08",
                   "6455-7.4.1-16", "6455-7.4.2-01", "6455-7.4.2-02", "6455-7.4.2-03",
                   "6455-7.4.2-04", "6455-11.7-01"});
    for (unsigned code = 0; code < 65536; ++code) {
        ASSERT_EQ(is_wire_close_code(static_cast<std::uint16_t>(code)), may_travel(code)) << code;
    }
}

// ---- bodies received

TEST(CloseBody, MayBeEmpty) {
    tests::proves({"6455-5.5.1-01", "6455-7.1.5-02"});
    const close_body body = parse_close({});
    EXPECT_EQ(body.code, close_code::no_code);
    EXPECT_EQ(body.reason, "");
    EXPECT_EQ(body.why, error_code::none);
}

TEST(CloseBody, IsNotASingleOctet) {
    tests::proves({"6455-5.5.1-02"});
    for (unsigned octet = 0; octet < 256; ++octet) {
        const octets payload = {static_cast<std::uint8_t>(octet)};
        EXPECT_EQ(parse_close(payload).why, error_code::close_payload_one_byte);
    }
}

TEST(CloseBody, IsJudgedByItsCodeWithAndWithoutAReason) {
    tests::proves({"6455-7.4.1-06", "6455-7.4.1-07", "6455-7.4.1-08", "6455-7.4.1-16",
                   "6455-7.4.2-01", "6455-7.4.2-02", "6455-7.4.2-03", "6455-7.4.2-04"});
    for (unsigned code = 0; code < 65536; ++code) {
        for (const octets& reason : {octets{}, octets{'b', 'y', 'e'}, octets{0xff}}) {
            const octets payload = body_of(code, reason);
            const close_body body = parse_close(payload);
            const bool bad_reason = reason == octets{0xff};
            const error_code expected = !may_travel(code) ? error_code::close_code_invalid
                                        : bad_reason      ? error_code::close_reason_not_utf8
                                                          : error_code::none;
            ASSERT_EQ(body.why, expected) << code;
            if (expected == error_code::none) {
                ASSERT_EQ(body.code, code);
                ASSERT_EQ(body.reason, as_text(reason));
            }
        }
    }
}

TEST(CloseBody, HasAReasonOfAnyLengthAndEndsWithIt) {
    tests::proves({"6455-5.5.1-03", "6455-7.1.6-01"});
    tests::guarded_memory memory{max_control_bytes};
    for (std::size_t size = 0; size <= max_close_reason_bytes; ++size) {
        const octets payload = body_of(4000, octets(size, 'r'));
        const auto in = memory.at_end(payload.size());
        std::copy(payload.begin(), payload.end(), in.begin());
        const close_body body = parse_close(in);
        EXPECT_EQ(body.why, error_code::none);
        EXPECT_EQ(body.reason, std::string(size, 'r'));
    }
}

TEST(CloseBody, NamesTheFirstOctetOfAReasonThatIsNotUtf8) {
    tests::proves({"6455-5.5.1-03", "6455-8.1-01"});
    std::size_t refused = 0;
    tests::for_each_lead_and_second([&](std::span<const std::uint8_t> text) {
        // The octets behind the judged ones are told apart only where they are judged.
        const std::size_t most = text[0] < 0xe0 ? 2 : text.size();
        for (std::size_t size = 1; size <= most; ++size) {
            if (std::any_of(text.begin() + static_cast<std::ptrdiff_t>(size), text.end(),
                            [](std::uint8_t octet) { return octet != 0; })) {
                continue;
            }
            const octets reason(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
            const tests::reference_verdict verdict = tests::reference_utf8(reason);
            const octets payload = body_of(1000, reason);
            const close_body body = parse_close(payload);
            const bool good = verdict.valid_until == size && verdict.complete;
            ASSERT_EQ(body.why == error_code::none, good);
            if (!good) {
                ++refused;
                ASSERT_EQ(body.why, error_code::close_reason_not_utf8);
                ASSERT_EQ(body.offset, 2 + verdict.valid_until);
            }
        }
    });
    EXPECT_GT(refused, 0U);
}

// ---- bodies sent

TEST(ClosePayload, HoldsWhatWasAskedFor) {
    tests::proves({"6455-5.5.1-02", "6455-7.1.2-01", "6455-7.4-01"});
    for (std::size_t size = 0; size <= max_close_reason_bytes; ++size) {
        const octets reason = tests::mixed_text(size, static_cast<unsigned>(size), 1);
        close_payload out;
        ASSERT_FALSE(encode_close(1000, as_text(reason), out));
        EXPECT_EQ(octets(out.view().begin(), out.view().end()), body_of(1000, reason));
    }
}

TEST(ClosePayload, TakesTheCodesThatMayTravelAndNoOther) {
    tests::proves({"6455-7.4.1-06", "6455-7.4.1-07", "6455-7.4.1-08", "6455-7.4.1-16",
                   "6455-7.4.2-01", "6455-7.4.2-02"});
    for (unsigned code = 0; code < 65536; ++code) {
        close_payload out;
        out.size = 77;
        const error why = encode_close(static_cast<std::uint16_t>(code), "r", out);
        if (may_travel(code)) {
            ASSERT_FALSE(why) << code;
            ASSERT_EQ(octets(out.view().begin(), out.view().end()), body_of(code, {'r'}));
        } else {
            ASSERT_EQ(why.code(), code == close_code::no_code ? error_code::invalid_argument
                                                              : error_code::close_code_not_sendable)
                << code;
            ASSERT_EQ(out.size, 77);
        }
    }
}

TEST(ClosePayload, IsEmptyWithoutACode) {
    tests::proves({"6455-5.5.1-01", "6455-7.4.1-07"});
    close_payload out;
    out.size = 77;
    EXPECT_FALSE(encode_close(close_code::no_code, "", out));
    EXPECT_EQ(out.size, 0);
}

TEST(ClosePayload, RefusesAReasonThatIsTooLongOrNotUtf8) {
    tests::proves({"6455-5.5-02", "6455-5.5.1-03"});
    close_payload out;
    out.size = 77;
    EXPECT_EQ(encode_close(1000, std::string(max_close_reason_bytes + 1, 'r'), out).code(),
              error_code::control_too_long);
    EXPECT_EQ(encode_close(1000, "\xc3", out).code(), error_code::reason_not_utf8);
    EXPECT_EQ(encode_close(1000, "a\xff", out).code(), error_code::reason_not_utf8);
    EXPECT_EQ(out.size, 77);
}

TEST(CloseReason, OfEachErrorFitsAndIsPlainText) {
#define PLAINSONG_CHECK(name, whose, answer, requirement, text)            \
    {                                                                      \
        const std::string_view reason = text;                              \
        EXPECT_LE(reason.size(), max_close_reason_bytes) << #name;         \
        EXPECT_FALSE(reason.empty()) << #name;                             \
        EXPECT_TRUE(std::all_of(reason.begin(), reason.end(), [](char c) { \
            return c >= ' ' && c <= '~';                                   \
        })) << #name;                                                      \
        EXPECT_TRUE(answer < 1000 || may_travel(answer)) << #name;         \
    }
    PLAINSONG_ERRORS(PLAINSONG_CHECK)
#undef PLAINSONG_CHECK
}

// ---- the table

// The rules, told in the words of RFC 6455 §7.1 and without the table: three facts are kept for a
// connection, and each input changes them.
struct facts {
    bool sent = false;      // our Close is queued
    bool received = false;  // the peer's Close was read
    bool failed = false;    // the peer broke a rule
    bool fin = false;       // we have half-closed
    bool waiting = false;   // a client whose part is done
    bool over = false;

    bool operator<(const facts& other) const {
        return std::tie(sent, received, failed, fin, waiting, over) <
               std::tie(other.sent, other.received, other.failed, other.fin, other.waiting,
                        other.over);
    }
};

close_state state_of(const facts& known) {
    return known.over       ? close_state::closed
           : known.fin      ? close_state::draining
           : known.waiting  ? close_state::awaiting_end
           : known.failed   ? close_state::failing
           : known.received ? close_state::closing
           : known.sent     ? close_state::close_sent
                            : close_state::open;
}

/// What is to be done about `input`; `known` becomes what is known afterwards.
close_action act_on(close_input input, facts& known) {
    const bool reads = !known.failed && !known.received && !known.over;
    switch (input) {
        case close_input::end:
        case close_input::lost:
        case close_input::deadline: {
            const bool news = !known.over;
            known.over = true;
            return news ? close_action::finish : close_action::none;
        }
        case close_input::local_close:
            if (!reads || known.sent) {
                return close_action::none;
            }
            known.sent = true;
            return close_action::send_close;
        case close_input::peer_close: {
            if (!reads) {
                return close_action::none;
            }
            known.received = true;
            return std::exchange(known.sent, true) ? close_action::none
                                                   : close_action::answer_close;
        }
        case close_input::violation: {
            if (!reads) {
                return close_action::none;
            }
            known.failed = true;
            return std::exchange(known.sent, true) ? close_action::none : close_action::send_close;
        }
        case close_input::flushed_as_server:
        case close_input::flushed_as_client: {
            const bool done =
                (known.failed || known.received) && !known.over && !known.fin && !known.waiting;
            if (!done) {
                return close_action::none;
            }
            if (input == close_input::flushed_as_client && !known.failed) {
                known.waiting = true;
                return close_action::none;
            }
            known.fin = true;
            return close_action::send_fin;
        }
    }
    return close_action::none;
}

TEST(CloseTable, DoesWhatTheRulesSayOnEveryPath) {
    tests::proves({"6455-5.5.1-07", "6455-5.5.1-11", "6455-5.5.1-12", "6455-5.5.1-13",
                   "6455-5.5.1-15", "6455-7.1.1-04", "6455-7.1.1-06", "6455-7.1.1-07",
                   "6455-7.1.2-02", "6455-7.1.3-01", "6455-7.1.4-01", "6455-7.1.7-05"});
    std::set<facts> seen;
    std::vector<facts> todo = {facts{}};
    std::set<std::pair<close_state, close_input>> entries;
    while (!todo.empty()) {
        const facts before = todo.back();
        todo.pop_back();
        if (!seen.insert(before).second) {
            continue;
        }
        for (std::size_t i = 0; i < close_inputs; ++i) {
            const auto input = static_cast<close_input>(i);
            facts after = before;
            const close_action action = act_on(input, after);
            const close_transition found = close_step(state_of(before), input);
            EXPECT_EQ(name_of(found.action), name_of(action))
                << name_of(state_of(before)) << ", " << name_of(input);
            EXPECT_EQ(name_of(found.next), name_of(state_of(after)))
                << name_of(state_of(before)) << ", " << name_of(input);
            entries.emplace(state_of(before), input);
            todo.push_back(after);
        }
    }
    EXPECT_EQ(entries.size(), close_states * close_inputs);
}

TEST(CloseTable, SendsOneCloseAndReportsOneEndOnEveryPath) {
    tests::proves({"6455-5.5.1-06", "6455-7.1.4-01"});
    struct walk {
        close_state state;
        unsigned closes;
        unsigned ends;
    };
    std::vector<walk> level = {{close_state::open, 0, 0}};
    for (unsigned depth = 0; depth < 6; ++depth) {
        std::set<std::tuple<close_state, unsigned, unsigned>> next;
        for (const walk& at : level) {
            for (std::size_t i = 0; i < close_inputs; ++i) {
                const close_transition step = close_step(at.state, static_cast<close_input>(i));
                const bool sends = step.action == close_action::send_close ||
                                   step.action == close_action::answer_close;
                const bool ends = step.action == close_action::finish;
                next.emplace(step.next, at.closes + (sends ? 1 : 0), at.ends + (ends ? 1 : 0));
            }
        }
        level.clear();
        for (const auto& [state, closes, ends] : next) {
            EXPECT_LE(closes, 1U);
            EXPECT_EQ(ends, state == close_state::closed ? 1U : 0U);
            level.push_back({state, closes, ends});
        }
    }
}

TEST(CloseTable, NamesItsStatesInputsAndActions) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < close_states; ++i) {
        names.insert(name_of(static_cast<close_state>(i)));
    }
    EXPECT_EQ(names.size(), close_states);
    EXPECT_EQ(name_of(close_state::awaiting_end), "awaiting_end");
    names.clear();
    for (std::size_t i = 0; i < close_inputs; ++i) {
        names.insert(name_of(static_cast<close_input>(i)));
    }
    EXPECT_EQ(names.size(), close_inputs);
    EXPECT_EQ(name_of(close_input::deadline), "deadline");
    EXPECT_EQ(name_of(close_action::finish), "finish");
    EXPECT_EQ(name_of(close_action::none), "none");
}

}  // namespace
}  // namespace plainsong
