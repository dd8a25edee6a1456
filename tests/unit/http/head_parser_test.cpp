// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/http/head_parser.hpp>

#include "tests/support/guard_page.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::http {
namespace {

using verdict = head_step::kind;

struct judgement {
    verdict status = verdict::need_more;
    error_code why = error_code::none;
    std::size_t at = 0;  // the head's size, or the offset of the octet that is wrong

    bool operator==(const judgement&) const = default;
};

std::ostream& operator<<(std::ostream& out, const judgement& one) {
    return out << static_cast<int>(one.status) << ' ' << facts_of(one.why).name << " at " << one.at;
}

judgement judgement_of(const head_step& step) {
    return {step.status, step.why.code,
            step.status == verdict::done ? step.size : static_cast<std::size_t>(step.why.offset)};
}

/// The verdict on `text`, which has to be the same octet by octet.
judgement judge(std::string_view text, const head_limits& limits = {},
                head_kind kind = head_kind::request) {
    head_parser whole{kind};
    const judgement outcome = judgement_of(whole.feed(as_bytes(text), limits));
    head_parser slow{kind};
    judgement last;
    for (std::size_t i = 1; i <= text.size() && last.status == verdict::need_more; ++i) {
        last = judgement_of(slow.feed(as_bytes(text.substr(0, i)), limits));
    }
    EXPECT_EQ(last, outcome) << text.substr(0, 200);
    return outcome;
}

judgement done(std::size_t size) {
    return {verdict::done, error_code::none, size};
}

judgement failed(error_code why, std::size_t at) {
    return {verdict::failed, why, at};
}

std::string request_with(std::string_view fields) {
    return "GET / HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}
constexpr std::size_t block_at = 16;  // where the fields of request_with begin

TEST(HeadParser, FindsTheEndOfAHead) {
    EXPECT_EQ(judge("GET / HTTP/1.1\r\n\r\n"), done(18));
    EXPECT_EQ(judge(request_with("Host: h\r\n") + "rest"), done(27));
    EXPECT_EQ(judge(""), judgement{});
    EXPECT_EQ(judge("GET / HTTP/1.1\r\nA: b\r\n\r"), judgement{});
}

TEST(HeadParser, SkipsAsManyEmptyLinesAsItMay) {
    tests::proves({"9112-2.2-04"});
    EXPECT_EQ(judge("\r\nGET / HTTP/1.1\r\n\r\n"), done(20));
    EXPECT_EQ(judge("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), failed(error_code::too_many_empty_lines, 2));
    EXPECT_EQ(judge("\r\n\r\nGET / HTTP/1.1\r\n\r\n", {.empty_lines = 2}), done(22));
    EXPECT_EQ(judge("\rGET / HTTP/1.1\r\n\r\n"), failed(error_code::line_end_malformed, 1));
    EXPECT_EQ(judge("\nGET / HTTP/1.1\r\n\r\n"), failed(error_code::request_illegal_byte, 0));
}

TEST(HeadParser, NamesTheFirstWrongOctetOfTheRequestLine) {
    tests::proves({"9112-2.2-06", "9112-3.2-02", "9112-2.3-01"});
    const auto rest = " HTTP/1.1\r\n\r\n";
    using code = error_code;
    EXPECT_EQ(judge(std::string(" GET /") + rest), failed(code::request_line_malformed, 0));
    EXPECT_EQ(judge(std::string("G\"T /") + rest), failed(code::request_line_malformed, 1));
    EXPECT_EQ(judge(std::string("GET\t/") + rest), failed(code::request_line_malformed, 3));
    EXPECT_EQ(judge(std::string("GET  /") + rest), failed(code::request_target_malformed, 4));
    EXPECT_EQ(judge(std::string("GET /a#") + rest), failed(code::request_target_malformed, 6));
    EXPECT_EQ(judge(std::string("GET /%4g") + rest), failed(code::request_target_malformed, 7));
    EXPECT_EQ(judge(std::string("GET /a\x01") + rest), failed(code::request_illegal_byte, 6));
    EXPECT_EQ(judge("GET /\r\n\r\n"), failed(code::request_line_malformed, 5));
    EXPECT_EQ(judge("GET / \r\n\r\n"), failed(code::request_line_malformed, 6));
    EXPECT_EQ(judge("GET / http/1.1\r\n\r\n"), failed(code::request_line_malformed, 6));
    EXPECT_EQ(judge("GET / HTTP/11\r\n\r\n"), failed(code::request_line_malformed, 12));
    EXPECT_EQ(judge("GET / HTTP/1.10\r\n\r\n"), failed(code::request_line_malformed, 14));
    EXPECT_EQ(judge("GET / HTTP/1.1 \r\n\r\n"), failed(code::request_line_malformed, 14));
    EXPECT_EQ(judge("GET / HTTP/1.1\rX"), failed(code::line_end_malformed, 15));
    EXPECT_EQ(judge("GET / HTTP/1.1\n\r\n"), failed(code::request_illegal_byte, 14));
}

TEST(HeadParser, JudgesVersionBeforeFormOfTarget) {
    EXPECT_EQ(judge("PRI * HTTP/2.0\r\n"), failed(error_code::http_major_unsupported, 11));
    EXPECT_EQ(judge("GET / HTTP/0.9\r\n"), failed(error_code::http_major_unsupported, 11));
    EXPECT_EQ(judge("GET * HTTP/1.0\r\n"), failed(error_code::http_version_not_1_1, 13));
    EXPECT_EQ(judge("GET * HTTP/1.1\r\n"), failed(error_code::request_target_malformed, 4));
}

TEST(HeadParser, KnowsWhichTargetBelongsToWhichMethod) {
    const auto status = [](std::string_view method, std::string_view target) {
        std::string text{method};
        text.append(" ").append(target).append(" HTTP/1.1\r\n\r\n");
        return judge(text).status;
    };
    EXPECT_EQ(status("OPTIONS", "*"), verdict::done);
    EXPECT_EQ(status("POST", "*"), verdict::failed);
    EXPECT_EQ(status("CONNECT", "h:80"), verdict::done);
    EXPECT_EQ(status("CONNECT", "/chat"), verdict::done);
    EXPECT_EQ(status("GET", "h:80"), verdict::failed);
    EXPECT_EQ(status("GET", "http://[::1]:80/a?b"), verdict::done);
    EXPECT_EQ(status("GET", "wss://h/a"), verdict::done);
    EXPECT_EQ(status("GET", "ftp://h/a"), verdict::failed);
    EXPECT_EQ(status("GET", "h[a]"), verdict::failed);
}

TEST(HeadParser, TakesWhatBrowsersLeaveUnescaped) {
    const auto status = [](std::string_view target) {
        return judge("GET " + std::string{target} + " HTTP/1.1\r\n\r\n").status;
    };
    EXPECT_EQ(status("/[a]|^?b[]=1&c={}|^`\\?"), verdict::done);
    for (const std::string_view refused :
         {"/{a", "/a}", "/`", "/\\", "/\"", "/<", "/a?\"", "/a?<", "/a?>", "/a?#", "/a?\x80"}) {
        EXPECT_EQ(status(refused), verdict::failed) << refused;
    }
}

TEST(HeadParser, LimitsTheRequestLine) {
    tests::proves({"9112-3-02", "9112-3-03"});
    const auto line_of = [](std::size_t size) {
        return "GET /" + std::string(size - 14, 'a') + " HTTP/1.1";
    };
    EXPECT_EQ(judge(line_of(8192) + "\r\n\r\n"), done(8196));
    EXPECT_EQ(judge(line_of(8193) + "\r\n\r\n"), failed(error_code::request_line_too_long, 8192));
    EXPECT_EQ(judge("\r\n" + line_of(8192) + "\r\n\r\n"), done(8198));
    for (std::size_t limit = 1; limit < 20; ++limit) {
        const auto small = static_cast<std::uint32_t>(limit);
        EXPECT_EQ(judge(line_of(20) + "\r\n\r\n", {.start_line_bytes = small}),
                  failed(error_code::request_line_too_long, limit));
    }
    EXPECT_EQ(judge(line_of(20) + "\r\n\r\n", {.start_line_bytes = 20}), done(24));
    EXPECT_EQ(judge("GET /aaaa\x01", {.start_line_bytes = 9}),
              failed(error_code::request_illegal_byte, 9));
    EXPECT_EQ(judge("GET /aa%20", {.start_line_bytes = 8}),
              failed(error_code::request_line_too_long, 8));
}

TEST(HeadParser, NamesTheFirstWrongOctetOfAField) {
    tests::proves({"9112-2.2-02", "9112-2.2-03", "9112-2.2-05", "9112-5.1-01", "9112-5.2-01"});
    using code = error_code;
    const auto judge_fields = [](std::string_view fields) {
        judgement outcome = judge(request_with(fields));
        outcome.at -= block_at;
        return outcome;
    };
    EXPECT_EQ(judge_fields(" A: b\r\n"), failed(code::field_malformed, 0));
    EXPECT_EQ(judge_fields("A : b\r\n"), failed(code::field_malformed, 1));
    EXPECT_EQ(judge_fields("A\t: b\r\n"), failed(code::field_malformed, 1));
    EXPECT_EQ(judge_fields(": b\r\n"), failed(code::field_malformed, 0));
    EXPECT_EQ(judge_fields("A\r\n"), failed(code::field_malformed, 1));
    EXPECT_EQ(judge_fields("A\xe9: b\r\n"), failed(code::field_malformed, 1));
    EXPECT_EQ(judge_fields("A: b\r\n c\r\n"), failed(code::field_folded, 6));
    EXPECT_EQ(judge_fields("A: b\nC: d\r\n"), failed(code::line_end_malformed, 4));
    EXPECT_EQ(judge_fields("A: b\r\n\n"), failed(code::line_end_malformed, 6));
    EXPECT_EQ(judge_fields("A: b\rC: d\r\n"), failed(code::line_end_malformed, 5));
    EXPECT_EQ(judge_fields("A: b\r\n\rX"), failed(code::line_end_malformed, 7));
    EXPECT_EQ(judge_fields(std::string_view("A: \0b\r\n", 7)),
              failed(code::request_illegal_byte, 3));
    EXPECT_EQ(judge_fields("A: b\x7f\r\n"), failed(code::request_illegal_byte, 4));
}

TEST(HeadParser, TakesAnyOctetThatAFieldMayHold) {
    tests::proves({"9112-2.2-01"});
    for (int octet = 0; octet < 256; ++octet) {
        const char c = static_cast<char>(octet);
        const bool in_value = octet == '\t' || (octet >= 0x20 && octet != 0x7f);
        const std::string value = request_with(std::string("A: x") + c + "y\r\n");
        EXPECT_EQ(judge(value).status == verdict::done, in_value) << octet;
        const bool in_name = octet < 128 && octet > 0x20 && octet != 0x7f &&
                             std::string_view("\"(),/;<=>?@[\\]{}").find(c) == std::string::npos;
        const std::string name = request_with(std::string("A") + c + "B: y\r\n");
        EXPECT_EQ(judge(name).status == verdict::done, in_name) << octet;
    }
}

// Values are judged eight octets at a time, so each octet is put at each place of eight.
TEST(HeadParser, TakesAnOctetWhereverItStandsInAValue) {
    for (int octet = 0; octet < 256; ++octet) {
        const bool is_text = octet == '\t' || (octet >= 0x20 && octet != 0x7f);
        for (std::size_t place = 0; place < 9; ++place) {
            std::string value(24, octet % 2 == 0 ? '~' : '\xff');
            value[place] = static_cast<char>(octet);
            const judgement outcome = judge(request_with("A:" + value + "\r\n"));
            ASSERT_EQ(outcome.status == verdict::done, is_text) << octet << " at " << place;
        }
    }
}

// Each pair of small limits, against the definition of both.
TEST(HeadParser, AppliesTheLimitOfALineAndOfTheBlockTogether) {
    for (std::uint32_t line = 1; line < 12; ++line) {
        for (std::uint32_t block = 1; block < 24; ++block) {
            for (std::size_t first = 2; first < 10; ++first) {
                for (std::size_t second = 2; second < 10; ++second) {
                    const std::string fields = "A:" + std::string(first - 2, 'x') +
                                               "\r\nB:" + std::string(second - 2, 'y') + "\r\n";
                    const bool fits = first <= line && second <= line && fields.size() <= block;
                    const judgement outcome =
                        judge(request_with(fields),
                              {.field_line_bytes = line, .field_block_bytes = block});
                    ASSERT_EQ(outcome.status == verdict::done, fits)
                        << line << ' ' << block << ' ' << first << ' ' << second;
                }
            }
        }
    }
}

TEST(HeadParser, LimitsEachFieldLine) {
    const auto line_of = [](std::size_t size) { return "A: " + std::string(size - 3, 'b'); };
    EXPECT_EQ(judge(request_with(line_of(8192) + "\r\n")).status, verdict::done);
    EXPECT_EQ(judge(request_with(line_of(8193) + "\r\n")),
              failed(error_code::field_line_too_long, block_at + 8192));
    EXPECT_EQ(judge(request_with("X: y\r\n" + std::string(9000, 'a'))),
              failed(error_code::field_line_too_long, block_at + 6 + 8192));
    EXPECT_EQ(judge(request_with("AB: c\r\n"), {.field_line_bytes = 2}),
              failed(error_code::field_line_too_long, block_at + 2));
    EXPECT_EQ(judge(request_with("A\x01: c\r\n"), {.field_line_bytes = 1}),
              failed(error_code::request_illegal_byte, block_at + 1));
}

TEST(HeadParser, LimitsTheBlockOfFields) {
    const std::string line = "A: " + std::string(1019, 'b') + "\r\n";  // 1024 octets
    std::string block;
    for (int i = 0; i < 16; ++i) {
        block += line;
    }
    EXPECT_EQ(judge(request_with(block)).status, verdict::done);
    EXPECT_EQ(judge(request_with(block + "C")),
              failed(error_code::head_too_long, block_at + 16384));
    const std::string longer = block.substr(0, block.size() - 2) + "b\r\n";
    EXPECT_EQ(judge(request_with(longer)), failed(error_code::head_too_long, block_at + 16382));
    const head_limits limits;
    EXPECT_LE(block_at + block.size() + 2, limits.longest_head());
}

TEST(HeadParser, LimitsTheNumberOfFields) {
    std::string fields;
    for (int i = 0; i < 100; ++i) {
        fields += "a: b\r\n";
    }
    EXPECT_EQ(judge(request_with(fields)).status, verdict::done);
    EXPECT_EQ(judge(request_with(fields + "Sec-WebSocket-Key: x\r\n")),
              failed(error_code::too_many_fields, block_at + fields.size()));
    EXPECT_EQ(judge(request_with(fields), {.fields = 99}),
              failed(error_code::too_many_fields, block_at + fields.size() - 6));
    EXPECT_EQ(judge(request_with(fields + "a: b\r\n"), {.fields = 1000}).why,
              error_code::too_many_fields);
    EXPECT_EQ(judge(request_with(""), {.fields = 0}).status, verdict::done);
}

TEST(HeadParser, AcceptsAFoldWhereItIsAllowed) {
    tests::proves({"9112-5.2-01", "9112-5.2-02"});
    const head_limits lenient{.lenient_fold = true};
    std::string text = request_with("A: one,\r\n  two\r\n\tthree\r\nB:\r\n c \r\nD: e\r\n \r\n");
    ASSERT_EQ(judge(text, lenient), done(text.size()));
    request_head head;
    read_head({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, head);
    ASSERT_EQ(head.fields.size(), 3U);
    EXPECT_EQ(head.fields.all()[0].value, "one,    two  \tthree");
    EXPECT_EQ(head.fields.all()[1].value, "c");
    EXPECT_EQ(head.fields.all()[2].value, "e");
    EXPECT_EQ(judge(request_with(" A: b\r\n"), lenient).why, error_code::field_malformed);
    EXPECT_EQ(
        judge(request_with("A: b\r\n cde\r\n"), {.field_line_bytes = 8, .lenient_fold = true}),
        failed(error_code::field_line_too_long, block_at + 8));
}

TEST(HeadParser, KnowsWhenTheRequestLineIsComplete) {
    const std::string text = request_with("A: b\r\n");
    for (std::size_t i = 0; i <= text.size(); ++i) {
        head_parser parser;
        (void)parser.feed(as_bytes(text).first(i), {});
        EXPECT_EQ(parser.start_line_complete(), i >= block_at) << i;
    }
    head_parser parser;
    (void)parser.feed(as_bytes("GET / HTTP/1.0\r\n"), {});
    EXPECT_FALSE(parser.start_line_complete());
}

TEST(HeadParser, KnowsAHeadRequestBeforeItsEnd) {
    const auto is_head = [](std::string_view text) {
        head_parser parser;
        (void)parser.feed(as_bytes(text), {});
        return parser.is_head_request(as_bytes(text));
    };
    EXPECT_TRUE(is_head("HEAD / HTTP/1.1\r\nA: \x01"));
    EXPECT_TRUE(is_head("\r\nHEAD /"));
    EXPECT_FALSE(is_head("HEAD"));
    EXPECT_FALSE(is_head("HEADER / HTTP/1.1\r\n"));
    EXPECT_FALSE(is_head("GET / HTTP/1.1\r\n"));
    EXPECT_FALSE(is_head(""));
}

TEST(HeadParser, KeepsItsVerdict) {
    head_parser parser;
    const std::string text = request_with("") + "more";
    EXPECT_EQ(judgement_of(parser.feed(as_bytes(text).first(18), {})), done(18));
    EXPECT_EQ(judgement_of(parser.feed(as_bytes(text), {})), done(18));
    head_parser wrong;
    const judgement first = judgement_of(wrong.feed(as_bytes("G\"ET"), {}));
    EXPECT_EQ(first, failed(error_code::request_line_malformed, 1));
    EXPECT_EQ(judgement_of(wrong.feed(as_bytes("G\"ET / HTTP/1.1\r\n\r\n"), {})), first);
}

// The octets of the fields that were judged are made illegal before the next call: a parser that
// looked at one of them again would refuse the head.
TEST(HeadParser, LooksAtEachOctetOfAFieldOnce) {
    tests::proves({"6455-10.7-01"});
    std::string fields;
    for (int i = 0; i < 15; ++i) {
        fields += "Name-" + std::to_string(i) + ": " + std::string(1000, 'v') + "\r\n";
    }
    std::string text = request_with(fields);
    head_parser parser;
    head_step step;
    for (std::size_t end = 1; end <= text.size(); ++end) {
        ASSERT_EQ(step.status, verdict::need_more);
        step = parser.feed(as_bytes(text).first(end), {});
        ASSERT_EQ(parser.judged(), end);
        if (end > block_at) {
            text[end - 1] = '\0';
        }
    }
    EXPECT_EQ(judgement_of(step), done(text.size()));
}

TEST(HeadParser, NeverLooksBehindItsOctets) {
    const std::string text = "\r\nGET /%41 HTTP/1.1\r\nA: b\r\nLong-Name:\tvalue \r\n\r\n";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        tests::guarded_memory memory{text.size()};
        const byte_span octets = memory.at_end(size);
        std::copy_n(text.begin(), size, octets.begin());
        head_parser parser;
        EXPECT_EQ(parser.feed(octets, {}).status,
                  size == text.size() ? verdict::done : verdict::need_more);
        if (size == text.size()) {
            request_head head;
            read_head(octets, head);
            EXPECT_EQ(head.fields.size(), 2U);
        }
    }
}

TEST(ReadHead, NamesThePartsOfARequest) {
    std::string text = "\r\nGET /a?b HTTP/1.3\r\nA:b\r\nB: \t c d\t \r\nEmpty:\r\nA: e:f\r\n\r\n";
    ASSERT_EQ(judge(text), done(text.size()));
    request_head head;
    head.fields.add({"left", "over"});
    read_head({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, head);
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.minor_version, 3);
    ASSERT_EQ(head.fields.size(), 4U);
    EXPECT_EQ(head.fields.all()[0].name, "A");
    EXPECT_EQ(head.fields.all()[0].value, "b");
    EXPECT_EQ(head.fields.all()[1].value, "c d");
    EXPECT_EQ(head.fields.all()[2].value, "");
    EXPECT_EQ(head.fields.all()[3].value, "e:f");
}

TEST(ReadHead, NamesThePartsOfAResponse) {
    tests::proves({"9112-5.2-02"});
    std::string text = "HTTP/1.1 101 Switching Protocols\r\nA: one\r\n two\r\n\r\n";
    ASSERT_EQ(judge(text, {}, head_kind::response), done(text.size()));
    response_head head;
    read_head({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, head);
    EXPECT_EQ(head.status, 101);
    EXPECT_EQ(head.reason, "Switching Protocols");
    EXPECT_EQ(head.major_version, 1);
    EXPECT_EQ(head.minor_version, 1);
    ASSERT_EQ(head.fields.size(), 1U);
    EXPECT_EQ(head.fields.all()[0].value, "one   two");
    for (std::string_view line : {"HTTP/2.0 204 \r\n\r\n", "HTTP/2.0 204\r\n\r\n"}) {
        std::string octets{line};
        ASSERT_EQ(judge(octets, {}, head_kind::response), done(octets.size()));
        read_head({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()}, head);
        EXPECT_EQ(head.status, 204);
        EXPECT_EQ(head.reason, "");
        EXPECT_EQ(head.major_version, 2);
        EXPECT_EQ(head.fields.size(), 0U);
    }
}

TEST(HeadParser, JudgesAStatusLine) {
    const auto judge_line = [](std::string_view line) {
        return judge(std::string(line) + "\r\n\r\n", {}, head_kind::response);
    };
    EXPECT_EQ(judge_line("HTTP/1.1 101 caf\xc3\xa9\tok").status, verdict::done);
    using code = error_code;
    EXPECT_EQ(judge_line("http/1.1 101 x"), failed(code::status_line_malformed, 0));
    EXPECT_EQ(judge_line("HTTP/1.1 1010 x"), failed(code::status_line_malformed, 12));
    EXPECT_EQ(judge_line("HTTP/1.1 +101 x"), failed(code::status_line_malformed, 9));
    EXPECT_EQ(judge_line("HTTP/1.1  101 x"), failed(code::status_line_malformed, 9));
    EXPECT_EQ(judge_line("HTTP/1.1 10"), failed(code::status_line_malformed, 11));
    EXPECT_EQ(judge_line("HTTP/11 101 x"), failed(code::status_line_malformed, 6));
    EXPECT_EQ(judge_line("HTTP/1.1 101 a\x01"), failed(code::request_illegal_byte, 14));
    EXPECT_EQ(judge_line("\r\nHTTP/1.1 101 x").status, verdict::failed);
    EXPECT_EQ(judge("HTTP/1.1 101 x\nA: b\r\n\r\n", {}, head_kind::response).status,
              verdict::failed);
    EXPECT_EQ(judge("HTTP/1.1 101 " + std::string(9000, 'x'), {}, head_kind::response),
              failed(code::status_line_malformed, 8192));
    EXPECT_EQ(judge("HTTP/1.1 101 xyz\r\n\r\n", {.start_line_bytes = 16}, head_kind::response),
              done(20));
}

}  // namespace
}  // namespace plainsong::http
