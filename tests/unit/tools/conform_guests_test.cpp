// SPDX-License-Identifier: MIT
// conform_guests_test.cpp — the conformance tool as a server: what it answers, and what it makes of a
// client that takes any answer.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <plainsong/net/loop.hpp>

#include "tests/support/raw_client.hpp"
#include "tools/conform_case_file.hpp"
#include "tools/conform_guests.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

using tests::client_close;
using tests::client_frame;
using tests::raw_client;

/// The tester with the cases that are called so, on a loop that the client turns.
class hosted {
public:
    explicit hosted(std::string_view pattern) {
        std::string complaint;
        cases_ = all_cases(complaint);
        EXPECT_EQ(complaint, "");
        for (const conform_case& each : cases_) {
            if (matches_pattern(pattern, each.id)) {
                chosen_.push_back(&each);
            }
        }
        house_.emplace(
            loop_, chosen_,
            conversation_options{.is_client = false, .patience = milliseconds(20), .how = {}},
            host_handlers{.on_result =
                              [this](const std::string&, const conform_case& one, record& run) {
                                  const verdict said = judge(one, run);
                                  said_ = said.passes(true) ? "passes" : "fails";
                                  return said_;
                              },
                          .on_update = [](const std::string&) {}});
        EXPECT_FALSE(house_->listen(*address::parse("127.0.0.1", 0)));
    }

    [[nodiscard]] std::size_t count() const { return chosen_.size(); }
    [[nodiscard]] const conform_case& at(std::size_t number) const { return *chosen_[number - 1]; }

    /// Returns: the answer to a client that asks for that case.
    std::string answer(raw_client& from, std::size_t number, const std::string& offer) {
        EXPECT_TRUE(from.say("GET /runCase?case=" + std::to_string(number) +
                             "&agent=a HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                             offer + "\r\n"));
        return from.answer();
    }
    raw_client client() { return raw_client(house_->bound(), &loop_); }
    /// Turns the loop until the case is over.
    std::string verdict_of_it() {
        for (int turn = 0; turn < 10000 && said_.empty(); ++turn) {
            EXPECT_FALSE(loop_.turn(std::chrono::milliseconds(1)));
        }
        return std::exchange(said_, "");
    }

private:
    loop loop_;
    std::vector<conform_case> cases_;
    std::vector<const conform_case*> chosen_;
    std::string said_;
    std::optional<guest_house> house_;
};

const std::string offer =
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

TEST(ConformGuests, FailsAClientThatTakesAnyAnswer) {
    hosted tester("W.14.*");
    ASSERT_EQ(tester.count(), 16U);
    for (std::size_t number = 1; number <= tester.count(); ++number) {
        raw_client gullible = tester.client();
        const std::string head = tester.answer(gullible, number, offer);
        EXPECT_NE(head.find("Sec-WebSocket-Extensions: "), std::string::npos) << head;
        EXPECT_TRUE(gullible.say(client_frame(1, gullible.message())));
        EXPECT_EQ(gullible.next().substr(0, 5), "close") << number;
        EXPECT_TRUE(gullible.say(client_close(1001)));
        EXPECT_EQ(tester.verdict_of_it(), "fails") << tester.at(number).title;

        raw_client strict = tester.client();
        EXPECT_EQ(tester.answer(strict, number, offer), head);
        strict.close();
        EXPECT_EQ(tester.verdict_of_it(), "passes") << tester.at(number).title;
    }
}

TEST(ConformGuests, FailsAClientThatTakesMaskedFrames) {
    for (const char* const cases : {"M.2.*", "M.4.2"}) {
        hosted tester(cases);
        ASSERT_GT(tester.count(), 0U);
        for (std::size_t number = 1; number <= tester.count(); ++number) {
            raw_client gullible = tester.client();
            tester.answer(gullible, number, "");
            EXPECT_TRUE(gullible.say(client_frame(1, {'t', 'a', 'k', 'e', 'n'})));
            EXPECT_TRUE(gullible.say(client_close(1000)));
            EXPECT_EQ(tester.verdict_of_it(), "fails") << tester.at(number).title;

            raw_client deaf = tester.client();
            tester.answer(deaf, number, "");
            EXPECT_EQ(tester.verdict_of_it(), "fails") << tester.at(number).title;

            raw_client strict = tester.client();
            tester.answer(strict, number, "");
            EXPECT_TRUE(strict.say(client_close(1002)));
            EXPECT_EQ(tester.verdict_of_it(), "passes") << tester.at(number).title;
        }
    }
}

TEST(ConformGuests, AnswersOffersAsACaseSays) {
    const std::map<std::string, std::string> answers = {
        {"1.1.1", ""},
        {"12.1.1", "permessage-deflate"},
        {"13.2.1", "permessage-deflate; client_no_context_takeover"},
        {"13.3.1", "permessage-deflate; client_max_window_bits=9"},
        {"13.7.1", "permessage-deflate; client_no_context_takeover; client_max_window_bits=9"},
        {"W.4.8", "permessage-deflate; server_no_context_takeover; server_max_window_bits=8"},
    };
    for (const auto& [id, extensions] : answers) {
        hosted tester(id);
        raw_client client = tester.client();
        const std::string head = tester.answer(client, 1, offer);
        const std::string field = "Sec-WebSocket-Extensions: ";
        const std::size_t at = head.find(field);
        EXPECT_EQ(at == std::string::npos
                      ? ""
                      : head.substr(at + field.size(), head.find('\r', at) - at - field.size()),
                  extensions)
            << id;
    }
}

}  // namespace
}  // namespace plainsong::conform
