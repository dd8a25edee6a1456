// SPDX-License-Identifier: MIT
// inflate_fuzz.cpp — looks for a message on which the inflater, cut anywhere and with any room,
// disagrees with the oracle that goes bit by bit.
//
// Input: one octet for the window and how text is kept, one for the pieces, one for the room and one
// for the budget; then the message.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/support/inflating.hpp"
#include "tests/support/reference_inflate.hpp"

namespace {

using namespace plainsong;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

void agree(const tests::inflated& outcome, const tests::reference_inflated& expected) {
    require(outcome.kept_its_word);
    require(outcome.code == expected.code);
    require(outcome.text == expected.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) {
        return 0;
    }
    const std::vector<std::uint8_t> message(data + 4, data + size);
    std::vector<std::uint8_t> before((data[0] & 16) != 0 ? 40000 : 0);
    for (std::size_t i = 0; i < before.size(); ++i) {
        before[i] = static_cast<std::uint8_t>(i >> 4);
    }
    tests::inflate_manner manner{.keeps_text = (data[0] & 8) != 0,
                                 .before = before,
                                 .window_bits = 8U + data[0] % 8,
                                 .budget = data[3] == 0 ? 1U << 20 : data[3] * 16U};
    const tests::reference_inflated expected = tests::reference_inflate(
        message, {before, manner.window_bits, static_cast<std::size_t>(manner.budget)});
    agree(tests::inflate_all(message, manner), expected);
    manner.step = data[1] % 64 + 1U;
    manner.room = data[2] * 4U + 1U;
    agree(tests::inflate_all(message, manner), expected);
    return 0;
}
