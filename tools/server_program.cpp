// SPDX-License-Identifier: MIT
// server_program.cpp — options, signals, the life of a serving process.
#include "tools/server_program.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <plainsong/codec/ascii.hpp>

#include "tools/server_stats.hpp"

namespace plainsong::tools {

namespace {

loop* loop_to_stop = nullptr;

void on_signal(int) {
    loop_to_stop->stop();
}

// The second signal has its usual effect.
void stop_on_signals(loop& its_loop) {
    loop_to_stop = &its_loop;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

// "64", "64K", "64M", "1G"
bool parse_size(std::string_view text, std::uint64_t& out) {
    std::uint64_t unit = 1;
    if (!text.empty()) {
        const char last = text.back();
        unit = last == 'K' ? 1ULL << 10 : last == 'M' ? 1ULL << 20 : last == 'G' ? 1ULL << 30 : 1;
        text.remove_suffix(unit == 1 ? 0 : 1);
    }
    const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (why != std::errc{} || end != text.data() + text.size() || out == 0 ||
        out > (std::uint64_t{1} << 40) / unit) {
        return false;
    }
    out *= unit;
    return true;
}

bool parse_port(std::string_view text, std::uint16_t& out) {
    const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), out);
    return why == std::errc{} && end == text.data() + text.size();
}

// A size of window holds for both directions.
bool parse_window_bits(std::string_view text, deflate_parameters& out) {
    std::uint16_t bits = 0;
    if (!parse_port(text, bits) || bits < deflate_parameters::least_window_bits ||
        bits > deflate_parameters::most_window_bits) {
        return false;
    }
    out.server_max_window_bits = out.client_max_window_bits = static_cast<std::uint8_t>(bits);
    return true;
}

bool parse_compression(std::string_view text, compression_options& out) {
    if (text == "off") {
        out.make_codec = nullptr;
        return true;
    }
    const bool takes_over = text == "takeover";
    out.make_codec = permessage_deflate().make_codec;
    out.parameters.server_no_context_takeover = !takes_over;
    out.parameters.client_no_context_takeover = !takes_over;
    return takes_over || text == "on";
}

bool parse_level(std::string_view text, deflate_level& out) {
    out = text == "stored" ? deflate_level::stored
          : text == "fast" ? deflate_level::fast
          : text == "best" ? deflate_level::best
                           : deflate_level::normal;
    return out != deflate_level::normal || text == "normal";
}

bool parse_poller(std::string_view text, poller_kind& out) {
    out = text == "epoll"    ? poller_kind::epoll
          : text == "kqueue" ? poller_kind::kqueue
          : text == "poll"   ? poller_kind::poll
                             : poller_kind::best;
    return out != poller_kind::best || text == "best";
}

// Returns: whether `name` is known and `value` fits it.
bool apply(std::string_view name, std::string_view value, server_settings& out) {
    if (name == "--host") {
        out.host = value;
    } else if (name == "--port") {
        return parse_port(value, out.port);
    } else if (name == "--unix") {
        out.unix_path = value;
    } else if (name == "--path") {
        out.path = value;
        // A "*" stands at the end only, and a query is no part of a path.
        return (value.starts_with('/') || value == "*") &&
               value.find_first_of("*?#") >= value.size() - (value.ends_with('*') ? 1 : 0);
    } else if (name == "--allow-origin") {
        parsed_origin parsed;
        out.allowed_origins.emplace_back(value);
        return parse_origin(value, parsed);
    } else if (name == "--subprotocol") {
        if (!is_token(value)) {
            return false;
        }
        out.subprotocols += (out.subprotocols.empty() ? "" : ", ") + std::string(value);
    } else if (name == "--max-message") {
        return parse_size(value, out.max_message);
    } else if (name == "--poller") {
        return parse_poller(value, out.poller);
    } else if (name == "--compression") {
        return parse_compression(value, out.compression);
    } else if (name == "--window-bits") {
        return parse_window_bits(value, out.compression.parameters);
    } else if (name == "--level") {
        return parse_level(value, out.compression.level);
    } else {
        return false;
    }
    return true;
}

bool is_known(std::string_view name) {
    for (std::string_view one :
         {"--host", "--port", "--unix", "--path", "--allow-origin", "--subprotocol",
          "--max-message", "--poller", "--compression", "--window-bits", "--level"}) {
        if (one == name) {
            return true;
        }
    }
    return false;
}

}  // namespace

const char* const settings_help =
    "  --host HOST            listen on this address (127.0.0.1)\n"
    "  --port PORT            and this port; 0 lets the kernel choose\n"
    "  --unix PATH            listen on this socket instead\n"
    "  --replace-socket       take the path over if nobody listens there any more\n"
    "  --path PATH            serve WebSocket here; a final * stands for any rest\n"
    "  --allow-origin ORIGIN  let pages of this origin connect, and nobody else; may be repeated\n"
    "  --subprotocol NAME     speak this subprotocol; may be repeated\n"
    "  --max-message SIZE     take messages up to this size, e.g. 64M\n"
    "  --compression WHAT     permessage-deflate: on (each message for itself), takeover or off "
    "(on)\n"
    "  --window-bits N        how far both sides look back in text, as a power of 2: 8 to 15 (15)\n"
    "  --level NAME           stored, fast, normal or best (normal)\n"
    "  --stats                tell on standard error what is done, and the memory of a session\n"
    "  --poller NAME          epoll, kqueue, poll or best\n"
    "  --verbose              tell on standard error why connections fail\n";

bool read_settings(int argc, char** argv, std::string_view text, server_settings& out,
                   int& status) {
    for (int i = 1; i < argc; ++i) {
        std::string_view name = argv[i];
        if (name == "--help" || name == "-h") {
            std::printf("%.*s\n%s", static_cast<int>(text.size()), text.data(), settings_help);
            status = 0;
            return false;
        }
        if (name == "--verbose") {
            out.verbose = true;
            continue;
        }
        if (name == "--stats") {
            out.stats = true;
            continue;
        }
        if (name == "--replace-socket") {
            out.replaces_socket = true;
            continue;
        }
        std::string_view value;
        const std::size_t equals = name.find('=');
        const bool is_joined = equals != std::string_view::npos;
        if (is_joined) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        }
        status = 2;
        if (!is_known(name)) {
            std::fprintf(stderr, "plainsong %s: there is no option '%s'\n", argv[0], argv[i]);
            return false;
        }
        if (!is_joined && i + 1 == argc) {
            std::fprintf(stderr, "plainsong %s: %s wants a value\n", argv[0], argv[i]);
            return false;
        }
        if (!is_joined) {
            value = argv[++i];
        }
        if (!apply(name, value, out)) {
            std::fprintf(stderr, "plainsong %s: '%s' does not fit %s\n", argv[0],
                         std::string(value).c_str(), std::string(name).c_str());
            return false;
        }
    }
    return true;
}

server_options options_from(const server_settings& settings,
                            std::vector<std::string_view>& origins) {
    server_options options;
    if (!settings.allowed_origins.empty()) {
        origins.assign(settings.allowed_origins.begin(), settings.allowed_origins.end());
        options.origin = {.which = origin_policy::rule::list, .allowed = origins};
    }
    if (settings.max_message != 0) {
        options.bounds.frame_bytes = options.bounds.message_bytes = settings.max_message;
        // One answer fits, and never less than usual: how much may wait is another question.
        options.bounds.outbox_bytes =
            std::max(options.bounds.outbox_bytes, static_cast<std::size_t>(settings.max_message));
    }
    if (settings.verbose) {
        options.log = [](const log_record& record) {
            const error_facts& facts = facts_of(record.why.code);
            std::fprintf(stderr, "%s: %s at byte %llu: expected that %s%s%s%s%s%s\n",
                         record.peer.text().c_str(), facts.name,
                         static_cast<unsigned long long>(record.why.offset), facts.text,
                         *facts.requirement == '\0' ? "" : " [", facts.requirement,
                         *facts.requirement == '\0' ? "" : "]",
                         record.system.number() == 0 ? "" : ": ",
                         record.system.number() == 0 ? "" : std::strerror(record.system.number()));
        };
    }
    return options;
}

int report_failure(const char* verb, const error& why) {
    std::fprintf(stderr, "plainsong %s: ", verb);
    return report(why);
}

int run_server(const char* verb, loop& its_loop, server& its_server,
               const server_settings& settings, const greeting& words) {
    const std::string place = settings.unix_path.empty()
                                  ? settings.host + ":" + std::to_string(settings.port)
                                  : settings.unix_path;
    if (auto why = its_server.listen({.host = settings.host,
                                      .port = settings.port,
                                      .unix_path = settings.unix_path,
                                      .remove_stale_socket = settings.replaces_socket})) {
        std::fprintf(stderr, "plainsong %s: cannot listen on %s: ", verb, place.c_str());
        return report(why);
    }
    stop_on_signals(its_loop);
    if (!words.note.empty()) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(words.note.size()), words.note.data());
    }
    if (settings.unix_path.empty()) {
        const bool is_ipv6 =
            settings.host.find(':') != std::string::npos && !settings.host.starts_with('[');
        std::printf("%.*s %.*s://%s%s%s:%u/\n", static_cast<int>(words.announcement.size()),
                    words.announcement.data(), static_cast<int>(words.scheme.size()),
                    words.scheme.data(), is_ipv6 ? "[" : "", settings.host.c_str(),
                    is_ipv6 ? "]" : "", static_cast<unsigned>(its_server.port()));
    } else {
        std::printf("%.*s unix:%s\n", static_cast<int>(words.announcement.size()),
                    words.announcement.data(), settings.unix_path.c_str());
    }
    std::fflush(stdout);
    server_stats stats(its_loop, its_server);
    if (settings.stats) {
        stats.start();
    }
    const int status = its_loop.run();
    if (settings.stats) {
        stats.print();
    }
    its_server.stop(std::chrono::seconds(5));
    return status;
}

}  // namespace plainsong::tools
