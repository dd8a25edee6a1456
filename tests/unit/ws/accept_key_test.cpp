// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include <plainsong/ws/accept_key.hpp>

#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

TEST(AcceptKey, IsTheHashOfTheKeysText) {
    tests::proves({"6455-4.2.2-08", "6455-4.2.2-21", "6455-4.3-08"});
    EXPECT_EQ(accept_key_for("dGhlIHNhbXBsZSBub25jZQ==").text(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(accept_key_for("sN9cRrP/n9NdMgdcy2VJFQ==").text(), "fFBooB7FAkLlXgRSz0BT3v4hq5s=");
    EXPECT_EQ(accept_key_for("IHfMdf8a0aQXbwQO1pkGdA==").text(), "aWAY+V/uyz5ILZEoWuWdxjnlb7E=");
    EXPECT_NE(accept_key_for("AQIDBAUGBwgJCgsMDQ4PEA==").text(),
              accept_key_for("AQIDBAUGBwgJCgsMDQ4PEC==").text())
        << "two texts for the same 16 octets";
}

TEST(HandshakeKey, StandsForSixteenOctets) {
    tests::proves({"6455-4.2.1-10", "6455-4.3-02"});
    EXPECT_TRUE(is_handshake_key("dGhlIHNhbXBsZSBub25jZQ=="));
    EXPECT_TRUE(is_handshake_key("AAAAAAAAAAAAAAAAAAAAAA=="));
    EXPECT_TRUE(is_handshake_key("+/+/+/+/+/+/+/+/+/+/+w=="));
    EXPECT_TRUE(is_handshake_key("AQIDBAUGBwgJCgsMDQ4PEC==")) << "printed in RFC 6455";
    for (const std::string_view bad :
         {"", "==", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA",
          "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBs ZSBub25jZQ=", "-_-_-_-_-_-_-_-_-_-_-w==",
          "dGhlIHNhbXBsZSBub25jZQ==,", "dGhlIHNhbXBsZSBub25jZ===", "=GhlIHNhbXBsZSBub25jZQ=="}) {
        EXPECT_FALSE(is_handshake_key(bad)) << bad;
    }
    EXPECT_FALSE(is_handshake_key(std::string(6000, 'A')));
}

}  // namespace
}  // namespace plainsong
