// SPDX-License-Identifier: MIT
// resolver_test.cpp — what net/resolver answers without asking anybody.
#include <plainsong/net/resolver.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plainsong {
namespace {

std::string answers(std::string_view host) {
    std::vector<address> found;
    const bool known = literal_addresses(host, 80, found);
    EXPECT_EQ(known, !found.empty()) << host;
    std::string text;
    for (const address& each : found) {
        text += text.empty() ? "" : " ";
        text += each.text().view();
    }
    return text;
}

TEST(LiteralAddresses, AreWhatTheHostSays) {
    EXPECT_EQ(answers("127.0.0.1"), "127.0.0.1:80");
    EXPECT_EQ(answers("::1"), "[::1]:80");
    EXPECT_EQ(answers("[2001:db8::1]"), "[2001:db8::1]:80");
}

TEST(LiteralAddresses, OfLocalhostAreTheLoopbackOfBothFamilies) {
    for (const char* name : {"localhost", "LocalHost", "localhost.", "plain.song.localhost",
                             "song.LOCALHOST.", ".localhost"}) {
        EXPECT_EQ(answers(name), "[::1]:80 127.0.0.1:80") << name;
    }
}

TEST(LiteralAddresses, AreNotThoseOfNames) {
    for (const char* name :
         {"", ".", "example.org", "notlocalhost", "localhost.example", "localhos", "localhost..",
          "[127.0.0.1]", "[::1", "::1]", "1.2.3", "1.2.3.256"}) {
        EXPECT_EQ(answers(name), "") << name;
    }
}

TEST(LiteralAddresses, AreAppendedToWhatIsThere) {
    std::vector<address> found = {*address::parse("192.0.2.1", 1)};
    EXPECT_TRUE(literal_addresses("192.0.2.2", 2, found));
    EXPECT_FALSE(literal_addresses("example.org", 3, found));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1], *address::parse("192.0.2.2", 2));
}

}  // namespace
}  // namespace plainsong
