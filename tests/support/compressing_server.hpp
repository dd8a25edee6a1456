// SPDX-License-Identifier: MIT
// compressing_server.hpp — a server in memory that accepts permessage-deflate, and clients that offer it.
#ifndef PLAINSONG_TESTS_SUPPORT_COMPRESSING_SERVER_HPP
#define PLAINSONG_TESTS_SUPPORT_COMPRESSING_SERVER_HPP

#include <string>
#include <string_view>
#include <utility>

#include "tests/support/compressing_peer.hpp"
#include "tests/support/memory_books.hpp"
#include "tests/support/memory_server.hpp"

namespace plainsong::tests {

inline constexpr deflate_parameters takes_over{};
inline constexpr deflate_parameters takes_nothing_over{.server_no_context_takeover = true,
                                                       .client_no_context_takeover = true};

/// Everything is compressed, on terms of `parameters`.
inline compression_options compressing(const deflate_parameters& parameters) {
    compression_options options = permessage_deflate();
    options.parameters = parameters;
    options.least_bytes = 0;
    return options;
}

inline handlers with(handlers on, const compression_options& compression) {
    on.compression = compression;
    return on;
}

/// The request of a client that offers `element`.
inline std::string offering(std::string_view element = "permessage-deflate") {
    return good_request("Sec-WebSocket-Extensions: " + std::string(element) + "\r\n", "/");
}

/// A client whose offer was accepted; what it hears is inflated.
class compressing_client {
public:
    compressing_client(memory_server& rig, const deflate_parameters& agreed,
                       std::string_view offer = "permessage-deflate; client_max_window_bits")
        : line(rig), codec(agreed), rig_(rig) {
        line.say(offering(offer));
        rig.settle();
        answer = line.answer();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
        EXPECT_TRUE(field_of(answer, "Sec-WebSocket-Extensions").starts_with("permessage-deflate"))
            << answer;
    }

    /// Says it, and returns what is heard then.
    std::string say(const octets& bytes) {
        line.say(bytes);
        rig_.settle();
        return heard();
    }
    std::string heard() {
        line.bytes();
        std::string lines = codec.read(line.ear);
        EXPECT_EQ(joined(line.ear.faults), "");
        line.ear.faults.clear();
        return lines;
    }

    memory_client line;
    compressing_peer codec;
    std::string answer;

private:
    memory_server& rig_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_COMPRESSING_SERVER_HPP
