// SPDX-License-Identifier: MIT
// compressing_peer.hpp — the far end of a connection that speaks permessage-deflate.
//
// Does: write compressed frames, with a context that it keeps or not; read those of the other side
// with the slow inflater, which looks back no further than was agreed on.
// Does not: negotiate.
#ifndef PLAINSONG_TESTS_SUPPORT_COMPRESSING_PEER_HPP
#define PLAINSONG_TESTS_SUPPORT_COMPRESSING_PEER_HPP

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/ws/permessage_deflate.hpp>

#include "tests/support/client_frames.hpp"
#include "tests/support/deflating.hpp"
#include "tests/support/reference_inflate.hpp"
#include "tests/support/wire.hpp"

namespace plainsong::tests {

class compressing_peer {
public:
    explicit compressing_peer(const deflate_parameters& agreed, role self = role::client)
        : self_(self),
          keeps_own_(self == role::client ? !agreed.client_no_context_takeover
                                          : !agreed.server_no_context_takeover),
          keeps_theirs_(self == role::client ? !agreed.server_no_context_takeover
                                             : !agreed.client_no_context_takeover),
          their_bits_(self == role::client ? agreed.server_max_window_bits
                                           : agreed.client_max_window_bits),
          own_(self == role::client ? agreed.client_max_window_bits : agreed.server_max_window_bits,
               deflate_level::best) {}

    /// The payload that `text` becomes.
    octets deflated(std::string_view text) {
        octets out = own_.message(as_bytes(text));
        if (!keeps_own_) {
            own_->forget();
        }
        return out;
    }
    /// A frame with any payload; `rsv` 4 says that a compressed message begins.
    [[nodiscard]] octets frame(unsigned op, octets payload, bool final = true,
                               unsigned rsv = 4) const {
        wire_frame made{.opcode = op, .payload = std::move(payload), .final = final, .rsv = rsv};
        if (self_ == role::client) {
            made.masked = true;
            made.key = {0x37, 0xfa, 0x21, 0x3d};
        }
        return on_wire(made);
    }
    octets text(std::string_view text) { return frame(1, deflated(text)); }
    octets binary(std::string_view text) { return frame(2, deflated(text)); }
    /// The message in frames of at most `size` octets of payload.
    octets fragments(unsigned op, std::string_view text, std::size_t size) {
        const octets all = deflated(text);
        octets wire;
        for (std::size_t at = 0; at == 0 || at < all.size(); at += size) {
            const std::size_t end = std::min(all.size(), at + size);
            const octets part(all.begin() + static_cast<std::ptrdiff_t>(at),
                              all.begin() + static_cast<std::ptrdiff_t>(end));
            append(wire, frame(at == 0 ? op : 0, part, end == all.size(), at == 0 ? 4 : 0));
        }
        return wire;
    }

    /// All whole messages and control frames in `ear`, a line each; "deflated" before the text of a
    /// compressed one.
    std::string read(hearing& ear) {
        ear.allow_compression();
        std::string lines;
        while (auto frame = ear.take_frame()) {
            if (frame->opcode >= 8) {
                lines += shown(*frame) + '\n';
                continue;
            }
            if (frame->opcode != 0) {
                message_ = {.opcode = frame->opcode, .rsv = frame->rsv};
            }
            append(message_.payload, frame->payload);
            if (frame->final) {
                lines += line_of_message();
            }
        }
        return lines;
    }

    std::size_t farthest = 0;  // that the other side has looked back

private:
    std::string line_of_message() {
        std::string what = message_.opcode == 1 ? "text " : "binary ";
        if (message_.rsv == 0) {
            return what + shown(message_.payload) + '\n';
        }
        const reference_inflated found = reference_inflater::run(
            message_.payload, {.before = before_, .window_bits = their_bits_});
        if (found.code != error_code::none) {
            return what + "that cannot be inflated: " + facts_of(found.code).name + '\n';
        }
        farthest = std::max(farthest, found.farthest);
        if (keeps_theirs_) {
            append(before_, found.text);
        }
        return what + "deflated " + shown(found.text) + '\n';
    }

    role self_;
    bool keeps_own_;
    bool keeps_theirs_;
    unsigned their_bits_;
    deflating own_;
    octets before_;
    wire_frame message_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_COMPRESSING_PEER_HPP
