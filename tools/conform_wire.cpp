// SPDX-License-Identifier: MIT
// conform_wire.cpp — the frame format of RFC 6455 §5.2, once more and on its own.
//
// Used by: tools/conform_*.  Depends on: tools/conform_wire.
#include "tools/conform_wire.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace plainsong::conform {
namespace {

constexpr std::uint8_t continuation = 0;
constexpr std::uint8_t text = 1;
constexpr std::uint8_t binary = 2;
constexpr std::uint8_t close = 8;
constexpr std::uint8_t ping = 9;
constexpr std::uint8_t pong = 10;
constexpr std::uint8_t compressed_rsv = 4;

bool is_control(std::uint8_t opcode) {
    return opcode >= close;
}

void append_big_endian(std::string& to, std::uint64_t value, int octets) {
    for (int at = octets - 1; at >= 0; --at) {
        to += static_cast<char>(value >> (8 * at) & 0xff);
    }
}

std::uint64_t big_endian(std::string_view octets) {
    std::uint64_t value = 0;
    for (const char each : octets) {
        value = value << 8 | static_cast<std::uint8_t>(each);
    }
    return value;
}

/// Returns: how many continuation octets follow `lead`, -1 if it begins no character; the range of
/// the first of them goes to `low` and `high` (RFC 3629 §4).
int followers_of(std::uint8_t lead, std::uint8_t& low, std::uint8_t& high) {
    low = 0x80;
    high = 0xbf;
    if (lead < 0x80) {
        return 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        low = lead == 0xe0 ? 0xa0 : low;
        high = lead == 0xed ? 0x9f : high;
        return 2;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        low = lead == 0xf0 ? 0x90 : low;
        high = lead == 0xf4 ? 0x8f : high;
        return 3;
    }
    return -1;
}

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

}  // namespace

mask_key key_source::next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    mask_key key{};
    for (std::size_t at = 0; at < key.size(); ++at) {
        key[at] = static_cast<std::uint8_t>(state_ >> (16 + 8 * at));
    }
    return key;
}

void append_head(std::string& to, const frame& one) {
    to += static_cast<char>((one.fin ? 0x80 : 0) | one.rsv << 4 | one.opcode);
    const std::uint8_t bit = one.masked ? 0x80 : 0;
    if (one.size < 126) {
        to += static_cast<char>(bit | one.size);
    } else {
        const bool small = one.size <= 0xffff;
        to += static_cast<char>(bit | (small ? 126 : 127));
        append_big_endian(to, one.size, small ? 2 : 8);
    }
    if (one.masked) {
        to.append(one.key.begin(), one.key.end());
    }
}

void mask(char* octets, std::size_t size, const mask_key& key, std::uint64_t phase) {
    mask_key turned{};
    for (std::size_t at = 0; at < turned.size(); ++at) {
        turned[at] = key[(phase + at) % key.size()];
    }
    std::size_t at = 0;
    for (std::uint32_t four = 0, word = 0; size - at >= sizeof four; at += sizeof four) {
        std::memcpy(&word, turned.data(), sizeof word);
        std::memcpy(&four, octets + at, sizeof four);
        four ^= word;
        std::memcpy(octets + at, &four, sizeof four);
    }
    for (; at < size; ++at) {
        octets[at] = static_cast<char>(static_cast<std::uint8_t>(octets[at]) ^ turned[at % 4]);
    }
}

void append_frame(std::string& to, const frame& one) {
    append_head(to, one);
    const std::size_t begin = to.size();
    to += one.payload;
    if (one.masked) {
        mask(to.data() + begin, one.payload.size(), one.key, 0);
    }
}

namespace {

/// Returns: where the first wrong octet is, or the size; `whole` tells whether the last character has
/// all of its octets.
std::size_t follow_utf8(std::string_view octets, bool& whole) {
    whole = true;
    for (std::size_t at = 0; at < octets.size();) {
        if (std::uint64_t eight = 0; octets.size() - at >= sizeof eight) {
            std::memcpy(&eight, octets.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        std::uint8_t low = 0;
        std::uint8_t high = 0;
        int left = followers_of(static_cast<std::uint8_t>(octets[at]), low, high);
        if (left < 0) {
            return at;
        }
        for (++at; left > 0; --left, ++at, low = 0x80, high = 0xbf) {
            if (at == octets.size()) {
                whole = false;
                return at;
            }
            if (static_cast<std::uint8_t>(octets[at]) < low ||
                static_cast<std::uint8_t>(octets[at]) > high) {
                return at;
            }
        }
    }
    return octets.size();
}

}  // namespace

bool is_valid_utf8(std::string_view octets) {
    bool whole = true;
    return follow_utf8(octets, whole) == octets.size() && whole;
}

std::size_t first_wrong_octet(std::string_view octets) {
    bool whole = true;
    return follow_utf8(octets, whole);
}

bool is_sendable_code(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

bool frame_reader::next(frame& into, std::string& violation) {
    const std::string_view rest = std::string_view(pending_).substr(at_);
    if (rest.size() < 2) {
        return false;
    }
    const auto first = static_cast<std::uint8_t>(rest[0]);
    const auto second = static_cast<std::uint8_t>(rest[1]);
    into = {};
    into.fin = (first & 0x80) != 0;
    into.rsv = first >> 4 & 7;
    into.opcode = first & 15;
    into.masked = (second & 0x80) != 0;
    into.size = second & 127;
    std::size_t head = 2;
    if (into.size >= 126) {
        const std::size_t width = into.size == 126 ? 2 : 8;
        if (rest.size() < head + width) {
            return false;
        }
        into.size = big_endian(rest.substr(head, width));
        head += width;
        if (into.size < (width == 2 ? 126U : 65536U)) {
            violation = "the length " + number(into.size) + " is not in its shortest form";
            return false;
        }
    }
    if (into.size > largest_frame) {
        violation = "a frame announces " + number(into.size) + " octets";
        return false;
    }
    const std::size_t key_size = into.masked ? into.key.size() : 0;
    if (rest.size() - head < key_size || rest.size() - head - key_size < into.size) {
        return false;
    }
    for (std::size_t at = 0; at < key_size; ++at) {
        into.key[at] = static_cast<std::uint8_t>(rest[head + at]);
    }
    into.payload = rest.substr(head + key_size, into.size);
    mask(into.payload.data(), into.payload.size(), into.key, 0);
    at_ += head + key_size + into.size;
    if (at_ == pending_.size() || at_ > pending_.size() / 2) {
        pending_.erase(0, at_);
        at_ = 0;
    }
    return true;
}

std::string peer_judge::fault_of(const frame& one) const {
    if (closed_) {
        return "a frame with opcode " + number(one.opcode) + " comes after the Close";
    }
    const bool begins_message = one.opcode == text || one.opcode == binary;
    if (one.rsv != 0 && unpacker_ == nullptr) {
        return "RSV is " + number(one.rsv) + ", but no extension is in use";
    }
    if (one.rsv != 0 && (one.rsv != compressed_rsv || !begins_message)) {
        return "RSV is " + number(one.rsv) + " in a frame with opcode " + number(one.opcode);
    }
    if (one.masked != masks_) {
        return one.masked ? "a server's frame is masked" : "a client's frame isn't masked";
    }
    if (one.opcode > pong || (one.opcode > binary && one.opcode < close)) {
        return "opcode " + number(one.opcode) + " has no meaning";
    }
    if (is_control(one.opcode) && !one.fin) {
        return "a control frame is fragmented";
    }
    if (is_control(one.opcode) && one.payload.size() > 125) {
        return "a control frame has " + number(one.payload.size()) + " octets";
    }
    if (one.opcode == continuation && !in_message_) {
        return "a continuation continues nothing";
    }
    if (begins_message && in_message_) {
        return "a message begins before the one before has ended";
    }
    return "";
}

arrival peer_judge::take(frame&& one) {
    arrival out;
    if (std::string fault = fault_of(one); !fault.empty()) {
        out.what = arrival::kind::violation;
        out.octets = std::move(fault);
        return out;
    }
    if (one.opcode == close) {
        return take_close(one);
    }
    if (one.opcode == ping || one.opcode == pong) {
        out.what = one.opcode == ping ? arrival::kind::ping : arrival::kind::pong;
        out.octets = std::move(one.payload);
        return out;
    }
    return take_data(std::move(one));
}

arrival peer_judge::take_close(const frame& one) {
    arrival out;
    closed_ = true;
    out.what = arrival::kind::violation;
    if (one.payload.size() == 1) {
        out.octets = "a Close has half a code";
        return out;
    }
    if (!one.payload.empty()) {
        out.code =
            static_cast<std::uint16_t>(big_endian(std::string_view(one.payload).substr(0, 2)));
        if (!is_sendable_code(out.code)) {
            out.octets = "a Close has the code " + number(out.code);
            return out;
        }
        out.octets = one.payload.substr(2);
        if (!is_valid_utf8(out.octets)) {
            out.octets = "the reason of a Close is no UTF-8";
            return out;
        }
    }
    out.what = arrival::kind::close;
    return out;
}

arrival peer_judge::take_data(frame&& one) {
    if (one.opcode != continuation) {
        opcode_ = one.opcode;
        compressed_ = one.rsv == compressed_rsv;
        message_ = std::move(one.payload);
    } else {
        message_ += one.payload;
    }
    in_message_ = !one.fin;
    return in_message_ ? arrival{} : end_message();
}

arrival peer_judge::end_message() {
    arrival out;
    std::string inflated;
    if (compressed_) {
        out.octets = unpacker_->unpack(message_, inflated);
        if (!out.octets.empty()) {
            out.what = arrival::kind::violation;
            return out;
        }
        message_.swap(inflated);
    }
    if (opcode_ == text && !is_valid_utf8(message_)) {
        out.what = arrival::kind::violation;
        out.octets = "a text is no UTF-8";
        return out;
    }
    out.what = opcode_ == text ? arrival::kind::text : arrival::kind::binary;
    out.octets = std::exchange(message_, {});
    return out;
}

}  // namespace plainsong::conform
