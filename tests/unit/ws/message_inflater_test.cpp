// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <plainsong/ws/message_inflater.hpp>

#include "tests/support/deflating.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/wire.hpp"

namespace plainsong {
namespace {

using tests::octets;
using tests::octets_of;

struct outcome {
    std::string text;
    error_code code = error_code::none;
    std::size_t wrong_at = 0;  // in the message, if `code` is set

    bool operator==(const outcome&) const = default;
};

struct manner {
    opcode type = opcode::binary;
    inflate_limits bounds{};
    std::size_t step = ~std::size_t{0};
    std::size_t room = 1 << 16;
    std::size_t cut = 0;  // an input ends here
};

std::size_t end_of_piece(std::size_t at, std::size_t size, const manner& how) {
    const std::size_t end = how.step < size - at ? at + how.step : size;
    return how.cut > at && how.cut < end ? how.cut : end;
}

/// All text stays in one room, which grows.
outcome inflated(std::span<const std::uint8_t> message, const manner& how = {}) {
    auto engine = std::make_unique<message_inflater>();
    engine->begin(how.type, 15, how.bounds);
    octets text;
    std::size_t at = 0;
    for (;;) {
        const std::size_t end = end_of_piece(at, message.size(), how);
        const octets piece(message.begin() + static_cast<std::ptrdiff_t>(at),
                           message.begin() + static_cast<std::ptrdiff_t>(end));
        byte_view in{piece};
        inflate_step done;
        do {
            const std::size_t before = text.size();
            text.resize(before + how.room, 0xee);
            done = engine->inflate(in, end == message.size(), text, before);
            text.resize(before + done.made);
            in = in.subspan(done.taken);
        } while (done.state == inflate_state::more_room);
        const std::string as_string(text.begin(), text.end());
        if (done.state == inflate_state::failed) {
            return {as_string, done.code, end - in.size() - done.ahead};
        }
        if (done.state == inflate_state::ended) {
            return {as_string};
        }
        EXPECT_TRUE(in.empty());
        at = end;
    }
}

octets deflated(std::string_view text) {
    return tests::deflating(15, deflate_level::normal).message(as_bytes(text));
}

// "Hello" as RFC 7692 §7.2.3.1 has it.
const octets hello = {0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};

TEST(MessageInflater, InflatesTheExamplesOfTheRfc) {
    tests::proves({"7692-7.2.2-01", "7692-7.2.3-01", "7692-7.2.3-02", "7692-7.2.1-04",
                   "7692-7.2.1-05", "7692-7.2.1-06", "7692-6.2-01"});
    EXPECT_EQ(inflated(hello), outcome{"Hello"});
    EXPECT_EQ(inflated(octets{0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00}),
              outcome{"Hello"});
    EXPECT_EQ(inflated(octets{0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}), outcome{"Hello"});
    EXPECT_EQ(inflated(octets{0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9,
                              0x07, 0x00}),
              outcome{"Hello"});
    EXPECT_EQ(inflated(octets{0x00}), outcome{""});
}

TEST(MessageInflater, RefusesWhatEndsInsideABlock) {
    EXPECT_EQ(inflated({}).code, error_code::deflate_ends_inside_block);
    EXPECT_EQ(inflated(octets{0xf2, 0x48, 0xcd, 0x01}).code, error_code::deflate_ends_inside_block);
}

TEST(MessageInflater, ComesToTheSameHoweverTheMessageIsCut) {
    tests::proves({"7692-6-03"});
    std::vector<octets> messages = {hello,
                                    deflated("a text of some length, of some length"),
                                    deflated(tests::pattern(3000)),
                                    {0x06},
                                    {0x02, 0x02, 0x00}};
    messages.push_back(deflated("good \xc3\xbc then bad \xff and more of it"));
    messages.push_back(deflated("half a character \xe2\x82"));
    for (const octets& message : messages) {
        for (const opcode type : {opcode::binary, opcode::text}) {
            const outcome whole = inflated(message, {.type = type});
            const auto check = [&](const manner& how) {
                const outcome other = inflated(message, how);
                EXPECT_EQ(other.code, whole.code) << how.cut;
                if (whole.code != error_code::invalid_utf8) {  // that is found in pieces of text
                    EXPECT_EQ(other.wrong_at, whole.wrong_at) << how.cut << " " << how.step;
                }
                if (whole.code == error_code::none) {
                    EXPECT_EQ(other.text, whole.text);
                }
            };
            for (std::size_t cut = 1; cut < message.size(); ++cut) {
                check({.type = type, .cut = cut});
            }
            check({.type = type, .step = 1});
            check({.type = type, .room = 1});
            check({.type = type, .step = 1, .room = 1});
        }
    }
}

TEST(MessageInflater, TakesTextUpToTheLimitAndNotAnOctetMore) {
    for (const std::size_t size : {1U, 5U, 1000U, 65536U, 70000U}) {
        const octets message = deflated(std::string(size, 'x'));
        for (const std::size_t room : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20}) {
            EXPECT_EQ(inflated(message, {.bounds = {.message_bytes = size}, .room = room}),
                      outcome{std::string(size, 'x')});
            const outcome beyond =
                inflated(message, {.bounds = {.message_bytes = size - 1}, .room = room});
            EXPECT_EQ(beyond.code, error_code::message_too_big) << size;
            EXPECT_LT(beyond.text.size(), size);
        }
    }
}

TEST(MessageInflater, StopsABombAtTheLimit) {
    tests::deflating packer(15, deflate_level::best);
    const octets message = packer.message(octets(16 << 20, 0));
    for (const std::size_t room : {std::size_t{1} << 12, std::size_t{1} << 20}) {
        const outcome result =
            inflated(message, {.bounds = {.message_bytes = 1 << 20}, .room = room});
        EXPECT_EQ(result.code, error_code::message_too_big);
        EXPECT_LE(result.text.size(), std::size_t{1} << 20);
        EXPECT_LT(result.wrong_at, message.size() / 8) << "most of it was not looked at";
    }
}

TEST(MessageInflater, KeepsToTheRatio) {
    const octets dense = deflated(std::string(300'000, 'x'));  // about a thousandfold
    const octets plain = deflated(tests::pattern(300'000));
    for (const std::size_t step : {std::size_t{1}, std::size_t{17}, std::size_t{1} << 20}) {
        const manner strict{.bounds = {.message_bytes = 1 << 20, .ratio = 100}, .step = step};
        const outcome refused = inflated(dense, strict);
        EXPECT_EQ(refused.code, error_code::deflate_ratio_exceeded) << step;
        EXPECT_EQ(refused.text.size(), inflate_limits::ratio_step);
        EXPECT_EQ(inflated(deflated(std::string(60'000, 'x')), strict).code, error_code::none)
            << "so little does no harm";
        EXPECT_EQ(inflated(dense, {.step = step}).code, error_code::none)
            << "DEFLATE can't exceed the usual ratio";
    }
    EXPECT_GT(300'000 / plain.size(), 100U);
    EXPECT_EQ(inflated(plain, {.bounds = {.ratio = 1000}}).code, error_code::none);
}

// Between the last octet of text before such a place and the first behind it there may be much that is
// no text: the head of a block, or many empty blocks.
TEST(MessageInflater, JudgesTheRatioAtTheSamePlaceHoweverTheMessageIsCut) {
    tests::deflating packer(15, deflate_level::normal);
    octets message =
        packer.message(octets(inflate_limits::ratio_step, 'x'), {}, deflate_flush::sync);
    const std::size_t first = message.size();
    const octets alone(message.begin(), message.end() - 4);
    tests::append(message, packer.message(octets_of(tests::pattern(3000))));
    std::size_t refused = 0;
    for (const std::uint32_t ratio : {500U, 600U, 700U, 800U, 900U}) {
        const inflate_limits strict{.ratio = ratio};
        const error_code whole = inflated(message, {.bounds = strict}).code;
        refused += whole == error_code::none ? 0 : 1;
        for (std::size_t cut = 1; cut < first + 20; ++cut) {
            EXPECT_EQ(inflated(message, {.bounds = strict, .cut = cut}).code, whole)
                << ratio << " " << cut;
        }
        EXPECT_EQ(inflated(message, {.bounds = strict, .step = 1, .room = 100}).code, whole);
    }
    EXPECT_GT(refused, 0U);
    EXPECT_LT(refused, 5U);
    EXPECT_EQ(inflated(alone, {.bounds = {.ratio = 1}}).code, error_code::none)
        << "no text follows";
}

TEST(MessageInflater, TellsOfWrongTextBeforeTheMessageEnds) {
    tests::proves({"7692-6.1-07"});
    tests::deflating packer(15, deflate_level::normal);
    octets message = packer.message(octets_of("fine \xff not"), {}, deflate_flush::sync);
    const std::size_t first = message.size();
    tests::append(message, packer.message(octets_of(tests::pattern(10'000))));
    auto engine = std::make_unique<message_inflater>();
    engine->begin(opcode::text, 15, {});
    octets room(100);
    const inflate_step step = engine->inflate(std::span{message}.first(first), false, room, 0);
    EXPECT_EQ(step.state, inflate_state::failed);
    EXPECT_EQ(step.code, error_code::invalid_utf8);
    EXPECT_EQ(inflated(message).code, error_code::none) << "it is fine as binary";
    EXPECT_EQ(inflated(deflated("\xe2\x82"), {.type = opcode::text}).code,
              error_code::invalid_utf8);
}

TEST(MessageInflater, ServesOneMessageAfterTheOther) {
    auto engine = std::make_unique<message_inflater>();
    octets room(64);
    for (int round = 0; round < 3; ++round) {
        engine->begin(opcode::text, 15, {});
        EXPECT_EQ(engine->inflate(octets{0x06}, true, room, 0).state, inflate_state::failed);
        engine->begin(opcode::text, 8, {.message_bytes = 5});
        const inflate_step done = engine->inflate(hello, true, room, 0);
        EXPECT_EQ(done.state, inflate_state::ended);
        EXPECT_EQ(done.taken, hello.size());
        EXPECT_EQ(done.made, 5U);
    }
}

}  // namespace
}  // namespace plainsong
