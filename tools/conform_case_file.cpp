// SPDX-License-Identifier: MIT
// conform_case_file.cpp — blocks of lines, and tables of parameters.
//
// Used by: tools/conform.  Depends on: tools/conform_case_file.
#include "tools/conform_case_file.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "tools/conform_case_check.hpp"
#include "tools/conform_rows.hpp"
#include "tools/conform_statement.hpp"
#include "tools/conform_words.hpp"

namespace plainsong::conform {
namespace {

struct numbered_line {
    std::size_t number = 0;
    std::string text;
};

using row = std::vector<std::string>;

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    const std::size_t end = text.find_last_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, end - begin + 1);
}

/// "| a | b |" → "a", "b".  A cell holds no bar.
row cells_of(std::string_view line) {
    row cells;
    for (std::size_t at = 1; at < line.size();) {
        const std::size_t bar = std::min(line.find('|', at), line.size());
        cells.emplace_back(trimmed(line.substr(at, bar - at)));
        at = bar + 1;
    }
    return cells;
}

bool is_name_character(char one) {
    return (one >= 'a' && one <= 'z') || (one >= '0' && one <= '9') || one == '_';
}

/// Puts a row's values in the places of the names; once, so that a value may hold a `$`.
bool fill_in(std::string_view text, const row& names, const row& values, std::string& into,
             std::string& complaint) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '$') {
            into += text[at];
            continue;
        }
        std::size_t end = at + 1;
        while (end < text.size() && is_name_character(text[end])) {
            ++end;
        }
        const std::string_view name = text.substr(at + 1, end - at - 1);
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            complaint = "there is no column '" + std::string(name) + "'";
            return false;
        }
        into += values[static_cast<std::size_t>(found - names.begin())];
        at = end - 1;
    }
    return true;
}

/// "12.3", or "H.3": the groups beyond Autobahn's have letters.
bool read_id(const std::string& id, std::vector<std::uint32_t>& into) {
    constexpr std::uint64_t most = 9999;
    for (std::size_t at = 0; at <= id.size();) {
        const std::size_t dot = std::min(id.find('.', at), id.size());
        const std::string_view part = std::string_view(id).substr(at, dot - at);
        const bool letter = at == 0 && part.size() == 1 && part[0] >= 'A' && part[0] <= 'Z';
        std::uint64_t number = letter ? most + static_cast<std::uint64_t>(part[0]) : 0;
        if (!letter && (!read_size(part, number) || number > most)) {
            return false;
        }
        into.push_back(static_cast<std::uint32_t>(number));
        at = dot + 1;
    }
    return into.size() >= 2;
}

class reader {
public:
    reader(std::string_view name, std::vector<conform_case>& into) : name_(name), into_(into) {}

    std::string read(std::string_view text);

private:
    bool fail(std::size_t line, const std::string& why) {
        complaint_ = std::string(name_) + ":" + std::to_string(line) + ": " + why;
        return false;
    }
    bool take_line(numbered_line line);
    bool begin_block(const numbered_line& line);
    bool begin_group(const numbered_line& line, const std::vector<word>& words);
    bool end_block();
    void multiply();
    bool make_case(const row& values);
    bool add_lines(const std::vector<numbered_line>& lines, const row& values, bool settings_only,
                   conform_case& to);

    enum class block : std::uint8_t { none, defaults, table, single };

    std::string_view name_;
    std::vector<conform_case>& into_;
    std::string complaint_;
    std::string group_number_;
    std::string group_;
    std::vector<numbered_line> defaults_;
    block block_ = block::none;
    numbered_line heading_;
    std::vector<numbered_line> lines_;
    std::vector<row> table_;
    std::string table_name_;                          // of the block, if it is a table
    std::map<std::string, std::vector<row>> tables_;  // that have names
    std::string factor_;                              // the table that the block is multiplied by
};

bool reader::begin_group(const numbered_line& line, const std::vector<word>& words) {
    if (words.size() != 3 || !words[2].is_quoted) {
        return fail(line.number, "group NUMBER \"TITLE\"");
    }
    group_number_ = words[1].text;
    group_ = words[2].text;
    defaults_.clear();
    return true;
}

bool reader::begin_block(const numbered_line& line) {
    if (!end_block()) {
        return false;
    }
    heading_ = line;
    std::string why;
    std::vector<word> words;
    if (!part_words(line.text, words, why)) {
        return fail(line.number, why);
    }
    if (words[0].text == "group") {
        return begin_group(line, words);
    }
    if (words[0].text == "table" && words.size() == 2) {
        block_ = block::table;
        table_name_ = words[1].text;
        return true;
    }
    if (group_.empty()) {
        return fail(line.number, "a file begins with its group");
    }
    if (words[0].text == "defaults" && words.size() == 1) {
        block_ = block::defaults;
        return true;
    }
    if (words[0].text == "case" && words.size() == 3 && words[2].is_quoted) {
        block_ = block::single;
        return true;
    }
    return fail(line.number,
                "a block is group NUMBER \"TITLE\", defaults, table NAME, or case ID \"TITLE\"");
}

bool reader::take_line(numbered_line line) {
    const std::string_view inner = trimmed(line.text);
    if (inner.empty() || inner[0] == '#') {
        return true;
    }
    if (line.text[0] != ' ') {
        return begin_block(line);
    }
    if (block_ == block::none) {
        return fail(line.number, "this line belongs to no block");
    }
    if (inner[0] == '|') {
        table_.push_back(cells_of(inner));
        if (table_.back().size() != table_.front().size()) {
            return fail(line.number, "the row has " + std::to_string(table_.back().size()) +
                                         " cells, the table " +
                                         std::to_string(table_.front().size()));
        }
        return true;
    }
    if (constexpr std::string_view rows = "rows of "; inner.starts_with(rows)) {
        const std::string why = take_rows(inner.substr(rows.size()), table_);
        return why.empty() || fail(line.number, why);
    }
    if (constexpr std::string_view times = "times "; inner.starts_with(times)) {
        factor_ = trimmed(inner.substr(times.size()));
        return tables_.contains(factor_) ||
               fail(line.number, "there is no table '" + factor_ + "'");
    }
    if (!lines_.empty() && lines_.back().text.ends_with(',')) {
        lines_.back().text += " " + std::string(inner);
        return true;
    }
    line.text = inner;
    lines_.push_back(std::move(line));
    return true;
}

bool reader::add_lines(const std::vector<numbered_line>& lines, const row& values,
                       bool settings_only, conform_case& to) {
    for (const numbered_line& line : lines) {
        std::string filled;
        std::string why;
        std::vector<word> words;
        if (!fill_in(line.text, table_.empty() ? row{} : table_.front(), values, filled, why) ||
            !part_words(filled, words, why)) {
            return fail(line.number, why);
        }
        for (auto at = words.begin(); at != words.end();) {
            const auto stop = std::find_if(at, words.end(), [](const word& each) {
                return !each.is_quoted && each.text == ";";
            });
            if (at != stop) {
                if (settings_only && !is_setting(*at)) {
                    return fail(line.number, "'" + at->text + "' can't be a default");
                }
                if (!add_statement({at, stop}, to, why)) {
                    return fail(line.number, why);
                }
            }
            at = stop == words.end() ? stop : stop + 1;
        }
        to.source += filled + "\n";
    }
    return true;
}

bool reader::make_case(const row& values) {
    conform_case made;
    std::string filled;
    std::string why;
    std::vector<word> words;
    if (!fill_in(heading_.text, table_.empty() ? row{} : table_.front(), values, filled, why) ||
        !part_words(filled, words, why)) {
        return fail(heading_.number, why);
    }
    made.group = group_;
    made.id = words[1].text;
    made.title = words[2].text;
    if (!read_id(made.id, made.number) || !made.id.starts_with(group_number_ + ".")) {
        return fail(heading_.number, "'" + made.id + "' is no case of group " + group_number_);
    }
    if (!add_lines(defaults_, values, true, made)) {
        return false;
    }
    made.source.clear();
    if (!add_lines(lines_, values, false, made)) {
        return false;
    }
    if (why = lack_of(made); !why.empty()) {
        return fail(heading_.number, why);
    }
    for (const conform_case& other : into_) {
        if (other.id == made.id) {
            return fail(heading_.number, "there are two cases " + made.id);
        }
    }
    into_.push_back(std::move(made));
    return true;
}

/// Puts each row of the other table behind each of the block's own.
void reader::multiply() {
    if (factor_.empty()) {
        return;
    }
    const std::vector<row> own = table_.empty() ? std::vector<row>{{}, {}} : std::move(table_);
    const std::vector<row>& other = tables_[factor_];
    const auto joined = [](row front, const row& back) {
        front.insert(front.end(), back.begin(), back.end());
        return front;
    };
    table_ = {joined(own.front(), other.front())};
    for (std::size_t first = 1; first < own.size(); ++first) {
        for (std::size_t second = 1; second < other.size(); ++second) {
            table_.push_back(joined(own[first], other[second]));
        }
    }
}

bool reader::end_block() {
    bool fine = true;
    multiply();
    if (block_ == block::defaults) {
        defaults_ = lines_;
        conform_case nobody;
        fine = table_.empty() ? add_lines(defaults_, {}, true, nobody)
                              : fail(heading_.number, "defaults have no table");
    } else if (block_ == block::table) {
        fine = (table_.size() > 1 && lines_.empty()) ||
               fail(heading_.number, "a table has rows, and nothing else");
        tables_[table_name_] = std::move(table_);
    } else if (block_ == block::single && table_.empty()) {
        fine = make_case({});
    } else if (block_ == block::single && table_.size() == 1) {
        fine = fail(heading_.number, "the table has no row");
    } else if (block_ == block::single) {
        for (std::size_t at = 1; fine && at < table_.size(); ++at) {
            fine = make_case(table_[at]);
        }
    }
    block_ = block::none;
    lines_.clear();
    table_.clear();
    factor_.clear();
    return fine;
}

std::string reader::read(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (!take_line({number, std::string(text.substr(0, end))})) {
            return complaint_;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    static_cast<void>(end_block());
    return complaint_;
}

}  // namespace

std::string read_case_file(std::string_view name, std::string_view text,
                           std::vector<conform_case>& into) {
    return reader(name, into).read(text);
}

std::vector<conform_case> all_cases(std::string& complaint) {
    std::vector<conform_case> cases;
    for (const embedded_file& each : embedded_case_files()) {
        if (!each.name.ends_with(".cases")) {
            continue;  // a table of one of them
        }
        complaint = read_case_file(each.name, each.text, cases);
        if (!complaint.empty()) {
            return {};
        }
    }
    std::sort(cases.begin(), cases.end(), [](const conform_case& one, const conform_case& other) {
        return one.number < other.number;
    });
    for (conform_case& each : cases) {
        each.ordinal = static_cast<std::uint32_t>(&each - cases.data() + 1);
    }
    return cases;
}

}  // namespace plainsong::conform
