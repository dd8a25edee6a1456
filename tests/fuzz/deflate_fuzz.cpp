// SPDX-License-Identifier: MIT
// deflate_fuzz.cpp — looks for texts that the deflater, fed and emptied in pieces, doesn't write as it
// writes them whole, or that don't come back, or for which it looks back too far.
//
// Input: one octet for the window and the level, one for the pieces, one for the room, one for where
// the first message ends and whether it is forgotten; then the text of two messages.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/deflating.hpp"
#include "tests/support/reference_inflate.hpp"

namespace {

using namespace plainsong;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) {
        return 0;
    }
    const unsigned bits = 8 + data[0] % 8U;
    const deflate_level level = tests::deflate_levels[data[0] / 8 % 4];
    const tests::deflating::pieces cut{data[1] + std::size_t{1}, data[2] + std::size_t{1}};
    const bool forgets = (data[3] & 1) != 0;
    const std::vector<std::uint8_t> text(data + 4, data + size);
    const std::size_t middle = text.size() * (data[3] / 2U) / 127;
    tests::deflating whole(bits, level);
    tests::deflating pieces(bits, level);
    std::vector<std::uint8_t> before;
    for (const auto& one : {std::span{text}.first(middle), std::span{text}.subspan(middle)}) {
        const std::vector<std::uint8_t> message = whole.message(one);
        require(pieces.message(one, cut) == message);
        require(message.size() <= deflate_bound(one.size()));
        const tests::reference_inflated read =
            tests::reference_inflate(message, {.before = before, .window_bits = bits});
        require(read.code == error_code::none && !read.has_final_block);
        require(read.text.size() == one.size() &&
                std::equal(one.begin(), one.end(), read.text.begin()));
        if (forgets) {
            whole->forget();
            pieces->forget();
        } else {
            before.insert(before.end(), one.begin(), one.end());
        }
    }
    return 0;
}
