// SPDX-License-Identifier: MIT
// utf8_fuzz.cpp — looks for a text on which the validator, cut anywhere, or one of its kernels
// disagrees with the oracle.
//
// Input: one octet that says where to cut, then the text.
#include <plainsong/codec/unmask_text.hpp>
#include <plainsong/codec/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/codec/utf8_kernels.hpp"
#include "tests/support/reference_utf8.hpp"

namespace {

using namespace plainsong;
using tests::reference_verdict;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

reference_verdict verdict_in_pieces(byte_view text, std::size_t step) {
    utf8_validator validator;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t size = std::min(step, text.size() - at);
        const std::size_t taken = validator.feed(text.subspan(at, size));
        at += taken;
        if (taken != size) {
            return {at, false};
        }
    }
    return {at, validator.complete()};
}

/// The pass that unmasks as well has to come to the same verdict, and to leave the text itself.
void try_unmasking(byte_view text, std::uint8_t seed, const reference_verdict& expected) {
    const mask_key key{{seed, 0x5a, static_cast<std::uint8_t>(~seed), 0xc3}};
    std::vector<std::uint8_t> data(text.begin(), text.end());
    apply_mask(data, key);
    utf8_validator validator;
    require(unmask_and_validate(data, key, validator) == expected.valid_until);
    require(expected.valid_until != text.size() || validator.complete() == expected.complete);
    require(std::equal(data.begin(), data.end(), text.begin()));
}

void try_kernel(utf8::kernel check, byte_view text, std::size_t fault) {
    const std::size_t passed = check(text.data(), text.size());
    require(fault == text.size() ? passed <= fault && passed + 3 >= fault : passed <= fault + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    // A copy of its own lets the sanitizer see every octet read around it.
    const std::vector<std::uint8_t> text(data + 1, data + size);
    const reference_verdict expected = tests::reference_utf8(text);
    require(verdict_in_pieces(text, text.size() + 1) == expected);
    require(verdict_in_pieces(text, data[0] + std::size_t{1}) == expected);
    require(verdict_in_pieces(text, 1) == expected);
    require(is_utf8(text) == (expected.valid_until == text.size() && expected.complete));
    try_unmasking(text, data[0], expected);
    try_kernel(utf8::check_portable, text, expected.valid_until);
#if defined(__x86_64__)
    if (utf8::has_avx2()) {
        try_kernel(utf8::check_avx2, text, expected.valid_until);
    }
    if (utf8::has_avx512()) {
        try_kernel(utf8::check_avx512, text, expected.valid_until);
    }
#endif
    return 0;
}
