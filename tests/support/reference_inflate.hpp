// SPDX-License-Identifier: MIT
// reference_inflate.hpp — inflating by the letter of RFC 1951, one bit at a time: slow and plain.
//
// Does: serve as the oracle for the inflater, and as the judge of what the deflater writes: which
// blocks there are and how far matches reach back.
#ifndef PLAINSONG_TESTS_SUPPORT_REFERENCE_INFLATE_HPP
#define PLAINSONG_TESTS_SUPPORT_REFERENCE_INFLATE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <plainsong/base/error.hpp>

namespace plainsong::tests {

struct reference_inflated {
    std::vector<std::uint8_t> text;
    error_code code = error_code::none;  // that of a message that ends here
    std::size_t farthest = 0;            // the largest distance
    std::vector<unsigned> block_types;
    bool has_final_block = false;
};

class reference_inflater {
public:
    struct terms {
        std::span<const std::uint8_t> before = {};  // the text that matches may reach back into
        unsigned window_bits = 15;
        std::size_t budget = std::numeric_limits<std::size_t>::max();
        bool ends_at_final_block = false;  // against RFC 7692 §7.2.3.4
    };

    /// `message`: as it is received, without the four octets that its sender has taken away.
    static reference_inflated run(std::span<const std::uint8_t> message, const terms& under) {
        reference_inflater self(message, under);
        self.blocks();
        self.out_.text.assign(self.text_.begin() + static_cast<std::ptrdiff_t>(self.before_),
                              self.text_.end());
        return self.out_;
    }
    static reference_inflated run(std::span<const std::uint8_t> message) {
        return run(message, terms{});
    }

private:
    // A code as RFC 1951 §3.2.2 makes it: how many codes there are of each length, and their symbols
    // in order.
    struct code {
        std::vector<unsigned> counts = std::vector<unsigned>(16, 0);
        std::vector<unsigned> symbols;
        bool is_sparse = false;  // none, or one of one bit

        explicit code(std::span<const unsigned> lengths) {
            for (unsigned bits = 1; bits < 16; ++bits) {
                for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
                    if (lengths[symbol] == bits) {
                        ++counts[bits];
                        symbols.push_back(symbol);
                    }
                }
            }
            is_sparse = symbols.empty() || (symbols.size() == 1 && counts[1] == 1);
        }
        /// Returns: the patterns of 15 bits that no code begins with; negative if some have two.
        [[nodiscard]] int left() const {
            int left = 1 << 15;
            for (unsigned bits = 1; bits < 16; ++bits) {
                left -= static_cast<int>(counts[bits]) << (15 - bits);
            }
            return left;
        }
    };

    static constexpr unsigned no_symbol = 1000;

    reference_inflater(std::span<const std::uint8_t> message, const terms& under)
        : terms_(under), text_(under.before.begin(), under.before.end()), before_(text_.size()) {
        bits_.reserve(message.size() * 8 + 32);
        const auto add = [&](std::uint8_t octet) {
            for (unsigned i = 0; i < 8; ++i) {
                bits_.push_back((octet >> i & 1) != 0);
            }
        };
        std::for_each(message.begin(), message.end(), add);
        for (const unsigned octet : {0x00U, 0x00U, 0xffU, 0xffU}) {
            add(static_cast<std::uint8_t>(octet));
        }
    }

    bool fail(error_code why) {
        out_.code = why;
        return false;
    }
    bool ran_out() { return fail(error_code::deflate_ends_inside_block); }
    [[nodiscard]] std::size_t left() const { return bits_.size() - at_; }

    bool number(unsigned count, unsigned& value) {
        if (left() < count) {
            return ran_out();
        }
        value = 0;
        for (unsigned i = 0; i < count; ++i) {
            value |= unsigned{bits_[at_++]} << i;
        }
        return true;
    }

    bool symbol(const code& from, unsigned& value) {
        unsigned pattern = 0;
        unsigned first = 0;
        std::size_t index = 0;
        for (unsigned bits = 1; bits < 16; ++bits) {
            if (left() == 0) {
                return ran_out();
            }
            pattern = pattern << 1 | unsigned{bits_[at_++]};
            if (pattern - first < from.counts[bits]) {
                value = from.symbols[index + pattern - first];
                return true;
            }
            if (from.is_sparse) {
                break;
            }
            index += from.counts[bits];
            first = (first + from.counts[bits]) << 1;
        }
        value = no_symbol;
        return true;
    }

    void blocks() {
        while (left() > 0) {
            unsigned final = 0;
            unsigned type = 0;
            if (!number(1, final) || !number(2, type) || !block(type)) {
                return;
            }
            if (final != 0) {
                out_.has_final_block = true;
                at_ = (at_ + 7) / 8 * 8;
                if (terms_.ends_at_final_block) {
                    return;
                }
            }
        }
    }

    bool block(unsigned type) {
        out_.block_types.push_back(type);
        if (type == 0) {
            return stored();
        }
        if (type == 1) {
            std::vector<unsigned> lengths(288, 8);
            std::fill(lengths.begin() + 144, lengths.begin() + 256, 9U);
            std::fill(lengths.begin() + 256, lengths.begin() + 280, 7U);
            return symbols(code(lengths), code(std::vector<unsigned>(32, 5)));
        }
        return type == 2 ? dynamic() : fail(error_code::deflate_block_reserved);
    }

    bool put(std::uint8_t octet) {
        if (text_.size() - before_ == terms_.budget) {
            return fail(error_code::message_too_big);
        }
        text_.push_back(octet);
        return true;
    }

    bool stored() {
        at_ = (at_ + 7) / 8 * 8;
        if (left() < 32) {
            return ran_out();
        }
        unsigned length = 0;
        unsigned complement = 0;
        number(16, length);
        number(16, complement);
        if (length + complement != 0xffff) {
            return fail(error_code::deflate_stored_length_wrong);
        }
        for (unsigned octet = 0; length > 0; --length) {
            if (!number(8, octet) || !put(static_cast<std::uint8_t>(octet))) {
                return false;
            }
        }
        return true;
    }

    bool dynamic() {
        if (left() < 14) {
            return ran_out();
        }
        unsigned literals = 0;
        unsigned distances = 0;
        unsigned count = 0;
        number(5, literals);
        number(5, distances);
        number(4, count);
        literals += 257;
        distances += 1;
        if (literals > 286 || distances > 30) {
            return fail(error_code::deflate_too_many_codes);
        }
        constexpr unsigned order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
        std::vector<unsigned> of_lengths(19, 0);
        for (unsigned i = 0; i < count + 4; ++i) {
            if (!number(3, of_lengths[order[i]])) {
                return false;
            }
        }
        const code length_code(of_lengths);
        if (length_code.left() != 0) {
            return fail(length_code.left() < 0 ? error_code::deflate_lengths_oversubscribed
                                               : error_code::deflate_lengths_incomplete);
        }
        std::vector<unsigned> lengths;
        if (!read_lengths(length_code, literals + distances, lengths)) {
            return false;
        }
        if (lengths[256] == 0) {
            return fail(error_code::deflate_end_code_missing);
        }
        const code literal_code(std::span{lengths}.first(literals));
        if (!is_usable(literal_code, error_code::deflate_literals_oversubscribed,
                       error_code::deflate_literals_incomplete)) {
            return false;
        }
        const code distance_code(std::span{lengths}.last(distances));
        return is_usable(distance_code, error_code::deflate_distances_oversubscribed,
                         error_code::deflate_distances_incomplete) &&
               symbols(literal_code, distance_code);
    }

    bool is_usable(const code& judged, error_code oversubscribed, error_code incomplete) {
        if (judged.left() < 0) {
            return fail(oversubscribed);
        }
        return judged.left() == 0 || judged.is_sparse || fail(incomplete);
    }

    bool read_lengths(const code& length_code, std::size_t count, std::vector<unsigned>& lengths) {
        while (lengths.size() < count) {
            unsigned what = 0;
            if (!symbol(length_code, what)) {
                return false;
            }
            if (what < 16) {
                lengths.push_back(what);
                continue;
            }
            unsigned times = 0;
            if (!number(what == 16 ? 2 : what == 17 ? 3 : 7, times)) {
                return false;
            }
            times += what == 18 ? 11 : 3;
            if (what == 16 && lengths.empty()) {
                return fail(error_code::deflate_nothing_to_repeat);
            }
            if (lengths.size() + times > count) {
                return fail(error_code::deflate_repeat_too_long);
            }
            lengths.insert(lengths.end(), times, what == 16 ? lengths.back() : 0);
        }
        return true;
    }

    bool symbols(const code& literals, const code& distances) {
        for (;;) {
            unsigned what = 0;
            if (!symbol(literals, what)) {
                return false;
            }
            if (what == 256) {
                return true;
            }
            if (what > 285) {
                return fail(error_code::deflate_literal_invalid);
            }
            if (what < 256 ? !put(static_cast<std::uint8_t>(what)) : !match(what, distances)) {
                return false;
            }
        }
    }

    // The tables of RFC 1951 §3.2.5, as they stand there.
    bool match(unsigned what, const code& distances) {
        constexpr unsigned length_bases[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                             15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                             67, 83, 99, 115, 131, 163, 195, 227, 258};
        constexpr unsigned length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                             2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
        constexpr unsigned distance_bases[] = {
            1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
            193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
        constexpr unsigned distance_extra[] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                               6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
        unsigned extra = 0;
        if (!number(length_extra[what - 257], extra)) {
            return false;
        }
        const unsigned length = length_bases[what - 257] + extra;
        unsigned range = 0;
        if (!symbol(distances, range)) {
            return false;
        }
        if (range >= 30) {
            return fail(error_code::deflate_distance_invalid);
        }
        if (!number(distance_extra[range], extra)) {
            return false;
        }
        const std::size_t distance = distance_bases[range] + extra;
        if (distance > text_.size() || distance > std::size_t{1} << terms_.window_bits) {
            return fail(error_code::deflate_distance_too_far);
        }
        out_.farthest = std::max(out_.farthest, distance);
        for (unsigned i = 0; i < length; ++i) {
            if (!put(text_[text_.size() - distance])) {
                return false;
            }
        }
        return true;
    }

    terms terms_;
    std::vector<bool> bits_;
    std::size_t at_ = 0;
    std::vector<std::uint8_t> text_;
    std::size_t before_;
    reference_inflated out_;
};

inline reference_inflated reference_inflate(std::span<const std::uint8_t> message,
                                            const reference_inflater::terms& under) {
    return reference_inflater::run(message, under);
}
inline reference_inflated reference_inflate(std::span<const std::uint8_t> message) {
    return reference_inflater::run(message);
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_REFERENCE_INFLATE_HPP
