// SPDX-License-Identifier: MIT
// conform_report.hpp — results as files: for dashboards made for Autobahn, for people, for CI.
//
// Does: one JSON file a case and index.json over them, in Autobahn's shape; index.html, one page with
// all of it; junit.xml.  What a directory tells of other agents stays there, and is in the page.
// Used by: tools/conform.  Depends on: tools/conform_report_*.
#ifndef PLAINSONG_TOOLS_CONFORM_REPORT_HPP
#define PLAINSONG_TOOLS_CONFORM_REPORT_HPP

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/conform_case.hpp"
#include "tools/conform_junit.hpp"
#include "tools/conform_record.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {

struct report_options {
    std::string directory;   // "" writes nothing
    bool is_server = false;  // the tester was
    bool strict = false;     // NON-STRICT and UNIMPLEMENTED are failures for CI
};

class report {
public:
    explicit report(report_options options) : options_(std::move(options)) {}

    /// Returns: false if its file can't be written.
    bool add(const std::string& agent, const conform_case& asked, const record& run,
             const verdict& said);
    /// Writes what is about all cases.
    [[nodiscard]] bool finish();

private:
    struct line {
        std::string id;  // JSON, as all below
        std::string file;
        std::string summary;
    };
    struct agent_results {
        std::string stem;  // of its files
        std::map<std::vector<std::uint32_t>, line> lines;
        std::map<std::vector<std::uint32_t>, junit_case> junit;
    };

    void open_directory();
    agent_results& results_of(const std::string& agent);
    [[nodiscard]] std::map<std::string, std::vector<line>> all_lines() const;
    [[nodiscard]] bool write(const std::string& name, const std::string& text) const;

    report_options options_;
    bool is_open_ = false;
    std::map<std::string, agent_results> agents_;      // of this run
    std::map<std::string, std::vector<line>> others_;  // by the JSON of their names
    std::set<std::string> stems_;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_REPORT_HPP
