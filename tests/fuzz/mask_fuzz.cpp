// SPDX-License-Identifier: MIT
// mask_fuzz.cpp — looks for a payload, key, cut and alignment for which masking is not the formula
// of RFC 6455 §5.3.
//
// Input: four octets of key, one of alignment, two that say where to cut, then the payload.
#include <plainsong/codec/mask.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/support/reference_mask.hpp"

namespace {

using namespace plainsong;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t head = 7;
    if (size < head) {
        return 0;
    }
    const mask_key key{{data[0], data[1], data[2], data[3]}};
    const std::size_t alignment = data[4] % 64;
    const byte_view payload{data + head, size - head};
    const std::size_t cut = load_big_endian_16(data + 5) % (payload.size() + 1);

    std::vector<std::uint8_t> expected(payload.begin(), payload.end());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = tests::reference_mask(expected[i], i, key.bytes);
    }

    // The payload ends where the memory ends, so that the sanitizer sees a store behind it; what
    // stands before it must stay.
    std::vector<std::uint8_t> memory(alignment + payload.size(), 0xee);
    const byte_span text = byte_span{memory}.subspan(alignment);
    std::copy(payload.begin(), payload.end(), text.begin());
    apply_mask(text.first(cut), key);
    apply_mask(text.subspan(cut), key.rotated(cut));
    require(std::equal(text.begin(), text.end(), expected.begin()));
    require(std::all_of(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(alignment),
                        [](std::uint8_t octet) { return octet == 0xee; }));

    apply_mask(text, key);
    require(std::equal(text.begin(), text.end(), payload.begin()));

    std::vector<std::uint8_t> copy(payload.size());
    copy_masked(copy.data(), payload, key);
    require(copy == expected);
    return 0;
}
