// SPDX-License-Identifier: MIT
// line_editor.hpp — the line that somebody types at a terminal.
//
// Does: turn what the keyboard sends into lines, and into what the terminal has to draw; remember
// lines; scroll a line that is longer than the screen is wide.
// Does not: read, write, or know the terminal beyond its width.
// Used by: tools/console.  Depends on: nothing.
//
// Keys: left, right, home, end (also ctrl-B F A E), up, down (ctrl-P N), backspace, delete, ctrl-K and
// ctrl-U (cut to the end, to the start), ctrl-W (cut a word), ctrl-Y (put back what was cut), ctrl-C,
// ctrl-D (the end, in an empty line; else delete), ctrl-Z.
#ifndef PLAINSONG_TOOLS_LINE_EDITOR_HPP
#define PLAINSONG_TOOLS_LINE_EDITOR_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plainsong::tools {

class line_editor {
public:
    explicit line_editor(std::string prompt) : prompt_(std::move(prompt)) {}

    enum class key : std::uint8_t {
        nothing,    // that concerns anybody else
        line,       // line() was entered
        end,        // ctrl-D
        interrupt,  // ctrl-C
        suspend,    // ctrl-Z
    };
    /// Takes one octet from the keyboard.  A line that was entered is drawn for good; whatever else
    /// the octet did is seen at the next show().  `screen`: what to send to the terminal is appended.
    key feed(std::uint8_t octet, std::string& screen);

    /// What was entered last.  Lifetime: until the next call of feed.
    [[nodiscard]] const std::string& line() const { return entered_; }
    /// What is being typed.
    [[nodiscard]] const std::string& text() const { return text_; }

    void set_columns(std::size_t columns) { columns_ = columns; }
    /// Draws prompt and line; takes them away again, so that something else can be written there.
    void show(std::string& screen);
    void hide(std::string& screen);

private:
    enum class part : std::uint8_t { plain, escape, sequence, character };

    key take_plain(std::uint8_t octet, std::string& screen);
    key enter(std::string& screen);
    void edit(std::uint8_t octet);
    void take_sequence(std::uint8_t last);
    void insert(std::string_view what);
    void cut(std::size_t from, std::size_t to);
    void recall(bool older);
    [[nodiscard]] std::size_t before(std::size_t at) const;
    [[nodiscard]] std::size_t behind(std::size_t at) const;
    [[nodiscard]] std::size_t word_before(std::size_t at) const;
    [[nodiscard]] std::string_view visible(std::size_t& from) const;

    std::string prompt_;
    std::string text_;
    std::string entered_;
    std::string cut_;
    std::string sequence_;  // an escape sequence or a character that has begun
    std::size_t at_ = 0;    // the cursor, in octets
    std::size_t columns_ = 80;
    std::size_t missing_ = 0;  // octets of the character that has begun
    std::vector<std::string> history_;
    std::size_t recalled_ = 0;  // history_.size(): none of them
    std::string typed_;         // what stood there before the first was recalled
    part in_ = part::plain;
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_LINE_EDITOR_HPP
