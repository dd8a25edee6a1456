// SPDX-License-Identifier: MIT
// conform_blocks.hpp — DEFLATE written block by block, as a case says it: what no compressor writes.
//
// Does: stored blocks and blocks of the fixed codes, with matches of any length and distance.
// Used by: tools/conform_statement.  Depends on: tools/conform_phrase.
#ifndef PLAINSONG_TOOLS_CONFORM_BLOCKS_HPP
#define PLAINSONG_TOOLS_CONFORM_BLOCKS_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/conform_phrase.hpp"

namespace plainsong::conform {

/// Bits, lowest first, as RFC 1951 §3.1.1 packs them.
class block_writer {
public:
    void begin_stored(bool is_final, std::string_view octets);
    void begin_fixed(bool is_final);
    void literal(std::uint8_t octet);
    /// Requires: 3 <= length <= 258, 1 <= distance <= 32768.
    void copy(unsigned length, unsigned distance);
    void end_fixed();
    /// What is behind a final block begins at an octet.
    void align();
    /// Returns: all that was written, and the head of the empty stored block that ends a message (RFC
    /// 7692 §7.2.1).
    std::string message();

private:
    void put(unsigned bits, unsigned count);
    void put_code(unsigned code, unsigned count);  // its highest bit first
    void put_symbol(unsigned symbol);              // of the literal/length alphabet

    std::string octets_;
    unsigned held_ = 0;
    unsigned count_ = 0;
};

/// Reads "stored "a", final fixed "b" copy 3 back 1": blocks with commas between them.
bool take_blocks(phrase& words, std::string& into);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_BLOCKS_HPP
