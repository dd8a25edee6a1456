// SPDX-License-Identifier: MIT
// client_frames.hpp — what a client says and hears, for clients of every kind in tests.
//
// Does: write masked frames; take apart what the server sends and judge it with rules of its own.
#ifndef PLAINSONG_TESTS_SUPPORT_CLIENT_FRAMES_HPP
#define PLAINSONG_TESTS_SUPPORT_CLIENT_FRAMES_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/endpoint.hpp"
#include "tests/support/wire.hpp"

namespace plainsong::tests {

inline octets client_frame(unsigned op, octets payload, bool final = true) {
    return on_wire({.opcode = op,
                    .payload = std::move(payload),
                    .final = final,
                    .masked = true,
                    .key = {0x37, 0xfa, 0x21, 0x3d}});
}
inline octets client_text(std::string_view text, bool final = true) {
    return client_frame(1, octets_of(text), final);
}
inline octets client_ping(std::string_view text) {
    return client_frame(9, octets_of(text));
}
inline octets client_close(unsigned code, std::string_view reason = {}) {
    octets body = {static_cast<std::uint8_t>(code / 256), static_cast<std::uint8_t>(code)};
    return client_frame(8, append(body, octets_of(reason)));
}

/// What has come from the other end and was not taken yet.
class hearing {
public:
    explicit hearing(bool from_client = false)
        : speaker_(from_client ? "the client: " : "the server: "), check_(from_client) {}

    void allow_compression() { check_.allow_compression(); }

    /// Where octets are put that have arrived.
    octets bytes;

    /// The HTTP answer with the body that its Content-Length announces (none if `to_head`); "" if
    /// it is not complete.
    std::string take_answer(bool to_head = false) {
        const std::string_view all{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        const std::size_t head = all.find("\r\n\r\n");
        if (head == std::string_view::npos) {
            return "";
        }
        std::size_t size = head + 4;
        const std::size_t at = all.substr(0, head).find("\r\nContent-Length: ");
        if (at != std::string_view::npos && !to_head) {
            size += std::stoul(std::string(all.substr(at + 18, 20)));
        }
        if (bytes.size() < size) {
            return "";
        }
        const std::string answer(all.substr(0, size));
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        return answer;
    }

    /// The next frame; nothing if it is not there to its last octet.
    std::optional<wire_frame> take_frame() {
        std::span<const std::uint8_t> rest{bytes};
        auto frame = tests::take_frame(rest);
        if (frame) {
            bytes.erase(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(rest.size()));
            if (const std::string_view wrong = check_.judge(*frame); !wrong.empty()) {
                faults.push_back(speaker_ + std::string(wrong));
            }
        }
        return frame;
    }

    /// The HTTP request without a body; "" if it is not complete.
    std::string take_request() { return take_answer(true); }

    /// All frames that are there, a line each.
    std::string take_frames() {
        std::string lines;
        while (const auto frame = take_frame()) {
            lines += shown(*frame) + '\n';
        }
        return lines;
    }

    std::vector<std::string> faults;

private:
    std::string speaker_;
    sender_check check_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_CLIENT_FRAMES_HPP
