// SPDX-License-Identifier: MIT
// server_program.hpp — what the verbs that serve have in common.
//
// Does: read their options, listen, say where, run until SIGINT or SIGTERM, drain with 1001.
// Does not: know what is served.
// Used by: tools/echo, tools/serve.  Depends on: plainsong/server.hpp.
#ifndef PLAINSONG_TOOLS_SERVER_PROGRAM_HPP
#define PLAINSONG_TOOLS_SERVER_PROGRAM_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/server.hpp>

namespace plainsong::tools {

struct server_settings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string unix_path;
    std::string path;                          // "": the verb's own choice
    std::vector<std::string> allowed_origins;  // none: the verb's own choice
    std::string subprotocols;                  // "a, b"
    std::uint64_t max_message = 0;             // 0: the verb's own choice
    bool verbose = false;
    bool replaces_socket = false;
    bool stats = false;
    compression_options compression = permessage_deflate();
    poller_kind poller = poller_kind::best;
};

/// Reads the options.  Returns: whether to go on; if not, `status` is the exit status and all has
/// been said.  `text` is what --help prints.
bool read_settings(int argc, char** argv, std::string_view text, server_settings& out, int& status);

/// The help of the options that read_settings knows.
extern const char* const settings_help;

/// Options for the server from the settings; `settings` outlives them.
server_options options_from(const server_settings& settings,
                            std::vector<std::string_view>& origins);

/// Says in one line on standard error what went wrong in that verb.  Returns: the exit status.
int report_failure(const char* verb, const error& why);

/// What a server says once it listens.
struct greeting {
    std::string_view announcement;  // on standard output, with the URL behind it
    std::string_view scheme;
    std::string_view note{};  // on standard error before that; "": nothing
};

/// Listens, prints the greeting and serves until a signal comes.  Who cannot listen says only that.
/// Returns: the exit status.
int run_server(const char* verb, loop& its_loop, server& its_server,
               const server_settings& settings, const greeting& words);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_SERVER_PROGRAM_HPP
