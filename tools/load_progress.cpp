// SPDX-License-Identifier: MIT
// load_progress.cpp — draws and wipes the line.
//
// Used by: tools/load_run.  Depends on: tools/load_progress.
#include "tools/load_progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <limits>

namespace plainsong::load {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

}  // namespace

progress::progress()
    : next_(isatty(STDERR_FILENO) != 0 ? now_ns() + second_ns
                                       : std::numeric_limits<std::int64_t>::max()),
      begin_(next_ - second_ns),
      last_(begin_) {}

progress::~progress() {
    if (drawn_) {
        std::fputs("\r\x1b[K", stderr);
    }
}

void progress::draw(const workload& work, std::int64_t now) {
    const double passed = static_cast<double>(now - last_) / 1e9;
    const bool reset = work.trips.count() < trips_.count();  // measuring has begun
    if (reset) {
        trips_ = histogram{};
    }
    const double p99 = static_cast<double>(work.trips.percentile_since(trips_, 0.99)) / 1e6;
    std::fprintf(stderr, "\r%4.0f s  %llu open, %.0f a second, p99 %.3f ms, %llu failed\x1b[K",
                 static_cast<double>(now - begin_) / 1e9,
                 static_cast<unsigned long long>(work.open),
                 static_cast<double>(work.completed - completed_) / passed, p99,
                 static_cast<unsigned long long>(work.failures.count()));
    std::fflush(stderr);
    drawn_ = true;
    trips_ = work.trips;
    completed_ = work.completed;
    last_ = now;
    next_ = now + second_ns;
}

}  // namespace plainsong::load
