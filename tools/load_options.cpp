// SPDX-License-Identifier: MIT
// load_options.cpp — reads the command line of `plainsong load`.
//
// Used by: tools/load.  Depends on: tools/load_options.
#include "tools/load_options.hpp"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include <plainsong/http/url.hpp>

namespace plainsong::load {

const char usage[] =
    "usage: plainsong load URL [options]\n"
    "\n"
    "Opens connections to an echo server and keeps each of them busy: a message leaves when an\n"
    "echo has come back and was compared.  URL is ws://HOST[:PORT][/PATH], HOST a numeric address\n"
    "or localhost.\n"
    "\n"
    "  --connections N      connections at once (100)\n"
    "  --depth D            messages under way on each (1)\n"
    "  --size BYTES         payload of a message (125)\n"
    "  --text ascii|mixed   text messages: ASCII only, or code points of 1 to 3 bytes mixed\n"
    "  --seconds S          measure for that long (2)\n"
    "  --messages N         measure that many messages instead\n"
    "  --warmup S           before measuring (0.5)\n"
    "  --verify all|sample  compare every echoed byte (default), or the lengths of all echoes and\n"
    "                       the bytes of each sixteenth\n"
    "  --connect-storm      connect, upgrade, close, again, N at a time\n"
    "  --idle               open N connections, send --messages (0) on each, print \"ready\" and\n"
    "                       hold them until standard input ends\n"
    "  --unix PATH          connect to a Unix socket; the URL still supplies host and path\n"
    "  --patience S         without any progress for that long, give up (30)\n"
    "  --spin               poll without sleeping\n"
    "  --server-pid PID     report the CPU time of that process, too\n"
    "  --tell-sizes         append a frame's sizes to the path and only count what comes back,\n"
    "                       for the ceiling server of the benchmarks\n"
    "  --json               one line of JSON instead of a report\n"
    "\n"
    "Exit status: 0 done, 1 a failure (refused, reset, a wrong echo), 2 wrong usage.\n";

namespace {

constexpr double longest_seconds = 1e6;

/// Returns: false unless all of `text` is a number in the range.
bool read_number(const char* text, double low, double high, double& into) {
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    if (end == text || *end != 0 || !(value >= low && value <= high)) {
        return false;
    }
    into = value;
    return true;
}

template <typename Number>
bool read_count(const char* text, double low, double high, Number& into) {
    double value = 0;
    if (!read_number(text, low, high, value) || value != static_cast<double>(Number(value))) {
        return false;
    }
    into = Number(value);
    return true;
}

/// Takes one option that has a value.  Returns: false if the value is none of the option's;
/// `known` is false if there is no such option.
bool take_value(std::string_view name, const char* value, options& into, std::string& unix_path,
                bool& known) {
    known = true;
    if (name == "--connections") {
        return read_count(value, 1, 1e6, into.connections);
    }
    if (name == "--depth") {
        return read_count(value, 1, 65536, into.depth);
    }
    if (name == "--size") {
        return read_count(value, 0, 1 << 30, into.size);
    }
    if (name == "--messages") {
        return read_count(value, 0, 1e15, into.messages);
    }
    if (name == "--seconds") {
        return read_number(value, 0.001, longest_seconds, into.seconds);
    }
    if (name == "--warmup") {
        return read_number(value, 0, longest_seconds, into.warmup);
    }
    if (name == "--patience") {
        return read_number(value, 0.001, longest_seconds, into.patience);
    }
    if (name == "--server-pid") {
        return read_count(value, 1, 1 << 30, into.server_process);
    }
    const std::string_view word = value;
    if (name == "--text") {
        into.payload = word == "mixed" ? payload_kind::mixed : payload_kind::ascii;
        return word == "mixed" || word == "ascii";
    }
    if (name == "--verify") {
        into.verify = word == "sample" ? verification::sample : verification::all;
        return word == "sample" || word == "all";
    }
    if (name == "--unix") {
        unix_path = value;
        return !unix_path.empty();
    }
    known = false;
    return false;
}

/// Takes one option that has no value.  Returns: false if there is no such option.
bool take_flag(std::string_view name, options& into) {
    if (name == "--connect-storm") {
        into.what = mode::storm;
    } else if (name == "--idle") {
        into.what = mode::idle;
    } else if (name == "--spin") {
        into.spin = true;
    } else if (name == "--tell-sizes") {
        into.tell_sizes = true;
    } else if (name == "--json") {
        into.json = true;
    } else {
        return false;
    }
    return true;
}

/// Finds the server's address and what the request says.
bool resolve(options& into, const std::string& unix_path, std::string& complaint) {
    http::url parts;
    if (const error why = http::parse_url(into.text, parts)) {
        complaint = "`" + into.text + "` is not a ws URL: " + facts_of(why.code()).text;
        return false;
    }
    if (parts.secure) {
        complaint = "wss is not spoken here; put a TLS proxy in front or use ws";
        return false;
    }
    into.host = parts.host;
    if (!parts.has_default_port()) {
        into.host += ":" + std::to_string(parts.port);
    }
    into.target = parts.path;
    if (!parts.query.empty()) {
        into.target += "?" + std::string(parts.query);
    }
    auto found =
        unix_path.empty() ? address::parse(parts.host, parts.port) : address::unix_path(unix_path);
    if (!found) {
        complaint = unix_path.empty() ? "`" + std::string(parts.host) +
                                            "` is no numeric address and not localhost"
                                      : "`" + unix_path + "` is too long for a Unix socket";
        return false;
    }
    into.server = *found;
    return true;
}

}  // namespace

parse_outcome parse_options(int argc, char** argv, options& into, std::string& complaint) {
    std::string unix_path;
    int modes = 0;
    for (int i = 1; i < argc; ++i) {  // argv[0] is the verb
        const std::string_view name = argv[i];
        if (name == "--help" || name == "-h") {
            return parse_outcome::help;
        }
        modes += name == "--connect-storm" || name == "--idle" ? 1 : 0;
        if (take_flag(name, into)) {
            continue;
        }
        if (name.substr(0, 2) != "--") {
            if (!into.text.empty()) {
                complaint = "two URLs: `" + into.text + "` and `" + argv[i] + "`";
                return parse_outcome::wrong;
            }
            into.text = name;
            continue;
        }
        bool known = false;
        const char* value = i + 1 < argc ? argv[i + 1] : "";
        if (!take_value(name, value, into, unix_path, known)) {
            complaint = known ? std::string(name) + " doesn't take `" + value + "`"
                              : "there is no option " + std::string(name);
            return parse_outcome::wrong;
        }
        ++i;
    }
    if (into.text.empty()) {
        complaint = "the URL is missing";
        return parse_outcome::wrong;
    }
    if (modes > 1) {
        complaint = "--connect-storm and --idle exclude each other";
        return parse_outcome::wrong;
    }
    return resolve(into, unix_path, complaint) ? parse_outcome::run : parse_outcome::wrong;
}

}  // namespace plainsong::load
