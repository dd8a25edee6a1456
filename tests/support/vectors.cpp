// SPDX-License-Identifier: MIT
#include "tests/support/vectors.hpp"

#include <fstream>

namespace plainsong::tests {

namespace {

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::size_t from = 0;
    for (;;) {
        const std::size_t tab = line.find('\t', from);
        cells.push_back(line.substr(from, tab - from));
        if (tab == std::string::npos) {
            return cells;
        }
        from = tab + 1;
    }
}

std::string repeat(const std::string& text, std::size_t times) {
    std::string all;
    all.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

}  // namespace

std::vector<vector_row> read_vectors(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string line;
    if (!std::getline(file, line)) {
        return {};
    }
    const std::vector<std::string> names = cells_of(line);
    std::vector<vector_row> rows;
    while (std::getline(file, line)) {
        const std::vector<std::string> cells = cells_of(line);
        if (cells.size() != names.size()) {
            return {};
        }
        vector_row row;
        for (std::size_t i = 0; i < names.size(); ++i) {
            row[names[i]] = cells[i];
        }
        rows.push_back(row);
    }
    return rows;
}

std::string unescape(std::string_view cell) {
    std::string out;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (cell.substr(i, 2) == "{{") {
            const std::size_t close = cell.find("}}", i);
            const std::size_t star = cell.rfind('*', close);
            out += repeat(unescape(cell.substr(i + 2, star - i - 2)),
                          std::stoul(std::string(cell.substr(star + 1, close - star - 1))));
            i = close + 1;
        } else if (cell[i] != '\\') {
            out += cell[i];
        } else if (const char escape = cell[++i]; escape == 'x') {
            out += static_cast<char>(std::stoi(std::string(cell.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += escape == 'r' ? '\r' : escape == 'n' ? '\n' : escape == 't' ? '\t' : escape;
        }
    }
    return out;
}

}  // namespace plainsong::tests
