// SPDX-License-Identifier: MIT
// conform_case_file_test.cpp — the text form of conformance cases, and the cases themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tools/conform_case_file.hpp"

namespace plainsong::conform {
namespace {

const std::string preamble =
    "group 1 \"One\"\n"
    "defaults\n"
    "    closed by tester with 1000 cleanly\n"
    "    give up after 1s\n";

struct outcome {
    std::string complaint;
    std::vector<conform_case> cases;
};

outcome read(const std::string& text) {
    outcome out;
    out.complaint = read_case_file("f", text, out.cases);
    return out;
}

/// One case whose statements are those.
outcome read_case(const std::string& statements) {
    return read(preamble + "case 1.1 \"t\"\n" + statements);
}

std::string complaint_of(const std::string& statements) {
    return read_case(statements).complaint;
}

TEST(ConformCaseFile, ReadsWhatAFrameIsToBeAgainstItsRole) {
    const outcome out = read_case(
        "    send close unmasked code:1000; head text masked length=1 unfinished\n"
        "    expect nothing\n");
    ASSERT_EQ(out.complaint, "");
    const std::vector<step>& steps = out.cases[0].steps;
    EXPECT_EQ(steps.at(0).masked, false);
    EXPECT_FALSE(begins_closing(steps[0]));  // the peer is to fail the connection for it
    EXPECT_EQ(steps.at(1).masked, true);
}

TEST(ConformCaseFile, ReadsACase) {
    const outcome out = read_case(
        "    send text fin=0 rsv=5 \"ab\" hex:00ff \"xy\" x 2 in chops of 3 alone\n"
        "    send opcode=11; send close code:1002 \"why\"\n"
        "    wait 20ms then note A\n"
        "    expect pong \"p\", text of 64K,\n"
        "           3 binary \"ab\" up to 5, noted A\n"
        "    tolerate nothing\n"
        "    closed by peer with 1002 1007\n"
        "    fail after 2s\n"
        "    rules 6455-5.2-01\n");
    ASSERT_EQ(out.complaint, "");
    ASSERT_EQ(out.cases.size(), 1U);
    const conform_case& made = out.cases[0];
    EXPECT_EQ(made.id, "1.1");
    EXPECT_EQ(made.group, "One");
    ASSERT_EQ(made.steps.size(), 4U);
    EXPECT_EQ(made.steps[0].body.octets(), std::string("ab\0\xffxyxy", 8));
    EXPECT_FALSE(made.steps[0].fin);
    EXPECT_EQ(made.steps[0].rsv, 5);
    EXPECT_FALSE(made.steps[0].masked.has_value());
    EXPECT_EQ(made.steps[0].chop_bytes, 3U);
    EXPECT_TRUE(made.steps[0].alone);
    EXPECT_EQ(made.steps[1].opcode, 11);
    EXPECT_EQ(made.steps[2].body.octets(), "\x03\xeawhy");
    EXPECT_EQ(made.steps[3].pause, milliseconds(20));
    ASSERT_EQ(made.accepted.size(), 1U);
    ASSERT_EQ(made.accepted[0].size(), 4U);
    EXPECT_EQ(made.accepted[0][1].body.size(), 65536U);
    EXPECT_TRUE(made.accepted[0][1].only_size);
    EXPECT_EQ(made.accepted[0][2].times, 3U);
    EXPECT_EQ(made.accepted[0][2].body.octets(), "ababa");
    ASSERT_EQ(made.tolerated.size(), 1U);
    EXPECT_TRUE(made.tolerated[0].empty());
    EXPECT_FALSE(made.closed_by_tester);
    EXPECT_FALSE(made.cleanly);
    EXPECT_EQ(made.codes, (std::vector<std::uint16_t>{1002, 1007}));
    EXPECT_EQ(made.weight(), case_weight::heavy);
    EXPECT_EQ(made.patience, milliseconds(2000));
}

TEST(ConformCaseFile, KeepsMuchWorkApart) {
    const std::string light =
        "    send ping\n    expect nothing\n    give up after 1s\n    closed by tester with 1000\n";
    EXPECT_EQ(read_case(light).cases.at(0).weight(), case_weight::light);
    EXPECT_EQ(read_case(light + "    runs apart\n").cases.at(0).weight(), case_weight::bulk);
    EXPECT_NE(complaint_of(light + "    runs\n"), "");
}

TEST(ConformCaseFile, MakesACaseOfEachRow) {
    const outcome out = read(preamble +
                             "case 1.$n \"size $size\"  # a family\n"
                             "    | n   | size | what  |\n"
                             "    | 1   | 7    | \"a$b\" |\n"
                             "    | 2.1 | 8    |       |\n"
                             "    send text $what x $size\n"
                             "    expect nothing\n");
    // The second row leaves nothing to repeat.
    EXPECT_EQ(out.complaint, "f:9: 'x' is not understood here");
    ASSERT_EQ(out.cases.size(), 1U);
    EXPECT_EQ(out.cases[0].title, "size 7");
    EXPECT_EQ(out.cases[0].steps[0].body.size(), 21U);
    EXPECT_EQ(out.cases[0].steps[0].body.octets().substr(0, 4), "a$ba");
}

TEST(ConformCaseFile, MultipliesTables) {
    const outcome out = read("table sizes\n    | size |\n    | 1 |\n    | 2 |\n" + preamble +
                             "case 1.$n.$size \"$what of $size\"\n"
                             "    | n | what   |\n"
                             "    | 1 | text   |\n"
                             "    | 2 | binary |\n"
                             "    times sizes\n"
                             "    send $what \"*\" x $size; expect nothing\n"
                             "case 1.3.$size \"alone\"\n"
                             "    times sizes\n"
                             "    send ping; expect nothing\n");
    ASSERT_EQ(out.complaint, "");
    std::string ids;
    for (const conform_case& each : out.cases) {
        ids += each.id + " ";
    }
    EXPECT_EQ(ids, "1.1.1 1.1.2 1.2.1 1.2.2 1.3.1 1.3.2 ");
    EXPECT_EQ(out.cases[3].title, "binary of 2");
    EXPECT_EQ(out.cases[3].steps[0].body.size(), 2U);
    EXPECT_EQ(read("table empty\n    | size |\n").complaint,
              "f:1: a table has rows, and nothing else");
}

TEST(ConformCaseFile, ReadsWhatIsCompressed) {
    const outcome out = read_case(
        "    offer \"a; b\", \"c\"\n"
        "    answer \"d\", \"\"\n"
        "    send text \"x\" compressed in frames of 2\n"
        "    converse 7 binary of 1K from bitmap compressed in one frame\n"
        "    expect text \"x\", 7 echo\n"
        "    fail after 1s\n");
    ASSERT_EQ(out.complaint, "");
    const conform_case& made = out.cases[0];
    EXPECT_EQ(made.compression.offer, "a; b, c");
    EXPECT_EQ(made.compression.answers, (std::vector<std::string>{"d", ""}));
    EXPECT_TRUE(made.steps[0].compressed);
    EXPECT_EQ(made.steps[0].frame_bytes, 2U);
    EXPECT_EQ(made.steps[1].corpus, "bitmap");
    EXPECT_EQ(made.steps[1].message_bytes, 1024U);
    EXPECT_TRUE(made.steps[1].compressed);
    EXPECT_EQ(made.accepted[0][1].what, event_kind::echo);
    EXPECT_EQ(made.weight(), case_weight::bulk);
    EXPECT_TRUE(made.compression.is_met_by({.agreed = true}));
    EXPECT_FALSE(made.compression.is_met_by({}));
}

TEST(ConformCaseFile, ReadsWhatMustBeAgreed) {
    const conform_case made = read_case(
                                  "    offer \"a\"; answer \"b\"; needs window 9 to 12\n"
                                  "    needs no takeover\n"
                                  "    send text blocks stored \"a\", fixed \"b\" copy 3 back 1\n"
                                  "    expect text noise:3\n")
                                  .cases.at(0);
    EXPECT_EQ(made.steps[0].rsv, 4);
    EXPECT_EQ(made.accepted[0][0].body.size(), 3U);
    const auto meets = [&made](unsigned bits, bool forgets) {
        return made.compression.is_met_by(
            {.agreed = true, .tester_bits = bits, .tester_forgets = forgets});
    };
    EXPECT_TRUE(meets(9, true) && meets(12, true));
    EXPECT_FALSE(meets(8, true) || meets(13, true) || meets(10, false));

    const outcome refusing = read_case(
        "    for servers; offer \"a\"; must decline; send text; expect text\n"
        "case 1.2 \"t\"\n"
        "    for clients; answer exactly \"a\"; send text; expect text\n");
    ASSERT_EQ(refusing.complaint, "");
    EXPECT_TRUE(refusing.cases[0].compression.is_met_by({}));
    EXPECT_TRUE(refusing.cases[1].compression.is_met_by({}));
    EXPECT_EQ(refusing.cases[1].compression.exact_answer, "a");
}

TEST(ConformCaseFile, LetsACaseReplaceWhatTheDefaultsSet) {
    const outcome out = read_case("    send text\n    expect text\n    close after 5ms\n");
    ASSERT_EQ(out.complaint, "");
    EXPECT_EQ(out.cases[0].patience, milliseconds(5));
    EXPECT_EQ(out.cases[0].then, patience_end::close);
    EXPECT_TRUE(out.cases[0].cleanly);
}

TEST(ConformCaseFile, NamesTheLineOfAnError) {
    const std::map<std::string, std::string> wrong = {
        {"    sned text\n", "f:6: there is no statement 'sned'"},
        {"    send\n",
         "f:6: no opcode: one of text, binary, continuation, close, ping, pong, opcode=N"},
        {"    send opcode=16\n", "f:6: opcode= takes a number up to 15"},
        {"    send text rsv=8\n", "f:6: rsv= takes a number up to 7"},
        {"    send text \"a\n", "f:6: a text has no end"},
        {"    send text \"\\n\"\n", "f:6: an escape is \\\", \\\\ or \\xHH"},
        {"    send text hex:0\n", "f:6: hex: wants pairs of digits"},
        {"    send text hex:0g\n", "f:6: hex: wants pairs of digits"},
        {"    send close code:65536\n", "f:6: code: wants a number up to 65535"},
        {"    send text \"\" x 0 up to 2\n", "f:6: 'up' is not understood here"},
        {"    send text \"\" up to 2\n", "f:6: nothing can't be repeated"},
        {"    send text in frames of 0\n", "f:6: that can't be cut so"},
        {"    send ping in frames of 1\n", "f:6: that can't be cut so"},
        {"    send text in pieces\n", "f:6: in frames of N, or in chops of N"},
        {"    send text twice\n", "f:6: 'twice' is not understood here"},
        {"    send text $x\n", "f:6: there is no column 'x'"},
        {"    wait long\n", "f:6: a duration is missing, such as 500ms or 1s"},
        {"    head text\n", "f:6: length=N is missing"},
        {"    converse 0 text\n", "f:6: a conversation is of one text or binary message or more"},
        {"    expect ping\n",
         "f:6: what is expected is text, binary, echo, pong, noted or nothing"},
        {"    closed by nobody with 1\n", "f:6: 'peer' is missing"},
        {"    closed by peer with\n", "f:6: with which codes?"},
        {"    give in after 1s\n", "f:6: 'up' is missing"},
        {"    close after 0s\n", "f:6: a duration is missing, such as 500ms or 1s"},
        {"    wrong way fails\n", "f:6: 'code' is missing"},
        {"    rules\n", "f:6: which rules?"},
        {"    offer x\n", "f:6: offer \"EXTENSION\", \"EXTENSION\" …"},
        {"    answer \"\", x\n", "f:6: answer \"PARAMETERS\", \"PARAMETERS\" …"},
        {"    send text fin=0 \"a\" compressed\n", "f:6: only whole messages are compressed"},
        {"    send ping compressed\n", "f:6: only whole messages are compressed"},
        {"    send text in one piece\n", "f:6: 'frame' is missing"},
        {"    converse 1 text of 64\n", "f:6: 'from' is missing"},
        {"    converse 1 text of 64 from news\n", "f:6: there is no corpus 'news'"},
        {"    converse 1 text of 3 from json\n",
         "f:6: a corpus can't be cut into messages of that size"},
        {"    send text; expect text; offer \"a\"\n",
         "f:5: the case compresses, but doesn't say what it answers"},
        {"    send text compressed; expect text\n",
         "f:5: the case compresses, but doesn't offer to"},
        {"    needs window 9\n", "f:6: 'to' is missing"},
        {"    needs no\n", "f:6: 'takeover' is missing"},
        {"    answer exactly x\n", "f:6: answer exactly \"EXTENSIONS\""},
        {"    must accept\n", "f:6: 'decline' is missing"},
        {"    send text noise:1M\n", "f:6: noise: wants a size up to 256K"},
        {"    send text; expect text; offer \"a\"; must decline; answer \"\"\n",
         "f:5: what must be declined is for one side only"},
        {"    times unknown\n", "f:6: there is no table 'unknown'"},
        {"    | a |\n    | b | c |\n", "f:7: the row has 2 cells, the table 1"},
        {"    | a |\n    send text\n", "f:5: the table has no row"},
        {"    expect text\n", "f:5: the case does nothing"},
        {"    send text\n", "f:5: the case doesn't say what it expects"},
        {"    send text\n    expect noted A\n", "f:5: nothing notes A"},
        {"    head text length=2\n    part \"abc\"\n    expect nothing\n",
         "f:5: the parts have 3 octets, the heads announce 2"},
        {"    send text; expect text\ncase 1.1 \"t\"\n    send text; expect text\n",
         "f:7: there are two cases 1.1"},
        {"    send text; expect text\ncase 2.1 \"t\"\n    send text; expect text\n",
         "f:7: '2.1' is no case of group 1"},
    };
    for (const auto& [statements, complaint] : wrong) {
        EXPECT_EQ(complaint_of(statements), complaint) << statements;
    }
}

TEST(ConformCaseFile, NamesTheLineOfAWrongBlock) {
    EXPECT_EQ(read("case 1.1 \"t\"\n").complaint, "f:1: a file begins with its group");
    EXPECT_EQ(read("group 1\n").complaint, "f:1: group NUMBER \"TITLE\"");
    EXPECT_EQ(read("group 1 \"t\"\n    send text\n").complaint,
              "f:2: this line belongs to no block");
    EXPECT_EQ(read("group 1 \"t\"\nchase 1.1 \"t\"\n").complaint,
              "f:2: a block is group NUMBER \"TITLE\", defaults, table NAME, or case ID \"TITLE\"");
    EXPECT_EQ(read("group 1 \"t\"\ndefaults\n    send text\n").complaint,
              "f:3: 'send' can't be a default");
    EXPECT_EQ(read("group 1 \"t\"\ncase 1.1 \"t\"\n    send text; expect text\n").complaint,
              "f:2: the case doesn't say who closes");
}

/// Returns: the lines of a table of the repository, without its comments, cell by cell.
std::vector<std::vector<std::string>> table(const std::string& path) {
    std::ifstream in(path);
    EXPECT_TRUE(in) << path;
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("#")) {
            continue;
        }
        std::istringstream cells(line);
        rows.emplace_back();
        for (std::string cell; std::getline(cells, cell, '\t');) {
            rows.back().push_back(cell);
        }
    }
    return rows;
}

std::string codes_of(const conform_case& made) {
    std::string text;
    for (const std::uint16_t code : made.codes) {
        text += (text.empty() ? "" : " ") + std::to_string(code);
    }
    return text;
}

/// The groups beyond the suite have letters, and come last.
bool is_of_the_suite(const conform_case& one) {
    return one.id[0] <= '9';
}

TEST(ConformCases, AreThoseOfTheSuiteInItsOrder) {
    std::string complaint;
    std::vector<conform_case> cases = all_cases(complaint);
    ASSERT_EQ(complaint, "");
    cases.erase(std::partition_point(cases.begin(), cases.end(), is_of_the_suite), cases.end());
    const auto rows = table("tests/conformance/vectors/conform_cases.tsv");
    ASSERT_EQ(cases.size(), rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const conform_case& made = cases[at];
        const char* const then = made.then == patience_end::fail    ? "fail"
                                 : made.then == patience_end::close ? "close"
                                                                    : "give_up";
        std::vector<std::string> said = {made.id,
                                         made.closed_by_tester ? "tester" : "peer",
                                         codes_of(made),
                                         made.cleanly ? "yes" : "no",
                                         std::to_string(made.patience.count()),
                                         then};
        if (const step& first = made.steps.front(); made.compression.is_there()) {
            for (const std::string& more :
                 {std::to_string(first.times), std::string(first.opcode == 1 ? "text" : "binary"),
                  std::to_string(first.message_bytes), std::to_string(first.frame_bytes)}) {
                said.push_back(more);
            }
        }
        EXPECT_EQ(said, rows[at]) << made.title;
    }
}

TEST(ConformCases, CiteRulesThatAreThere) {
    std::map<std::string, bool> known;
    for (const char* const part : {"6455-4-opening-handshake", "6455-5-framing", "6455-6-messages",
                                   "6455-7-closing", "6455-8-to-12", "7692", "9112"}) {
        for (const auto& row : table("tests/conformance/rfc" + std::string(part) + ".req")) {
            known[row[0]] = true;
        }
    }
    std::string complaint;
    for (const conform_case& each : all_cases(complaint)) {
        EXPECT_FALSE(each.rules.empty()) << each.id;
        for (const std::string& rule : each.rules) {
            EXPECT_TRUE(known.contains(rule)) << each.id << " cites " << rule;
        }
    }
}

TEST(ConformCases, AreChosenByPatterns) {
    EXPECT_TRUE(matches_pattern("*", "1.2.3"));
    EXPECT_TRUE(matches_pattern("1.*", "1.2.3"));
    EXPECT_TRUE(matches_pattern("1.*.3", "1.2.3"));
    EXPECT_TRUE(matches_pattern("1.2.3", "1.2.3"));
    EXPECT_FALSE(matches_pattern("1.*", "11.2"));
    EXPECT_FALSE(matches_pattern("1.2", "1.2.3"));
    EXPECT_FALSE(matches_pattern("1.2.3", "1.2"));
    EXPECT_FALSE(matches_pattern("", "1"));
}

}  // namespace
}  // namespace plainsong::conform
