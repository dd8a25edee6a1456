// SPDX-License-Identifier: MIT
// resolver.hpp — from the name of a host to its addresses, without holding up the loop.
//
// Does: say what a resolver is, so that a program or a test may bring its own; be one that asks the
// system (getaddrinfo) on threads of its own, which exist only once a name had to be looked up.
// Does not: remember answers, ask DNS itself, or ask anybody for "localhost" and numeric hosts.
// Used by: app.  Depends on: base/error, net/address, net/loop.
#ifndef PLAINSONG_NET_RESOLVER_HPP
#define PLAINSONG_NET_RESOLVER_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include <plainsong/base/error.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong {

struct resolve_outcome {
    /// name_not_found or name_lookup_failed, with getaddrinfo's number if it gave one (0 if not);
    /// system_call_failed with an errno; falsy if there is at least one address.
    error why;
    std::vector<address> addresses;  // the preferred one first, none of them twice
};

/// Threads: its loop's, for all calls and callbacks.
class resolver {
public:
    /// Names a question that has not been answered yet; 0 names none.
    using ticket = std::uint64_t;

    virtual ~resolver() = default;

    /// Calls `done` once, never inside this call, unless cancelled.  Lifetime: `host` is copied.
    virtual ticket resolve(std::string_view host, std::uint16_t port,
                           callback<void(resolve_outcome)> done) = 0;

    /// At once: `done` is dropped without being called.  No effect on a ticket of the past, or 0.
    virtual void cancel(ticket which) = 0;
};

/// Answers what nobody has to be asked: an IPv4 or IPv6 address, the latter with or without
/// brackets, and "localhost" and all names below it, which are ::1 and 127.0.0.1.
/// Returns: false, with nothing appended, if `host` is anything else.  Thread-safe.
/// Spec: RFC 6761 §6.3.
bool literal_addresses(std::string_view host, std::uint16_t port, std::vector<address>& into);

struct resolver_options {
    std::uint32_t lookups_at_once = 4;  // and as many threads; other names wait for their turn
    std::uint32_t most_addresses = 64;  // of one name; what is beyond is left out

    /// A lookup of the caller's instead of getaddrinfo.  It may block, and is called on any of the
    /// threads.  It appends to `into`, or says why it cannot.
    error (*look_up)(const char* host, std::uint16_t port, std::vector<address>& into) = nullptr;
};

/// Asks the system.  A name that takes its time holds up neither the loop nor cancel().
class system_resolver final : public resolver, private loop_member {
public:
    /// Lifetime: `its_loop` outlives the resolver.
    explicit system_resolver(loop& its_loop, const resolver_options& options = {});

    /// As cancel() for all that is under way.  Then waits for the threads, of which each may be in
    /// the middle of one lookup: as long as getaddrinfo takes to answer or give up.
    ~system_resolver() override;
    system_resolver(const system_resolver&) = delete;
    system_resolver& operator=(const system_resolver&) = delete;

    /// `done` may destroy the resolver.
    ticket resolve(std::string_view host, std::uint16_t port,
                   callback<void(resolve_outcome)> done) override;
    void cancel(ticket which) override;

private:
    struct parts;
    struct answer;

    void on_ready(readiness) override;
    void on_due() override;
    error ask(ticket which, std::string_view host, std::uint16_t port);
    error open_channel();
    void deliver(std::vector<answer> answers);

    loop& loop_;
    parts* parts_;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_RESOLVER_HPP
