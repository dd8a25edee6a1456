// SPDX-License-Identifier: MIT
// conform_extension_test.cpp — what the conformance tool takes for an agreement on permessage-deflate.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/conform_extension.hpp"

namespace plainsong::conform {
namespace {

/// "tester bits / peer bits", with a minus behind the side that forgets.
std::string text_of(const deflate_terms& terms) {
    return !terms.agreed
               ? "nothing"
               : std::to_string(terms.tester_bits) + (terms.tester_forgets ? "-" : "") + " / " +
                     std::to_string(terms.peer_bits) + (terms.peer_forgets ? "-" : "");
}

struct exchange_case {
    const char* offered;
    const char* answer;
    const char* agreed;  // "" if the answer is wrong
};

TEST(ConformExtension, JudgesAServersAnswer) {
    const std::string p = "permessage-deflate";
    const exchange_case cases[] = {
        {"P", "", "nothing"},
        {"P", "P", "15 / 15"},
        {"P", "P; server_max_window_bits=8", "15 / 8"},
        {"P", "P; server_max_window_bits=\"1\\0\"", "15 / 10"},
        {"P", "P ;server_max_window_bits = \"9\"", "15 / 9"},
        {"P", "P; server_no_context_takeover; client_no_context_takeover", "15- / 15-"},
        {"P; client_max_window_bits", "P; client_max_window_bits=10", "10 / 15"},
        {"P; client_max_window_bits=12", "P; client_max_window_bits=10", "10 / 15"},
        {"P; client_max_window_bits=12", "P", "15 / 15"},
        {"P; server_max_window_bits=12", "P; server_max_window_bits=11", "15 / 11"},
        {"P; server_max_window_bits=9, P", "P", "15 / 15"},
        {"P", "p", ""},
        {"P", "P, P", ""},
        {"P", "P;", ""},
        {"P", "P; unknown", ""},
        {"P", "P; client_max_window_bits=10", ""},
        {"P; client_max_window_bits", "P; client_max_window_bits", ""},
        {"P; client_max_window_bits=12", "P; client_max_window_bits=13", ""},
        {"P", "P; server_max_window_bits=7", ""},
        {"P", "P; server_max_window_bits=16", ""},
        {"P", "P; server_max_window_bits=08", ""},
        {"P", "P; server_max_window_bits=", ""},
        {"P", "P; server_max_window_bits", ""},
        {"P; server_max_window_bits=12", "P", ""},
        {"P; server_max_window_bits=12", "P; server_max_window_bits=13", ""},
        {"P; server_no_context_takeover", "P", ""},
        {"P", "P; server_no_context_takeover=1", ""},
        {"P", "P; server_no_context_takeover; server_no_context_takeover", ""},
        {"P", "P; server_max_window_bits=9; server_max_window_bits=9", ""},
        {"P; client_max_window_bits", "P; client_max_window_bits=9; client_max_window_bits=9", ""},
    };
    const auto whole = [&p](std::string text) {
        for (std::size_t at = text.find('P'); at != std::string::npos; at = text.find('P')) {
            text.replace(at, 1, p);
        }
        return text;
    };
    for (const exchange_case& each : cases) {
        deflate_terms terms;
        const std::string fault = read_answer(whole(each.offered), whole(each.answer), terms);
        EXPECT_EQ(fault.empty() ? text_of(terms) : "", each.agreed)
            << each.offered << " | " << each.answer;
    }
}

TEST(ConformExtension, AnswersAClientsOffers) {
    const auto answer = [](const std::string& offers, const std::vector<std::string>& additions) {
        deflate_terms terms;
        const std::string text = answer_offers(offers, additions, terms);
        return text.empty() ? text : text.substr(18) + " (" + text_of(terms) + ")";
    };
    EXPECT_EQ(answer("", {""}), "");
    EXPECT_EQ(answer("x-webkit-deflate-frame", {""}), "");
    EXPECT_EQ(answer("permessage-deflate", {}), "");
    EXPECT_EQ(answer("permessage-deflate", {""}), " (15 / 15)");
    EXPECT_EQ(answer("permessage-deflate; client_max_window_bits", {""}), " (15 / 15)");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=7", {""}), "");
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10", {"server_max_window_bits=9"}),
              "; server_max_window_bits=9 (9 / 15)");
    EXPECT_EQ(answer("permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
                     {"client_no_context_takeover"}),
              "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10 "
              "(10- / 15-)");
    EXPECT_EQ(
        answer("permessage-deflate; client_max_window_bits=10", {"client_max_window_bits=12"}),
        "; client_max_window_bits=10 (15 / 10)");
    // It can't be added to the first offer, so that the second is taken, or the next addition.
    const std::vector<std::string> window = {"client_max_window_bits=9",
                                             "server_no_context_takeover"};
    EXPECT_EQ(answer("permessage-deflate, permessage-deflate; client_max_window_bits", window),
              "; client_max_window_bits=9 (15 / 9)");
    EXPECT_EQ(answer("permessage-deflate", window), "; server_no_context_takeover (15- / 15)");
}

}  // namespace
}  // namespace plainsong::conform
