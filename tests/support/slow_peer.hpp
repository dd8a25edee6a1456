// SPDX-License-Identifier: MIT
// slow_peer.hpp — a session whose peer reads as little as a test wants, in memory.
#ifndef PLAINSONG_TESTS_SUPPORT_SLOW_PEER_HPP
#define PLAINSONG_TESTS_SUPPORT_SLOW_PEER_HPP

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/memory_server.hpp"

namespace plainsong::tests {

inline limits small_outbox() {
    limits bounds;
    bounds.outbox_high_bytes = 2000;
    bounds.outbox_bytes = 10'000;
    return bounds;
}

/// A server with one session, and its peer.
struct sender {
    explicit sender(overflow_policy policy = overflow_policy::refuse,
                    const limits& bounds = small_outbox(), reactions also = {}) {
        handlers made = rig.log.record(std::move(also));
        made.overflow = policy;
        rig->route("/", std::move(made), bounds);
        peer = std::make_unique<memory_client>(rig.open());
    }
    session& here() { return rig.latest(); }
    metrics_snapshot counts() { return rig->snapshot(); }

    memory_server rig;
    std::unique_ptr<memory_client> peer;
};

inline std::string numbered(int number, std::size_t size) {
    std::string text = std::to_string(number) + ' ';
    text.resize(size, '.');
    return text;
}

/// The numbers of the messages that a client has heard.
inline std::vector<int> numbers_in(memory_client& peer) {
    peer.bytes();
    std::vector<int> numbers;
    while (const auto frame = peer.ear.take_frame()) {
        const std::string text(frame->payload.begin(), frame->payload.end());
        numbers.push_back(frame->opcode == 1 ? std::stoi(text) : -static_cast<int>(frame->opcode));
    }
    return numbers;
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_SLOW_PEER_HPP
