// SPDX-License-Identifier: MIT
// load_poller.hpp — waits for many sockets at once.
//
// Does: epoll on Linux, poll elsewhere, both level-triggered.  The generator doesn't wait with the
// library's own loop, so that a flaw there can't hide on both ends of a measurement.
// Does not: own descriptors.
// Used by: tools/load*.  Depends on: POSIX.
#ifndef PLAINSONG_TOOLS_LOAD_POLLER_HPP
#define PLAINSONG_TOOLS_LOAD_POLLER_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#ifdef __linux__
#include <sys/epoll.h>
#else
#include <poll.h>
#endif

#include <plainsong/net/fd.hpp>

namespace plainsong::load {

struct ready {
    std::uint32_t who;
    bool readable;  // or at its end, or failed: reading tells
    bool writable;
};

class poller {
public:
    /// Returns: false if there is none; errno tells why.
    bool open();
    /// Returns: false if it can't be waited for.
    bool add(int descriptor, std::uint32_t who, bool write);
    void change(int descriptor, std::uint32_t who, bool write);
    void remove(int descriptor);
    /// Waits for `longest_ns` at most, to a fraction of a millisecond where the kernel can do that;
    /// else it returns up to a millisecond early, never late.
    /// Returns: what is ready.  Lifetime: until the next call.
    std::span<const ready> wait(std::int64_t longest_ns);

private:
    std::vector<ready> ready_;
#ifdef __linux__
    int wait_for_events(std::int64_t longest_ns);

    fd epoll_;
    std::vector<epoll_event> events_;
    bool waits_exactly_ = true;  // as far as we know
#else
    std::vector<pollfd> watched_;
    std::vector<std::uint32_t> names_;
    [[nodiscard]] std::size_t place_of(int descriptor) const;
#endif
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_POLLER_HPP
