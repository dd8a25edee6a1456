// SPDX-License-Identifier: MIT
// conform_opening_test.cpp — the opening handshake as it is tested: tables, answers, and what is made of
// clients that open whatever comes, refuse all of it, or do neither.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <plainsong/net/connector.hpp>
#include <plainsong/net/loop.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/ticker.hpp"
#include "tools/conform_case_file.hpp"
#include "tools/conform_guests.hpp"
#include "tools/conform_opening.hpp"
#include "tools/conform_rows.hpp"
#include "tools/conform_verdict.hpp"
#include "tools/conform_words.hpp"

namespace plainsong::conform {
namespace {

tests::fake_clock the_clock;

enum class manner : std::uint8_t { opens_all, refuses_all, does_nothing };

/// A client that asks for one case after the other and never looks at an answer.
class blind_client final : private loop_member {
public:
    blind_client(loop& its_loop, const address& where, manner how, std::size_t cases)
        : loop_(its_loop), connector_(its_loop), where_(where), how_(how), cases_(cases) {
        visit();
    }
    ~blind_client() { leave(); }
    blind_client(const blind_client&) = delete;
    blind_client& operator=(const blind_client&) = delete;

private:
    void visit() {
        ++at_;
        connector_.connect({&where_, 1}, {}, [this](connect_outcome outcome) {
            ASSERT_FALSE(outcome.why);
            transport_ = std::move(outcome.transport);
            auto watched = loop_.watch(transport_.descriptor(), interest::read, *this);
            ASSERT_TRUE(watched);
            token_ = *watched;
            const std::string target =
                at_ <= cases_ ? "/runCase?case=" + std::to_string(at_) : "/updateReports";
            send("GET " + target +
                 " HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        });
    }
    void on_ready(readiness) override {
        const io_result got = transport_.receive(loop_.receive_buffer());
        if (got.status == io_result::kind::done && how_ == manner::opens_all && !spoke_) {
            spoke_ = true;
            const std::string key(4, '\0');  // changes nothing
            send("\x81\x85" + key + "Hello");
        } else if (got.status == io_result::kind::end || got.status == io_result::kind::failed ||
                   (got.status == io_result::kind::done && how_ == manner::refuses_all)) {
            leave();
            spoke_ = false;
            if (at_ <= cases_) {
                visit();
            }
        }
    }
    void send(const std::string& octets) {
        const io_slice slice{const_cast<char*>(octets.data()), octets.size()};
        EXPECT_EQ(transport_.send({&slice, 1}).count, octets.size());
    }
    void leave() {
        if (token_) {
            loop_.unwatch(token_);
            token_ = {};
            transport_.close();
        }
    }

    loop& loop_;
    connector connector_;
    const address where_;
    manner how_;
    std::size_t cases_;
    std::size_t at_ = 0;
    stream transport_;
    watch_token token_;
    bool spoke_ = false;
};

std::vector<const conform_case*> answers_among(const std::vector<conform_case>& cases) {
    std::vector<const conform_case*> out;
    for (const conform_case& each : cases) {
        if (!each.response.empty()) {
            out.push_back(&each);
        }
    }
    return out;
}

/// Returns: the behavior of such a client in each of those cases.
std::map<std::string, grade> behaviors(manner how, const std::vector<const conform_case*>& cases) {
    loop its_loop({.clock = [] { return the_clock.now(); }});
    const std::string path = "/tmp/conform-opening-" + std::to_string(::getpid());
    const address where = *address::unix_path(path);
    std::map<std::string, grade> out;
    bool is_through = false;
    guest_house house(its_loop, cases, {},
                      {.on_result =
                           [&out](const std::string&, const conform_case& one, record& run) {
                               out[one.id] = judge(one, run).behavior;
                               return std::string();
                           },
                       .on_update = [&is_through](const std::string&) { is_through = true; }});
    ::unlink(path.c_str());
    EXPECT_FALSE(house.listen(where));
    tests::ticker time(its_loop, the_clock, std::chrono::milliseconds(2));
    time.tick();
    const blind_client client(its_loop, where, how, cases.size());
    while (!is_through) {
        EXPECT_FALSE(its_loop.turn(duration::zero()));
    }
    time.stop();
    EXPECT_FALSE(its_loop.turn(duration::zero()));
    return out;
}

/// Whether one of them is just an echo of what the tester says.
bool has_echo(const std::vector<expected_events>& those) {
    return std::any_of(those.begin(), those.end(), [](const expected_events& each) {
        return each.size() == 1 && each[0].body.is("Hello");
    });
}

bool has_refusal(const std::vector<std::string>& answers) {
    return std::find(answers.begin(), answers.end(), "refused") != answers.end();
}

TEST(ConformOpening, FindsClientsThatOpenWhateverComesRefuseItOrDoNeither) {
    std::string complaint;
    const std::vector<conform_case> all = all_cases(complaint);
    const std::vector<const conform_case*> cases = answers_among(all);
    ASSERT_EQ(cases.size(), 61U);
    const auto opening = behaviors(manner::opens_all, cases);
    const auto refusing = behaviors(manner::refuses_all, cases);
    const auto silent = behaviors(manner::does_nothing, cases);
    for (const conform_case* const one : cases) {
        EXPECT_EQ(opening.at(one->id), has_echo(one->accepted)    ? grade::ok
                                       : has_echo(one->tolerated) ? grade::non_strict
                                                                  : grade::failed)
            << one->id;
        EXPECT_EQ(refusing.at(one->id), has_refusal(one->answers)             ? grade::ok
                                        : has_refusal(one->tolerable_answers) ? grade::non_strict
                                                                              : grade::failed)
            << one->id;
        // Where the tester ends the connection itself, to go with it is all that is asked for.
        EXPECT_EQ(silent.at(one->id),
                  one->steps[0].what == step_kind::end ? grade::ok : grade::failed)
            << one->id;
    }
}

TEST(ConformOpening, JudgesAServersAnswerByItsStatus) {
    conform_case asked;
    asked.request = "GET";
    asked.answers = {"4xx", "501"};
    asked.tolerable_answers = {"end"};
    const auto judged = [&asked](const std::string& answer, const std::string& lacks) {
        record run;
        run.answer = answer;
        run.lacks = lacks;
        const verdict said = judge(asked, run);
        return std::string(name_of(said.behavior)) + "/" + std::string(name_of(said.closing));
    };
    EXPECT_EQ(judged("400", ""), "OK/OK");
    EXPECT_EQ(judged("499", ""), "OK/OK");
    EXPECT_EQ(judged("501", ""), "OK/OK");
    EXPECT_EQ(judged("405", "allow"), "NON-STRICT/OK");
    EXPECT_EQ(judged("end", ""), "NON-STRICT/OK");
    EXPECT_EQ(judged("500", ""), "FAILED/FAILED");
    EXPECT_EQ(judged("101", ""), "FAILED/FAILED");
    EXPECT_EQ(judged("silence", ""), "FAILED/FAILED");
    EXPECT_EQ(judged("garbage", ""), "FAILED/FAILED");
}

TEST(ConformOpening, MakesARequestToWhoeverIsTested) {
    const std::string request = "GET /chat HTTP/1.1\r\nHost: h.example:80\r\n";
    EXPECT_EQ(request_to({{}, "127.0.0.1:9001", "/echo?a"}, request),
              "GET /echo?a HTTP/1.1\r\nHost: 127.0.0.1:80\r\n");
    EXPECT_EQ(request_to({{}, "[::1]:9001", "/"}, request), "GET / HTTP/1.1\r\nHost: [::1]:80\r\n");
    EXPECT_EQ(request_to({{}, "localhost", "/"}, "GET http://h.example/chat HTTP/1.1"),
              "GET http://localhost/ HTTP/1.1");
    EXPECT_EQ(request_to({{}, "localhost", "/echo"}, "GET //chat// HTTP/1.1"),
              "GET //chat// HTTP/1.1");
}

TEST(ConformOpening, PutsRightAndWrongValuesIntoAnAnswer) {
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    EXPECT_EQ(answer_with(key, "{ACC}.{ACC}"),
              "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=.s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(answer_with(key, "{acc}"), "s3pplmbitxaq9kygzzhzrbk+xoo=");
    EXPECT_EQ(answer_with(key, "{ACC^1}"), "s3pPLMBATxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(answer_with(key, "{ACCRAW}"), accept_for("the sample nonce"));
}

TEST(ConformRows, TakesThoseRowsOfATableThatWereAskedFor) {
    table_rows rows;
    EXPECT_EQ(take_rows("handshake-requests.tsv where group method key but HS068", rows), "");
    ASSERT_GT(rows.size(), 2U);
    EXPECT_EQ(rows[0].front(), "id");
    EXPECT_EQ(rows[0].back(), "n");
    EXPECT_EQ(rows[1].front(), "HS070");
    EXPECT_EQ(rows[1].back(), "70");
    EXPECT_TRUE(rows[1][5].starts_with("DELETE /chat HTTP/1.1\\\\r\\\\n")) << rows[1][5];
    EXPECT_EQ(take_rows("handshake-requests.tsv where group nothing", rows), "no row has that");
    EXPECT_EQ(take_rows("handshake-requests.tsv where colour red", rows), "no row has that");
    EXPECT_EQ(take_rows("nothing.tsv where group method", rows), "there is no file 'nothing.tsv'");
    EXPECT_EQ(take_rows("handshake-requests.tsv", rows), "rows of FILE where COLUMN VALUE...");
}

TEST(ConformWords, ReadsOctetsWithEscapesAndRepetitions) {
    std::string octets;
    EXPECT_TRUE(read_octets("a\\r\\n\\t\\\\\\x00{{b\\n*3}}c", octets));
    EXPECT_EQ(octets, std::string("a\r\n\t\\\0b\nb\nb\nc", 13));
    for (const char* const wrong :
         {"\\q", "\\", "\\x0", "\\xzz", "{{a}}", "{{a*b}}", "{{\\q*2}}"}) {
        EXPECT_FALSE(read_octets(wrong, octets)) << wrong;
    }
}

}  // namespace
}  // namespace plainsong::conform
