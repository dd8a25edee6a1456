// SPDX-License-Identifier: MIT
// load_broadcast_test.cpp — the accounts of a broadcast, whatever the receivers get.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tools/load_broadcast.hpp"

namespace plainsong::load {
namespace {

using kind = broadcast::arrival::kind;
using bytes = std::vector<std::uint8_t>;

constexpr std::size_t size = 100;

bytes next(broadcast& cast, std::int64_t now) {
    const byte_view message = cast.next(now);
    return {message.begin(), message.end()};
}

/// Gives the message to the receiver in pieces of that many bytes.
broadcast::arrival give(broadcast& cast, std::size_t who, const bytes& message,
                        std::size_t piece = size) {
    for (std::size_t at = 0; at < message.size(); at += piece) {
        cast.take(who, at, byte_view(message).subspan(at, std::min(piece, message.size() - at)));
    }
    return cast.finish(who, message.size());
}

TEST(LoadBroadcast, FindsTheTimeOfEachMessageHoweverItIsCut) {
    for (std::size_t piece = 1; piece <= size; ++piece) {
        broadcast cast;
        ASSERT_FALSE(cast.prepare(2, size));
        const bytes first = next(cast, 12345);
        ASSERT_EQ(first.size(), size);
        const bytes second = next(cast, INT64_MAX);
        EXPECT_EQ(cast.owed(), 4U);
        for (const std::size_t who : {0U, 1U}) {
            const broadcast::arrival one = give(cast, who, first, piece);
            ASSERT_EQ(one.what, kind::good);
            EXPECT_EQ(one.sent, 12345);
            EXPECT_EQ(give(cast, who, second, piece).sent, INT64_MAX);
        }
        EXPECT_EQ(cast.owed(), 0U);
        EXPECT_EQ(cast.lost(), 0U);
        EXPECT_EQ(cast.sent(), 2U);
    }
}

TEST(LoadBroadcast, CountsWhatIsPassedOverAsLost) {
    broadcast cast;
    ASSERT_FALSE(cast.prepare(1, size));
    static_cast<void>(next(cast, 1));
    static_cast<void>(next(cast, 2));
    const bytes third = next(cast, 3);
    EXPECT_EQ(give(cast, 0, third).sent, 3);
    EXPECT_EQ(cast.lost(), 2U);
    EXPECT_EQ(cast.owed(), 0U);
}

TEST(LoadBroadcast, NoticesWhatComesTwiceOrInAnotherOrder) {
    broadcast cast;
    ASSERT_FALSE(cast.prepare(1, size));
    const bytes first = next(cast, 1);
    const bytes second = next(cast, 2);
    EXPECT_EQ(give(cast, 0, second).what, kind::good);
    EXPECT_EQ(give(cast, 0, second).what, kind::repeated);
    EXPECT_EQ(give(cast, 0, first).what, kind::repeated);
}

TEST(LoadBroadcast, NoticesAnyByteThatDiffers) {
    for (std::size_t at = broadcast::digits; at < size; ++at) {
        broadcast cast;
        ASSERT_FALSE(cast.prepare(1, size));
        bytes message = next(cast, 0x1234);
        message[at] = at < broadcast::stamp_bytes ? 'x' : message[at] ^ 1;
        EXPECT_EQ(give(cast, 0, message, 7).what, kind::different) << at;
    }
    broadcast cast;
    ASSERT_FALSE(cast.prepare(1, size));
    bytes longer = next(cast, 1);
    longer.push_back('!');
    EXPECT_EQ(give(cast, 0, longer).what, kind::different);
    bytes shorter = next(cast, 1);
    shorter.pop_back();
    EXPECT_EQ(give(cast, 0, shorter).what, kind::different);
    bytes early = next(cast, 1);
    early[2 * broadcast::digits - 1] = 'f';  // a number that was never sent
    EXPECT_EQ(give(cast, 0, early).what, kind::different);
}

TEST(LoadBroadcast, LeavesMessagesOfOthersAlone) {
    broadcast cast;
    broadcast other;
    ASSERT_FALSE(cast.prepare(1, size));
    ASSERT_FALSE(other.prepare(1, size));
    static_cast<void>(next(cast, 1));
    EXPECT_EQ(give(cast, 0, next(other, 1)).what, kind::foreign);
    EXPECT_EQ(give(cast, 0, bytes{}).what, kind::foreign);
    EXPECT_EQ(give(cast, 0, bytes(3 * size, 'a')).what, kind::foreign);
    EXPECT_EQ(cast.foreign(), 3U);
    EXPECT_EQ(cast.owed(), 1U);
}

TEST(LoadBroadcast, AReceiverWhoLeavesOwesNothingMore) {
    broadcast cast;
    ASSERT_FALSE(cast.prepare(3, size));
    const bytes first = next(cast, 1);
    EXPECT_EQ(give(cast, 0, first).what, kind::good);
    cast.drop(0);
    cast.drop(1);
    cast.drop(1);
    EXPECT_EQ(cast.owed(), 1U);
    EXPECT_EQ(cast.lost(), 1U);
    EXPECT_EQ(cast.receivers_left(), 1U);
    static_cast<void>(next(cast, 2));
    EXPECT_EQ(cast.owed(), 2U);
}

}  // namespace
}  // namespace plainsong::load
