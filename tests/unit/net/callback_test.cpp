// SPDX-License-Identifier: MIT
// callback_test.cpp — tests of net/callback.
#include <plainsong/net/callback.hpp>

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace plainsong {
namespace {

TEST(Callback, IsEmptyUntilItHoldsSomething) {
    callback<void()> nothing;
    callback<void()> null{nullptr};
    callback<void()> null_function{static_cast<void (*)()>(nullptr)};
    callback<void()> something{[] {}};
    EXPECT_FALSE(nothing);
    EXPECT_FALSE(null);
    EXPECT_FALSE(null_function);
    EXPECT_TRUE(something);
}

TEST(Callback, PassesArgumentsAndReturnsWhatIsReturned) {
    callback<int(int, std::unique_ptr<int>, int&)> sum{
        [](int a, std::unique_ptr<int> b, int& c) { return a + *b + ++c; }};
    int c = 100;
    EXPECT_EQ(sum(1, std::make_unique<int>(10), c), 112);
    EXPECT_EQ(c, 101);
}

int twice(int n) {
    return 2 * n;
}

TEST(Callback, TakesAFunctionByName) {
    callback<int(int)> by_name{twice};
    callback<int(int)> by_address{&twice};
    int (*pointer)(int) = twice;
    int (*null)(int) = nullptr;
    callback<int(int)> by_pointer{pointer};
    EXPECT_EQ(by_name(3), 6);
    EXPECT_EQ(by_address(4), 8);
    EXPECT_EQ(by_pointer(5), 10);
    EXPECT_FALSE(callback<int(int)>{null});
}

TEST(Callback, DropsAResultThatNobodyAskedFor) {
    int calls = 0;
    callback<void()> counting{[&] { return ++calls; }};
    counting();
    EXPECT_EQ(calls, 1);
}

template <std::size_t Bytes>
void moves_and_destroys_once() {
    auto owned = std::make_shared<int>(7);
    std::array<unsigned char, Bytes> padding{};
    callback<int()> first{[owned, padding] { return *owned + padding[0]; }};
    EXPECT_EQ(owned.use_count(), 2);
    callback<int()> second{std::move(first)};
    EXPECT_FALSE(first);
    EXPECT_EQ(owned.use_count(), 2);
    EXPECT_EQ(second(), 7);
    callback<int()> third{[] { return 0; }};
    third = std::move(second);
    EXPECT_EQ(third(), 7);
    EXPECT_EQ(owned.use_count(), 2);
    third.reset();
    EXPECT_EQ(owned.use_count(), 1);
    EXPECT_FALSE(third);
}

TEST(Callback, OwnsASmallCallableInPlace) {
    moves_and_destroys_once<1>();
}

TEST(Callback, OwnsALargeCallableOnTheHeap) {
    moves_and_destroys_once<200>();
}

TEST(Callback, MayBeResetByTheDestructorOfWhatItHolds) {
    callback<void()> held;
    struct resetting {
        callback<void()>* whole;
        int* destroyed;
        resetting(callback<void()>* its_whole, int* counter)
            : whole(its_whole), destroyed(counter) {}
        resetting(resetting&& other) noexcept
            : whole(std::exchange(other.whole, nullptr)), destroyed(other.destroyed) {}
        ~resetting() {
            if (whole != nullptr) {
                ++*destroyed;
                whole->reset();
            }
        }
        void operator()() const {}
    };
    int destroyed = 0;
    held = callback<void()>{resetting{&held, &destroyed}};
    held.reset();
    EXPECT_EQ(destroyed, 1);
    EXPECT_FALSE(held);
}

}  // namespace
}  // namespace plainsong
