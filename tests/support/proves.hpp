// SPDX-License-Identifier: MIT
// proves.hpp — ties a running test to the requirements that it proves.
#ifndef PLAINSONG_TESTS_SUPPORT_PROVES_HPP
#define PLAINSONG_TESTS_SUPPORT_PROVES_HPP

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace plainsong::tests {

/// Records the ids for `make trace`, which counts them only if the test ran and passed.
inline void proves(std::initializer_list<const char*> requirements) {
    std::string joined;
    for (const char* id : requirements) {
        joined += joined.empty() ? "" : " ";
        joined += id;
    }
    ::testing::Test::RecordProperty("requirements", joined);
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_PROVES_HPP
