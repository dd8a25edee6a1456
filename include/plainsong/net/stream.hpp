// SPDX-License-Identifier: MIT
// stream.hpp — a connected stream of bytes, whatever carries it.
//
// Does: name the five operations of a transport and own one transport.  TCP and unix sockets are
// one implementation (tcp_stream, below); TLS or a test double is another table of functions. Does
// not: buffer, block, or know the loop. Used by: app, net/listener.  Depends on: base/bytes.
#ifndef PLAINSONG_NET_STREAM_HPP
#define PLAINSONG_NET_STREAM_HPP

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include <plainsong/base/bytes.hpp>

namespace plainsong {

/// What became of one attempt to move bytes.
struct io_result {
    enum class kind : std::uint8_t {
        done,         // `count` bytes moved, at least one
        would_block,  // none moved now.  `number` is 0 if the loop will say when to try again, else
                      // ENOBUFS or ENOMEM: the kernel is short of memory, the descriptor may well
                      // stay writable; try again after a pause, or the loop spins
        end,          // receive only: the peer will send nothing more
        failed,       // `number` is the errno; the connection is lost
    };
    kind status = kind::failed;
    int number = 0;
    std::size_t count = 0;
};

using io_slice = ::iovec;

/// What a stream works on: a socket, or the state of another transport.
union stream_handle {
    int descriptor;
    void* object;
};

/// The functions of one kind of transport.  None of them blocks, throws or raises a signal.
struct stream_operations {
    /// Returns: done, would_block, end or failed.  Requires: `into` is not empty.
    io_result (*receive)(stream_handle, byte_span into);
    /// `is_last`: shutdown_write follows as soon as these bytes have left, so they may wait for it
    /// and share its packet.
    /// Returns: done (perhaps for a part), would_block or failed.  After a failed send there may
    /// still be bytes to receive.  Requires: the slices hold at least one byte.
    io_result (*send)(stream_handle, std::span<const io_slice> slices, bool is_last);
    /// Tells the peer that nothing more will be sent.
    void (*shutdown_write)(stream_handle);
    void (*close)(stream_handle);
    /// Returns: the descriptor that a loop watches for this stream, -1 if there is none.
    int (*descriptor)(stream_handle);
};

/// Sockets of any family.
extern const stream_operations tcp_stream_operations;

/// What an empty stream does: fail with EBADF.
extern const stream_operations closed_stream_operations;

/// Owns one transport and closes it when it dies.
/// Threads: those of its owner; it has no state of its own to share.
class stream {
public:
    /// An empty stream: each operation fails with EBADF.
    stream() = default;
    stream(const stream_operations& operations, stream_handle handle)
        : operations_(&operations), handle_(handle) {}
    stream(stream&& other) noexcept : operations_(other.operations_), handle_(other.handle_) {
        other.operations_ = &closed_stream_operations;
    }
    stream& operator=(stream&& other) noexcept {
        if (this != &other) {
            close();
            operations_ = other.operations_;
            handle_ = other.handle_;
            other.operations_ = &closed_stream_operations;
        }
        return *this;
    }
    ~stream() { close(); }

    explicit operator bool() const { return operations_ != &closed_stream_operations; }

    io_result receive(byte_span into) {
        io_result outcome = operations_->receive(handle_, into);
        return outcome.status == io_result::kind::failed ? judge(outcome) : outcome;
    }
    io_result send(std::span<const io_slice> slices, bool is_last = false) {
        io_result outcome = operations_->send(handle_, slices, is_last);
        return outcome.status == io_result::kind::failed ? judge(outcome) : outcome;
    }
    void shutdown_write() { operations_->shutdown_write(handle_); }

    /// Idempotent.  The descriptor must have left its loop before (`loop::unwatch`).
    void close() {
        const stream_operations* operations = operations_;
        operations_ = &closed_stream_operations;
        operations->close(handle_);
    }

    [[nodiscard]] int descriptor() const { return operations_->descriptor(handle_); }

    /// Gives the transport up without closing it; the stream is empty afterwards.
    stream_handle release() {
        operations_ = &closed_stream_operations;
        return handle_;
    }

private:
    /// Lets go of a number that turned out not to be our socket, so that it is never closed: it
    /// may be someone else's by now.
    io_result judge(io_result outcome);

    const stream_operations* operations_ = &closed_stream_operations;
    stream_handle handle_{.object = nullptr};
};

static_assert(sizeof(stream) == 2 * sizeof(void*));

/// Returns: the stream over a connected, non-blocking socket, which it owns from now on.
inline stream tcp_stream(int descriptor) {
    return {tcp_stream_operations, stream_handle{.descriptor = descriptor}};
}

}  // namespace plainsong

#endif  // PLAINSONG_NET_STREAM_HPP
