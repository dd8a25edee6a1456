// SPDX-License-Identifier: MIT
// message_splitter.hpp — takes messages out of a stream of octets such as standard input.
//
// Does: find lines, or lengths, or take what comes; decode; keep the rest for later.
// Does not: read, or send.
// Used by: tools/cat_talk.  Depends on: tools/text_forms.
#ifndef PLAINSONG_TOOLS_MESSAGE_SPLITTER_HPP
#define PLAINSONG_TOOLS_MESSAGE_SPLITTER_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <plainsong/base/bytes.hpp>

namespace plainsong::tools {

/// How messages stand in a stream of octets.
enum class message_form : std::uint8_t {
    text,    // a line each
    raw,     // nothing between them; what one read gives is one message
    hex,     // a line of hexadecimal each
    base64,  // a line of base64 each
    length,  // the length in four octets, the highest first, before each
};

/// Returns: false if there is no form called so.
bool message_form_named(std::string_view name, message_form& out);

class message_splitter {
public:
    /// Messages of more than `most_bytes` are refused.
    message_splitter(message_form form, std::size_t most_bytes) : form_(form), most_(most_bytes) {}

    void feed(byte_view bytes);
    /// Nothing will follow: a last line does not need its newline.
    void end() { has_ended_ = true; }

    enum class outcome : std::uint8_t {
        message,    // `payload` is one
        need_more,  // none is complete
        wrong,      // `complaint` says why the next one was left out; ask again
        ended,      // all that was fed has been given out
    };
    /// Takes the next message.  Lifetime of `payload`: until the next call of any kind.
    outcome next(std::string_view& payload, std::string& complaint);

    [[nodiscard]] message_form form() const { return form_; }

private:
    [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }
    outcome need_more() const { return has_ended_ ? outcome::ended : outcome::need_more; }
    outcome next_line(std::string_view& payload, std::string& complaint);
    outcome decode(std::string_view line, std::string_view& payload, std::string& complaint);
    outcome next_counted(std::string_view& payload, std::string& complaint);

    message_form form_;
    std::size_t most_;
    std::string buffer_;
    std::string decoded_;
    std::size_t begin_ = 0;     // what is before it was given out
    std::size_t scanned_ = 0;   // there is no newline between begin_ and here
    std::uint64_t number_ = 0;  // of the message, for complaints
    bool has_ended_ = false;
    bool is_skipping_ = false;  // the rest of a line that is too long
    bool is_lost_ = false;      // nobody knows where the next message begins
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_MESSAGE_SPLITTER_HPP
