// SPDX-License-Identifier: MIT
// text_forms_test.cpp — octets as text, and back.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tools/text_forms.hpp"

namespace plainsong::tools {
namespace {

std::string every_octet() {
    std::string all;
    for (int octet = 0; octet < 256; ++octet) {
        all += static_cast<char>(octet);
    }
    return all;
}

TEST(TextForms, ReadHexadecimalAsItWasWritten) {
    std::string text;
    append_hex(text, as_bytes(every_octet()));
    EXPECT_EQ(text.substr(0, 8), "00010203");
    std::string back = "x";
    ASSERT_TRUE(read_hex(text, back));
    EXPECT_EQ(back, "x" + every_octet());
    std::string other;
    ASSERT_TRUE(read_hex(" 48 69\t2a\r", other));
    EXPECT_EQ(other, "Hi*");
    ASSERT_TRUE(read_hex("aBCdEF", other));
    EXPECT_EQ(other, "Hi*\xab\xcd\xef");
}

TEST(TextForms, RefuseWhatIsNotHexadecimal) {
    for (const char* text : {"4", "4g", "g4", "48 6", "4 8", "48,69", "-1", "0x48"}) {
        std::string kept = "kept";
        EXPECT_FALSE(read_hex(text, kept)) << text;
        EXPECT_EQ(kept, "kept");
    }
}

TEST(TextForms, ReadBase64AsItWasWritten) {
    for (std::size_t size = 0; size < 10; ++size) {
        const std::string octets = every_octet().substr(250 - size, size);
        std::string text = "=";
        append_base64(text, as_bytes(octets));
        std::string back = "x";
        ASSERT_TRUE(read_base64(std::string_view(text).substr(1), back));
        EXPECT_EQ(back, "x" + octets);
    }
    std::string kept = "kept";
    EXPECT_FALSE(read_base64("YQ", kept));
    EXPECT_FALSE(read_base64("Y Q=", kept));
    EXPECT_EQ(kept, "kept");
}

TEST(TextForms, QuoteForJson) {
    std::string text;
    append_json(text, std::string_view("a\"b\\c\n\r\t\0\x1f\x7f\xc3\xa4/", 14));
    EXPECT_EQ(text, "\"a\\\"b\\\\c\\n\\r\\t\\u0000\\u001f\\u007f\xc3\xa4/\"");
    std::string back = "x";
    std::string_view rest = text;
    ASSERT_TRUE(take_json(rest, back));
    EXPECT_EQ(rest, "");
    EXPECT_EQ(back, std::string("xa\"b\\c\n\r\t\0\x1f\x7f\xc3\xa4/", 15));
}

TEST(TextForms, TakeOneStringOfJson) {
    std::string back;
    std::string_view rest = R"("\/\b\fé" more)";
    EXPECT_TRUE(take_json(rest, back));
    EXPECT_EQ(rest, " more");
    EXPECT_EQ(back, "/\b\f\xc3\xa9");
    for (std::string_view text : {"", "a", "\"", "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u12\"",
                                  "\"\\u00e9\"", "\"\\u012", "\"\\u00zz\""}) {
        std::string kept = "kept";
        EXPECT_FALSE(take_json(text, kept)) << text;
        EXPECT_EQ(kept, "kept");
    }
}

TEST(TextForms, ShowNothingThatATerminalWouldObey) {
    std::string text;
    append_shown(text, "a\x1b[31m\r\n\t\x7f");
    EXPECT_EQ(text, "a\\x1b[31m\\x0d\\x0a\\x09\\x7f");
    text.clear();
    append_shown(text, "a\n\tb\r", true);
    EXPECT_EQ(text, "a\n\tb\\x0d");
    text.clear();
    append_shown(text, "\xc2\x9b\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xb5\xff\xc3");
    EXPECT_EQ(text, "\\xc2\\x9b\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xb5\\xff\\xc3");
}

TEST(TextForms, QuoteTheBeginningOfAPayload) {
    EXPECT_EQ(quoted(as_bytes("abc"), 3), "\"abc\"");
    EXPECT_EQ(quoted(as_bytes("abcd"), 3), "\"abc\"...");
    EXPECT_EQ(quoted(as_bytes("ab\xe2\x82\xac"), 3), "\"ab\"...");
    EXPECT_EQ(quoted(as_bytes("\xff\x01\x02"), 2), "hex ff01...");
    EXPECT_EQ(quoted({}, 2), "\"\"");
}

}  // namespace
}  // namespace plainsong::tools
