// SPDX-License-Identifier: MIT
// listener.hpp — accepts connections on one address.
//
// Does: bind, listen, accept in batches, hand each connection over as a stream.  When the process
// or the system is out of descriptors it refuses those who wait (accept and close, by a descriptor
// kept in reserve) and pauses, so that the loop doesn't spin; it goes on within 100 ms of the
// shortage. Does not: own the connections, limit their number, or read from them. Used by: app.
// Depends on: net/loop, net/address, net/fd, net/stream.
#ifndef PLAINSONG_NET_LISTENER_HPP
#define PLAINSONG_NET_LISTENER_HPP

#include <cstdint>

#include <plainsong/net/address.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

namespace plainsong {

struct listener_options {
    int backlog = 1024;
    bool reuse_port = false;           // several listeners share one port
    bool remove_stale_socket = false;  // a path where nobody listens any more is taken over
    bool shed_when_exhausted = true;   // out of descriptors: close those who wait (false: let them)
    std::uint32_t accepts_per_turn = 64;
    /// After so long without acknowledgement the kernel ends a connection (TCP_USER_TIMEOUT, Linux).
    duration user_timeout = duration::max();
};

/// Threads: its loop's.
class listener final : private loop_member {
public:
    explicit listener(loop& its_loop) : loop_(its_loop) {}
    ~listener() { close(); }

    /// Begins to listen.  `on_accept` gets each connection and the peer's address (as accept itself
    /// gave it); it may call close(), but not destroy the listener.  `on_failure` is called at most
    /// once, if the listening socket itself breaks; the listener is closed then.
    /// Errors: invalid_state if it listens already, else system_call_failed with the errno of
    /// socket, bind or listen.  No half-made listener stays behind.
    error listen(const address& where, listener_options options,
                 callback<void(stream, const address& peer)> on_accept,
                 callback<void(error)> on_failure = {});

    /// Returns: the address with the port that the kernel chose; none if it doesn't listen.
    [[nodiscard]] address bound() const { return bound_; }

    /// Stops listening; connections that nobody accepted are reset.  A path that this listener made
    /// is removed.  Idempotent.
    void close();

    /// Returns: the latest trouble with accepting (also one that passed), falsy if none.
    [[nodiscard]] error last_error() const { return last_error_; }

    /// Returns: connections refused for want of descriptors.
    [[nodiscard]] std::uint64_t shed() const { return shed_; }

private:
    void on_ready(readiness) override { accept_batch(); }
    void on_due() override { accept_batch(); }

    error begin(fd socket, const address& where);
    void accept_batch();
    bool accept_waiting();
    void refuse_waiting();
    void pause();
    void fail(error why);
    void remember_path(const address& where);
    void remove_path();

    loop& loop_;
    callback<void(stream, const address&)> on_accept_;
    callback<void(error)> on_failure_;
    address bound_;
    address path_;  // that this listener made
    listener_options options_;
    watch_token token_;
    error last_error_;
    std::uint64_t shed_ = 0;
    std::uint64_t path_identity_[2] = {};
    int descriptor_ = -1;
    int reserve_ = -1;
    int creator_ = 0;  // process that made the path: after fork() only it removes it
    bool paused_ = false;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_LISTENER_HPP
