// SPDX-License-Identifier: MIT
// conform_report.cpp — JSON.
//
// Used by: tools/conform.  Depends on: tools/conform_report.
#include "tools/conform_report.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "tools/formatted.hpp"

namespace plainsong::conform {
namespace {

using tools::append_formatted;

constexpr std::size_t most_octets = 256;  // of a payload in the report

/// An object or an array, member by member.
class json {
public:
    explicit json(bool is_array) : is_array_(is_array), text_(is_array ? "[" : "{") {}

    json& add(std::string_view name, const std::string& value) {
        text_ += text_.size() > 1 ? ", " : "";
        text_ += is_array_ ? "" : json_string(name) + ": ";
        text_ += value;
        return *this;
    }
    json& add(std::string_view name, bool value) { return add(name, std::string(word(value))); }
    json& add(const std::string& value) { return add("", value); }
    [[nodiscard]] std::string text() const { return text_ + (is_array_ ? "]" : "}"); }

private:
    static std::string_view word(bool value) { return value ? "true" : "false"; }

    bool is_array_;
    std::string text_;
};

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::string event_json(event_kind what, std::string_view octets, std::uint64_t size) {
    json out(true);
    switch (what) {
        case event_kind::text:
        case event_kind::binary:
            out.add(json_string("message"));
            break;
        case event_kind::pong:
            out.add(json_string("pong"));
            break;
        case event_kind::noted:
            return out.add(json_string("timeout")).add(json_string(octets)).text();
    }
    const std::string begin(octets.substr(0, most_octets));
    out.add(size > most_octets ? json_string(begin + " ... (" + std::to_string(size) + " octets)")
                               : json_string(begin));
    if (what != event_kind::pong) {
        out.add(what == event_kind::binary ? "true" : "false");
    }
    return out.text();
}

std::string alternatives_json(const std::vector<expected_events>& those) {
    json out(true);
    for (const expected_events& each : those) {
        json events(true);
        for (const expected_event& one : each) {
            const std::string octets =
                one.what == event_kind::noted ? one.note : one.body.octets().substr(0, most_octets);
            events.add(event_json(one.what, octets, one.body.size()));
        }
        out.add(events.text());
    }
    return out.text();
}

std::string expected_json(const conform_case& asked) {
    json out(false);
    out.add("OK", alternatives_json(asked.accepted));
    if (!asked.tolerated.empty()) {
        out.add("NON-STRICT", alternatives_json(asked.tolerated));
    }
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
    for (std::size_t at = 0; at < run.events.size() && at < most_events; ++at) {
        const seen_event& each = run.events[at];
        out.add(event_json(each.what, each.octets, each.octets.size()));
    }
    return out.text();
}

/// "RF", "TF" and "WLM", as Autobahn names frames received, frames sent and remarks.
std::string wire_log_json(const record& run) {
    json out(true);
    for (const log_line& each : run.log) {
        json line(true);
        if (each.what == log_line::kind::remark) {
            line.add(json_string("WLM")).add(json_string(each.remark));
        } else {
            const bool received = each.what == log_line::kind::received;
            line.add(json_string(received ? "RF" : "TF"))
                .add(json(true)
                         .add(number(static_cast<std::int64_t>(each.one.size)))
                         .add(json_string(each.one.payload))
                         .text())
                .add(number(each.one.opcode))
                .add(each.one.fin ? "true" : "false")
                .add(number(each.one.rsv))
                .add(each.one.masked ? "true" : "false");
        }
        out.add(line.add(number(each.at.count())).text());
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

std::string code_json(const close_seen& one) {
    return one.there && one.code != 1005 ? number(one.code) : "null";
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

std::string file_name(const std::string& agent, const std::string& id) {
    std::string name = agent + "_case_" + id;
    for (char& each : name) {
        const bool plain = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                           (each >= '0' && each <= '9') || each == '-' || each == '_';
        each = plain ? each : '_';
    }
    return name + ".json";
}

}  // namespace

std::string utc_now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string json_string(std::string_view octets) {
    std::string out = "\"";
    for (const char each : octets) {
        const auto octet = static_cast<unsigned char>(each);
        if (each == '"' || each == '\\') {
            out += '\\';
            out += each;
        } else if (octet < 0x20 || octet >= 0x7f) {
            append_formatted(out, "\\u%04x", octet);
        } else {
            out += each;
        }
    }
    return out + "\"";
}

std::string case_json(const std::string& agent, const conform_case& asked, const record& run,
                      const verdict& said, bool is_server) {
    json out(false);
    out.add("agent", json_string(agent))
        .add("id", json_string(asked.id))
        .add("case", json_string(asked.id))
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
        .add("localCloseCode", code_json(run.ours))
        .add("localCloseReason", reason_json(run.ours))
        .add("remoteCloseCode", code_json(run.theirs))
        .add("remoteCloseReason", reason_json(run.theirs))
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

bool report::write(const std::string& name, const std::string& text) const {
    std::ofstream file(std::filesystem::path(directory_) / name, std::ios::binary);
    file << text;
    file.close();
    return static_cast<bool>(file);
}

bool report::add(const std::string& agent, const conform_case& asked, const record& run,
                 const verdict& said) {
    if (directory_.empty()) {
        return true;
    }
    std::error_code why;
    std::filesystem::create_directories(directory_, why);
    const std::string name = file_name(agent, asked.id);
    lines_[agent][asked.number] = "    " + json_string(asked.id) + ": " +
                                  json(false)
                                      .add("behavior", json_string(name_of(said.behavior)))
                                      .add("behaviorClose", json_string(name_of(said.closing)))
                                      .add("duration", number(run.duration.count()))
                                      .add("remoteCloseCode", code_json(run.theirs))
                                      .add("reportfile", json_string(name))
                                      .text();
    return write(name, case_json(agent, asked, run, said, is_server_));
}

bool report::finish() const {
    if (directory_.empty()) {
        return true;
    }
    std::string text;
    for (const auto& [agent, lines] : lines_) {
        text += text.empty() ? "{\n  " : ",\n  ";
        text += json_string(agent) + ": {\n";
        std::string_view parting = "";
        for (const auto& [unused, line] : lines) {
            text += std::string(parting) + line;
            parting = ",\n";
        }
        text += "\n  }";
    }
    return write("index.json", text.empty() ? "{}\n" : text + "\n}\n");
}

}  // namespace plainsong::conform
