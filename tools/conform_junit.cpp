// SPDX-License-Identifier: MIT
// conform_junit.cpp — a suite an agent, a test case a case.
//
// Used by: tools/conform_report.  Depends on: tools/conform_junit, tools/conform_wire.
#include "tools/conform_junit.hpp"

#include <algorithm>

#include "tools/conform_wire.hpp"
#include "tools/formatted.hpp"

namespace plainsong::conform {
namespace {

using tools::append_formatted;

std::size_t failures_of(const junit_suite& one) {
    return static_cast<std::size_t>(
        std::count_if(one.cases.begin(), one.cases.end(),
                      [](const junit_case& each) { return !each.failure.empty(); }));
}

void append_seconds(std::string& to, std::int64_t milliseconds) {
    append_formatted(to, " time=\"%lld.%03d\"", static_cast<long long>(milliseconds / 1000),
                     static_cast<int>(milliseconds % 1000));
}

void append_counts(std::string& to, std::size_t tests, std::size_t failures) {
    append_formatted(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\"", tests,
                     failures);
}

void append_case(std::string& to, const junit_case& one, std::string_view agent) {
    to += "    <testcase classname=\"" + xml_text(agent) + "." +
          xml_text(std::string_view(one.id).substr(0, one.id.find('.'))) + "\" name=\"" +
          xml_text(one.id + " " + one.title) + "\"";
    append_seconds(to, one.milliseconds);
    if (one.failure.empty()) {
        to += "/>\n";
        return;
    }
    to += ">\n      <failure type=\"conformance\" message=\"" + xml_text(one.verdict) + "\">" +
          xml_text(one.failure) + "</failure>\n    </testcase>\n";
}

}  // namespace

std::string xml_text(std::string_view octets) {
    const bool is_text = is_valid_utf8(octets);
    std::string out;
    for (const char each : octets) {
        const auto octet = static_cast<unsigned char>(each);
        if (each == '&' || each == '<' || each == '>' || each == '"' || each == '\'' ||
            each == '\t' || each == '\n' || each == '\r') {
            append_formatted(out, "&#%d;", octet);
        } else if (octet < 0x20 || octet == 0x7f || (octet >= 0x80 && !is_text)) {
            out += "&#xfffd;";
        } else {
            out += each;
        }
    }
    return out;
}

std::string junit_xml(const std::vector<junit_suite>& suites) {
    std::size_t tests = 0;
    std::size_t failures = 0;
    std::string body;
    for (const junit_suite& suite : suites) {
        std::int64_t together = 0;
        std::string cases;
        for (const junit_case& each : suite.cases) {
            together += each.milliseconds;
            append_case(cases, each, suite.agent);
        }
        body += "  <testsuite name=\"" + xml_text(suite.agent) + "\"";
        append_counts(body, suite.cases.size(), failures_of(suite));
        append_seconds(body, together);
        body += ">\n" + cases + "  </testsuite>\n";
        tests += suite.cases.size();
        failures += failures_of(suite);
    }
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites";
    append_counts(out, tests, failures);
    return out + ">\n" + body + "</testsuites>\n";
}

}  // namespace plainsong::conform
