// SPDX-License-Identifier: MIT
// conform_options.cpp — reads the command line of `plainsong conform`.
//
// Used by: tools/conform.  Depends on: tools/conform_options.
#include "tools/conform_options.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include <plainsong/http/url.hpp>
#include <plainsong/net/resolver.hpp>

#include "tools/conform_words.hpp"

namespace plainsong::conform {
namespace {

constexpr std::uint64_t most_jobs = 1000;

bool read_number(std::string_view text, std::uint64_t most, std::uint64_t& into) {
    return read_size(text, into) && !text.ends_with('K') && !text.ends_with('M') && into <= most;
}

/// "1.*,6.4.*"
bool read_patterns(std::string_view text, std::vector<std::string>& into) {
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        into.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return !into.empty();
}

/// "each" or "random:SEED"
bool read_split(std::string_view text, split& into) {
    constexpr std::string_view random = "random:";
    into.what = text == "each" ? cutting::each : cutting::random;
    return text == "each" || (text.starts_with(random) &&
                              read_number(text.substr(random.size()), 1 << 30, into.seed));
}

struct option {
    std::string_view name;
    bool has_value;
    bool (*take)(const char* value, options& into);
};

constexpr option known[] = {
    {"--cases", true,
     [](const char* value, options& into) { return read_patterns(value, into.chosen); }},
    {"--exclude", true,
     [](const char* value, options& into) { return read_patterns(value, into.excluded); }},
    {"--jobs", true,
     [](const char* value, options& into) {
         std::uint64_t jobs = 0;
         const bool fine = read_number(value, most_jobs, jobs) && jobs > 0;
         into.run.jobs = jobs;
         return fine;
     }},
    {"--timeout", true,
     [](const char* value, options& into) {
         return (read_duration(value, into.run.talk.patience) ||
                 read_duration(std::string(value) + "s", into.run.talk.patience)) &&
                into.run.talk.patience.count() > 0;
     }},
    {"--split", true,
     [](const char* value, options& into) { return read_split(value, into.run.talk.how); }},
    {"--agent", true,
     [](const char* value, options& into) {
         into.agent = value;
         return !into.agent.empty();
     }},
    {"--out", true,
     [](const char* value, options& into) {
         into.out = value;
         return !into.out.empty();
     }},
    {"--expected", true,
     [](const char* value, options& into) {
         into.expected = value;
         return !into.expected.empty();
     }},
    {"--strict", false, [](const char*, options& into) { return into.strict = true; }},
    {"--port", true,
     [](const char* value, options& into) {
         std::uint64_t port = 0;
         if (!read_number(value, 65535, port)) {
             return false;
         }
         into.where = *address::parse("127.0.0.1", static_cast<std::uint16_t>(port));
         return true;
     }},
    {"--once", false, [](const char*, options& into) { return into.once = true; }},
    {"--list", false, [](const char*, options& into) { return into.list = true; }},
};

bool take_option(int argc, char** argv, int& at, options& into, std::string& complaint) {
    const std::string_view name = argv[at];
    const auto* const found = std::find_if(std::begin(known), std::end(known),
                                           [name](const option& o) { return o.name == name; });
    if (found == std::end(known)) {
        complaint = "there is no option " + std::string(name);
        return false;
    }
    if (found->has_value && at + 1 == argc) {
        complaint = std::string(name) + " wants a value";
        return false;
    }
    const char* const value = found->has_value ? argv[++at] : "";
    if (!found->take(value, into)) {
        complaint = std::string(name) + " doesn't take `" + value + "`";
        return false;
    }
    return true;
}

bool take_url(const std::string& text, options& into, std::string& complaint) {
    http::url parts;
    if (const error why = http::parse_url(text, parts)) {
        complaint = "`" + text + "` is not a ws URL: " + facts_of(why.code()).text;
        return false;
    }
    if (parts.secure) {
        complaint = "wss is not spoken here; put a TLS proxy in front or use ws";
        return false;
    }
    into.to.host = parts.host;
    if (!parts.has_default_port()) {
        into.to.host += ":" + std::to_string(parts.port);
    }
    into.to.target = parts.path;
    if (!parts.query.empty()) {
        into.to.target += "?" + std::string(parts.query);
    }
    if (!literal_addresses(parts.host, parts.port, into.to.where)) {
        complaint = "`" + std::string(parts.host) + "` is no numeric address and not localhost";
        return false;
    }
    return true;
}

}  // namespace

parse_outcome parse_options(int argc, char** argv, options& into, std::string& complaint) {
    std::vector<std::string> words;
    for (int at = 0; at < argc; ++at) {
        const std::string_view word = argv[at];
        if (word == "--help" || word == "-h") {
            return parse_outcome::help;
        }
        if (!word.starts_with("-")) {
            words.emplace_back(word);
        } else if (!take_option(argc, argv, at, into, complaint)) {
            return parse_outcome::wrong;
        }
    }
    if (into.list && words.empty()) {
        return parse_outcome::run;
    }
    if (words.empty() || (words[0] != "server" && words[0] != "client")) {
        complaint = words.empty() ? "what is to be tested is missing: server or client"
                                  : "`" + words[0] + "` can't be tested: server or client";
        return parse_outcome::wrong;
    }
    into.serves = words[0] == "client";
    into.run.talk.is_busy = machine_is_busy;
    const std::size_t wanted = into.serves ? 1 : 2;
    if (words.size() != wanted) {
        complaint = words.size() > wanted ? "`" + words[wanted] + "` is one word too many"
                                          : "the URL is missing";
        return parse_outcome::wrong;
    }
    if (into.serves && !into.where) {
        complaint = "--port is missing";
        return parse_outcome::wrong;
    }
    if (!into.serves && !take_url(words[1], into, complaint)) {
        return parse_outcome::wrong;
    }
    into.agent = into.agent.empty() ? into.to.host : into.agent;
    return parse_outcome::run;
}

std::vector<const conform_case*> choose(const std::vector<conform_case>& cases,
                                        const options& asked, std::string& complaint) {
    const auto is_meant = [](const std::vector<std::string>& patterns, const conform_case& one) {
        return std::any_of(patterns.begin(), patterns.end(), [&one](const std::string& each) {
            return matches_pattern(each, one.id);
        });
    };
    for (const auto* const patterns : {&asked.chosen, &asked.excluded}) {
        for (const std::string& each : *patterns) {
            if (std::none_of(cases.begin(), cases.end(), [&each](const conform_case& one) {
                    return matches_pattern(each, one.id);
                })) {
                complaint = "no case is called `" + each + "`";
            }
        }
    }
    const testee other = asked.serves ? testee::server : testee::client;
    std::vector<const conform_case*> out;
    for (const conform_case& one : cases) {
        if ((asked.list || one.tests != other) &&
            (asked.chosen.empty() || is_meant(asked.chosen, one)) &&
            !is_meant(asked.excluded, one)) {
            out.push_back(&one);
        }
    }
    return out;
}

}  // namespace plainsong::conform
