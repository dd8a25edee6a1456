// SPDX-License-Identifier: MIT
// conform.cpp — `plainsong conform`: runs the conformance cases of autobahn/cases.
//
// Does: be the fuzzing client against a server, or the fuzzing server for clients; print what did not
// pass; write a report.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include <plainsong/app/report.hpp>

#include "tools/conform_case_file.hpp"
#include "tools/conform_guests.hpp"
#include "tools/conform_options.hpp"
#include "tools/conform_report.hpp"
#include "tools/conform_verdict.hpp"
#include "tools/verbs.hpp"

namespace plainsong::conform {
namespace {

constexpr const char* help =
    "usage: plainsong conform server URL [OPTION]...\n"
    "       plainsong conform client --port PORT [OPTION]...\n"
    "       plainsong conform --list\n"
    "\n"
    "Runs the cases of the Autobahn suite against a server that echoes each message, or against\n"
    "clients that echo and ask for the cases by /getCaseCount, /runCase?case=N&agent=A and\n"
    "/updateReports?agent=A.  Prints what did not pass.  Exit status: 0 all pass, 1 not all do,\n"
    "2 wrong call.\n"
    "\n"
    "  --cases PATTERN,...    only these, such as 1.*,6.4.*\n"
    "  --exclude PATTERN,...  not these\n"
    "  --timeout SECONDS      how long silence may last, instead of each case's own time\n"
    "  --split each           send octet by octet, whatever a case asks for\n"
    "  --split random:SEED    send in pieces of random sizes\n"
    "  --strict               NON-STRICT and UNIMPLEMENTED don't pass\n"
    "  --out DIR              write index.html, a page; junit.xml; index.json and a JSON file a "
    "case,\n"
    "                         in Autobahn's shape; other agents' results in DIR stay and are "
    "shown\n"
    "  --list                 print the cases\n"
    "\n"
    "of server: --jobs N      cases side by side (8); those about speed run one by one\n"
    "           --agent NAME  what the report calls it (its host and port)\n"
    "of client: --port PORT   listen at 127.0.0.1; 0 lets the kernel choose\n"
    "           --once        end at the first /updateReports, else at SIGINT or SIGTERM\n";

int misuse(const std::string& complaint) {
    std::fprintf(stderr, "conform: %s; see `plainsong conform --help`\n", complaint.c_str());
    return 2;
}

/// Prints as it goes and counts.
class console {
public:
    console(std::size_t cases, bool strict)
        : cases_(cases), strict_(strict), moves_(::isatty(STDERR_FILENO) != 0) {}

    void show(const conform_case& asked, const verdict& said) {
        ++done_;
        const bool passes = said.passes(strict_);
        failed_ += passes ? 0 : 1;
        ++counts_[std::string(name_of(said.behavior))];
        clear();
        if (!passes || said.behavior == grade::non_strict) {
            std::printf("%-8s %s / %s  %s\n", asked.id.c_str(), text(said.behavior).c_str(),
                        text(said.closing).c_str(), asked.title.c_str());
            std::printf("         %s\n", said.why.c_str());
            if (said.why_closing != said.why) {
                std::printf("         %s\n", said.why_closing.c_str());
            }
        }
        if (moves_) {
            std::fprintf(stderr, "%zu of %zu  %s", (done_ - 1) % cases_ + 1, cases_,
                         asked.id.c_str());
        }
    }

    void sum_up(double seconds) {
        clear();
        std::printf("%zu cases in %.1f s:", done_, seconds);
        const char* parting = " ";
        for (const auto& [name, count] : counts_) {
            std::printf("%s%zu %s", parting, count, name.c_str());
            parting = ", ";
        }
        std::printf("; %zu did not pass\n", failed_);
    }

    /// Several clients may have run the cases.
    [[nodiscard]] bool all_passed() const { return failed_ == 0 && done_ >= cases_; }

private:
    static std::string text(grade one) { return std::string(name_of(one)); }
    void clear() const {
        std::fflush(stdout);
        if (moves_) {
            std::fprintf(stderr, "\r\x1b[K");
        }
    }

    std::size_t cases_;
    bool strict_;
    bool moves_;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
    std::map<std::string, std::size_t> counts_;
};

int run_against_server(const options& asked, const std::vector<const conform_case*>& cases) {
    const auto begin = std::chrono::steady_clock::now();
    console shown(cases.size(), asked.strict);
    report written({asked.out, false, asked.strict});
    bool writes = true;
    loop its_loop;
    server_run all(its_loop, asked.to, asked.run, cases,
                   [&](const conform_case& one, record& happened) {
                       const verdict said = judge(one, happened);
                       shown.show(one, said);
                       writes = written.add(asked.agent, one, happened, said) && writes;
                   });
    const bool ran = all.run();
    shown.sum_up(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (!ran || !written.finish() || !writes) {
        std::fprintf(stderr, "conform: %s\n",
                     ran ? ("can't write to " + asked.out).c_str() : "the event loop failed");
        return 1;
    }
    return shown.all_passed() ? 0 : 1;
}

loop* stopped_by_signal = nullptr;

void stop_on_signals(loop& its_loop) {
    stopped_by_signal = &its_loop;
    struct sigaction action {};
    action.sa_handler = [](int) { stopped_by_signal->stop(); };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

int run_against_clients(const options& asked, const std::vector<const conform_case*>& cases) {
    const auto begin = std::chrono::steady_clock::now();
    console shown(cases.size(), asked.strict);
    report written({asked.out, true, asked.strict});
    bool writes = true;
    loop its_loop;
    if (const error why = its_loop.status()) {
        return plainsong::report(why);
    }
    guest_house house(
        its_loop, cases, asked.run.talk,
        {.on_result =
             [&](const std::string& agent, const conform_case& one, record& happened) {
                 const verdict said = judge(one, happened);
                 shown.show(one, said);
                 writes = written.add(agent, one, happened, said) && writes;
                 return std::string(name_of(said.behavior));
             },
         .on_update =
             [&](const std::string&) {
                 writes = written.finish() && writes;
                 if (asked.once) {
                     its_loop.stop();
                 }
             }});
    if (const error why = house.listen(asked.where)) {
        return plainsong::report(why);
    }
    stop_on_signals(its_loop);
    std::printf("listening on ws://%s/\n", house.bound().text().c_str());
    std::fflush(stdout);
    const int status = its_loop.run();
    shown.sum_up(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (!written.finish() || !writes) {
        std::fprintf(stderr, "conform: can't write to %s\n", asked.out.c_str());
        return 1;
    }
    return status == 0 && shown.all_passed() ? 0 : 1;
}

}  // namespace
}  // namespace plainsong::conform

int conform_main(int argc, char** argv) {
    using namespace plainsong::conform;
    options asked;
    std::string complaint;
    switch (parse_options(argc - 1, argv + 1, asked, complaint)) {
        case parse_outcome::help:
            std::fputs(help, stdout);
            return 0;
        case parse_outcome::wrong:
            return misuse(complaint);
        case parse_outcome::run:
            break;
    }
    const std::vector<conform_case> cases = all_cases(complaint);
    const std::vector<const conform_case*> chosen = choose(cases, asked, complaint);
    if (!complaint.empty()) {
        return misuse(complaint);
    }
    if (!asked.list) {
        return asked.serves ? run_against_clients(asked, chosen)
                            : run_against_server(asked, chosen);
    }
    for (const conform_case* const each : chosen) {
        std::printf("%-8s %s: %s\n", each->id.c_str(), each->group.c_str(), each->title.c_str());
    }
    return 0;
}
