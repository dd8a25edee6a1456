// SPDX-License-Identifier: MIT
// compression.hpp — whether and how the messages of a route or a client are compressed (RFC 7692).
//
// Does: hold what a program decides.  Does not: compress.
// Used by: app/handlers, programs.  Depends on: codec/deflate, ws/permessage_deflate.
//
// It is off unless a program asks for it, and then nothing of DEFLATE is linked:
//
//     server.route("/", {.on_message = …, .compression = permessage_deflate()});
//
// What it costs in memory, in octets:
//
//   no context takeover (the default)          nothing for a connection that is quiet
//     a loop, once a message is sent           deflate_memory(window bits, level), 260868 at most, for each
//                                              size of window that its peers make do with: 661548 for all;
//                                              65536 for what comes out of it, or the latest message's size
//     a message that is sent in pieces         deflate_memory(our window bits, level) until its end
//     a message that comes in several reads    7500 while it comes; 2^bits more if it is taken in chunks
//   context takeover when we send              deflate_memory(our window bits, level)
//                        when the peer does    2^(the peer's window bits): 32768 at most
//   a connection with either                   1700 for what else it keeps
//
// Where a message may still be given up once it is queued (overflow_policy::drop_oldest, or a key) it is
// compressed only without a context of ours: the peer's would lack it.  Limits of the queue are judged
// by the size that a message has before it is compressed.
//
// Messages that hold a secret beside text that somebody else has chosen are better not compressed: their
// size tells of what they have in common (RFC 7692 §8).  See message::may_compress.
#ifndef PLAINSONG_APP_COMPRESSION_HPP
#define PLAINSONG_APP_COMPRESSION_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/codec/deflate.hpp>
#include <plainsong/ws/message_inflater.hpp>
#include <plainsong/ws/permessage_deflate.hpp>

namespace plainsong {

class message_codec;

struct compression_options {
    /// Set by permessage_deflate().  nullptr: the extension is neither offered nor accepted.
    message_codec* (*make_codec)() = nullptr;

    /// What a client offers; what a server keeps to and asks for, whatever is offered.  Without context
    /// takeover a connection needs no memory between messages; with it, messages that resemble each other
    /// become smaller.
    /// Requires: is_possible(); else server::listen or client::connect says invalid_argument.
    deflate_parameters parameters{.server_no_context_takeover = true,
                                  .client_no_context_takeover = true};
    deflate_level level = deflate_level::normal;
    /// Smaller messages are sent as they are.
    std::size_t least_bytes = 256;
    /// Octets that one octet on the wire may become: see inflate_limits::ratio.
    std::uint32_t inflate_ratio = inflate_limits::largest_ratio;
    /// Compressed messages that may be coming in at a time on one loop, of those that don't come in one
    /// read; 1013 for the one beyond.
    std::uint32_t inflaters = 256;

    explicit operator bool() const { return make_codec != nullptr; }
};

/// Returns: the options above with compression on.  Whoever calls this links DEFLATE.
compression_options permessage_deflate();

}  // namespace plainsong

#endif  // PLAINSONG_APP_COMPRESSION_HPP
