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
    void add(int descriptor, std::uint32_t who, bool write);
    void change(int descriptor, std::uint32_t who, bool write);
    void remove(int descriptor);
    /// Returns: what is ready after at most `longest_ms`.  Lifetime: until the next call.
    std::span<const ready> wait(int longest_ms);

private:
    std::vector<ready> ready_;
#ifdef __linux__
    fd epoll_;
    std::vector<epoll_event> events_;
#else
    std::vector<pollfd> watched_;
    std::vector<std::uint32_t> names_;
    [[nodiscard]] std::size_t place_of(int descriptor) const;
#endif
};

}  // namespace plainsong::load

#endif  // PLAINSONG_TOOLS_LOAD_POLLER_HPP
