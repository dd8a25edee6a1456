// SPDX-License-Identifier: MIT
// conform_wire.hpp — frames as octets, legal or not, without the engine under test.
//
// Does: write any frame; read frames one after the other; judge what a peer sends by the rules of
// RFC 6455, strictly; inflate where that is agreed.
// Does not: use src/ws, on purpose: what judges the engine must not share its mistakes.
// Used by: tools/conform_*.  Depends on: tools/conform_deflate.
#ifndef PLAINSONG_TOOLS_CONFORM_WIRE_HPP
#define PLAINSONG_TOOLS_CONFORM_WIRE_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tools/conform_deflate.hpp"

namespace plainsong::conform {

using mask_key = std::array<std::uint8_t, 4>;

struct frame {
    std::uint8_t opcode = 0;
    std::uint8_t rsv = 0;  // 4: RSV1, 2: RSV2, 1: RSV3
    bool fin = true;
    bool masked = false;
    mask_key key{};
    std::uint64_t size = 0;  // that its head tells
    std::string payload;     // unmasked
};

/// Masking keys, the same in each run, so that a run can be repeated octet by octet.
class key_source {
public:
    explicit key_source(std::uint64_t seed) : state_(seed | 1) {}
    mask_key next();

private:
    std::uint64_t state_;
};

void append_head(std::string& to, const frame& one);
/// `phase`: how many octets of the payload came before.
void mask(char* octets, std::size_t size, const mask_key& key, std::uint64_t phase);
/// The head and the masked payload; the size is the payload's.
void append_frame(std::string& to, const frame& one);

bool is_valid_utf8(std::string_view octets);
/// Returns: where the first octet is that no text could have there; the size if there is none, though
/// the text may end inside of a character.
std::size_t first_wrong_octet(std::string_view octets);
/// Whether a Close on the wire may have this code (RFC 6455 §7.4 and the registry of IANA).
bool is_sendable_code(std::uint16_t code);

/// Frames out of a stream of octets.
class frame_reader {
public:
    static constexpr std::uint64_t largest_frame = std::uint64_t{64} << 20;

    void feed(std::string_view octets) { pending_.append(octets); }
    /// Returns: whether a frame is complete.  `violation` is not empty if its head is wrong; nothing
    /// can be read then.
    bool next(frame& into, std::string& violation);

private:
    std::string pending_;
    std::size_t at_ = 0;  // of it, where the next frame begins
};

/// Something that a peer has said.
struct arrival {
    enum class kind : std::uint8_t { nothing, text, binary, ping, pong, close, violation };
    kind what = kind::nothing;
    std::string octets;         // of a message, ping or pong; the reason of a Close; the violation
    std::uint16_t code = 1005;  // of a Close; 1005: it has none
};

/// Follows one peer frame by frame.
class peer_judge {
public:
    explicit peer_judge(bool masks) : masks_(masks) {}

    /// The peer may compress.
    void agree(const deflate_terms& terms) { unpacker_ = std::make_unique<unpacker>(terms); }

    /// Returns: what the frame completes.
    arrival take(frame&& one);

private:
    [[nodiscard]] std::string fault_of(const frame& one) const;
    arrival take_close(const frame& one);
    arrival take_data(frame&& one);
    arrival end_message();

    bool masks_;  // the peer must
    bool closed_ = false;
    bool in_message_ = false;
    std::uint8_t opcode_ = 0;  // of the message
    bool compressed_ = false;  // likewise
    std::string message_;
    std::unique_ptr<unpacker> unpacker_;  // none: nothing is agreed
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_WIRE_HPP
