// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <regex>
#include <string>
#include <vector>

#include <plainsong/ws/extension.hpp>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/sliding_window.hpp"

namespace plainsong {
namespace {

using kind = extension_item::kind;

/// "a;b;c=d,e" for what the reader finds, with "!" where it stops.
std::string shown(extension_reader reader) {
    std::string out;
    std::array<char, 100> scratch{};
    for (;;) {
        const extension_item item = reader.next();
        switch (item.what) {
            case kind::end:
                return out;
            case kind::malformed:
                EXPECT_EQ(reader.next().what, kind::malformed);
                return out + "!";
            case kind::offer:
                out += out.empty() ? "" : ",";
                break;
            case kind::parameter:
                out += ";";
                break;
        }
        out += item.name;
        if (item.has_value) {
            out.append("=").append(item.value(scratch));
        }
    }
}

std::string shown(std::string_view text) {
    return shown(extension_reader{text});
}

TEST(ExtensionReader, ReadsOffersAndTheirParameters) {
    tests::proves({"6455-4.3-01", "6455-4.3-03"});
    EXPECT_EQ(shown("foo"), "foo");
    EXPECT_EQ(shown("foo, bar; baz=2"), "foo,bar;baz=2");
    EXPECT_EQ(shown("permessage-deflate ;\tclient_max_window_bits = 10;x\t, y"),
              "permessage-deflate;client_max_window_bits=10;x,y");
    EXPECT_EQ(shown(",, foo ,\t,bar,"), "foo,bar");
    EXPECT_EQ(shown("constructor; __proto__=1"), "constructor;__proto__=1");
}

TEST(ExtensionReader, UnescapesAQuotedValueIntoAToken) {
    tests::proves({"6455-4.3-04"});
    EXPECT_EQ(shown("foo; a=\"15\""), "foo;a=15");
    EXPECT_EQ(shown("foo; a=\"1\\0\"; b"), "foo;a=10;b");
    for (const std::string_view value :
         {"\"\"", "\"a b\"", "\"a,b\"", "\"a\\\"b\"", "\"\\\\\"", "\"\xc3\xa9\"", "\"a\tb\""}) {
        EXPECT_EQ(shown("foo; a=" + std::string(value)), "foo!") << value;
    }
}

TEST(ExtensionReader, StopsWhereTheFieldIsMalformed) {
    tests::proves({"6455-9.1-01"});
    for (const std::string_view bad : {"",
                                       " ",
                                       ",",
                                       ";",
                                       "foo;",
                                       "foo;;a",
                                       "foo; =10",
                                       "foo bar",
                                       "foo; a=",
                                       "foo; a=;",
                                       "foo; a=\"b",
                                       "foo; a=\"b\\",
                                       "foo; a=\"b\"c",
                                       "foo=1",
                                       "\"foo\"",
                                       "foo; \"a\"",
                                       "foo; a b",
                                       "foo; a=b c",
                                       "foo; a==b",
                                       "foo, ;",
                                       "f\xc3\xb6o",
                                       "foo/1",
                                       "foo; a=(b)"}) {
        EXPECT_TRUE(shown(bad).ends_with("!")) << bad << " -> " << shown(bad);
    }
}

TEST(ExtensionReader, JoinsTheLinesOfTheField) {
    tests::proves({"6455-9.1-03", "6455-11.3.2-01"});
    const http::field fields[] = {
        {"X", "foo; a"}, {"Host", "no"}, {"x", ""}, {"X", ",bar; b=\"c\","}, {"X", "foo"}};
    EXPECT_EQ(shown(extension_reader{http::field_values{fields, "X"}}), "foo;a,bar;b=c,foo");
    const http::field open[] = {{"X", "foo; a=\"b"}, {"X", "c\""}};
    EXPECT_EQ(shown(extension_reader{http::field_values{open, "X"}}), "foo!");
    const http::field behind[] = {{"X", "foo"}, {"X", "; a"}};
    EXPECT_EQ(shown(extension_reader{http::field_values{behind, "X"}}), "foo!");
}

TEST(ExtensionList, MayBeAbsentButNotEmpty) {
    const http::field fields[] = {{"X", ""}, {"Y", ","}, {"Y", " "}, {"Z", ""}, {"Z", "a"}};
    EXPECT_TRUE(is_extension_list({fields, "W"}));
    EXPECT_FALSE(is_extension_list({fields, "X"}));
    EXPECT_FALSE(is_extension_list({fields, "Y"}));
    EXPECT_TRUE(is_extension_list({fields, "Z"}));
}

// Every text of up to six of the characters below, against the grammar as a regular expression.
TEST(ExtensionReader, AgreesWithTheGrammarOnEveryShortText) {
    tests::proves({"6455-4.3-03", "6455-9.1-01"});
    const std::string token = "a+";
    const std::string quoted = "\"(\\\\?a)+\"";
    const std::string parameter = " *; *" + token + "( *= *(" + token + "|" + quoted + "))?";
    const std::string offer = token + "(" + parameter + ")*";
    const std::regex list("[ ,]*" + offer + "( *,[ ,]*" + offer + ")*( *(,[ ,]*)?)",
                          std::regex::extended | std::regex::optimize);
    const std::string alphabet = "a;,=\"\\ ";
    std::string text;
    std::size_t agreed = 0;
    for (std::size_t size = 1; size <= 6; ++size) {
        std::vector<std::size_t> digits(size, 0);
        for (bool more = true; more;) {
            text.clear();
            for (const std::size_t digit : digits) {
                text += alphabet[digit];
            }
            const bool accepted = !shown(text).ends_with("!");
            ASSERT_EQ(accepted, std::regex_match(text, list)) << '[' << text << ']';
            agreed += accepted ? 1 : 0;
            std::size_t at = 0;
            while (at < size && ++digits[at] == alphabet.size()) {
                digits[at++] = 0;
            }
            more = at < size;
        }
    }
    EXPECT_GT(agreed, 1000U);
}

// CVE-2020-7662 and CVE-2021-32640 were regular expressions that looked again and again.
TEST(ExtensionReader, TakesTimeLinearInTheField) {
    tests::proves({"6455-9.1-01"});
    for (const std::string_view part :
         {"a,", "a;b=c,", "a ; b=\"c\\d\" ,, ", "permessage-deflate; x_y, "}) {
        std::string text;
        while (text.size() < 200000) {
            text += part;
        }
        tests::sliding_window window{text};
        extension_reader reader{window.text()};
        std::size_t items = 0;
        for (extension_item item = reader.next(); item.what != kind::end; item = reader.next()) {
            ASSERT_NE(item.what, kind::malformed);
            window.slide_to(item.name.data());
            ++items;
        }
        EXPECT_GE(items, text.size() / part.size());
    }
}

TEST(ExtensionReader, StaysInsideOfItsText) {
    const std::string text = " foo ; a = \"b\\c\" ; d=e , bar";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        tests::guarded_memory memory{text.size()};
        const auto octets = memory.at_end(size);
        std::copy_n(text.begin(), size, octets.begin());
        const auto* characters = reinterpret_cast<const char*>(octets.data());
        EXPECT_EQ(shown({characters, size}), shown(text.substr(0, size)));
    }
}

}  // namespace
}  // namespace plainsong
