// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <limits>

#include <plainsong/app/credentials.hpp>
#include <plainsong/app/reconnect.hpp>

namespace plainsong {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t least = 0;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

TEST(Reconnect, DoublesTheBoundUpToTheLongest) {
    const reconnect_options options{.first_delay = 1s, .longest_delay = 10s};
    const duration bounds[] = {1s, 2s, 4s, 8s, 10s, 10s};
    for (std::uint32_t i = 0; i < 6; ++i) {
        EXPECT_EQ(reconnect_delay(options, i + 1, least), 0s);
        EXPECT_EQ(reconnect_delay(options, i + 1, most), bounds[i]);
        EXPECT_EQ(reconnect_delay(options, i + 1, most / 2 + 1), bounds[i] / 2);
    }
}

TEST(Reconnect, DoesNotOverflowHoweverOftenItFails) {
    for (const duration longest : {duration{30s}, duration::max()}) {
        const reconnect_options options{.first_delay = 500ms, .longest_delay = longest};
        duration before{};
        for (const std::uint32_t failures : {1U, 10U, 60U, 64U, 100U, 1'000'000U, ~0U}) {
            const duration delay = reconnect_delay(options, failures, most);
            EXPECT_GE(delay, before);
            EXPECT_LE(delay, longest);
            before = delay;
        }
        EXPECT_EQ(before, longest);
    }
}

TEST(Reconnect, TakesAnyOptions) {
    EXPECT_EQ(reconnect_delay({.first_delay = 0s}, ~0U, most), 0s);
    EXPECT_EQ(reconnect_delay({.first_delay = -1s, .longest_delay = -1s}, 3, most), 0s);
    EXPECT_EQ(reconnect_delay({.first_delay = 5s, .longest_delay = 1s}, 1, most), 1s);
    EXPECT_EQ(reconnect_delay({.first_delay = 5s}, 0, most), 5s);
}

TEST(RetryAfter, ReadsSeconds) {
    EXPECT_EQ(read_retry_after("120", ""), 120s);
    EXPECT_EQ(read_retry_after("0", ""), 0s);
    EXPECT_EQ(read_retry_after("999999999", ""), 24h);
    for (const char* wrong : {"", "-1", "1.5", "soon", "12 ", "9999999999"}) {
        EXPECT_EQ(read_retry_after(wrong, ""), 0s) << wrong;
    }
}

TEST(RetryAfter, ComparesADateWithThatOfTheAnswer) {
    constexpr const char* noon = "Fri, 31 Dec 1999 12:00:00 GMT";
    EXPECT_EQ(read_retry_after("Fri, 31 Dec 1999 12:01:40 GMT", noon), 100s);
    EXPECT_EQ(read_retry_after("Sat, 01 Jan 2000 00:00:00 GMT", noon), 12h);
    EXPECT_EQ(read_retry_after("Tue, 29 Feb 2000 00:00:10 GMT", "Mon, 28 Feb 2000 23:59:50 GMT"),
              20s);
    EXPECT_EQ(read_retry_after("Wed, 01 Mar 2000 00:00:00 GMT", "Tue, 29 Feb 2000 23:59:59 GMT"),
              1s);
    EXPECT_EQ(read_retry_after("Fri, 01 Mar 2100 00:00:00 GMT", "Sun, 28 Feb 2100 23:59:59 GMT"),
              1s);
    EXPECT_EQ(read_retry_after("Thu, 30 Dec 1999 12:00:00 GMT", noon), 0s) << "in the past";
    EXPECT_EQ(read_retry_after("Fri, 31 Dec 2009 12:00:00 GMT", noon), 24h);
    EXPECT_EQ(read_retry_after(noon, ""), 0s) << "no Date to compare with";
    EXPECT_EQ(read_retry_after("Fri, 31 Dez 1999 12:01:40 GMT", noon), 0s);
    EXPECT_EQ(read_retry_after("Fri, 31 Dec 1999 12:01:4 GMTx", noon), 0s);
    EXPECT_EQ(read_retry_after("Friday, 31-Dec-99 12:01:40 GMT", noon), 0s) << "an obsolete form";
}

// RFC 7617 §2 and RFC 6750 §2.1.
TEST(Credentials, AreWrittenAsTheRfcsShowThem) {
    EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(basic_authorization("test", "123\xC2\xA3"), "Basic dGVzdDoxMjPCow==");
    EXPECT_EQ(basic_authorization("", ""), "Basic Og==");
    EXPECT_EQ(bearer_authorization("mF_9.B5f-4.1JqM"), "Bearer mF_9.B5f-4.1JqM");
}

}  // namespace
}  // namespace plainsong
