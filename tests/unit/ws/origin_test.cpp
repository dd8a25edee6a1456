// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include <plainsong/ws/origin.hpp>

#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

bool same_origin_allows(std::string_view origin, std::string_view host) {
    return allows({}, {.present = true, .origin = origin, .host = host});
}

TEST(SameOrigin, IsTheDefault) {
    EXPECT_EQ(origin_policy{}.which, origin_policy::rule::same_origin);
}

TEST(SameOrigin, ComparesHostAndPort) {
    tests::proves({"6455-10.2-01", "6455-4.2.2-06"});
    EXPECT_TRUE(same_origin_allows("http://h.example", "h.example"));
    EXPECT_TRUE(same_origin_allows("http://H.Example", "h.exAMPLE"));
    EXPECT_TRUE(same_origin_allows("HTTPS://h.example", "h.example"));
    EXPECT_TRUE(same_origin_allows("http://h.example:8080", "h.example:8080"));
    EXPECT_TRUE(same_origin_allows("http://h.example:80", "h.example"));
    EXPECT_TRUE(same_origin_allows("http://h.example", "h.example:80"));
    EXPECT_TRUE(same_origin_allows("https://h.example", "h.example:443"));
    EXPECT_TRUE(same_origin_allows("http://h.example", "h.example:"));
    EXPECT_TRUE(same_origin_allows("http://[::1]:9", "[::1]:9"));
    for (const std::string_view origin : {"http://h.example:8080",
                                          "https://h.example:80",
                                          "http://h.example:443",
                                          "http://h.example.evil",
                                          "http://evil.h.example",
                                          "http://h.exampl",
                                          "http://h",
                                          "http://h.example/",
                                          "http://h.example?",
                                          "http://u@h.example",
                                          "http://h.example.",
                                          "null",
                                          "",
                                          "h.example",
                                          "//h.example",
                                          "http:h.example",
                                          "file://h.example",
                                          "chrome-extension://h.example",
                                          "http://h.example http://h.example",
                                          "http://h.example,http://evil",
                                          "http://h.example:80:80",
                                          "http://h.example:65616"}) {
        EXPECT_FALSE(same_origin_allows(origin, "h.example")) << origin;
    }
    EXPECT_FALSE(same_origin_allows("http://h.example", "h.example:8080"));
    EXPECT_FALSE(same_origin_allows("https://h.example", "h.example:80"));
    EXPECT_FALSE(same_origin_allows("null", "null"));
    EXPECT_FALSE(same_origin_allows("http://h", ""));
}

TEST(SameOrigin, LetsARequestWithoutOriginPass) {
    tests::proves({"6455-4.2.1-12"});
    EXPECT_TRUE(allows({}, {.present = false, .origin = {}, .host = "h"}));
}

TEST(OriginList, ComparesSchemeHostAndPort) {
    tests::proves({"6455-10.2-01", "6455-4.2.2-06"});
    const std::string_view allowed[] = {"not an origin", "https://good.example",
                                        "http://[::1]:8080", "app://id"};
    const origin_policy policy{.which = origin_policy::rule::list, .allowed = allowed};
    const auto passes = [&](std::string_view origin) {
        return allows(policy, {.present = true, .origin = origin, .host = "good.example"});
    };
    EXPECT_TRUE(passes("https://good.example"));
    EXPECT_TRUE(passes("HTTPS://GOOD.example"));
    EXPECT_TRUE(passes("https://good.example:443"));
    EXPECT_TRUE(passes("http://[::1]:8080"));
    EXPECT_TRUE(passes("app://id"));
    for (const std::string_view origin :
         {"https://evil.example", "https://good.example.evil.example", "https://evilgood.example",
          "http://good.example", "https://good.example:444", "https://good.example:44",
          "https://good.exampl", "https://good.example/", "https://sub.good.example", "null", "",
          "https://203.0.113.9", "not an origin", "app://id:1", "http://[::1]"}) {
        EXPECT_FALSE(passes(origin)) << origin;
    }
}

TEST(OriginList, AsksForAnOriginUnlessToldOtherwise) {
    tests::proves({"6455-4.2.1-13"});
    const std::string_view allowed[] = {"https://good.example"};
    origin_policy policy{.which = origin_policy::rule::list, .allowed = allowed};
    const origin_claim none{.present = false, .origin = {}, .host = "good.example"};
    EXPECT_FALSE(allows(policy, none));
    policy.allow_missing = true;
    EXPECT_TRUE(allows(policy, none));
    EXPECT_FALSE(allows(policy, {.present = true, .origin = "", .host = "good.example"}));
}

TEST(AnyOrigin, LetsEachRequestPass) {
    const origin_policy policy{.which = origin_policy::rule::any};
    EXPECT_TRUE(allows(policy, {.present = true, .origin = "null", .host = "h"}));
    EXPECT_TRUE(allows(policy, {.present = true, .origin = "@@", .host = "h"}));
    EXPECT_TRUE(allows(policy, {}));
}

TEST(Origin, IsTakenApart) {
    parsed_origin origin;
    ASSERT_TRUE(parse_origin("https://h.example", origin));
    EXPECT_EQ(origin.scheme, "https");
    EXPECT_EQ(origin.authority.host, "h.example");
    EXPECT_EQ(origin.authority.port, 443);
    EXPECT_FALSE(parse_origin("null", origin));
    EXPECT_FALSE(parse_origin("https://h.example/", origin));
    EXPECT_FALSE(parse_origin("https://h.example?a", origin));
}

}  // namespace
}  // namespace plainsong
