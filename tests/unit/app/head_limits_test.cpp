// SPDX-License-Identifier: MIT
// head_limits_test.cpp — limits that are wider than the parser counts are as wide as it can.
#include "src/app/head_limits.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace plainsong {
namespace {

TEST(HeadLimits, AreThoseOfTheServerAndNeverCutToLess) {
    limits bounds;
    bounds.request_line_bytes = 100;
    bounds.header_line_bytes = std::size_t{1} << 32;
    bounds.header_block_bytes = SIZE_MAX;
    bounds.header_lines = http::max_fields + 1;
    const http::head_limits narrowed = head_limits_of(bounds);
    EXPECT_EQ(narrowed.start_line_bytes, 100U);
    EXPECT_EQ(narrowed.field_line_bytes, UINT32_MAX);
    EXPECT_EQ(narrowed.field_block_bytes, UINT32_MAX);
    EXPECT_EQ(narrowed.fields, http::max_fields);
    EXPECT_FALSE(narrowed.lenient_fold);
}

}  // namespace
}  // namespace plainsong
