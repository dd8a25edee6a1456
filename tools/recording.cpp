// SPDX-License-Identifier: MIT
// recording.cpp — lines of recorded frames.
#include "tools/recording.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include <plainsong/codec/utf8.hpp>

#include "tools/frame_decoder.hpp"
#include "tools/text_forms.hpp"

namespace plainsong::tools {

namespace {

constexpr std::string_view base64_mark = "base64:";
constexpr std::uint8_t opcodes = 16;

std::string_view take_word(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

bool read_opcode(std::string_view word, std::uint8_t& out) {
    for (std::uint8_t value = 0; value < opcodes; ++value) {
        if (opcode_name(value) == word) {
            out = value;
            return true;
        }
    }
    return false;
}

}  // namespace

void append_record(std::string& to, const recorded_frame& frame) {
    char time[32];
    std::snprintf(time, sizeof time, "%.6f", frame.seconds);
    to += time;
    to += frame.outgoing ? " > " : " < ";
    to += opcode_name(frame.opcode);
    to += frame.final ? " fin " : " more ";
    if (is_utf8(as_bytes(frame.payload))) {
        append_json(to, frame.payload);
    } else {
        to += base64_mark;
        append_base64(to, as_bytes(frame.payload));
    }
    to += '\n';
}

bool read_record(std::string_view line, recorded_frame& frame) {
    const std::string_view time = take_word(line);
    const auto [end, why] = std::from_chars(time.data(), time.data() + time.size(), frame.seconds);
    if (why != std::errc{} || end != time.data() + time.size() || !(frame.seconds >= 0)) {
        return false;
    }
    const std::string_view way = take_word(line);
    const std::string_view name = take_word(line);
    const std::string_view last = take_word(line);
    if ((way != ">" && way != "<") || (last != "fin" && last != "more") ||
        !read_opcode(name, frame.opcode)) {
        return false;
    }
    frame.outgoing = way == ">";
    frame.final = last == "fin";
    frame.payload.clear();
    if (line.starts_with(base64_mark)) {
        return read_base64(line.substr(base64_mark.size()), frame.payload);
    }
    return take_json(line, frame.payload) && line.empty();
}

bool read_outgoing(std::string_view text, std::vector<recorded_message>& out,
                   std::string& complaint) {
    bool is_open = false;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        recorded_frame frame;
        const auto type = [&] { return static_cast<opcode>(frame.opcode); };
        bool is_good = read_record(line, frame);
        if (is_good && frame.outgoing && !is_control(type())) {
            is_good = (type() == opcode::continuation) == is_open && type() <= opcode::binary;
            if (is_good && !is_open) {
                out.push_back({frame.seconds, type(), {}});
            }
            if (is_good) {
                out.back().payload += frame.payload;
                is_open = !frame.final;
            }
        }
        if (!is_good) {
            complaint = "line " + std::to_string(number) + " is no record that can be sent again";
            return false;
        }
    }
    if (is_open) {
        out.pop_back();  // it was never sent to its end
    }
    return true;
}

}  // namespace plainsong::tools
