// SPDX-License-Identifier: MIT
// inflate_quick_test.cpp — what the quick loops take many at a time or copy in wide pieces, beside an
// oracle that goes bit by bit.
//
// Covers: src/codec/inflate_quick.
#include <plainsong/codec/inflate.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "src/codec/inflate_fixed.hpp"
#include "tests/support/bit_writer.hpp"
#include "tests/support/inflating.hpp"
#include "tests/support/reference_inflate.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using tests::bit_writer;
using tests::inflate_all;
using tests::inflated;
using tests::reference_inflate;
using tests::reference_inflated;

octets pattern(std::size_t size) {
    octets text(size);
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<std::uint8_t>(i * 7 ^ i >> 8);
    }
    return text;
}

void expect_as_reference_at_each_cut(const octets& message) {
    const reference_inflated expected = reference_inflate(message);
    const inflated as_expected{expected.text, expected.code};
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
        ASSERT_EQ(inflate_all(message, {.cuts = {cut}}), as_expected) << "cut at " << cut;
        ASSERT_EQ(inflate_all(message, {.cuts = {cut}, .keeps_text = true}), as_expected)
            << "cut at " << cut;
    }
    for (const std::size_t step : {1U, 3U, 7U, 8U, 9U}) {
        ASSERT_EQ(inflate_all(message, {.step = step}), as_expected) << "step " << step;
    }
}

/// What may follow some literals in a fixed block.
enum class next : std::uint8_t { nothing, literal_of_nine_bits, match, no_symbol, no_distance };

octets literals_and(unsigned first, unsigned count, next what) {
    bit_writer writer;
    writer.block(1).fixed(first);
    for (unsigned i = 0; i < count; ++i) {
        writer.fixed((first + 37 * i) % 144);
    }
    if (what == next::literal_of_nine_bits) {
        writer.fixed(144 + (first + count) % 112).fixed('z');
    } else if (what == next::match) {
        writer.fixed(257 + count % 8).code(0, 5).fixed('z');
    } else if (what == next::no_symbol) {
        writer.fixed(286 + count % 2).fixed('z');
    } else if (what == next::no_distance) {
        writer.fixed(258).code(30 + count % 2, 5).fixed('z');
    }
    return writer.fixed(256).block(0).align().bytes();
}

TEST(InflateQuick, TakesEachRunOfLiteralsInAFixedBlock) {
    for (const next what : {next::nothing, next::literal_of_nine_bits, next::match, next::no_symbol,
                            next::no_distance}) {
        for (unsigned count = 0; count <= 24; ++count) {
            SCOPED_TRACE(::testing::Message() << count << " and " << static_cast<int>(what));
            expect_as_reference_at_each_cut(literals_and('a', count, what));
            expect_as_reference_at_each_cut(literals_and(200, count, what));
        }
    }
}

TEST(InflateQuick, KnowsEachLiteralInEachPlaceOfARun) {
    for (unsigned octet = 0; octet < 256; ++octet) {
        SCOPED_TRACE(octet);
        for (unsigned place = 0; place < 9; ++place) {
            octets text(12, 'b');
            text[place] = static_cast<std::uint8_t>(octet);
            const octets message =
                bit_writer().block(1).fixed_text(text).fixed(256).block(0).align().bytes();
            ASSERT_EQ(inflate_all(message).text, text);
        }
    }
}

TEST(InflateQuick, KnowsEachLengthAndDistanceOfFixedBlocks) {
    const octets before = pattern(32768);
    for (unsigned length = 0; length < deflate_format::length_ranges.size(); ++length) {
        for (unsigned distance = 0; distance < deflate_format::distance_ranges.size(); ++distance) {
            SCOPED_TRACE(::testing::Message() << length << ", " << distance);
            const unsigned length_extra = deflate_format::length_ranges[length].extra;
            const unsigned distance_extra = deflate_format::distance_ranges[distance].extra;
            for (const unsigned ones : {0U, ~0U}) {
                bit_writer writer;
                writer.block(1).fixed(257 + length).number(ones, length_extra);
                writer.code(distance, 5).number(ones, distance_extra);
                const octets message = writer.fixed(256).block(0).align().bytes();
                const reference_inflated expected = reference_inflate(message, {.before = before});
                const inflated outcome = inflate_all(message, {.before = before});
                ASSERT_EQ(outcome.code, error_code::none);
                ASSERT_EQ(outcome.text, expected.text);
            }
        }
    }
}

/// Each place in a ring of 256 octets, each length: pieces that wrap, that end where the memory does,
/// and that go on in the text of the message itself.
TEST(InflateQuick, CopiesFromEachPlaceOfTheWindow) {
    const octets all = pattern(1000);
    for (std::size_t given = 256; given < 512; given += 3) {
        const auto before = std::span{all}.first(given);
        for (unsigned back = 1; back <= 256; back += 5) {
            for (const unsigned length : {3U, 10U, 115U, 258U}) {
                bit_writer writer;
                writer.block(1);
                if (length == 258) {
                    writer.fixed(285);
                } else if (length == 115) {
                    writer.fixed(280).number(0, 4);
                } else {
                    writer.fixed(254 + length);
                }
                unsigned range = 0;
                while (range + 1 < deflate_format::distance_ranges.size() &&
                       deflate_format::distance_ranges[range + 1].base <= back) {
                    ++range;
                }
                const auto [base, extra] = deflate_format::distance_ranges[range];
                writer.code(range, 5).number(back - base, extra);
                const octets message = writer.fixed(256).block(0).align().bytes();
                const inflated outcome = inflate_all(message, {.before = before, .window_bits = 8});
                ASSERT_EQ(outcome.code, error_code::none);
                ASSERT_EQ(outcome.text, reference_inflate(message, {.before = before}).text)
                    << given << ", " << back << ", " << length;
            }
        }
    }
}

}  // namespace
}  // namespace plainsong
