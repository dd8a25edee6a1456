// SPDX-License-Identifier: MIT
// mask_kernels_test.cpp — each way to mask, alone, against the formula of RFC 6455 §5.3.
//
// Covers: src/codec/mask_kernels.hpp and what it declares, whichever of them this machine prefers.
#include "src/codec/mask_kernels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <ostream>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/reference_mask.hpp"

namespace plainsong {
namespace {

using octets = std::vector<std::uint8_t>;

struct named_kernel {
    const char* name;
    masking::kernel mask;
    std::size_t least;
    bool (*available)();
};

void PrintTo(const named_kernel& kernel, std::ostream* out) {
    *out << kernel.name;
}

const named_kernel kernels[] = {
    {"portable", masking::mask_portable, 0, [] { return true; }},
#if defined(__x86_64__)
    {"avx2", masking::mask_avx2, masking::mask_avx2_least, masking::has_avx2},
#endif
};

constexpr std::array<std::uint8_t, 4> key{0x01, 0x8f, 0xc3, 0x5a};
constexpr std::size_t longest = 1100;

octets pattern(std::size_t size) {
    octets text(size);
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<std::uint8_t>(i * 59 + (i >> 8) * 7 + 1);
    }
    return text;
}

class MaskKernel : public ::testing::TestWithParam<named_kernel> {
protected:
    void SetUp() override {
        if (!GetParam().available()) {
            GTEST_SKIP() << "this processor has no " << GetParam().name;
        }
    }

    static void mask(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
        GetParam().mask(to, from, size, std::bit_cast<std::uint32_t>(key));
    }

    static bool is_masked_pattern(std::span<const std::uint8_t> text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != tests::reference_mask(plain_[i], i, key)) {
                return false;
            }
        }
        return true;
    }

    static inline const octets plain_ = pattern(longest);
};

TEST_P(MaskKernel, MasksInPlaceAtEveryLengthAndAlignment) {
    tests::proves({"6455-5.3-06", "6455-5.3-07"});
    for (std::size_t alignment = 0; alignment < 33; ++alignment) {
        for (std::size_t size = GetParam().least; size <= longest; ++size) {
            alignas(64) std::array<std::uint8_t, longest + 128> memory;
            std::uint8_t* text = memory.data() + 32 + alignment;
            text[-1] = text[size] = 0xee;
            std::copy_n(plain_.begin(), size, text);
            mask(text, text, size);
            ASSERT_TRUE(is_masked_pattern({text, size})) << alignment << ' ' << size;
            ASSERT_EQ(text[-1], 0xee);
            ASSERT_EQ(text[size], 0xee);
        }
    }
}

TEST_P(MaskKernel, CopiesBetweenEveryPairOfAlignments) {
    tests::proves({"6455-5.3-06"});
    for (const std::size_t size : {GetParam().least, std::size_t{131}, std::size_t{1000}}) {
        for (std::size_t from_at = 0; from_at < 33; ++from_at) {
            for (std::size_t to_at = 0; to_at < 33; ++to_at) {
                alignas(64) std::array<std::uint8_t, longest + 64> source;
                alignas(64) std::array<std::uint8_t, longest + 64> target;
                std::copy_n(plain_.begin(), size, source.data() + from_at);
                mask(target.data() + to_at, source.data() + from_at, size);
                ASSERT_TRUE(is_masked_pattern({target.data() + to_at, size}))
                    << size << ' ' << from_at << ' ' << to_at;
                ASSERT_TRUE(std::equal(plain_.begin(),
                                       plain_.begin() + static_cast<std::ptrdiff_t>(size),
                                       source.data() + from_at));
            }
        }
    }
}

TEST_P(MaskKernel, TouchesNothingAroundTheSpans) {
    tests::guarded_memory from{longest};
    tests::guarded_memory to{longest};
    for (std::size_t size = GetParam().least; size <= longest; ++size) {
        for (const bool low : {false, true}) {
            const auto source = low ? from.at_begin(size) : from.at_end(size);
            const auto target = low ? to.at_begin(size) : to.at_end(size);
            std::copy_n(plain_.begin(), size, source.begin());
            mask(target.data(), source.data(), size);
            ASSERT_TRUE(is_masked_pattern(target)) << size;
            mask(source.data(), source.data(), size);
            ASSERT_TRUE(is_masked_pattern(source)) << size;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Codec, MaskKernel, ::testing::ValuesIn(kernels),
                         [](const auto& kernel) { return kernel.param.name; });

}  // namespace
}  // namespace plainsong
