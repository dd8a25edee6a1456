// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include <plainsong/http/list.hpp>

#include "tests/support/guard_page.hpp"
#include "tests/support/sliding_window.hpp"

namespace plainsong::http {
namespace {

using strings = std::vector<std::string>;

strings elements_of(list_reader reader) {
    strings all;
    std::string_view element;
    while (reader.next(element)) {
        all.emplace_back(element);
    }
    return all;
}

strings elements_of(std::string_view value) {
    return elements_of(list_reader{value});
}

TEST(ListReader, SkipsEmptyElementsAndBlanks) {
    EXPECT_EQ(elements_of(""), strings{});
    EXPECT_EQ(elements_of(" ,\t, ,"), strings{});
    EXPECT_EQ(elements_of(", ,Upgrade,,"), strings{"Upgrade"});
    EXPECT_EQ(elements_of("a,\tb c \t,d"), (strings{"a", "b c", "d"}));
}

TEST(ListReader, DoesNotSplitAQuotedString) {
    EXPECT_EQ(elements_of("a=\"x,y\", b"), (strings{"a=\"x,y\"", "b"}));
    EXPECT_EQ(elements_of("\"\\\",\", b"), (strings{"\"\\\",\"", "b"}));
    EXPECT_EQ(elements_of("\"open, b"), strings{"\"open, b"});
    EXPECT_EQ(elements_of("\"open\\"), strings{"\"open\\"});
}

TEST(ListReader, JoinsTheLinesOfAField) {
    const field fields[] = {{"X", "a, b,"}, {"Y", "no"}, {"x", ""}, {"X", "\"open"}, {"X", "c"}};
    EXPECT_EQ(elements_of(list_reader{field_values{fields, "X"}}),
              (strings{"a", "b", "\"open", "c"}));
}

TEST(TokenList, IsJudgedAsAWhole) {
    const auto judge = [](std::string_view value) {
        const field fields[] = {{"X", value}};
        return judge_token_list({fields, "X"});
    };
    EXPECT_EQ(judge_token_list({}), token_list::absent);
    EXPECT_EQ(judge(""), token_list::empty);
    EXPECT_EQ(judge(", ,"), token_list::empty);
    EXPECT_EQ(judge("a,b ,, c"), token_list::valid);
    EXPECT_EQ(judge("a,b c"), token_list::malformed);
    EXPECT_EQ(judge("a;b"), token_list::malformed);
    EXPECT_EQ(judge("\"a\""), token_list::malformed);
    EXPECT_EQ(judge("caf\xc3\xa9"), token_list::malformed);
}

TEST(TokenList, KnowsItsTokensInAnyCase) {
    const field fields[] = {{"X", "keep-alive"}, {"X", "uPGRADE"}};
    EXPECT_TRUE(has_token({fields, "X"}, "upgrade"));
    EXPECT_FALSE(has_token({fields, "X"}, "upgrad"));
    EXPECT_FALSE(has_token({fields, "X"}, "alive"));
}

TEST(TextCursor, TakesAQuotedStringUpToItsEnd) {
    const auto take = [](std::string_view text, std::string_view rest = {}) -> std::string {
        text_cursor cursor{text};
        std::string_view inner;
        if (!cursor.take_quoted(inner)) {
            return "<malformed>";
        }
        EXPECT_EQ(cursor.rest(), rest);
        return std::string(inner);
    };
    EXPECT_EQ(take("\"\""), "");
    EXPECT_EQ(take("\"a b\";c", ";c"), "a b");
    EXPECT_EQ(take("\"a\\\"b\"", ""), "a\\\"b");
    EXPECT_EQ(take("\"a\\\\\"b\"", "b\""), "a\\\\");
    EXPECT_EQ(take("a"), "<malformed>");
    EXPECT_EQ(take(""), "<malformed>");
    EXPECT_EQ(take("\""), "<malformed>");
    EXPECT_EQ(take("\"a"), "<malformed>");
    EXPECT_EQ(take("\"a\\"), "<malformed>");
    EXPECT_EQ(take("\"a\\\""), "<malformed>");
    EXPECT_EQ(take("\"a\x01\""), "<malformed>");
    EXPECT_EQ(take("\"\\\x7f\""), "<malformed>");
}

TEST(Unquote, RemovesBackslashes) {
    std::array<char, 4> into{};
    EXPECT_EQ(unquote("abcdefgh", {}), "abcdefgh");
    EXPECT_EQ(unquote("1\\0", into), "10");
    EXPECT_EQ(unquote("\\\\\\\"", into), "\\\"");
    EXPECT_EQ(unquote("a\\", into), "a\\");
    EXPECT_EQ(unquote("ab\\cd", into), "") << "five characters have no room";
}

TEST(Parameter, IsATokenWithAnOptionalValue) {
    const auto take = [](std::string_view text) -> std::string {
        text_cursor cursor{text};
        parameter found;
        if (!take_parameter(cursor, found)) {
            return "<malformed>";
        }
        std::string shown(found.name);
        if (found.has_value) {
            shown += found.quoted ? "=q:" : "=";
            shown += found.value;
        }
        return shown + "|" + std::string(cursor.rest());
    };
    EXPECT_EQ(take("a"), "a|");
    EXPECT_EQ(take("a ; b"), "a|; b");
    EXPECT_EQ(take("a = 10; b"), "a=10|; b");
    EXPECT_EQ(take("a=\"x y\""), "a=q:x y|");
    EXPECT_EQ(take("a=\"\""), "a=q:|");
    EXPECT_EQ(take(""), "<malformed>");
    EXPECT_EQ(take("=1"), "<malformed>");
    EXPECT_EQ(take("a="), "<malformed>");
    EXPECT_EQ(take("a=;"), "<malformed>");
    EXPECT_EQ(take("a=\"x"), "<malformed>");
}

TEST(ListReader, TakesTimeLinearInTheList) {
    for (const std::string_view part : {"a,", "a b\t,, ,", "\"x,\\\"y\" , "}) {
        std::string text;
        while (text.size() < 200000) {
            text += part;
        }
        tests::sliding_window window{text};
        list_reader reader{window.text()};
        std::size_t elements = 0;
        for (std::string_view element; reader.next(element); ++elements) {
            window.slide_to(element.data());
        }
        EXPECT_EQ(elements, text.size() / part.size());
    }
}

TEST(ListReader, StaysInsideOfItsText) {
    for (const std::string_view text :
         {"", ",", "a", "\"", "\"a\\", " \t", "a=\"b\\\"", "a;b=c,"}) {
        tests::guarded_memory memory{64};
        const auto octets = memory.at_end(text.size());
        std::copy(text.begin(), text.end(), octets.begin());
        const std::string_view guarded{reinterpret_cast<const char*>(octets.data()), octets.size()};
        (void)elements_of(guarded);
        text_cursor cursor{guarded};
        parameter found;
        (void)take_parameter(cursor, found);
        text_cursor quoted{guarded};
        std::string_view inner;
        (void)quoted.take_quoted(inner);
    }
}

}  // namespace
}  // namespace plainsong::http
