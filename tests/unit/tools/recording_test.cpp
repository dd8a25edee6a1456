// SPDX-License-Identifier: MIT
// recording_test.cpp — a recording says what was recorded.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/recording.hpp"

namespace plainsong::tools {
namespace {

std::string line_of(const recorded_frame& frame) {
    std::string line;
    append_record(line, frame);
    return line;
}

TEST(Recording, WritesALineForAFrame) {
    EXPECT_EQ(line_of({0.0002134, true, 1, true, "say \"hi\"\n"}),
              "0.000213 > text fin \"say \\\"hi\\\"\\n\"\n");
    EXPECT_EQ(line_of({12, false, 2, false, std::string("\x00\x01\xff", 3)}),
              "12.000000 < binary more base64:AAH/\n");
    EXPECT_EQ(line_of({1, false, 11, true, ""}), "1.000000 < 11 fin \"\"\n");
}

TEST(Recording, ReadsWhatItHasWritten) {
    for (const recorded_frame& frame :
         {recorded_frame{0.5, true, 1, true, "a b  c \xc3\xa4 \x01 \x7f"},
          recorded_frame{1.25, false, 0, false, std::string(300, '\xff')},
          recorded_frame{0, false, 8, true, std::string("\x03\xe8", 2)},
          recorded_frame{7, true, 15, true, ""}}) {
        std::string line = line_of(frame);
        line.pop_back();
        recorded_frame back;
        ASSERT_TRUE(read_record(line, back)) << line;
        EXPECT_EQ(back, frame) << line;
    }
}

TEST(Recording, RefusesEverythingElse) {
    for (const char* line :
         {"", "0.5", "x > text fin \"\"", "-1 > text fin \"\"", "nan > text fin \"\"",
          "0.5 = text fin \"\"", "0.5 > words fin \"\"", "0.5 > 16 fin \"\"", "0.5 > text end \"\"",
          "0.5 > text fin", "0.5 > text fin abc", "0.5 > text fin \"abc", "0.5 > text fin \"\" x",
          "0.5 > text fin base64:A", "0.5  > text fin \"\""}) {
        recorded_frame frame;
        EXPECT_FALSE(read_record(line, frame)) << line;
    }
}

TEST(Recording, GivesTheMessagesThatWereSent) {
    std::vector<recorded_message> sent;
    std::string complaint;
    ASSERT_TRUE(read_outgoing(std::string(recording_title) + "0.1 > text fin \"one\"\n"
                                                             "\n"
                                                             "0.2 < text fin \"not mine\"\n"
                                                             "0.3 > binary more base64:AAE=\n"
                                                             "0.4 > ping fin \"\"\n"
                                                             "0.5 < continuation fin \"not mine\"\n"
                                                             "0.6 > continuation fin base64:/w==\n"
                                                             "0.7 > text more \"never ended\"",
                              sent, complaint))
        << complaint;
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].payload, "one");
    EXPECT_EQ(sent[0].type, opcode::text);
    EXPECT_EQ(sent[0].seconds, 0.1);
    EXPECT_EQ(sent[1].payload, std::string("\x00\x01\xff", 3));
    EXPECT_EQ(sent[1].type, opcode::binary);
    EXPECT_EQ(sent[1].seconds, 0.3);
}

TEST(Recording, NamesTheLineThatCannotBeSentAgain) {
    for (const char* wrong : {"0.1 > continuation fin \"\"\n", "0.1 > 3 fin \"\"\n", "hello\n",
                              "0.1 > text more \"\"\n0.2 > text fin \"\"\n"}) {
        std::vector<recorded_message> sent;
        std::string complaint;
        EXPECT_FALSE(read_outgoing("# title\n" + std::string(wrong), sent, complaint));
        EXPECT_TRUE(complaint.starts_with("line ")) << complaint;
    }
}

}  // namespace
}  // namespace plainsong::tools
