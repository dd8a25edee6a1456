// SPDX-License-Identifier: MIT
// load_progress.hpp — one line on a terminal that tells how the run goes.
//
// Does: redraw it each second: rate, failures, 99th percentile of that second.
// Does not: write anything where standard error is no terminal.
// Used by: tools/load_run.  Depends on: tools/load_client.
#ifndef PLAINSONG_TOOLS_LOAD_PROGRESS_HPP
#define PLAINSONG_TOOLS_LOAD_PROGRESS_HPP

#include <cstdint>

#include "tools/load_client.hpp"

namespace plainsong::load {

class progress {
public:
    /// Looks whether standard error is a terminal.
    progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    /// Wipes the line.
    ~progress();

    /// Cost: a comparison, unless a second has passed.
    void tick(const workload& work, std::int64_t now) {
        if (now >= next_) {
            draw(work, now);
        }
    }

private:
    void draw(const workload& work, std::int64_t now);

    std::int64_t next_;  // the end of time without a terminal
    std::int64_t begin_ = 0;
    std::int64_t last_ = 0;
    std::uint64_t completed_ = 0;
    histogram trips_;
    bool drawn_ = false;
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_PROGRESS_HPP
