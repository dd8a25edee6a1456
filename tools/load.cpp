// SPDX-License-Identifier: MIT
// load.cpp — `plainsong load`: a load generator for WebSocket echo servers.
//
// Does: say what was measured.  Closed loop: each message waits for an echo, so the rate is what
// the server can do and the round trips are those under that load.
// Does not: measure latency at a fixed rate.
// Used by: tools/main.  Depends on: tools/load_options, tools/load_run.
#include <cstdio>
#include <string>

#include "tools/load_options.hpp"
#include "tools/load_run.hpp"
#include "tools/verbs.hpp"

namespace plainsong::load {
namespace {

constexpr double shares[] = {0.5, 0.9, 0.99, 0.999};

const char* name_of(payload_kind kind) {
    switch (kind) {
        case payload_kind::ascii:
            return "ASCII text";
        case payload_kind::mixed:
            return "mixed text";
        default:
            return "binary";
    }
}

/// Whoever used its core nearly all the time was the limit.
const char* limit_of(const outcome& made) {
    constexpr double nearly_all = 0.93;
    const bool server = made.server_cpu >= made.seconds * nearly_all;
    const bool generator = made.generator_cpu >= made.seconds * nearly_all;
    return server && generator ? "both" : server ? "server" : generator ? "generator" : "neither";
}

void print_json(const options& wanted, const outcome& made) {
    std::printf(
        "{\"mode\":\"%s\",\"connections\":%zu,\"depth\":%zu,\"size\":%zu,"
        "\"payload\":\"%s\",\"verified\":\"%s\",",
        wanted.what == mode::storm  ? "storm"
        : wanted.what == mode::idle ? "idle"
                                    : "echo",
        wanted.connections, wanted.depth, wanted.size, name_of(wanted.payload),
        wanted.tell_sizes                    ? "count"
        : wanted.verify == verification::all ? "all"
                                             : "sample");
    std::printf("\"messages\":%llu,\"seconds\":%.6f,\"generator_cpu\":%.6f,",
                static_cast<unsigned long long>(made.messages), made.seconds, made.generator_cpu);
    if (made.server_cpu >= 0) {
        std::printf("\"server_cpu\":%.6f,\"limit\":\"%s\",", made.server_cpu, limit_of(made));
    }
    const auto ns = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf(
        "\"trip_ns\":{\"mean\":%llu,\"p50\":%llu,\"p90\":%llu,\"p99\":%llu,"
        "\"p999\":%llu,\"max\":%llu}}\n",
        ns(made.trips.mean()), ns(made.trips.percentile(shares[0])),
        ns(made.trips.percentile(shares[1])), ns(made.trips.percentile(shares[2])),
        ns(made.trips.percentile(shares[3])), ns(made.trips.longest()));
}

void print_report(const options& wanted, const outcome& made) {
    const bool storm = wanted.what == mode::storm;
    const char* unit = storm ? "connections" : "messages";
    const auto count = static_cast<double>(made.messages);
    if (storm) {
        std::printf("connect, upgrade, close; %zu at a time\n", wanted.connections);
    } else {
        std::printf("%zu bytes %s, %zu connections, depth %zu\n", wanted.size,
                    name_of(wanted.payload), wanted.connections, wanted.depth);
    }
    std::printf("%-12s %.0f in %.2f s: %.0f a second\n", unit, count, made.seconds,
                made.seconds > 0 ? count / made.seconds : 0);
    const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1e3; };
    std::printf("round trip   p50 %.0f us, p90 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us\n",
                us(made.trips.percentile(shares[0])), us(made.trips.percentile(shares[1])),
                us(made.trips.percentile(shares[2])), us(made.trips.percentile(shares[3])),
                us(made.trips.longest()));
    std::printf("cpu          generator %.2f s", made.generator_cpu);
    if (made.server_cpu > 0) {
        std::printf(", server %.2f s: %.0f %s a server-CPU-second; limit: %s", made.server_cpu,
                    count / made.server_cpu, unit, limit_of(made));
    }
    std::printf("\n");
    if (!storm && !wanted.tell_sizes) {
        std::printf("verified     %s\n", wanted.verify == verification::all
                                             ? "every byte of every echo"
                                             : "every length, the bytes of each sixteenth echo");
    }
}

}  // namespace
}  // namespace plainsong::load

int load_main(int argc, char** argv) {
    using namespace plainsong::load;
    options wanted;
    std::string complaint;
    switch (parse_options(argc, argv, wanted, complaint)) {
        case parse_outcome::help:
            std::fputs(usage, stdout);
            return 0;
        case parse_outcome::wrong:
            std::fprintf(stderr, "plainsong load: %s\n\n%s", complaint.c_str(), usage);
            return 2;
        default:
            break;
    }
    const outcome made = run(wanted);
    if (!made.failure.empty()) {
        std::fprintf(stderr, "plainsong load: %s\n", made.failure.c_str());
        return 1;
    }
    wanted.json ? print_json(wanted, made) : print_report(wanted, made);
    return 0;
}
