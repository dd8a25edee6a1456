// SPDX-License-Identifier: MIT
// conform_run.cpp — a few attempts at a time, until no case is left.
//
// Used by: tools/conform.  Depends on: tools/conform_run.
#include "tools/conform_run.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "tools/conform_report_case.hpp"

namespace plainsong::conform {
namespace {

// Autobahn's five seconds would be short where cases run side by side.
constexpr duration opening_time = std::chrono::seconds{15};
constexpr duration longest_turn = std::chrono::seconds{1};

}  // namespace

struct server_run::attempt {
    attempt(loop& its_loop, const conform_case& which, const conversation_options& options)
        : asked(which), door(its_loop), again(its_loop), talk(its_loop, which, options) {}

    const conform_case& asked;
    opening door;
    opening again;  // behind a reset: is anybody there?
    conversation talk;
    record happened;
    std::string started = utc_now();
    std::string request;
    std::string response;
    bool is_over = false;
};

server_run::server_run(loop& its_loop, const destination& to, const run_options& options,
                       std::vector<const conform_case*> cases,
                       callback<void(const conform_case&, record&)> on_result)
    : loop_(its_loop),
      to_(to),
      options_(options),
      cases_(std::move(cases)),
      on_result_(std::move(on_result)) {
    std::stable_sort(cases_.begin(), cases_.end(),
                     [](const conform_case* one, const conform_case* other) {
                         return one->weight() < other->weight();
                     });
}

server_run::~server_run() = default;

bool server_run::run() {
    if (loop_.status()) {
        return false;
    }
    for (start_more(); active_ > 0; start_more()) {
        if (loop_.turn(longest_turn)) {
            return false;
        }
        std::erase_if(attempts_, [](const auto& each) { return each->is_over; });
    }
    return true;
}

void server_run::start_more() {
    const auto fits = [this](case_weight next) {
        return active_ == 0 ||
               (active_ < options_.jobs && next == weight_ && weight_ != case_weight::heavy);
    };
    while (next_ < cases_.size() && fits(cases_[next_]->weight())) {
        start(*cases_[next_++]);
    }
}

void server_run::start(const conform_case& asked) {
    ++active_;
    weight_ = asked.weight();
    conversation_options options = options_.talk;
    for (const std::uint32_t part : asked.number) {
        options.how.seed = options.how.seed * 10007 + part;  // its own, and the same in each run
    }
    attempts_.push_back(std::make_unique<attempt>(loop_, asked, options));
    attempt& one = *attempts_.back();
    one.door.start(to_,
                   {.offer = asked.compression.offer,
                    .request = asked.request,
                    .declines = asked.compression.must_decline,
                    .how = options.how},
                   asked.request.empty() ? opening_time : duration{asked.patience},
                   [this, &one](opening_outcome outcome) { opened(one, std::move(outcome)); });
}

void server_run::opened(attempt& one, opening_outcome outcome) {
    one.request = std::move(outcome.request);
    one.response = std::move(outcome.response);
    const bool refusal =
        !one.asked.answers.empty() && one.asked.accepted.empty() && one.asked.tolerated.empty();
    if (!outcome.obstacle.empty() || refusal) {
        record run;
        run.obstacle = std::move(outcome.obstacle);
        run.answer = run.obstacle.empty() ? "101" : std::move(outcome.answer);
        run.lacks = std::move(outcome.lacks);
        return ended(one, std::move(run));
    }
    one.talk.agree(outcome.terms);
    one.talk.start(std::move(outcome.transport), outcome.early,
                   [this, &one](record run) { talked(one, std::move(run)); });
}

/// A server that was reset has to serve the next one.
void server_run::talked(attempt& one, record run) {
    if (!run.was_reset) {
        return ended(one, std::move(run));
    }
    one.happened = std::move(run);
    one.again.start(to_, {}, opening_time, [this, &one](opening_outcome outcome) {
        one.happened.next_obstacle = std::move(outcome.obstacle);
        ended(one, std::move(one.happened));
    });
}

void server_run::ended(attempt& one, record run) {
    run.request = std::move(one.request);
    run.response = std::move(one.response);
    run.started = std::move(one.started);
    --active_;
    one.is_over = true;
    on_result_(one.asked, run);
}

}  // namespace plainsong::conform
