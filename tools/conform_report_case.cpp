// SPDX-License-Identifier: MIT
// conform_report_case.cpp — a run in the words of Autobahn's JSON.
//
// Used by: tools/conform_report.  Depends on: tools/conform_report_case, tools/conform_json.
#include "tools/conform_report_case.hpp"

#include <ctime>

#include "tools/conform_json.hpp"
#include "tools/formatted.hpp"

namespace plainsong::conform {
namespace {

constexpr std::size_t most_octets = 256;  // of a payload in the report

std::string number(std::int64_t value) {
    return std::to_string(value);
}

/// What Autobahn tells of an event; behind it how often, if that is more than once.
std::string event_json(event_kind what, std::string_view octets, std::uint64_t size,
                       std::uint64_t times = 1) {
    json out(true);
    switch (what) {
        case event_kind::text:
        case event_kind::binary:
            out.add(json_string("message"));
            break;
        case event_kind::pong:
            out.add(json_string("pong"));
            break;
        case event_kind::echo:
            return out.add(json_string("echo"))
                .add(json_string(std::to_string(times) + " messages"))
                .text();
        case event_kind::noted:
            return out.add(json_string("timeout")).add(json_string(octets)).text();
    }
    const std::string begin(octets.substr(0, most_octets));
    out.add(size > most_octets ? json_string(begin + " ... (" + std::to_string(size) + " octets)")
                               : json_string(begin));
    if (what != event_kind::pong) {
        out.add(what == event_kind::binary ? "true" : "false");
    }
    if (times > 1) {
        out.add(std::to_string(times));
    }
    return out.text();
}

std::string events_json(const expected_events& those) {
    json out(true);
    for (const expected_event& each : those) {
        const std::string octets =
            each.what == event_kind::noted ? each.note : each.body.octets().substr(0, most_octets);
        out.add(event_json(each.what, octets, each.body.size(), each.times));
    }
    return out.text();
}

/// Autobahn knows one row of events a verdict; a second one gets a name of its own.
void add_alternatives(json& to, const std::string& name,
                      const std::vector<expected_events>& those) {
    for (std::size_t at = 0; at < those.size(); ++at) {
        to.add(at == 0 ? name : name + " " + std::to_string(at + 1), events_json(those[at]));
    }
}

std::string expected_json(const conform_case& asked) {
    json out(false);
    add_alternatives(out, "OK", asked.accepted);
    add_alternatives(out, "NON-STRICT", asked.tolerated);
    return out.text();
}

std::string expected_close_json(const conform_case& asked) {
    json codes(true);
    for (const std::uint16_t code : asked.codes) {
        codes.add(number(code));
    }
    return json(false)
        .add("closeCode", codes.text())
        .add("closedByMe", asked.closed_by_tester)
        .add("requireClean", asked.cleanly)
        .text();
}

std::string received_json(const record& run) {
    constexpr std::size_t most_events = 64;
    json out(true);
    for (std::size_t at = 0, told = 0; at < run.events.size() && told < most_events; ++told) {
        const seen_event& each = run.events[at];
        const std::size_t begin = at++;
        while (each.what == event_kind::echo && at < run.events.size() &&
               run.events[at].what == event_kind::echo) {
            ++at;
        }
        out.add(event_json(each.what, each.octets, each.octets.size(), at - begin));
    }
    return out.text();
}

std::string key_json(const frame& one) {
    std::string text;
    for (const std::uint8_t octet : one.key) {
        tools::append_formatted(text, "%02x", octet);
    }
    return one.masked ? json_string(text) : "null";
}

/// "RF", "TF" and "WLM", as Autobahn names frames received, frames sent and remarks; behind what
/// Autobahn tells of each stands the time.
std::string line_json(const log_line& one) {
    json line(true);
    if (one.what == log_line::kind::remark) {
        line.add(json_string("WLM")).add(json_string(one.remark));
        return line.add(number(one.at.count())).text();
    }
    const bool received = one.what == log_line::kind::received;
    line.add(json_string(received ? "RF" : "TF"))
        .add(json(true)
                 .add(number(static_cast<std::int64_t>(one.one.size)))
                 .add(json_string(one.one.payload))
                 .text())
        .add(number(one.one.opcode))
        .add(std::string(json::word(one.one.fin)))
        .add(number(one.one.rsv));
    if (received) {
        line.add(std::string(json::word(one.one.masked))).add(key_json(one.one));
    } else {
        line.add(key_json(one.one)).add("null").add("null").add("false");
    }
    return line.add(number(one.at.count())).text();
}

std::string wire_log_json(const record& run) {
    json out(true);
    for (const log_line& each : run.log) {
        out.add(line_json(each));
    }
    if (run.log_left_out > 0) {
        out.add(json(true)
                    .add(json_string("WLM"))
                    .add(json_string(std::to_string(run.log_left_out) + " frames are left out"))
                    .text());
    }
    return out.text();
}

template <typename Counts>
std::string counts_json(const Counts& counts) {
    json out(false);
    for (const auto& [key, count] : counts) {
        out.add(std::to_string(key), number(static_cast<std::int64_t>(count)));
    }
    return out.text();
}

std::string reason_json(const close_seen& one) {
    return one.there && one.code != 1005 ? json_string(one.reason) : "null";
}

std::string rules_json(const conform_case& asked) {
    json out(true);
    for (const std::string& rule : asked.rules) {
        out.add(json_string(rule));
    }
    return out.text();
}

}  // namespace

std::string close_code_json(const close_seen& one) {
    return one.there && one.code != 1005 ? number(one.code) : "null";
}

std::string utc_now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string case_json(const std::string& agent, const conform_case& asked, const record& run,
                      const verdict& said, bool is_server) {
    json out(false);
    out.add("agent", json_string(agent))
        .add("id", json_string(asked.id))
        .add("case", number(asked.ordinal))
        .add("description", json_string(asked.group + ": " + asked.title))
        .add("expectation", json_string(asked.source))
        .add("rules", rules_json(asked))
        .add("isServer", is_server)
        .add("started", json_string(run.started))
        .add("duration", number(run.duration.count()))
        .add("behavior", json_string(name_of(said.behavior)))
        .add("behaviorClose", json_string(name_of(said.closing)))
        .add("result", json_string(said.why))
        .add("resultClose", json_string(said.why_closing))
        .add("expected", expected_json(asked))
        .add("expectedClose", expected_close_json(asked))
        .add("received", received_json(run))
        .add("closedByMe", run.tester_closed_first)
        .add("failedByMe", !run.violation.empty())
        .add("droppedByMe", run.tester_dropped)
        .add("wasClean", run.is_clean())
        .add("wasNotCleanReason",
             run.is_clean() || !run.is_open ? "null" : json_string(said.why_closing))
        .add("wasCloseHandshakeTimeout", run.no_close_reply)
        .add("wasServerConnectionDropTimeout", run.no_end)
        .add("wasOpenHandshakeTimeout", !run.is_open)
        .add("localCloseCode", close_code_json(run.ours))
        .add("localCloseReason", reason_json(run.ours))
        .add("remoteCloseCode", close_code_json(run.theirs))
        .add("remoteCloseReason", reason_json(run.theirs))
        .add("octetsPastFault",
             run.past_fault ? number(static_cast<std::int64_t>(*run.past_fault)) : "null")
        .add("httpRequest", json_string(run.request))
        .add("httpResponse", json_string(run.response))
        .add("createStats", true)
        .add("createWirelog", true)
        .add("reportTime", false)
        .add("reportCompressionRatio", false)
        .add("trafficStats", std::string("null"))
        .add("rxFrameStats", counts_json(run.frames_received))
        .add("txFrameStats", counts_json(run.frames_sent))
        .add("rxOctetStats", counts_json(run.octets_received))
        .add("txOctetStats", counts_json(run.octets_sent))
        .add("wirelog", wire_log_json(run));
    return out.text() + "\n";
}

}  // namespace plainsong::conform
