// SPDX-License-Identifier: MIT
// ascii_test.cpp — every octet through every predicate of codec/ascii.hpp.
//
// Covers: codec/ascii.
#include <plainsong/codec/ascii.hpp>

#include <clocale>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

// The classes of RFC 9110 and RFC 5234 written out, to be compared with predicates that compute.
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool contains(std::string_view set, char c) {
    return set.find(c) != std::string_view::npos;
}

TEST(Ascii, ClassifiesEveryOctet) {
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        SCOPED_TRACE(octet);
        EXPECT_EQ(is_upper(c), contains(upper, c));
        EXPECT_EQ(is_lower(c), contains(lower, c));
        EXPECT_EQ(is_letter(c), contains(upper, c) || contains(lower, c));
        EXPECT_EQ(is_digit(c), contains(digits, c));
        EXPECT_EQ(is_hex_digit(c), contains("0123456789abcdefABCDEF", c));
        EXPECT_EQ(is_ows(c), octet == 9 || octet == 32);
        EXPECT_EQ(is_visible(c), octet >= 33 && octet <= 126);
        EXPECT_EQ(is_control(c), octet <= 31 || octet == 127);
        EXPECT_EQ(is_field_text(c), octet == 9 || (octet >= 32 && octet != 127));
        EXPECT_EQ(is_token_character(c), contains(upper, c) || contains(lower, c) ||
                                             contains(digits, c) || contains(token_marks, c));
    }
}

TEST(Ascii, ReadsHexDigitsOfBothCases) {
    for (int value = 0; value < 16; ++value) {
        const auto index = static_cast<std::size_t>(value);
        EXPECT_EQ(hex_digit_value("0123456789abcdef"[index]), value);
        EXPECT_EQ(hex_digit_value("0123456789ABCDEF"[index]), value);
    }
    EXPECT_EQ(hex_digit_value('g'), -1);
}

TEST(Ascii, FoldsNothingButTheTwentySixCapitals) {
    tests::proves({"6455-2.1-01"});
    std::setlocale(LC_ALL, "tr_TR.UTF-8");
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        const auto at = upper.find(c);
        EXPECT_EQ(fold_case(c), at == std::string_view::npos ? c : lower[at]) << octet;
    }
    std::setlocale(LC_ALL, "C");
}

TEST(Ascii, ComparesEveryPairOfOctetsIgnoringCase) {
    tests::proves({"6455-2.1-01"});
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const char a = static_cast<char>(first);
            const char b = static_cast<char>(second);
            const auto at = upper.find(a);
            const auto back = lower.find(a);
            const bool same = a == b || (at != std::string_view::npos && lower[at] == b) ||
                              (back != std::string_view::npos && upper[back] == b);
            ASSERT_EQ(equals_ignoring_case({&a, 1}, {&b, 1}), same) << first << ' ' << second;
        }
    }
}

TEST(Ascii, ComparesWholeTextsIgnoringCase) {
    tests::proves({"6455-2.1-01"});
    EXPECT_TRUE(equals_ignoring_case("WebSocket", "wEBsOCKET"));
    EXPECT_TRUE(equals_ignoring_case("", ""));
    EXPECT_FALSE(equals_ignoring_case("websocket", "websocke"));
    EXPECT_FALSE(equals_ignoring_case("websocket", "websockets"));
    EXPECT_FALSE(equals_ignoring_case("websocket",
                                      "webso\xe2\x84\xaa"
                                      "et"));                             // U+212A KELVIN SIGN
    EXPECT_FALSE(equals_ignoring_case("websocket", "web\xc5\xbfocket"));  // U+017F LONG S
    EXPECT_FALSE(equals_ignoring_case("[", "{"));
    EXPECT_FALSE(equals_ignoring_case("@", "`"));
}

TEST(Ascii, TakesTokensAndRefusesTheEmptyOne) {
    EXPECT_TRUE(is_token("permessage-deflate"));
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("a b"));
    EXPECT_FALSE(is_token("a\xc3\xa9"));
    EXPECT_TRUE(is_digits("0013"));
    EXPECT_FALSE(is_digits(""));
    EXPECT_FALSE(is_digits("-1"));
}

TEST(Ascii, TrimsSpacesAndTabsAtBothEndsOnly) {
    EXPECT_EQ(trim_ows(" \t a b\t "), "a b");
    EXPECT_EQ(trim_ows("a"), "a");
    EXPECT_EQ(trim_ows(" \t "), "");
    EXPECT_EQ(trim_ows(""), "");
    EXPECT_EQ(trim_ows("\va\r"), "\va\r");
}

static_assert(equals_ignoring_case("UPGRADE", "upgrade"));
static_assert(is_token("x") && !is_token("("));

}  // namespace
}  // namespace plainsong
