// SPDX-License-Identifier: MIT
// conform_verdict.cpp — the rules by which a run is judged, in their order.
//
// Used by: tools/conform_*.  Depends on: tools/conform_verdict.
#include "tools/conform_verdict.hpp"

#include <algorithm>

namespace plainsong::conform {
namespace {

bool is_expected(const seen_event& seen, const expected_event& expected) {
    if (seen.what != expected.what) {
        return false;
    }
    if (seen.what == event_kind::echo) {
        return true;
    }
    if (seen.what == event_kind::noted) {
        return seen.octets == expected.note;
    }
    return expected.only_size ? seen.octets.size() == expected.body.size()
                              : expected.body.is(seen.octets);
}

bool is_one_of(std::span<const seen_event> seen, const std::vector<expected_events>& those) {
    return std::any_of(those.begin(), those.end(), [seen](const expected_events& each) {
        return compare(seen, each) == progress::there;
    });
}

std::string text_of(const std::vector<std::uint16_t>& codes) {
    std::string text;
    for (const std::uint16_t code : codes) {
        text += (text.empty() ? "" : " or ") + std::to_string(code);
    }
    return text;
}

bool has_right_closer(const conform_case& asked, const record& run) {
    return asked.closed_by_either || asked.closed_by_tester == run.tester_closed_first;
}

bool has_right_code(const conform_case& asked, const record& run) {
    return !run.theirs.there || run.theirs.code == 1005 ||
           std::find(asked.codes.begin(), asked.codes.end(), run.theirs.code) != asked.codes.end();
}

grade grade_of(keeping one) {
    return one == keeping::fails       ? grade::failed
           : one == keeping::tolerated ? grade::non_strict
                                       : grade::informational;
}

void judge_closing(const conform_case& asked, const record& run, verdict& into) {
    if (!has_right_closer(asked, run)) {
        into.closing = grade::failed;
        into.why_closing = asked.closed_by_tester ? "the peer ended the connection first"
                                                  : "the peer should have closed, but did not";
    } else if (run.no_end && asked.keeps != keeping::passes) {
        into.closing = grade_of(asked.keeps);
        into.why_closing = "the peer kept a connection that was of no use any more";
    } else if (asked.cleanly && !run.is_clean()) {
        into.closing = grade::unclean;
        into.why_closing = run.no_close_reply  ? "the peer sent no Close in reply in time"
                           : run.no_end        ? "the connection was not ended in time"
                           : !run.theirs.there ? "the peer sent no Close"
                                               : "the closing handshake was not completed";
    } else if (!has_right_code(asked, run)) {
        into.closing = grade::wrong_code;
        into.why_closing = "the peer closed with " + std::to_string(run.theirs.code) +
                           " instead of " + text_of(asked.codes);
    } else if (asked.without_reset && run.end == connection_end::reset) {
        into.closing = grade::non_strict;
        into.why_closing = "the peer reset the connection, which may destroy what it sent";
    } else if (asked.linger.count() > 0 && run.peer_ended_first) {
        into.closing = grade::non_strict;
        into.why_closing = "the client didn't wait until the server ended the connection";
    } else if (run.tester_dropped) {
        into.closing = grade::failed_by_client;
        into.why_closing = "the peer left it to the tester to end the connection";
    } else {
        into.closing = grade::ok;
        into.why_closing = "the connection was closed as it should be";
    }
}

void judge_behavior(const conform_case& asked, const record& run, verdict& into) {
    if (!run.next_obstacle.empty()) {
        into.why = "after that the peer served nobody: " + run.next_obstacle;
    } else if (run.ran_out_of_time) {
        into.why = "what was expected did not come in time";
    } else if (is_one_of(run.events, asked.accepted)) {
        into.behavior = grade::ok;
        into.why = "what came is what was expected";
    } else if (is_one_of(run.events, asked.tolerated)) {
        into.behavior = grade::non_strict;
        into.why = "what came is tolerated";
    } else if (is_one_of(run.events, asked.mentioned)) {
        into.behavior = grade::informational;
        into.why = "what came is allowed, but worth knowing";
    } else {
        into.why = "what came is not what was expected";
    }
    if (asked.wrong_side_fails && !has_right_closer(asked, run)) {
        into.behavior = grade::failed;
        into.why += "; the wrong side closed";
    }
    if (asked.wrong_code_fails && into.closing == grade::wrong_code) {
        into.behavior = grade::failed;
        into.why += "; the code is wrong";
    }
}

/// Nothing was tried; the tester has closed with 1000 at once.
void judge_declined(const record& run, verdict& into) {
    into.behavior = grade::unimplemented;
    into.closing = run.is_clean() ? grade::ok : grade::unclean;
    into.why = into.why_closing = "the peer doesn't take the extension as the case needs it";
}

/// Whether "404" is meant by "404" or "4xx".
bool is_meant(std::string_view answer, const std::vector<std::string>& those) {
    return std::any_of(those.begin(), those.end(), [answer](const std::string& each) {
        return each == answer ||
               (each.ends_with("xx") && answer.size() == 3 && each[0] == answer[0]);
    });
}

/// There was no conversation: what the peer made of the opening is all there is.
void judge_answer(const conform_case& asked, const record& run, verdict& into) {
    if (is_meant(run.answer, asked.answers)) {
        into.behavior = run.lacks.empty() ? grade::ok : grade::non_strict;
    } else if (is_meant(run.answer, asked.tolerable_answers)) {
        into.behavior = grade::non_strict;
    }
    into.closing = into.behavior == grade::failed ? grade::failed : grade::ok;
    into.why = "the answer is " + run.answer;
    into.why += run.lacks.empty() ? "" : " without the field " + run.lacks;
    into.why_closing = into.why;
}

bool is_pass(grade one, bool strict) {
    return one == grade::ok || one == grade::informational ||
           (!strict && (one == grade::non_strict || one == grade::unimplemented));
}

}  // namespace

std::string_view name_of(grade one) {
    switch (one) {
        case grade::ok:
            return "OK";
        case grade::non_strict:
            return "NON-STRICT";
        case grade::informational:
            return "INFORMATIONAL";
        case grade::unimplemented:
            return "UNIMPLEMENTED";
        case grade::failed:
            return "FAILED";
        case grade::unclean:
            return "UNCLEAN";
        case grade::wrong_code:
            return "WRONG CODE";
        case grade::failed_by_client:
            return "FAILED BY CLIENT";
    }
    return "";
}

progress compare(std::span<const seen_event> seen, const expected_events& expected) {
    std::size_t at = 0;
    for (const expected_event& each : expected) {
        for (std::uint64_t time = 0; time < each.times; ++time, ++at) {
            if (at == seen.size()) {
                return progress::on_the_way;
            }
            if (!is_expected(seen[at], each)) {
                return progress::astray;
            }
        }
    }
    return at == seen.size() ? progress::there : progress::astray;
}

bool verdict::passes(bool strict) const {
    return is_pass(behavior, strict) && is_pass(closing, strict);
}

verdict judge(const conform_case& asked, const record& run) {
    verdict out;
    if (asked.is_of_opening() && !run.answer.empty()) {
        judge_answer(asked, run, out);
        return out;
    }
    if (!run.is_open) {
        out.why = out.why_closing = run.obstacle;
        return out;
    }
    if (!run.violation.empty()) {
        out.why = out.why_closing = "the peer broke the protocol: " + run.violation;
        return out;
    }
    if (run.declined) {
        judge_declined(run, out);
        return out;
    }
    judge_closing(asked, run, out);
    judge_behavior(asked, run, out);
    if (run.past_fault) {
        out.why += "; " + std::to_string(*run.past_fault) +
                   " octets were sent behind the first wrong one until the Close came";
    }
    if (asked.informational) {
        out.behavior = out.closing = grade::informational;
    }
    return out;
}

}  // namespace plainsong::conform
