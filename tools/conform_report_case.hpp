// SPDX-License-Identifier: MIT
// conform_report_case.hpp — the JSON file of one case in the shape of Autobahn's reports.
//
// Used by: tools/conform_report.  Depends on: tools/conform_record, tools/conform_verdict.
#ifndef PLAINSONG_TOOLS_CONFORM_REPORT_CASE_HPP
#define PLAINSONG_TOOLS_CONFORM_REPORT_CASE_HPP

#include <string>

#include "tools/conform_case.hpp"
#include "tools/conform_record.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {

/// Returns: the time of day, as "2000-01-01T00:00:00Z".
std::string utc_now();

/// Its code, or null.
std::string close_code_json(const close_seen& one);

/// `is_server`: the tester was the server.
std::string case_json(const std::string& agent, const conform_case& asked, const record& run,
                      const verdict& said, bool is_server);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_REPORT_CASE_HPP
