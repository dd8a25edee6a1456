// SPDX-License-Identifier: MIT
// connection_fuzz.cpp — looks for octets on which an engine breaks a promise or says something else
// when they are cut otherwise.
//
// Input: an octet of flags (role, small limits, a message being sent, compression with a window of 8 or
// 15 bits), an octet that says after how
// many octets the program closes (0: never), an octet that is the seed of the cuts, then what the
// peer sends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

#include "tests/support/split.hpp"

namespace {

using namespace plainsong;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3 || size > 4096) {
        return 0;
    }
    limits bounds;
    if (data[0] / 2 % 2 != 0) {
        bounds.frame_bytes = 20;
        bounds.message_bytes = 30;
        bounds.message_frames = 4;
        bounds.drain_bytes = 50;
    }
    const role self = data[0] % 2 != 0 ? role::client : role::server;
    const byte_view stream{data + 3, size - 3};
    const std::size_t closes_after =
        data[1] == 0 ? stream.size() : std::min<std::size_t>(data[1] - 1U, stream.size());
    tests::dialogue talk{self, bounds};
    if (data[0] / 8 % 2 != 0) {
        talk.inflate_messages(data[0] / 16 % 2 != 0 ? 8 : 15);
    }
    talk.receive(stream.first(closes_after));
    if (data[0] / 4 % 2 != 0) {
        talk.call([](tests::endpoint& end) { (void)end.send(opcode::text, {}, false); });
    }
    if (data[1] != 0) {
        talk.call([](tests::endpoint& end) { (void)end.close(1000, "enough"); });
    }
    talk.receive(stream.subspan(closes_after));

    const auto whole = talk.run_whole();
    require(whole.faults.empty());
    require(talk.run([](std::size_t) { return true; }, false) == whole);
    std::mt19937 random{data[2]};
    require(talk.run([&random](std::size_t) { return random() % 5 == 0; }, true) == whole);

    // Each call but the last takes a whole event, and no event has less than one octet.
    tests::endpoint end{self, bounds};
    end.feed(stream);
    require(end.steps <= stream.size() / 2 + 2);
    return 0;
}
