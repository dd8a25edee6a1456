// SPDX-License-Identifier: MIT
// conform_report_page.hpp — all case files of a report in one page that needs no other file.
//
// Does: put data into the page of tools/page/report.html, so that no octet of it can be markup.
// Used by: tools/conform_report.  Depends on: tools/conform_json, tools/page.
#ifndef PLAINSONG_TOOLS_CONFORM_REPORT_PAGE_HPP
#define PLAINSONG_TOOLS_CONFORM_REPORT_PAGE_HPP

#include <string>
#include <string_view>

#include "tools/conform_json.hpp"

namespace plainsong::conform {

class report_page {
public:
    /// Adds one case.  `file`: what its file holds; if that is no JSON object, the page shows what the
    /// index tells, `summary`.  `agent` and `id` are JSON strings.
    void add(std::string_view file, const std::string& agent, const std::string& id,
             const std::string& summary);

    [[nodiscard]] std::string html() const;

private:
    std::string cases_;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_REPORT_PAGE_HPP
