// SPDX-License-Identifier: MIT
// base64_fuzz.cpp — looks for a text that is decoded, or octets that are encoded, otherwise than the
// oracle does it bit by bit.
//
// Input: taken once as the text and once as the octets.
#include <plainsong/codec/base64.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/reference_base64.hpp"

namespace {

using namespace plainsong;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

void try_decoding(std::string_view text, bool any_pad_bits) {
    const auto expected = tests::reference_base64_decode(text, any_pad_bits);
    std::vector<std::uint8_t> into(base64_decoded_size_limit(text.size()));
    auto size =
        base64_decode(text, into, any_pad_bits ? base64_pad_bits::any : base64_pad_bits::zero);
    require(static_cast<bool>(size) == expected.has_value());
    if (size) {
        into.resize(*size);
        require(into == *expected);
        // Room for exactly what it stands for is enough, and one less is not.
        require(static_cast<bool>(base64_decode(text, into, base64_pad_bits::any)));
        require(into.empty() ||
                !base64_decode(text, byte_span{into}.first(into.size() - 1), base64_pad_bits::any));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::uint8_t> octets(data, data + size);
    try_decoding(as_text(octets), false);
    try_decoding(as_text(octets), true);

    std::string text(base64_encoded_size(size), '?');
    require(base64_encode(octets, text) == text.size());
    require(text == tests::reference_base64_encode(octets));
    require(tests::reference_base64_decode(text, false) == octets);
    try_decoding(text, false);
    return 0;
}
