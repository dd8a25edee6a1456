// SPDX-License-Identifier: MIT
// wire_witness.cpp — see wire_witness.hpp.
#include "tools/wire_witness.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <plainsong/ws/permessage_deflate.hpp>

#include "tools/recording.hpp"
#include "tools/text_forms.hpp"

namespace plainsong::tools {

namespace {

constexpr std::size_t shown_bytes = 64;             // of a payload
constexpr std::size_t all_bytes = ~std::size_t{0};  // a recording keeps them
constexpr std::size_t longest_head = 64 << 10;

constexpr role other(role one) {
    return one == role::server ? role::client : role::server;
}

// A Close is told by its code and reason.
std::string shown_payload(const decoded_frame& frame) {
    const byte_view payload = as_bytes(frame.payload);
    if (frame.opcode == static_cast<std::uint8_t>(opcode::close) && payload.size() >= 2) {
        return std::to_string(load_big_endian_16(payload.data())) + ' ' +
               quoted(payload.subspan(2), shown_bytes);
    }
    std::string text = quoted(payload.first(std::min(payload.size(), shown_bytes)), shown_bytes);
    return frame.length > shown_bytes ? text + "..." : text;
}

}  // namespace

void wire_report::begin() {
    if (start == time_point{}) {
        start = clock();
    }
}

double wire_report::seconds() const {
    return std::chrono::duration<double>(clock() - start).count();
}

std::string frame_line(bool is_sent, double seconds, const decoded_frame& frame) {
    char time[32];
    std::snprintf(time, sizeof time, "%c %.3f ", is_sent ? '>' : '<', seconds);
    std::string line = time;
    line += frame.final ? "FIN " : "";
    for (int bit = 4, number = 1; bit != 0; bit /= 2, ++number) {
        line += (frame.rsv & bit) != 0 ? "RSV" + std::to_string(number) + ' ' : "";
    }
    const std::string name = opcode_name(frame.opcode);
    line += is_reserved_opcode(frame.opcode) ? "opcode " + name : name;
    if (frame.masked) {
        line += " masked ";
        append_hex(line, frame.key.bytes);
    }
    line += " length " + std::to_string(frame.length) + ' ' + shown_payload(frame);
    if (frame.why != error_code::none) {
        const error_facts& facts = facts_of(frame.why);
        line += std::string("  [") + facts.requirement + ": " + facts.text + ']';
    }
    return line;
}

wire_witness::wire_witness(wire_report& report, role self)
    : report_(report),
      sent_{true, {}, false, false, make_decoder(other(self), true)},
      received_{false, {}, false, false, make_decoder(self, false)} {}

frame_decoder wire_witness::make_decoder(role receiver, bool is_sent) {
    return {receiver, report_.recorder ? all_bytes : shown_bytes,
            [this, is_sent](const decoded_frame& frame) { tell_frame(is_sent, frame); }};
}

void wire_witness::follow(side& which, byte_view bytes) {
    constexpr std::string_view end = "\r\n\r\n";
    if (which.is_refused) {
        return;
    }
    if (which.is_upgraded) {
        which.decoder.feed(bytes);
        return;
    }
    const std::size_t before = which.head.size();
    which.head += as_text(bytes);
    const std::size_t found = which.head.find(end);
    which.is_refused = found == std::string::npos && which.head.size() > longest_head;
    if (found == std::string::npos) {
        return;
    }
    const std::size_t size = found + end.size();
    tell_head(which, std::string_view(which.head).substr(0, found));
    which.is_upgraded = true;
    const bool is_answer = which.head.starts_with("HTTP/");
    which.is_refused = is_answer && !which.head.starts_with("HTTP/1.1 101");
    // Only an answer decides it: the request may offer what isn't taken.
    if (is_answer && which.head.find(permessage_deflate_name) != std::string::npos) {
        sent_.decoder.allow_compression();
        received_.decoder.allow_compression();
    }
    which.head.clear();
    follow(which, bytes.subspan(size - before));
}

void wire_witness::tell_head(const side& which, std::string_view head) {
    if (!report_.heads) {
        return;
    }
    head = head.substr(0, head.find("\r\n\r\n"));
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        std::string line = which.is_sent ? "> " : "< ";
        append_shown(line, head.substr(0, end));
        report_.note(line);
        head.remove_prefix(std::min(end + 2, head.size()));
    }
}

void wire_witness::tell_frame(bool is_sent, const decoded_frame& frame) {
    const double seconds = report_.seconds();
    if (report_.frames) {
        report_.note(frame_line(is_sent, seconds, frame));
    }
    if (report_.recorder) {
        std::string line;
        append_record(line, {seconds, is_sent, frame.opcode, frame.final, frame.payload});
        report_.recorder(line);
    }
}

}  // namespace plainsong::tools
