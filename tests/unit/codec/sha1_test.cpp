// SPDX-License-Identifier: MIT
// sha1_test.cpp — vectors of RFC 3174 §7.3, both sides of each block boundary, every split.
//
// Covers: codec/sha1.  The digests of the counting pattern were computed with Python's hashlib.
#include <plainsong/codec/sha1.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace plainsong {
namespace {

std::string hex(const sha1_digest& digest) {
    std::string text;
    for (const std::uint8_t octet : digest) {
        text += "0123456789abcdef"[octet >> 4];
        text += "0123456789abcdef"[octet & 15];
    }
    return text;
}

std::string hex_of(std::string_view text) {
    return hex(sha1_of(as_bytes(text)));
}

std::vector<std::uint8_t> pattern(std::size_t size) {
    std::vector<std::uint8_t> octets(size);
    for (std::size_t i = 0; i < size; ++i) {
        octets[i] = static_cast<std::uint8_t>(i * 31 + 7);
    }
    return octets;
}

TEST(Sha1, ReproducesTheVectorsOfItsRfc) {
    EXPECT_EQ(hex_of("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    EXPECT_EQ(hex_of(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    std::string repeated;
    for (int i = 0; i < 80; ++i) {
        repeated += "01234567";
    }
    EXPECT_EQ(hex_of(repeated), "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

TEST(Sha1, DigestsBothSidesOfEachBlockBoundary) {
    const std::pair<std::size_t, std::string_view> vectors[] = {
        {0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {1, "5d1be7e9dda1ee8896be5b7e34a85ee16452a7b4"},
        {55, "749bbefb28edc4638b28b2b9a9e03ab9a4032b90"},
        {56, "a5b6e9c29d201c774753ff8e7fb64931656f5e63"},
        {57, "eb0737bed5451790722b2df351829ce117e3d9dd"},
        {63, "d1a454409359fc372b4d22b3cea6488d6ba1be00"},
        {64, "39a0d8b645ad85f1f976731ed112ac9455e28b78"},
        {65, "d0c96e18890114a14716e9686528d2e3fdba8d9e"},
        {119, "562ecf8a430f8e1056e3619bae33628e9a1d0a4e"},
        {120, "353f6d2bf0e91aa91b74a2e0b3f297510f7d825f"},
        {121, "851880ff7adea68af146cd4fb9214f491b4ff8d7"},
        {127, "bebc42d2d3d1e5fb8ad8895c2dcef2d68a6c279a"},
        {128, "0060f2a7e34b6e4d459f560197ef93243732a400"},
        {129, "3a16082d1bf09b604907ec6908b9893ca3e937c0"}};
    for (const auto& [size, digest] : vectors) {
        EXPECT_EQ(hex(sha1_of(pattern(size))), digest) << size;
    }
}

TEST(Sha1, DigestsEveryLengthUpToAThousand) {
    std::vector<std::uint8_t> digests;
    for (std::size_t size = 0; size <= 1000; ++size) {
        const sha1_digest digest = sha1_of(pattern(size));
        digests.insert(digests.end(), digest.begin(), digest.end());
    }
    EXPECT_EQ(hex(sha1_of(digests)), "360a95ad4dda264dc046e76a009fc140823f1a31");
}

TEST(Sha1, DoesNotDependOnHowTheTextIsCut) {
    const std::vector<std::uint8_t> octets = pattern(200);
    const byte_view whole{octets};
    const sha1_digest expected = sha1_of(whole);
    for (std::size_t first = 0; first <= whole.size(); ++first) {
        for (std::size_t second = first; second <= whole.size(); ++second) {
            sha1 digest;
            digest.update(whole.first(first));
            digest.update(whole.subspan(first, second - first));
            digest.update(whole.subspan(second));
            ASSERT_EQ(digest.finish(), expected) << first << ' ' << second;
        }
    }
    for (std::size_t step = 1; step <= 130; ++step) {
        sha1 digest;
        for (std::size_t at = 0; at < whole.size(); at += step) {
            digest.update(whole.subspan(at, std::min(step, whole.size() - at)));
        }
        ASSERT_EQ(digest.finish(), expected) << step;
    }
}

TEST(Sha1, StartsAfreshOnceFinished) {
    sha1 digest;
    digest.update(pattern(100));
    EXPECT_EQ(digest.finish(), sha1_of(pattern(100)));
    EXPECT_EQ(digest.finish(), sha1_of({}));
    digest.update(pattern(3));
    EXPECT_EQ(digest.finish(), sha1_of(pattern(3)));
}

}  // namespace
}  // namespace plainsong
