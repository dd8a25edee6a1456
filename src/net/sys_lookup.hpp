// SPDX-License-Identifier: MIT
// sys_lookup.hpp — what a resolver asks of the system: addresses of names, and threads.
//
// Does: call the system and turn what it says into values.  Does not: decide anything.
// Used by: net/resolver.  Depends on: base/error, net/address.
#ifndef PLAINSONG_NET_SYS_LOOKUP_HPP
#define PLAINSONG_NET_SYS_LOOKUP_HPP

#include <pthread.h>

#include <cstdint>
#include <vector>

#include <plainsong/base/error.hpp>
#include <plainsong/net/address.hpp>

namespace plainsong::sys {

/// Blocks.  Appends what the name has for TCP, in the system's order, perhaps with repetitions.
/// Errors: name_not_found or name_lookup_failed with getaddrinfo's number; system_call_failed with
/// the errno.  Thread-safe.
error look_up(const char* host, std::uint16_t port, std::vector<address>& into);

using thread = ::pthread_t;

/// Starts a thread in which no signal is handled: those are the program's own threads' business.
/// Errors: system_call_failed with the number that pthread_create gave.
error start_thread(thread& into, void* (*body)(void*), void* argument);
/// Waits until it has ended.
void join_thread(thread which);

}  // namespace plainsong::sys

#endif  // PLAINSONG_NET_SYS_LOOKUP_HPP
