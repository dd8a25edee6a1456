// SPDX-License-Identifier: MIT
// wire.hpp — frames written and read by hand, for comparison with ws/frame.
//
// Does: build any frame, also those that break a rule; take frames apart and name the rule that a
// sent one breaks.  Shares no code with the library.
#ifndef PLAINSONG_TESTS_SUPPORT_WIRE_HPP
#define PLAINSONG_TESTS_SUPPORT_WIRE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/reference_mask.hpp"

namespace plainsong::tests {

using octets = std::vector<std::uint8_t>;

inline octets octets_of(std::string_view text) {
    return {text.begin(), text.end()};
}

/// Text in which octets that are left out, doubled or exchanged are noticed.
inline std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + i % 23);
    }
    return text;
}

inline octets& append(octets& to, std::span<const std::uint8_t> more) {
    to.insert(to.end(), more.begin(), more.end());
    return to;
}

/// A frame, right or wrong.
struct wire_frame {
    unsigned opcode = 1;
    octets payload{};
    bool final = true;
    unsigned rsv = 0;  // 4: RSV1, 2: RSV2, 1: RSV3
    bool masked = false;
    std::array<std::uint8_t, 4> key{};
    unsigned length_bits = 0;                  // 7, 16 or 64; 0: the shortest form
    std::optional<std::uint64_t> announced{};  // what the length says, if not the truth

    [[nodiscard]] std::uint64_t length() const { return announced.value_or(payload.size()); }
    [[nodiscard]] std::size_t head_size() const {
        const unsigned bits = form();
        return 2 + (bits == 16 ? 2U : bits == 64 ? 8U : 0U) + (masked ? 4U : 0U);
    }
    [[nodiscard]] unsigned form() const {
        return length_bits != 0 ? length_bits : length() < 126 ? 7 : length() < 65536 ? 16 : 64;
    }
};

/// The head that `frame` has on the wire.
inline octets head_on_wire(const wire_frame& frame) {
    octets wire;
    wire.push_back(
        static_cast<std::uint8_t>((frame.final ? 128 : 0) + frame.rsv * 16 + frame.opcode));
    const unsigned bits = frame.form();
    const std::uint64_t first = bits == 7 ? frame.length() : bits == 16 ? 126 : 127;
    wire.push_back(static_cast<std::uint8_t>((frame.masked ? 128 : 0) + first));
    for (unsigned shift = bits == 7 ? 0 : bits; shift != 0; shift -= 8) {
        wire.push_back(static_cast<std::uint8_t>(frame.length() >> (shift - 8)));
    }
    if (frame.masked) {
        append(wire, frame.key);
    }
    return wire;
}

inline octets on_wire(const wire_frame& frame) {
    octets wire = head_on_wire(frame);
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
        wire.push_back(frame.masked ? reference_mask(frame.payload[i], i, frame.key)
                                    : frame.payload[i]);
    }
    return wire;
}

/// Takes the first frame off `rest`; nothing if it is not there to its last octet.
inline std::optional<wire_frame> take_frame(std::span<const std::uint8_t>& rest) {
    std::size_t at = 0;
    const auto number = [&](std::size_t size) {
        std::uint64_t value = 0;
        for (; size != 0; --size) {
            value = value * 256 + rest[at++];
        }
        return value;
    };
    wire_frame frame;
    if (rest.size() < 2) {
        return std::nullopt;
    }
    const std::uint64_t first = number(1);
    const std::uint64_t second = number(1);
    frame.final = first / 128 != 0;
    frame.rsv = static_cast<unsigned>(first / 16 % 8);
    frame.opcode = static_cast<unsigned>(first % 16);
    frame.masked = second / 128 != 0;
    std::uint64_t length = second % 128;
    frame.length_bits = length == 126 ? 16 : length == 127 ? 64 : 7;
    if (rest.size() < frame.head_size()) {
        return std::nullopt;
    }
    if (frame.length_bits != 7) {
        length = number(frame.length_bits / 8);
    }
    if (frame.masked) {
        for (std::uint8_t& octet : frame.key) {
            octet = static_cast<std::uint8_t>(number(1));
        }
    }
    if (rest.size() - at < length) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < length; ++i) {
        const std::uint8_t octet = rest[at++];
        frame.payload.push_back(frame.masked ? reference_mask(octet, i, frame.key) : octet);
    }
    rest = rest.subspan(at);
    return frame;
}

/// Judges the frames that one end sends, in order.
class sender_check {
public:
    explicit sender_check(bool masks) : masks_(masks) {}

    /// RSV1 may mark the first frame of a message.
    void allow_compression() { compression_ = true; }

    /// Returns: the rule that `frame` breaks, "" if none.
    std::string_view judge(const wire_frame& frame) {
        const bool control = frame.opcode >= 8;
        if (closed_) {
            return "something follows the Close";
        }
        const bool may_be_compressed =
            compression_ && (frame.opcode == 1 || frame.opcode == 2) && frame.rsv == 4;
        if (frame.rsv != 0 && !may_be_compressed) {
            return "a reserved bit is set";
        }
        if (frame.opcode > 10 || (frame.opcode > 2 && frame.opcode < 8)) {
            return "the opcode is reserved";
        }
        if (frame.masked != masks_) {
            return masks_ ? "a client's frame is not masked" : "a server's frame is masked";
        }
        wire_frame shortest = frame;
        shortest.length_bits = 0;
        if (shortest.form() != frame.length_bits) {
            return "the length is longer than needed";
        }
        if (control && (!frame.final || frame.payload.size() > 125)) {
            return "a control frame is cut or too long";
        }
        if (!control) {
            if ((frame.opcode == 0) != in_message_) {
                return "fragments are out of order";
            }
            in_message_ = !frame.final;
        }
        if (frame.opcode == 8) {
            closed_ = true;
            if (frame.payload.size() == 1) {
                return "the Close code is half a code";
            }
        }
        return "";
    }

private:
    bool masks_;
    bool compression_ = false;
    bool in_message_ = false;
    bool closed_ = false;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_WIRE_HPP
