// SPDX-License-Identifier: MIT
// load_run.hpp — a whole run of the load generator.
//
// Does: open the connections, warm up, measure, let what is under way come back, close.
// Does not: print, except "ready" with --idle.
// Used by: tools/load.  Depends on: tools/load_client.
#ifndef PLAINSONG_TOOLS_LOAD_RUN_HPP
#define PLAINSONG_TOOLS_LOAD_RUN_HPP

#include <cstdint>
#include <string>

#include "tools/load_measure.hpp"
#include "tools/load_options.hpp"

namespace plainsong::load {

/// What was measured between warming up and the end.
struct outcome {
    std::uint64_t messages = 0;  // or connections of a storm
    double seconds = 0;
    double generator_cpu = 0;  // seconds
    double server_cpu = -1;    // seconds; negative if it isn't known
    histogram trips;
    std::string failure;  // "" if all went well
};

outcome run(const options& wanted);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_RUN_HPP
