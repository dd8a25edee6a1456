// SPDX-License-Identifier: MIT
// conform.cpp — `plainsong conform`: runs the conformance cases of autobahn/cases.
//
// Does: be the fuzzing client against a server, or the fuzzing server for clients.
#include <signal.h>
#include <cstdio>
#include <string>

#include <plainsong/app/report.hpp>

#include "tools/conform_case_file.hpp"
#include "tools/conform_guests.hpp"
#include "tools/conform_options.hpp"
#include "tools/conform_results.hpp"
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
    "  --expected FILE        a line a case, `ID BEHAVIOR CLOSING`: any difference is named, and "
    "the\n"
    "                         exit status is 1 for any and 0 for none, whatever did not pass\n"
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

int run_against_server(const options& asked, const std::vector<const conform_case*>& cases,
                       results& into) {
    loop its_loop;
    server_run all(
        its_loop, asked.to, asked.run, cases,
        [&](const conform_case& one, record& happened) { into.take(asked.agent, one, happened); });
    return into.finish(all.run());
}

loop* stopped_by_signal = nullptr;

void stop_on_signals(loop& its_loop) {
    stopped_by_signal = &its_loop;
    struct sigaction action {};
    action.sa_handler = [](int) { stopped_by_signal->stop(); };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

int run_against_clients(const options& asked, const std::vector<const conform_case*>& cases,
                        results& into) {
    loop its_loop;
    if (const error why = its_loop.status()) {
        return plainsong::report(why);
    }
    guest_house house(
        its_loop, cases, asked.run.talk,
        {.on_result =
             [&](const std::string& agent, const conform_case& one, record& happened) {
                 return std::string(into.take(agent, one, happened));
             },
         .on_update =
             [&](const std::string&) {
                 into.update();
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
    return into.finish(its_loop.run() == 0);
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
    const std::vector<const conform_case*> chosen =
        complaint.empty() ? choose(cases, asked, complaint) : std::vector<const conform_case*>{};
    if (!complaint.empty()) {
        return misuse(complaint);
    }
    if (!asked.list) {
        results all(asked, cases, chosen);
        complaint = all.read_expected();
        return !complaint.empty() ? misuse(complaint)
               : asked.serves     ? run_against_clients(asked, chosen, all)
                                  : run_against_server(asked, chosen, all);
    }
    for (const conform_case* const each : chosen) {
        std::printf("%-8s %s: %s\n", each->id.c_str(), each->group.c_str(), each->title.c_str());
    }
    return 0;
}
