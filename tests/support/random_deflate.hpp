// SPDX-License-Identifier: MIT
// random_deflate.hpp — streams that no compressor would write and every inflater has to read.
//
// Does: make messages of stored, fixed and dynamic blocks with random codes (of up to 15 bits, also
// the sparse ones), random literals and matches of every distance that there is text for.
#ifndef PLAINSONG_TESTS_SUPPORT_RANDOM_DEFLATE_HPP
#define PLAINSONG_TESTS_SUPPORT_RANDOM_DEFLATE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/bit_writer.hpp"

namespace plainsong::tests {

class random_deflate {
public:
    struct limits {
        unsigned blocks = 4;
        unsigned symbols = 200;  // the most in a block
        std::size_t before = 0;  // octets of text before the message
        unsigned window_bits = 15;
    };

    explicit random_deflate(std::uint32_t seed) : random_(seed) {}

    /// Returns: a valid message, without the four octets that its sender takes away.
    std::vector<std::uint8_t> message(const limits& within) {
        limits_ = within;
        writer_ = {};
        written_ = 0;
        for (unsigned i = up_to(limits_.blocks); i > 0; --i) {
            const bool is_final = up_to(7) == 0;
            block(is_final);
            if (is_final) {
                writer_.align();
            }
        }
        writer_.block(0).align();
        return writer_.bytes();
    }

    /// Changes a few bits or octets, or cuts some off.
    void spoil(std::vector<std::uint8_t>& message) {
        for (unsigned i = up_to(3) + 1; i > 0 && !message.empty(); --i) {
            const std::size_t at = up_to(static_cast<unsigned>(message.size()) - 1);
            switch (up_to(5)) {
                case 0:
                    message.resize(at);
                    break;
                case 1:
                    message[at] = static_cast<std::uint8_t>(random_());
                    break;
                case 2:
                    message.insert(message.begin() + static_cast<std::ptrdiff_t>(at),
                                   static_cast<std::uint8_t>(random_()));
                    break;
                default:
                    message[at] = static_cast<std::uint8_t>(message[at] ^ 1U << up_to(7));
            }
        }
    }

    /// A number from 0 to `most`.
    unsigned up_to(unsigned most) { return static_cast<unsigned>(random_() % (most + 1ULL)); }

private:
    struct code {
        std::vector<unsigned> lengths;
        std::vector<unsigned> codes;

        explicit code(std::vector<unsigned> given) : lengths(std::move(given)) {
            codes.resize(lengths.size());
            unsigned next = 0;
            for (unsigned bits = 1; bits < 16; ++bits) {
                next <<= 1;
                for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
                    if (lengths[symbol] == bits) {
                        codes[symbol] = next++;
                    }
                }
            }
        }
    };

    /// Splits random leaves of a tree until there is one for each of `used` symbols; then each code
    /// is whole.  A single symbol gets the sparse code.
    std::vector<unsigned> lengths_for(std::vector<unsigned> used, std::size_t size) {
        std::vector<unsigned> leaves{used.size() == 1 ? 1U : 0U};
        const bool goes_deep = up_to(1) == 0;
        while (leaves.size() < used.size()) {
            const std::size_t at =
                goes_deep
                    ? leaves.size() - 1 -
                          up_to(std::min<unsigned>(2, static_cast<unsigned>(leaves.size()) - 1))
                    : up_to(static_cast<unsigned>(leaves.size()) - 1);
            if (leaves[at] < 15) {
                ++leaves[at];
                leaves.push_back(leaves[at]);
            } else {
                std::shuffle(leaves.begin(), leaves.end(), random_);
            }
        }
        std::shuffle(used.begin(), used.end(), random_);
        std::vector<unsigned> lengths(size, 0);
        for (std::size_t i = 0; i < used.size(); ++i) {
            lengths[used[i]] = leaves[i];
        }
        return lengths;
    }

    std::vector<unsigned> some_of(unsigned size, unsigned most) {
        std::vector<unsigned> all(size);
        for (unsigned i = 0; i < size; ++i) {
            all[i] = i;
        }
        std::shuffle(all.begin(), all.end(), random_);
        all.resize(std::min<std::size_t>(size, most));
        return all;
    }

    void block(bool is_final) {
        switch (up_to(3)) {
            case 0:
                stored(is_final);
                return;
            case 1: {
                std::vector<unsigned> lengths(288, 8);
                std::fill(lengths.begin() + 144, lengths.begin() + 256, 9U);
                std::fill(lengths.begin() + 256, lengths.begin() + 280, 7U);
                writer_.block(1, is_final);
                lengths.resize(286);
                symbols(fixed_code(), code(std::vector<unsigned>(30, 5)));
                return;
            }
            default:
                dynamic();
        }
    }

    static code fixed_code() {
        std::vector<unsigned> lengths(288, 8);
        std::fill(lengths.begin() + 144, lengths.begin() + 256, 9U);
        std::fill(lengths.begin() + 256, lengths.begin() + 280, 7U);
        code made(std::move(lengths));
        made.lengths[286] = made.lengths[287] = 0;  // codes that are never used
        return made;
    }

    void stored(bool is_final) {
        const unsigned size = up_to(3) == 0 ? up_to(1000) : up_to(20);
        std::vector<std::uint8_t> text(size);
        std::generate(text.begin(), text.end(),
                      [&] { return static_cast<std::uint8_t>(random_()); });
        writer_.block(0, is_final).align().number(size, 16).number(size ^ 0xffff, 16).octets(text);
        written_ += size;
    }

    void dynamic() {
        std::vector<unsigned> used = some_of(286, 1 + up_to(up_to(1) == 0 ? 10 : 285));
        if (std::find(used.begin(), used.end(), 256U) == used.end()) {
            used.push_back(256);
        }
        const unsigned distance_count = up_to(30);
        const code literals(lengths_for(used, 286));
        const code distances(distance_count == 0 ? std::vector<unsigned>(1, 0)
                                                 : lengths_for(some_of(30, distance_count), 30));
        writer_.dynamic(literals.lengths, distances.lengths);
        symbols(literals, distances);
    }

    void put(const code& from, unsigned symbol) {
        writer_.code(from.codes[symbol], from.lengths[symbol]);
    }

    void symbols(const code& literals, const code& distances) {
        std::vector<unsigned> usable;
        for (unsigned symbol = 0; symbol < literals.lengths.size(); ++symbol) {
            if (literals.lengths[symbol] != 0 && symbol != 256) {
                usable.push_back(symbol);
            }
        }
        for (unsigned i = usable.empty() ? 0 : up_to(limits_.symbols); i > 0; --i) {
            const unsigned symbol = usable[up_to(static_cast<unsigned>(usable.size()) - 1)];
            if (symbol < 256) {
                put(literals, symbol);
                ++written_;
            } else {
                match(literals, distances, symbol);
            }
        }
        put(literals, 256);
    }

    // As in RFC 1951 §3.2.5.
    void match(const code& literals, const code& distances, unsigned symbol) {
        const std::size_t reach =
            std::min(written_ + limits_.before, std::size_t{1} << limits_.window_bits);
        std::vector<unsigned> usable;
        unsigned base = 1;
        std::vector<std::pair<unsigned, unsigned>> ranges;  // base, extra bits
        for (unsigned range = 0; range < distances.lengths.size(); ++range) {
            const unsigned extra = range < 4 ? 0 : (range - 2) / 2;
            ranges.emplace_back(base, extra);
            if (distances.lengths[range] != 0 && base <= reach) {
                usable.push_back(range);
            }
            base += 1U << extra;
        }
        if (usable.empty()) {
            return;
        }
        unsigned length = 3;
        for (unsigned i = 257; i < symbol; ++i) {
            length += 1U << (i < 265 ? 0 : (i - 261) / 4);
        }
        const unsigned length_extra = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
        const unsigned more = up_to((1U << length_extra) - 1);
        written_ += symbol == 285 ? 258 : length + more;
        put(literals, symbol);
        writer_.number(more, length_extra);
        const unsigned range = usable[up_to(static_cast<unsigned>(usable.size()) - 1)];
        const auto [first, extra] = ranges[range];
        const auto most =
            static_cast<unsigned>(std::min<std::size_t>((1U << extra) - 1, reach - first));
        put(distances, range);
        writer_.number(up_to(3) == 0 ? most : up_to(most), extra);
    }

    std::mt19937 random_;
    limits limits_;
    bit_writer writer_;
    std::size_t written_ = 0;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_RANDOM_DEFLATE_HPP
