// SPDX-License-Identifier: MIT
// conform_run.hpp — runs cases against a server, several side by side.
//
// Does: a connection for each case; those about speed and size one by one, behind all others, so
// that they neither disturb nor are disturbed; then those that are plain work, side by side.
// Used by: tools/conform.  Depends on: tools/conform_opening, tools/conform_conversation.
#ifndef PLAINSONG_TOOLS_CONFORM_RUN_HPP
#define PLAINSONG_TOOLS_CONFORM_RUN_HPP

#include <cstddef>
#include <memory>
#include <vector>

#include <plainsong/net/callback.hpp>
#include <plainsong/net/loop.hpp>

#include "tools/conform_conversation.hpp"
#include "tools/conform_opening.hpp"

namespace plainsong::conform {

struct run_options {
    std::size_t jobs = 8;
    conversation_options talk;
};

class server_run {
public:
    /// `on_result` gets each case with its record as soon as it is over.
    /// Lifetime: the loop, the cases and the destination outlive the run.
    server_run(loop& its_loop, const destination& to, const run_options& options,
               std::vector<const conform_case*> cases,
               callback<void(const conform_case&, record&)> on_result);
    ~server_run();
    server_run(const server_run&) = delete;
    server_run& operator=(const server_run&) = delete;

    /// Turns the loop until all cases are over.
    /// Returns: false if the loop fails.
    bool run();

private:
    struct attempt;

    void start_more();
    void start(const conform_case& asked);
    void opened(attempt& one, opening_outcome outcome);
    void talked(attempt& one, record run);
    void ended(attempt& one, record run);

    loop& loop_;
    const destination& to_;
    const run_options options_;
    std::vector<const conform_case*> cases_;
    callback<void(const conform_case&, record&)> on_result_;
    std::vector<std::unique_ptr<attempt>> attempts_;  // under way, and those just over
    std::size_t next_ = 0;
    std::size_t active_ = 0;
    case_weight weight_ = case_weight::light;  // of what is under way
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_RUN_HPP
