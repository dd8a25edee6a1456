// SPDX-License-Identifier: MIT
// no_sigpipe.cpp — a SIGPIPE ends the test program: the library sends without raising it.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace plainsong::tests {
namespace {

class no_sigpipe final : public ::testing::Environment {
public:
    void SetUp() override {
        ASSERT_NE(std::signal(SIGPIPE, [](int) { std::abort(); }), SIG_ERR);
    }
};

[[maybe_unused]] const auto* const installed = ::testing::AddGlobalTestEnvironment(new no_sigpipe);

}  // namespace
}  // namespace plainsong::tests
