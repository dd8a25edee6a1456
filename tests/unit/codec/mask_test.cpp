// SPDX-License-Identifier: MIT
// mask_test.cpp — masking against the formula of RFC 6455 §5.3: every length, alignment and split,
// with nothing accessible around the span.
//
// Covers: codec/mask.
#include <plainsong/codec/mask.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_mask.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;

constexpr mask_key key{{0x37, 0xfa, 0x21, 0x3d}};
constexpr std::size_t longest = 1100;

octets pattern(std::size_t size) {
    octets text(size);
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<std::uint8_t>(i * 113 + (i >> 8) + 5);
    }
    return text;
}

octets expected_of(octets plain) {
    for (std::size_t i = 0; i < plain.size(); ++i) {
        plain[i] = tests::reference_mask(plain[i], i, key.bytes);
    }
    return plain;
}

TEST(Mask, ReproducesTheMaskedHelloOfTheRfc) {
    tests::proves({"6455-5.3-06"});
    octets text{'H', 'e', 'l', 'l', 'o'};
    apply_mask(text, key);
    EXPECT_EQ(text, (octets{0x7f, 0x9f, 0x4d, 0x51, 0x58}));
    apply_mask(text, key);
    EXPECT_EQ(text, (octets{'H', 'e', 'l', 'l', 'o'}));
}

TEST(Mask, RotatesTheKeyByWhatWasMasked) {
    EXPECT_EQ(key.rotated(0), key);
    EXPECT_EQ(key.rotated(1), (mask_key{{0xfa, 0x21, 0x3d, 0x37}}));
    EXPECT_EQ(key.rotated(2), (mask_key{{0x21, 0x3d, 0x37, 0xfa}}));
    EXPECT_EQ(key.rotated(7), (mask_key{{0x3d, 0x37, 0xfa, 0x21}}));
    EXPECT_EQ(key.rotated(static_cast<std::size_t>(-1)), key.rotated(3));
}

TEST(Mask, AgreesWithTheFormulaAtEveryLengthAndAlignment) {
    tests::proves({"6455-5.3-06", "6455-5.3-07"});
    constexpr std::size_t margin = 64;
    octets memory(longest + 4 * margin);
    const octets plain = pattern(longest);
    const octets masked = expected_of(plain);
    for (std::size_t alignment = 0; alignment < margin; alignment += alignment < 16 ? 1 : 7) {
        for (std::size_t size = 0; size <= longest; ++size) {
            std::fill(memory.begin(), memory.end(), std::uint8_t{0xee});
            const byte_span text = byte_span{memory}.subspan(margin + alignment, size);
            std::copy_n(plain.begin(), size, text.begin());
            apply_mask(text, key);
            ASSERT_TRUE(std::equal(text.begin(), text.end(), masked.begin()))
                << alignment << ' ' << size;
            const auto untouched = [](std::uint8_t octet) { return octet == 0xee; };
            ASSERT_TRUE(std::all_of(memory.data(), text.data(), untouched));
            ASSERT_TRUE(std::all_of(text.data() + size, memory.data() + memory.size(), untouched));
        }
    }
}

TEST(Mask, GivesTheSameWhereverThePayloadIsCut) {
    tests::proves({"6455-5.3-06"});
    for (std::size_t size = 0; size <= longest; size += size < 140 ? 1 : 61) {
        const octets plain = pattern(size);
        const octets masked = expected_of(plain);
        for (std::size_t cut = 0; cut <= size; ++cut) {
            octets text = plain;
            apply_mask(byte_span{text}.first(cut), key);
            apply_mask(byte_span{text}.subspan(cut), key.rotated(cut));
            ASSERT_EQ(text, masked) << size << ' ' << cut;
        }
    }
}

TEST(Mask, GivesTheSameInPiecesOfEverySize) {
    tests::proves({"6455-5.3-06"});
    const octets plain = pattern(longest);
    const octets masked = expected_of(plain);
    for (std::size_t step = 1; step <= 300; ++step) {
        octets text = plain;
        for (std::size_t at = 0; at < text.size(); at += step) {
            const std::size_t size = std::min(step, text.size() - at);
            apply_mask(byte_span{text}.subspan(at, size), key.rotated(at));
        }
        ASSERT_EQ(text, masked) << step;
    }
}

TEST(Mask, CopiesMaskedBetweenAnyAlignments) {
    tests::proves({"6455-5.3-06", "6455-5.3-07"});
    const octets plain = pattern(longest + 64);
    for (std::size_t size = 0; size <= longest; size += size < 300 ? 1 : 13) {
        for (const std::size_t from_at : {0U, 1U, 3U, 8U, 29U}) {
            for (const std::size_t to_at : {0U, 1U, 2U, 16U, 31U}) {
                const byte_view from = byte_view{plain}.subspan(from_at, size);
                octets memory(size + 64, 0xee);
                copy_masked(memory.data() + to_at, from, key);
                const octets masked = expected_of({from.begin(), from.end()});
                ASSERT_TRUE(std::equal(masked.begin(), masked.end(),
                                       memory.begin() + static_cast<std::ptrdiff_t>(to_at)));
                ASSERT_TRUE(to_at == 0 || memory[to_at - 1] == 0xee);
                ASSERT_EQ(memory[to_at + size], 0xee);
            }
        }
    }
    EXPECT_EQ(plain, pattern(longest + 64));
}

TEST(Mask, TouchesNothingAroundTheSpan) {
    tests::proves({"6455-5.3-07"});
    constexpr std::size_t largest = 9000;
    tests::guarded_memory memory{largest};
    tests::guarded_memory other{largest};
    const octets plain = pattern(largest);
    const octets masked = expected_of(plain);
    for (std::size_t size = 0; size <= largest; size += size < longest ? 1 : 271) {
        for (const bool low : {false, true}) {
            const byte_span text = low ? memory.at_begin(size) : memory.at_end(size);
            const byte_span copy = low ? other.at_begin(size) : other.at_end(size);
            std::copy_n(plain.begin(), size, text.begin());
            copy_masked(copy.data(), text, key);
            ASSERT_TRUE(std::equal(copy.begin(), copy.end(), masked.begin())) << size;
            apply_mask(text, key);
            ASSERT_TRUE(std::equal(text.begin(), text.end(), masked.begin())) << size;
        }
    }
}

}  // namespace
}  // namespace plainsong
