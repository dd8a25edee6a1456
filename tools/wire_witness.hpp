// SPDX-License-Identifier: MIT
// wire_witness.hpp — tells what passes over one connection: heads, frames, a recording.
//
// Does: both directions from their first octet; a line for each frame, with the rule that it breaks.
// Does not: own what it tells to.
// Used by: tools/cat.  Depends on: tools/tap_stream, tools/frame_decoder, tools/recording.
#ifndef PLAINSONG_TOOLS_WIRE_WITNESS_HPP
#define PLAINSONG_TOOLS_WIRE_WITNESS_HPP

#include <string>
#include <string_view>

#include <plainsong/base/clock.hpp>
#include <plainsong/net/callback.hpp>
#include <plainsong/ws/opcode.hpp>

#include "tools/frame_decoder.hpp"
#include "tools/tap_stream.hpp"

namespace plainsong::tools {

/// What all connections of a program tell to.  Lifetime: outlives them.
struct wire_report {
    bool heads = false;
    bool frames = false;
    callback<void(std::string_view line)> note{};      // heads and frames, for people
    callback<void(std::string_view line)> recorder{};  // recorded frames; may hold nothing
    time_point start{};                                // when the first connection was made
    time_point (*clock)() = nullptr;

    [[nodiscard]] bool is_wanted() const { return heads || frames || recorder; }
    /// Begins with the first connection, if it hasn't.
    void begin();
    [[nodiscard]] double seconds() const;
};

class wire_witness final : public witness {
public:
    wire_witness(wire_report& report, role self);

    void on_sent(byte_view bytes) override { follow(sent_, bytes); }
    void on_received(byte_view bytes) override { follow(received_, bytes); }

private:
    struct side {
        bool is_sent;
        std::string head;  // of the handshake, as far as it has come
        bool is_upgraded;  // the head has passed
        bool is_refused;   // what follows it is no frame
        frame_decoder decoder;
    };

    frame_decoder make_decoder(role receiver, bool is_sent);
    void follow(side& which, byte_view bytes);
    void tell_head(const side& which, std::string_view head);
    void tell_frame(bool is_sent, const decoded_frame& frame);

    wire_report& report_;
    side sent_;
    side received_;
};

/// A line for people: `> 0.001 FIN text masked 37fa213d length 5 "Hello"`.
std::string frame_line(bool is_sent, double seconds, const decoded_frame& frame);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_WIRE_WITNESS_HPP
