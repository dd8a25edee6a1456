// SPDX-License-Identifier: MIT
// mangled_stream.hpp — a transport that spoils what is sent over it, for testers of the other end.
//
// Does: rewrite the frames of a well-behaved engine into what no engine may send.
// Does not: change what is received, or the opening handshake.
// Used by: tools/cat.  Depends on: net/stream, ws/frame.
#ifndef PLAINSONG_TOOLS_MANGLED_STREAM_HPP
#define PLAINSONG_TOOLS_MANGLED_STREAM_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <plainsong/net/stream.hpp>
#include <plainsong/ws/frame.hpp>

namespace plainsong::tools {

/// What is done to the data frames that are sent; the pongs in one case.
struct misbehaviour {
    bool no_mask = false;     // sent as a server would
    bool no_pong = false;     // pings stay unanswered
    bool bad_utf8 = false;    // the last octet of a text is FF; an empty text becomes that octet
    bool half_close = false;  // the sending side ends behind the first message
    std::uint8_t rsv = 0;     // these reserved bits are set: 4 is RSV1, 1 is RSV3
    int opcode = -1;          // instead of the right one; negative: the right one
    std::size_t split = 0;    // sent in pieces of so many octets; 0: as it comes

    [[nodiscard]] bool rewrites() const {
        return no_mask || no_pong || bad_utf8 || half_close || rsv != 0 || opcode >= 0;
    }
    [[nodiscard]] bool any() const { return rewrites() || split != 0; }
};

/// Rewrites a stream of octets, however it is cut.
class mangler {
public:
    explicit mangler(const misbehaviour& how) : how_(how) {}

    /// Takes what the engine sends and appends what is to be sent instead.
    void feed(byte_view in, std::string& out);
    /// The first message has been sent and nothing may follow it.
    [[nodiscard]] bool is_over() const { return is_over_; }

private:
    enum class part : std::uint8_t { handshake, refusal, frame_head, payload };

    std::size_t take_handshake(byte_view in, std::string& out);
    std::size_t take_head(byte_view in, std::string& out);
    std::size_t take_payload(byte_view in, std::string& out);
    void begin_frame(std::string& out);
    void end_frame();

    misbehaviour how_;
    part at_ = part::handshake;
    std::string handshake_;
    std::array<std::uint8_t, max_frame_head_bytes> head_{};
    std::size_t head_size_ = 0;
    frame_header frame_{};
    std::uint64_t done_ = 0;  // of its payload
    bool is_dropped_ = false;
    bool is_over_ = false;
};

/// Returns: the stream; it owns `under`.  Its descriptor is that of `under`.
stream mangled(stream under, const misbehaviour& how);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_MANGLED_STREAM_HPP
