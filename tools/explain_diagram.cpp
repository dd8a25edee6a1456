// SPDX-License-Identifier: MIT
// explain_diagram.cpp — cells, cut into rows.
//
// Used by: tools/explain_frame.  Depends on: tools/explain_diagram.
#include "tools/explain_diagram.hpp"

#include <algorithm>
#include <vector>

#include "tools/formatted.hpp"

namespace plainsong::explain {
namespace {

using tools::append_formatted;

constexpr std::size_t row_bits = 32;
constexpr std::size_t margin = 8;

/// The part of a field that lies in one row.
struct cell {
    const diagram_field* field;
    std::size_t first;  // bit, from the start of all
    std::size_t bits;
    bool continues;  // the field began in an earlier row

    [[nodiscard]] std::size_t width() const { return 2 * bits - 1; }
};

std::string centred(std::string_view text, std::size_t width) {
    const std::size_t free = width - std::min(width, text.size());
    std::string out(free / 2, ' ');
    out += text.substr(0, width);
    out.resize(width, ' ');
    return out;
}

bool bit_at(byte_view bytes, std::size_t bit) {
    return (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

/// The bits one by one below a byte's width, else the bytes in hex.
std::string value_of(const cell& one, byte_view bytes) {
    std::string out;
    if (one.bits % 8 != 0) {
        for (std::size_t i = 0; i < one.bits; ++i) {
            out += i == 0 ? "" : " ";
            out += bit_at(bytes, one.first + i) ? '1' : '0';
        }
        return out;
    }
    for (std::size_t i = 0; i < one.bits / 8; ++i) {
        append_formatted(out, "%s%02x", i == 0 ? "" : " ", unsigned{bytes[one.first / 8 + i]});
    }
    return out;
}

std::string name_of(const cell& one) {
    const std::string whole = std::string(one.field->name) + (one.continues ? " (continued)" : "");
    return whole.size() <= one.width() ? whole : std::string(one.field->short_name);
}

std::string border(const std::vector<cell>& row) {
    std::string out = std::string(margin, ' ') + "+";
    for (const cell& one : row) {
        for (std::size_t i = 0; i < one.bits; ++i) {
            out += i + 1 == one.bits ? "-+" : "--";
        }
    }
    return out;
}

/// Two borders, one over the other: a corner wherever either has one.
std::string joined(std::string above, const std::string& below) {
    above.resize(std::max(above.size(), below.size()), ' ');
    for (std::size_t i = 0; i < below.size(); ++i) {
        if (below[i] == '+' || above[i] == ' ') {
            above[i] = below[i];
        }
    }
    return above;
}

/// How many lines the names of a row need: those of single bits go downwards.
std::size_t name_lines(const std::vector<cell>& row) {
    std::size_t lines = 1;
    for (const cell& one : row) {
        if (one.bits == 1) {
            lines = std::max(lines, one.field->name.size());
        }
    }
    return lines;
}

std::string name_line(const std::vector<cell>& row, std::size_t number) {
    std::string out(margin, ' ');
    out += '|';
    for (const cell& one : row) {
        const bool downwards = one.bits == 1;
        const std::string_view name = one.field->name;
        const std::string text = downwards
                                     ? std::string(name.substr(std::min(number, name.size()), 1))
                                 : number == 0 ? name_of(one)
                                               : "";
        out += centred(text, one.width()) + "|";
    }
    return out;
}

std::vector<std::vector<cell>> rows_of(std::span<const diagram_field> fields) {
    std::vector<std::vector<cell>> rows;
    std::size_t at = 0;
    for (const diagram_field& field : fields) {
        bool continues = false;
        for (std::size_t left = field.bits; left > 0; continues = true) {
            if (at % row_bits == 0) {
                rows.emplace_back();
            }
            const std::size_t bits = std::min(left, row_bits - at % row_bits);
            rows.back().push_back({&field, at, bits, continues});
            at += bits;
            left -= bits;
        }
    }
    return rows;
}

void append_ruler(std::string& to) {
    std::string tens(margin + 1, ' ');
    std::string ones = tens;
    for (std::size_t i = 0; i < row_bits; ++i) {
        tens += i % 10 == 0 ? std::to_string(i / 10) + " " : "  ";
        ones += std::to_string(i % 10) + " ";
    }
    for (std::string* line : {&tens, &ones}) {
        line->resize(line->find_last_not_of(' ') + 1);
        to += *line + "\n";
    }
}

}  // namespace

std::string draw_bits(byte_view bytes, std::span<const diagram_field> fields, std::size_t base) {
    std::string out;
    append_ruler(out);
    std::string above;
    for (const std::vector<cell>& row : rows_of(fields)) {
        out += joined(above, border(row)) + "\n";
        for (std::size_t i = 0; i < name_lines(row); ++i) {
            std::string line = name_line(row, i);
            if (i == 0) {
                const std::string offset = std::to_string(base + row.front().first / 8);
                line.replace(margin - 1 - std::min(offset.size(), margin - 1), offset.size(),
                             offset);
            }
            out += line + "\n";
        }
        out += std::string(margin, ' ') + "|";
        for (const cell& one : row) {
            out += centred(value_of(one, bytes), one.width()) + "|";
        }
        out += "\n";
        above = border(row);
    }
    return out + above + "\n";
}

}  // namespace plainsong::explain
