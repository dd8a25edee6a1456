// SPDX-License-Identifier: MIT
// recording.hpp — the frames of a connection as a text, to be read, compared and sent again.
//
// Does: write a frame as a line; read such a text and take the messages out of it that were sent.
// Does not: open files.
// Used by: tools/wire_witness, tools/cat_talk.  Depends on: tools/frame_decoder, tools/text_forms.
//
// Each frame is a line of five words, parted by one blank; other lines begin with "#".
//
//   0.000213 > text fin "hello"          seconds since the first connection; ">" sent, "<" received
//   0.000391 < binary more base64:AAEC   "fin" or "more"; the payload as a string of JSON, or as
//   0.000405 < continuation fin "3"      base64 if it is not UTF-8
//   1.000511 > ping fin ""               a reserved opcode is its number
#ifndef PLAINSONG_TOOLS_RECORDING_HPP
#define PLAINSONG_TOOLS_RECORDING_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/ws/opcode.hpp>

namespace plainsong::tools {

struct recorded_frame {
    double seconds = 0;
    bool outgoing = false;
    std::uint8_t opcode = 0;
    bool final = true;
    std::string payload;

    bool operator==(const recorded_frame&) const = default;
};

inline constexpr std::string_view recording_title = "# plainsong recording 1\n";

void append_record(std::string& to, const recorded_frame& frame);
/// Returns: false if `line` is no record.
bool read_record(std::string_view line, recorded_frame& frame);

struct recorded_message {
    double seconds = 0;  // of its first frame
    opcode type = opcode::text;
    std::string payload;
};

/// Returns: false, with `complaint` set, if `text` is no recording.
bool read_outgoing(std::string_view text, std::vector<recorded_message>& out,
                   std::string& complaint);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_RECORDING_HPP
