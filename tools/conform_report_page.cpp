// SPDX-License-Identifier: MIT
// conform_report_page.cpp — the cases as a data block of the page.
//
// Used by: tools/conform_report.  Depends on: tools/conform_report_page, tools/page.
#include "tools/conform_report_page.hpp"

#include <algorithm>
#include <iterator>

#include "tools/page.hpp"

namespace plainsong::conform {
namespace {

constexpr std::size_t first_lines = 30;  // of a long wire log
constexpr std::size_t last_lines = 10;

/// Leaves of a wire log what tells something: no octets beside the frames they are, and of a long one
/// the begin and the end.
void shorten(json_value& log) {
    std::vector<json_member>& lines = log.members;
    std::erase_if(lines, [](const json_member& line) {
        if (line.value.members.empty()) {
            return false;
        }
        const std::string& tag = line.value.members.front().value.written;
        return tag == "\"RO\"" || tag == "\"TO\"";
    });
    if (lines.size() <= first_lines + last_lines) {
        return;
    }
    const std::size_t left_out = lines.size() - first_lines - last_lines;
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(first_lines);
    lines.erase(begin, begin + static_cast<std::ptrdiff_t>(left_out));
    json_member remark;
    const std::string text = std::to_string(left_out) + " lines are only in the case's own file";
    read_json("[\"WLM\", " + json_string(text) + "]", remark.value);
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(first_lines), std::move(remark));
}

}  // namespace

void report_page::add(std::string_view file, const std::string& agent, const std::string& id,
                      const std::string& summary) {
    json_value one;
    if (!read_json(file, one) || one.what != json_value::kind::object) {
        read_json(summary, one);
    }
    for (json_member& each : one.members) {
        if (each.name == "\"wirelog\"") {
            shorten(each.value);
        }
    }
    // The index says whose it is, whatever the file says.
    std::erase_if(one.members, [](const json_member& each) {
        return each.name == "\"agent\"" || each.name == "\"id\"" ||
               each.name == "\"rxOctetStats\"" || each.name == "\"txOctetStats\"";
    });
    one.members.push_back({"\"agent\"", {json_value::kind::string, agent, {}}});
    one.members.push_back({"\"id\"", {json_value::kind::string, id, {}}});
    cases_ += cases_.empty() ? "" : ",\n";
    for (const char each : one.text()) {
        // In JSON it stands in strings only; there it could end the block.
        if (each == '<') {
            cases_ += "\\u003c";
        } else {
            cases_ += each;
        }
    }
}

std::string report_page::html() const {
    constexpr std::string_view place = "<!-- data -->\n";
    const std::string_view whole = tools::report_page();
    const std::size_t at = whole.find(place);
    std::string out(whole.substr(0, at));
    out += "<script type=\"application/json\" id=\"data\">[\n" + cases_ + "\n]</script>\n";
    out += whole.substr(at + place.size());
    return out;
}

}  // namespace plainsong::conform
