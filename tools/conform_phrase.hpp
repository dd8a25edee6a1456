// SPDX-License-Identifier: MIT
// conform_phrase.hpp — reads the words of one statement one after the other.
//
// Does: what statements have in common: words that may or must come, sizes, opcodes, payloads.
// Used by: tools/conform_statement.  Depends on: tools/conform_case, tools/conform_words.
#ifndef PLAINSONG_TOOLS_CONFORM_PHRASE_HPP
#define PLAINSONG_TOOLS_CONFORM_PHRASE_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/conform_case.hpp"
#include "tools/conform_words.hpp"

namespace plainsong::conform {

class phrase {
public:
    static constexpr std::uint8_t first_control = 8;

    /// Begins behind the first word, the verb.
    phrase(std::span<const word> words, std::string& complaint)
        : words_(words), complaint_(complaint) {}

    /// Returns: false.  The first complaint counts.
    bool refuse(std::string why) {
        if (complaint_.empty()) {
            complaint_ = std::move(why);
        }
        return false;
    }
    [[nodiscard]] bool at_end() const { return at_ == words_.size(); }
    [[nodiscard]] bool sees(std::string_view text) const {
        return !at_end() && !words_[at_].is_quoted && words_[at_].text == text;
    }
    [[nodiscard]] bool sees_number() const {
        return !at_end() && !words_[at_].text.empty() && words_[at_].text[0] >= '0' &&
               words_[at_].text[0] <= '9';
    }
    bool accept(std::string_view text) {
        const bool is = sees(text);
        at_ += is ? 1 : 0;
        return is;
    }
    /// Takes one word behind `prefix`, which may be empty.
    bool accept_behind(std::string_view prefix, std::string& rest);
    /// Takes one that stands in quotes.
    bool accept_text(std::string& into);
    bool must(std::string_view text) {
        return accept(text) || refuse("'" + std::string(text) + "' is missing");
    }
    bool end() { return at_end() || refuse("'" + words_[at_].text + "' is not understood here"); }

    bool take_duration(std::chrono::milliseconds& into);
    bool take_size(std::uint64_t& into, std::string_view what);
    bool take_number_behind(std::string_view prefix, std::uint64_t most, std::uint64_t& into,
                            bool& found);
    bool take_opcode(step& into);
    bool take_bits(step& into);
    bool take_payload(payload& into);

private:
    bool take_term(payload& into, bool& found);

    std::span<const word> words_;
    std::string& complaint_;
    std::size_t at_ = 1;  // behind the verb
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_PHRASE_HPP
