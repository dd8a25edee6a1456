// SPDX-License-Identifier: MIT
// tap_stream.hpp — a transport on top of another one, and somebody who sees all that passes.
//
// Does: hand each octet that was really sent or received to a witness.
// Does not: change, delay or keep any.
// Used by: tools/cat.  Depends on: net/stream.
#ifndef PLAINSONG_TOOLS_TAP_STREAM_HPP
#define PLAINSONG_TOOLS_TAP_STREAM_HPP

#include <memory>

#include <plainsong/net/stream.hpp>

namespace plainsong::tools {

class witness {
public:
    virtual ~witness() = default;
    virtual void on_sent(byte_view bytes) = 0;
    virtual void on_received(byte_view bytes) = 0;
};

/// Returns: the stream; it owns both.  Its descriptor is that of `under`.
stream tapped(stream under, std::unique_ptr<witness> who);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_TAP_STREAM_HPP
