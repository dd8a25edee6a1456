// SPDX-License-Identifier: MIT
// conform_report_test.cpp — the files of a report, whatever agents are called and peers send.
#include "tools/conform_report.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/flat_json.hpp"
#include "tools/conform_json.hpp"
#include "tools/conform_report_page.hpp"

namespace plainsong::conform {
namespace {

constexpr const char* hostile = "</script><script>alert(1)</script>\"'&\x01\xff<!--";

class ConformReport : public testing::Test {
protected:
    ConformReport() {
        char made[] = "/tmp/conform-report-XXXXXX";
        directory_ = ::mkdtemp(made);
    }
    ~ConformReport() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string file(const std::string& name) const {
        std::ifstream in(directory_ + "/" + name);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory_ + "/" + name) << text;
    }
    [[nodiscard]] tests::flat_values index() const {
        return tests::flat_json(file("index.json")).value_or(tests::flat_values{});
    }
    /// A report of one case by one agent.
    void run(const std::string& agent, const std::string& id, grade behavior) {
        report made({directory_, false, true});
        add(made, agent, id, behavior);
        EXPECT_TRUE(made.finish());
    }
    static void add(report& to, const std::string& agent, const std::string& id, grade behavior) {
        conform_case asked;
        asked.id = id;
        asked.number = {static_cast<std::uint32_t>(id[0] - '0')};
        asked.title = "a case";
        asked.group = "Group";
        record ran;
        ran.is_open = true;
        ran.duration = milliseconds(1234);
        ran.events.push_back({event_kind::text, hostile});
        frame one;
        one.size = 70000;
        one.payload = hostile;
        ran.log.push_back({log_line::kind::received, milliseconds(5), one, ""});
        EXPECT_TRUE(to.add(agent, asked, ran, {behavior, grade::ok, "it is so", "fine"}));
    }

    std::string directory_;
};

/// Returns: what stands in the data block of the page.
std::string data_of(const std::string& page) {
    const std::string begin = "id=\"data\">";
    const std::size_t at = page.find(begin);
    return at == page.npos
               ? ""
               : page.substr(at + begin.size(), page.find("</script>", at) - at - begin.size());
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

TEST_F(ConformReport, KeepsMarkupOutOfThePage) {
    run(hostile, "1.1", grade::failed);
    const std::string page = file("index.html");
    EXPECT_EQ(count(page, "</script>"), 2U);  // of the data, and of the page's own script
    EXPECT_EQ(page.find("alert(1)</script>"), page.npos);
    const auto data = tests::flat_json(data_of(page));
    ASSERT_TRUE(data) << data_of(page);
    EXPECT_EQ(data->at("0.id"), "1.1");
    EXPECT_EQ(data->at("0.wirelog.0.1.0"), "70000");
    EXPECT_NE(data->at("0.received.0.1").find("u003c/script>"), std::string::npos);
    EXPECT_NE(page.find("Content-Security-Policy"), page.npos);
}

TEST_F(ConformReport, KeepsMarkupOutOfTheXml) {
    run(hostile, "1.1", grade::failed);
    const std::string xml = file("junit.xml");
    EXPECT_EQ(xml.find("<script"), xml.npos);
    EXPECT_NE(xml.find("name=\"&#60;/script&#62;&#60;script&#62;alert(1)"), xml.npos) << xml;
    EXPECT_NE(xml.find("&#34;&#39;&#38;&#xfffd;&#xfffd;&#60;!--\" tests=\"1\" failures=\"1\""),
              xml.npos)
        << xml;
    EXPECT_EQ(xml_text("\xc3\xa9\n\x7f"), "\xc3\xa9&#10;&#xfffd;");
}

TEST_F(ConformReport, TellsCiWhatDidNotPassAndHowLongItTook) {
    report made({directory_, false, true});
    add(made, "me", "1.1", grade::ok);
    add(made, "me", "2.1", grade::non_strict);
    EXPECT_TRUE(made.finish());
    const std::string xml = file("junit.xml");
    EXPECT_NE(xml.find("<testsuites tests=\"2\" failures=\"1\""), xml.npos) << xml;
    EXPECT_NE(xml.find("<testcase classname=\"me.1\" name=\"1.1 a case\" time=\"1.234\"/>"),
              xml.npos);
    EXPECT_NE(xml.find("message=\"NON-STRICT / OK\">it is so; fine</failure>"), xml.npos);
}

TEST_F(ConformReport, JoinsWhatOtherAgentsLeftThere) {
    run("one", "1.1", grade::ok);
    run("two", "1.1", grade::failed);
    run("one", "2.1", grade::failed);
    auto values = index();
    EXPECT_EQ(values["two.1.1.behavior"], "FAILED");
    EXPECT_EQ(values["one.2.1.behavior"], "FAILED");
    EXPECT_EQ(values.count("one.1.1.behavior"), 0U) << "an agent that is run again begins anew";
    const auto data = tests::flat_json(data_of(file("index.html")));
    ASSERT_TRUE(data);
    EXPECT_EQ(data->at("0.agent"), "one");
    EXPECT_EQ(data->at("1.agent"), "two");
}

TEST_F(ConformReport, ShowsWhatAutobahnsIndexTells) {
    write("index.json",
          R"({"Théirs": {"1.1.1": {"behavior": "OK", "behaviorClose": "WRONG CODE", "duration": 2,
              "remoteCloseCode": 1000, "reportfile": "th_case_1_1_1.json"},
              "1.1.2": {"behavior": "OK", "behaviorClose": "OK", "reportfile": "../../secret"}}})");
    write("th_case_1_1_1.json",
          R"({"id": "9.9", "wirelog": [["RO", [1, "00"]], ["CT", 1, null]]})");
    run("me", "1.1", grade::ok);
    auto values = index();
    EXPECT_EQ(values["Théirs.1.1.1.behaviorClose"], "WRONG CODE");
    const auto data = tests::flat_json(data_of(file("index.html")));
    ASSERT_TRUE(data);
    EXPECT_EQ(data->at("0.id"), "1.1.1");
    EXPECT_EQ(data->at("0.agent"), "Théirs");
    EXPECT_EQ(data->at("0.wirelog.0.0"), "CT");
    EXPECT_EQ(data->at("1.behavior"), "OK");
    EXPECT_EQ(data->at("2.agent"), "me");
}

TEST_F(ConformReport, GivesAgentsFilesOfTheirOwn) {
    report made({directory_, false, false});
    add(made, "a b", "1.1", grade::ok);
    add(made, "a_b", "1.1", grade::failed);
    add(made, "../../" + std::string(300, 'x'), "1.1", grade::ok);
    EXPECT_TRUE(made.finish());
    auto values = index();
    EXPECT_EQ(values["a b.1.1.reportfile"], "a_b_case_1_1.json");
    EXPECT_EQ(values["a_b.1.1.reportfile"], "a_b_2_case_1_1.json");
    EXPECT_NE(file("a_b_2_case_1_1.json").find("\"behavior\": \"FAILED\""), std::string::npos);
}

TEST_F(ConformReport, CutsALongWireLogInThePage) {
    std::string log;
    for (int line = 0; line < 1000; ++line) {
        log += (line == 0 ? "" : ", ") + ("[\"WLM\", " + std::to_string(line) + "]");
    }
    report_page page;
    page.add("{\"wirelog\": [" + log + "]}", "\"me\"", "\"1\"", "{}");
    const auto data = tests::flat_json(data_of(page.html()));
    ASSERT_TRUE(data);
    EXPECT_EQ(data->at("0.wirelog.29.1"), "29");
    EXPECT_EQ(data->at("0.wirelog.30.1"), "960 lines are only in the case's own file");
    EXPECT_EQ(data->at("0.wirelog.31.1"), "990");
    EXPECT_EQ(data->at("0.wirelog.40.1"), "999");
}

TEST(ConformJson, ReadsWhatIsJsonAndPassesItOnAsItIs) {
    for (const char* const text :
         {"{}", "[]", R"({"a": [1, -0.5e+3, true, false, null], "\u00e9\n": "é\/"})", "0",
          "\"\""}) {
        json_value value;
        EXPECT_TRUE(read_json(std::string(" ") + text + "\r\n", value)) << text;
        EXPECT_EQ(value.text(), text);
    }
}

TEST(ConformJson, RefusesWhatIsNot) {
    std::string deep(40, '[');
    deep += std::string(40, ']');
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[1,]"), std::string("{\"a\"}"),
          std::string("{a:1}"), std::string("01"), std::string("1."), std::string("-"),
          std::string("1e"), std::string("nul"), std::string("\"\\x\""), std::string("\"\\u12g4\""),
          std::string("\"\n\""), std::string("\"a"), std::string("\"\\"), std::string("1 2"),
          deep}) {
        json_value value;
        EXPECT_FALSE(read_json(text, value)) << text;
    }
}

}  // namespace
}  // namespace plainsong::conform
