// SPDX-License-Identifier: MIT
// unmask_text_test.cpp — the single pass against the oracles of the two that it replaces.
//
// Covers: codec/unmask_text.
#include <plainsong/codec/unmask_text.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_mask.hpp"
#include "tests/support/reference_utf8.hpp"
#include "tests/support/utf8_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using tests::reference_verdict;

constexpr mask_key key{{0x9c, 0x01, 0xe7, 0x42}};

octets masked(byte_view text) {
    octets result(text.begin(), text.end());
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] = tests::reference_mask(result[i], i, key.bytes);
    }
    return result;
}

/// Gives the masked `text` to the call in two pieces; checks all that it promises.
void expect_right(byte_view text, std::size_t cut) {
    octets data = masked(text);
    const reference_verdict expected = tests::reference_utf8(text);
    utf8_validator validator;
    const std::size_t first = unmask_and_validate(byte_span{data}.first(cut), key, validator);
    ASSERT_EQ(first, std::min(cut, expected.valid_until));
    if (first == cut) {
        const std::size_t second =
            unmask_and_validate(byte_span{data}.subspan(cut), key.rotated(cut), validator);
        ASSERT_EQ(cut + second, expected.valid_until);
        ASSERT_TRUE(std::equal(data.begin(), data.end(), text.begin()));
    } else {
        ASSERT_TRUE(std::equal(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(cut),
                               text.begin()));
    }
    if (expected.valid_until == text.size()) {
        ASSERT_EQ(validator.complete(), expected.complete);
    }
}

TEST(UnmaskText, AgreesWithTheOraclesOnEveryPrefixOfMixedText) {
    tests::proves({"6455-5.3-06", "3629-4-01"});
    for (unsigned longest = 1; longest <= 4; ++longest) {
        const octets text = tests::mixed_text(2300, longest, longest);
        for (std::size_t size = 0; size <= text.size(); size += size < 700 ? 1 : 41) {
            SCOPED_TRACE(size);
            expect_right(byte_view{text}.first(size), 0);
        }
    }
}

TEST(UnmaskText, AgreesWithTheOraclesAtEveryCut) {
    tests::proves({"6455-5.3-06", "3629-3-01"});
    octets text = tests::mixed_text(700, 9);
    for (const bool faulty : {false, true}) {
        if (faulty) {
            text[tests::last_lead(text, 610)] = 0xf5;
        }
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            SCOPED_TRACE(cut);
            expect_right(text, cut);
        }
    }
}

TEST(UnmaskText, FindsAFaultAtEveryPlaceAndStillUnmasksAll) {
    tests::proves({"3629-3-01"});
    for (const std::size_t size : {40U, 130U, 400U, 1500U}) {
        const octets ascii(size, 'a');
        for (const octets& good : {ascii, tests::mixed_text(size, 4)}) {
            for (std::size_t place = 0; place < size; ++place) {
                octets text = good;
                text[place] = 0xed;
                expect_right(text, 0);
            }
        }
    }
}

TEST(UnmaskText, AgreesWithTheOraclesOnDamagedText) {
    std::mt19937 random{5};
    for (int round = 0; round < 10'000; ++round) {
        octets text = tests::mixed_text(random() % 1500, static_cast<unsigned>(random() % 8),
                                        static_cast<unsigned>(1 + random() % 4));
        for (auto damages = random() % 3; damages > 0 && !text.empty(); --damages) {
            text[random() % text.size()] = static_cast<std::uint8_t>(random());
        }
        expect_right(text, random() % (text.size() + 1));
    }
}

TEST(UnmaskText, TouchesNothingAroundTheSpan) {
    tests::guarded_memory memory{1400};
    const octets source = tests::mixed_text(1400, 2);
    const octets hidden = masked(source);
    for (std::size_t size = 0; size <= source.size(); ++size) {
        for (const byte_span place : {memory.at_begin(size), memory.at_end(size)}) {
            std::copy_n(hidden.begin(), size, place.begin());
            utf8_validator validator;
            ASSERT_EQ(unmask_and_validate(place, key, validator), size);
            ASSERT_TRUE(std::equal(place.begin(), place.end(), source.begin())) << size;
        }
    }
}

TEST(UnmaskText, WritesNothingBesideTheSpanWithinItsPage) {
    const octets text = tests::mixed_text(600, 6);
    const octets hidden = masked(text);
    for (std::size_t size = 0; size <= text.size(); ++size) {
        octets memory(size + 128, 0xee);
        std::copy_n(hidden.begin(), size, memory.begin() + 64);
        utf8_validator validator;
        ASSERT_EQ(unmask_and_validate(byte_span{memory}.subspan(64, size), key, validator), size);
        const auto untouched = [](std::uint8_t octet) { return octet == 0xee; };
        ASSERT_TRUE(std::all_of(memory.data(), memory.data() + 64, untouched)) << size;
        ASSERT_TRUE(
            std::all_of(memory.data() + 64 + size, memory.data() + memory.size(), untouched))
            << size;
    }
}

}  // namespace
}  // namespace plainsong
