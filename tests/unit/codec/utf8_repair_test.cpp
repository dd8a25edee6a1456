// SPDX-License-Identifier: MIT
// utf8_repair_test.cpp — repaired text against known vectors and against the decoder of the Encoding
// Standard, written out step by step, for every text of up to four octets that matter.
//
// Covers: codec/utf8_repair.
#include <plainsong/codec/utf8_repair.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <plainsong/codec/utf8.hpp>

#include "tests/support/guard_page.hpp"
#include "tests/support/utf8_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;

octets repaired(byte_view text) {
    octets into(repaired_size(text), 0);
    EXPECT_EQ(repair_utf8(text, into.data()), into.size());
    return into;
}

std::string repaired(std::string_view text) {
    return std::string(as_text(repaired(as_bytes(text))));
}

/// The decoder of https://encoding.spec.whatwg.org/#utf-8-decoder, its variables by their names there,
/// followed by the encoder.
octets reference_repair(byte_view text) {
    std::uint32_t code_point = 0;
    unsigned bytes_seen = 0;
    unsigned bytes_needed = 0;
    std::uint8_t lower_boundary = 0x80;
    std::uint8_t upper_boundary = 0xbf;
    octets out;
    const auto emit = [&](std::uint32_t number) {
        const octets more = tests::encoded(number);
        out.insert(out.end(), more.begin(), more.end());
    };
    for (std::size_t i = 0; i < text.size();) {
        const std::uint8_t byte = text[i];
        if (bytes_needed == 0) {
            ++i;
            if (byte <= 0x7f) {
                emit(byte);
            } else if (byte >= 0xc2 && byte <= 0xdf) {
                bytes_needed = 1;
                code_point = byte & 0x1f;
            } else if (byte >= 0xe0 && byte <= 0xef) {
                lower_boundary = byte == 0xe0 ? 0xa0 : 0x80;
                upper_boundary = byte == 0xed ? 0x9f : 0xbf;
                bytes_needed = 2;
                code_point = byte & 0xf;
            } else if (byte >= 0xf0 && byte <= 0xf4) {
                lower_boundary = byte == 0xf0 ? 0x90 : 0x80;
                upper_boundary = byte == 0xf4 ? 0x8f : 0xbf;
                bytes_needed = 3;
                code_point = byte & 0x7;
            } else {
                emit(0xfffd);
            }
            continue;
        }
        const bool is_inside = byte >= lower_boundary && byte <= upper_boundary;
        lower_boundary = 0x80;
        upper_boundary = 0xbf;
        if (!is_inside) {  // the byte is looked at again
            code_point = bytes_needed = bytes_seen = 0;
            emit(0xfffd);
            continue;
        }
        ++i;
        code_point = (code_point << 6) | (byte & 0x3f);
        if (++bytes_seen == bytes_needed) {
            emit(code_point);
            code_point = bytes_needed = bytes_seen = 0;
        }
    }
    if (bytes_needed != 0) {
        emit(0xfffd);
    }
    return out;
}

TEST(Utf8Repair, LeavesGoodTextAsItIs) {
    for (const std::string_view text :
         {"", "plain", "\xc3\xa9", "\xef\xbb\xbfmark", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"}) {
        EXPECT_EQ(repaired(text), text);
    }
    const octets mixed = [] {
        octets text = tests::mixed_text(10'000, 1);
        while (!is_utf8(text)) {
            text.pop_back();
        }
        return text;
    }();
    EXPECT_EQ(repaired(byte_view(mixed)), mixed);
}

TEST(Utf8Repair, ReplacesMaximalPartsAndSingleOctets) {
    struct row {
        std::string_view text;
        std::string_view expected;
    };
#define R "\xef\xbf\xbd"
    for (const row& one : {
             row{"a\xff\x62", "a" R "b"}, row{"\x80", R}, row{"\xc0\xaf", R R},  // overlong
             row{"\xe0\x80\xaf", R R R},             // overlong: E0 80 begins no character
             row{"\xe1\x80", R},                     // cut off: one part
             row{"\xe1\x80\x41", R "A"},             // what follows is kept
             row{"\xf0\x90\x80\x41", R "A"},         //
             row{"\xf1\x80\xc3\xa9", R "\xc3\xa9"},  //
             row{"\xf4\x90\x80\x80", R R R R},       // above U+10FFFF
             row{"\xf5\x80\x80\x80", R R R R}, row{"\xed\xa0\x80", R R R},  // a lone high surrogate
             row{"\xed\xb0\x80", R R R},                                    // a low one
             row{"\xed\xa0\xbd\xed\xb8\x80", R R R R R R},  // CESU-8: a pair is none here
             row{"\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64",
                 "a" R R R "b" R "c" R R "d"},  // the example of the Unicode Standard, table 3-8
         }) {
        EXPECT_EQ(repaired(one.text), one.expected) << one.text;
    }
#undef R
}

TEST(Utf8Repair, AgreesWithTheDecoderOfTheEncodingStandard) {
    // The ends of each range in the grammar, and their neighbours.
    constexpr std::uint8_t letters[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                        0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                        0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
    for (unsigned length = 1; length <= 4; ++length) {
        std::vector<unsigned> digits(length, 0);
        octets text(length, 0);
        while (true) {
            for (unsigned i = 0; i < length; ++i) {
                text[i] = letters[digits[i]];
            }
            const octets found = repaired(byte_view(text));
            ASSERT_EQ(found, reference_repair(text));
            ASSERT_TRUE(is_utf8(found));
            unsigned place = 0;
            while (place < length && ++digits[place] == std::size(letters)) {
                digits[place++] = 0;
            }
            if (place == length) {
                break;
            }
        }
    }
}

TEST(Utf8Repair, FindsEachFaultInALongText) {
    octets text = tests::mixed_text(3000, 7);
    for (std::size_t at = 3; at < text.size(); at += 37) {
        text[at] = 0xff;
    }
    EXPECT_EQ(repaired(byte_view(text)), reference_repair(text));
}

TEST(Utf8Repair, ReadsAndWritesNothingBesideItsMemory) {
    tests::guarded_memory in(6);
    tests::guarded_memory out(6);
    const std::string_view text = "abc\xe1\x80";
    const std::span<std::uint8_t> at_end = in.at_end(text.size());
    std::copy(text.begin(), text.end(), at_end.begin());
    const std::span<std::uint8_t> into = out.at_end(repaired_size(at_end));
    EXPECT_EQ(repair_utf8(at_end, into.data()), into.size());
    EXPECT_EQ(as_text(into), "abc\xef\xbf\xbd");
}

}  // namespace
}  // namespace plainsong
