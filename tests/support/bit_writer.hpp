// SPDX-License-Identifier: MIT
// bit_writer.hpp — writes DEFLATE by hand: numbers, codes and whole dynamic heads.
#ifndef PLAINSONG_TESTS_SUPPORT_BIT_WRITER_HPP
#define PLAINSONG_TESTS_SUPPORT_BIT_WRITER_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plainsong::tests {

class bit_writer {
public:
    /// A number, lowest bit first.
    bit_writer& number(unsigned value, unsigned bits) {
        for (unsigned i = 0; i < bits; ++i) {
            bit(value >> i & 1);
        }
        return *this;
    }
    /// A Huffman code, highest bit first.
    bit_writer& code(unsigned value, unsigned bits) {
        while (bits-- > 0) {
            bit(value >> bits & 1);
        }
        return *this;
    }
    bit_writer& align() {
        while (used_ != 0) {
            bit(0);
        }
        return *this;
    }
    bit_writer& octets(std::span<const std::uint8_t> some) {
        align();
        bytes_.insert(bytes_.end(), some.begin(), some.end());
        return *this;
    }

    /// A block's first three bits.
    bit_writer& block(unsigned type, bool is_final = false) {
        return number(is_final ? 1 : 0, 1).number(type, 2);
    }
    /// A symbol of the fixed literal/length code.
    bit_writer& fixed(unsigned symbol) {
        return symbol < 144   ? code(0x30 + symbol, 8)
               : symbol < 256 ? code(0x190 + symbol - 144, 9)
               : symbol < 280 ? code(symbol - 256, 7)
                              : code(0xc0 + symbol - 280, 8);
    }
    bit_writer& fixed_text(std::span<const std::uint8_t> text) {
        for (const std::uint8_t octet : text) {
            fixed(octet);
        }
        return *this;
    }
    /// A dynamic block up to its symbols, with each code length told by four bits.
    bit_writer& dynamic(std::span<const unsigned> literals, std::span<const unsigned> distances) {
        block(2).number(static_cast<unsigned>(literals.size()) - 257, 5);
        number(static_cast<unsigned>(distances.size()) - 1, 5).number(15, 4);
        for (unsigned i = 0; i < 19; ++i) {
            number(i < 3 ? 0 : 4, 3);  // the first three are the symbols 16, 17 and 18
        }
        for (const std::span<const unsigned> lengths : {literals, distances}) {
            for (const unsigned length : lengths) {
                code(length, 4);
            }
        }
        return *this;
    }

    /// The octets so far, the last one filled up with zeros.
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    void bit(unsigned value) {
        if (used_ == 0) {
            bytes_.push_back(0);
        }
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | value << used_);
        used_ = (used_ + 1) % 8;
    }

    std::vector<std::uint8_t> bytes_;
    unsigned used_ = 0;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_BIT_WRITER_HPP
