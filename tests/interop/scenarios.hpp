// SPDX-License-Identifier: MIT
// scenarios.hpp — what our client must live through at each server, and with what in between.
//
// Does: name the parts that interop_client.cpp is made of.  A scenario is a function that returns, or
// throws with what was wrong.
#ifndef PLAINSONG_TESTS_INTEROP_SCENARIOS_HPP
#define PLAINSONG_TESTS_INTEROP_SCENARIOS_HPP

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/client.hpp>

namespace interop {

/// Where to go, and how.
struct setting {
    std::string base;     // ws://HOST:PORT
    std::string proxy;    // "": none
    std::string refused;  // the same proxy, with credentials that it doesn't take; "": any will do
    bool echoes_codes = true;
    // With compression, the server
    bool takes_8_bits = true;  // as the client's window
    bool asks = true;          // for what the client has not offered
};

extern setting given;

/// The options that all visits have in common.
plainsong::client_options usual();

/// The URL of `path` on the server.
std::string at(std::string_view path);

/// How the server saw the end of the visit that came with this tag.
std::string log_of(const std::string& tag);
std::string new_tag();

struct check {
    std::string name;
    std::function<void()> scenario;
};

std::vector<check> checks_of_messages();
std::vector<check> checks_of_connections();
std::vector<check> checks_of_compression();
std::vector<check> checks_of_proxies();

}  // namespace interop

#endif  // PLAINSONG_TESTS_INTEROP_SCENARIOS_HPP
