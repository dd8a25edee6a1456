// SPDX-License-Identifier: MIT
// frame_fuzz.cpp — looks for the head of a frame whose verdict changes when octets follow, or that
// is read as something which is written otherwise.
//
// Input: one octet of flags, one that is the binary logarithm of the limit, then the head.
#include <plainsong/ws/frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/support/wire.hpp"

namespace {

using namespace plainsong;

void require(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::uint64_t limit = (std::uint64_t{1} << data[1] % 64) - 1;
    const frame_rules rules{.receiver = data[0] % 2 != 0 ? role::client : role::server,
                            .message_open = data[0] / 2 % 2 != 0,
                            .frame_bytes = data[0] / 4 % 2 != 0 ? limit : max_payload_size,
                            .message_bytes = data[0] / 8 % 2 != 0 ? limit : max_payload_size};
    const byte_view head{data + 2, size - 2};
    frame_parse settled;
    frame_header header;
    for (std::size_t length = 0; length <= std::min(head.size(), std::size_t{20}); ++length) {
        // A copy of its own lets the sanitizer see every octet read behind it.
        const std::vector<std::uint8_t> prefix(head.begin(),
                                               head.begin() + static_cast<std::ptrdiff_t>(length));
        const frame_parse parsed = parse_frame_head(prefix, rules, header);
        if (settled.size != 0 || settled.why != error_code::none) {
            require(parsed.size == settled.size && parsed.why == settled.why &&
                    parsed.offset == settled.offset);
        }
        require(parsed.size <= length);
        require(parsed.size == 0 || parsed.why == error_code::none);
        require(parsed.why == error_code::none || parsed.offset < length);
        settled = parsed;
    }
    require(head.size() < max_frame_head_bytes || settled.size != 0 ||
            settled.why != error_code::none);
    if (settled.size == 0) {
        return 0;
    }
    const auto taken = head.first(settled.size);
    const auto written = encode_frame_head(header);
    require(std::equal(taken.begin(), taken.end(), written.view().begin(), written.view().end()));
    const tests::octets by_hand = tests::head_on_wire({.opcode = static_cast<unsigned>(header.op),
                                                       .final = header.final,
                                                       .masked = header.masked,
                                                       .key = header.key.bytes,
                                                       .announced = header.payload_size});
    require(std::equal(taken.begin(), taken.end(), by_hand.begin(), by_hand.end()));
    require(header.masked == (rules.receiver == role::server));
    require(is_control(header.op) ? header.final && header.payload_size <= max_control_bytes
                                  : header.payload_size <= rules.frame_bytes &&
                                        header.payload_size <= rules.message_bytes);
    return 0;
}
