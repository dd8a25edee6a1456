// SPDX-License-Identifier: MIT
// explain_frames.cpp — a stream of frames, field by field.
#include <algorithm>
#include <cstddef>

#include <plainsong/base/error.hpp>
#include <plainsong/codec/mask.hpp>
#include <plainsong/codec/utf8.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/close.hpp>
#include <plainsong/ws/frame.hpp>
#include <plainsong/ws/server_handshake.hpp>

#include "tools/explain.hpp"
#include "tools/explain_diagram.hpp"
#include "tools/explain_text.hpp"

namespace plainsong::explain {

namespace {

constexpr std::size_t shown_octets = 32;  // of a payload

/// The parts of a frame that rules are about.
enum class part : std::uint8_t { fin, rsv, opcode, mask, length, payload };

struct finding {
    part where;
    error_code why;
};

part part_of(error_code why) {
    switch (why) {
        case error_code::control_fragmented:
            return part::fin;
        case error_code::frame_reserved_bit:
            return part::rsv;
        case error_code::frame_reserved_opcode:
        case error_code::continuation_without_start:
        case error_code::message_not_finished:
            return part::opcode;
        case error_code::frame_not_masked:
        case error_code::frame_masked:
            return part::mask;
        default:
            return part::length;
    }
}

std::string_view name_of(std::uint8_t value) {
    constexpr std::string_view names[16] = {"continuation", "text", "binary", "", "", "", "", "",
                                            "Close",        "ping", "pong",   "", "", "", "", ""};
    return names[value].empty() ? "reserved" : names[value];
}

/// A frame's head by its bits, good or not.
struct raw_head {
    byte_view octets;  // of the head, as many as are there
    std::uint64_t payload_size = 0;
    std::size_t size = 2;  // of a complete head
    std::uint8_t form = 0;
    bool masked = false;

    explicit raw_head(byte_view all) {
        if (all.size() >= 2) {
            masked = (all[1] & frame_bits::mask) != 0;
            form = all[1] & frame_bits::length;
            payload_size = form;
            size += length_bytes() + (masked ? 4 : 0);
        }
        octets = all.first(std::min(size, all.size()));
        if (form == frame_bits::length_is_16_bits && all.size() >= 4) {
            payload_size = load_big_endian_16(&all[2]);
        } else if (form == frame_bits::length_is_64_bits && all.size() >= 10) {
            payload_size = load_big_endian_64(&all[2]);
        }
    }

    [[nodiscard]] bool is_complete() const { return octets.size() == size; }
    [[nodiscard]] std::size_t length_bytes() const {
        return form == frame_bits::length_is_64_bits   ? 8
               : form == frame_bits::length_is_16_bits ? 2
                                                       : 0;
    }
    [[nodiscard]] bool has_length() const { return octets.size() >= 2 + length_bytes(); }
    [[nodiscard]] std::uint8_t first() const { return octets[0]; }
    [[nodiscard]] std::uint8_t opcode_value() const { return first() & frame_bits::opcode; }
    [[nodiscard]] bool is_final() const { return (first() & frame_bits::fin) != 0; }
    [[nodiscard]] mask_key key() const {
        mask_key key;
        std::copy_n(octets.end() - 4, 4, key.bytes.begin());
        return key;
    }
};

/// Asks the library again and again, each time without what it has complained about.
std::vector<finding> judge(byte_view head, frame_rules rules) {
    std::vector<finding> found;
    std::vector<std::uint8_t> octets(head.begin(), head.end());
    frame_header ignored;
    for (;;) {
        const error_code why = parse_frame_head(octets, rules, ignored).why;
        if (why == error_code::none) {
            return found;
        }
        found.push_back({part_of(why), why});
        switch (part_of(why)) {
            case part::fin:
                octets[0] |= frame_bits::fin;
                break;
            case part::rsv:
                octets[0] &= static_cast<std::uint8_t>(~frame_bits::reserved);
                break;
            case part::opcode:
                if (why == error_code::frame_reserved_opcode) {
                    return found;  // no other rule is known for it
                }
                rules.message_open = !rules.message_open;
                break;
            case part::mask:
                rules.receiver = rules.receiver == role::server ? role::client : role::server;
                break;
            case part::length:
            case part::payload:
                return found;
        }
    }
}

/// As much of the head as is there.
std::vector<bit_field> fields_of(const raw_head& head) {
    std::vector<bit_field> fields = {{"FIN", 1}, {"RSV", 1}, {"RSV", 1}, {"RSV", 1}, {"opcode", 4}};
    if (head.octets.size() < 2) {
        return fields;
    }
    fields.push_back({"MASK", 1});
    fields.push_back({"length", 7});
    const std::size_t behind = head.octets.size() - 2;
    const std::size_t length = std::min(head.length_bytes(), behind);
    if (length != 0) {
        fields.push_back({"extended length", 8 * length});
    }
    if (behind > length) {
        fields.push_back({"masking key", 8 * (behind - length)});
    }
    return fields;
}

class stream_explainer {
public:
    stream_explainer(byte_view octets, sender from) : all_(octets), from_(from) {}

    explanation run() {
        take_handshake();
        while (at_ < all_.size()) {
            take_frame();
        }
        if (message_open_) {
            line("The stream ends within a message: a frame with FIN = 1 would end it.");
        }
        return {std::move(text_), keeps_all_};
    }

private:
    void line(std::string_view text) { text_.append(text).append("\n"); }
    void broken(error_code why, std::size_t offset);
    void take_handshake();
    void take_frame();
    void describe(const raw_head& head);
    void row(part which, std::string_view name, const std::string& value, std::string meaning,
             std::string_view section);
    void judge_payload(const raw_head& head, byte_view payload, std::size_t offset, bool whole);
    void judge_text(byte_view payload, std::size_t offset, bool ends);
    void follow(const raw_head& head);

    byte_view all_;
    sender from_;
    std::string text_;
    std::size_t at_ = 0;
    std::size_t number_ = 0;
    std::vector<finding> found_;  // in the head of the present frame
    utf8_validator validator_;
    bool message_open_ = false;
    bool message_is_text_ = false;
    bool text_is_bad_ = false;
    bool closed_ = false;
    bool keeps_all_ = true;
};

/// "breaks RFC 6455 §5.2 [6455-5.2-04]: …"
std::string rule_of(error_code why) {
    const error_facts& facts = facts_of(why);
    const std::string_view id = facts.requirement;
    const std::size_t first = id.find('-');
    const std::size_t last = id.rfind('-');
    std::string out = "breaks ";
    if (first != std::string_view::npos && last > first) {
        out.append("RFC ").append(id.substr(0, first)).append(" §");
        out.append(id.substr(first + 1, last - first - 1)).append(" [").append(id).append("]: ");
    }
    return out.append(facts.text);
}

void stream_explainer::broken(error_code why, std::size_t offset) {
    keeps_all_ = false;
    line("  => octet " + std::to_string(offset) + " " + rule_of(why));
}

void stream_explainer::take_handshake() {
    const std::string_view text = as_text(all_);
    const bool is_request = text.starts_with("GET ");
    if (!is_request && !text.starts_with("HTTP/")) {
        return;
    }
    http::head_parser parser(is_request ? http::head_kind::request : http::head_kind::response);
    const http::head_step step = parser.feed(all_, {});
    line(is_request ? "A request for an upgrade:" : "An answer to a request for an upgrade:");
    if (from_ == sender::unknown) {
        from_ = is_request ? sender::client : sender::server;
    }
    at_ = all_.size();
    if (step.status == http::head_step::kind::failed) {
        broken(step.why.code, step.why.offset);
        return;
    }
    if (step.status == http::head_step::kind::need_more) {
        line("  its head is not complete");
        return;
    }
    at_ = step.size;
    line("  octets 0 to " + std::to_string(at_ - 1) + " are its head");
    if (is_request) {
        std::vector<std::uint8_t> head(all_.begin(),
                                       all_.begin() + static_cast<std::ptrdiff_t>(at_));
        http::request_head parts;
        http::read_head(head, parts);
        upgrade_request request;
        if (auto why = judge_request(parts, {}, request); why != error_code::none) {
            broken(why, 0);
        }
    }
    text_ += '\n';
}

void stream_explainer::take_frame() {
    const raw_head head(all_.subspan(at_));
    if (from_ == sender::unknown && head.octets.size() >= 2) {
        from_ = head.masked ? sender::client : sender::server;
    }
    const std::uint64_t behind = all_.size() - at_ - head.octets.size();
    const bool whole = head.is_complete() && behind >= head.payload_size;
    const std::size_t there = static_cast<std::size_t>(whole ? head.payload_size : behind);
    const std::size_t end = at_ + head.octets.size() + there;
    line("Frame " + std::to_string(++number_) + ", octets " + std::to_string(at_) + " to " +
         std::to_string(end - 1) + ": " + std::string(name_of(head.opcode_value())) +
         (whole ? "" : ", not complete"));
    const frame_rules rules{.receiver = from_ == sender::server ? role::client : role::server,
                            .message_open = message_open_};
    found_ = judge(head.octets, rules);
    describe(head);
    if (closed_) {
        broken(error_code::not_open, at_);
    }
    const std::size_t payload_at = at_ + head.octets.size();
    if (head.is_complete()) {
        std::vector<std::uint8_t> payload(all_.begin() + static_cast<std::ptrdiff_t>(payload_at),
                                          all_.begin() + static_cast<std::ptrdiff_t>(end));
        if (head.masked) {
            apply_mask(payload, head.key());
        }
        judge_payload(head, payload, payload_at, whole);
    }
    if (whole) {
        follow(head);
    } else {
        line("  it goes on: " +
             (head.is_complete()
                  ? std::to_string(there) + " of " + std::to_string(head.payload_size) +
                        " octets of its payload are here"
                  : std::to_string(head.octets.size()) + " octets of its head are here"));
    }
    text_ += '\n';
    at_ = end;
}

void stream_explainer::row(part which, std::string_view name, const std::string& value,
                           std::string meaning, std::string_view section) {
    std::string text = "  " + std::string(name);
    text.resize(10, ' ');
    text += value;
    text.resize(std::max<std::size_t>(text.size() + 1, 26), ' ');
    line(text + meaning);
    bool keeps = true;
    for (const finding& each : found_) {
        if (each.where == which) {
            keeps_all_ = keeps = false;
            line("       => " + rule_of(each.why));
        }
    }
    if (keeps && !section.empty()) {
        text_.pop_back();
        line(" [keeps " + std::string(section) + "]");
    }
}

void stream_explainer::describe(const raw_head& head) {
    text_ += draw(fields_of(head), head.octets);
    const std::uint8_t value = head.opcode_value();
    const bool control = is_control(static_cast<opcode>(value));
    row(part::fin, "FIN", head.is_final() ? "1" : "0",
        !head.is_final() ? "more frames of the message follow"
        : control        ? "whole, as each control frame is"
                         : "the last or only frame of its message",
        "§5.4");
    row(part::rsv, "RSV1-3", bits_of((head.first() & frame_bits::reserved) >> 4, 3),
        "000 unless an extension gives them a meaning", "§5.2");
    row(part::opcode, "opcode", bits_of(value, 4) + " = " + std::to_string(value),
        std::string(name_of(value)) + (control ? ", a control frame" : ", a data frame"),
        control ? "§5.5" : "§5.6");
    if (head.octets.size() < 2) {
        return;
    }
    row(part::mask, "MASK", head.masked ? "1" : "0",
        head.masked ? "masked, as a client's frames are" : "not masked, as a server's frames are",
        "§5.1");
    std::string size = std::to_string(head.payload_size) + " octets of payload";
    if (head.length_bytes() != 0) {
        const std::string more = std::to_string(head.length_bytes()) + " more octets say: ";
        size = head.has_length() ? more + size : more + "they are not all here";
    }
    row(part::length, "length", bits_of(head.form, 7) + " = " + std::to_string(head.form), size,
        head.has_length() ? "§5.2" : "");
    if (head.masked && head.is_complete()) {
        row(part::payload, "key", hex(head.octets.last(4), 4), "the masking key", "§5.3");
    }
}

void stream_explainer::judge_payload(const raw_head& head, byte_view payload, std::size_t offset,
                                     bool whole) {
    const auto op = static_cast<opcode>(head.opcode_value());
    if (!payload.empty()) {
        line("  payload " + hex(payload, shown_octets) + (head.masked ? ", unmasked" : ""));
    }
    if (!payload.empty() && op != opcode::close) {
        line("          " + quoted(payload, shown_octets));
    }
    if (op == opcode::text || (op == opcode::continuation && message_is_text_)) {
        if (op == opcode::text) {
            validator_.reset();
            text_is_bad_ = false;
        }
        judge_text(payload, offset, whole && head.is_final());
    }
    if (op == opcode::close && whole) {
        const close_body body = parse_close(payload);
        if (body.why != error_code::none) {
            broken(body.why, offset + body.offset);
        } else {
            line("  code    " + std::to_string(body.code) +
                 (payload.empty() ? ", which reports that there is none"
                                  : ", reason " + quoted(as_bytes(body.reason), shown_octets)) +
                 " [keeps §7.4]");
        }
    }
}

void stream_explainer::judge_text(byte_view payload, std::size_t offset, bool ends) {
    if (text_is_bad_) {
        return;
    }
    const std::size_t good = validator_.feed(payload);
    if (good < payload.size() || (ends && !validator_.complete())) {
        broken(error_code::invalid_utf8, offset + good);
        text_is_bad_ = true;
    }
}

/// What the frame changes for those behind it.
void stream_explainer::follow(const raw_head& head) {
    const auto op = static_cast<opcode>(head.opcode_value());
    if (op == opcode::close) {
        closed_ = true;
    }
    if (is_control(op) || is_reserved_opcode(head.opcode_value())) {
        return;
    }
    if (op != opcode::continuation) {
        message_is_text_ = op == opcode::text;
    }
    message_open_ = !head.is_final();
}

}  // namespace

explanation stream(byte_view octets, sender from) {
    return stream_explainer(octets, from).run();
}

}  // namespace plainsong::explain
