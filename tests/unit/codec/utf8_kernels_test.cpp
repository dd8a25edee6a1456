// SPDX-License-Identifier: MIT
// utf8_kernels_test.cpp — each way to check UTF-8, alone, against the oracle that decodes.
//
// Covers: src/codec/utf8_kernels.hpp and what it declares, whichever of them this machine prefers.
#include "src/codec/utf8_kernels.hpp"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_utf8.hpp"
#include "tests/support/utf8_texts.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;
using text_view = std::span<const std::uint8_t>;

struct named_kernel {
    const char* name;
    utf8::kernel check;
    bool (*available)();
};

void PrintTo(const named_kernel& kernel, std::ostream* out) {
    *out << kernel.name;
}

const named_kernel kernels[] = {
    {"portable", utf8::check_portable, [] { return true; }},
#if defined(__x86_64__)
    {"avx2", utf8::check_avx2, utf8::has_avx2},
    {"avx512", utf8::check_avx512, utf8::has_avx512},
#endif
};

bool never_begins(std::uint8_t octet) {
    return octet == 0xc0 || octet == 0xc1 || octet >= 0xf5;
}

class Utf8Kernel : public ::testing::TestWithParam<named_kernel> {
protected:
    void SetUp() override {
        if (!GetParam().available()) {
            GTEST_SKIP() << "this processor has no " << GetParam().name;
        }
    }

    /// Whether the kernel says of `text` what its contract asks.
    static ::testing::AssertionResult judges_rightly(text_view text) {
        const std::size_t fault = tests::reference_utf8(text).valid_until;
        const std::size_t actual = GetParam().check(text.data(), text.size());
        const bool late = fault < text.size() && never_begins(text[fault]);
        const bool in_reach = actual + 3 >= text.size() || fault < text.size();
        if (in_reach && actual <= fault + (late ? 1 : 0)) {
            return ::testing::AssertionSuccess();
        }
        return ::testing::AssertionFailure()
               << "returns " << actual << " of " << text.size() << ", fault at " << fault;
    }
};

TEST_P(Utf8Kernel, JudgesEveryPrefixOfMixedText) {
    for (unsigned longest = 1; longest <= 4; ++longest) {
        const octets text = tests::mixed_text(1100, longest, longest);
        for (std::size_t size = 0; size <= text.size(); ++size) {
            ASSERT_TRUE(judges_rightly(text_view{text}.first(size))) << size;
        }
    }
}

TEST_P(Utf8Kernel, JudgesEveryLeadAndSecondOctetAmongOthers) {
    tests::proves({"3629-3-01", "3629-4-01"});
    constexpr std::size_t sizes[] = {5, 17, 33, 40, 67, 150, 300, 340};
    octets text;
    std::size_t turn = 0;
    tests::for_each_lead_and_second([&](text_view four) {
        // A stride without a common divisor with the widths brings each case to many places.
        const std::size_t size = sizes[turn % std::size(sizes)];
        const std::size_t place = turn * 13 % (size - 3);
        ++turn;
        text.assign(size, 'a');
        std::copy(four.begin(), four.end(), text.begin() + static_cast<std::ptrdiff_t>(place));
        ASSERT_TRUE(judges_rightly(text)) << size << ' ' << place;
    });
}

TEST_P(Utf8Kernel, JudgesEachKindOfCharacterAndFaultAtEveryPlace) {
    tests::proves({"3629-3-01", "3629-3-02", "3629-3-03", "3629-3-04", "3629-4-01"});
    const octets cases[] = {
        {0xc2, 0x80},
        {0xdf, 0xbf},
        {0xe0, 0xa0, 0x80},
        {0xed, 0x9f, 0xbf},
        {0xef, 0xbf, 0xbf},
        {0xee, 0x80, 0x80},
        {0xf0, 0x90, 0x80, 0x80},
        {0xf4, 0x8f, 0xbf, 0xbf},
        {0x80},
        {0xbf},
        {0xc0, 0x80},
        {0xc1, 0xbf},
        {0xc2},
        {0xe0, 0x9f, 0xbf},
        {0xe0, 0x80, 0x80},
        {0xe1, 0x80},
        {0xed, 0xa0, 0x80},
        {0xed, 0xbf, 0xbf},
        {0xf0, 0x8f, 0xbf, 0xbf},
        {0xf0, 0x80, 0x80, 0x80},
        {0xf1, 0x80, 0x80},
        {0xf1, 0x80},
        {0xf4, 0x90, 0x80, 0x80},
        {0xf5, 0x80, 0x80, 0x80},
        {0xff},
        {0xfe, 0xbf},
        {0xc2, 0x80, 0x80},
        {0xe1, 0x80, 0x80, 0x80},
        {0xe1, 0xc2, 0x80},
        {0xf8, 0x88, 0x80},
        {0xf0, 0x90, 0x80, 0x80, 0x80},
    };
    for (const std::size_t size : {31U, 48U, 64U, 65U, 129U, 200U, 321U, 600U}) {
        const octets ascii(size, 'a');
        octets wide;  // every octet part of a character of three, up to a place of our choice
        while (wide.size() < size) {
            wide.insert(wide.end(), {0xe2, 0x82, 0xac});
        }
        wide.resize(size, 'a');
        for (const octets& around : {ascii, wide}) {
            for (const octets& sequence : cases) {
                for (std::size_t place = 0; place < size; ++place) {
                    octets text = around;
                    const std::size_t length = std::min(sequence.size(), size - place);
                    const auto to = text.begin() + static_cast<std::ptrdiff_t>(place);
                    std::copy_n(sequence.begin(), length, to);
                    ASSERT_TRUE(judges_rightly(text)) << size << ' ' << place;
                }
            }
        }
    }
}

TEST_P(Utf8Kernel, JudgesDamagedText) {
    std::mt19937 random{11};
    for (int round = 0; round < 20'000; ++round) {
        octets text = tests::mixed_text(random() % 700, static_cast<unsigned>(random() % 8),
                                        static_cast<unsigned>(1 + random() % 4));
        for (auto damages = random() % 3; damages > 0 && !text.empty(); --damages) {
            text[random() % text.size()] = static_cast<std::uint8_t>(random());
        }
        ASSERT_TRUE(judges_rightly(text)) << round;
    }
}

TEST_P(Utf8Kernel, ReadsNothingAroundTheText) {
    tests::guarded_memory memory{1100};
    const octets source = tests::mixed_text(1100, 2);
    for (std::size_t size = 0; size <= source.size(); ++size) {
        for (const auto place : {memory.at_begin(size), memory.at_end(size)}) {
            std::copy_n(source.begin(), size, place.begin());
            ASSERT_TRUE(judges_rightly(place)) << size;
            std::fill(place.begin(), place.end(), std::uint8_t{'a'});
            ASSERT_TRUE(judges_rightly(place)) << size;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Codec, Utf8Kernel, ::testing::ValuesIn(kernels),
                         [](const auto& kernel) { return kernel.param.name; });

}  // namespace
}  // namespace plainsong
