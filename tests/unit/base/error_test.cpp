// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include <plainsong/base/error.hpp>

namespace plainsong {
namespace {

TEST(Error, IsTruthyOnlyIfSomethingWentWrong) {
    EXPECT_FALSE(error{});
    EXPECT_TRUE(error{error_code::gone});
    EXPECT_EQ(error(error_code::system_call_failed, 98).number(), 98);
}

// A loop over rows: the assertions themselves, one for each row, would take a compiler half a minute.
struct row {
    error_code code;
    error_facts facts;
};

#define ROW(name_, whose_, answer_, requirement_, text_) \
    {error_code::name_, {#name_, requirement_, text_, answer_, error_class::whose_}},
constexpr row rows[] = {PLAINSONG_ERRORS(ROW)};
#undef ROW

TEST(Error, GivesEachRowOfTheListItsOwnFacts) {
    for (const row& each : rows) {
        const error_facts& known = facts_of(each.code);
        EXPECT_STREQ(known.name, each.facts.name);
        EXPECT_EQ(known.whose, each.facts.whose) << known.name;
        EXPECT_EQ(known.answer, each.facts.answer) << known.name;
        EXPECT_STREQ(known.requirement, each.facts.requirement) << known.name;
        EXPECT_STREQ(known.text, each.facts.text) << known.name;
    }
}

TEST(Error, AnswersOnlyWhatAPeerDid) {
    for (const row& each : rows) {
        const auto [name, requirement, text, answer, whose] = each.facts;
        EXPECT_TRUE(answer == 0 || whose == error_class::peer) << name;
        EXPECT_GT(std::strlen(text), 10U) << name;
        EXPECT_TRUE(answer == 0 || (answer >= 400 && answer <= 505) || answer >= 1000) << name;
    }
}

}  // namespace
}  // namespace plainsong
