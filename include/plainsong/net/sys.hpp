// SPDX-License-Identifier: MIT
// sys.hpp — the system calls that the library makes, in one place.
//
// Does: call the kernel, repeat what a signal interrupted, and turn errno into a value.  Sockets
// are non-blocking and closed on exec from birth; sending never raises SIGPIPE. Does not: decide
// anything.  (The pollers make their own calls, each in its one file.) Used by: net, and app for
// the clock.  Depends on: base/clock, base/result, net/fd, net/stream.
#ifndef PLAINSONG_NET_SYS_HPP
#define PLAINSONG_NET_SYS_HPP

#include <cstddef>
#include <cstdint>
#include <span>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/clock.hpp>
#include <plainsong/base/result.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/stream.hpp>

namespace plainsong {
class address;
}  // namespace plainsong

namespace plainsong::sys {

/// CLOCK_MONOTONIC.  Thread-safe.
time_point now();

// ---- bytes --------------------------------------------------------------------------------------

/// Requires: `into` is not empty.
io_result receive(int socket, byte_span into);
/// Requires: the slices hold at least one byte.  More slices than the kernel takes at once are cut.
/// `is_last`: see stream_operations.
io_result send(int socket, std::span<const io_slice> slices, bool is_last = false);
void shutdown_write(int socket);
/// The number is gone whatever close says: never a second time, also not after EINTR.
void close(int descriptor);

// ---- sockets ------------------------------------------------------------------------------------

struct listen_options {
    int backlog = 1024;
    bool reuse_port = false;
    duration user_timeout = duration::max();  // of the connections accepted; max: the kernel's own
};

/// socket, SO_REUSEADDR, bind, listen.  An IPv6 socket takes IPv6 only.
result<fd> listen(const address& where, listen_options options);
/// Returns: the new socket (TCP_NODELAY set if it is TCP).  Errors: the errno of accept.
result<fd> accept(int listening, address& peer);
/// Begins to connect.  Watch it for writing, then ask connect_outcome().
result<fd> connect(const address& where);
/// Returns: why connecting failed; falsy if the socket is connected.  Ask once.
error connect_outcome(int socket);
/// Returns: the address that the socket has on this side.
result<address> bound_address(int socket);
/// Errors: ENOTCONN once the connection has been reset.
result<address> peer_address(int socket);
/// Time without acknowledgement after which the kernel gives up (Linux's TCP_USER_TIMEOUT).
error set_user_timeout(int socket, duration longest);

// ---- waking a thread that waits -----------------------------------------------------------------

/// An eventfd, or a pipe where there is none; `write` is `read` for an eventfd.
struct wake_channel {
    fd read;
    fd write_end;  // empty for an eventfd

    [[nodiscard]] int write() const { return write_end ? write_end.number() : read.number(); }
};
result<wake_channel> open_wake_channel();
/// Async-signal-safe; errno is kept.
void wake(int write_descriptor);
void drain_wakes(int read_descriptor);

// ---- random bytes and memory --------------------------------------------------------------------

/// Errors: no_entropy with the errno; how much of the span was written is unknown then.
error random_bytes(byte_span into);
/// A zeroed page.  `wiped_on_fork`: a child finds it zeroed.  Returns: nullptr if there is none.
void* map_page(std::size_t bytes, bool& wiped_on_fork);
void unmap_page(void* page, std::size_t bytes);

// ---- files, processes, threads ------------------------------------------------------------------

struct file_identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool is_socket = false;
};
/// What `path` itself names (a symbolic link isn't followed).
result<file_identity> identify(const char* path);
error remove_file(const char* path);
/// Opens a regular file to be read; anything else at `path`, a pipe or a device, is not waited for.
/// Errors: not_a_file, and the errno of open.
result<fd> open_file(const char* path);
/// Returns: how many bytes the file has now.
result<std::uint64_t> file_size(int file);
/// Reads from `offset` on; `end` where the file has no more.  Requires: `into` is not empty.
io_result read_at(int file, byte_span into, std::uint64_t offset);
/// A descriptor of no use but to be closed when one is needed; empty if there is none to be had.
fd open_reserve();
int process_id();
/// Writes the calling thread's name, ended by a NUL; "" if it has none.
void thread_name(std::span<char> into);

}  // namespace plainsong::sys

#endif  // PLAINSONG_NET_SYS_HPP
