// SPDX-License-Identifier: MIT
// autobahn.cpp — `plainsong autobahn client URL`: our client as the testee of a fuzzing server.
//
// Does: ask for the number of cases, echo what each of them sends, ask for the report.  The fuzzing
// server is `plainsong conform client` or Autobahn's own.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include <plainsong/client.hpp>

#include "tools/verbs.hpp"

namespace plainsong::tools {
namespace {

constexpr const char* help =
    "usage: plainsong autobahn client URL [--agent NAME]\n"
    "\n"
    "Lets our client echo what each case of a fuzzing server sends: that of `plainsong conform\n"
    "client` or of the Autobahn suite, at ws://127.0.0.1:9001 for example.  The verdicts are the\n"
    "server's; exit status: 0 all cases ran, 1 the server can't be reached, 2 wrong call.\n"
    "\n"
    "  --agent NAME  what the reports call us (plainsong)\n";

constexpr std::uint64_t max_message_bytes = 64 << 20;
constexpr std::uint32_t max_frames = 131072;  // a message may come in 65,537

class testee {
public:
    testee(loop& its_loop, std::string url, std::string_view agent)
        : loop_(its_loop), url_(std::move(url)), client_(its_loop, options()) {
        while (url_.ends_with('/')) {
            url_.pop_back();
        }
        for (const char each : agent) {
            const bool plain = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                               (each >= '0' && each <= '9') || each == '-' || each == '.';
            agent_ += plain ? each : '_';
        }
    }

    /// Returns: the exit status.
    int run() {
        visit("/getCaseCount");
        return loop_.run() == 0 && is_through_ ? 0 : 1;
    }

private:
    static client_options options() {
        client_options made;
        made.bounds.frame_bytes = made.bounds.message_bytes = max_message_bytes;
        made.bounds.message_frames = max_frames;
        return made;
    }

    // A suite answers with what it wants to test, so as little as possible is ruled out beforehand.
    static compression_options compression() {
        compression_options made = permessage_deflate();
        made.parameters = {};
        made.level = deflate_level::fast;  // gigabytes are to be echoed
        return made;
    }

    void visit(const std::string& path) {
        const error why = client_.connect(
            url_ + path, {.on_failure = [this](const connect_failure& f) { refuse(f.why); },
                          .on_message = [this](session& s, const message& m) { take(s, m); },
                          .on_close = [this](session&, const close_record&) { go_on(); },
                          .overflow = overflow_policy::close,
                          .compression = compression()});
        if (why) {
            fail(why);
        }
    }
    // Some cases are about answers that no client may take.
    void refuse(error why) {
        if (at_ == 0 || at_ > cases_) {
            return fail(why);
        }
        std::fprintf(stderr, "autobahn: case %u: %s\n", at_, facts_of(why.code()).text);
        go_on();
    }
    void fail(error why) {
        std::fprintf(stderr, "autobahn: %s: %s\n", url_.c_str(), facts_of(why.code()).text);
        loop_.stop();
    }
    void take(session& from, const message& m) {
        if (at_ > 0) {
            from.send(m);
            return;
        }
        const std::string_view text = m.text();
        std::from_chars(text.data(), text.data() + text.size(), cases_);
    }
    void go_on() {
        ++at_;
        if (at_ <= cases_) {
            return visit("/runCase?case=" + std::to_string(at_) + "&agent=" + agent_);
        }
        if (at_ == cases_ + 1 && cases_ > 0) {
            return visit("/updateReports?agent=" + agent_);
        }
        is_through_ = cases_ > 0;
        std::fprintf(stderr, "autobahn: %u cases ran\n", cases_);
        loop_.stop();
    }

    loop& loop_;
    std::string url_;
    std::string agent_;
    client client_;
    std::uint32_t cases_ = 0;
    std::uint32_t at_ = 0;  // 0: their number is asked for
    bool is_through_ = false;
};

}  // namespace
}  // namespace plainsong::tools

int autobahn_main(int argc, char** argv) {
    namespace ws = plainsong;
    std::string url;
    std::string_view agent = "plainsong";
    std::string_view role;
    for (int at = 1; at < argc; ++at) {
        const std::string_view word = argv[at];
        if (word == "--help" || word == "-h") {
            std::fputs(ws::tools::help, stdout);
            return 0;
        }
        if (word == "--agent" && at + 1 < argc) {
            agent = argv[++at];
        } else if (role.empty() && word == "client") {
            role = word;
        } else if (!role.empty() && url.empty() && !word.starts_with("-")) {
            url = word;
        } else {
            std::fprintf(stderr,
                         "autobahn: '%s' is not understood; see `plainsong autobahn --help`\n",
                         argv[at]);
            return 2;
        }
    }
    if (url.empty()) {
        std::fprintf(stderr, "autobahn: the URL is missing; see `plainsong autobahn --help`\n");
        return 2;
    }
    ws::loop loop;
    if (const ws::error why = loop.status()) {
        return ws::report(why);
    }
    return ws::tools::testee(loop, url, agent).run();
}
