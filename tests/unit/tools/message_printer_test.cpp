// SPDX-License-Identifier: MIT
// message_printer_test.cpp — messages and events as they are printed.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tools/message_printer.hpp"

namespace plainsong::tools {
namespace {

std::string printed(message_form form, opcode type, std::string_view payload,
                    bool for_terminal = false) {
    std::string text;
    append_message(text, form, {type, as_bytes(payload)}, for_terminal);
    return text;
}

std::string event_line(const cat_event& what) {
    std::string text;
    append_event(text, what);
    return text;
}

TEST(MessagePrinter, PrintsMessagesInEachForm) {
    EXPECT_EQ(printed(message_form::text, opcode::text, "a\nb\x1b"), "a\nb\x1b\n");
    EXPECT_EQ(printed(message_form::text, opcode::text, "a\nb\x1b", true), "a\nb\\x1b\n");
    EXPECT_EQ(printed(message_form::text, opcode::binary, "a\x01"), "6101\n");
    EXPECT_EQ(printed(message_form::raw, opcode::text, "hi"), "hi");
    EXPECT_EQ(printed(message_form::hex, opcode::text, "hi"), "6869\n");
    EXPECT_EQ(printed(message_form::base64, opcode::binary, "hi"), "aGk=\n");
    EXPECT_EQ(printed(message_form::length, opcode::binary, "hi"), std::string("\0\0\0\2hi", 6));
    EXPECT_EQ(printed(message_form::length, opcode::binary, std::string(0x10203, 'x')).substr(0, 5),
              std::string("\0\1\2\3x", 5));
}

TEST(MessagePrinter, PrintsAnEventAsALineOfJson) {
    EXPECT_EQ(event_line({.time = 1.5, .payload = as_bytes("say \"hi\"\n")}),
              "{\"time\":1.500000,\"direction\":\"in\",\"opcode\":\"text\",\"length\":9,"
              "\"payload\":\"say \\\"hi\\\"\\n\"}\n");
    EXPECT_EQ(
        event_line({.way = direction::out, .type = opcode::binary, .payload = as_bytes("hi")}),
        "{\"time\":0.000000,\"direction\":\"out\",\"opcode\":\"binary\",\"length\":2,"
        "\"payload\":\"aGk=\",\"encoding\":\"base64\"}\n");
    EXPECT_EQ(event_line({.type = opcode::pong, .payload = as_bytes("\xff"), .round_trip = 0.25}),
              "{\"time\":0.000000,\"direction\":\"in\",\"opcode\":\"pong\",\"length\":1,"
              "\"round_trip\":0.250000,\"payload\":\"/w==\",\"encoding\":\"base64\"}\n");
}

TEST(MessagePrinter, PrintsTheEnd) {
    EXPECT_EQ(event_line({.type = opcode::close,
                          .payload = as_bytes("bye"),
                          .code = 1000,
                          .clean = true,
                          .is_end = true}),
              "{\"time\":0.000000,\"direction\":\"in\",\"opcode\":\"close\",\"length\":5,"
              "\"code\":1000,\"clean\":true,\"payload\":\"bye\"}\n");
}

}  // namespace
}  // namespace plainsong::tools
