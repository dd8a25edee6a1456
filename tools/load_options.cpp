// SPDX-License-Identifier: MIT
// load_options.cpp — reads the command line of `plainsong load`.
//
// Used by: tools/load.  Depends on: tools/load_options.
#include "tools/load_options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/url.hpp>

#include "tools/load_broadcast.hpp"

namespace plainsong::load {
namespace {

constexpr double longest_seconds = 1e6;
constexpr double most_connections = 1e6;

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
    if (!read_number(text, low, high, value) || value != std::floor(value)) {
        return false;
    }
    into = static_cast<Number>(value);
    return true;
}

bool read_seconds(const char* text, double low, double& into) {
    return read_number(text, low, longest_seconds, into);
}

bool ends_with_one_of(std::string_view name, std::string_view one, std::string_view other) {
    return name.ends_with(one) || name.ends_with(other);
}

/// What an option does with its value ("" if it takes none).  Returns: false if that doesn't fit.
using taker = bool (*)(const char* value, options& into);

struct option {
    std::string_view name;
    bool has_value;
    taker take;
};

constexpr option known[] = {
    {"--connections", true,
     [](const char* value, options& into) {
         return read_count(value, 1, most_connections, into.connections);
     }},
    {"--depth", true,
     [](const char* value, options& into) { return read_count(value, 1, 65536, into.depth); }},
    {"--size", true,
     [](const char* value, options& into) { return read_count(value, 0, 1 << 30, into.size); }},
    {"--text", true,
     [](const char* value, options& into) {
         const std::string_view word = value;
         into.payload = word == "mixed"  ? payload_kind::mixed
                        : word == "json" ? payload_kind::json
                                         : payload_kind::ascii;
         return word == "mixed" || word == "json" || word == "ascii";
     }},
    {"--compress", true,
     [](const char* value, options& into) {
         const std::string_view word = value;
         into.compression =
             word == "takeover" ? compression_kind::takeover : compression_kind::each;
         return word == "takeover" || word == "each";
     }},
    {"--rate", true,
     [](const char* value, options& into) { return read_number(value, 1e-3, 1e8, into.rate); }},
    {"--ramp", true,
     [](const char* value, options& into) { return read_seconds(value, 1e-3, into.ramp); }},
    {"--warmup", true,
     [](const char* value, options& into) { return read_seconds(value, 0, into.warmup); }},
    {"--duration", true,
     [](const char* value, options& into) {
         into.timed = true;
         return read_seconds(value, 1e-3, into.seconds);
     }},
    {"--messages", true,
     [](const char* value, options& into) { return read_count(value, 0, 1e15, into.messages); }},
    {"--patience", true,
     [](const char* value, options& into) { return read_seconds(value, 1e-3, into.patience); }},
    {"--verify", true,
     [](const char* value, options& into) {
         const std::string_view word = value;
         into.verify = word == "sample" ? verification::sample : verification::all;
         return word == "sample" || word == "all";
     }},
    {"--unix", true,
     [](const char* value, options& into) {
         into.unix_path = value;
         return !into.unix_path.empty();
     }},
    {"--server-pid", true,
     [](const char* value, options& into) {
         return read_count(value, 1, 1 << 30, into.server_process);
     }},
    {"--chart", true,
     [](const char* value, options& into) {
         into.chart = value;
         return ends_with_one_of(into.chart, ".svg", ".html");
     }},
    {"--connect-storm", false,
     [](const char*, options& into) {
         into.what = mode::storm;
         return true;
     }},
    {"--idle", false,
     [](const char*, options& into) {
         into.what = mode::idle;
         return true;
     }},
    {"--broadcast", false,
     [](const char*, options& into) {
         into.what = mode::broadcast;
         return true;
     }},
    {"--spin", false, [](const char*, options& into) { return into.spin = true; }},
    {"--tell-sizes", false, [](const char*, options& into) { return into.tell_sizes = true; }},
    {"--json", false, [](const char*, options& into) { return into.json = true; }},
};

struct conflict {
    std::string_view one;
    std::string_view other;
    std::string_view why;
};

constexpr conflict conflicts[] = {
    {"--connect-storm", "--idle", "a run does one thing"},
    {"--connect-storm", "--broadcast", "a run does one thing"},
    {"--idle", "--broadcast", "a run does one thing"},
    {"--idle N", "--connections", "both say how many"},
    {"--rate", "--depth", "at a fixed rate messages don't wait for each other"},
    {"--rate", "--idle", "idle connections are idle"},
    {"--warmup", "--idle", "nothing is measured there"},
    {"--chart", "--idle", "nothing is measured there"},
    {"--ramp", "--connect-storm", "a storm opens connections all the time; use --rate"},
    {"--depth", "--connect-storm", "a storm sends no messages"},
    {"--size", "--connect-storm", "a storm sends no messages"},
    {"--text", "--connect-storm", "a storm sends no messages"},
    {"--compress", "--connect-storm", "a storm sends no messages"},
    {"--compress", "--broadcast", "each message has a stamp of its own"},
    {"--compress", "--tell-sizes", "the ceiling server doesn't compress"},
    {"--tell-sizes", "--broadcast", "the ceiling server doesn't broadcast"},
};

class command_line {
public:
    command_line(options& into, std::string& complaint) : into_(into), complaint_(complaint) {}

    parse_outcome read(int argc, char** argv);

private:
    bool refuse(const std::string& why) {
        complaint_ = why;
        return false;
    }
    [[nodiscard]] bool has(std::string_view name) const {
        return std::find(given_.begin(), given_.end(), name) != given_.end();
    }
    bool take_url(const char* text);
    bool take_option(int argc, char** argv, int& at);
    bool judge();
    bool resolve();

    options& into_;
    std::string& complaint_;
    std::vector<std::string_view> given_;
};

bool command_line::take_url(const char* text) {
    if (!into_.text.empty()) {
        return refuse("two URLs: `" + into_.text + "` and `" + text + "`");
    }
    into_.text = text;
    return true;
}

bool command_line::take_option(int argc, char** argv, int& at) {
    const std::string_view word = argv[at];
    const std::string_view name = word == "--seconds" ? "--duration" : word;
    const auto* found = std::find_if(std::begin(known), std::end(known),
                                     [name](const option& each) { return each.name == name; });
    if (found == std::end(known)) {
        return refuse("there is no option " + std::string(word));
    }
    given_.push_back(name);
    const char* value = "";
    if (found->has_value) {
        if (at + 1 == argc) {
            return refuse(std::string(word) + " wants a value");
        }
        value = argv[++at];
    }
    if (!found->take(value, into_)) {
        return refuse(std::string(word) + " doesn't take `" + value + "`");
    }
    if (name == "--idle" && at + 1 < argc && is_digits(argv[at + 1])) {
        given_.push_back("--idle N");
        if (!read_count(argv[++at], 1, most_connections, into_.connections)) {
            return refuse(std::string("--idle doesn't take `") + argv[at] + "`");
        }
    }
    return true;
}

/// Whether the options make sense together.
bool command_line::judge() {
    for (const conflict& each : conflicts) {
        if (has(each.one) && has(each.other)) {
            return refuse(std::string(each.one) + " and " + std::string(each.other) +
                          " exclude each other: " + std::string(each.why));
        }
    }
    if (has("--duration") && has("--messages") && into_.what != mode::idle) {
        return refuse("--duration and --messages exclude each other: either ends the measuring");
    }
    if (into_.what == mode::broadcast) {
        if (into_.size < broadcast::stamp_bytes) {
            return refuse("--broadcast wants a --size of " +
                          std::to_string(broadcast::stamp_bytes) + " or more, for the stamp");
        }
        if (into_.payload == payload_kind::mixed || into_.payload == payload_kind::json) {
            return refuse("--broadcast sends ASCII only, for the stamp");
        }
    }
    return true;
}

/// Finds the server's address and what the request says.
bool command_line::resolve() {
    http::url parts;
    if (const error why = http::parse_url(into_.text, parts)) {
        return refuse("`" + into_.text + "` is not a ws URL: " + facts_of(why.code()).text);
    }
    if (parts.secure) {
        return refuse("wss is not spoken here; put a TLS proxy in front or use ws");
    }
    into_.host = parts.host;
    if (!parts.has_default_port()) {
        into_.host += ":" + std::to_string(parts.port);
    }
    into_.target = parts.path;
    if (!parts.query.empty()) {
        into_.target += "?" + std::string(parts.query);
    }
    const std::string& path = into_.unix_path;
    auto found = path.empty() ? address::parse(parts.host, parts.port) : address::unix_path(path);
    if (!found) {
        return refuse(path.empty() ? "`" + std::string(parts.host) +
                                         "` is no numeric address and not localhost"
                                   : "`" + path + "` is too long for a Unix socket");
    }
    into_.server = *found;
    return true;
}

parse_outcome command_line::read(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {  // argv[0] is the verb
        const std::string_view name = argv[i];
        if (name == "--help" || name == "-h") {
            return parse_outcome::help;
        }
        if (!(name.starts_with("-") ? take_option(argc, argv, i) : take_url(argv[i]))) {
            return parse_outcome::wrong;
        }
    }
    if (into_.text.empty()) {
        complaint_ = "the URL is missing";
        return parse_outcome::wrong;
    }
    return judge() && resolve() ? parse_outcome::run : parse_outcome::wrong;
}

}  // namespace

parse_outcome parse_options(int argc, char** argv, options& into, std::string& complaint) {
    return command_line(into, complaint).read(argc, argv);
}

}  // namespace plainsong::load
