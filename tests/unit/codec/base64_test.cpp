// SPDX-License-Identifier: MIT
// base64_test.cpp — vectors of RFC 4648 §10, every length, every foreign character.
//
// Covers: codec/base64.
#include <plainsong/codec/base64.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/reference_base64.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;

octets from_text(std::string_view text) {
    return {text.begin(), text.end()};
}

std::string encoded(const octets& from) {
    std::string text(base64_encoded_size(from.size()), '?');
    EXPECT_EQ(base64_encode(from, text), text.size());
    return text;
}

std::optional<octets> decoded(std::string_view text,
                              base64_pad_bits accepted = base64_pad_bits::zero) {
    octets into(base64_decoded_size_limit(text.size()));
    auto size = base64_decode(text, into, accepted);
    if (!size) {
        EXPECT_EQ(size.why(), error_code::text_not_base64);
        return std::nullopt;
    }
    EXPECT_LE(*size, into.size());
    into.resize(*size);
    return into;
}

TEST(Base64, ReproducesTheVectorsOfItsRfc) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(encoded(from_text(plain)), text);
        EXPECT_EQ(decoded(text), from_text(plain));
    }
}

TEST(Base64, AgreesWithTheReferenceAtEveryLength) {
    std::mt19937 random{1};
    for (std::size_t size = 0; size <= 300; ++size) {
        octets plain(size);
        for (auto& octet : plain) {
            octet = static_cast<std::uint8_t>(random());
        }
        const std::string text = tests::reference_base64_encode(plain);
        ASSERT_EQ(encoded(plain), text);
        ASSERT_EQ(decoded(text), plain);
        ASSERT_EQ(decoded(text, base64_pad_bits::any), plain);
    }
}

TEST(Base64, RefusesEveryForeignCharacterAtEveryPlace) {
    for (const std::string_view good : {"AAAAAAAA", "AAAAAAA=", "AAAAAA=="}) {
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (int octet = 0; octet < 256; ++octet) {
                std::string text{good};
                text[at] = static_cast<char>(octet);
                for (const bool any : {false, true}) {
                    ASSERT_EQ(decoded(text, any ? base64_pad_bits::any : base64_pad_bits::zero),
                              tests::reference_base64_decode(text, any))
                        << good << " at " << at << " octet " << octet;
                }
            }
        }
    }
}

TEST(Base64, TreatsEveryFinalGroupAsTheReferenceDoes) {
    std::string set{tests::reference_base64_alphabet};
    set += "=-";
    for (const char c : set) {
        for (const char d : set) {
            for (const char b : set) {
                const std::string text{'Q', b, c, d};
                ASSERT_EQ(decoded(text), tests::reference_base64_decode(text, false)) << text;
                ASSERT_EQ(decoded(text, base64_pad_bits::any),
                          tests::reference_base64_decode(text, true))
                    << text;
            }
        }
    }
}

TEST(Base64, RefusesUnpaddedText) {
    EXPECT_EQ(decoded("Zg"), std::nullopt);
    EXPECT_EQ(decoded("Zg="), std::nullopt);
    EXPECT_EQ(decoded("Zm9vZ"), std::nullopt);
    EXPECT_EQ(decoded("Zg==Zg=="), std::nullopt);
    EXPECT_EQ(decoded("===="), std::nullopt);
    EXPECT_EQ(decoded("Z==="), std::nullopt);
    EXPECT_EQ(decoded("Zm9v\n"), std::nullopt);
}

TEST(Base64, TakesTheKeyOfTheRfcOnlyWhenPadBitsAreFree) {
    // RFC 6455 §4.1 prints this text for the octets 1 to 16, although the bits under the padding
    // are not 0.
    constexpr std::string_view key = "AQIDBAUGBwgJCgsMDQ4PEC==";
    octets counting(16);
    for (std::size_t i = 0; i < 16; ++i) {
        counting[i] = static_cast<std::uint8_t>(i + 1);
    }
    EXPECT_EQ(decoded(key), std::nullopt);
    EXPECT_EQ(decoded(key, base64_pad_bits::any), counting);
}

TEST(Base64, WritesNothingWhereThereIsNoRoom) {
    const octets plain = from_text("foob");
    std::string text(7, '?');
    EXPECT_EQ(base64_encode(plain, text), 0U);
    EXPECT_EQ(text, "???????");

    octets exact(4);
    EXPECT_EQ(*base64_decode("Zm9vYg==", exact), 4U);
    octets small(3, 9);
    EXPECT_EQ(base64_decode("Zm9vYg==", small).why(), error_code::invalid_argument);
    EXPECT_EQ(small, octets(3, 9));
}

}  // namespace
}  // namespace plainsong
