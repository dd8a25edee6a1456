// SPDX-License-Identifier: MIT
// conform_words.hpp — the words of one statement of a case file.
//
// Does: part a line into words, texts and commas; read sizes, durations and octets.
// Used by: tools/conform_statement, tools/conform_case_file.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_CONFORM_WORDS_HPP
#define PLAINSONG_TOOLS_CONFORM_WORDS_HPP

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::conform {

struct word {
    std::string text;  // of a text without its quotes, with its escapes read
    bool is_quoted = false;
};

/// Parts one line; what follows `#` outside of a text is left out.  A comma and a semicolon are
/// words of their own.
/// Returns: false if a text doesn't end or has an escape other than \" \\ and \xHH; `complaint`
/// says so.
bool part_words(std::string_view line, std::vector<word>& into, std::string& complaint);

/// "12", "64K" (KiB), "4M" (MiB).
bool read_size(std::string_view text, std::uint64_t& into);

/// "500ms", "10s".
bool read_duration(std::string_view text, std::chrono::milliseconds& into);

/// "00fffe": pairs of digits.
bool read_hex(std::string_view text, std::string& into);

/// "GET / HTTP/1.1\r\n{{a*3}}": \r, \n, \t, \\, \xHH, and {{text*N}} for N times text.
bool read_octets(std::string_view text, std::string& into);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_WORDS_HPP
