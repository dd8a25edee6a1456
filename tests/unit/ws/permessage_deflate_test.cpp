// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include <plainsong/ws/permessage_deflate.hpp>

#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

struct reading {
    error_code why = error_code::none;
    deflate_terms terms;
    extension_item::kind following = extension_item::kind::end;
    std::string following_name;
};

reading read(std::string_view parameters, deflate_side side) {
    const std::string text = "permessage-deflate" + std::string(parameters);
    extension_reader items{text};
    EXPECT_EQ(items.next().name, permessage_deflate_name);
    reading out;
    extension_item item;
    out.why = read_deflate_terms(items, side, out.terms, item);
    out.following = item.what;
    out.following_name = item.name;
    return out;
}

error_code judged(std::string_view parameters, deflate_side side = deflate_side::answer) {
    return read(parameters, side).why;
}

deflate_parameters parameters_of(std::string_view parameters) {
    return read(parameters, deflate_side::answer).terms.parameters;
}

bool fits(std::string_view answer, std::string_view offer) {
    return fits_offer(read(answer, deflate_side::answer).terms,
                      read(offer, deflate_side::offer).terms);
}

TEST(PermessageDeflate, ReadsEachParameter) {
    tests::proves({"7692-7.1.1.1-01", "7692-7.1.1.2-01", "7692-7.1.2.1-01", "7692-7.1.2.2-01"});
    EXPECT_EQ(parameters_of(""), (deflate_parameters{false, false, 15, 15}));
    EXPECT_EQ(parameters_of("; server_no_context_takeover"),
              (deflate_parameters{true, false, 15, 15}));
    EXPECT_EQ(parameters_of("; client_no_context_takeover"),
              (deflate_parameters{false, true, 15, 15}));
    EXPECT_EQ(parameters_of("; server_max_window_bits=8"),
              (deflate_parameters{false, false, 8, 15}));
    EXPECT_EQ(parameters_of("; client_max_window_bits=9"),
              (deflate_parameters{false, false, 15, 9}));
    EXPECT_EQ(parameters_of(" ;client_max_window_bits = 10; server_max_window_bits=\"\\1\\1\";"
                            "client_no_context_takeover; server_no_context_takeover"),
              (deflate_parameters{true, true, 11, 10}));
}

TEST(PermessageDeflate, TakesWindowBitsFrom8To15WithoutALeadingZero) {
    tests::proves({"7692-7-06", "7692-7.1.2.1-02", "7692-7.1.2.2-02"});
    for (const std::string_view name : {"server_max_window_bits", "client_max_window_bits"}) {
        for (int bits = 0; bits <= 300; ++bits) {
            const std::string text = "; " + std::string(name) + "=" + std::to_string(bits);
            EXPECT_EQ(judged(text) == error_code::none, bits >= 8 && bits <= 15) << text;
            EXPECT_EQ(judged(text), judged(text, deflate_side::offer)) << text;
        }
        for (const std::string_view value :
             {"08", "008", "-8", "+8", "1e1", "0x8", "a", "8a", "\"010\"", "12345678901234567890",
              "18446744073709551624", "4294967304"}) {
            const std::string text = "; " + std::string(name) + "=" + std::string(value);
            EXPECT_EQ(judged(text), error_code::deflate_value_invalid) << text;
        }
    }
}

TEST(PermessageDeflate, TakesOnlyAnOfferOfTheClientsWindowWithoutAValue) {
    tests::proves({"7692-7-06", "7692-7.1.2.2-01"});
    EXPECT_EQ(judged("; client_max_window_bits"), error_code::deflate_value_invalid);
    EXPECT_EQ(judged("; server_max_window_bits"), error_code::deflate_value_invalid);
    EXPECT_EQ(judged("; server_max_window_bits", deflate_side::offer),
              error_code::deflate_value_invalid);
    const reading offer = read("; client_max_window_bits", deflate_side::offer);
    EXPECT_EQ(offer.why, error_code::none);
    EXPECT_TRUE(offer.terms.names_client_window);
    EXPECT_FALSE(offer.terms.names_server_window);
    EXPECT_EQ(offer.terms.parameters, deflate_parameters{});
}

TEST(PermessageDeflate, RefusesAFlagWithAValue) {
    tests::proves({"7692-7-06", "7692-7.1.1.1-02", "7692-7.1.1.2-03"});
    for (const deflate_side side : {deflate_side::offer, deflate_side::answer}) {
        EXPECT_EQ(judged("; server_no_context_takeover=1", side),
                  error_code::deflate_value_invalid);
        EXPECT_EQ(judged("; client_no_context_takeover=true", side),
                  error_code::deflate_value_invalid);
    }
}

TEST(PermessageDeflate, RefusesAParameterThatItDoesNotKnowOrHasRead) {
    tests::proves({"7692-7-05", "7692-7-07"});
    for (const std::string_view unknown : {"foo", "Server_max_window_bits", "window_bits", "x"}) {
        EXPECT_EQ(judged("; server_no_context_takeover; " + std::string(unknown) + "=10"),
                  error_code::deflate_parameter_unknown);
    }
    for (const std::string_view twice :
         {"server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=15",
          "client_max_window_bits=15"}) {
        const std::string text = "; " + std::string(twice);
        EXPECT_EQ(judged(text + text), error_code::deflate_parameter_repeated) << twice;
    }
    EXPECT_EQ(judged("; client_max_window_bits; client_max_window_bits", deflate_side::offer),
              error_code::deflate_parameter_repeated);
}

TEST(PermessageDeflate, StopsAtWhatFollowsItsParameters) {
    const reading next = read("; server_max_window_bits=9, foo; bar", deflate_side::answer);
    EXPECT_EQ(next.following, extension_item::kind::offer);
    EXPECT_EQ(next.following_name, "foo");
    EXPECT_EQ(read("", deflate_side::answer).following, extension_item::kind::end);
    EXPECT_EQ(read(";", deflate_side::answer).following, extension_item::kind::malformed);
    const reading wrong = read("; foo; server_max_window_bits=9", deflate_side::answer);
    EXPECT_EQ(wrong.following_name, "foo");
}

TEST(PermessageDeflate, FitsAnAnswerToItsOffer) {
    tests::proves({"7692-7-08", "7692-7.1.1.1-06", "7692-7.1.1.2-02", "7692-7.1.2.1-05",
                   "7692-7.1.2.1-07", "7692-7.1.2.2-06"});
    EXPECT_TRUE(fits("", ""));
    // The server may bind itself, and ask the client to forget, without having been asked.
    EXPECT_TRUE(fits("; server_no_context_takeover; client_no_context_takeover", ""));
    EXPECT_TRUE(fits("; server_max_window_bits=8", ""));
    // What the client has asked for must be granted.
    EXPECT_FALSE(fits("", "; server_no_context_takeover"));
    EXPECT_TRUE(fits("; server_no_context_takeover", "; server_no_context_takeover"));
    EXPECT_TRUE(fits("", "; client_no_context_takeover"));
    for (int bits = 8; bits <= 15; ++bits) {
        EXPECT_EQ(
            fits("; server_max_window_bits=" + std::to_string(bits), "; server_max_window_bits=10"),
            bits <= 10);
    }
    EXPECT_FALSE(fits("", "; server_max_window_bits=10"));
    EXPECT_TRUE(fits("", "; server_max_window_bits=15"));
    // The client's own window is limited only if it has offered that, and its value is a hint.
    EXPECT_FALSE(fits("; client_max_window_bits=15", ""));
    EXPECT_TRUE(fits("; client_max_window_bits=8", "; client_max_window_bits"));
    EXPECT_TRUE(fits("; client_max_window_bits=12", "; client_max_window_bits=10"));
    EXPECT_TRUE(fits("", "; client_max_window_bits=10"));
}

// ---- a server's choice -----------------------------------------------------------------------------

constexpr deflate_parameters anything{};
constexpr deflate_parameters nothing_kept{.server_no_context_takeover = true,
                                          .client_no_context_takeover = true};

/// The element of the answer to these offers; "" if all are declined.
std::string answer_to(std::string_view offers, const deflate_parameters& wanted = anything) {
    const http::field head[] = {{"Host", "x"}, {"Sec-WebSocket-Extensions", offers}};
    deflate_terms agreed;
    if (!accept_deflate_offer(http::field_values(head, "Sec-WebSocket-Extensions"), wanted,
                              agreed)) {
        return "";
    }
    char text[longest_deflate_element];
    return std::string(write_deflate_element(text, agreed, deflate_side::answer));
}

TEST(PermessageDeflate, AnswersTheExamplesOfTheRfc) {
    tests::proves({"7692-7.1.3-01", "7692-5-06", "7692-5-08"});
    EXPECT_EQ(answer_to("permessage-deflate"), "permessage-deflate");
    EXPECT_EQ(answer_to("permessage-deflate; client_max_window_bits; server_max_window_bits=10"),
              "permessage-deflate; server_max_window_bits=10");
    EXPECT_EQ(answer_to("permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
                        "permessage-deflate; client_max_window_bits"),
              "permessage-deflate; server_max_window_bits=10");
    EXPECT_EQ(
        answer_to("permessage-deflate; client_max_window_bits", {.client_max_window_bits = 10}),
        "permessage-deflate; client_max_window_bits=10");
    EXPECT_EQ(answer_to("permessage-foo; x=10, permessage-bar, permessage-deflate"),
              "permessage-deflate");
}

TEST(PermessageDeflate, TakesTheFirstOfferThatItCanAccept) {
    tests::proves({"7692-5-02", "7692-5-03", "7692-5-07", "7692-7-01", "7692-7-02", "7692-7-03",
                   "6455-4.2.1-15", "6455-9.1-07"});
    EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=10, permessage-deflate"),
              "permessage-deflate; server_max_window_bits=10");
    for (const std::string wrong :
         {"foo", "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
          "server_max_window_bits=08", "server_max_window_bits=-1", "server_max_window_bits=1e1",
          "server_max_window_bits=abc", "server_max_window_bits=99999999999999999999",
          "client_max_window_bits=7", "client_max_window_bits=16", "client_max_window_bits=010",
          "server_no_context_takeover=1", "client_no_context_takeover=true",
          "client_max_window_bits; client_max_window_bits",
          "server_max_window_bits=9; server_max_window_bits=9",
          "server_no_context_takeover; server_no_context_takeover",
          "client_no_context_takeover; client_no_context_takeover",
          "client_max_window_bits; foo=1; server_max_window_bits=9"}) {
        EXPECT_EQ(answer_to("permessage-deflate; " + wrong), "") << wrong;
        EXPECT_EQ(answer_to("permessage-deflate; " + wrong +
                            ", permessage-deflate; server_max_window_bits=12"),
                  "permessage-deflate; server_max_window_bits=12")
            << wrong;
        EXPECT_EQ(answer_to("x; foo, permessage-deflate; " + wrong + ", y"), "") << wrong;
    }
    EXPECT_EQ(answer_to("permessage-deflat"), "");
    EXPECT_EQ(answer_to("x-webkit-deflate-frame"), "");
}

TEST(PermessageDeflate, AnswersEachParameterAsItWasTreated) {
    tests::proves({"7692-7.1.1.1-03", "7692-7.1.1.1-04", "7692-7.1.1.1-05", "7692-7.1.1.1-06",
                   "7692-7.1.1.2-02", "7692-7.1.1.2-04", "7692-7.1.2.1-04", "7692-7.1.2.1-05",
                   "7692-7.1.2.1-06", "7692-7.1.2.1-07", "7692-7.1.2.2-03", "7692-7.1.2.2-04",
                   "7692-7.1.2.2-05", "7692-7.1.2.2-06", "7692-7.1.2.2-07"});
    const std::string name = "permessage-deflate";
    EXPECT_EQ(answer_to(name + "; server_no_context_takeover"),
              name + "; server_no_context_takeover");
    EXPECT_EQ(answer_to(name + "; client_no_context_takeover"),
              name + "; client_no_context_takeover");
    EXPECT_EQ(answer_to(name, nothing_kept),
              name + "; server_no_context_takeover; client_no_context_takeover");
    EXPECT_EQ(answer_to(name, {.server_max_window_bits = 9}), name + "; server_max_window_bits=9");
    for (int offered = 8; offered <= 15; ++offered) {
        for (int wanted = 8; wanted <= 15; ++wanted) {
            const auto bits = static_cast<std::uint8_t>(wanted);
            const std::string least = std::to_string(std::min(offered, wanted));
            const std::string value = "=" + std::to_string(offered);
            EXPECT_EQ(answer_to(name + "; server_max_window_bits" + value,
                                {.server_max_window_bits = bits}),
                      name + "; server_max_window_bits=" + least);
            EXPECT_EQ(answer_to(name + "; client_max_window_bits" + value,
                                {.client_max_window_bits = bits}),
                      least == "15" ? name : name + "; client_max_window_bits=" + least);
        }
        EXPECT_EQ(
            answer_to(name + "; client_max_window_bits",
                      {.client_max_window_bits = static_cast<std::uint8_t>(offered)}),
            offered == 15 ? name : name + "; client_max_window_bits=" + std::to_string(offered));
    }
}

TEST(PermessageDeflate, DeclinesAClientWhoseWindowItCannotBound) {
    tests::proves({"7692-7-04", "7692-7.1.2.1-03", "7692-5-13"});
    EXPECT_EQ(answer_to("permessage-deflate", {.client_max_window_bits = 12}), "");
    EXPECT_EQ(answer_to("permessage-deflate, permessage-deflate; client_max_window_bits",
                        {.client_max_window_bits = 12}),
              "permessage-deflate; client_max_window_bits=12");
    EXPECT_EQ(
        answer_to("permessage-deflate; client_no_context_takeover", {.client_max_window_bits = 12}),
        "permessage-deflate; client_no_context_takeover")
        << "then no memory depends on it";
}

TEST(PermessageDeflate, WritesAnOffer) {
    tests::proves({"7692-5-04", "7692-5-05", "7692-7.1.2.1-02", "7692-7.1.2.2-02"});
    char text[longest_deflate_element];
    const auto offer = [&text](const deflate_terms& terms) {
        return std::string(write_deflate_element(text, terms, deflate_side::offer));
    };
    EXPECT_EQ(offer({}), "permessage-deflate");
    EXPECT_EQ(offer({.parameters = {}, .names_client_window = true}),
              "permessage-deflate; client_max_window_bits");
    const deflate_terms all{.parameters = {true, true, 10, 9},
                            .names_server_window = true,
                            .names_client_window = true};
    EXPECT_EQ(offer(all),
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
              "server_max_window_bits=10; client_max_window_bits=9");
    const deflate_terms longest{.parameters = {true, true, 15, 15},
                                .names_server_window = true,
                                .names_client_window = true};
    EXPECT_EQ(write_deflate_element(text, longest, deflate_side::answer).size(),
              longest_deflate_element);
    EXPECT_EQ(read(offer(all).substr(18), deflate_side::offer).terms.parameters, all.parameters);
}

}  // namespace
}  // namespace plainsong
