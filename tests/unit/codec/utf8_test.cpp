// SPDX-License-Identifier: MIT
// utf8_test.cpp — the validator against an oracle that decodes: exhaustively for short texts, at
// every cut, and with nothing readable around the text.
//
// Covers: codec/utf8.  (The kernels behind it are compared one by one in utf8_kernels_test.cpp.)
#include <plainsong/codec/utf8.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_utf8.hpp"
#include "tests/support/utf8_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using tests::reference_utf8;
using tests::reference_verdict;

reference_verdict verdict_in_one(byte_view text) {
    utf8_validator validator;
    const std::size_t taken = validator.feed(text);
    return {taken, taken == text.size() && validator.complete()};
}

/// Feeds the pieces between `cuts`; returns the verdict in terms of the whole text.
reference_verdict verdict_in_pieces(byte_view text, std::initializer_list<std::size_t> cuts) {
    utf8_validator validator;
    std::size_t at = 0;
    const auto feed_until = [&](std::size_t end) {
        const std::size_t taken = validator.feed(text.subspan(at, end - at));
        const bool whole = taken == end - at;
        at += taken;
        return whole;
    };
    for (const std::size_t cut : cuts) {
        if (!feed_until(cut)) {
            return {at, false};
        }
    }
    if (!feed_until(text.size())) {
        return {at, false};
    }
    return {at, validator.complete()};
}

reference_verdict verdict_octet_by_octet(byte_view text) {
    utf8_validator validator;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (validator.feed(text.subspan(i, 1)) != 1) {
            return {i, false};
        }
    }
    return {text.size(), validator.complete()};
}

bool is_valid(std::initializer_list<std::uint8_t> text) {
    const octets copy{text};
    return is_utf8(copy);
}

/// Index of the fault, or -1 if there is none.
int fault(std::initializer_list<std::uint8_t> text) {
    const octets copy{text};
    utf8_validator validator;
    const std::size_t taken = validator.feed(copy);
    return taken == copy.size() ? -1 : static_cast<int>(taken);
}

TEST(Utf8, AgreesWithTheOracleOnEveryTextOfUpToThreeOctets) {
    tests::proves({"3629-3-01", "3629-4-01", "6455-2.1-02"});
    EXPECT_EQ(verdict_in_one({}), reference_utf8({}));
    for (std::uint32_t number = 0; number < (1U << 24); ++number) {
        const std::uint8_t text[3] = {static_cast<std::uint8_t>(number >> 16),
                                      static_cast<std::uint8_t>(number >> 8),
                                      static_cast<std::uint8_t>(number)};
        if ((number & 0xffff) == 0) {
            ASSERT_EQ(verdict_in_one({text, 1}), reference_utf8({text, 1})) << number;
        }
        if ((number & 0xff) == 0) {
            ASSERT_EQ(verdict_in_one({text, 2}), reference_utf8({text, 2})) << number;
        }
        ASSERT_EQ(verdict_in_one(text), reference_utf8(text)) << number;
    }
}

TEST(Utf8, AgreesWithTheOracleOnFourOctetsAtEveryCut) {
    tests::proves({"3629-3-01", "3629-4-01", "6455-2.1-02"});
    tests::for_each_lead_and_second([](std::span<const std::uint8_t> text) {
        const reference_verdict expected = reference_utf8(text);
        ASSERT_EQ(verdict_in_one(text), expected);
        ASSERT_EQ(verdict_octet_by_octet(text), expected);
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            ASSERT_EQ(verdict_in_pieces(text, {cut}), expected);
        }
    });
}

TEST(Utf8, TakesEveryCodePointAndNoSurrogate) {
    tests::proves({"3629-3-02", "3629-3-03", "3629-4-01", "6455-2.1-02"});
    for (std::uint32_t number = 0; number < 0x110000; ++number) {
        const octets text = tests::encoded(number);
        const bool surrogate = number >= 0xd800 && number <= 0xdfff;
        ASSERT_EQ(is_utf8(text), !surrogate) << number;
    }
}

TEST(Utf8, RefusesSurrogatesAtTheirSecondOctet) {
    tests::proves({"3629-3-02"});
    for (int second = 0xa0; second <= 0xbf; ++second) {
        EXPECT_EQ(fault({0xed, static_cast<std::uint8_t>(second), 0x80}), 1) << second;
    }
    EXPECT_EQ(fault({0xed, 0xa1, 0x8c, 0xed, 0xbe, 0xb4}), 1);  // U+233B4 as CESU-8 writes it
    EXPECT_TRUE(is_valid({0xed, 0x9f, 0xbf}));
    EXPECT_TRUE(is_valid({0xee, 0x80, 0x80}));
}

TEST(Utf8, RefusesNumbersAboveTheLastCodePoint) {
    tests::proves({"3629-3-03"});
    EXPECT_TRUE(is_valid({0xf4, 0x8f, 0xbf, 0xbf}));
    EXPECT_EQ(fault({0xf4, 0x90, 0x80, 0x80}), 1);
    for (int lead = 0xf5; lead <= 0xff; ++lead) {
        EXPECT_EQ(fault({static_cast<std::uint8_t>(lead), 0x80, 0x80, 0x80}), 0) << lead;
    }
}

TEST(Utf8, RefusesEveryFormThatIsNotTheShortest) {
    tests::proves({"3629-3-04"});
    EXPECT_EQ(fault({0xc0, 0x80}), 0);
    EXPECT_EQ(fault({0xc1, 0xbf}), 0);
    EXPECT_EQ(fault({0xe0, 0x80, 0x80}), 1);
    EXPECT_EQ(fault({0xe0, 0x9f, 0xbf}), 1);
    EXPECT_EQ(fault({0xf0, 0x80, 0x80, 0x80}), 1);
    EXPECT_EQ(fault({0xf0, 0x8f, 0xbf, 0xbf}), 1);
    EXPECT_TRUE(is_valid({0xc2, 0x80}));
    EXPECT_TRUE(is_valid({0xe0, 0xa0, 0x80}));
    EXPECT_TRUE(is_valid({0xf0, 0x90, 0x80, 0x80}));
}

TEST(Utf8, TakesNullNoncharactersAndSignaturesAsText) {
    tests::proves({"3629-4-01", "3629-6-01"});
    EXPECT_TRUE(is_valid({0x00}));
    EXPECT_TRUE(is_valid({0xef, 0xbf, 0xbe}));        // U+FFFE
    EXPECT_TRUE(is_valid({0xef, 0xbf, 0xbf}));        // U+FFFF
    EXPECT_TRUE(is_valid({0xf4, 0x8f, 0xbf, 0xbf}));  // U+10FFFF
    EXPECT_TRUE(is_valid({0xef, 0xbb, 0xbf}));        // U+FEFF alone
    EXPECT_TRUE(is_valid({0xef, 0xbb, 0xbf, 'a', 0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf}));
}

TEST(Utf8, LeavesTheTextAsItIs) {
    tests::proves({"3629-6-01"});
    octets text{0xef, 0xbb, 0xbf, 'a', 0xef, 0xbb, 0xbf};
    const octets before = text;
    utf8_validator validator;
    EXPECT_EQ(validator.feed(text), before.size());
    EXPECT_EQ(text, before);
}

TEST(Utf8, KnowsAnUnfinishedCharacterFromAFault) {
    for (const octets& character :
         {octets{0xc3, 0xa9}, octets{0xe2, 0x82, 0xac}, octets{0xf0, 0x9f, 0x8e, 0xb6}}) {
        for (std::size_t size = 1; size < character.size(); ++size) {
            utf8_validator validator;
            EXPECT_EQ(validator.feed(byte_view{character}.first(size)), size);
            EXPECT_FALSE(validator.complete());
            EXPECT_FALSE(is_utf8(byte_view{character}.first(size)));
            EXPECT_EQ(validator.feed({}), 0U);
            EXPECT_FALSE(validator.complete());
            EXPECT_EQ(validator.feed(byte_view{character}.subspan(size)), character.size() - size);
            EXPECT_TRUE(validator.complete());
        }
    }
}

TEST(Utf8, StartsAfreshAfterReset) {
    utf8_validator validator;
    EXPECT_EQ(validator.feed(as_bytes("\xe2\x82")), 2U);
    EXPECT_EQ(validator.feed(as_bytes("a")), 0U);
    validator.reset();
    EXPECT_TRUE(validator.complete());
    EXPECT_EQ(validator.feed(as_bytes("a")), 1U);
}

TEST(Utf8, FindsEachFaultAtEachPlaceOfALongTextAtEachCut) {
    tests::proves({"3629-3-01"});
    for (const std::size_t size : {70U, 131U, 300U}) {
        const octets good = tests::mixed_text(size, 7);
        for (std::size_t place = 0; place < size; ++place) {
            for (const std::uint8_t wrong : octets{0x41, 0x80, 0xc0, 0xed, 0xf5}) {
                octets text = good;
                text[place] = wrong;
                const reference_verdict expected = reference_utf8(text);
                ASSERT_EQ(verdict_in_one(text), expected) << size << ' ' << place;
                const std::size_t near = std::min(expected.valid_until, size - 1);
                for (std::size_t cut = near < 4 ? 0 : near - 4; cut <= near; ++cut) {
                    ASSERT_EQ(verdict_in_pieces(text, {cut}), expected) << place << ' ' << cut;
                }
            }
        }
    }
}

TEST(Utf8, GivesOneVerdictWhereverALongTextIsCut) {
    tests::proves({"3629-3-01"});
    octets text = tests::mixed_text(400, 3);
    for (const bool faulty : {false, true}) {
        if (faulty) {
            text[tests::last_lead(text, 330)] = 0xff;
        }
        const reference_verdict expected = reference_utf8(text);
        ASSERT_EQ(verdict_octet_by_octet(text), expected);
        for (std::size_t first = 0; first <= text.size(); ++first) {
            for (std::size_t second = first; second <= text.size(); second += 1 + second % 7) {
                ASSERT_EQ(verdict_in_pieces(text, {first, second}), expected)
                    << first << ' ' << second;
            }
        }
    }
}

TEST(Utf8, ReadsNothingAroundTheText) {
    tests::guarded_memory memory{2200};
    const octets source = tests::mixed_text(2200, 5);
    for (std::size_t size = 0; size <= 2200; size += size < 1100 ? 1 : 37) {
        for (const bool low : {false, true}) {
            const auto text = low ? memory.at_begin(size) : memory.at_end(size);
            std::copy_n(source.begin(), size, text.begin());
            ASSERT_EQ(verdict_in_one(text), reference_utf8(text)) << size;
            std::fill(text.begin(), text.end(), std::uint8_t{'a'});
            ASSERT_EQ(verdict_in_one(text), (reference_verdict{size, true})) << size;
        }
    }
}

}  // namespace
}  // namespace plainsong
