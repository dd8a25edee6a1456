// SPDX-License-Identifier: MIT
// line_editor_test.cpp — keys in, lines out, and what the screen shows meanwhile.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tools/line_editor.hpp"

namespace plainsong::tools {
namespace {

/// One line of a terminal that obeys what the editor may send: \r, \n, ESC [ K and characters.
class terminal {
public:
    void write(std::string_view octets) {
        for (std::size_t i = 0; i < octets.size(); ++i) {
            if (octets[i] == '\r') {
                at_ = 0;
            } else if (octets[i] == '\n') {
                above.push_back(line());
                cells_.clear();
                at_ = 0;
            } else if (octets.substr(i, 3) == "\x1b[K") {
                cells_.resize(at_ < cells_.size() ? at_ : cells_.size());
                i += 2;
            } else {
                std::string character(1, octets[i]);
                while (i + 1 < octets.size() && (octets[i + 1] & 0xC0) == 0x80) {
                    character += octets[++i];
                }
                cells_.resize(at_ < cells_.size() ? cells_.size() : at_ + 1);
                cells_[at_++] = character;
            }
        }
    }
    /// With a bar where the cursor is.
    [[nodiscard]] std::string shown() const {
        std::string text;
        for (std::size_t i = 0; i <= cells_.size(); ++i) {
            text += i == at_ ? "|" : "";
            text += i < cells_.size() ? cells_[i] : "";
        }
        return text;
    }
    [[nodiscard]] std::string line() const {
        std::string text;
        for (const std::string& cell : cells_) {
            text += cell;
        }
        return text;
    }
    [[nodiscard]] std::size_t width() const { return cells_.size(); }

    std::vector<std::string> above;

private:
    std::vector<std::string> cells_;
    std::size_t at_ = 0;
};

struct LineEditor : ::testing::Test {
    line_editor::key type(std::string_view keys) {
        line_editor::key last = line_editor::key::nothing;
        for (const char octet : keys) {
            std::string drawn;
            last = editor.feed(static_cast<std::uint8_t>(octet), drawn);
            screen.write(drawn);
            if (last == line_editor::key::line) {
                entered.push_back(editor.line());
            }
        }
        std::string drawn;
        editor.show(drawn);
        screen.write(drawn);
        return last;
    }

    line_editor editor{"> "};
    terminal screen;
    std::vector<std::string> entered;
};

constexpr const char* left = "\x1b[D";
constexpr const char* right = "\x1b[C";
constexpr const char* up = "\x1b[A";
constexpr const char* down = "\x1b[B";

TEST_F(LineEditor, ShowsWhatIsTypedAndGivesTheLine) {
    type("hello");
    EXPECT_EQ(screen.shown(), "> hello|");
    EXPECT_EQ(type("\r"), line_editor::key::line);
    EXPECT_EQ(entered, std::vector<std::string>{"hello"});
    EXPECT_EQ(screen.above, std::vector<std::string>{"> hello"});
    EXPECT_EQ(screen.shown(), "> |");
}

TEST_F(LineEditor, GivesEachLineOfAPaste) {
    type("one\ntwo\n\nthree");
    EXPECT_EQ(entered, (std::vector<std::string>{"one", "two", ""}));
    EXPECT_EQ(screen.shown(), "> three|");
}

TEST_F(LineEditor, MovesAndInserts) {
    type("acd");
    type(left);
    type(left);
    type("b");
    EXPECT_EQ(screen.shown(), "> ab|cd");
    type(right);
    type("-");
    EXPECT_EQ(screen.shown(), "> abc-|d");
    type("\x01");  // ctrl-A
    type("<");
    type("\x05");  // ctrl-E
    type(">");
    EXPECT_EQ(screen.shown(), "> <abc-d>|");
    type("\x1b[H");
    EXPECT_EQ(screen.shown(), "> |<abc-d>");
    type("\x1b[4~");
    EXPECT_EQ(screen.shown(), "> <abc-d>|");
    type("\x02\x02\x06");  // ctrl-B, ctrl-B, ctrl-F
    EXPECT_EQ(screen.shown(), "> <abc-d|>");
}

TEST_F(LineEditor, StopsAtBothEnds) {
    type(right);
    type(left);
    type("\x7f");
    type("\x1b[3~");
    type("a");
    type(right);
    type("b");
    EXPECT_EQ(screen.shown(), "> ab|");
}

TEST_F(LineEditor, TakesCharactersAway) {
    type("abcd\x7f");
    EXPECT_EQ(screen.shown(), "> abc|");
    type("\x1b[D\x1b[D\x1b[3~");
    EXPECT_EQ(screen.shown(), "> a|c");
    type("\x04");  // ctrl-D where something stands
    EXPECT_EQ(screen.shown(), "> a|");
    type("\x08");
    EXPECT_EQ(screen.shown(), "> |");
}

TEST_F(LineEditor, TakesWholeCharactersOfUtf8) {
    type("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xb5");
    type(left);
    EXPECT_EQ(screen.shown(), "> \xc3\xa4\xe2\x82\xac|\xf0\x9f\x8e\xb5");
    type("\x7f");
    EXPECT_EQ(screen.shown(), "> \xc3\xa4|\xf0\x9f\x8e\xb5");
    type("\x1b[3~");
    EXPECT_EQ(editor.text(), "\xc3\xa4");
    // What is no character does not get in.
    type("\xc3x\xff\x80");
    EXPECT_EQ(editor.text(), "\xc3\xa4x");
}

TEST_F(LineEditor, CutsAndPutsBack) {
    type("one two  three");
    type("\x17");  // ctrl-W
    EXPECT_EQ(screen.shown(), "> one two  |");
    type("\x17");
    EXPECT_EQ(screen.shown(), "> one |");
    type("\x19");  // ctrl-Y
    EXPECT_EQ(screen.shown(), "> one two  |");
    type("\x1b[D\x1b[D\x1b[D\x15");  // ctrl-U
    EXPECT_EQ(screen.shown(), "> |o  ");
    type("\x0b");  // ctrl-K
    EXPECT_EQ(screen.shown(), "> |");
    type("\x19\x19");
    EXPECT_EQ(screen.shown(), "> o  o  |");
}

TEST_F(LineEditor, RemembersLines) {
    type("one\rtwo\rtwo\r\r");
    type("typed");
    type(up);
    EXPECT_EQ(screen.shown(), "> two|");
    type(up);
    EXPECT_EQ(screen.shown(), "> one|");
    type(up);
    EXPECT_EQ(screen.shown(), "> one|");
    type(down);
    type(down);
    EXPECT_EQ(screen.shown(), "> typed|");
    type("\x10\x10!\r");  // ctrl-P
    EXPECT_EQ(entered.back(), "one!");
    type("\x10\x0e");  // ctrl-P, ctrl-N
    EXPECT_EQ(screen.shown(), "> |");
}

TEST_F(LineEditor, TellsTheKeysThatEndThings) {
    EXPECT_EQ(type("\x04"), line_editor::key::end);
    EXPECT_EQ(type("a\x04"), line_editor::key::nothing);
    EXPECT_EQ(type("\x03"), line_editor::key::interrupt);
    EXPECT_EQ(type("\x1a"), line_editor::key::suspend);
    EXPECT_EQ(editor.text(), "a");
}

TEST_F(LineEditor, LeavesKeysAloneThatItDoesNotKnow) {
    type("a\x1b[15~\x1b[1;5C\x1bOQ\x1bx\x07");
    EXPECT_EQ(editor.text(), "a");
}

TEST_F(LineEditor, ScrollsALineThatIsLongerThanTheScreenIsWide) {
    editor.set_columns(20);  // 17 beside the prompt and the last column
    type("abcdefghijklmnopqrstuvwxyz");
    EXPECT_EQ(screen.shown(), "> jklmnopqrstuvwxyz|");
    EXPECT_LT(screen.width(), 20U);
    type("\x01");
    EXPECT_EQ(screen.shown(), "> |abcdefghijklmnopq");
    for (int i = 0; i < 20; ++i) {
        type(right);
        EXPECT_LT(screen.width(), 20U);
    }
    EXPECT_EQ(screen.shown(), "> defghijklmnopqrst|");
}

TEST_F(LineEditor, CountsWideCharactersTwice) {
    editor.set_columns(11);  // 8 columns
    type("\xe6\x9c\xa8\xe6\x9c\xa8\xe6\x9c\xa8\xe6\x9c\xa8");
    EXPECT_EQ(screen.width(), 6U);
    type("a");
    EXPECT_EQ(screen.shown(),
              "> \xe6\x9c\xa8\xe6\x9c\xa8\xe6\x9c\xa8"
              "a|");
}

TEST_F(LineEditor, GetsOutOfTheWay) {
    type("typing");
    std::string drawn;
    editor.hide(drawn);
    screen.write(drawn);
    EXPECT_EQ(screen.shown(), "|");
    screen.write("a message\n");
    drawn.clear();
    editor.show(drawn);
    screen.write(drawn);
    EXPECT_EQ(screen.above, std::vector<std::string>{"a message"});
    EXPECT_EQ(screen.shown(), "> typing|");
}

}  // namespace
}  // namespace plainsong::tools
