// SPDX-License-Identifier: MIT
// message_splitter_test.cpp — the same messages however the input is cut.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tools/message_splitter.hpp"

namespace plainsong::tools {
namespace {

using lines = std::vector<std::string>;

/// Takes all that can be taken: messages in quotes, complaints as they are.
void take(message_splitter& from, lines& into) {
    for (;;) {
        std::string_view payload;
        std::string complaint;
        switch (from.next(payload, complaint)) {
            case message_splitter::outcome::message:
                into.push_back('\'' + std::string(payload) + '\'');
                break;
            case message_splitter::outcome::wrong:
                into.push_back(complaint);
                break;
            default:
                return;
        }
    }
}

lines split_in_pieces(message_form form, std::string_view input, std::size_t piece,
                      std::size_t most) {
    message_splitter one(form, most);
    lines found;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        one.feed(as_bytes(input.substr(at, piece)));
        take(one, found);
    }
    std::string_view payload;
    std::string complaint;
    EXPECT_EQ(one.next(payload, complaint), message_splitter::outcome::need_more);
    one.end();
    take(one, found);
    EXPECT_EQ(one.next(payload, complaint), message_splitter::outcome::ended);
    return found;
}

lines split(message_form form, std::string_view input, std::size_t most = 1000) {
    const lines whole = split_in_pieces(form, input, input.size() + 1, most);
    for (std::size_t piece = 1; piece < input.size(); ++piece) {
        EXPECT_EQ(split_in_pieces(form, input, piece, most), whole) << "in pieces of " << piece;
    }
    return whole;
}

TEST(MessageSplitter, TakesALineForAMessage) {
    EXPECT_EQ(split(message_form::text, "one\n\ntwo\r\nthree"),
              (lines{"'one'", "''", "'two\r'", "'three'"}));
    EXPECT_EQ(split(message_form::text, ""), lines{});
    EXPECT_EQ(split(message_form::text, "\n"), lines{"''"});
}

TEST(MessageSplitter, LeavesOutALineThatIsTooLong) {
    EXPECT_EQ(split(message_form::text, "1234\n12345\n123\n1234567890", 4),
              (lines{"'1234'", "message 2 has more than 4 octets", "'123'",
                     "message 4 has more than 4 octets"}));
}

TEST(MessageSplitter, DecodesLines) {
    EXPECT_EQ(split(message_form::hex, "48 69\n\n4\n2a\r\n"),
              (lines{"'Hi'", "''", "message 3 is not hexadecimal", "'*'"}));
    EXPECT_EQ(split(message_form::base64, "SGk=\n!\nKg==\r\n"),
              (lines{"'Hi'", "message 2 is not padded base64", "'*'"}));
    EXPECT_EQ(split(message_form::hex, "0102030405\n01020304", 4),
              (lines{"message 1 has more than 4 octets", "'\x01\x02\x03\x04'"}));
}

TEST(MessageSplitter, ReadsLengths) {
    using namespace std::string_view_literals;
    EXPECT_EQ(split(message_form::length, "\0\0\0\2Hi\0\0\0\0\0\0\0\1*"sv),
              (lines{"'Hi'", "''", "'*'"}));
    EXPECT_EQ(split(message_form::length, "\0\0\0\1*\0\0\0\2H"sv),
              (lines{"'*'", "the input ends inside of message 2"}));
    EXPECT_EQ(split(message_form::length, "\0\0\0\1*\0\0\0\5Hello\0\0\0\1*"sv, 4),
              (lines{"'*'", "message 2 announces 5 octets: what follows is left out"}));
}

TEST(MessageSplitter, TakesWhatOneReadGives) {
    EXPECT_EQ(split_in_pieces(message_form::raw, "a\nbcde", 3, 1000), (lines{"'a\nb'", "'cde'"}));
    EXPECT_EQ(split_in_pieces(message_form::raw, "abcde", 5, 2), (lines{"'ab'", "'cd'", "'e'"}));
}

TEST(MessageSplitter, KeepsNothingOfWhatItHasGivenOut) {
    message_splitter one(message_form::text, 1000);
    const std::string line = std::string(99, 'x') + '\n';
    lines found;
    for (int i = 0; i < 10'000; ++i) {
        one.feed(as_bytes(line));
        one.feed(as_bytes("tail"));
        std::string_view payload;
        std::string complaint;
        ASSERT_EQ(one.next(payload, complaint), message_splitter::outcome::message);
        ASSERT_EQ(payload.size(), i == 0 ? 99U : 103U);
    }
}

TEST(MessageSplitter, KnowsItsForms) {
    message_form form = message_form::text;
    for (const auto& [name, meant] :
         {std::pair{"text", message_form::text}, std::pair{"raw", message_form::raw},
          std::pair{"hex", message_form::hex}, std::pair{"base64", message_form::base64},
          std::pair{"length", message_form::length}}) {
        EXPECT_TRUE(message_form_named(name, form));
        EXPECT_EQ(form, meant);
    }
    EXPECT_FALSE(message_form_named("hexadecimal", form));
}

}  // namespace
}  // namespace plainsong::tools
