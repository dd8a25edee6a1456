// SPDX-License-Identifier: MIT
// entropy_faults_test.cpp — random bytes when the kernel doesn't give them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include <plainsong/net/entropy.hpp>

#include "tests/support/fault_injection.hpp"
#include "tests/support/net_fixtures.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

namespace faults = tests::faults;
using faults::call;
using faults::injection;
using faults::lasting;

bool is_random(const std::vector<std::uint8_t>& bytes) {
    return std::count(bytes.begin(), bytes.end(), 0) <
           static_cast<std::ptrdiff_t>(bytes.size()) / 8;
}

TEST(EntropyFaults, RepeatsWhatASignalInterrupted) {
    const injection active{{.which = call::getrandom, .number = EINTR}};
    std::vector<std::uint8_t> bytes(64);
    EXPECT_FALSE(fill_random(bytes));
    EXPECT_TRUE(is_random(bytes));
    EXPECT_EQ(active.fired(), 1);
}

TEST(EntropyFaults, CompletesAShortAnswer) {
    const injection active{{.which = call::getrandom, .how = lasting::forever, .limit = 7}};
    std::vector<std::uint8_t> bytes(64);
    EXPECT_FALSE(fill_random(bytes));
    EXPECT_TRUE(is_random(bytes));
    EXPECT_EQ(active.calls(call::getrandom), 10);
}

TEST(EntropyFaults, ReadsTheDeviceWhereTheCallIsMissing) {
    const std::size_t before = tests::open_descriptors();
    const injection active{{.which = call::getrandom, .number = ENOSYS, .how = lasting::forever}};
    std::vector<std::uint8_t> bytes(64);
    EXPECT_FALSE(fill_random(bytes));
    EXPECT_TRUE(is_random(bytes));
    EXPECT_EQ(active.calls(call::open), 1);
    EXPECT_EQ(tests::open_descriptors(), before);
}

TEST(EntropyFaults, FailsRatherThanGuesses) {
    tests::proves({"6455-5.3-04"});
    for (const int number : {EIO, EAGAIN, EPERM, EFAULT}) {
        const injection active{
            {.which = call::getrandom, .number = number, .how = lasting::forever}};
        std::vector<std::uint8_t> bytes(64, 0xaa);
        EXPECT_EQ(fill_random(bytes), (error{error_code::no_entropy, number}));
        EXPECT_EQ(bytes, std::vector<std::uint8_t>(64));

        entropy_buffer source;
        std::vector<std::uint8_t> key(4, 0xaa);
        EXPECT_EQ(source.fill(key), (error{error_code::no_entropy, number}));
        EXPECT_EQ(key, std::vector<std::uint8_t>(4));
    }
    const injection active{{.which = call::getrandom, .how = lasting::forever, .returns = 0}};
    std::vector<std::uint8_t> bytes(64);
    EXPECT_EQ(fill_random(bytes).number(), EIO);
}

TEST(EntropyFaults, GivesAgainWhenTheKernelDoes) {
    entropy_buffer source;
    std::vector<std::uint8_t> bytes(4);
    {
        const injection active{{.which = call::getrandom, .number = EIO}};
        EXPECT_TRUE(source.fill(bytes));
    }
    EXPECT_FALSE(source.fill(bytes));
}

TEST(EntropyFaults, WorksWithoutAPageOfItsOwn) {
    const injection active{{.which = call::mmap, .number = ENOMEM}};
    entropy_buffer source;
    std::vector<std::uint8_t> bytes(64);
    EXPECT_FALSE(source.fill(bytes));
    EXPECT_TRUE(is_random(bytes));
    EXPECT_EQ(active.fired(), 1);
}

TEST(EntropyFaults, KeepsAChildFromItsParentsBytesWhereTheKernelDoesNotWipe) {
    tests::proves({"6455-5.3-05"});
    const injection active{{.which = call::madvise, .number = EINVAL}};
    entropy_buffer source;
    ASSERT_EQ(active.fired(), 1);
    std::vector<std::uint8_t> bytes(4);
    EXPECT_FALSE(source.fill(bytes));
    const int before = active.calls(call::getrandom);
    EXPECT_FALSE(source.fill(bytes));
    EXPECT_EQ(active.calls(call::getrandom), before);  // from the page
    EXPECT_EQ(tests::in_child([&] {
                  return !source.fill(bytes) && active.calls(call::getrandom) == before + 1 ? 0 : 1;
              }),
              0);
}

}  // namespace
}  // namespace plainsong
