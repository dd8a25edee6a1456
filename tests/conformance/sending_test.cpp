// SPDX-License-Identifier: MIT
// What a written conversation cannot show about sending.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <plainsong/ws/connection.hpp>

#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

const time_point start{std::chrono::hours(1)};

TEST(Sending, KeepsAPayloadAsItWasWhenItWasGiven) {
    proves({"6455-10.3-02"});
    std::vector<std::uint8_t> memory(4096);
    workspace room(memory);
    const connection_config config;
    connection engine(config, start);
    engine.attach(room);

    std::string payload = "as it was";
    ASSERT_FALSE(engine.send(opcode::text, as_bytes(payload)));
    std::fill(payload.begin(), payload.end(), 'x');

    EXPECT_EQ(as_text(engine.output().subspan(2)), "as it was");
}

TEST(Sending, TakesNoKeyFromAnEmptySource) {
    proves({"6455-5.3-04"});
    std::vector<std::uint8_t> memory(4096);
    workspace room(memory);
    const connection_config config{
        .self = role::client,
        .bounds = {},
        .keys = {.next = [](void*, mask_key&) { return false; }, .context = nullptr}};
    connection engine(config, start);
    engine.attach(room);

    EXPECT_EQ(engine.send(opcode::text, as_bytes("secret")).code(), error_code::no_entropy);
    EXPECT_EQ(engine.ping({}).code(), error_code::no_entropy);
    EXPECT_TRUE(engine.output().empty());
}

}  // namespace
}  // namespace plainsong::tests
