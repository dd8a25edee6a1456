// SPDX-License-Identifier: MIT
// conform_report.hpp — results as files in the shape of Autobahn's reports.
//
// Does: one JSON file a case, and index.json over them.
// Used by: tools/conform.  Depends on: tools/conform_record, tools/conform_verdict.
#ifndef PLAINSONG_TOOLS_CONFORM_REPORT_HPP
#define PLAINSONG_TOOLS_CONFORM_REPORT_HPP

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/conform_case.hpp"
#include "tools/conform_record.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {

/// Returns: the time of day, as "2000-01-01T00:00:00Z".
std::string utc_now();

/// A JSON string.  Octets that are no printable ASCII are written as \u00XX.
std::string json_string(std::string_view octets);

/// Returns: one case's file; `is_server`: the tester was the server.
std::string case_json(const std::string& agent, const conform_case& asked, const record& run,
                      const verdict& said, bool is_server);

class report {
public:
    /// `directory`: "" writes nothing.
    /// `is_server`: the tester was the server.
    report(std::string directory, bool is_server)
        : directory_(std::move(directory)), is_server_(is_server) {}

    /// Returns: false if its file can't be written.
    bool add(const std::string& agent, const conform_case& asked, const record& run,
             const verdict& said);
    /// Writes index.json, over all agents.
    [[nodiscard]] bool finish() const;

private:
    [[nodiscard]] bool write(const std::string& name, const std::string& text) const;

    std::string directory_;
    bool is_server_;
    std::map<std::string, std::map<std::vector<std::uint32_t>, std::string>>
        lines_;  // of the index
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_REPORT_HPP
