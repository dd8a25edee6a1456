// SPDX-License-Identifier: MIT
// connector.hpp — makes a connection to one of several addresses.
//
// Does: try the addresses one after the other, each with a head start over the next, until one
// answers; end all attempts at one deadline; close those that lost.  A connection that a socket made
// to its own port is no connection.
// Does not: resolve names (see net/resolver), try again, or speak over the connection.
// Used by: app.  Depends on: base/clock, net/address, net/loop, net/stream.
// Spec: RFC 8305 §4, §5 ("happy eyeballs").
#ifndef PLAINSONG_NET_CONNECTOR_HPP
#define PLAINSONG_NET_CONNECTOR_HPP

#include <cstddef>
#include <span>
#include <vector>

#include <plainsong/base/clock.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/base/intrusive_list.hpp>
#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

namespace plainsong {

struct connect_options {
    duration stagger = std::chrono::milliseconds{250};  // an attempt's head start over the next
    duration within = std::chrono::seconds{10};         // for all of it; duration::max(): for ever
};

struct connect_outcome {
    error why;         // falsy: connected
    stream transport;  // empty if not
    address peer;      // the one of the addresses that answered
};

/// Returns: the addresses in the order in which they are tried: families alternate, beginning with
/// that of the first address, and within a family the order is kept.
/// Spec: RFC 8305 §4.
std::vector<address> order_for_connecting(std::span<const address> given);

/// Threads: its loop's.
class connector final : private loop_member {
public:
    /// Lifetime: `its_loop` outlives the connector.
    explicit connector(loop& its_loop) : loop_(its_loop) {}
    /// As cancel().
    ~connector() { cancel(); }

    /// Begins to connect; what was under way is cancelled.  `done` is called once, never inside this
    /// call, unless cancelled; it may destroy the connector or connect again.  The deadline counts
    /// from the loop's next look at the clock, which is when the first attempt begins.
    ///
    /// Of several failures the outcome has the one that tells most, with its errno:
    /// connected_to_itself, else connect_failed (refused before anything else, unreachable last), or
    /// connect_timeout: with ETIMEDOUT if the kernel gave up, without a number if the deadline came.
    /// no_such_address: `where` is empty.
    /// Requires: `done` holds something.
    void connect(std::span<const address> where, const connect_options& options,
                 callback<void(connect_outcome)> done);

    /// At once: `done` is dropped without being called and no descriptor stays open.  Idempotent.
    void cancel();

    [[nodiscard]] bool is_connecting() const { return static_cast<bool>(done_); }

private:
    class attempt;

    void on_due() override;
    void go_on();
    void start_next();
    void judge(attempt& one, readiness ready);
    void remember(error why);
    void finish(connect_outcome outcome);

    loop& loop_;
    callback<void(connect_outcome)> done_;
    std::vector<address> where_;
    std::size_t next_ = 0;  // of them, the one that is tried next
    intrusive_list<attempt> attempts_;
    connect_options options_;
    time_point deadline_ = never;
    time_point next_start_ = never;
    error why_;  // the one that tells most, up to now
    bool has_begun_ = false;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_CONNECTOR_HPP
