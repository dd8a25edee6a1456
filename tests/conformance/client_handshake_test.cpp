// SPDX-License-Identifier: MIT
// Replays autobahn/cases/handshake-answers.tsv: raw answers with the one verdict that is right for
// each.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>

#include "tests/support/handshake_client.hpp"
#include "tests/support/places_to_cut.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/vectors.hpp"

namespace plainsong::tests {
namespace {

std::string base64_of(byte_view octets) {
    std::string text(base64_encoded_size(octets.size()), '\0');
    base64_encode(octets, text);
    return text;
}

void replace(std::string& in, std::string_view name, std::string_view value) {
    for (std::size_t at = in.find(name); at != std::string::npos; at = in.find(name, at)) {
        in.replace(at, name.size(), value);
    }
}

/// Puts the right accept value, and some that are wrong, where the table names them.
std::string with_accept_values(std::string raw) {
    const std::string right{example_accept};
    std::string other_case = right;
    std::transform(right.begin(), right.end(), other_case.begin(), fold_case);
    std::array<std::uint8_t, 20> digest{};
    auto size = base64_decode(right, digest);
    EXPECT_TRUE(size && *size == digest.size());
    digest[7] ^= 1;
    replace(raw, "{ACC}", right);
    replace(raw, "{acc}", other_case);
    replace(raw, "{ACC^1}", base64_of(digest));
    replace(raw, "{ACCRAW}",
            base64_of(sha1_of(as_bytes("the sample nonce258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))));
    return raw;
}

struct answer_case {
    std::string id;
    std::string expected;  // open, fail, timeout
    std::string why;       // the error's name
    std::string octets;
    std::string protocols;
    std::string extensions;
    bool ends = false;

    [[nodiscard]] handshake_client client() const {
        handshake_client one;
        one.offer.protocols = protocols;
        one.offer.extensions = extensions;
        one.ends = ends;
        return one;
    }
};

std::vector<answer_case> answer_cases() {
    constexpr std::string_view protocols = "proto ";
    constexpr std::string_view deflate = "deflate";
    std::vector<answer_case> cases;
    for (vector_row& row : read_vectors("autobahn/cases/handshake-answers.tsv")) {
        answer_case one;
        one.id = row["id"] + " (" + row["what"] + ")";
        one.expected = row["expected"];
        one.why = row["why"];
        one.octets = unescape(with_accept_values(row["raw"]));
        const std::string& offer = row["client_offer"];
        if (offer.starts_with(protocols)) {
            one.protocols = offer.substr(protocols.size());
        } else if (offer.starts_with(deflate)) {
            one.extensions = "permessage-" + offer;
        } else {
            EXPECT_EQ(offer, "") << one.id;
        }
        one.ends = row["group"] == "eof";
        cases.push_back(one);
    }
    return cases;
}

std::string name_of(const answer_outcome& outcome) {
    return outcome.is_open() ? "open" : outcome.has_failed() ? "fail" : "timeout";
}

TEST(ClientHandshakeTable, HoldsEachGroupOfCases) {
    std::set<std::string> groups;
    std::set<std::string> expected;
    const std::vector<vector_row> rows = read_vectors("autobahn/cases/handshake-answers.tsv");
    for (vector_row row : rows) {
        groups.insert(row["group"]);
        expected.insert(row["expected"]);
    }
    EXPECT_EQ(rows.size(), 68U);
    EXPECT_EQ(groups.size(), 12U);
    EXPECT_EQ(expected, (std::set<std::string>{"open", "fail", "timeout"}));
}

TEST(ClientHandshakeTable, JudgesEachAnswerAsPinned) {
    proves({"6455-4.1-43", "6455-4.1-44", "6455-4.1-45", "6455-4.1-46", "6455-4.1-47",
            "6455-4.1-48", "6455-4.1-49", "6455-4.1-50", "6455-4.1-51", "6455-4.1-52",
            "6455-9.1-02", "9112-5.2-02", "7692-5-10", "7692-5-14", "7692-5-15", "7692-7-06",
            "7692-7-07", "7692-7-08", "7692-7.1.2.2-06"});
    for (const answer_case& each : answer_cases()) {
        const answer_outcome outcome = each.client().run(each.octets);
        EXPECT_EQ(name_of(outcome), each.expected) << each.id << '\n' << outcome;
        EXPECT_EQ(each.why.empty() ? "none" : each.why, facts_of(outcome.why).name)
            << each.id << '\n'
            << outcome;
    }
}

TEST(ClientHandshakeTable, JudgesTheSameHoweverTheOctetsAreCut) {
    for (const answer_case& each : answer_cases()) {
        const handshake_client client = each.client();
        const answer_outcome whole = client.run(each.octets);
        ASSERT_EQ(client.run_octet_by_octet(each.octets), whole) << each.id;
        for (const std::size_t cut : places_to_cut(each.octets.size())) {
            ASSERT_EQ(client.run(each.octets, {cut}), whole) << each.id << " cut at " << cut;
        }
    }
}

TEST(ClientHandshakeTable, WaitsForWhatIsMissingUntilTheStreamEnds) {
    for (const answer_case& each : answer_cases()) {
        if (each.expected == "open") {
            continue;
        }
        handshake_client client = each.client();
        client.ends = false;
        EXPECT_EQ(client.run(each.octets).waits(), each.ends || each.expected == "timeout")
            << each.id;
        client.ends = true;
        EXPECT_TRUE(client.run(each.octets).has_failed()) << each.id;
    }
}

TEST(ClientHandshakeTable, LeavesWhatFollowsTheHeadsToTheFrames) {
    for (const answer_case& each : answer_cases()) {
        if (each.expected == "open") {
            const std::string frames = each.octets.substr(each.client().run(each.octets).head_size);
            EXPECT_EQ(frames, each.id.starts_with("HC016") ? "\x81\x05Hello" : "") << each.id;
        }
    }
}

TEST(ClientHandshakeTable, ShowsTheHeadOfEachAnswerThatHasOne) {
    for (const answer_case& each : answer_cases()) {
        const answer_outcome outcome = each.client().run(each.octets);
        if (outcome.has_head) {
            EXPECT_NE(outcome.answered, 0) << each.id;
            EXPECT_GE(outcome.fields.size(), 1U) << each.id;
        }
        const bool is_refusal = outcome.why == error_code::upgrade_refused;
        EXPECT_EQ(is_refusal, outcome.has_head && outcome.answered >= 200) << each.id;
    }
}

}  // namespace
}  // namespace plainsong::tests
