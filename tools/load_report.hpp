// SPDX-License-Identifier: MIT
// load_report.hpp — says what was measured.
//
// Does: a report for people, or one JSON object on one line for programs.
// Does not: measure, or choose the exit status.
// Used by: tools/load.  Depends on: tools/load_run.
//
// The object: mode (echo, storm, idle, broadcast), connections, depth, size, payload, verified (all,
// sample, count); messages (round trips; of a storm whole connections; of a broadcast arrivals),
// seconds, per_second; generator_cpu, and if the server's process is known server_cpu and limit
// (server, generator, both, neither: who used its core nearly all the time); trip_ns (mean, p50, p90,
// p99, p999, p9999, max); with --rate also rate and late_ns, how late the generator itself was; of a
// broadcast sent, lost and foreign; pings that were answered; unanswered messages of connections that
// ended; failures (count, when, errno or null, text); failure (why the run ended early, or null).
#ifndef PLAINSONG_TOOLS_LOAD_REPORT_HPP
#define PLAINSONG_TOOLS_LOAD_REPORT_HPP

#include <string>
#include <string_view>

#include "tools/load_options.hpp"
#include "tools/load_run.hpp"

namespace plainsong::load {

std::string report_for_people(const options& wanted, const outcome& made);

/// Without a line end.
std::string report_as_json(const options& wanted, const outcome& made);

/// Returns: `text` as a JSON string with its quotes; what isn't UTF-8 is read as Latin-1.
std::string json_string(std::string_view text);

/// Returns: "binary", "ASCII text" or "mixed text".
const char* name_of(payload_kind kind);

/// Returns: "870 ns", "12.3 us", "4.56 ms", "1.23 s": three digits.
std::string shown_duration(std::uint64_t ns);

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_REPORT_HPP
