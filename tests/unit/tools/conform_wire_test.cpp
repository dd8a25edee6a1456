// SPDX-License-Identifier: MIT
// conform_wire_test.cpp — the conformance tool's own frames.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tools/conform_outgoing.hpp"
#include "tools/conform_wire.hpp"

namespace plainsong::conform {
namespace {

using namespace std::string_literals;

std::string written(frame one) {
    one.size = one.payload.size();
    std::string octets;
    append_frame(octets, one);
    return octets;
}

frame made(std::uint8_t opcode, std::string payload) {
    frame one;
    one.opcode = opcode;
    one.payload = std::move(payload);
    return one;
}

TEST(ConformWire, FindsTheFirstOctetThatNoTextCouldHave) {
    const std::string good = "plain text \xe2\x82\xac";
    for (const char* const begin : {"", "\xc2", "\xe2\x82", "\xf4\x8f\xbf"}) {
        const std::string text = good + begin;
        EXPECT_EQ(first_wrong_octet(text), text.size());
        EXPECT_EQ(first_wrong_octet(text + "\xff" + good), text.size());
    }
    EXPECT_EQ(first_wrong_octet("\xed\xa0\x80"), 1U);
    EXPECT_EQ(first_wrong_octet("a\xf0\x80\x80\x80"), 2U);
    EXPECT_EQ(first_wrong_octet(""), 0U);
}

TEST(ConformWire, WritesTheExamplesOfTheRfc) {
    EXPECT_EQ(written(made(1, "Hello")), "\x81\x05Hello");
    frame masked = made(1, "Hello");
    masked.masked = true;
    masked.key = {0x37, 0xfa, 0x21, 0x3d};
    EXPECT_EQ(written(masked), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    frame first = made(1, "Hel");
    first.fin = false;
    EXPECT_EQ(written(first), "\x01\x03Hel");
    EXPECT_EQ(written(made(2, std::string(256, 'x'))), "\x82\x7e\x01\x00"s + std::string(256, 'x'));
    EXPECT_EQ(written(made(2, std::string(65536, 'x'))),
              "\x82\x7f\0\0\0\0\0\x01\0\0"s + std::string(65536, 'x'));
}

TEST(ConformWire, WritesWhatNoEndpointMay) {
    frame wrong = made(11, std::string(126, 'x'));
    wrong.fin = false;
    wrong.rsv = 7;
    EXPECT_EQ(written(wrong), "\x7b\x7e\x00\x7e"s + std::string(126, 'x'));
}

TEST(ConformWire, ReadsFramesHoweverTheyAreCut) {
    std::string all;
    for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U}) {
        frame one = made(2, std::string(size, 'y'));
        one.masked = size % 2 == 1;
        one.key = {1, 2, 3, 4};
        one.rsv = static_cast<std::uint8_t>(size % 8);
        all += written(one);
    }
    for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, all.size()}) {
        frame_reader reader;
        std::vector<std::size_t> sizes;
        std::string violation;
        for (std::size_t at = 0; at < all.size(); at += cut) {
            reader.feed(std::string_view(all).substr(at, cut));
            for (frame one; reader.next(one, violation);) {
                EXPECT_EQ(one.payload, std::string(one.size, 'y'));
                EXPECT_EQ(one.masked, one.size % 2 == 1);
                EXPECT_EQ(one.rsv, one.size % 8);
                sizes.push_back(one.payload.size());
            }
        }
        EXPECT_EQ(violation, "");
        EXPECT_EQ(sizes, (std::vector<std::size_t>{0, 1, 125, 126, 127, 65535, 65536})) << cut;
    }
}

TEST(ConformWire, RefusesALengthThatIsNotInItsShortestForm) {
    for (const std::string& head : {"\x82\x7e\x00\x7d"s, "\x82\x7f\0\0\0\0\0\0\xff\xff"s}) {
        frame_reader reader;
        reader.feed(head);
        frame one;
        std::string violation;
        EXPECT_FALSE(reader.next(one, violation));
        EXPECT_NE(violation.find("shortest"), std::string::npos) << violation;
    }
}

/// Returns: the violation that the last of `frames`, sent by a server, is.
std::string fault(std::vector<frame> frames) {
    peer_judge judge(false);
    arrival last;
    for (frame& each : frames) {
        EXPECT_NE(last.what, arrival::kind::violation) << last.octets;
        last = judge.take(std::move(each));
    }
    return last.what == arrival::kind::violation ? last.octets : "";
}

frame fragment(std::uint8_t opcode, std::string payload) {
    frame one = made(opcode, std::move(payload));
    one.fin = false;
    return one;
}

TEST(ConformWire, JudgesAPeerStrictly) {
    frame masked = made(1, "");
    masked.masked = true;
    frame marked = made(1, "");
    marked.rsv = 1;
    EXPECT_EQ(fault({masked}), "a server's frame is masked");
    EXPECT_EQ(fault({marked}), "RSV is 1, but no extension is in use");
    EXPECT_EQ(fault({made(3, "")}), "opcode 3 has no meaning");
    EXPECT_EQ(fault({made(11, "")}), "opcode 11 has no meaning");
    EXPECT_EQ(fault({fragment(9, "")}), "a control frame is fragmented");
    EXPECT_EQ(fault({made(10, std::string(126, 'x'))}), "a control frame has 126 octets");
    EXPECT_EQ(fault({made(0, "")}), "a continuation continues nothing");
    EXPECT_EQ(fault({fragment(1, ""), made(2, "")}),
              "a message begins before the one before has ended");
    EXPECT_EQ(fault({fragment(1, "\xce"), made(0, "x")}), "a text is no UTF-8");
    EXPECT_EQ(fault({fragment(1, "\xce"), made(9, "\xff"), made(0, "\xba")}), "");
    EXPECT_EQ(fault({fragment(2, "\xce"), made(0, "x")}), "");
    EXPECT_EQ(fault({made(8, "x")}), "a Close has half a code");
    EXPECT_EQ(fault({made(8, "\x03\xed")}), "a Close has the code 1005");
    EXPECT_EQ(fault({made(8, "\x03\xe8\xff")}), "the reason of a Close is no UTF-8");
    EXPECT_EQ(fault({made(8, ""), made(8, "")}), "a frame with opcode 8 comes after the Close");
    EXPECT_EQ(peer_judge(true).take(made(1, "")).octets, "a client's frame isn't masked");
}

TEST(ConformWire, KnowsUtf8) {
    for (const std::string& good :
         {""s, "a\0"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
          "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
        EXPECT_TRUE(is_valid_utf8(good));
        EXPECT_TRUE(is_valid_utf8(good + "a" + good));
    }
    for (const std::string& bad :
         {"\x80"s, "\xc1\xbf"s, "\xc2"s, "\xe0\x9f\xbf"s, "\xed\xa0\x80"s, "\xf0\x8f\xbf\xbf"s,
          "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xe2\x82"s, "\xe2\x82\x41"s, "\xff"s}) {
        EXPECT_FALSE(is_valid_utf8(bad));
        EXPECT_FALSE(is_valid_utf8("a" + bad));
    }
}

/// Returns: the sizes of the writes.
std::vector<std::size_t> writes_of(outgoing& out, std::string& all) {
    std::vector<std::size_t> sizes;
    while (!out.is_empty()) {
        sizes.push_back(out.next().size());
        all += out.next();
        out.sent(sizes.back());
    }
    return sizes;
}

TEST(ConformOutgoing, JoinsCutsAndPartsWrites) {
    outgoing out({});
    std::string all;
    out.add("ab", 0, false);
    out.add("cd", 0, false);
    out.add("ef", 0, true);
    out.add("ghi", 2, false);
    out.add("j", 0, false);
    EXPECT_EQ(writes_of(out, all), (std::vector<std::size_t>{4, 2, 2, 1, 1}));
    EXPECT_EQ(all, "abcdefghij");
}

TEST(ConformOutgoing, KeepsAChopWholeWhenTheKernelTakesAPart) {
    outgoing out({});
    out.add("abcdef", 4, false);
    EXPECT_EQ(out.next(), "abcd");
    out.sent(1);
    EXPECT_EQ(out.next(), "bcd");
    out.sent(3);
    EXPECT_EQ(out.next(), "ef");
}

TEST(ConformOutgoing, CutsAllThatIsSentIfToldTo) {
    for (const cutting what : {cutting::each, cutting::random}) {
        outgoing out({what, 5});
        const std::string sent(3000, 'x');
        std::string all;
        out.add(sent, 0, false);
        out.add(sent, 100, false);
        const std::vector<std::size_t> sizes = writes_of(out, all);
        EXPECT_EQ(all, sent + sent);
        EXPECT_EQ(sizes.size() == 6000, what == cutting::each);
        EXPECT_GT(sizes.size(), 100U);
    }
}

TEST(ConformOutgoing, DropsOnlyWhatHasNotBegun) {
    outgoing out({});
    out.add("ab", 0, true);
    out.add("cd", 0, true);
    out.sent(1);
    out.drop_unbegun();
    EXPECT_EQ(out.next(), "b");
    out.sent(1);
    EXPECT_TRUE(out.is_empty());
}

}  // namespace
}  // namespace plainsong::conform
