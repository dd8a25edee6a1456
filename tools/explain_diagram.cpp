// SPDX-License-Identifier: MIT
// explain_diagram.cpp — see explain_diagram.hpp.
//
// Bit i of a row stands in column 2i + 1; a border stands in column 2i where a field begins.
#include "tools/explain_diagram.hpp"

#include <algorithm>

namespace plainsong::explain {

namespace {

constexpr std::size_t row_bits = 32;
constexpr std::string_view indent = "  ";

bool bit_at(byte_view octets, std::size_t at) {
    return ((octets[at / 8] >> (7 - at % 8)) & 1) != 0;
}

/// The part of a field that lies in one row.
struct part {
    std::string_view name;
    std::size_t from;  // bit of the row
    std::size_t bits;
};

std::vector<part> parts_of_row(const std::vector<bit_field>& fields, std::size_t row) {
    const std::size_t begin = row * row_bits;
    const std::size_t end = begin + row_bits;
    std::vector<part> parts;
    std::size_t at = 0;
    for (const bit_field& each : fields) {
        const std::size_t from = std::max(at, begin);
        const std::size_t to = std::min(at + each.bits, end);
        if (from < to) {
            parts.push_back({each.name, from - begin, to - from});
        }
        at += each.bits;
    }
    return parts;
}

std::string border_of(const std::vector<part>& parts) {
    std::string line;
    for (const part& each : parts) {
        line += '+' + std::string(2 * each.bits - 1, '-');
    }
    return line + '+';
}

/// The wider of two borders, with the crossings of both.
std::string merged(std::string a, std::string b) {
    if (a.size() < b.size()) {
        a.swap(b);
    }
    for (std::size_t i = 0; i < b.size(); ++i) {
        if (b[i] == '+') {
            a[i] = '+';
        }
    }
    return a;
}

}  // namespace

std::string draw(const std::vector<bit_field>& fields, byte_view octets) {
    std::string out;
    out.append(indent).append(" 0                   1                   2                   3\n");
    out.append(indent).append(" 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n");
    std::string above;
    for (std::size_t row = 0; row * 4 < octets.size(); ++row) {
        const std::vector<part> parts = parts_of_row(fields, row);
        const std::string border = border_of(parts);
        out.append(indent).append(merged(above, border)).append("\n");
        std::string names;
        std::string values;
        for (const part& each : parts) {
            const std::size_t width = 2 * each.bits - 1;
            std::string name(each.name.substr(0, width));
            name.resize(width, ' ');
            names += '|' + name;
            for (std::size_t i = 0; i < each.bits; ++i) {
                const std::size_t at = row * row_bits + each.from + i;
                values += i == 0 ? '|' : ' ';
                values += bit_at(octets, at) ? '1' : '0';
            }
        }
        out.append(indent).append(names).append("|\n");
        out.append(indent).append(values).append("|\n");
        above = border;
    }
    return out.append(indent).append(above).append("\n");
}

}  // namespace plainsong::explain
