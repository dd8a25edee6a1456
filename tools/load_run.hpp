// SPDX-License-Identifier: MIT
// load_run.hpp — a whole run of the load generator.
//
// Does: open the connections, warm up, measure, let what is under way come back, close.
// Does not: print, except "ready" with --idle and the progress on a terminal.
// Used by: tools/load.  Depends on: tools/load_client.
#ifndef PLAINSONG_TOOLS_LOAD_RUN_HPP
#define PLAINSONG_TOOLS_LOAD_RUN_HPP

#include <cstdint>
#include <string>

#include "tools/load_failures.hpp"
#include "tools/load_histogram.hpp"
#include "tools/load_options.hpp"

namespace plainsong::load {

/// What was measured between warming up and the end.
struct outcome {
    std::uint64_t messages = 0;  // or connections of a storm, or arrivals of a broadcast
    double seconds = 0;
    double generator_cpu = 0;  // seconds
    double server_cpu = -1;    // seconds; negative if it isn't known
    histogram trips;
    histogram late;  // how much later than scheduled messages left

    std::uint64_t pings = 0;       // answered in the whole run
    double echo_bytes = 0;         // mean payload of an echo on the wire, in the whole run
    std::uint64_t sent = 0;        // of a broadcast, in the whole run
    std::uint64_t foreign = 0;     // messages that weren't the broadcast's
    std::uint64_t unanswered = 0;  // messages whose connection ended, or that passed a receiver by
    failure_tally failures;        // connections that failed
    std::string failure;           // why the run ended early, "" if it didn't

    [[nodiscard]] bool is_good() const {
        return failure.empty() && failures.count() == 0 && unanswered == 0;
    }
};

outcome run(const options& wanted);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_RUN_HPP
