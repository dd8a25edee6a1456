// SPDX-License-Identifier: MIT
// conform_words.cpp — words, sizes, durations, octets.
//
// Used by: tools/conform_*.  Depends on: tools/conform_words.
#include "tools/conform_words.hpp"

#include <charconv>

namespace plainsong::conform {
namespace {

constexpr std::uint64_t longest_time = std::uint64_t{1} << 30;

bool is_blank(char character) {
    return character == ' ' || character == '\t';
}

/// Reads a text whose opening quote is in front of `at`; leaves `at` behind the closing one.
bool read_quoted(std::string_view line, std::size_t& at, std::string& into,
                 std::string& complaint) {
    for (; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] != '\\') {
            into += line[at];
            continue;
        }
        const std::string_view rest = line.substr(at + 1);
        std::string octet;
        if (rest.starts_with('"') || rest.starts_with('\\')) {
            into += rest[0];
            at += 1;
        } else if (rest.starts_with('x') && read_hex(rest.substr(1, 2), octet) &&
                   octet.size() == 1) {
            into += octet;
            at += 3;
        } else {
            complaint = "an escape is \\\", \\\\ or \\xHH";
            return false;
        }
    }
    if (at == line.size()) {
        complaint = "a text has no end";
        return false;
    }
    ++at;
    return true;
}

bool read_number(std::string_view text, std::uint64_t& into) {
    const char* const end = text.data() + text.size();
    const auto [stop, why] = std::from_chars(text.data(), end, into);
    return why == std::errc{} && stop == end;
}

}  // namespace

bool part_words(std::string_view line, std::vector<word>& into, std::string& complaint) {
    std::size_t at = 0;
    while (at < line.size() && line[at] != '#') {
        if (is_blank(line[at])) {
            ++at;
        } else if (line[at] == ',' || line[at] == ';') {
            into.push_back({std::string(1, line[at++]), false});
        } else if (line[at] == '"') {
            into.push_back({"", true});
            if (!read_quoted(line, ++at, into.back().text, complaint)) {
                return false;
            }
        } else {
            const std::size_t end = line.find_first_of(" \t,;\"", at);
            into.push_back({std::string(line.substr(at, end - at)), false});
            at = std::min(end, line.size());
        }
    }
    return true;
}

bool read_size(std::string_view text, std::uint64_t& into) {
    unsigned shift = 0;
    if (text.ends_with('K') || text.ends_with('M')) {
        shift = text.ends_with('K') ? 10 : 20;
        text.remove_suffix(1);
    }
    if (!read_number(text, into) || into > ~std::uint64_t{0} >> shift) {
        return false;
    }
    into <<= shift;
    return true;
}

bool read_duration(std::string_view text, std::chrono::milliseconds& into) {
    const bool small = text.ends_with("ms");
    if (!text.ends_with('s')) {
        return false;
    }
    text.remove_suffix(small ? 2 : 1);
    std::uint64_t count = 0;
    if (!read_number(text, count) || count > longest_time) {
        return false;
    }
    into = std::chrono::milliseconds(count * (small ? 1 : 1000));
    return true;
}

bool read_hex(std::string_view text, std::string& into) {
    if (text.size() % 2 != 0) {
        return false;
    }
    for (std::size_t at = 0; at < text.size(); at += 2) {
        unsigned octet = 0;
        const char* const end = text.data() + at + 2;
        if (std::from_chars(text.data() + at, end, octet, 16).ptr != end) {
            return false;
        }
        into += static_cast<char>(octet);
    }
    return true;
}

bool read_octets(std::string_view text, std::string& into) {
    constexpr std::string_view open = "{{";
    constexpr std::string_view close = "}}";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with(open)) {
            const std::string_view inner = rest.substr(open.size(), rest.find(close) - open.size());
            const std::size_t star = inner.rfind('*');
            std::uint64_t times = 0;
            std::string octets;
            if (star == std::string_view::npos || !read_size(inner.substr(star + 1), times) ||
                !read_octets(inner.substr(0, star), octets)) {
                return false;
            }
            for (; times > 0; --times) {
                into += octets;
            }
            at += open.size() + inner.size() + close.size() - 1;
        } else if (rest[0] != '\\') {
            into += rest[0];
        } else if (rest.starts_with("\\x") && rest.size() >= 4) {
            if (!read_hex(rest.substr(2, 2), into)) {
                return false;
            }
            at += 3;
        } else {
            constexpr std::string_view names = "rnt\\";
            constexpr std::string_view octets = "\r\n\t\\";
            const std::size_t found =
                rest.size() > 1 ? names.find(rest[1]) : std::string_view::npos;
            if (found == std::string_view::npos) {
                return false;
            }
            into += octets[found];
            ++at;
        }
    }
    return true;
}

}  // namespace plainsong::conform
