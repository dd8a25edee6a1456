// SPDX-License-Identifier: MIT
// tap_stream.cpp — see tap_stream.hpp.
#include "tools/tap_stream.hpp"

#include <algorithm>
#include <utility>

namespace plainsong::tools {

namespace {

struct tap {
    stream under;
    std::unique_ptr<witness> who;
};

tap& tap_of(stream_handle handle) {
    return *static_cast<tap*>(handle.object);
}

io_result send_and_tell(stream_handle handle, std::span<const io_slice> slices, bool is_last) {
    tap& self = tap_of(handle);
    const io_result sent = self.under.send(slices, is_last);
    if (sent.status != io_result::kind::done) {
        return sent;
    }
    std::size_t left = sent.count;
    for (const io_slice& each : slices) {
        const std::size_t size = std::min(left, each.iov_len);
        if (size != 0) {
            self.who->on_sent({static_cast<const std::uint8_t*>(each.iov_base), size});
        }
        left -= size;
    }
    return sent;
}

io_result receive_and_tell(stream_handle handle, byte_span into) {
    tap& self = tap_of(handle);
    const io_result got = self.under.receive(into);
    if (got.status == io_result::kind::done) {
        self.who->on_received(into.first(got.count));
    }
    return got;
}

constexpr stream_operations operations{
    .receive = receive_and_tell,
    .send = send_and_tell,
    .shutdown_write = [](stream_handle handle) { tap_of(handle).under.shutdown_write(); },
    .close = [](stream_handle handle) { delete &tap_of(handle); },
    .descriptor = [](stream_handle handle) { return tap_of(handle).under.descriptor(); },
};

}  // namespace

stream tapped(stream under, std::unique_ptr<witness> who) {
    return {operations, stream_handle{.object = new tap{std::move(under), std::move(who)}}};
}

}  // namespace plainsong::tools
