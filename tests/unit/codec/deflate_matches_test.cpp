// SPDX-License-Identifier: MIT
// deflate_matches_test.cpp — what the search for matches may not do, whatever the text: cost much more
// for one than for another, and reach back farther than the window.
//
// Covers: src/codec/deflate_matches.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "src/codec/deflate_state.hpp"
#include "tests/support/adversarial_texts.hpp"
#include "tests/support/deflating.hpp"
#include "tests/support/inflating.hpp"
#include "tests/support/reference_inflate.hpp"
#include "tests/support/sample_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using tests::adversarial_texts;
using tests::deflating;
using tests::reference_inflate;
using tests::reference_inflated;
using tests::sample_texts;

constexpr deflate_level searching_levels[] = {deflate_level::normal, deflate_level::best};

/// What the search has cost since construction, in places looked at.
std::uint64_t spent_by(const deflating& it) {
    detail::deflate_state state;  // it lies first in the memory
    std::memcpy(&state, it.memory().data(), sizeof state);
    return state.spent;
}

/// The price for an octet, apart from what a message may spend at once.
double spent_for_an_octet(deflate_level level, const octets& text) {
    deflating it(15, level);
    it.message(text);
    const std::uint64_t spent = spent_by(it);
    const std::uint64_t at_once = detail::most_credit;
    return static_cast<double>(spent - std::min(spent, at_once)) / static_cast<double>(text.size());
}

TEST(DeflateMatches, CostsLittleForAnyTextAtAnyLevel) {
    for (const std::string_view kind : adversarial_texts::kinds) {
        const octets text = adversarial_texts::make(kind, 1U << 19);
        for (const deflate_level level : searching_levels) {
            EXPECT_LE(spent_for_an_octet(level, text), 10.0)
                << kind << ", level " << static_cast<int>(level);
        }
    }
}

TEST(DeflateMatches, CostsLittleForManySmallTexts) {
    for (const std::string_view kind : adversarial_texts::kinds) {
        const octets text = adversarial_texts::make(kind, 1U << 16);
        for (const std::size_t size : {64U, 512U, 4096U}) {
            deflating it(15, deflate_level::best);
            for (std::size_t at = 0; at < text.size(); at += size) {
                it->forget();
                it.message(std::span{text}.subspan(at, size));
            }
            EXPECT_LE(spent_by(it), text.size() * 10) << kind << " of " << size;
        }
    }
}

std::size_t size_of_messages(deflate_level level, std::string_view kind, bool takes_over) {
    std::size_t sum = 0;
    for (const std::size_t size : {200U, 1024U, 4096U, 16384U, 65536U}) {
        sample_texts texts(static_cast<std::uint32_t>(size));
        deflating it(15, level);
        for (std::size_t given = 0; given < 200000; given += size) {
            if (!takes_over) {
                it->forget();
            }
            sum += it.message(texts.make(kind, size)).size();
        }
    }
    return sum;
}

TEST(DeflateMatches, FindsMoreTheHigherTheLevel) {
    for (const std::string_view kind : sample_texts::kinds) {
        for (const bool takes_over : {false, true}) {
            const std::size_t fast = size_of_messages(deflate_level::fast, kind, takes_over);
            const std::size_t normal = size_of_messages(deflate_level::normal, kind, takes_over);
            const std::size_t best = size_of_messages(deflate_level::best, kind, takes_over);
            EXPECT_LT(normal, fast) << kind << ", " << takes_over;
            EXPECT_LT(best, normal) << kind << ", " << takes_over;
        }
    }
}

/// zlib's window of 8 bits is one of 9 in truth.  Here each one is what it is said to be: texts that
/// repeat exactly at the window's end and just behind it, and such as repeat everywhere.
TEST(DeflateMatches, NeverReachBackFartherThanTheWindow) {
    for (unsigned bits = 8; bits <= 15; ++bits) {
        const std::size_t window = std::size_t{1} << bits;
        sample_texts texts(bits);
        std::vector<octets> all;
        for (const std::size_t period : {window - 1, window, window + 1, 2 * window}) {
            const octets once = texts.make("digits", period);
            all.push_back(once);
            for (int i = 0; i < 2; ++i) {
                all.back().insert(all.back().end(), once.begin(), once.end());
            }
        }
        for (const std::string_view kind : {"ticks", "pairs", "steps"}) {
            all.push_back(texts.make(kind, 3 * window));
        }
        for (const deflate_level level : tests::deflate_levels) {
            deflating it(bits, level);
            octets before;
            for (const octets& text : all) {
                const reference_inflated read =
                    reference_inflate(it.message(text), {.before = before, .window_bits = 15});
                ASSERT_EQ(read.text, text);
                EXPECT_LE(read.farthest, window) << "level " << static_cast<int>(level);
                before = text;
            }
        }
    }
}

}  // namespace
}  // namespace plainsong
