// SPDX-License-Identifier: MIT
// adversarial_texts.hpp — texts made to keep a compressor busy: where much looks like a match and
// little is one, where each match is a little better than the last, and where all is one match.
#ifndef PLAINSONG_TESTS_SUPPORT_ADVERSARIAL_TEXTS_HPP
#define PLAINSONG_TESTS_SUPPORT_ADVERSARIAL_TEXTS_HPP

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace plainsong::tests {

class adversarial_texts {
public:
    static constexpr std::string_view kinds[] = {"one octet",      "long runs",   "de bruijn",
                                                 "zipf",           "two letters", "periodic",
                                                 "near misses",    "equal heads", "rising matches",
                                                 "fibonacci word", "thue morse",  "just too far"};

    /// A text of exactly `size` octets of one of the kinds above; the same one everywhere.
    static std::vector<std::uint8_t> make(std::string_view kind, std::size_t size) {
        adversarial_texts it(size);
        while (it.text_.size() < size) {
            it.add(kind);
        }
        it.text_.resize(size);
        return std::move(it.text_);
    }

private:
    explicit adversarial_texts(std::size_t size) : size_(size) { text_.reserve(size + 66000); }

    void add(std::string_view kind) {
        if (kind == "one octet") {
            text_.resize(size_, 'x');
        } else if (kind == "long runs") {
            text_.insert(text_.end(), 1 + random_() % 2000, letter(256));
        } else if (kind == "de bruijn") {
            de_bruijn();
        } else if (kind == "zipf") {
            // Letter n with a probability of about 1 / n.
            text_.push_back(static_cast<std::uint8_t>((1U << random_() % 8) + random_() % 256 - 1) &
                            127);
        } else if (kind == "two letters") {
            text_.push_back(letter(2));
        } else if (kind == "periodic") {
            repeat(noise(1000), 1000);
        } else if (kind == "near misses") {
            repeat(noise(250), 1);  // matches that all end at the same place, in another octet
        } else {
            add_more(kind);
        }
    }

    void add_more(std::string_view kind) {
        if (kind == "equal heads") {  // the octets that are hashed, and behind them others
            for (const char octet : {'h', 'e', 'a', 'd'}) {
                text_.push_back(static_cast<std::uint8_t>(octet));
            }
            text_.push_back(letter(256));
            text_.push_back(letter(256));
        } else if (kind == "rising matches") {
            for (unsigned length = 4; length < 260; ++length) {
                for (unsigned i = 0; i < length; ++i) {
                    text_.push_back(static_cast<std::uint8_t>(i));
                }
                text_.push_back(letter(256));
            }
        } else if (kind == "fibonacci word") {
            fibonacci_word();
        } else if (kind == "thue morse") {
            for (std::size_t i = 0; i < size_; ++i) {
                text_.push_back(std::popcount(i) % 2 == 0 ? 'a' : 'b');
            }
        } else {  // what repeats, repeats behind the largest window
            repeat(noise(32769), 100000);
        }
    }

    /// Every word of 20 letters out of two exactly once, by a shift register that takes the least
    /// word that is new.
    void de_bruijn() {
        constexpr unsigned order = 20;
        std::vector<bool> seen(1U << order);
        unsigned word = 0;
        for (bool goes_on = true; goes_on;) {
            goes_on = false;
            for (const unsigned bit : {1U, 0U}) {
                const unsigned next = (word << 1 | bit) & ((1U << order) - 1);
                if (!seen[next]) {
                    seen[next] = goes_on = true;
                    text_.push_back(bit != 0 ? 'b' : 'a');
                    word = next;
                    break;
                }
            }
        }
    }

    void fibonacci_word() {
        std::vector<std::uint8_t> before{'b'};
        std::vector<std::uint8_t> word{'a'};
        while (word.size() < size_) {
            std::vector<std::uint8_t> next = word;
            next.insert(next.end(), before.begin(), before.end());
            before = std::move(word);
            word = std::move(next);
        }
        text_.insert(text_.end(), word.begin(), word.end());
    }

    /// The first noise that was made, over and over, with another octet behind it each time.
    void repeat(std::vector<std::uint8_t> noise, unsigned times) {
        if (period_.empty()) {
            period_ = std::move(noise);
        }
        for (unsigned i = 0; i < times && text_.size() < size_; ++i) {
            text_.insert(text_.end(), period_.begin(), period_.end());
        }
        if (times == 1) {
            text_.push_back(letter(256));
        }
    }

    std::vector<std::uint8_t> noise(std::size_t size) {
        std::vector<std::uint8_t> octets(size);
        std::generate(octets.begin(), octets.end(), [&] { return letter(256); });
        return octets;
    }
    std::uint8_t letter(unsigned of) {
        return static_cast<std::uint8_t>((of == 2 ? 'a' : 0) + random_() % of);
    }

    std::size_t size_;
    std::mt19937 random_{1};
    std::vector<std::uint8_t> text_;
    std::vector<std::uint8_t> period_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_ADVERSARIAL_TEXTS_HPP
