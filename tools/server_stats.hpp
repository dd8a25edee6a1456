// SPDX-License-Identifier: MIT
// server_stats.hpp — what `--stats` prints: sessions, messages, and the memory of each.
//
// Does: print a line on standard error every few seconds in which something has happened, and one at
// the end.  Does not: count; the server does.
// Used by: tools/server_program.  Depends on: plainsong/server.hpp.
#ifndef PLAINSONG_TOOLS_SERVER_STATS_HPP
#define PLAINSONG_TOOLS_SERVER_STATS_HPP

#include <string>

#include <plainsong/server.hpp>

namespace plainsong::tools {

/// The line for `now`; what is told of memory is an average over the sessions that are open.
std::string stats_line(const metrics_snapshot& now);

class server_stats final : public loop_member {
public:
    /// Lifetime: both outlive this.
    server_stats(loop& its_loop, const server& its_server) : loop_(its_loop), server_(its_server) {}
    ~server_stats() { loop_.cancel(*this); }
    server_stats(const server_stats&) = delete;
    server_stats& operator=(const server_stats&) = delete;

    void start();
    void print();

private:
    void on_due() override;

    loop& loop_;
    const server& server_;
    std::string last_;
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_SERVER_STATS_HPP
