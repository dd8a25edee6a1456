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

enum class payload_kind : std::uint8_t { binary, ascii, mixed };
enum class verification : std::uint8_t { all, sample };
enum class mode : std::uint8_t {
    echo,   // send, wait for the echo, send again
    storm,  // connect, upgrade, close, again
    idle    // open everything, then hold it
};

struct options {
    std::string text;  // of the URL
    std::string host;  // the Host field: as in the URL, with the port unless it is the default one
    std::string target;
    address server;

    std::size_t connections = 100;
    std::size_t depth = 1;  // messages that a connection has under way
    std::size_t size = 125;
    payload_kind payload = payload_kind::binary;
    mode what = mode::echo;
    verification verify = verification::all;

    double seconds = 2;
    double warmup = 0.5;
    std::uint64_t messages = 0;  // instead of a time; each connection's own number with --idle
    double patience = 30;        // without any progress, before it is a failure

    bool spin = false;        // poll without sleeping
    bool tell_sizes = false;  // for tests/bench/peers/ceiling.cpp
    bool json = false;
    int server_process = 0;  // whose CPU time is measured
};

enum class parse_outcome : std::uint8_t { run, help, wrong };

/// Reads the arguments behind the verb.  Returns: `wrong` with the reason in `complaint`.
parse_outcome parse_options(int argc, char** argv, options& into, std::string& complaint);

/// The text of --help.
extern const char usage[];

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_OPTIONS_HPP
