// SPDX-License-Identifier: MIT
// entropy_test.cpp — tests of net/entropy.
#include <plainsong/net/entropy.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

using key = std::array<std::uint8_t, 4>;

key next_key(entropy_buffer& source) {
    key drawn{};
    EXPECT_FALSE(source.fill(drawn));
    return drawn;
}

TEST(Entropy, FillsEachByteOfASpanOfAnySize) {
    for (const std::size_t size : {0U, 1U, 4U, 255U, 256U, 257U, 4088U, 4089U, 100000U}) {
        std::vector<std::uint8_t> ever_set(size);
        for (int draw = 0; draw < 8; ++draw) {  // a byte stays zero by chance once in 2^64 runs
            std::vector<std::uint8_t> bytes(size);
            ASSERT_FALSE(fill_random(bytes));
            std::transform(bytes.begin(), bytes.end(), ever_set.begin(), ever_set.begin(),
                           std::bit_or<std::uint8_t>{});
        }
        EXPECT_EQ(std::count(ever_set.begin(), ever_set.end(), 0), 0) << size;
    }
}

TEST(EntropyBuffer, GivesEveryByteAsLittleStructureAsTheKernelDoes) {
    tests::proves({"6455-5.3-04", "6455-10.3-01"});
    constexpr int draws = 1'000'000;
    entropy_buffer source;
    std::vector<std::uint32_t> keys;
    std::array<std::array<int, 256>, 4> counts{};
    for (int i = 0; i < draws; ++i) {
        const key drawn = next_key(source);
        for (std::size_t position = 0; position < drawn.size(); ++position) {
            ++counts[position][drawn[position]];
        }
        std::uint32_t value = 0;
        std::memcpy(&value, drawn.data(), sizeof value);
        keys.push_back(value);
    }
    // About draws^2 / 2^33 = 116 pairs meet by chance; 250 would be twelve deviations off.
    std::sort(keys.begin(), keys.end());
    const auto distinct = std::unique(keys.begin(), keys.end()) - keys.begin();
    EXPECT_LT(draws - distinct, 250);
    EXPECT_GT(draws - distinct, 20);
    for (const auto& count : counts) {
        double chi_square = 0;
        for (const int seen : count) {
            const double off = seen - draws / 256.0;
            chi_square += off * off / (draws / 256.0);
        }
        EXPECT_LT(chi_square, 255 + 10 * 22.6);  // ten deviations
    }
}

TEST(EntropyBuffer, ServesPiecesThatAreLargerThanItsPage) {
    entropy_buffer source;
    std::vector<std::uint8_t> large(100'000);
    EXPECT_FALSE(source.fill(large));
    EXPECT_LT(std::count(large.begin(), large.end(), 0), 1000);
    EXPECT_FALSE(source.fill({}));
}

TEST(EntropyBuffer, NeverGivesAChildWhatItsParentWillGive) {
    tests::proves({"6455-5.3-05"});
    entropy_buffer source;
    next_key(source);  // there is a drawn page to inherit
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    const int status = tests::in_child([&] {
        std::array<key, 16> drawn{};
        std::generate(drawn.begin(), drawn.end(), [&] { return next_key(source); });
        return ::write(ends[1], drawn.data(), sizeof drawn) == ssize_t{sizeof drawn} ? 0 : 1;
    });
    ASSERT_EQ(status, 0);
    std::array<key, 16> childs{};
    ASSERT_EQ(::read(ends[0], childs.data(), sizeof childs), static_cast<ssize_t>(sizeof childs));
    ::close(ends[0]);
    ::close(ends[1]);
    int same = 0;
    for (const key& childs_key : childs) {
        same += childs_key == next_key(source) ? 1 : 0;
    }
    EXPECT_EQ(same, 0);
    EXPECT_EQ(std::count(childs.begin(), childs.end(), key{}), 0);
}

}  // namespace
}  // namespace plainsong
