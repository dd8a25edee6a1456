// SPDX-License-Identifier: MIT
// text_forms.hpp — octets as text of several kinds, and back.
//
// Does: hexadecimal, base64, strings of JSON, and text that is safe to show on a terminal.
// Does not: print.
// Used by: tools/cat and its parts.  Depends on: base/bytes, codec/base64, codec/utf8.
#ifndef PLAINSONG_TOOLS_TEXT_FORMS_HPP
#define PLAINSONG_TOOLS_TEXT_FORMS_HPP

#include <cstddef>
#include <string>
#include <string_view>

#include <plainsong/base/bytes.hpp>

namespace plainsong::tools {

void append_hex(std::string& to, byte_view bytes);
/// Reads digits of either case; blanks between octets are skipped.
/// Returns: false, `to` unchanged, if there is anything else or half an octet.
bool read_hex(std::string_view text, std::string& to);

void append_base64(std::string& to, byte_view bytes);
/// Returns: false, `to` unchanged, if `text` is not padded base64.
bool read_base64(std::string_view text, std::string& to);

/// Appends a string of JSON with its quotation marks.  Requires: `text` is UTF-8.
void append_json(std::string& to, std::string_view text);
/// Takes a string as append_json writes them (and \uXXXX of the first 128 characters) off the front
/// of `text`.  Returns: false, `to` unchanged, if there is none.
bool take_json(std::string_view& text, std::string& to);

/// Appends `text` as a terminal may be given it: control characters, and octets that are not UTF-8,
/// become \xNN.  Newlines and tabs stay if `is_block`.
void append_shown(std::string& to, std::string_view text, bool is_block = false);

/// The same between quotation marks, cut after `most` octets: "abc", or hex 00ff if it is no text.
std::string quoted(byte_view payload, std::size_t most);

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_TEXT_FORMS_HPP
