// SPDX-License-Identifier: MIT
// Replays autobahn/cases/handshake-requests.tsv: raw requests with the one answer that is right for each.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/handshake_server.hpp"
#include "tests/support/places_to_cut.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/vectors.hpp"

namespace plainsong::tests {
namespace {

const std::string_view allowed[] = {"https://good.example"};

struct handshake_case {
    std::string id;
    int status = 0;
    std::string octets;
    handshake_server server;
};

std::vector<handshake_case> handshake_cases() {
    std::vector<handshake_case> cases;
    for (vector_row& row : read_vectors("autobahn/cases/handshake-requests.tsv")) {
        handshake_case one;
        one.id = row["id"] + " (" + row["what"] + ")";
        one.octets = unescape(row["raw"]);
        one.status = row["expected"] == "wait" ? 0 : std::stoi(row["expected"]);
        if (row["expected"].ends_with("[allow]")) {
            one.server.origins = {.which = origin_policy::rule::list, .allowed = allowed};
        }
        cases.push_back(one);
    }
    return cases;
}

TEST(ServerHandshakeTable, HoldsEachGroupOfCases) {
    std::set<std::string> groups;
    const std::vector<vector_row> rows = read_vectors("autobahn/cases/handshake-requests.tsv");
    for (vector_row row : rows) {
        groups.insert(row["group"]);
    }
    EXPECT_EQ(rows.size(), 181U);
    EXPECT_EQ(groups.size(), 17U);
}

TEST(ServerHandshakeTable, AnswersEachRequestAsPinned) {
    proves({"6455-4.2.1-02", "6455-4.2.1-03", "6455-4.2.1-05",  "6455-4.2.1-06",  "6455-4.2.1-07",
            "6455-4.2.1-08", "6455-4.2.1-09", "6455-4.2.1-10",  "6455-4.2.1-11",  "6455-4.2.1-16",
            "6455-4.2.2-07", "6455-4.2.2-09", "6455-4.3-02",    "6455-4.3-06",    "6455-4.3-07",
            "6455-9.1-01",   "6455-9.1-03",   "6455-10.2-01",   "6455-10.2-02",   "6455-10.7-01",
            "6455-10.7-04",  "6455-11.2-01",  "6455-11.3.1-02", "6455-11.3.2-01", "6455-11.3.4-01",
            "9112-2.2-02",   "9112-2.2-03",   "9112-2.2-05",    "9112-2.2-06",    "9112-2.3-01",
            "9112-3-02",     "9112-3.1-01",   "9112-3.2-01",    "9112-3.2-02",    "9112-3.2.2-01",
            "9112-5.1-01",   "9112-5.2-01",   "9112-6.1-01",    "9112-6.3-01",    "9112-7.1-01",
            "9110-7.8-01",   "9110-7.8-02"});
    for (const handshake_case& each : handshake_cases()) {
        const handshake_outcome outcome = each.server.run(each.octets);
        EXPECT_EQ(outcome.status, each.status) << each.id << '\n' << outcome;
    }
}

TEST(ServerHandshakeTable, AnswersTheSameHoweverTheOctetsAreCut) {
    for (const handshake_case& each : handshake_cases()) {
        const handshake_outcome whole = each.server.run(each.octets);
        ASSERT_EQ(each.server.run_octet_by_octet(each.octets), whole) << each.id;
        for (const std::size_t cut : places_to_cut(each.octets.size())) {
            ASSERT_EQ(each.server.run(each.octets, {cut}), whole) << each.id << " cut at " << cut;
        }
    }
}

TEST(ServerHandshakeTable, WritesEachRefusalAsACompleteAnswer) {
    proves({"6455-4.2.1-03", "6455-4.2.2-10", "6455-4.4-02", "9110-7.8-03", "9110-15.5.6-01"});
    const std::regex status_line("HTTP/1\\.1 [45][0-9][0-9] [A-Z][A-Za-z ]+\r\n(.|\r|\n)*");
    for (const handshake_case& each : handshake_cases()) {
        const handshake_outcome outcome = each.server.run(each.octets);
        if (outcome.status == 0 || outcome.status == 101) {
            continue;
        }
        SCOPED_TRACE(each.id);
        const std::string& answer = outcome.answer;
        EXPECT_TRUE(std::regex_match(answer, status_line)) << answer;
        EXPECT_EQ(answer.substr(9, 3), std::to_string(outcome.status));
        const bool head = each.octets.starts_with("HEAD ");
        const std::string size = field_of(answer, "Content-Length");
        EXPECT_EQ(head ? "0" : size, std::to_string(body_of(answer).size())) << answer;
        EXPECT_NE(size, "0");
        const bool upgrade_required = outcome.status == 426;
        EXPECT_EQ(field_of(answer, "Connection"), upgrade_required ? "Upgrade, close" : "close");
        EXPECT_EQ(field_of(answer, "Upgrade"), upgrade_required ? "websocket" : "<none>");
        EXPECT_EQ(field_of(answer, "Allow"), outcome.status == 405 ? "GET" : "<none>");
        EXPECT_EQ(field_of(answer, "Retry-After"), outcome.status == 503 ? "1" : "<none>");
        const bool names_version = upgrade_required || outcome.why == error_code::version_missing ||
                                   outcome.why == error_code::version_malformed;
        EXPECT_EQ(field_of(answer, "Sec-WebSocket-Version"), names_version ? "13" : "<none>");
        if (!head) {
            EXPECT_NE(answer.find(facts_of(outcome.why).text), std::string::npos) << answer;
            EXPECT_NE(answer.find(facts_of(outcome.why).requirement), std::string::npos) << answer;
        }
        EXPECT_LT(answer.size(), 512U);
    }
}

TEST(ServerHandshakeTable, WritesEachAcceptanceWithTheFieldsItNeedsOnce) {
    proves({"6455-4.2.2-01", "6455-4.2.2-17", "6455-4.2.2-18", "6455-4.2.2-19", "6455-4.2.2-20",
            "6455-4.2.2-13", "6455-4.2.2-16", "6455-9-02", "6455-9-03", "6455-11.3.3-01"});
    for (const handshake_case& each : handshake_cases()) {
        const handshake_outcome outcome = each.server.run(each.octets);
        if (outcome.status != 101) {
            continue;
        }
        SCOPED_TRACE(each.id);
        const std::string& answer = outcome.answer;
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << answer;
        EXPECT_EQ(field_of(answer, "Upgrade"), "websocket");
        EXPECT_EQ(field_of(answer, "Connection"), "Upgrade");
        EXPECT_EQ(field_of(answer, "Sec-WebSocket-Accept").size(), 28U);
        EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 5) << answer;
        EXPECT_EQ(body_of(answer), "");
    }
}

}  // namespace
}  // namespace plainsong::tests
