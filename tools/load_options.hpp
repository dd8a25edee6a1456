// SPDX-License-Identifier: MIT
// load_options.hpp — what `plainsong load` is asked to do.
//
// Does: name the knobs and read them from a command line.  Does not: act on them.
// Used by: tools/load*.  Depends on: http/url, net/address.
#ifndef PLAINSONG_TOOLS_LOAD_OPTIONS_HPP
#define PLAINSONG_TOOLS_LOAD_OPTIONS_HPP

#include <cstddef>
#include <cstdint>
#include <string>

#include <plainsong/net/address.hpp>

namespace plainsong::load {

enum class payload_kind : std::uint8_t { binary, ascii, mixed, json };
enum class compression_kind : std::uint8_t {
    none,
    each,     // each message for itself, in both directions
    takeover  // the server may look back at what it has sent before
};
enum class verification : std::uint8_t { all, sample };
enum class mode : std::uint8_t {
    echo,      // send, wait for the echo, send again
    storm,     // connect, upgrade, close, again
    idle,      // open everything, then hold it
    broadcast  // one sends, all others receive
};

struct options {
    std::string text;  // of the URL
    std::string host;  // the Host field: as in the URL, with the port unless it is the default one
    std::string target;
    std::string unix_path;  // "": the URL says where
    address server;

    std::size_t connections = 100;  // of --broadcast: the receivers
    std::size_t depth = 1;          // messages that a connection has under way
    double rate = 0;  // messages (connections of a storm) a second over all; 0: closed loop
    double ramp = 0;  // seconds in which the connections are opened
    std::size_t size = 125;
    payload_kind payload = payload_kind::binary;
    compression_kind compression = compression_kind::none;
    mode what = mode::echo;
    verification verify = verification::all;

    double seconds = 2;
    bool timed = false;  // the seconds were asked for
    double warmup = 0.5;
    std::uint64_t messages = 0;  // instead of a time; each connection's own number with --idle
    double patience = 30;        // without any progress, before it is a failure

    bool spin = false;        // poll without sleeping
    bool tell_sizes = false;  // for tests/bench/peers/ceiling.cpp
    bool json = false;
    std::string chart;       // the file to draw into
    int server_process = 0;  // whose CPU time is measured

    /// Whether messages leave at fixed times instead of when an echo is back.
    [[nodiscard]] bool is_paced() const { return rate > 0; }
    /// Connections that are open at once.
    [[nodiscard]] std::size_t all_connections() const {
        return connections + (what == mode::broadcast ? 1U : 0U);
    }
};

enum class parse_outcome : std::uint8_t { run, help, wrong };

/// Reads the arguments behind the verb.  Returns: `wrong` with the reason in `complaint`, for what
/// is unknown, doesn't fit its option, or contradicts another option.
parse_outcome parse_options(int argc, char** argv, options& into, std::string& complaint);

/// The text of --help (load_usage.cpp).
extern const char usage[];

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_OPTIONS_HPP
