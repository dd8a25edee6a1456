// SPDX-License-Identifier: MIT
// load_broadcast.cpp — stamps, and the accounts of who got what.
//
// Used by: tools/load*.  Depends on: tools/load_broadcast.
#include "tools/load_broadcast.hpp"

#include <algorithm>
#include <cstring>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/net/entropy.hpp>

namespace plainsong::load {
namespace {

void write_digits(std::uint8_t* to, std::uint64_t value) {
    for (std::size_t i = broadcast::digits; i-- > 0; value >>= 4) {
        to[i] = static_cast<std::uint8_t>("0123456789abcdef"[value & 0xF]);
    }
}

/// Returns: false unless all of them are digits.
bool read_digits(const std::uint8_t* from, std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < broadcast::digits; ++i) {
        const int digit = hex_digit_value(static_cast<char>(from[i]));
        if (digit < 0) {
            return false;
        }
        value = value << 4 | static_cast<unsigned>(digit);
    }
    return true;
}

}  // namespace

error broadcast::prepare(std::size_t receivers, std::size_t payload_bytes) {
    std::array<std::uint8_t, 8> run{};
    if (const error why = fill_random(run)) {
        return why;
    }
    payload_.resize(payload_bytes);
    for (std::size_t i = stamp_bytes; i < payload_bytes; ++i) {
        payload_[i] = static_cast<std::uint8_t>('a' + i % 26);
    }
    write_digits(payload_.data(), load_big_endian_64(run.data()));
    receivers_.assign(receivers, {});
    left_ = receivers;
    return {};
}

byte_view broadcast::next(std::int64_t now) {
    write_digits(payload_.data() + digits, sent_);
    write_digits(payload_.data() + 2 * digits, static_cast<std::uint64_t>(now));
    ++sent_;
    owed_ += left_;
    return payload_;
}

void broadcast::take(std::size_t receiver, std::size_t at, byte_view payload) {
    receiver_state& who = receivers_[receiver];
    if (at == 0) {
        who.differs = false;
    }
    std::size_t stamped = 0;
    if (at < stamp_bytes) {
        stamped = std::min(payload.size(), stamp_bytes - at);
        std::copy_n(payload.begin(), stamped, who.stamp.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const byte_view rest = payload.subspan(stamped);
    if (!rest.empty()) {
        const std::size_t from = at + stamped;
        who.differs = who.differs || from + rest.size() > payload_.size() ||
                      std::memcmp(rest.data(), payload_.data() + from, rest.size()) != 0;
    }
}

broadcast::arrival broadcast::finish(std::size_t receiver, std::size_t size) {
    receiver_state& who = receivers_[receiver];
    std::uint64_t number = 0;
    std::uint64_t sent = 0;
    if (size < stamp_bytes || std::memcmp(who.stamp.data(), payload_.data(), digits) != 0) {
        ++foreign_;
        return {};
    }
    if (!read_digits(who.stamp.data() + digits, number) ||
        !read_digits(who.stamp.data() + 2 * digits, sent) || number >= sent_ || who.differs ||
        size != payload_.size()) {
        return {arrival::kind::different, 0};
    }
    if (number < who.next) {
        return {arrival::kind::repeated, 0};
    }
    const std::uint64_t skipped = number - who.next;
    lost_ += skipped;
    owed_ -= skipped + 1;
    who.next = number + 1;
    return {arrival::kind::good, static_cast<std::int64_t>(sent)};
}

void broadcast::drop(std::size_t receiver) {
    receiver_state& who = receivers_[receiver];
    if (who.gone) {
        return;
    }
    who.gone = true;
    --left_;
    lost_ += sent_ - who.next;
    owed_ -= sent_ - who.next;
}

}  // namespace plainsong::load
