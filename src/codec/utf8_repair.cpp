// SPDX-License-Identifier: MIT
// utf8_repair.cpp — the validator says where a text goes wrong; what it had begun there is the part
// to be replaced.
#include <plainsong/codec/utf8_repair.hpp>

#include <cstring>

#include <plainsong/codec/utf8.hpp>

#include "src/codec/utf8_kernels.hpp"

namespace plainsong {

namespace {

constexpr std::uint8_t replacement[] = {0xef, 0xbf, 0xbd};  // U+FFFD

/// Calls `good(part)` for each part that stays and `bad()` for each that is replaced, in order.
template <typename Good, typename Bad>
void walk(byte_view text, Good good, Bad bad) {
    while (!text.empty()) {
        utf8_validator validator;
        const std::size_t accepted = validator.feed(text);
        const std::size_t begun = utf8::unfinished(text.data(), accepted);
        const bool is_whole = accepted == text.size() && validator.complete();
        const std::size_t kept = is_whole ? accepted : accepted - begun;
        if (kept != 0) {
            good(text.first(kept));
        }
        if (is_whole) {
            return;
        }
        bad();
        // The octet behind a character that was begun may be good by itself.
        text = text.subspan(begun != 0 ? accepted : accepted + 1);
    }
}

}  // namespace

std::size_t repaired_size(byte_view text) {
    std::size_t size = 0;
    walk(
        text, [&](byte_view part) { size += part.size(); }, [&] { size += sizeof replacement; });
    return size;
}

std::size_t repair_utf8(byte_view text, std::uint8_t* into) {
    std::uint8_t* to = into;
    const auto write = [&](const std::uint8_t* from, std::size_t size) {
        std::memcpy(to, from, size);
        to += size;
    };
    walk(
        text, [&](byte_view part) { write(part.data(), part.size()); },
        [&] { write(replacement, sizeof replacement); });
    return static_cast<std::size_t>(to - into);
}

}  // namespace plainsong
