// SPDX-License-Identifier: MIT
// unmask_text.cpp — see the header.
#include <plainsong/codec/unmask_text.hpp>

#include <bit>

#include "src/codec/unmask_text_kernels.hpp"
#include "src/codec/utf8_kernels.hpp"

namespace plainsong {

std::size_t unmask_and_validate(byte_span data, mask_key key, utf8_validator& validator) {
#if defined(__x86_64__)
    // Below 17 octets both steps have ways of their own that are shorter.  A character begun in an
    // earlier piece is rare enough to be left to the two passes.
    if (data.size() > 16 && utf8::has_avx512() && validator.complete()) {
        const auto word = std::bit_cast<std::uint32_t>(key.bytes);
        std::size_t valid = unmask_and_check_avx512(data.data(), data.size(), word);
        valid -= utf8::unfinished(data.data(), valid);
        return valid + validator.feed(data.subspan(valid));
    }
#endif
    apply_mask(data, key);
    return validator.feed(data);
}

}  // namespace plainsong
