// SPDX-License-Identifier: MIT
// conform_blocks.cpp — the formats of RFC 1951 §3.2.4 and §3.2.6.
//
// Used by: tools/conform_statement.  Depends on: tools/conform_blocks.
#include "tools/conform_blocks.hpp"

#include <array>

namespace plainsong::conform {
namespace {

constexpr unsigned least_length = 3;
constexpr unsigned most_length = 258;
constexpr unsigned most_distance = 32768;
constexpr std::size_t most_stored = 65535;

/// A value of an alphabet in which the symbols stand for more and more values: each group of
/// `group_size` symbols has one more extra bit than the group before.
struct coded {
    unsigned symbol;
    unsigned extra;  // its value
    unsigned extra_bits;
};

coded code_of(unsigned value, unsigned group_size) {
    unsigned symbol = 0;
    unsigned first = 0;
    unsigned bits = 0;
    while (value >= first + (1U << bits)) {
        first += 1U << bits;
        symbol += 1;
        bits = symbol < 2 * group_size ? 0 : symbol / group_size - 1;
    }
    return {symbol, value - first, bits};
}

}  // namespace

void block_writer::put(unsigned bits, unsigned count) {
    for (unsigned at = 0; at < count; ++at) {
        held_ |= (bits >> at & 1) << count_;
        if (++count_ == 8) {
            octets_ += static_cast<char>(held_);
            held_ = count_ = 0;
        }
    }
}

void block_writer::put_code(unsigned code, unsigned count) {
    while (count > 0) {
        put(code >> --count & 1, 1);
    }
}

void block_writer::put_symbol(unsigned symbol) {
    if (symbol < 144) {
        put_code(0x30 + symbol, 8);
    } else if (symbol < 256) {
        put_code(0x190 + symbol - 144, 9);
    } else if (symbol < 280) {
        put_code(symbol - 256, 7);
    } else {
        put_code(0xc0 + symbol - 280, 8);
    }
}

void block_writer::align() {
    put(0, count_ == 0 ? 0 : 8 - count_);
}

void block_writer::begin_stored(bool is_final, std::string_view octets) {
    put(is_final ? 1 : 0, 3);
    align();
    const auto size = static_cast<unsigned>(octets.size());
    put(size, 16);
    put(~size, 16);
    octets_ += octets;
}

void block_writer::begin_fixed(bool is_final) {
    put(is_final ? 3 : 2, 3);
}

void block_writer::literal(std::uint8_t octet) {
    put_symbol(octet);
}

void block_writer::copy(unsigned length, unsigned distance) {
    // The longest match has a symbol of its own.
    const coded size = length == most_length ? coded{28, 0, 0} : code_of(length - least_length, 4);
    put_symbol(257 + size.symbol);
    put(size.extra, size.extra_bits);
    const coded back = code_of(distance - 1, 2);
    put_code(back.symbol, 5);
    put(back.extra, back.extra_bits);
}

void block_writer::end_fixed() {
    put_symbol(256);
}

std::string block_writer::message() {
    put(0, 3);
    align();
    return octets_;
}

namespace {

bool take_copy(phrase& words, block_writer& to) {
    std::uint64_t length = 0;
    std::uint64_t distance = 0;
    if (!words.take_size(length, "what follows copy") || !words.must("back") ||
        !words.take_size(distance, "what follows back")) {
        return false;
    }
    if (length < least_length || length > most_length || distance < 1 || distance > most_distance) {
        return words.refuse("3 to 258 octets are copied from 1 to 32768 octets back");
    }
    to.copy(static_cast<unsigned>(length), static_cast<unsigned>(distance));
    return true;
}

bool take_fixed(phrase& words, block_writer& to, bool is_final) {
    to.begin_fixed(is_final);
    for (bool more = true; more;) {
        payload literals;
        if (!words.take_payload(literals)) {
            return false;
        }
        for (const char each : literals.octets()) {
            to.literal(static_cast<std::uint8_t>(each));
        }
        more = words.accept("copy");
        if (more && !take_copy(words, to)) {
            return false;
        }
    }
    to.end_fixed();
    return true;
}

bool take_stored(phrase& words, block_writer& to, bool is_final) {
    payload octets;
    if (!words.take_payload(octets)) {
        return false;
    }
    to.begin_stored(is_final, octets.octets());
    return octets.size() <= most_stored || words.refuse("a stored block has at most 65535 octets");
}

}  // namespace

bool take_blocks(phrase& words, std::string& into) {
    block_writer out;
    do {
        const bool is_final = words.accept("final");
        const bool stored = words.accept("stored");
        if (!stored && !words.must("fixed")) {
            return false;
        }
        if (stored ? !take_stored(words, out, is_final) : !take_fixed(words, out, is_final)) {
            return false;
        }
        if (is_final) {
            out.align();
        }
    } while (words.accept(","));
    into = out.message();
    return true;
}

}  // namespace plainsong::conform
