// SPDX-License-Identifier: MIT
// conform_rows.cpp — tab-separated tables, of which a block of cases takes a part.
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_rows.
#include "tools/conform_rows.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "tools/conform_case_file.hpp"

namespace plainsong::conform {
namespace {

using row = std::vector<std::string>;

row parted(std::string_view line) {
    row cells;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t tab = std::min(line.find('\t', at), line.size());
        cells.emplace_back(line.substr(at, tab - at));
        at = tab + 1;
    }
    return cells;
}

std::string escaped(const std::string& cell) {
    std::string out;
    for (const char each : cell) {
        out += each == '"' || each == '\\' ? "\\" : "";
        out += each;
    }
    return out;
}

/// "HS017" → "17"
std::string number_in(const std::string& id) {
    const std::size_t digit = id.find_first_of("123456789");
    return digit == std::string::npos ? "" : id.substr(digit);
}

bool contains(const row& those, const std::string& one) {
    return std::find(those.begin(), those.end(), one) != those.end();
}

/// What a block asks for.
struct selection {
    std::string file;
    std::string column;
    row values;
    row but;
};

bool read_selection(std::string_view text, selection& into) {
    std::istringstream in{std::string(text)};
    std::string where;
    if (!(in >> into.file >> where >> into.column) || where != "where") {
        return false;
    }
    const row rest{std::istream_iterator<std::string>(in), {}};
    const auto but = std::find(rest.begin(), rest.end(), "but");
    into.values.assign(rest.begin(), but);
    into.but.assign(but == rest.end() ? but : but + 1, rest.end());
    return !into.values.empty();
}

}  // namespace

std::string take_rows(std::string_view words, table_rows& into) {
    selection asked;
    if (!read_selection(words, asked)) {
        return "rows of FILE where COLUMN VALUE...";
    }
    for (const embedded_file& each : embedded_case_files()) {
        if (each.name != asked.file) {
            continue;
        }
        std::string_view text = each.text;
        const auto next_line = [&text] {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            return parted(line);
        };
        row names = next_line();
        const auto column = std::find(names.begin(), names.end(), asked.column) - names.begin();
        const std::size_t width = names.size();
        names.emplace_back("n");
        into = {std::move(names)};
        while (!text.empty()) {
            row cells = next_line();
            const auto at = static_cast<std::size_t>(column);
            if (cells.size() == width && at < width && contains(asked.values, cells[at]) &&
                !contains(asked.but, cells[0])) {
                std::transform(cells.begin(), cells.end(), cells.begin(), escaped);
                cells.push_back(number_in(cells[0]));
                into.push_back(std::move(cells));
            }
        }
        return into.size() > 1 ? "" : "no row has that";
    }
    return "there is no file '" + asked.file + "'";
}

}  // namespace plainsong::conform
