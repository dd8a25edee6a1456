// SPDX-License-Identifier: MIT
// memory_network.hpp — connections that exist in memory only, and time that moves when nothing
// else does.
//
// Does: stand in for the kernel under one loop: a poller, a clock and transports whose short reads,
// full buffers and errors a test chooses; note what a program may not do to a transport.
// Does not: imitate the kernel's sizes or delays.
//
//   memory_network network;
//   loop on{network.options()};
//   ... server.adopt(network.connect(line), {}) ...
//   network.settle(on);        // until nothing moves
//   network.pass(on, 30s);     // the same, and the time passes
#ifndef PLAINSONG_TESTS_SUPPORT_MEMORY_NETWORK_HPP
#define PLAINSONG_TESTS_SUPPORT_MEMORY_NETWORK_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

#include "src/net/poller.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/wire.hpp"

namespace plainsong::tests {

inline constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();

/// One connection, as its far end sees and shapes it.
struct memory_line {
    // ---- what the far end does
    octets inbound{};    // sent to us and not read yet
    bool ended = false;  // and FIN behind it
    int error = 0;       // and this errno behind it: reading meets it, and sending at once
    std::size_t window = no_bound;  // octets that may yet be sent before it blocks

    // ---- how the transport behaves
    std::size_t receive_at_most = no_bound;  // in one call
    std::size_t send_at_most = no_bound;
    int short_of_memory = 0;  // this many sends fail with ENOBUFS

    // ---- what we did
    octets outbound{};  // all that was sent and that the far end has not taken
    std::size_t sends = 0;
    bool fin_sent = false;
    bool closed = false;
};

/// The calls that a fault may hit.
enum class memory_call : std::uint8_t { receive, send, add, modify };

class memory_network {
public:
    memory_network();
    ~memory_network();
    memory_network(const memory_network&) = delete;
    memory_network& operator=(const memory_network&) = delete;

    /// For the one loop that lives on this network.
    [[nodiscard]] loop_options options() const;
    /// The near end of `line`.
    stream connect(std::shared_ptr<memory_line> line);

    /// Returns: what the loop wants to know of `line`, `none` if it doesn't watch it.
    [[nodiscard]] interest interest_in(const std::shared_ptr<memory_line>& line) const;

    /// Turns until no transport moves any more; time stands still.
    void settle(loop& turned);
    /// Lets time pass, turning whenever something is due or ready.
    void pass(loop& turned, duration span);

    /// Asked before each call; an errno other than 0 makes the call fail with it.
    std::function<int(memory_call)> fault;

    fake_clock clock;
    std::vector<std::string> faults;  // what must not happen and did
    std::size_t open_lines = 0;       // not closed by us yet
    std::size_t turns = 0;

private:
    friend class memory_poller;

    struct watched {
        interest wanted = interest::none;
        watch_token token{};
        bool muted = false;  // reported while nothing was wanted
    };
    struct end {
        memory_network* network;
        std::shared_ptr<memory_line> line;
        int descriptor;
    };

    static end& end_of(stream_handle handle) { return *static_cast<end*>(handle.object); }
    static io_result receive(stream_handle handle, byte_span into);
    static io_result send(stream_handle handle, std::span<const io_slice> slices, bool is_last);
    static void shutdown_write(stream_handle handle);
    static void close(stream_handle handle);
    static const stream_operations operations;

    [[nodiscard]] int fault_at(memory_call call) const { return fault ? fault(call) : 0; }
    [[nodiscard]] static readiness state_of(const memory_line& line);
    wait_outcome wait(std::span<poller_event> events, int milliseconds);

    std::map<int, std::shared_ptr<memory_line>> lines_;
    std::map<int, watched> watched_;
    int next_descriptor_ = 1'000'000;
    std::size_t moves_ = 0;
    int last_served_ = 0;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_MEMORY_NETWORK_HPP
