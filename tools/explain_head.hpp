// SPDX-License-Identifier: MIT
// explain_head.hpp — the opening handshake at the front of a stream, line by line.
//
// Does: find the head's end with the library's parser; say of each line what it means and which rule
// it keeps or breaks; say what is missing.  Each field is judged by the library alone, in a handshake
// that is good otherwise, so that one wrong line doesn't hide another.
// Does not: have rules of its own.
// Used by: tools/explain_stream.
// Depends on: http/head_parser, ws/server_handshake, ws/client_handshake, tools/explain_page.
#ifndef PLAINSONG_TOOLS_EXPLAIN_HEAD_HPP
#define PLAINSONG_TOOLS_EXPLAIN_HEAD_HPP

#include <cstddef>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/ws/opcode.hpp>

#include "tools/explain_page.hpp"

namespace plainsong::explain {

/// Returns: whether this begins as a request or an answer of HTTP does, which no frame of RFC 6455
/// can: each of their first letters would be a frame with a reserved bit.
bool is_head(byte_view in);

struct head_outcome {
    std::size_t size = 0;  // 0: what follows it isn't known
    role sender = role::client;
    bool is_cut = false;
};

/// `key` is the client's, "" if it isn't known: then the answer's Accept is only judged by its form.
head_outcome explain_head(byte_view in, std::string_view key, page& out);

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_HEAD_HPP
