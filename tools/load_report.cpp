// SPDX-License-Identifier: MIT
// load_report.cpp — words and figures.
//
// Used by: tools/load.  Depends on: tools/load_report.
#include "tools/load_report.hpp"

#include <array>
#include <iterator>

#include <plainsong/base/bytes.hpp>
#include <plainsong/codec/utf8.hpp>

#include "tools/formatted.hpp"

namespace plainsong::load {
namespace {

using tools::append_formatted;

struct named_share {
    const char* key;
    const char* label;
    double share;
};

constexpr named_share shares[] = {{"p50", "p50", 0.5},
                                  {"p90", "p90", 0.9},
                                  {"p99", "p99", 0.99},
                                  {"p999", "p99.9", 0.999},
                                  {"p9999", "p99.99", 0.9999}};

unsigned long long whole(std::uint64_t value) {
    return value;
}

const char* name_of(mode what) {
    switch (what) {
        case mode::storm:
            return "storm";
        case mode::idle:
            return "idle";
        case mode::broadcast:
            return "broadcast";
        default:
            return "echo";
    }
}

const char* name_of(compression_kind kind) {
    return kind == compression_kind::takeover ? "takeover" : "each";
}

/// Whoever used its core nearly all the time was the limit.  A generator that spins does so in any case: it
/// was the limit if the server was not, and it was to send as much as goes.
const char* limit_of(const options& wanted, const outcome& made) {
    constexpr double nearly_all = 0.93;
    const bool server = made.server_cpu >= made.seconds * nearly_all;
    if (wanted.spin) {
        return server ? "server" : wanted.is_paced() ? "neither" : "generator";
    }
    const bool generator = made.generator_cpu >= made.seconds * nearly_all;
    return server && generator ? "both" : server ? "server" : generator ? "generator" : "neither";
}

double rate_of(const outcome& made) {
    return made.seconds > 0 ? static_cast<double>(made.messages) / made.seconds : 0;
}

void append_histogram(std::string& to, const char* name, const histogram& counted) {
    append_formatted(to, "\"%s\":{\"mean\":%llu", name, whole(counted.mean()));
    for (const named_share& each : shares) {
        append_formatted(to, ",\"%s\":%llu", each.key, whole(counted.percentile(each.share)));
    }
    append_formatted(to, ",\"max\":%llu}", whole(counted.longest()));
}

void append_failures(std::string& to, const outcome& made) {
    to += "\"failures\":[";
    for (const failure& each : made.failures.kinds()) {
        append_formatted(to, "%s{\"count\":%llu,\"when\":\"%s\",\"errno\":",
                         &each == &made.failures.kinds().front() ? "" : ",", whole(each.count),
                         std::string(name_of(each.when)).c_str());
        to += each.number != 0 ? json_string(name_of_errno(each.number)) : "null";
        to += ",\"text\":" + json_string(each.text) + "}";
    }
    to += "],\"failure\":";
    to += made.failure.empty() ? "null" : json_string(made.failure);
}

const char* verified(const options& wanted) {
    return wanted.tell_sizes ? "count" : wanted.verify == verification::all ? "all" : "sample";
}

void append_what(std::string& to, const options& wanted) {
    const char* text = name_of(wanted.payload);
    switch (wanted.what) {
        case mode::storm:
            append_formatted(to, "connect, upgrade, close; %zu at a time", wanted.connections);
            break;
        case mode::idle:
            append_formatted(to, "%zu idle connections", wanted.connections);
            break;
        case mode::broadcast:
            append_formatted(to, "%zu bytes %s to %zu receivers", wanted.size, text,
                             wanted.connections);
            break;
        default:
            append_formatted(to, "%zu bytes %s, %zu connections", wanted.size, text,
                             wanted.connections);
    }
    if (wanted.is_paced()) {
        append_formatted(to, ", %.10g a second\n", wanted.rate);
    } else if (wanted.what == mode::echo || wanted.what == mode::broadcast) {
        append_formatted(to, ", depth %zu\n", wanted.depth);
    } else {
        to += '\n';
    }
}

void append_durations(std::string& to, const char* name, const histogram& counted) {
    append_formatted(to, "%-12s ", name);
    for (const named_share& each : shares) {
        append_formatted(to, "%s %s, ", each.label,
                         shown_duration(counted.percentile(each.share)).c_str());
    }
    append_formatted(to, "max %s\n", shown_duration(counted.longest()).c_str());
}

void append_cpu(std::string& to, const options& wanted, const outcome& made, const char* unit) {
    append_formatted(to, "%-12s generator %.2f s", "cpu", made.generator_cpu);
    if (made.server_cpu > 0) {
        append_formatted(to, ", server %.2f s: %.0f %s a server-CPU-second; limit: %s",
                         made.server_cpu, static_cast<double>(made.messages) / made.server_cpu,
                         unit, limit_of(wanted, made));
    }
    to += '\n';
}

}  // namespace

const char* name_of(payload_kind kind) {
    switch (kind) {
        case payload_kind::ascii:
            return "ASCII text";
        case payload_kind::mixed:
            return "mixed text";
        case payload_kind::json:
            return "JSON text";
        default:
            return "binary";
    }
}

std::string shown_duration(std::uint64_t ns) {
    if (ns < 1000) {
        return std::to_string(ns) + " ns";
    }
    constexpr const char* units[] = {"us", "ms", "s"};
    double value = static_cast<double>(ns) / 1e3;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(units)) {
        value /= 1e3;
        ++unit;
    }
    std::string text;
    append_formatted(text, "%.*f %s",
                     value < 9.995   ? 2
                     : value < 99.95 ? 1
                                     : 0,
                     value, units[unit]);
    return text;
}

std::string json_string(std::string_view text) {
    const bool readable = is_utf8(as_bytes(text));
    std::string out = "\"";
    for (const char each : text) {
        const auto octet = static_cast<unsigned char>(each);
        if (each == '"' || each == '\\') {
            out += '\\';
            out += each;
        } else if (octet < 0x20 || octet == 0x7F || (octet >= 0x80 && !readable)) {
            append_formatted(out, "\\u%04x", unsigned{octet});
        } else {
            out += each;
        }
    }
    return out + "\"";
}

std::string report_as_json(const options& wanted, const outcome& made) {
    std::string out;
    append_formatted(
        out,
        "{\"mode\":\"%s\",\"connections\":%zu,\"depth\":%zu,\"size\":%zu,\"payload\":\"%s\","
        "\"verified\":\"%s\",",
        name_of(wanted.what), wanted.connections, wanted.depth, wanted.size,
        name_of(wanted.payload), verified(wanted));
    append_formatted(
        out, "\"messages\":%llu,\"seconds\":%.6f,\"per_second\":%.3f,\"generator_cpu\":%.6f,",
        whole(made.messages), made.seconds, rate_of(made), made.generator_cpu);
    if (made.server_cpu >= 0) {
        append_formatted(out, "\"server_cpu\":%.6f,\"limit\":\"%s\",", made.server_cpu,
                         limit_of(wanted, made));
    }
    append_histogram(out, "trip_ns", made.trips);
    if (wanted.is_paced()) {
        append_formatted(out, ",\"rate\":%.17g,", wanted.rate);
        append_histogram(out, "late_ns", made.late);
    }
    if (wanted.what == mode::broadcast) {
        append_formatted(out, ",\"sent\":%llu,\"lost\":%llu,\"foreign\":%llu", whole(made.sent),
                         whole(made.unanswered), whole(made.foreign));
    } else {
        append_formatted(out, ",\"unanswered\":%llu", whole(made.unanswered));
    }
    append_formatted(out, ",\"pings\":%llu,", whole(made.pings));
    if (wanted.compression != compression_kind::none) {
        append_formatted(out, "\"compressed\":\"%s\",\"echo_bytes\":%.1f,",
                         name_of(wanted.compression), made.echo_bytes);
    }
    append_failures(out, made);
    return out + "}";
}

std::string report_for_people(const options& wanted, const outcome& made) {
    const char* unit = wanted.what == mode::storm       ? "connections"
                       : wanted.what == mode::broadcast ? "arrivals"
                                                        : "messages";
    std::string out;
    append_what(out, wanted);
    if (wanted.what == mode::idle) {
        append_formatted(out, "%-12s %.2f s\n", "held for", made.seconds);
    } else {
        append_formatted(out, "%-12s %llu in %.2f s: %.0f a second\n", unit, whole(made.messages),
                         made.seconds, rate_of(made));
    }
    if (made.trips.count() > 0) {
        append_durations(out, wanted.is_paced() ? "latency" : "round trip", made.trips);
    }
    if (wanted.is_paced()) {
        append_durations(out, "sent late", made.late);
    }
    if (wanted.what == mode::broadcast) {
        append_formatted(out, "%-12s %llu messages, %llu arrivals lost\n", "sent", whole(made.sent),
                         whole(made.unanswered));
    }
    if (made.pings > 0) {
        append_formatted(out, "%-12s %llu, answered\n", "pings", whole(made.pings));
    }
    if (wanted.what != mode::idle) {
        append_cpu(out, wanted, made, unit);
    }
    if (wanted.compression != compression_kind::none) {
        append_formatted(out, "%-12s %s; an echo has %.1f bytes on the wire\n", "compressed",
                         name_of(wanted.compression), made.echo_bytes);
    }
    if (wanted.what == mode::echo && !wanted.tell_sizes) {
        append_formatted(out, "%-12s %s\n", "verified",
                         wanted.verify == verification::all
                             ? "every byte of every echo"
                             : "every length, the bytes of each sixteenth echo");
    }
    return out;
}

}  // namespace plainsong::load
