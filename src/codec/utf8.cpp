// SPDX-License-Identifier: MIT
// utf8.cpp — the rules of RFC 3629 octet by octet, and the choice of a faster way to apply them.
#include <plainsong/codec/utf8.hpp>

#include <cstring>

#include "src/codec/utf8_kernels.hpp"

namespace plainsong {
namespace utf8 {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

bool is_tail(std::uint8_t octet) {
    return (octet & 0xc0) == 0x80;
}

template <typename Word>
Word load(const std::uint8_t* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

bool is_ascii_16(const std::uint8_t* from) {
    return ((load<std::uint64_t>(from) | load<std::uint64_t>(from + 8)) & high_bits) == 0;
}

/// Returns: whether these are 1 to 16 octets of ASCII: the commonest text, for which even finding
/// the right kernel would be most of the work.
bool is_short_ascii(const std::uint8_t* from, std::size_t size) {
    if (size > 16 || size == 0) {
        return false;
    }
    std::uint64_t any = 0;  // the words overlap
    if (size >= 8) {
        any = load<std::uint64_t>(from) | load<std::uint64_t>(from + size - 8);
    } else if (size >= 4) {
        any = load<std::uint32_t>(from) | load<std::uint32_t>(from + size - 4);
    } else {
        any = from[0] | from[size / 2] | from[size - 1];
    }
    return (any & high_bits) == 0;
}

/// Returns: the size of the valid character at `at`, 0 if there is none within `left` octets.
std::size_t character_size(const std::uint8_t* at, std::size_t left) {
    const std::uint8_t lead = at[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xe0) {
        return lead >= 0xc2 && left >= 2 && is_tail(at[1]) ? 2 : 0;
    }
    const std::uint8_t second = left >= 2 ? at[1] : 0;
    if (lead < 0xf0) {
        const std::uint8_t lowest = lead == 0xe0 ? 0xa0 : 0x80;
        const std::uint8_t highest = lead == 0xed ? 0x9f : 0xbf;
        const bool valid = left >= 3 && second >= lowest && second <= highest && is_tail(at[2]);
        return valid ? 3 : 0;
    }
    const std::uint8_t lowest = lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t highest = lead == 0xf4 ? 0x8f : 0xbf;
    const bool valid = lead <= 0xf4 && left >= 4 && second >= lowest && second <= highest &&
                       is_tail(at[2]) && is_tail(at[3]);
    return valid ? 4 : 0;
}

std::size_t check(const std::uint8_t* from, std::size_t size) {
#if defined(__x86_64__)
    if (has_avx512()) {
        return check_avx512(from, size);
    }
    if (has_avx2()) {
        return check_avx2(from, size);
    }
#endif
    return check_portable(from, size);
}

}  // namespace

std::size_t unfinished(const std::uint8_t* from, std::size_t size) {
    if (size >= 1 && from[size - 1] >= 0xc0) {
        return 1;
    }
    if (size >= 2 && from[size - 2] >= 0xe0) {
        return 2;
    }
    return size >= 3 && from[size - 3] >= 0xf0 ? 3 : 0;
}

std::size_t check_portable(const std::uint8_t* from, std::size_t size) {
    std::size_t at = 0;
    while (at < size) {
        if (size - at >= 16 && is_ascii_16(from + at)) {
            at += 16;
            continue;
        }
        const std::size_t length = character_size(from + at, size - at);
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return at;
}

}  // namespace utf8

// The grammar of RFC 3629 §4 [3629-4-01], which is what "UTF-8" means here [6455-2.1-02].  All that
// it asks beyond the count of tails is in the range of the second octet.  U+FEFF is a character like
// any other, at the start too [3629-6-01].
bool utf8_validator::open(std::uint8_t lead) {
    lowest_ = 0x80;
    highest_ = 0xbf;
    if (lead < 0x80) {
        missing_ = 0;
        return true;
    }
    // A tail, the lead of an overlong form [3629-3-04] or of too large a number [3629-3-03].
    if (lead < 0xc2 || lead > 0xf4) {
        return false;
    }
    if (lead < 0xe0) {
        missing_ = 1;
    } else if (lead < 0xf0) {
        missing_ = 2;
        lowest_ = lead == 0xe0 ? 0xa0 : 0x80;   // [3629-3-04]
        highest_ = lead == 0xed ? 0x9f : 0xbf;  // surrogates [3629-3-02]
    } else {
        missing_ = 3;
        lowest_ = lead == 0xf0 ? 0x90 : 0x80;   // [3629-3-04]
        highest_ = lead == 0xf4 ? 0x8f : 0xbf;  // [3629-3-03]
    }
    return true;
}

bool utf8_validator::take(std::uint8_t octet) {
    if (missing_ == 0) {
        return open(octet);
    }
    if (octet < lowest_ || octet > highest_) {
        return false;
    }
    --missing_;
    lowest_ = 0x80;
    highest_ = 0xbf;
    return true;
}

std::size_t utf8_validator::take_each(byte_view text, std::size_t from) {
    while (from < text.size() && take(text[from])) {
        ++from;
    }
    return from;
}

std::size_t utf8_validator::feed(byte_view text) {
    if (missing_ == 0 && utf8::is_short_ascii(text.data(), text.size())) {
        return text.size();
    }
    if (text.size() < 4) {  // often the cut character at the end of a piece
        return take_each(text, 0);
    }
    std::size_t at = 0;
    for (; missing_ != 0 && at < text.size(); ++at) {
        if (!take(text[at])) {
            return at;
        }
    }
    const byte_view rest = text.subspan(at);
    std::size_t valid = utf8::check(rest.data(), rest.size());
    valid -= utf8::unfinished(rest.data(), valid);
    // What is left are at most three octets, or a short way to the first fault.  [3629-3-01]
    return take_each(text, at + valid);
}

bool is_utf8(byte_view text) {
    utf8_validator validator;
    return validator.feed(text) == text.size() && validator.complete();
}

}  // namespace plainsong
