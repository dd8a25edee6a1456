// SPDX-License-Identifier: MIT
// inflate_test.cpp — the inflater against vectors and an oracle that goes bit by bit: every cut,
// every room, every window, the budget, and nothing touched outside the spans.
//
// Covers: codec/inflate.  (A million inputs beside zlib: `make deflate-differential`.)
#include <plainsong/codec/inflate.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/bit_writer.hpp"
#include "tests/support/guard_page.hpp"
#include "tests/support/inflating.hpp"
#include "tests/support/random_deflate.hpp"
#include "tests/support/reference_inflate.hpp"
#include "tests/support/vectors.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using tests::bit_writer;
using tests::inflate_all;
using tests::inflate_manner;
using tests::inflated;
using tests::random_deflate;
using tests::reference_inflate;
using tests::reference_inflated;

octets from_hex(const std::string& hex) {
    octets bytes;
    for (std::size_t i = 0; hex != "-" && i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string name_of(error_code code) {
    return code == error_code::none ? "-" : facts_of(code).name;
}

struct sample {
    std::string name;
    octets message;
    octets before;
    inflated outcome;
};

std::vector<sample> read_samples() {
    std::vector<sample> samples;
    for (auto& row : tests::read_vectors("tests/conformance/vectors/deflate_vectors.tsv")) {
        sample one{row["name"], from_hex(row["payload"]), {}, {from_hex(row["text"])}};
        if (row["before"] != "-") {
            one.before = reference_inflate(from_hex(row["before"])).text;
        }
        for (unsigned code = 1; name_of(one.outcome.code) != row["error"]; ++code) {
            one.outcome.code = static_cast<error_code>(code);
            if (code > 1000) {
                ADD_FAILURE() << row["error"] << " is not an error";
                return {};
            }
        }
        samples.push_back(std::move(one));
    }
    EXPECT_GT(samples.size(), 35U);
    return samples;
}

octets pattern(std::size_t size) {
    octets text(size);
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<std::uint8_t>(i * i >> 5 ^ i);
    }
    return text;
}

/// `text` stored, then three octets from `distance` back.
octets stored_then_match(const octets& text, unsigned range, unsigned extra, unsigned more) {
    bit_writer writer;
    for (std::size_t at = 0; at < text.size(); at += 65535) {
        const auto piece =
            std::span{text}.subspan(at, std::min<std::size_t>(65535, text.size() - at));
        const auto size = static_cast<unsigned>(piece.size());
        writer.block(0).align().number(size, 16).number(size ^ 0xffff, 16).octets(piece);
    }
    writer.block(1).fixed(257).code(range, 5).number(more, extra).fixed(256).block(0).align();
    return writer.bytes();
}

void expect_as_reference(const octets& message, inflate_manner manner) {
    const reference_inflated expected = reference_inflate(
        message, {manner.before, manner.window_bits, static_cast<std::size_t>(manner.budget)});
    const inflated outcome = inflate_all(message, manner);
    ASSERT_EQ(name_of(outcome.code), name_of(expected.code));
    ASSERT_EQ(outcome.text, expected.text);
    ASSERT_TRUE(outcome.kept_its_word);
}

// ---- verdicts and text ---------------------------------------------------------------------------

TEST(Inflater, InflatesOrRefusesEachVector) {
    for (const sample& one : read_samples()) {
        SCOPED_TRACE(one.name);
        const inflated outcome = inflate_all(one.message, {.before = one.before});
        EXPECT_EQ(outcome.text, one.outcome.text);
        EXPECT_EQ(name_of(outcome.code), name_of(one.outcome.code));
        EXPECT_TRUE(outcome.kept_its_word);
    }
}

TEST(Inflater, ComesToTheSameVerdictAtEveryCutAndWithEveryRoom) {
    for (const sample& one : read_samples()) {
        SCOPED_TRACE(one.name);
        for (const bool keeps_text : {false, true}) {
            for (std::size_t cut = 0; cut <= one.message.size(); ++cut) {
                ASSERT_EQ(
                    inflate_all(one.message,
                                {.cuts = {cut}, .keeps_text = keeps_text, .before = one.before}),
                    one.outcome)
                    << "cut at " << cut;
            }
            for (const std::size_t room : {1U, 2U, 3U, 7U, 258U, 276U, 277U, 278U, 300U}) {
                for (const std::size_t step : {1U, 5U, 1000U}) {
                    ASSERT_EQ(inflate_all(one.message, {.step = step,
                                                        .room = room,
                                                        .keeps_text = keeps_text,
                                                        .before = one.before}),
                              one.outcome)
                        << "room " << room << ", step " << step;
                }
            }
        }
    }
}

TEST(Inflater, AgreesWithTheReferenceOnRandomStreams) {
    for (std::uint32_t seed = 0; seed < 1500; ++seed) {
        SCOPED_TRACE(seed);
        random_deflate random(seed);
        const octets before = pattern(random.up_to(1) * random.up_to(40000));
        octets message = random.message({.before = before.size()});
        if (seed % 3 == 0) {
            random.spoil(message);
        }
        expect_as_reference(message, {.before = before});
        expect_as_reference(message, {.keeps_text = true, .before = before});
        expect_as_reference(message, {.step = random.up_to(30) + 1,
                                      .room = random.up_to(700) + 1,
                                      .keeps_text = seed % 2 == 0,
                                      .before = before});
    }
}

TEST(Inflater, AgreesWithTheReferenceAtEachCutOfARandomStream) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(seed);
        random_deflate random(seed + 10000);
        octets message = random.message({.blocks = 3, .symbols = 30});
        if (seed % 2 == 0) {
            random.spoil(message);
        }
        const inflated whole = inflate_all(message);
        for (std::size_t cut = 0; cut <= message.size(); ++cut) {
            ASSERT_EQ(inflate_all(message, {.cuts = {cut}}), whole) << "cut at " << cut;
        }
        ASSERT_EQ(inflate_all(message, {.step = 1, .room = 1}), whole);
    }
}

TEST(Inflater, InflatesAStoredBlockOfTheLargestSize) {
    const octets text = pattern(65535);
    octets message = stored_then_match(text, 0, 0, 0);
    const inflated outcome = inflate_all(message);
    ASSERT_EQ(outcome.code, error_code::none);
    ASSERT_EQ(outcome.text.size(), text.size() + 3);
    EXPECT_TRUE(std::equal(text.begin(), text.end(), outcome.text.begin()));
}

// ---- the window ----------------------------------------------------------------------------------

TEST(Inflater, ReachesBackAsFarAsTheWindowAndNoFurther) {
    const octets text = pattern(40000);
    for (unsigned bits = 8; bits <= 15; ++bits) {
        SCOPED_TRACE(bits);
        // 2^bits is the last distance of its range, 2^bits + 1 the first of the next.
        const octets at_the_edge =
            stored_then_match(text, 2 * bits - 1, bits - 2, (1U << (bits - 2)) - 1);
        for (const bool keeps_text : {false, true}) {
            const inflated outcome =
                inflate_all(at_the_edge, {.keeps_text = keeps_text, .window_bits = bits});
            EXPECT_EQ(outcome.code, error_code::none);
            ASSERT_EQ(outcome.text.size(), text.size() + 3);
            const auto from = text.end() - (std::ptrdiff_t{1} << bits);
            EXPECT_TRUE(std::equal(from, from + 3, outcome.text.end() - 3));
            if (bits < 15) {
                const octets beyond = stored_then_match(text, 2 * bits, bits - 1, 0);
                const inflated refused =
                    inflate_all(beyond, {.keeps_text = keeps_text, .window_bits = bits});
                EXPECT_EQ(refused.code, error_code::deflate_distance_too_far);
                EXPECT_EQ(refused.text, text);
            }
        }
    }
}

TEST(Inflater, ReachesBackIntoEarlierMessages) {
    const octets before = pattern(32768);
    const octets message = stored_then_match({'x'}, 29, 13, (1U << 13) - 2);  // distance 32767
    for (const bool keeps_text : {false, true}) {
        const inflated outcome = inflate_all(message, {.keeps_text = keeps_text, .before = before});
        EXPECT_EQ(outcome.code, error_code::none);
        EXPECT_EQ(outcome.text, (octets{'x', before[2], before[3], before[4]}));
        EXPECT_EQ(inflate_all(message,
                              {.keeps_text = keeps_text, .before = std::span{before}.first(32765)})
                      .code,
                  error_code::deflate_distance_too_far);
    }
}

TEST(Inflater, RefusesToReachBackWhenNothingIsRemembered) {
    inflater it;
    octets room(100);
    const octets hello{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};
    const octets again{0xf2, 0x00, 0x11, 0x00, 0x00};
    EXPECT_EQ(it.inflate(hello, room, 0).made, 5U);
    EXPECT_EQ(it.finish(room, 5).state, inflate_state::ended);
    it.begin();
    const inflate_step step = it.inflate(again, room, 0);
    EXPECT_EQ(step.state, inflate_state::failed);
    EXPECT_EQ(step.code, error_code::deflate_distance_too_far);
}

TEST(Inflater, StaysFailedUntilAMessageBegins) {
    inflater it;
    octets room(100);
    const octets reserved{0x06};
    const octets hello{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};
    EXPECT_EQ(it.inflate(reserved, room, 0).code, error_code::deflate_block_reserved);
    EXPECT_EQ(it.inflate(hello, room, 0).code, error_code::deflate_block_reserved);
    EXPECT_EQ(it.finish(room, 0).code, error_code::deflate_block_reserved);
    it.begin();
    EXPECT_EQ(it.inflate(hello, room, 0).made, 5U);
    EXPECT_EQ(it.finish(room, 5).state, inflate_state::ended);
}

TEST(InflateWindow, KeepsTheEndOfWhatItIsGiven) {
    std::mt19937 random(7);
    octets memory(256);
    inflate_window window{memory};
    octets all;
    for (int turn = 0; turn < 2000; ++turn) {
        const octets piece = pattern(random() % (turn % 10 == 0 ? 600 : 40));
        window.remember(piece);
        all.insert(all.end(), piece.begin(), piece.end());
        ASSERT_EQ(window.size(), std::min<std::size_t>(all.size(), 256));
        const std::size_t back = window.size() == 0 ? 0 : random() % window.size() + 1;
        octets copy(back == 0 ? 0 : random() % back + 1);
        if (copy.empty()) {
            continue;
        }
        window.copy(back, copy.data(), copy.size());
        ASSERT_TRUE(
            std::equal(copy.begin(), copy.end(), all.end() - static_cast<std::ptrdiff_t>(back)));
    }
    window.forget();
    EXPECT_EQ(window.size(), 0U);
}

// ---- the budget ----------------------------------------------------------------------------------

TEST(Inflater, StopsABombAtTheBudgetAndNotBehindIt) {
    bit_writer writer;  // a megabyte of one octet
    writer.block(1).fixed('a');
    for (int i = 0; i < 4064; ++i) {
        writer.fixed(285).code(0, 5);
    }
    const octets bomb = writer.fixed(256).block(0).align().bytes();
    const std::size_t size = 1 + 4064 * 258;
    EXPECT_EQ(inflate_all(bomb, {.budget = size}).code, error_code::none);
    for (const std::size_t budget :
         {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1000}, size - 1}) {
        for (const std::size_t room : {1000U, 65536U}) {
            const inflated outcome = inflate_all(bomb, {.room = room, .budget = budget});
            EXPECT_EQ(outcome.code, error_code::message_too_big);
            EXPECT_EQ(outcome.text.size(), budget);
        }
    }
}

TEST(Inflater, JudgesTheBudgetAlikeInEveryKindOfBlock) {
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        random_deflate random(seed);
        octets message = random.message({.blocks = 3, .symbols = 40});
        if (seed % 2 == 0) {
            random.spoil(message);
        }
        const std::size_t size = reference_inflate(message).text.size();
        for (const std::size_t budget : {size, size - 1, size / 2, std::size_t{0}}) {
            if (budget <= size) {
                expect_as_reference(message, {.budget = budget});
                expect_as_reference(message, {.step = 3, .room = 1, .budget = budget});
                expect_as_reference(message, {.room = budget + 1, .budget = budget});
            }
        }
    }
}

TEST(Inflater, TakesANewBudgetWithinAMessage) {
    inflater it;
    octets room(100);
    const octets hello{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};
    it.begin(15, 3);
    EXPECT_EQ(it.inflate(std::span{hello}.first(4), room, 0).made, 3U);
    EXPECT_EQ(it.budget(), 0U);
    it.set_budget(2);
    EXPECT_EQ(it.inflate(std::span{hello}.subspan(4), room, 3).made, 2U);
    EXPECT_EQ(it.finish(room, 5).state, inflate_state::ended);
}

// ---- memory --------------------------------------------------------------------------------------

TEST(Inflater, TouchesNothingOutsideItsSpans) {
    constexpr std::size_t most = 1U << 17;
    tests::guarded_memory input(most);
    tests::guarded_memory output(most);
    tests::guarded_memory ring(32768);
    for (std::uint32_t seed = 0; seed < 600; ++seed) {
        SCOPED_TRACE(seed);
        random_deflate random(seed + 500);
        const octets before = pattern(random.up_to(50000));
        octets message = random.message({.symbols = 100, .before = before.size()});
        if (seed % 4 == 0) {
            random.spoil(message);
        }
        const reference_inflated expected = reference_inflate(message, {.before = before});
        for (const std::size_t room : {expected.text.size(), expected.text.size() / 2}) {
            if (message.size() > most || room > most) {
                continue;
            }
            for (const bool at_end : {false, true}) {
                const auto in =
                    at_end ? input.at_end(message.size()) : input.at_begin(message.size());
                const auto out = at_end ? output.at_end(room) : output.at_begin(room);
                std::copy(message.begin(), message.end(), in.begin());
                inflate_window window{ring.at_begin(32768)};
                window.remember(before);
                const auto it = std::make_unique<inflater>();
                const inflate_step step = it->inflate(in, out, 0, window);
                ASSERT_LE(step.made, room);
                ASSERT_TRUE(std::equal(out.begin(),
                                       out.begin() + static_cast<std::ptrdiff_t>(step.made),
                                       expected.text.begin()));
            }
        }
    }
}

}  // namespace
}  // namespace plainsong
