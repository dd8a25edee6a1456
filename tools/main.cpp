// SPDX-License-Identifier: MIT
// main.cpp — `plainsong VERB …`: finds the verb.
#include <cstdio>
#include <cstring>

#include "tools/verbs.hpp"

namespace {

struct verb {
    const char* name;
    int (*main)(int argc, char** argv);
    const char* help;
};

constexpr verb verbs[] = {
    {"serve", serve_main, "serve a page to play with WebSockets, and an echo behind it"},
    {"echo", echo_main, "send back each message: for conformance suites, clients, generators"},
    {"cat", cat_main, "connect standard input and output to a WebSocket"},
    {"load", load_main, "measure a server: rate, latency, connection storms, broadcasts"},
    {"conform", conform_main, "run the cases of the Autobahn suite against a server or client"},
    {"autobahn", autobahn_main, "let our client echo the cases of a fuzzing server"},
    {"explain", explain_main, "say what frames, keys and Close codes mean, bit by bit"},
};

void print_usage(std::FILE* to) {
    std::fprintf(to, "usage: plainsong VERB [OPTION]...\n\n");
    for (const verb& one : verbs) {
        std::fprintf(to, "  %-9s %s\n", one.name, one.help);
    }
    std::fprintf(to, "\n`plainsong VERB --help` tells its options.\n");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return 0;
    }
    for (const verb& one : verbs) {
        if (std::strcmp(argv[1], one.name) == 0) {
            return one.main(argc - 1, argv + 1);
        }
    }
    std::fprintf(stderr, "plainsong: there is no verb '%s'; `plainsong --help` lists them\n",
                 argv[1]);
    return 2;
}
