// SPDX-License-Identifier: MIT
// conform_program_test.cpp — our server and our client pass the conformance cases.
//
// Does: a good part of the cases, in a few seconds; all of them are for `plainsong conform` itself.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/flat_json.hpp"
#include "tests/support/program.hpp"

namespace plainsong {
namespace {

using tests::process;
using tests::program_outcome;

constexpr const char* patience = "20";  // nothing has to wait for it
constexpr const char* large = "9.*,12.*,13.*";
constexpr const char* heavy = "9.1.3,9.2.2,9.3.3,9.4.5,9.5.5,9.7.3,12.1.3,13.4.2";

/// Returns: the URL that a program says it listens on, without its last slash.
std::string url_of(process& server) {
    const std::string line = server.line();
    const std::size_t at = line.find("ws://");
    EXPECT_NE(at, std::string::npos) << line;
    return line.substr(at, line.find_last_not_of("/\n") + 1 - at);
}

program_outcome conform(const std::string& url, std::vector<std::string> more) {
    more.insert(more.begin(), {"conform", "server", url + "/", "--strict", "--timeout", patience});
    return tests::run(more);
}

TEST(ConformProgram, PassesOurServerStrictly) {
    process server({"echo", "--port", "0", "--compression", "takeover"});
    const std::string url = url_of(server);
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{"--exclude", "9.*,12.*,13.*"},
          std::vector<std::string>{"--cases", heavy},
          std::vector<std::string>{"--exclude", large, "--split", "random:5"},
          std::vector<std::string>{"--cases", "2.*,5.*,6.4.*,7.*,W.*", "--split", "each"}}) {
        const program_outcome said = conform(url, how);
        EXPECT_EQ(said.status, 0) << said.output << said.errors;
    }
}

TEST(ConformProgram, FailsAServerThatDoesNotEchoEverything) {
    process server({"echo", "--port", "0", "--max-message", "1000"});
    const std::string url = url_of(server);
    const program_outcome said = conform(url, {"--cases", "1.1.*"});
    EXPECT_EQ(said.status, 1);
    EXPECT_NE(said.output.find("1.1.6    FAILED / FAILED"), std::string::npos) << said.output;
    EXPECT_EQ(said.output.find("1.1.5 "), std::string::npos) << said.output;
    EXPECT_NE(said.output.find("8 cases in"), std::string::npos) << said.output;
    EXPECT_NE(said.output.find("; 3 did not pass"), std::string::npos) << said.output;
}

/// A file that is gone behind the test.
class text_file {
public:
    explicit text_file(const std::string& text) {
        const int descriptor = ::mkstemp(path_);
        EXPECT_GE(descriptor, 0);
        EXPECT_EQ(::write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        ::close(descriptor);
    }
    ~text_file() { ::unlink(path_); }
    text_file(const text_file&) = delete;
    text_file& operator=(const text_file&) = delete;
    [[nodiscard]] const char* path() const { return path_; }

private:
    char path_[32] = "/tmp/conform-XXXXXX";
};

TEST(ConformProgram, JudgesByWhatAFileExpects) {
    process server({"echo", "--port", "0", "--max-message", "1000"});
    const std::string url = url_of(server);
    const text_file right("# all of it\n1.1.5 OK OK\n\n1.1.6  FAILED\tFAILED \n2.1 OK OK\n");
    const program_outcome fine =
        conform(url, {"--cases", "1.1.5,1.1.6", "--expected", right.path()});
    EXPECT_EQ(fine.status, 0) << fine.output << fine.errors;
    const text_file wrong("1.1.5 OK WRONG CODE\n1.1.9 OK OK\n");
    const program_outcome said =
        conform(url, {"--cases", "1.1.5,1.1.6", "--agent", "me", "--expected", wrong.path()});
    EXPECT_EQ(said.status, 1);
    for (const char* const line :
         {"differs: me 1.1.5: expected OK / WRONG CODE, not OK / OK\n",
          "differs: me 1.1.6: nothing is expected, not FAILED / FAILED\n",
          "differs: me 1.1.9: expected OK / OK, but it did not run\n", "3 differ from "}) {
        EXPECT_NE(said.output.find(line), std::string::npos) << line << said.output;
    }
    const text_file twice("1.1.5 OK OK\n1.1.5 OK OK\n");
    const text_file half("1.1.5 OK\n");
    for (const char* const file : {twice.path(), half.path(), "/nowhere"}) {
        EXPECT_EQ(conform(url, {"--expected", file}).status, 2) << file;
    }
}

TEST(ConformProgram, SaysWhatIsWrongWithACall) {
    EXPECT_EQ(tests::run({"conform"}).status, 2);
    EXPECT_EQ(tests::run({"conform", "peer"}).status, 2);
    EXPECT_EQ(tests::run({"conform", "client"}).status, 2);
    const program_outcome said = tests::run({"conform", "--list", "--cases", "10.*"});
    EXPECT_EQ(said.status, 0);
    EXPECT_TRUE(said.output.starts_with("10.1.1 ")) << said.output;
}

TEST(ConformProgram, PassesOurClientStrictly) {
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{"--cases", "1.*,2.*,3.*,4.*,5.1*,6.1.*,6.4.*,6.2*,7.*,10.*,W.*"},
          std::vector<std::string>{"--cases", heavy},
          std::vector<std::string>{"--cases", "2.*,5.1*,7.*", "--split", "random:5"}}) {
        std::vector<std::string> words = {"conform", "client",   "--port",    "0",
                                          "--once",  "--strict", "--timeout", patience};
        words.insert(words.end(), how.begin(), how.end());
        process server(words);
        EXPECT_EQ(tests::run({"autobahn", "client", url_of(server)}).status, 0);
        EXPECT_EQ(server.status(), 0) << server.output << server.errors;
    }
}

TEST(ConformProgram, KeepsAReportOfEachClient) {
    char directory[] = "/tmp/conform-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    const std::string out = directory;
    process server({"conform", "client", "--port", "0", "--cases", "1.1.1,2.1", "--out", out});
    const std::string url = url_of(server);
    for (const char* const agent : {"one", "two"}) {
        EXPECT_EQ(tests::run({"autobahn", "client", url, "--agent", agent}).status, 0);
    }
    server.signal(SIGTERM);
    EXPECT_EQ(server.status(), 0) << server.output << server.errors;
    std::ifstream file(out + "/index.json");
    std::ostringstream text;
    text << file.rdbuf();
    const auto index = tests::flat_json(text.str());
    ASSERT_TRUE(index) << text.str();
    for (const char* const agent : {"one", "two"}) {
        for (const char* const id : {"1.1.1", "2.1"}) {
            const std::string at = std::string(agent) + "." + id + ".";
            EXPECT_EQ(index->at(at + "behavior"), "OK");
            EXPECT_EQ(index->at(at + "behaviorClose"), "OK");
            EXPECT_TRUE(std::filesystem::exists(out + "/" + index->at(at + "reportfile")));
        }
    }
    std::filesystem::remove_all(out);
}

}  // namespace
}  // namespace plainsong
