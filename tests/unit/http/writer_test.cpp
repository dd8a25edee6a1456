// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

#include <plainsong/http/writer.hpp>

#include "tests/support/guard_page.hpp"

namespace plainsong::http {
namespace {

error_code why_not(std::string_view name, std::string_view value) {
    std::array<std::uint8_t, 64> memory{};
    return writer{memory}.add(name, value).finish().why().code();
}

TEST(Writer, WritesAHeadInOrder) {
    std::array<std::uint8_t, 200> memory{};
    writer out{memory};
    out.status_line(404, "Not Found").add("A", "b\tc d").add("N", 0).add("Empty", "");
    out.add("Most", std::numeric_limits<std::uint64_t>::max()).end_head().body(as_bytes("x\r\ny"));
    auto size = out.finish();
    ASSERT_TRUE(size);
    EXPECT_EQ(as_text(byte_view(memory).first(*size)),
              "HTTP/1.1 404 Not Found\r\nA: b\tc d\r\nN: 0\r\nEmpty: \r\n"
              "Most: 18446744073709551615\r\n\r\nx\r\ny");
}

TEST(Writer, WritesARequestLine) {
    std::array<std::uint8_t, 64> memory{};
    auto size = writer{memory}.request_line("GET", "/a?b").finish();
    ASSERT_TRUE(size);
    EXPECT_EQ(as_text(byte_view(memory).first(*size)), "GET /a?b HTTP/1.1\r\n");
}

TEST(Writer, RefusesWhatWouldEndALine) {
    for (int octet = 0; octet < 256; ++octet) {
        const std::string text{'a', static_cast<char>(octet), 'b'};
        const bool is_text = (octet >= 0x20 && octet != 0x7f) || octet == '\t';
        EXPECT_EQ(why_not("Name", text),
                  is_text ? error_code::none : error_code::field_not_sendable)
            << octet;
        std::array<std::uint8_t, 64> memory{};
        EXPECT_EQ(bool(writer{memory}.status_line(200, text).finish()), is_text) << octet;
        const bool in_target = octet > 0x20 && octet < 0x7f;
        EXPECT_EQ(bool(writer{memory}.request_line("GET", text).finish()), in_target) << octet;
    }
}

TEST(Writer, RefusesANameThatIsNoToken) {
    for (const std::string_view name : {"", " ", "a b", "a:", "a\r\nb", "caf\xc3\xa9", "\"a\""}) {
        EXPECT_EQ(why_not(name, "v"), error_code::field_not_sendable) << name;
        std::array<std::uint8_t, 64> memory{};
        EXPECT_FALSE(writer{memory}.add(name, 1).finish()) << name;
        EXPECT_FALSE(writer{memory}.request_line(name, "/").finish()) << name;
    }
    std::array<std::uint8_t, 64> memory{};
    EXPECT_FALSE(writer{memory}.request_line("GET", "").finish());
    EXPECT_FALSE(writer{memory}.status_line(99, "low").finish());
    EXPECT_FALSE(writer{memory}.status_line(1000, "high").finish());
}

TEST(Writer, NeverPassesTheEndOfItsMemory) {
    const std::string whole = "HTTP/1.1 200 OK\r\nA: b\r\nN: 12\r\n\r\nbody";
    for (std::size_t room = 0; room <= whole.size(); ++room) {
        tests::guarded_memory memory{whole.size()};
        writer out{memory.at_end(room)};
        out.status_line(200, "OK").add("A", "b").add("N", 12).end_head().body(as_bytes("body"));
        auto size = out.finish();
        if (room < whole.size()) {
            EXPECT_EQ(size.why().code(), error_code::output_full) << room;
        } else {
            ASSERT_TRUE(size);
            EXPECT_EQ(*size, whole.size());
        }
    }
}

TEST(Writer, KeepsTheFirstError) {
    std::array<std::uint8_t, 8> memory{};
    writer out{memory};
    out.add("A", "\r").add("long enough", "to overflow");
    EXPECT_EQ(out.finish().why().code(), error_code::field_not_sendable);
    EXPECT_EQ(memory[0], 0) << "nothing is written after an error";
}

TEST(ReasonPhrase, IsKnownForEachAnswerOfTheErrorList) {
#define CHECK_ROW(name, whose, answer, requirement, text)              \
    if (answer >= 100 && answer < 1000) {                              \
        EXPECT_NE(reason_phrase(answer), reason_phrase(999)) << #name; \
    }
    PLAINSONG_ERRORS(CHECK_ROW)
#undef CHECK_ROW
    EXPECT_EQ(reason_phrase(101), "Switching Protocols");
    EXPECT_EQ(reason_phrase(999), "Status");
}

}  // namespace
}  // namespace plainsong::http
