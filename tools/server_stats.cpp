// SPDX-License-Identifier: MIT
// server_stats.cpp — counters as a line.
#include "tools/server_stats.hpp"

#include <cstdio>

namespace plainsong::tools {

namespace {

constexpr duration interval = std::chrono::seconds(5);

std::string ratio_of(std::uint64_t from, std::uint64_t to) {
    return std::to_string(from) + " to " + std::to_string(to) + " bytes";
}

}  // namespace

std::string stats_line(const metrics_snapshot& now) {
    const std::uint64_t open = now.sessions_open;
    const std::uint64_t each = open == 0 ? 0 : now.compression_bytes / open;
    return std::to_string(open) + (open == 1 ? " session" : " sessions") + ", each with " +
           std::to_string(sizeof(session)) + " bytes of its own and " + std::to_string(each) +
           " of compression; " + std::to_string(now.messages_received) + " messages in, " +
           std::to_string(now.messages_sent) + " out; deflated " +
           ratio_of(now.deflate_bytes_in, now.deflate_bytes_out) + ", inflated " +
           ratio_of(now.inflate_bytes_in, now.inflate_bytes_out);
}

void server_stats::start() {
    loop_.arm(*this, after(loop_.now(), interval));
}

void server_stats::print() {
    std::string line = stats_line(server_.snapshot());
    if (line != last_) {
        std::fprintf(stderr, "stats: %s\n", line.c_str());
        last_ = std::move(line);
    }
}

void server_stats::on_due() {
    print();
    start();
}

}  // namespace plainsong::tools
