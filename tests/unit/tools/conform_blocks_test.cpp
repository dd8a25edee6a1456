// SPDX-License-Identifier: MIT
// conform_blocks_test.cpp — DEFLATE as a case writes it, and back again.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tools/conform_blocks.hpp"
#include "tools/conform_corpus.hpp"
#include "tools/conform_deflate.hpp"

namespace plainsong::conform {
namespace {

/// Returns: the octets that a case says in `text`, or the complaint.
std::string written(const std::string& text) {
    std::vector<word> words = {{"blocks", false}};
    std::string complaint;
    EXPECT_TRUE(part_words(text, words, complaint)) << text;
    phrase all(words, complaint);
    std::string octets;
    return take_blocks(all, octets) && all.end() ? octets : complaint;
}

std::string read_back(const std::string& payload) {
    unpacker in({.agreed = true});
    std::string text;
    const std::string fault = in.unpack(payload, text);
    return fault.empty() ? text : fault;
}

TEST(ConformBlocks, AreThoseOfTheExamplesInTheRfc) {
    EXPECT_EQ(written("fixed \"Hello\""), "\xf2\x48\xcd\xc9\xc9\x07" + std::string(1, '\0'));
    EXPECT_EQ(written("stored \"Hello\""), std::string("\x00\x05\x00\xfa\xffHello\x00", 11));
    EXPECT_EQ(written("final fixed \"Hello\""), "\xf3\x48\xcd\xc9\xc9\x07" + std::string(2, '\0'));
}

TEST(ConformBlocks, HaveMatchesOfEveryLengthAndDistance) {
    for (unsigned length = 3; length <= 258; ++length) {
        const std::string text = "ab" + noise(300);
        EXPECT_EQ(read_back(written("stored \"ab\" noise:300, fixed \"x\" copy " +
                                    std::to_string(length) + " back 303")),
                  text + "x" + text.substr(0, length))
            << length;
    }
    std::vector<unsigned> distances = {32768};
    for (unsigned power = 1; power < 32768; power *= 2) {
        for (unsigned near : {power, power + 1, power + power / 2, power + power / 2 + 1}) {
            distances.push_back(std::min(near, 32768U));
        }
    }
    const std::string text = noise(32768);
    for (const unsigned distance : distances) {
        std::string expected = text;
        for (int at = 0; at < 3; ++at) {
            expected += expected[expected.size() - distance];
        }
        EXPECT_TRUE(read_back(written("stored noise:32K, fixed copy 3 back " +
                                      std::to_string(distance))) == expected)
            << distance;
    }
}

TEST(ConformBlocks, MayHaveAnyOctets) {
    std::string text;
    for (int octet = 0; octet < 256; ++octet) {
        text += static_cast<char>(octet);
    }
    std::string hex;
    for (const char each : text) {
        constexpr const char* digits = "0123456789abcdef";
        hex += digits[static_cast<unsigned char>(each) >> 4];
        hex += digits[each & 15];
    }
    EXPECT_EQ(read_back(written("fixed hex:" + hex + ", stored hex:" + hex)), text + text);
}

TEST(ConformBlocks, AreRefusedIfTheyCantBe) {
    EXPECT_EQ(written("dynamic \"a\""), "'fixed' is missing");
    EXPECT_EQ(written("stored noise:65536"), "a stored block has at most 65535 octets");
    EXPECT_EQ(written("fixed copy 3"), "'back' is missing");
    for (const char* const wrong :
         {"copy 2 back 1", "copy 259 back 1", "copy 3 back 0", "copy 3 back 32769"}) {
        EXPECT_EQ(written(std::string("fixed ") + wrong),
                  "3 to 258 octets are copied from 1 to 32768 octets back");
    }
    EXPECT_EQ(written("stored \"a\" fixed \"b\""), "'fixed' is not understood here");
}

}  // namespace
}  // namespace plainsong::conform
