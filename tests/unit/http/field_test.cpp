// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <plainsong/http/field.hpp>

#include "tests/support/proves.hpp"

namespace plainsong::http {
namespace {

const field some[] = {{"Host", "h"}, {"ACCEPT", "a"}, {"accept", "b"}, {"Accept-X", "c"}};

TEST(Field, IsFoundByNameInAnyCase) {
    tests::proves({"6455-4.1-51"});
    ASSERT_NE(find(some, "hOST"), nullptr);
    EXPECT_EQ(find(some, "hOST")->value, "h");
    EXPECT_EQ(find(some, "Accept")->value, "a");
    EXPECT_EQ(find(some, "Hos"), nullptr);
    EXPECT_EQ(find({}, "Host"), nullptr);
}

TEST(FieldValues, ComeInOrderOfArrival) {
    field_values values{some, "Accept"};
    EXPECT_EQ(values.count(), 2U);
    EXPECT_FALSE(values.empty());
    std::string_view value;
    ASSERT_TRUE(values.next(value));
    EXPECT_EQ(value, "a");
    ASSERT_TRUE(values.next(value));
    EXPECT_EQ(value, "b");
    EXPECT_FALSE(values.next(value));
    EXPECT_TRUE(values.empty());
    EXPECT_EQ(values.count(), 0U);
    EXPECT_TRUE(field_values{}.empty());
}

TEST(FieldList, RefusesMoreThanItsCapacity) {
    field_list list;
    for (std::size_t i = 0; i < max_fields; ++i) {
        EXPECT_TRUE(list.add({"n", "v"}));
    }
    EXPECT_FALSE(list.add({"one", "more"}));
    EXPECT_EQ(list.size(), max_fields);
    EXPECT_EQ(list.all().back().name, "n");
    list.clear();
    EXPECT_TRUE(list.all().empty());
}

}  // namespace
}  // namespace plainsong::http
