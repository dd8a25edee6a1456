// SPDX-License-Identifier: MIT
// explain.hpp — octets of the protocol in words.
//
// Does: draw frames bit by bit and name the rule that each field keeps or breaks; show how the answer
// to a key is made; say what a Close code means.
// Does not: judge by itself: the verdicts are those of the library.
// Used by: tools/explain.  Depends on: codec, http, ws.
#ifndef PLAINSONG_TOOLS_EXPLAIN_HPP
#define PLAINSONG_TOOLS_EXPLAIN_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include <plainsong/base/bytes.hpp>

namespace plainsong::explain {

/// Who has sent the octets; if unknown, a request or a masked frame shows a client.
enum class sender : std::uint8_t { unknown, client, server };

struct explanation {
    std::string text;
    bool keeps_all_rules = true;
};

/// One direction of a connection: perhaps the head of an opening handshake, then frames.  `key` is
/// the Sec-WebSocket-Key that an answer belongs to, "" if it isn't known.
explanation stream(byte_view octets, sender from, std::string_view key = {});

/// The value of Sec-WebSocket-Accept for `key`, step by step.
explanation handshake(std::string_view key);

/// What a Close code means, and who may send it.
explanation close_code(std::uint32_t code);

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_HPP
