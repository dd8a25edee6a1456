// SPDX-License-Identifier: MIT
// conform_verdict_test.cpp — what a run means, the report, and the command line.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/flat_json.hpp"
#include "tools/conform_case_file.hpp"
#include "tools/conform_guests.hpp"
#include "tools/conform_opening.hpp"
#include "tools/conform_options.hpp"
#include "tools/conform_report_case.hpp"
#include "tools/conform_verdict.hpp"

namespace plainsong::conform {
namespace {

conform_case asked(const std::string& more = "") {
    std::vector<conform_case> cases;
    const std::string complaint =
        read_case_file("f",
                       "group 1 \"g\"\ncase 1.1 \"t\"\n    send text \"a\"\n    expect text \"a\"\n"
                       "    tolerate nothing\n    closed by tester with 1000 cleanly\n"
                       "    give up after 1s\n" +
                           more,
                       cases);
    EXPECT_EQ(complaint, "");
    return cases.at(0);
}

/// A run in which all is well.
record good_run() {
    record run;
    run.is_open = true;
    run.events = {{event_kind::text, "a"}};
    run.ours = {true, 1000, ""};
    run.theirs = {true, 1000, ""};
    run.tester_closed_first = true;
    return run;
}

std::string judged(const conform_case& one, const std::function<void(record&)>& change) {
    record run = good_run();
    change(run);
    const verdict said = judge(one, run);
    return std::string(name_of(said.behavior)) + "/" + std::string(name_of(said.closing));
}

TEST(ConformVerdict, ComparesWhatCameWithWhatWasExpected) {
    EXPECT_EQ(judged(asked(), [](record&) {}), "OK/OK");
    EXPECT_EQ(judged(asked(), [](record& run) { run.events.clear(); }), "NON-STRICT/OK");
    EXPECT_EQ(judged(asked(), [](record& run) { run.events[0].octets = "b"; }), "FAILED/OK");
    EXPECT_EQ(judged(asked(), [](record& run) { run.events[0].what = event_kind::binary; }),
              "FAILED/OK");
    EXPECT_EQ(judged(asked(), [](record& run) { run.events.push_back(run.events[0]); }),
              "FAILED/OK");
    EXPECT_EQ(judged(asked(), [](record& run) { run.ran_out_of_time = true; }), "FAILED/OK");
}

TEST(ConformVerdict, JudgesTheClosingByTheFirstRuleThatIsBroken) {
    EXPECT_EQ(judged(asked(), [](record& run) { run.tester_closed_first = false; }), "OK/FAILED");
    EXPECT_EQ(judged(asked(), [](record& run) { run.theirs.there = false; }), "OK/UNCLEAN");
    EXPECT_EQ(judged(asked(), [](record& run) { run.no_end = true; }), "OK/UNCLEAN");
    EXPECT_EQ(judged(asked(), [](record& run) { run.theirs.code = 1001; }), "OK/WRONG CODE");
    EXPECT_EQ(judged(asked(), [](record& run) { run.theirs.code = 1005; }), "OK/OK");
    const conform_case loose = asked("    closed by tester with 1002\n");
    EXPECT_EQ(judged(loose, [](record& run) { run.theirs.there = false; }), "OK/OK");
    EXPECT_EQ(judged(loose, [](record&) {}), "OK/WRONG CODE");
    EXPECT_EQ(judged(loose,
                     [](record& run) {
                         run.theirs.there = false;
                         run.tester_dropped = true;
                     }),
              "OK/FAILED BY CLIENT");
}

TEST(ConformVerdict, LetsTheClosingFailTheBehaviorWhereACaseSaysSo) {
    EXPECT_EQ(judged(asked("    wrong side fails\n"),
                     [](record& run) { run.tester_closed_first = false; }),
              "FAILED/FAILED");
    EXPECT_EQ(judged(asked("    wrong code fails\n"), [](record& run) { run.theirs.code = 1001; }),
              "FAILED/WRONG CODE");
    EXPECT_EQ(judged(asked("    informational\n"), [](record& run) { run.events.clear(); }),
              "INFORMATIONAL/INFORMATIONAL");
}

TEST(ConformVerdict, FailsWhoeverBreaksTheProtocol) {
    const auto breaks = [](record& run) { run.violation = "why"; };
    EXPECT_EQ(judged(asked(), breaks), "FAILED/FAILED");
    EXPECT_EQ(judged(asked("    informational\n"), breaks), "FAILED/FAILED");
    EXPECT_EQ(judged(asked(), [](record& run) { run.is_open = false; }), "FAILED/FAILED");
}

TEST(ConformVerdict, TellsWhoeverDeclinesAnExtensionFromWhoeverFails) {
    const conform_case peer_closes = asked("    closed by peer with 1002\n");
    const auto declines = [](record& run) {
        run.declined = true;
        run.events.clear();
    };
    EXPECT_EQ(judged(peer_closes, declines), "UNIMPLEMENTED/OK");
    EXPECT_EQ(judged(asked(),
                     [&](record& run) {
                         declines(run);
                         run.theirs.there = false;
                     }),
              "UNIMPLEMENTED/UNCLEAN");
    EXPECT_EQ(judged(asked(),
                     [&](record& run) {
                         declines(run);
                         run.violation = "it speaks nonsense";
                     }),
              "FAILED/FAILED");
}

TEST(ConformVerdict, PassesNonStrictOnesUnlessStrictnessIsAskedFor) {
    verdict said{grade::non_strict, grade::ok, "", ""};
    EXPECT_TRUE(said.passes(false));
    EXPECT_FALSE(said.passes(true));
    said.behavior = grade::informational;
    EXPECT_TRUE(said.passes(true));
    for (const grade bad :
         {grade::failed, grade::unclean, grade::wrong_code, grade::failed_by_client}) {
        said.closing = bad;
        EXPECT_FALSE(said.passes(false));
    }
}

TEST(ConformReportCase, HasTheShapeOfAutobahns) {
    record run = good_run();
    run.events.push_back({event_kind::binary, std::string("\0\xff", 2)});
    run.events.push_back({event_kind::noted, "A"});
    run.log.push_back({log_line::kind::remark, milliseconds(3), {}, "say \"so\""});
    frame one_sent;
    one_sent.masked = true;
    one_sent.key = {1, 2, 3, 4};
    one_sent.size = 300;
    run.log.push_back({log_line::kind::sent, milliseconds(4), one_sent, ""});
    run.log.push_back({log_line::kind::received, milliseconds(5), {}, ""});
    run.frames_sent[1] = 2;
    const conform_case one = asked();
    const auto json = tests::flat_json(case_json("me", one, run, judge(one, run), false));
    ASSERT_TRUE(json);
    auto values = *json;
    EXPECT_EQ(values["agent"], "me");
    EXPECT_EQ(values["id"], "1.1");
    EXPECT_EQ(values["behavior"], "FAILED");
    EXPECT_EQ(values["behaviorClose"], "OK");
    EXPECT_EQ(values["expected.OK.0.1"], "a");
    EXPECT_EQ(values["expectedClose.closeCode.0"], "1000");
    EXPECT_EQ(values["expectedClose.requireClean"], "true");
    EXPECT_EQ(values["received.1.2"], "true");
    EXPECT_EQ(values["received.2.0"], "timeout");
    EXPECT_EQ(values["remoteCloseCode"], "1000");
    EXPECT_EQ(values["txFrameStats.1"], "2");
    EXPECT_EQ(values["wirelog.0.0"], "WLM");
    EXPECT_EQ(values["wirelog.1.0"], "TF");
    EXPECT_EQ(values["wirelog.1.1.0"], "300");
    EXPECT_EQ(values["wirelog.1.5"], "01020304");
    EXPECT_EQ(values["wirelog.1.9"], "4");
    EXPECT_EQ(values["wirelog.2.0"], "RF");
    EXPECT_EQ(values["wirelog.2.5"], "false");
    EXPECT_EQ(values["wirelog.2.6"], "null");
    EXPECT_EQ(values["wirelog.2.7"], "5");
}

TEST(ConformOpening, ComputesTheAcceptOfTheRfc) {
    EXPECT_EQ(accept_for("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(ConformOpening, AcceptsOnlyAnAnswerThatOpens) {
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    const std::string start = "HTTP/1.1 101 Switching Protocols\r\n";
    const std::string upgrade = "upgrade:  WebSocket \r\n";
    const std::string connection = "Connection: keep-alive, Upgrade\r\n";
    const std::string accept = "Sec-WebSocket-Accept: " + accept_for(key) + "\r\n";
    const std::string end = "\r\n";
    const std::string extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    deflate_terms terms;
    const auto fault = [&](const std::string& head, const std::string& offered = "") {
        return fault_of_response(head + end, key, offered, terms);
    };
    EXPECT_EQ(fault(start + upgrade + connection + accept), "");
    EXPECT_EQ(fault("HTTP/1.1 400 Bad\r\n" + upgrade + connection + accept),
              "the answer is 'HTTP/1.1 400 Bad'");
    EXPECT_NE(fault(start + connection + accept), "");
    EXPECT_NE(fault(start + upgrade + accept), "");
    EXPECT_NE(fault(start + upgrade + connection), "");
    EXPECT_NE(fault(start + upgrade + connection + "Sec-WebSocket-Accept: x\r\n"), "");
    EXPECT_NE(fault(start + upgrade + connection + accept + extension), "");
    EXPECT_NE(fault(start + upgrade + connection + accept + "Sec-WebSocket-Protocol: x\r\n"), "");
    EXPECT_FALSE(terms.agreed);
    EXPECT_EQ(fault(start + upgrade + connection + accept + extension, "permessage-deflate"), "");
    EXPECT_TRUE(terms.agreed);
}

struct parsed {
    parse_outcome what = parse_outcome::wrong;
    options made;
    std::string complaint;
};

parsed parse(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& each : words) {
        argv.push_back(each.data());
    }
    parsed out;
    out.what = parse_options(static_cast<int>(argv.size()), argv.data(), out.made, out.complaint);
    return out;
}

TEST(ConformOptions, TakeEveryKnob) {
    const parsed said = parse({"server", "--cases", "1.*,2.1", "--exclude", "1.2.*", "--jobs", "3",
                               "--timeout", "2", "--split", "random:7", "--strict", "--agent", "a",
                               "--out", "d", "ws://127.0.0.1:7/path?query"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_EQ(said.made.chosen, (std::vector<std::string>{"1.*", "2.1"}));
    EXPECT_EQ(said.made.excluded, (std::vector<std::string>{"1.2.*"}));
    EXPECT_EQ(said.made.run.jobs, 3U);
    EXPECT_EQ(said.made.run.talk.patience, milliseconds(2000));
    EXPECT_EQ(said.made.run.talk.how.what, cutting::random);
    EXPECT_EQ(said.made.run.talk.how.seed, 7U);
    EXPECT_TRUE(said.made.strict);
    EXPECT_EQ(said.made.agent, "a");
    EXPECT_EQ(said.made.out, "d");
    EXPECT_EQ(said.made.to.host, "127.0.0.1:7");
    EXPECT_EQ(said.made.to.target, "/path?query");
}

TEST(ConformOptions, RefuseWhatMakesNoSense) {
    const std::string url = "ws://127.0.0.1:7/";
    EXPECT_EQ(parse({}).complaint, "what is to be tested is missing: server or client");
    EXPECT_EQ(parse({"peer"}).complaint, "`peer` can't be tested: server or client");
    EXPECT_EQ(parse({"server"}).complaint, "the URL is missing");
    EXPECT_EQ(parse({"server", url, url}).complaint, "`" + url + "` is one word too many");
    EXPECT_EQ(parse({"client"}).complaint, "--port is missing");
    EXPECT_EQ(parse({"client", "--port", "65536"}).complaint, "--port doesn't take `65536`");
    EXPECT_EQ(parse({url, "--jobs", "0"}).complaint, "--jobs doesn't take `0`");
    EXPECT_EQ(parse({url, "--timeout", "long"}).complaint, "--timeout doesn't take `long`");
    EXPECT_EQ(parse({url, "--split", "some"}).complaint, "--split doesn't take `some`");
    EXPECT_EQ(parse({url, "--cases"}).complaint, "--cases wants a value");
    EXPECT_EQ(parse({url, "--loud"}).complaint, "there is no option --loud");
    EXPECT_EQ(parse({"server", "wss://127.0.0.1/"}).what, parse_outcome::wrong);
    EXPECT_EQ(parse({"server", "ws://example.org/"}).what, parse_outcome::wrong);
    EXPECT_EQ(parse({"-h"}).what, parse_outcome::help);
}

TEST(ConformOptions, TakeAPortForClients) {
    const parsed said = parse({"client", "--port", "9001", "--once"});
    ASSERT_EQ(said.what, parse_outcome::run) << said.complaint;
    EXPECT_TRUE(said.made.serves);
    EXPECT_TRUE(said.made.once);
    EXPECT_EQ(said.made.where.port(), 9001);
}

TEST(ConformGuests, ReadWhatAClientAsksFor) {
    EXPECT_EQ(read_visit("/getCaseCount").what, visit::kind::count);
    const visit run = read_visit("/runCase?case=12&agent=a+b%2fc%");
    EXPECT_EQ(run.what, visit::kind::run);
    EXPECT_EQ(run.number, 12U);
    EXPECT_EQ(run.agent, "a b/c%");
    const visit status = read_visit("/getCaseStatus?agent=a&case=3");
    EXPECT_EQ(status.what, visit::kind::status);
    EXPECT_EQ(status.number, 3U);
    EXPECT_EQ(read_visit("/getCaseInfo?case=x").number, 0U);
    EXPECT_EQ(read_visit("/updateReports?agent=a").what, visit::kind::update);
    EXPECT_EQ(read_visit("/runCases?case=1").what, visit::kind::unknown);
}

TEST(ConformOptions, ChooseCases) {
    std::string complaint;
    const std::vector<conform_case> cases = all_cases(complaint);
    options wanted;
    wanted.chosen = {"1.1.*", "2.1"};
    wanted.excluded = {"1.1.2"};
    std::string chosen;
    for (const conform_case* const each : choose(cases, wanted, complaint)) {
        chosen += each->id + " ";
    }
    EXPECT_EQ(chosen, "1.1.1 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.8 2.1 ");
    EXPECT_EQ(complaint, "");
    wanted.excluded = {"99.*"};
    static_cast<void>(choose(cases, wanted, complaint));
    EXPECT_EQ(complaint, "no case is called `99.*`");
}

}  // namespace
}  // namespace plainsong::conform
