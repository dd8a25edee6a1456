// SPDX-License-Identifier: MIT
// message_splitter.cpp — lines, lengths, and what one read gives.
#include "tools/message_splitter.hpp"

#include <algorithm>

#include "tools/text_forms.hpp"

namespace plainsong::tools {

bool message_form_named(std::string_view name, message_form& out) {
    constexpr std::string_view names[] = {"text", "raw", "hex", "base64", "length"};
    const auto* const found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) {
        return false;
    }
    out = static_cast<message_form>(found - std::begin(names));
    return true;
}

void message_splitter::feed(byte_view bytes) {
    if (begin_ != 0 && begin_ >= buffer_.size() / 2) {
        buffer_.erase(0, begin_);
        scanned_ -= begin_;
        begin_ = 0;
    }
    if (!is_lost_) {
        buffer_ += as_text(bytes);
    }
}

message_splitter::outcome message_splitter::next(std::string_view& payload,
                                                 std::string& complaint) {
    switch (form_) {
        case message_form::raw: {
            payload = rest().substr(0, most_);
            begin_ += payload.size();
            scanned_ = begin_;
            return payload.empty() ? need_more() : outcome::message;
        }
        case message_form::length:
            return next_counted(payload, complaint);
        default:
            return next_line(payload, complaint);
    }
}

message_splitter::outcome message_splitter::next_line(std::string_view& payload,
                                                      std::string& complaint) {
    for (;;) {
        std::size_t end = buffer_.find('\n', scanned_);
        const bool is_cut = end == std::string::npos;
        if (is_cut) {
            end = scanned_ = buffer_.size();
        }
        const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
        // An encoded line may be longer than what it stands for.
        const std::size_t longest = form_ == message_form::text ? most_ : most_ * 3 + 3;
        const bool is_too_long = line.size() > longest;
        const bool was_skipping = is_skipping_;
        if (is_cut && (is_skipping_ || is_too_long)) {
            is_skipping_ = true;
            begin_ = end;
        } else if (is_cut && (!has_ended_ || line.empty())) {
            return need_more();
        } else {
            is_skipping_ = false;
            begin_ = scanned_ = std::min(end + 1, buffer_.size());
        }
        if (was_skipping) {
            if (is_cut) {
                return need_more();
            }
            continue;
        }
        ++number_;
        if (is_too_long) {
            complaint = "message " + std::to_string(number_) + " has more than " +
                        std::to_string(most_) + " octets";
            return outcome::wrong;
        }
        return decode(line, payload, complaint);
    }
}

message_splitter::outcome message_splitter::decode(std::string_view line, std::string_view& payload,
                                                   std::string& complaint) {
    if (form_ == message_form::text) {
        payload = line;
        return outcome::message;
    }
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    decoded_.clear();
    const bool is_hex = form_ == message_form::hex;
    if (!(is_hex ? read_hex(line, decoded_) : read_base64(line, decoded_))) {
        complaint = "message " + std::to_string(number_) + " is not " +
                    (is_hex ? "hexadecimal" : "padded base64");
        return outcome::wrong;
    }
    if (decoded_.size() > most_) {
        complaint = "message " + std::to_string(number_) + " has more than " +
                    std::to_string(most_) + " octets";
        return outcome::wrong;
    }
    payload = decoded_;
    return outcome::message;
}

message_splitter::outcome message_splitter::next_counted(std::string_view& payload,
                                                         std::string& complaint) {
    constexpr std::size_t count_size = 4;
    const std::string_view all = rest();
    const bool is_cut = all.size() < count_size ||
                        all.size() - count_size < load_big_endian_32(as_bytes(all).data());
    if (all.size() >= count_size && load_big_endian_32(as_bytes(all).data()) > most_) {
        complaint = "message " + std::to_string(number_ + 1) + " announces " +
                    std::to_string(load_big_endian_32(as_bytes(all).data())) +
                    " octets: what follows is left out";
        is_lost_ = true;
    } else if (is_cut && has_ended_ && !all.empty()) {
        complaint = "the input ends inside of message " + std::to_string(number_ + 1);
        is_lost_ = true;
    } else if (is_cut) {
        return need_more();
    }
    if (is_lost_) {
        buffer_.clear();
        begin_ = scanned_ = 0;
        return outcome::wrong;
    }
    ++number_;
    payload = all.substr(count_size, load_big_endian_32(as_bytes(all).data()));
    begin_ += count_size + payload.size();
    scanned_ = begin_;
    return outcome::message;
}

}  // namespace plainsong::tools
