// SPDX-License-Identifier: MIT
// log.hpp — what the library would like somebody to know.  It never prints.
//
// Does: describe one notable event.  Does not: format, filter or write.
// Used by: app, tools.  Depends on: base/error, net/callback.
#ifndef PLAINSONG_APP_LOG_HPP
#define PLAINSONG_APP_LOG_HPP

#include <cstdint>
#include <string_view>

#include <plainsong/base/error.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>

namespace plainsong {

enum class log_event : std::uint8_t {
    handshake_failed,  // a request was refused or a connection ended before its upgrade
    session_failed,    // a peer broke a rule, timed out or overflowed its queue
    accept_failed,     // accept() failed; the listener goes on, or is gone if `fatal`
};

/// Lifetime: that of the call.
struct log_record {
    log_event event = log_event::session_failed;
    violation why{};  // the rule; its text and requirement id are in facts_of(why.code)
    error system{};   // the errno behind it, if any
    address peer{};
    bool fatal = false;
};

using log_sink = callback<void(const log_record&)>;

}  // namespace plainsong

#endif  // PLAINSONG_APP_LOG_HPP
