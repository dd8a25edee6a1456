// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/ws/client_handshake.hpp>

#include "tests/support/handshake_client.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

using tests::answer_outcome;
using tests::example_accept;
using tests::good_answer;
using tests::handshake_client;

upgrade_offer example() {
    return handshake_client::example_offer();
}

std::string refusal(std::string_view status, std::string_view fields, std::string_view body = {}) {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) + "\r\n" +
           std::string(body);
}

/// A good answer with one field exchanged for another text.
std::string answer_with(std::string_view field, std::string_view instead) {
    std::string answer = good_answer();
    const std::size_t at = answer.find(field);
    return answer.replace(at, answer.find("\r\n", at) + 2 - at, instead);
}

error_code verdict_of(const std::string& answer, const upgrade_offer& offer = example()) {
    const handshake_client client{.offer = offer};
    const answer_outcome outcome = client.run(answer);
    EXPECT_EQ(client.run_octet_by_octet(answer), outcome) << answer;
    EXPECT_FALSE(outcome.waits()) << answer;
    return outcome.why;
}

/// What becomes of `answered` in Sec-WebSocket-Extensions after `offered`.
error_code negotiated(std::string_view offered, std::string_view answered) {
    upgrade_offer offer = example();
    offer.extensions = offered;
    return verdict_of(good_answer("Sec-WebSocket-Extensions: " + std::string(answered) + "\r\n"),
                      offer);
}

TEST(ClientHandshake, AgreesWithTheExampleOfTheStandard) {
    tests::proves({"6455-4.1-52", "6455-4.1-53", "6455-4.1-54", "6455-4.1-55"});
    handshake_client client;
    client.offer.protocols = "chat, superchat";
    const std::string answer =
        good_answer("Sec-WebSocket-Protocol: chat\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
    const answer_outcome outcome = client.run(answer + "\x81");
    EXPECT_TRUE(outcome.is_open()) << outcome;
    EXPECT_EQ(outcome.head_size, answer.size());
    EXPECT_EQ(outcome.answered, 101);
    EXPECT_EQ(outcome.reason, "Switching Protocols");
    EXPECT_EQ(outcome.protocol, "chat");
    EXPECT_EQ(outcome.extensions, "");
    EXPECT_EQ(outcome.body, "");
    ASSERT_EQ(outcome.fields.size(), 6U);
    EXPECT_EQ(outcome.fields[4].second, "a=1");
    EXPECT_EQ(outcome.fields[5].second, "b=2");
}

TEST(ClientHandshake, IsPleasedWithAnyAnswerThatKeepsToTheRules) {
    tests::proves({"6455-4.1-51"});
    const std::string answers[] = {
        good_answer(),
        answer_with("Upgrade: ", "uPgRaDe:wEbSoCkEt\t\r\n"),
        answer_with("Connection: ", "CONNECTION: keep-alive\r\nconnection: uPGRADE\r\n"),
        answer_with("Connection: ", "Connection: , Upgrade ,\r\n"),
        answer_with("HTTP/1.1", "HTTP/1.1 101 \r\n"),
        answer_with("HTTP/1.1", "HTTP/1.9 101 \xc3\xa4\r\n"),
        answer_with("Sec-WebSocket-Accept",
                    "SEC-WEBSOCKET-ACCEPT:\r\n  " + std::string(example_accept) + "\r\n"),
        good_answer("Content-Length: 5\r\nX: \xff\r\nX:\r\n"),
    };
    for (const std::string& answer : answers) {
        EXPECT_EQ(verdict_of(answer), error_code::none) << answer;
    }
}

TEST(ClientHandshake, NamesTheRuleThatAnAnswerBreaks) {
    tests::proves({"6455-4.1-43", "6455-4.1-45", "6455-4.1-46", "6455-4.1-47", "6455-4.1-50"});
    const std::string accept{example_accept};
    const std::pair<std::string, error_code> broken[] = {
        {answer_with("Upgrade: ", "Upgrade: websocket2\r\n"), error_code::answer_upgrade_wrong},
        {answer_with("Upgrade: ", "Upgrade:\r\n"), error_code::answer_upgrade_wrong},
        {good_answer("Upgrade: websocket\r\n"), error_code::answer_upgrade_wrong},
        {good_answer("Upgrade: h2c\r\n"), error_code::answer_upgrade_wrong},
        {answer_with("Connection: ", "Connection: keep-alive\r\n"),
         error_code::answer_connection_wrong},
        {answer_with("Connection: ", "Connection: Upgrade x\r\n"),
         error_code::answer_connection_wrong},
        {answer_with("Connection: ", "Connection: Upgrade, a b\r\n"),
         error_code::answer_connection_wrong},
        {answer_with("Connection: ", "Connection:\r\n"), error_code::answer_connection_wrong},
        {answer_with("Sec-WebSocket-Accept", "Sec-WebSocket-Accept:\r\n"),
         error_code::answer_accept_wrong},
        {answer_with("Sec-WebSocket-Accept", "Sec-WebSocket-Accept: " + accept + "=\r\n"),
         error_code::answer_accept_wrong},
        {answer_with("Sec-WebSocket-Accept", "Sec-WebSocket-Accept: \"" + accept + "\"\r\n"),
         error_code::answer_accept_wrong},
        {good_answer("Sec-WebSocket-Accept: x\r\n"), error_code::answer_accept_repeated},
        {good_answer("Transfer-Encoding: identity\r\n"), error_code::answer_has_coding},
        {answer_with("HTTP/1.1", "HTTP/2.0 101 x\r\n"), error_code::answer_version_not_1_1},
        {answer_with("HTTP/1.1", "HTTP/0.9 200 x\r\n"), error_code::answer_version_not_1_1},
        {answer_with("HTTP/1.1", "HTTP/1.1 099 x\r\n"), error_code::status_line_malformed},
        {answer_with("HTTP/1.1", "HTTP/1.1 10 x\r\n"), error_code::status_line_malformed},
        {answer_with("HTTP/1.1", "HTTP/1.1  101 x\r\n"), error_code::status_line_malformed},
        {answer_with("HTTP/1.1", "HTTP/1.1 101x\r\n"), error_code::status_line_malformed},
        {answer_with("HTTP/1.1", "HTTP/11 101 x\r\n"), error_code::status_line_malformed},
        {"\r\n" + good_answer(), error_code::status_line_malformed},
        {"SSH-2.0-x\r\n", error_code::status_line_malformed},
        {"\x81\x05Hello", error_code::status_line_malformed},
        {good_answer(" X: y\r\n").substr(0, 34) + " Upgrade: websocket\r\n\r\n",
         error_code::field_malformed},
        {good_answer("X : y\r\n"), error_code::field_malformed},
        {good_answer("X\r\n"), error_code::field_malformed},
        {good_answer("X: a\nY: b\r\n"), error_code::line_end_malformed},
    };
    for (const auto& [answer, why] : broken) {
        const error_code found = verdict_of(answer);
        EXPECT_EQ(found, why) << facts_of(found).name << '\n' << answer;
    }
}

TEST(ClientHandshake, PointsAtTheOctetsThatAreWrong) {
    const auto offset_in = [](const std::string& answer, const upgrade_offer& offer = example()) {
        const answer_outcome outcome = handshake_client{.offer = offer}.run(answer);
        EXPECT_TRUE(outcome.has_failed());
        return outcome.offset;
    };
    const std::string interim = "HTTP/1.1 103 x\r\nLink: y\r\n\r\n";
    const std::string two_upgrades = interim + good_answer("Upgrade: h2c\r\n");
    EXPECT_EQ(offset_in(two_upgrades), two_upgrades.find("h2c"));
    const std::string none = interim + answer_with("Sec-WebSocket-Accept", "");
    EXPECT_EQ(offset_in(none), none.size());
    const std::string refused = interim + refusal("404 Not Found", "Content-Length: 0\r\n");
    EXPECT_EQ(offset_in(refused), refused.find("404"));
    const std::string malformed = interim + good_answer("X : y\r\n");
    EXPECT_EQ(offset_in(malformed), malformed.find("X :") + 1);
    upgrade_offer offer = example();
    offer.extensions = "permessage-deflate";
    const std::string bits =
        good_answer("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7\r\n");
    EXPECT_EQ(offset_in(bits, offer), bits.find("server_max_window_bits"));
}

TEST(ClientHandshake, AcceptsOnlyASubprotocolThatItHasOffered) {
    tests::proves({"6455-4.1-49", "6455-4.3-09"});
    const auto chosen = [](std::string_view offered, std::string_view answered) {
        upgrade_offer offer = example();
        offer.protocols = offered;
        return verdict_of(good_answer("Sec-WebSocket-Protocol: " + std::string(answered) + "\r\n"),
                          offer);
    };
    EXPECT_EQ(chosen("chat, superchat", "superchat"), error_code::none);
    EXPECT_EQ(chosen("chat", "superchat"), error_code::answer_protocol_unasked);
    EXPECT_EQ(chosen("superchat", "chat"), error_code::answer_protocol_unasked);
    EXPECT_EQ(chosen("", "chat"), error_code::answer_protocol_unasked);
    EXPECT_EQ(chosen("chat, superchat", "chat, superchat"), error_code::answer_protocol_malformed);
    EXPECT_EQ(chosen("chat", "chat;x"), error_code::answer_protocol_malformed);
    EXPECT_EQ(chosen("chat", ""), error_code::answer_protocol_malformed);
    EXPECT_EQ(chosen("", ""), error_code::answer_protocol_malformed);
    upgrade_offer offer = example();
    offer.protocols = "chat";
    EXPECT_EQ(verdict_of(good_answer(), offer), error_code::none);
}

TEST(ClientHandshake, AcceptsOnlyExtensionsThatItHasOffered) {
    tests::proves({"6455-4.1-48", "6455-9.1-02", "7692-5-10", "7692-5-15"});
    const std::string_view both = "foo; a=1, permessage-deflate";
    EXPECT_EQ(negotiated(both, "foo; b=2"), error_code::none);
    EXPECT_EQ(negotiated(both, "permessage-deflate , foo"), error_code::none);
    EXPECT_EQ(negotiated(both, "foo, bar"), error_code::answer_extension_unasked);
    EXPECT_EQ(negotiated(both, "a"), error_code::answer_extension_unasked);
    EXPECT_EQ(negotiated(both, "Permessage-Deflate"), error_code::answer_extension_unasked);
    EXPECT_EQ(negotiated("", "permessage-deflate"), error_code::answer_extension_unasked);
    EXPECT_EQ(negotiated("foo", "permessage-deflate"), error_code::answer_extension_unasked);
    EXPECT_EQ(negotiated(both, ""), error_code::answer_extensions_malformed);
    EXPECT_EQ(negotiated("", ""), error_code::answer_extensions_malformed);
    EXPECT_EQ(negotiated(both, "foo foo"), error_code::answer_extensions_malformed);
    EXPECT_EQ(negotiated(both, "permessage-deflate x"), error_code::answer_extensions_malformed);
    EXPECT_EQ(negotiated(both, "permessage-deflate, foo, permessage-deflate"),
              error_code::deflate_agreed_twice);
}

TEST(ClientHandshake, TellsTheParametersOfPermessageDeflate) {
    tests::proves({"6455-4.1-53", "7692-5-14"});
    handshake_client client;
    client.offer.extensions = "permessage-deflate; client_max_window_bits";
    const answer_outcome outcome = client.run(
        good_answer("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
                    "server_max_window_bits=\"10\"; client_max_window_bits=9\r\n"));
    ASSERT_TRUE(outcome.is_open()) << outcome;
    EXPECT_TRUE(outcome.has_deflate);
    EXPECT_EQ(outcome.deflate, (deflate_parameters{true, false, 10, 9}));
    EXPECT_EQ(outcome.extensions,
              "permessage-deflate; server_no_context_takeover; server_max_window_bits=\"10\"; "
              "client_max_window_bits=9");
    const answer_outcome declined = client.run(good_answer());
    ASSERT_TRUE(declined.is_open());
    EXPECT_FALSE(declined.has_deflate);
}

TEST(ClientHandshake, TakesAnAnswerThatFitsOneOfSeveralOffers) {
    tests::proves({"7692-5-02", "7692-7-08"});
    const std::string_view offers =
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits, "
        "permessage-deflate; server_no_context_takeover";
    EXPECT_EQ(negotiated(offers, "permessage-deflate; server_max_window_bits=10"),
              error_code::none);
    EXPECT_EQ(negotiated(offers, "permessage-deflate; server_no_context_takeover"),
              error_code::none);
    EXPECT_EQ(negotiated(offers, "permessage-deflate"), error_code::deflate_answer_unfit);
    EXPECT_EQ(negotiated(offers,
                         "permessage-deflate; server_no_context_takeover; "
                         "client_max_window_bits=10"),
              error_code::deflate_answer_unfit);
}

// ---- interim answers and refusals

TEST(ClientHandshake, SkipsAFewInterimAnswers) {
    tests::proves({"6455-4.1-50"});
    const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    std::string answer = good_answer();
    for (unsigned count = 1; count <= answer_reader::most_interim; ++count) {
        answer.insert(0, interim);
        const answer_outcome outcome = handshake_client{}.run(answer);
        EXPECT_TRUE(outcome.is_open()) << count;
        EXPECT_EQ(outcome.head_size, answer.size());
    }
    EXPECT_EQ(verdict_of(interim + answer), error_code::too_many_interim_answers);
    EXPECT_FALSE(handshake_client{}.run(interim + answer).has_head);
    EXPECT_EQ(verdict_of("HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n"),
              error_code::answer_has_coding);
    EXPECT_EQ(verdict_of("HTTP/1.0 100 x\r\n\r\n"), error_code::answer_version_not_1_1);
}

TEST(ClientHandshake, NeedsNoMoreThanTheLongestAnswer) {
    const http::head_limits limits{
        .start_line_bytes = 40, .field_line_bytes = 40, .field_block_bytes = 100};
    const std::size_t longest = answer_reader::longest_answer(limits);
    const std::string interim =
        "HTTP/1.1 103 Early Hints, of which many.\r\nLink: 01234567890123456789\r\n\r\n";
    const std::string last =
        "HTTP/1.1 404 Not Found in all our pages\r\nA: " + std::string(36, 'x') +
        "\r\nB: " + std::string(36, 'x') + "\r\n\r\n" + std::string(answer_reader::most_body, 'b');
    for (std::size_t count = 0; count < 9; ++count) {
        std::string answer;
        for (std::size_t i = 0; i < count; ++i) {
            answer += interim;
        }
        answer += last;
        const std::string_view seen = std::string_view{answer}.substr(0, longest);
        const answer_outcome outcome = handshake_client{.limits = limits}.run(seen);
        EXPECT_EQ(outcome.why,
                  count <= 2 ? error_code::upgrade_refused : error_code::too_many_interim_answers)
            << count << outcome;
    }
}

TEST(ClientHandshake, KeepsWhatARefusalSays) {
    tests::proves({"6455-4.1-44"});
    const handshake_client client;
    const std::string answer = refusal(
        "401 Who are you?", "WWW-Authenticate: Basic\r\nContent-Length: 5\r\n", "Hello, world");
    const answer_outcome outcome = client.run(answer);
    EXPECT_TRUE(outcome.has_failed());
    EXPECT_EQ(outcome.why, error_code::upgrade_refused);
    EXPECT_STREQ(facts_of(outcome.why).requirement, "6455-4.1-44");
    EXPECT_EQ(outcome.answered, 401);
    EXPECT_EQ(outcome.reason, "Who are you?");
    ASSERT_EQ(outcome.fields.size(), 2U);
    EXPECT_EQ(outcome.fields[0].second, "Basic");
    EXPECT_EQ(outcome.body, "Hello");
    for (std::size_t cut = 1; cut < answer.size(); ++cut) {
        ASSERT_EQ(client.run(answer, {cut}), outcome) << cut;
    }
    EXPECT_EQ(client.run_octet_by_octet(answer), outcome);
}

TEST(ClientHandshake, WaitsForARefusalsBodyAsLongAsItMayGoOn) {
    struct length {
        std::string_view status;
        std::string_view fields;
        std::size_t wanted;
    };
    constexpr std::size_t most = answer_reader::most_body;
    const length lengths[] = {
        {"404 x", "Content-Length: 0\r\n", 0},
        {"404 x", "Content-Length: 17\r\n", 17},
        {"404 x", "Content-Length: 4095\r\n", 4095},
        {"404 x", "Content-Length: 4097\r\n", most},
        {"404 x", "Content-Length: 99999999999999999999999999\r\n", most},
        {"404 x", "Content-Length: 1\r\nContent-Length: 1\r\n", most},
        {"404 x", "Content-Length: -1\r\n", most},
        {"404 x", "Content-Length:\r\n", most},
        {"404 x", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", most},
        {"404 x", "", most},
        {"204 x", "", 0},
        {"304 x", "Content-Length: 9\r\n", 0},
        {"200 x", "Upgrade: websocket\r\n", most},
        {"999 x", "Content-Length: 0\r\n", 0},
    };
    const std::string body(most + 1, 'b');
    for (const length& each : lengths) {
        const std::string head = refusal(each.status, each.fields);
        handshake_client client;
        SCOPED_TRACE(head);
        if (each.wanted != 0) {
            EXPECT_TRUE(client.run(head + body.substr(0, each.wanted - 1)).waits());
        }
        const answer_outcome outcome = client.run(head + body);
        EXPECT_EQ(outcome.why, error_code::upgrade_refused);
        EXPECT_EQ(outcome.body.size(), each.wanted);
        EXPECT_EQ(client.run(head + body.substr(0, each.wanted)), outcome);
        client.ends = true;
        const answer_outcome cut_short = client.run(head + body.substr(0, each.wanted / 2));
        EXPECT_EQ(cut_short.why, error_code::upgrade_refused);
        EXPECT_EQ(cut_short.body.size(), each.wanted / 2);
    }
}

TEST(ClientHandshake, SaysThatTheStreamEndedBeforeTheHeadDid) {
    tests::proves({"6455-4.1-50"});
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    for (const std::string& answer : {std::string(), interim, good_answer()}) {
        handshake_client client{.ends = true};
        for (std::size_t size = 0; size < answer.size(); ++size) {
            const answer_outcome outcome = client.run(answer.substr(0, size));
            EXPECT_EQ(outcome.why, error_code::answer_incomplete) << size;
            EXPECT_EQ(outcome.offset, size);
            EXPECT_FALSE(outcome.has_head);
        }
    }
    EXPECT_EQ((handshake_client{.ends = true}.run("").why), error_code::answer_incomplete);
    EXPECT_TRUE((handshake_client{.ends = true}.run(good_answer()).is_open()));
}

TEST(ClientHandshake, RefusesAHeadAtItsLimits) {
    const handshake_client small{
        .limits = {
            .start_line_bytes = 40, .field_line_bytes = 60, .field_block_bytes = 200, .fields = 4}};
    EXPECT_TRUE(small.run(good_answer()).is_open());
    EXPECT_TRUE(small.run(good_answer("X: y\r\n")).is_open());
    EXPECT_EQ(small.run(good_answer("X: y\r\nY: z\r\n")).why, error_code::too_many_fields);
    const std::string longest = "X: " + std::string(57, 'x');
    EXPECT_TRUE(small.run(good_answer(longest + "\r\n")).is_open());
    EXPECT_EQ(small.run(good_answer(longest + "x")).why, error_code::field_line_too_long);
    EXPECT_EQ(small.run("HTTP/1.1 101 " + std::string(28, 'x')).why,
              error_code::status_line_malformed);
    EXPECT_TRUE(small.run("HTTP/1.1 101 " + std::string(27, 'x')).waits());
}

TEST(ClientHandshake, KeepsItsVerdict) {
    answer_reader reader;
    std::string answer = good_answer();
    const upgrade_offer offer = example();
    const byte_span all{reinterpret_cast<std::uint8_t*>(answer.data()), answer.size()};
    const answer_reader::step first = reader.receive(all, offer, {});
    ASSERT_EQ(first.status, answer_reader::step::kind::open);
    answer.assign(answer.size(), 'x');
    EXPECT_EQ(reader.receive(all, offer, {}).size, first.size);
    EXPECT_EQ(reader.end(all, offer, {}).status, answer_reader::step::kind::open);

    answer_reader other;
    ASSERT_EQ(other.receive(all, offer, {}).why.code, error_code::status_line_malformed);
    EXPECT_EQ(other.end(all, offer, {}).why.code, error_code::status_line_malformed);
    EXPECT_FALSE(other.has_head());
}

}  // namespace
}  // namespace plainsong
