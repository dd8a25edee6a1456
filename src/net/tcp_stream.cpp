// SPDX-License-Identifier: MIT
// tcp_stream.cpp — the stream over a socket, and the one over nothing; see stream.hpp.
#include <cerrno>

#include <plainsong/net/stream.hpp>
#include <plainsong/net/sys.hpp>

namespace plainsong {

namespace {

constexpr io_result not_open{io_result::kind::failed, EBADF, 0};

}  // namespace

constinit const stream_operations tcp_stream_operations{
    .receive = [](stream_handle handle,
                  byte_span into) { return sys::receive(handle.descriptor, into); },
    .send = [](stream_handle handle, std::span<const io_slice> slices,
               bool is_last) { return sys::send(handle.descriptor, slices, is_last); },
    .shutdown_write = [](stream_handle handle) { sys::shutdown_write(handle.descriptor); },
    .close = [](stream_handle handle) { sys::close(handle.descriptor); },
    .descriptor = [](stream_handle handle) { return handle.descriptor; },
};

constinit const stream_operations closed_stream_operations{
    .receive = [](stream_handle, byte_span) { return not_open; },
    .send = [](stream_handle, std::span<const io_slice>, bool) { return not_open; },
    .shutdown_write = [](stream_handle) {},
    .close = [](stream_handle) {},
    .descriptor = [](stream_handle) { return -1; },
};

io_result stream::judge(io_result outcome) {
    if (outcome.number == EBADF || outcome.number == ENOTSOCK) {
        release();
    }
    return outcome;
}

}  // namespace plainsong
