// SPDX-License-Identifier: MIT
// cat_options.hpp — the command line of `plainsong cat`.
//
// Does: read it, judge what fits together, add what the environment says of proxies.
// Does not: connect.
// Used by: tools/cat and its parts.  Depends on: tools/message_splitter, tools/mangled_stream.
#ifndef PLAINSONG_TOOLS_CAT_OPTIONS_HPP
#define PLAINSONG_TOOLS_CAT_OPTIONS_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/base/clock.hpp>

#include "tools/mangled_stream.hpp"
#include "tools/message_splitter.hpp"

namespace plainsong::tools {

/// The exit statuses of `plainsong cat`.
namespace cat_status {
inline constexpr int clean = 0;
inline constexpr int abnormal = 1;
inline constexpr int usage = 2;
inline constexpr int unreachable = 3;
inline constexpr int refused = 4;
inline constexpr int timeout = 5;
}  // namespace cat_status

struct cat_options {
    // ---- where, and with what request
    std::string url;
    std::string listen_host;  // with is_listening
    std::uint16_t listen_port = 0;
    std::string listen_path;  // a Unix socket instead
    std::string unix_path;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string subprotocols;  // "a, b"
    std::string origin;
    std::string authorization;  // value of the field
    std::string proxy;
    std::string no_proxy;
    bool is_listening = false;

    // ---- what is said
    message_form input = message_form::text;
    message_form output = message_form::text;
    bool sends_binary = false;
    bool json = false;
    bool once = false;
    bool no_close = false;
    bool reconnect = false;
    std::uint16_t close_code = 1000;
    std::string close_reason;
    bool close_is_given = false;
    std::size_t max_message = 64 << 20;
    bool compress = false;     // permessage-deflate is offered, or accepted
    duration timeout{};        // zero: none
    duration ping_interval{};  // zero: none

    // ---- what is told
    bool frames = false;
    bool verbose = false;
    std::string record_file;
    std::string replay_file;
    double replay_speed = 1;

    // ---- what a tester needs
    misbehaviour bad;
    bool stall = false;
};

enum class parse_result : std::uint8_t { go, help, wrong };

/// `environment` is getenv, or what a test has instead.  Returns: `wrong` with a `complaint` of one
/// line.
parse_result read_cat_options(int argc, char** argv, const char* (*environment)(const char*),
                              cat_options& out, std::string& complaint);

/// What --help prints.
extern const char* const cat_help;

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_CAT_OPTIONS_HPP
