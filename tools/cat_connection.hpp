// SPDX-License-Identifier: MIT
// cat_connection.hpp — the two ends that `plainsong cat` can be.
//
// Does: connect as a client, or listen as a server for one peer at a time; put tap and misbehaviour on
// top of the transport.
// Does not: talk (see cat_talk).
// Used by: tools/cat.  Depends on: tools/cat_talk, tools/wire_witness, app/client, app/server.
#ifndef PLAINSONG_TOOLS_CAT_CONNECTION_HPP
#define PLAINSONG_TOOLS_CAT_CONNECTION_HPP

#include <vector>

#include "tools/cat_options.hpp"
#include "tools/recording.hpp"
#include "tools/wire_witness.hpp"

namespace plainsong {
class loop;
}  // namespace plainsong

namespace plainsong::tools {

/// Runs `its_loop` until the connection, or the last of them, is over.  Lifetime: all outlive the
/// loop's members, so the loop dies first.
/// Returns: the exit status.
int run_cat_client(loop& its_loop, const cat_options& options, wire_report& report,
                   std::vector<recorded_message> replayed);
int run_cat_server(loop& its_loop, const cat_options& options, wire_report& report,
                   std::vector<recorded_message> replayed);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_CAT_CONNECTION_HPP
