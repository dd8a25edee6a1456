// SPDX-License-Identifier: MIT
// conform_report.cpp — the files of a report, and those that were there before.
//
// Used by: tools/conform.  Depends on: tools/conform_report.
#include "tools/conform_report.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "tools/conform_json.hpp"
#include "tools/conform_report_case.hpp"
#include "tools/conform_report_page.hpp"

namespace plainsong::conform {
namespace {

constexpr std::size_t longest_stem = 100;
constexpr const char* of_all = "index.json";

bool is_plain(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '-' || each == '_';
}

std::string file_name(std::string_view text) {
    std::string name(text);
    for (char& each : name) {
        each = is_plain(each) ? each : '_';
    }
    return name;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Returns: the file that an entry of an index names, "" if that isn't one beside the index.
std::string file_of(const json_value& entry) {
    const json_value* const named = entry.find("\"reportfile\"");
    if (named == nullptr || named->what != json_value::kind::string) {
        return "";
    }
    const std::string name = named->written.substr(1, named->written.size() - 2);
    const bool is_beside = name.find('/') == name.npos && name.find('\\') == name.npos;
    return is_beside ? name : "";
}

std::string stem_of(const std::string& file) {
    return file.substr(0, file.rfind("_case_"));
}

}  // namespace

bool report::write(const std::string& name, const std::string& text) const {
    std::ofstream file(std::filesystem::path(options_.directory) / name, std::ios::binary);
    file << text;
    file.close();
    return static_cast<bool>(file);
}

/// Makes the directory, or takes notice of what is there.
void report::open_directory() {
    if (is_open_) {
        return;
    }
    is_open_ = true;
    std::error_code why;
    std::filesystem::create_directories(options_.directory, why);
    json_value index;
    if (!read_json(content_of(std::filesystem::path(options_.directory) / of_all), index)) {
        return;
    }
    for (const json_member& agent : index.members) {
        for (const json_member& one : agent.value.members) {
            const std::string file = file_of(one.value);
            others_[agent.name].push_back({one.name, file, one.value.text()});
            stems_.insert(stem_of(file));
        }
    }
}

/// An agent that is run again begins anew, under its old file names.
report::agent_results& report::results_of(const std::string& agent) {
    agent_results& found = agents_[agent];
    if (!found.stem.empty()) {
        return found;
    }
    if (const auto old = others_.find(json_string(agent)); old != others_.end()) {
        found.stem = stem_of(old->second.front().file);
        others_.erase(old);
    }
    const std::string plain = file_name(agent).substr(0, longest_stem);
    for (int number = 1; found.stem.empty(); ++number) {
        const std::string stem = number == 1 ? plain : plain + "_" + std::to_string(number);
        if (stems_.insert(stem).second) {
            found.stem = stem;
        }
    }
    return found;
}

bool report::add(const std::string& agent, const conform_case& asked, const record& run,
                 const verdict& said) {
    if (options_.directory.empty()) {
        return true;
    }
    open_directory();
    agent_results& into = results_of(agent);
    const std::string file = into.stem + "_case_" + file_name(asked.id) + ".json";
    json summary(false);
    summary.add("behavior", json_string(name_of(said.behavior)))
        .add("behaviorClose", json_string(name_of(said.closing)))
        .add("duration", std::to_string(run.duration.count()))
        .add("remoteCloseCode", close_code_json(run.theirs))
        .add("reportfile", json_string(file));
    into.lines[asked.number] = {json_string(asked.id), file, summary.text()};
    const std::string both =
        std::string(name_of(said.behavior)) + " / " + std::string(name_of(said.closing));
    into.junit[asked.number] = {
        asked.id, asked.title, run.duration.count(), both,
        said.passes(options_.strict) ? "" : said.why + "; " + said.why_closing};
    return write(file, case_json(agent, asked, run, said, options_.is_server));
}

/// Of all agents, by the JSON of their names.
std::map<std::string, std::vector<report::line>> report::all_lines() const {
    std::map<std::string, std::vector<line>> all = others_;
    for (const auto& [agent, results] : agents_) {
        for (const auto& [unused, one] : results.lines) {
            all[json_string(agent)].push_back(one);
        }
    }
    return all;
}

bool report::finish() {
    if (options_.directory.empty()) {
        return true;
    }
    open_directory();
    std::string index;
    report_page page;
    for (const auto& [agent, lines] : all_lines()) {
        index += index.empty() ? "{\n  " : ",\n  ";
        index += agent + ": {\n";
        std::string_view parting = "    ";
        for (const line& one : lines) {
            index += std::string(parting) + one.id + ": " + one.summary;
            parting = ",\n    ";
            page.add(one.file.empty()
                         ? ""
                         : content_of(std::filesystem::path(options_.directory) / one.file),
                     agent, one.id, one.summary);
        }
        index += "\n  }";
    }
    std::vector<junit_suite> suites;
    for (const auto& [agent, results] : agents_) {
        junit_suite& suite = suites.emplace_back(junit_suite{agent, {}});
        for (const auto& [unused, one] : results.junit) {
            suite.cases.push_back(one);
        }
    }
    return write(of_all, index.empty() ? "{}\n" : index + "\n}\n") &&
           write("index.html", page.html()) && write("junit.xml", junit_xml(suites));
}

}  // namespace plainsong::conform
