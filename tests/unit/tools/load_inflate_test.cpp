// SPDX-License-Identifier: MIT
// load_inflate_test.cpp — what the load generator takes for an answer, and for an echo.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/deflating.hpp"
#include "tools/load_inflate.hpp"

namespace plainsong::load {
namespace {

bool agrees(std::string_view answer, compression_kind asked) {
    const http::field fields[] = {{"Sec-WebSocket-Extensions", answer}};
    deflate_parameters agreed;
    return reads_answer({fields, "Sec-WebSocket-Extensions"}, asked, agreed);
}

/// Returns: what comes of inflating `message` after `before`, cut into octets; "!" and the error's
/// name if it can't be.
std::string inflated(echo_inflater& with, const std::vector<std::uint8_t>& message) {
    std::string text;
    error_code why = error_code::none;
    with.begin();
    for (std::size_t i = 0; i < message.size() && why == error_code::none; ++i) {
        why = with.inflate(byte_view(message).subspan(i, 1), i + 1 == message.size(),
                           [&](byte_view piece) { text += as_text(piece); });
    }
    return why == error_code::none ? text : std::string("!") + facts_of(why).name;
}

TEST(LoadInflate, OffersWhatIsAskedFor) {
    EXPECT_EQ(offer_of(compression_kind::none), "");
    EXPECT_EQ(offer_of(compression_kind::takeover),
              "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    EXPECT_EQ(offer_of(compression_kind::each),
              "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
              "client_no_context_takeover\r\n");
}

TEST(LoadInflate, TakesOnlyAnAnswerToTheOffer) {
    EXPECT_TRUE(agrees("permessage-deflate", compression_kind::takeover));
    EXPECT_TRUE(agrees("permessage-deflate; server_max_window_bits=9", compression_kind::takeover));
    EXPECT_TRUE(agrees("permessage-deflate; server_no_context_takeover", compression_kind::each));
    EXPECT_FALSE(agrees("permessage-deflate", compression_kind::each));
    EXPECT_FALSE(
        agrees("permessage-deflate; client_max_window_bits=9", compression_kind::takeover));
    EXPECT_FALSE(agrees("permessage-deflate, other", compression_kind::takeover));
    EXPECT_FALSE(agrees("permessage-deflate; other", compression_kind::takeover));
    EXPECT_FALSE(agrees("other", compression_kind::takeover));
    deflate_parameters agreed;
    EXPECT_FALSE(reads_answer({}, compression_kind::takeover, agreed));
}

TEST(LoadInflate, LooksBackAtEarlierEchoesOnlyIfThatWasAgreedOn) {
    const std::string text = "In principio erat Verbum, et Verbum erat apud Deum.";
    for (const bool forgets : {false, true}) {
        tests::deflating sender(9, deflate_level::normal);
        echo_inflater receiver({.server_no_context_takeover = forgets, .server_max_window_bits = 9},
                               text.size());
        EXPECT_EQ(inflated(receiver, sender.message(as_bytes(text), {})), text);
        const std::vector<std::uint8_t> second = sender.message(as_bytes(text), {});
        EXPECT_LT(second.size(), 10U);
        EXPECT_EQ(inflated(receiver, second), forgets ? "!deflate_distance_too_far" : text);
    }
}

TEST(LoadInflate, SeesAnEchoThatIsTooLong) {
    tests::deflating sender(15, deflate_level::normal);
    echo_inflater receiver({.server_no_context_takeover = true}, 4);
    EXPECT_EQ(inflated(receiver, sender.message(as_bytes("Amen"), {})), "Amen");
    EXPECT_EQ(inflated(receiver, sender.message(as_bytes("Deum."), {})), "!message_too_big");
}

}  // namespace
}  // namespace plainsong::load
