// SPDX-License-Identifier: MIT
// deflate_test.cpp — what the deflater writes, read by an oracle that goes bit by bit: every window and
// level, every cut and room, and nothing touched outside its memory.
//
// Covers: codec/deflate.  (Beside zlib: `make deflate-differential`.)
#include <plainsong/codec/deflate.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "src/codec/deflate_state.hpp"
#include "tests/support/deflating.hpp"
#include "tests/support/guard_page.hpp"
#include "tests/support/inflating.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_inflate.hpp"
#include "tests/support/sample_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using tests::deflate_levels;
using tests::deflating;
using tests::reference_inflate;
using tests::reference_inflated;
using tests::sample_texts;

octets bytes_of(std::string_view text) {
    const byte_view view = as_bytes(text);
    return {view.begin(), view.end()};
}

template <typename Each>
void for_each_kind(Each each) {
    std::for_each(std::begin(sample_texts::kinds), std::end(sample_texts::kinds), each);
    std::for_each(std::begin(sample_texts::odd_kinds), std::end(sample_texts::odd_kinds), each);
}

template <typename Each>
void for_each_window_and_level(Each each) {
    for (unsigned bits = 8; bits <= 15; ++bits) {
        for (const deflate_level level : deflate_levels) {
            SCOPED_TRACE(::testing::Message()
                         << "window " << bits << ", level " << static_cast<int>(level));
            each(bits, level);
        }
    }
}

// ---- what is written -----------------------------------------------------------------------------

TEST(Deflater, WritesTheExamplesOfTheRfc) {
    for (const deflate_level level :
         {deflate_level::fast, deflate_level::normal, deflate_level::best}) {
        deflating it(15, level);
        const octets hello = bytes_of("Hello");
        EXPECT_EQ(it.message(hello), (octets{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}));
        EXPECT_LE(it.message(hello).size(), 5U);
        EXPECT_EQ(it.message({}), octets{0x00});
    }
    EXPECT_EQ(deflating(15, deflate_level::stored).message(bytes_of("Hello")),
              (octets{0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00}));
}

TEST(Deflater, WritesWhatReadsAsTheSameText) {
    tests::proves({"7692-7.2.1-01", "7692-7.2.1-02", "7692-7.2.1-03"});
    for_each_window_and_level([](unsigned bits, deflate_level level) {
        sample_texts texts(bits);
        deflating it(bits, level);
        octets before;
        for_each_kind([&](std::string_view kind) {
            for (const unsigned size : {0U, 1U, 2U, 3U, 4U, 5U, 50U, 500U, 6000U}) {
                const octets text = texts.make(kind, size);
                const octets message = it.message(text);
                const reference_inflated read =
                    reference_inflate(message, {.before = before, .window_bits = bits});
                ASSERT_EQ(read.code, error_code::none) << kind << " " << size;
                ASSERT_EQ(read.text, text) << kind << " " << size;
                ASSERT_LE(read.farthest, std::size_t{1} << bits);
                ASSERT_FALSE(read.has_final_block);
                ASSERT_LE(message.size(), deflate_bound(size));
                before.insert(before.end(), text.begin(), text.end());
            }
        });
    });
}

TEST(Deflater, ReachesBackAsFarAsTheWindow) {
    tests::proves({"7692-7.2.1-09", "7692-7.2.1-15", "7692-7.2.1-17"});
    for (unsigned bits = 8; bits < 15; ++bits) {
        const std::size_t window = std::size_t{1} << bits;
        sample_texts texts(bits);
        for (const deflate_level level :
             {deflate_level::fast, deflate_level::normal, deflate_level::best}) {
            for (const std::size_t distance : {window, window + 1}) {
                octets noise = texts.make("noise", distance);  // of six bits: nobody stores it
                std::for_each(noise.begin(), noise.end(), [](std::uint8_t& octet) { octet &= 63; });
                octets text = noise;
                text.insert(text.end(), noise.begin(), noise.begin() + 40);
                const reference_inflated read =
                    reference_inflate(deflating(bits, level).message(text), {.window_bits = bits});
                ASSERT_EQ(read.text, text);
                EXPECT_EQ(read.farthest == window, distance == window)
                    << "window " << bits << ", level " << static_cast<int>(level) << ", farthest "
                    << read.farthest;
            }
        }
    }
}

TEST(Deflater, WritesTheSameHoweverTheInputIsCutAndWhateverRoomThereIs) {
    for_each_window_and_level([](unsigned bits, deflate_level level) {
        sample_texts texts(bits + 100);
        for (const std::string_view kind : {"chat", "noise", "runs", "html"}) {
            const octets first = texts.make(kind, 9000);
            const octets second = texts.make(kind, 700);
            deflating whole(bits, level);
            const octets expected_first = whole.message(first);
            const octets expected_second = whole.message(second);
            for (const deflating::pieces& cut : {deflating::pieces{1, 1},
                                                 {~std::size_t{0}, 1},
                                                 {1, 1000},
                                                 {7, 3},
                                                 {263, 9},
                                                 {5000, 64}}) {
                deflating it(bits, level);
                ASSERT_EQ(it.message(first, cut), expected_first) << cut.step << " " << cut.room;
                ASSERT_EQ(it.message(second, cut), expected_second) << cut.step << " " << cut.room;
            }
        }
    });
}

TEST(Deflater, WritesTheSameAtEachCut) {
    sample_texts texts(5);
    const octets text = texts.make("chat", 900);
    for (const deflate_level level : deflate_levels) {
        const octets expected = deflating(15, level).message(text);
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            deflating it(15, level);
            octets room(2000);
            const deflate_step first =
                it->deflate(std::span{text}.first(cut), room, deflate_flush::none);
            ASSERT_TRUE(first.done);
            const deflate_step second =
                it->deflate(std::span{text}.subspan(cut), std::span{room}.subspan(first.made),
                            deflate_flush::message);
            ASSERT_TRUE(second.done);
            room.resize(first.made + second.made);
            ASSERT_EQ(room, expected) << "cut at " << cut;
        }
    }
}

// ---- flushing, forgetting ------------------------------------------------------------------------

TEST(Deflater, FlushesAPieceWithAMarkerAndGoesOn) {
    for_each_window_and_level([](unsigned bits, deflate_level level) {
        sample_texts texts(3);
        const octets text = texts.make("log", 3000);
        deflating it(bits, level);
        octets message;
        for (std::size_t at = 0; at < text.size(); at += 1000) {
            const octets piece =
                it.message(std::span{text}.subspan(at, 1000), {}, deflate_flush::sync);
            message.insert(message.end(), piece.begin(), piece.end());
            ASSERT_TRUE(message.size() > 4 && std::equal(message.end() - 4, message.end(),
                                                         octets{0, 0, 0xff, 0xff}.begin()));
            // All of the text so far is there.
            const auto so_far = std::span{message}.first(message.size() - 4);
            ASSERT_EQ(reference_inflate(so_far).text.size(), at + 1000);
        }
        const octets last = it.message({});
        message.insert(message.end(), last.begin(), last.end());
        EXPECT_EQ(reference_inflate(message).text, text);
    });
}

TEST(Deflater, WritesTheSameMessageAlikeOnceItHasForgotten) {
    for_each_window_and_level([](unsigned bits, deflate_level level) {
        sample_texts texts(bits);
        const octets text = texts.make("chat", 5000);
        deflating it(bits, level);
        const octets first = it.message(text);
        for (int i = 0; i < 40; ++i) {
            it->forget();
            ASSERT_EQ(it.message(text), first);
        }
    });
}

TEST(Deflater, RefersToEarlierMessages) {
    sample_texts texts(1);
    const octets text = texts.make("chat", 400);
    for (const deflate_level level :
         {deflate_level::fast, deflate_level::normal, deflate_level::best}) {
        deflating it(15, level);
        const octets first = it.message(text);
        const octets second = it.message(text);
        EXPECT_LT(second.size(), 20U);
        EXPECT_EQ(reference_inflate(second, {.before = text}).text, text);
    }
}

TEST(Deflater, ForgetsAMessageThatIsGivenUp) {
    for_each_window_and_level([](unsigned bits, deflate_level level) {
        sample_texts texts(bits);
        for (const std::size_t given : {1U, 300U, 20000U}) {
            const octets given_up = texts.make("chat", given);
            const octets text = texts.make("chat", 2000);
            deflating it(bits, level);
            octets room(100);
            it->deflate(given_up, room, deflate_flush::message);
            it->forget();
            const octets message = it.message(text);
            ASSERT_EQ(reference_inflate(message, {.window_bits = bits}).text, text);
        }
    });
}

// ---- blocks --------------------------------------------------------------------------------------

TEST(Deflater, StoresWhatCannotBeCompressed) {
    for_each_window_and_level([](unsigned bits, deflate_level level) {
        sample_texts texts(bits);
        const octets noise = texts.make("noise", 100000);
        const octets message = deflating(bits, level).message(noise);
        EXPECT_LE(message.size(), noise.size() + 5 * (noise.size() / 3000 + 2));
        EXPECT_EQ(tests::inflate_all(message, {.window_bits = bits}).text, noise);
    });
}

TEST(Deflater, ChoosesTheBlockThatSuitsTheText) {
    sample_texts texts(9);
    const auto types = [&](const octets& text) {
        return reference_inflate(deflating(15, deflate_level::normal).message(text)).block_types;
    };
    EXPECT_EQ(types(bytes_of("Hello")), (std::vector<unsigned>{1, 0}));
    EXPECT_EQ(types(texts.make("chat", 3000)), (std::vector<unsigned>{2, 0}));
    EXPECT_EQ(types(texts.make("noise", 3000)), (std::vector<unsigned>{0, 0}));
    EXPECT_EQ(types({}), (std::vector<unsigned>{0}));
}

TEST(DeflateCodes, KeepsToTheLimitAndLeavesNoGap) {
    detail::code_workshop workshop;
    sample_texts random(11);
    for (unsigned turn = 0; turn < 3000; ++turn) {
        const unsigned size = random.up_to(284) + 2;
        // A limit has to leave room for that many codes.
        const unsigned most = size <= 19 && turn % 2 == 0 ? 7 : 15;
        std::array<std::uint16_t, 286> counts{};
        unsigned used = 0;
        std::uint32_t next = 1;
        for (unsigned i = 0; i < size; ++i) {
            counts[i] = static_cast<std::uint16_t>(turn % 3 == 0 ? std::min(next, 30000U)
                                                                 : random.up_to(turn % 3 * 9));
            next = i % 2 == 0 ? next + i : next * 2;
            used += counts[i] != 0 ? 1U : 0U;
        }
        std::array<std::uint8_t, 286> lengths{};
        detail::choose_code_lengths(workshop, counts.data(), size, most, lengths.data());
        std::uint32_t patterns = 0;
        for (unsigned i = 0; i < size; ++i) {
            ASSERT_EQ(lengths[i] != 0, counts[i] != 0);
            ASSERT_LE(lengths[i], most);
            patterns += lengths[i] == 0 ? 0 : 1U << (most - lengths[i]);
            for (unsigned j = 0; j < i; ++j) {
                ASSERT_TRUE(counts[i] <= counts[j] || counts[j] == 0 || lengths[i] <= lengths[j]);
            }
        }
        ASSERT_EQ(patterns, used == 0 ? 0U : used == 1 ? 1U << (most - 1) : 1U << most);
    }
}

TEST(DeflateCodes, FindsTheLeastSumOfBits) {
    detail::code_workshop workshop;
    const std::array<std::uint16_t, 6> counts{5, 9, 12, 13, 16, 45};
    std::array<std::uint8_t, 6> lengths{};
    detail::choose_code_lengths(workshop, counts.data(), 6, 15, lengths.data());
    EXPECT_EQ(lengths, (std::array<std::uint8_t, 6>{4, 4, 3, 3, 3, 1}));
}

// ---- memory --------------------------------------------------------------------------------------

TEST(Deflater, TakesTheMemoryThatItsHeaderTells) {
    using level = deflate_level;
    EXPECT_EQ(deflate_memory(8, level::stored), std::size_t{11408});
    EXPECT_EQ(deflate_memory(8, level::normal), std::size_t{32664});
    EXPECT_EQ(deflate_memory(15, level::stored), std::size_t{40080});
    EXPECT_EQ(deflate_memory(15, level::fast), std::size_t{154372});
    EXPECT_EQ(deflate_memory(15, level::normal), std::size_t{260868});
}

TEST(Deflater, TouchesNothingOutsideItsMemoryAndItsSpans) {
    tests::guarded_memory memory(deflate_memory(15, deflate_level::best));
    tests::guarded_memory input(1U << 17);
    tests::guarded_memory output(1U << 18);
    for_each_window_and_level([&](unsigned bits, deflate_level level) {
        sample_texts texts(bits);
        const std::size_t size = deflate_memory(bits, level);
        for (const bool at_end : {false, true}) {
            const auto place = at_end ? memory.at_end(size) : memory.at_begin(size);
            std::fill(place.begin(), place.end(), std::uint8_t{0xc5});
            deflater it(place, bits, level);
            for_each_kind([&](std::string_view kind) {
                const octets text = texts.make(kind, 1 + texts.up_to(70000));
                const auto in = at_end ? input.at_end(text.size()) : input.at_begin(text.size());
                std::copy(text.begin(), text.end(), in.begin());
                const std::size_t room = deflate_bound(text.size());
                const auto out = at_end ? output.at_end(room) : output.at_begin(room);
                const deflate_step step = it.deflate(in, out, deflate_flush::message);
                ASSERT_TRUE(step.done);
                it.forget();
                ASSERT_EQ(tests::inflate_all(out.first(step.made), {.window_bits = bits}).text,
                          text);
                // Room of exactly that size is room enough.
                const auto exact = output.at_end(step.made);
                const deflate_step again = it.deflate(in, exact, deflate_flush::message);
                ASSERT_TRUE(again.done);
                ASSERT_EQ(again.made, step.made);
                it.forget();
            });
        }
    });
}

}  // namespace
}  // namespace plainsong
