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

TEST(Error, GivesEachRowOfTheListItsOwnFacts) {
#define CHECK_ROW(name_, whose_, answer_, requirement_, text_)         \
    EXPECT_STREQ(facts_of(error_code::name_).name, #name_);            \
    EXPECT_EQ(facts_of(error_code::name_).whose, error_class::whose_); \
    EXPECT_EQ(facts_of(error_code::name_).answer, answer_);            \
    EXPECT_STREQ(facts_of(error_code::name_).requirement, requirement_);
    PLAINSONG_ERRORS(CHECK_ROW)
#undef CHECK_ROW
}

TEST(Error, AnswersOnlyWhatAPeerDid) {
#define CHECK_ROW(name_, whose_, answer_, requirement_, text_)                       \
    EXPECT_TRUE(answer_ == 0 || error_class::whose_ == error_class::peer) << #name_; \
    EXPECT_GT(std::strlen(text_), 10U) << #name_;                                    \
    EXPECT_TRUE(answer_ == 0 || (answer_ >= 400 && answer_ <= 505) || answer_ >= 1000) << #name_;
    PLAINSONG_ERRORS(CHECK_ROW)
#undef CHECK_ROW
}

}  // namespace
}  // namespace plainsong
