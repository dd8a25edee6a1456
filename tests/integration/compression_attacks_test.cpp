// SPDX-License-Identifier: MIT
// What a hostile or broken peer can do with compressed messages, and what becomes of it: bombs on every way
// that gives messages to a program, blocks and contexts that end where they should not, memory that
// stays behind.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/compressing_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

constexpr std::size_t limit = 1 << 20;

limits bounded(std::uint64_t message_bytes = limit) {
    limits bounds;
    bounds.message_bytes = bounds.frame_bytes = message_bytes;
    return bounds;
}

/// A payload of about `size` octets that becomes a thousand times as large.
octets bomb(std::size_t size) {
    static const octets all =
        deflating(15, deflate_level::best).message(octets(std::size_t{160} << 20, 0));
    EXPECT_LE(size, all.size());
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)};
}

enum class way { whole, streamed };

/// A server that takes messages in that way and echoes nothing.
void serve(memory_server& rig, way how, const deflate_parameters& terms = takes_nothing_over,
           const limits& bounds = bounded()) {
    rig->route("/", with(rig.log.record({.streams = how == way::streamed}), compressing(terms)),
               bounds);
}

TEST(CompressionAttack, ABombIsStoppedAtTheLimit) {
    proves({"7692-6.2-01", "6455-10.4-01"});
    const octets payload = bomb(128 << 10);
    for (const way how : {way::whole, way::streamed}) {
        memory_server rig;
        serve(rig, how);
        compressing_client peer(rig, takes_nothing_over);
        EXPECT_EQ(peer.say(peer.codec.frame(2, payload)).substr(0, 10), "close 1009");
        const metrics_snapshot counts = rig->snapshot();
        EXPECT_LE(counts.inflate_bytes_out, limit);
        EXPECT_GE(counts.inflate_bytes_out, limit - (64 << 10));
        EXPECT_EQ(counts.compression_bytes, 0U);
        peer.line.end();
        rig.settle();
        EXPECT_NE(rig.log.text().find("message_too_big"), std::string::npos) << rig.log.text();
        EXPECT_EQ(rig.log.text().find("binary"), std::string::npos) << "none of it is delivered";
        expect_empty(rig);
    }
}

TEST(CompressionAttack, TheLimitPassesAndOneMoreDoesNot) {
    for (const way how : {way::whole, way::streamed}) {
        for (const std::size_t bound : {std::size_t{1000}, std::size_t{100'000}, limit}) {
            for (const std::size_t more : {std::size_t{0}, std::size_t{1}}) {
                memory_server rig;
                serve(rig, how, takes_nothing_over, bounded(bound));
                compressing_client peer(rig, takes_nothing_over);
                const std::string said =
                    peer.say(peer.codec.binary(std::string(bound + more, 'x')));
                EXPECT_EQ(said.substr(0, 10), more == 0 ? "" : "close 1009") << bound;
                EXPECT_EQ(rig->snapshot().messages_received, 1 - more);
            }
        }
    }
}

TEST(CompressionAttack, TheHeapGrowsByTheLimitAtMost) {
    memory_server rig;
    std::size_t within = 0;
    rig->route("/",
               with(rig.log.record({.on_message =
                                        [&](session&, message m) {
                                            within =
                                                m.payload.size() == limit ? heap_in_use() : within;
                                        }}),
                    compressing(takes_nothing_over)),
               bounded());
    compressing_client peer(rig, takes_nothing_over);
    EXPECT_EQ(peer.say(peer.codec.binary("the first makes what a loop keeps")), "");
    const octets wire = peer.codec.binary(std::string(limit, 'x'));
    peer.line.say(wire);
    const std::size_t before = heap_in_use();
    rig.settle();
    EXPECT_EQ(rig->snapshot().messages_received, 2U);
    EXPECT_LE(within, before + limit + (32 << 10) + (64 << 10));
}

// Each is within the limit, and a read may hold hundreds of them.
TEST(CompressionAttack, MessagesThatAreSmallOnTheWireDoNotKeepTheLoopToThemselves) {
    memory_server rig;
    serve(rig, way::whole);
    compressing_client peer(rig, takes_nothing_over);
    const octets one = peer.codec.binary(std::string(limit, 'x'));
    ASSERT_LT(one.size(), 2000U);
    for (int i = 0; i < 100; ++i) {
        peer.line.say(one);
    }
    ASSERT_FALSE(rig.its_loop.turn(duration::zero()));
    EXPECT_GT(rig->snapshot().messages_received, 0U);
    EXPECT_LE(rig->snapshot().messages_received, 1 + (64U << 10) / one.size());
    rig.settle();
    EXPECT_EQ(rig->snapshot().messages_received, 100U);
}

// Text that DEFLATE makes larger is still within the limit of its text.
TEST(CompressionAttack, AMessageOfTheLimitMayBeLargerOnTheWire) {
    octets noise(limit);
    std::mt19937 random{3};
    for (std::uint8_t& octet : noise) {
        octet = static_cast<std::uint8_t>(random());
    }
    octets stored;
    for (std::size_t at = 0; at < noise.size();
         at += 1000) {  // small blocks: 5 octets more for each
        const auto size =
            static_cast<std::uint16_t>(std::min<std::size_t>(1000, noise.size() - at));
        const std::uint16_t complement = static_cast<std::uint16_t>(~size);
        append(stored,
               octets{0, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
                      static_cast<std::uint8_t>(complement),
                      static_cast<std::uint8_t>(complement >> 8)});
        append(stored, std::span{noise}.subspan(at, size));
    }
    stored.push_back(0);
    ASSERT_GT(stored.size(), limit + 5000);
    memory_server rig;
    serve(rig, way::whole);
    compressing_client peer(rig, takes_nothing_over);
    EXPECT_EQ(peer.say(peer.codec.frame(2, stored)), "");
    EXPECT_EQ(rig->snapshot().messages_received, 1U);
    octets endless;
    for (int i = 0; i < 300'000; ++i) {  // empty blocks for ever
        append(endless, octets{0, 0, 0, 0xff, 0xff});
    }
    EXPECT_EQ(peer.say(peer.codec.frame(2, endless)).substr(0, 10), "close 1009");
}

TEST(CompressionAttack, TheLimitHoldsInFragmentsToo) {
    const octets payload = bomb(8 << 10);  // some 8 MiB
    for (const way how : {way::whole, way::streamed}) {
        for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{5000}}) {
            memory_server rig;
            serve(rig, how);
            compressing_client peer(rig, takes_nothing_over);
            octets wire;
            for (std::size_t at = 0; at < payload.size(); at += size) {
                const std::size_t end = std::min(payload.size(), at + size);
                append(wire, peer.codec.frame(at == 0 ? 2 : 0,
                                              {payload.begin() + static_cast<std::ptrdiff_t>(at),
                                               payload.begin() + static_cast<std::ptrdiff_t>(end)},
                                              false, at == 0 ? 4 : 0));
            }
            EXPECT_EQ(peer.say(wire).substr(0, 10), "close 1009");
            EXPECT_LE(rig->snapshot().inflate_bytes_out, limit);
        }
    }
}

TEST(CompressionAttack, AQuietConnectionHoldsNothing) {
    memory_server rig;
    serve(rig, way::whole);
    std::vector<std::unique_ptr<compressing_client>> peers;
    for (int i = 0; i < 300; ++i) {
        peers.push_back(std::make_unique<compressing_client>(rig, takes_nothing_over));
    }
    for (const auto& one : peers) {
        EXPECT_EQ(one->say(one->codec.text(pattern(16 << 10))), "");
        EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
    }
    for (const auto& one : peers) {
        one->line.end();
    }
    rig.settle();
    EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
    expect_empty(rig);
}

// The figures of app/compression.hpp.
TEST(CompressionAttack, AContextTakesWhatIsDocumented) {
    memory_server rig;
    serve(rig, way::whole, takes_over);
    std::vector<std::unique_ptr<compressing_client>> peers;
    for (int i = 0; i < 40; ++i) {
        peers.push_back(std::make_unique<compressing_client>(rig, takes_over));
    }
    EXPECT_EQ(peers[0]->say(peers[0]->codec.text(pattern(300))), "");
    const auto said = [&](std::size_t which) {
        peers[which]->line.say(peers[which]->codec.text(pattern(300)));
        rig.settle();
        EXPECT_TRUE(rig->find(rig.log[which].id)->send_text(pattern(300)));
        rig.settle();
        peers[which]->line.bytes() = {};
    };
    said(1);
    const std::size_t before = heap_in_use();
    for (std::size_t which = 2; which < peers.size(); ++which) {
        said(which);
    }
    const std::size_t each = (heap_in_use() - before) / (peers.size() - 2);
    const std::size_t contexts = deflate_memory(15, deflate_level::normal) + (32 << 10);
    EXPECT_LE(each, contexts + 1700);
    EXPECT_TRUE(each >= contexts || before == 0) << each;
}

TEST(CompressionAttack, MessagesUnderWayAreBoundedAndTheNextIsToldToComeLater) {
    memory_server rig;
    compression_options options = compressing(takes_nothing_over);
    options.inflaters = 2;
    rig->route("/", with(rig.log.record(echo()), options));
    compressing_client first(rig, takes_nothing_over);
    compressing_client second(rig, takes_nothing_over);
    compressing_client third(rig, takes_nothing_over);
    const octets message = first.codec.deflated(pattern(1000));
    const octets head(message.begin(), message.begin() + 5);
    const octets rest(message.begin() + 5, message.end());
    EXPECT_EQ(first.say(first.codec.frame(1, head, false)), "");
    EXPECT_EQ(second.say(second.codec.frame(1, head, false)), "");
    EXPECT_GT(rig->snapshot().compression_bytes, 0U);
    EXPECT_EQ(third.say(third.codec.text(pattern(1000))),
              "text deflated " + shown(as_bytes(pattern(1000))) + '\n')
        << "what comes in one read needs none of them";
    EXPECT_EQ(third.say(third.codec.frame(1, head, false)).substr(0, 10), "close 1013");
    EXPECT_EQ(first.say(first.codec.frame(0, rest, true, 0)),
              "text deflated " + shown(as_bytes(pattern(1000))) + '\n');
    compressing_client fourth(rig, takes_nothing_over);
    EXPECT_EQ(fourth.say(fourth.codec.frame(1, head, false)), "") << "one is free again";
    second.line.fail(ECONNRESET);
    rig.settle();
    compressing_client fifth(rig, takes_nothing_over);
    EXPECT_EQ(fifth.say(fifth.codec.frame(1, head, false)), "") << "and another";
    for (compressing_client* one : {&first, &third, &fourth, &fifth}) {
        one->line.end();
    }
    rig.settle();
    EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
    expect_empty(rig);
}

TEST(CompressionAttack, NothingBehindAFinalBlockIsLostOrBecomesAnotherMessage) {
    proves({"7692-7.2.1-06", "7692-7.2.3-01"});
    memory_server rig;
    rig->route("/", with(rig.log.record(), compressing(takes_over)));
    compressing_client peer(rig, takes_over);
    octets two = {0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};  // BFINAL, then another block
    append(two, octets{0x00, 0x02, 0x00, 0xfd, 0xff, 'O', 'K', 0x00});
    EXPECT_EQ(peer.say(peer.codec.frame(1, two)), "");
    EXPECT_EQ(peer.say(peer.codec.frame(1, {0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00})), "");
    EXPECT_EQ(peer.say(client_text("plain")), "");
    EXPECT_EQ(peer.say(peer.codec.frame(1, {0x4b, 0x4c, 0x4a, 0x06, 0x00, 0x02, 0x22, 0x00, 0x00})),
              "");
    EXPECT_EQ(rig.log.text(),
              "open\ntext \"HelloOK\"\ntext \"Hello\"\ntext \"plain\"\ntext \"abcabc\"\n");
}

TEST(CompressionAttack, EmptyFramesAndEmptyPayloads) {
    memory_server rig;
    rig->route("/", with(rig.log.record(), compressing(takes_over)));
    compressing_client peer(rig, takes_over);
    octets wire = peer.codec.frame(1, {}, false);
    append(wire, peer.codec.frame(0, {}, false, 0));
    append(wire, peer.codec.frame(0, peer.codec.deflated("late"), false, 0));
    append(wire, peer.codec.frame(0, {}, true, 0));
    append(wire, peer.codec.frame(2, {0x00}));
    EXPECT_EQ(peer.say(wire), "");
    EXPECT_EQ(rig.log.text(), "open\ntext \"late\"\nbinary \"\"\n");
    EXPECT_EQ(peer.say(peer.codec.frame(1, {})).substr(0, 10), "close 1007");
}

TEST(CompressionAttack, RSV1StandsWhereItMayOnly) {
    proves({"7692-6.1-03", "7692-6.1-05", "7692-5-14"});
    const auto ends_with = [](const std::function<octets(compressing_peer&)>& what,
                              bool is_agreed = true) {
        memory_server rig;
        rig->route("/", with(rig.log.record(),
                             is_agreed ? compressing(takes_over) : compression_options{}));
        memory_client peer(rig);
        peer.say(offering());
        rig.settle();
        EXPECT_TRUE(peer.answer().starts_with("HTTP/1.1 101 "));
        compressing_peer codec(takes_over);
        peer.say(what(codec));
        rig.settle();
        return peer.heard().substr(0, 10);
    };
    for (const unsigned op : {8U, 9U, 10U, 0U}) {
        EXPECT_EQ(ends_with([op](compressing_peer& codec) { return codec.frame(op, {}); }),
                  "close 1002")
            << op;
    }
    EXPECT_EQ(ends_with([](compressing_peer& codec) {
                  octets wire = codec.frame(1, {0x00}, false);
                  return append(wire, codec.frame(0, {}, true, 4));
              }),
              "close 1002");
    for (const unsigned rsv : {1U, 2U, 3U, 5U, 6U, 7U}) {
        EXPECT_EQ(
            ends_with([rsv](compressing_peer& codec) { return codec.frame(1, {0x00}, true, rsv); }),
            "close 1002")
            << rsv;
    }
    EXPECT_EQ(ends_with([](compressing_peer& codec) { return codec.text("x"); }, false),
              "close 1002");
    EXPECT_EQ(ends_with([](compressing_peer& codec) { return codec.text("x"); }), "");
}

TEST(CompressionAttack, AMessageEndsWhereABlockDoes) {
    for (const way how : {way::whole, way::streamed}) {
        memory_server rig;
        serve(rig, how, takes_over);
        compressing_client peer(rig, takes_over);
        octets wire = peer.codec.frame(1, {0xf2, 0x48, 0xcd, 0x01});  // "Hel" of "Hello"
        append(wire, client_text("not heard"));
        EXPECT_EQ(peer.say(wire).substr(0, 10), "close 1007");
        peer.line.end();
        rig.settle();
        EXPECT_NE(rig.log.text().find("deflate_ends_inside_block"), std::string::npos);
        EXPECT_EQ(rig.log.text().find("not heard"), std::string::npos);
    }
}

TEST(CompressionAttack, AWindowSmallerThanADistanceIsAnError) {
    proves({"7692-7.2.2-09", "7692-7.2.1-15"});
    const std::string far = pattern(23) + std::string(1000, '-') + pattern(23);
    for (const std::uint8_t bits : {std::uint8_t{8}, std::uint8_t{9}, std::uint8_t{15}}) {
        memory_server rig;
        const deflate_parameters terms{.client_max_window_bits = bits};
        serve(rig, way::whole, terms);
        compressing_client peer(rig, terms);
        compressing_peer careless{takes_over};  // it looks back as far as it likes
        const std::string said = peer.say(careless.text(far));
        EXPECT_EQ(said.substr(0, 10), bits == 15 ? "" : "close 1007") << int{bits};
    }
}

TEST(CompressionAttack, WrongTextIsToldOfBeforeTheMessageEnds) {
    proves({"7692-6.1-07"});
    for (const way how : {way::whole, way::streamed}) {
        memory_server rig;
        serve(rig, how);
        compressing_client peer(rig, takes_nothing_over);
        deflating packer(15, deflate_level::fast);
        const octets begun = packer.message(octets_of("good then \xff"), {}, deflate_flush::sync);
        EXPECT_EQ(peer.say(peer.codec.frame(1, begun, false)).substr(0, 10), "close 1007");
    }
}

TEST(CompressionAttack, AConnectionThatEndsAmidAMessageLeavesNothingBehind) {
    const octets whole = deflating(15, deflate_level::best).message(as_bytes(pattern(5000)));
    for (const way how : {way::whole, way::streamed}) {
        for (std::size_t cut = 1; cut < whole.size(); cut += 3) {
            for (const int number : {0, ECONNRESET}) {
                memory_server rig;
                serve(rig, how, takes_over);
                compressing_client peer(rig, takes_over);
                const octets head(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
                EXPECT_EQ(peer.say(peer.codec.frame(1, head, false)), "");
                number == 0 ? peer.line.end() : peer.line.fail(number);
                rig.settle();
                EXPECT_NE(rig.log.text().find("close 1006"), std::string::npos);
                EXPECT_EQ(rig->snapshot().messages_received, 0U);
                EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
                expect_empty(rig);
            }
        }
    }
}

TEST(CompressionAttack, AStalledMessageIsGivenUpWithItsMemory) {
    memory_server rig;
    serve(rig, way::whole);
    compressing_client peer(rig, takes_nothing_over);
    EXPECT_EQ(peer.say(peer.codec.frame(1, {0xf2, 0x48}, false)), "");
    EXPECT_GT(rig->snapshot().compression_bytes, 0U);
    rig.pass(11s);
    EXPECT_EQ(peer.heard().substr(0, 10), "close 1008");
    peer.line.end();
    rig.settle();
    EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
}

// Whatever a program does between two pieces of a message, what it has got is whole and nothing leaks.
TEST(CompressionAttack, AProgramMayEndTheSessionBetweenTwoPieces) {
    for (const bool drops : {true, false}) {
        memory_server rig;
        int chunks = 0;
        rig->route("/", with(rig.log.record({.on_message_chunk =
                                                 [&](session& one, byte_view) {
                                                     ++chunks;
                                                     if (drops) {
                                                         one.terminate();
                                                     } else {
                                                         one.close(4001);
                                                     }
                                                 },
                                             .streams = true}),
                             compressing(takes_over)));
        compressing_client peer(rig, takes_over);
        const std::string said = peer.say(peer.codec.binary(std::string(300'000, 'x')));
        EXPECT_EQ(said, drops ? "" : "close 4001\n");
        EXPECT_EQ(chunks, drops ? 1 : 5);
        peer.line.end();
        rig.settle();
        EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
        expect_empty(rig);
    }
}

}  // namespace
}  // namespace plainsong::tests
