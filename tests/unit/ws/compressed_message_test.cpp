// SPDX-License-Identifier: MIT
// compressed_message_test.cpp — engine and message_inflater together, however the octets are cut.
//
// Covers: ws/connection (RSV1), ws/message_inflater.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/support/compressing_peer.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/split.hpp"

namespace plainsong::tests {
namespace {

constexpr role both_roles[] = {role::server, role::client};

role other(role self) {
    return self == role::server ? role::client : role::server;
}

octets close_frame(role from, unsigned code) {
    return from == role::client ? client_close(code)
                                : on_wire({.opcode = 8,
                                           .payload = {static_cast<std::uint8_t>(code / 256),
                                                       static_cast<std::uint8_t>(code)}});
}

TEST(CompressedMessage, ReadsTheSameHoweverItIsCut) {
    proves({"7692-6-03", "7692-6.2-01", "7692-7.2.2-01"});
    for (const role self : both_roles) {
        compressing_peer peer({}, other(self));
        octets wire;
        for (const octets& part :
             {peer.text("Hello"), peer.text("Hello"), peer.frame(9, octets_of("p"), true, 0),
              peer.fragments(1,
                             "gr\xc3\xbc\xc3\x9f"
                             "e, " +
                                 pattern(90),
                             3),
              peer.frame(2, octets_of("plain"), true, 0), peer.binary(std::string(700, 'x')),
              peer.frame(1, {0x00}), close_frame(other(self), 1000)}) {
            append(wire, part);
        }
        dialogue talk{self};
        talk.inflate_messages(15).receive(wire);
        const dialogue::record whole = talk.run_whole();
        EXPECT_EQ(whole.log[1], "text \"Hello\"") << joined(whole.log);
        EXPECT_EQ(cut_in_every_way(talk), "");
    }
}

TEST(CompressedMessage, FailsTheSameHoweverItIsCut) {
    for (const role self : both_roles) {
        compressing_peer peer({}, other(self));
        const octets good = peer.text("good");
        octets marked_twice = peer.frame(1, {0x00}, false);
        append(marked_twice, peer.frame(0, {}, true, 4));
        const octets wrong[] = {
            peer.frame(1, {}),
            peer.frame(1, {0x06}),
            peer.frame(1, {0xf2, 0x48, 0xcd, 0x01}),
            peer.frame(1, {0xf2, 0x48, 0xca, 0x3e, 0x37, 0xfa, 0xa4}),  // a code in three octets
            peer.frame(1, {0x02, 0x02, 0x00}),
            peer.text("not \xff utf-8, and more of it"),
            peer.text("half \xe2\x82"),
            peer.frame(0, {0x00}, true, 4),
            peer.frame(9, {}, true, 4),
            marked_twice,
        };
        for (const octets& one : wrong) {
            octets wire = good;
            append(wire, one);
            append(wire, good);
            dialogue talk{self};
            talk.inflate_messages(15).receive(wire);
            const dialogue::record whole = talk.run_whole();
            ASSERT_GE(whole.log.size(), 2U);
            EXPECT_EQ(whole.log[0], "text \"good\"");
            EXPECT_TRUE(whole.log[1].starts_with("> close 100")) << joined(whole.log);
            EXPECT_EQ(cut_in_every_way(talk), "");
        }
    }
}

TEST(CompressedMessage, KeepsToItsLimitHoweverItIsCut) {
    limits bounds;
    bounds.message_bytes = bounds.frame_bytes = 300;
    for (const std::size_t size : {300U, 301U, 5000U}) {
        compressing_peer peer({}, role::client);
        dialogue talk{role::server, bounds};
        talk.inflate_messages(15)
            .receive(peer.fragments(2, std::string(size, 'x'), 2))
            .receive(client_close(1000));
        const dialogue::record whole = talk.run_whole();
        EXPECT_TRUE(whole.log[0].starts_with(size == 300 ? "binary 300" : "> close 1009"));
        EXPECT_EQ(cut_in_every_way(talk), "");
    }
}

// The literal that is one too many has a long code, which begins at any bit of an octet.
TEST(CompressedMessage, NamesTheSamePlaceOfOneOctetTooMany) {
    std::mt19937 random{1};
    std::geometric_distribution<int> mostly_small{0.5};
    const auto text_of = [&](std::size_t size) {
        std::string text(size, 'a');
        for (char& c : text) {
            c = static_cast<char>('a' + std::min(mostly_small(random), 20));
        }
        return text;
    };
    for (std::size_t limit = 300; limit < 316; ++limit) {
        limits bounds;
        bounds.message_bytes = bounds.frame_bytes = limit;
        compressing_peer peer({}, role::client);
        dialogue talk{role::server, bounds};
        talk.inflate_messages(15).receive(peer.text(text_of(limit) + "~" + text_of(500)));
        EXPECT_TRUE(talk.run_whole().log[0].starts_with("> close 1009"));
        EXPECT_EQ(cut_in_every_way(talk), "");
    }
}

// The text fills the room while the octets that the sender took away are being decoded, and a block of no
// known kind comes behind that: found by the fuzzer.
TEST(CompressedMessage, NamesTheSamePlaceOfAFaultBehindItsLastOctet) {
    dialogue talk{role::server};
    talk.inflate_messages(15).receive(
        octets{0xc2, 0x88, 0x37, 0xfa, 0x21, 0x3d, 0xc4, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_TRUE(talk.run_whole().log[0].starts_with("> close 1007"));
    EXPECT_EQ(cut_in_every_way(talk), "");
}

}  // namespace
}  // namespace plainsong::tests
