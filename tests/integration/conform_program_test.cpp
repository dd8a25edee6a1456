// SPDX-License-Identifier: MIT
// conform_program_test.cpp — our server and our client pass the conformance cases.
//
// Does: a good part of the cases, in a few seconds; all of them are for `plainsong conform` itself.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <plainsong/client.hpp>

#include "tests/support/net_fixtures.hpp"
#include "tests/support/program.hpp"

namespace plainsong {
namespace {

using tests::process;
using tests::program_outcome;

constexpr const char* patience = "20";  // nothing has to wait for it
constexpr const char* heavy = "9.1.3,9.2.2,9.3.3,9.4.5,9.5.5,9.7.3";

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
    process server({"echo", "--port", "0"});
    const std::string url = url_of(server);
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{"--exclude", "9.*"}, std::vector<std::string>{"--cases", heavy},
          std::vector<std::string>{"--exclude", "9.*", "--split", "random:5"},
          std::vector<std::string>{"--cases", "2.*,5.*,6.4.*,7.*", "--split", "each"}}) {
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

TEST(ConformProgram, SaysWhatIsWrongWithACall) {
    EXPECT_EQ(tests::run({"conform"}).status, 2);
    EXPECT_EQ(tests::run({"conform", "peer"}).status, 2);
    EXPECT_EQ(tests::run({"conform", "client"}).status, 2);
    const program_outcome said = tests::run({"conform", "--list", "--cases", "10.*"});
    EXPECT_EQ(said.status, 0);
    EXPECT_TRUE(said.output.starts_with("10.1.1 ")) << said.output;
}

/// Drives our client through the cases of a fuzzing server, as drivers for Autobahn do.
class driver {
public:
    explicit driver(std::string url) : url_(std::move(url)), client_(loop_, options()) {}

    /// Returns: false if the cases didn't come to their end in time.
    bool run() {
        visit("/getCaseCount");
        return tests::turn_until(loop_, [this] { return is_done_; });
    }
    [[nodiscard]] int cases() const { return cases_; }

private:
    static client_options options() {
        client_options made;
        made.bounds.message_frames = 131072;
        made.bounds.message_bytes = 64 << 20;
        return made;
    }

    void visit(const std::string& path) {
        const error why = client_.connect(
            url_ + path, {.on_failure = [this](const connect_failure&) { go_on(); },
                          .on_message = [this](session& s, message m) { take(s, m); },
                          .on_close = [this](session&, const close_record&) { go_on(); }});
        EXPECT_FALSE(why);
    }
    void take(session& from, message m) {
        if (cases_ == 0) {
            cases_ = std::atoi(std::string(m.text()).c_str());
        } else {
            from.send(m);
        }
    }
    void go_on() {
        if (++at_ <= cases_) {
            visit("/runCase?case=" + std::to_string(at_) + "&agent=our+client");
        } else if (at_ == cases_ + 1) {
            visit("/updateReports?agent=our+client");
        } else {
            is_done_ = true;
        }
    }

    loop loop_;
    std::string url_;
    client client_;
    int cases_ = 0;
    int at_ = 0;
    bool is_done_ = false;
};

TEST(ConformProgram, PassesOurClientStrictly) {
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{"--cases", "1.*,2.*,3.*,4.*,5.1*,6.1.*,6.4.*,6.2*,7.*,10.*"},
          std::vector<std::string>{"--cases", heavy},
          std::vector<std::string>{"--cases", "2.*,5.1*,7.*", "--split", "random:5"}}) {
        std::vector<std::string> words = {"conform", "client",   "--port",    "0",
                                          "--once",  "--strict", "--timeout", patience};
        words.insert(words.end(), how.begin(), how.end());
        process server(words);
        driver ours(url_of(server));
        EXPECT_TRUE(ours.run());
        EXPECT_GT(ours.cases(), 5);
        EXPECT_EQ(server.status(), 0) << server.output << server.errors;
    }
}

}  // namespace
}  // namespace plainsong
