// SPDX-License-Identifier: MIT
// conform_case_check.cpp — steps, expectations, closing, patience, and that they fit each other.
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_case_check.
#include "tools/conform_case_check.hpp"

#include <algorithm>
#include <set>

namespace plainsong::conform {
namespace {

std::string lack_of_plan(const conform_case& made) {
    const deflate_plan& plan = made.compression;
    const bool compresses =
        plan.is_there() || std::any_of(made.steps.begin(), made.steps.end(),
                                       [](const step& e) { return e.compressed; });
    if (compresses && made.tests != testee::client && plan.offer.empty()) {
        return "the case compresses, but doesn't offer to";
    }
    if (compresses && made.tests != testee::server && plan.answers.empty()) {
        return "the case compresses, but doesn't say what it answers";
    }
    const bool none_needed = plan.must_decline || !plan.exact_answer.empty();
    return none_needed && made.tests == testee::either
               ? "what must be declined is for one side only"
               : "";
}

}  // namespace

std::string lack_of(const conform_case& made) {
    if (made.steps.empty() && !made.is_of_opening()) {
        return "the case does nothing";
    }
    if (made.accepted.empty() && made.answers.empty()) {
        return "the case doesn't say what it expects";
    }
    if (made.codes.empty()) {
        return "the case doesn't say who closes";
    }
    if (made.patience.count() == 0) {
        return "the case doesn't say how long it waits";
    }
    if (std::string lack = lack_of_plan(made); !lack.empty()) {
        return lack;
    }
    std::uint64_t announced = 0;
    bool unfinished = false;
    std::uint64_t parts = 0;
    // What floods and limits bring about is noted unasked.
    std::set<std::string> notes = {"through", "stalled", "all", "some", "limit", "end"};
    for (const step& each : made.steps) {
        announced += each.announced;
        unfinished = unfinished || each.unfinished;
        parts += each.what == step_kind::part ? each.body.size() : 0;
        notes.insert(each.note);
    }
    if (announced != parts && !unfinished) {
        return "the parts have " + std::to_string(parts) + " octets, the heads announce " +
               std::to_string(announced);
    }
    for (const auto& alternatives : {made.accepted, made.tolerated, made.mentioned}) {
        for (const expected_events& events : alternatives) {
            for (const expected_event& each : events) {
                if (each.what == event_kind::noted && !notes.contains(each.note)) {
                    return "nothing notes " + each.note;
                }
            }
        }
    }
    return "";
}

}  // namespace plainsong::conform
