// SPDX-License-Identifier: MIT
// Sessions that speak permessage-deflate (RFC 7692), on transports in memory.
#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>

#include "tests/support/compressing_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

/// An echo at "/" with compression on those terms.
void serve(memory_server& rig, const compression_options& compression, reactions also = echo()) {
    rig->route("/", with(rig.log.record(std::move(also)), compression), wide());
}

/// Letters in which nothing recurs that is worth looking back for.
std::string letters(std::size_t size) {
    std::mt19937 random{11};
    std::string text(size, ' ');
    for (char& letter : text) {
        letter = static_cast<char>('a' + random() % 26);
    }
    return text;
}

TEST(SessionCompression, AnswersAnOfferOrGoesOnWithoutIt) {
    proves({"7692-5-06", "7692-5-13", "7692-5-14", "7692-5-16", "7692-7-01", "7692-7-02"});
    memory_server rig;
    rig->route("/", with(rig.log.record(echo()), permessage_deflate()));
    rig->route("/plain", rig.log.record(echo()));
    const auto answered = [&rig](const std::string& request) {
        memory_client peer(rig);
        peer.say(request);
        rig.settle();
        const std::string answer = peer.answer();
        peer.end();
        rig.settle();
        return field_of(answer, "Sec-WebSocket-Extensions");
    };
    EXPECT_EQ(answered(offering()),
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    EXPECT_EQ(answered(offering("x-other, permessage-deflate; server_max_window_bits=9")),
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
              "server_max_window_bits=9");
    EXPECT_EQ(answered(offering("permessage-deflate; foo")), "<none>");
    EXPECT_EQ(answered(good_request({}, "/")), "<none>");
    EXPECT_EQ(answered(good_request("Sec-WebSocket-Extensions: permessage-deflate\r\n", "/plain")),
              "<none>");
    expect_empty(rig);
}

TEST(SessionCompression, EchoesTheExamplesOfTheRfc) {
    proves({"6455-6.1-09", "6455-6.2-07", "7692-7.2.3-01", "7692-7.2.2-05", "7692-6.1-01",
            "7692-6.1-06", "7692-6.2-01", "7692-6.2-02", "7692-6-04", "7692-7.1.1.2-05"});
    memory_server rig;
    serve(rig, compressing(takes_over));
    compressing_client peer(rig, takes_over);
    EXPECT_EQ(peer.answer.find("takeover"), std::string::npos) << peer.answer;
    const octets hello = {0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};
    EXPECT_EQ(peer.say(peer.codec.frame(1, hello)), "text \"Hello\"\n");
    EXPECT_EQ(peer.say(client_text("between")), "text \"between\"\n")
        << "what doesn't become smaller is sent as it is";
    EXPECT_EQ(peer.say(peer.codec.frame(1, {0xf2, 0x00, 0x11, 0x00, 0x00})), "text \"Hello\"\n")
        << "and the window is as it was";
    EXPECT_EQ(peer.say(peer.codec.frame(1, {0xf2, 0x48, 0xcd}, false)), "");
    EXPECT_EQ(peer.say(client_ping("amid")), "pong \"amid\"\n");
    EXPECT_EQ(peer.say(peer.codec.frame(0, {0xc9, 0xc9, 0x07, 0x00}, true, 0)), "text \"Hello\"\n");
    peer.line.say(client_close(1000)).end();
    rig.settle();
    expect_empty(rig);
}

TEST(SessionCompression, KeepsOrForgetsEachContextAsAgreed) {
    proves({"7692-7.1.1.1-04", "7692-7.1.1.2-04", "7692-7.2.1-13", "7692-7.2.1-14", "7692-7.2.2-04",
            "7692-7.2.2-05", "7692-7.2.2-06", "7692-7.2.2-10", "7692-7.1.1.2-06"});
    const std::string text = letters(600);
    for (unsigned which = 0; which < 16; ++which) {
        const deflate_parameters wanted{
            .server_no_context_takeover = (which & 1) != 0,
            .client_no_context_takeover = (which & 2) != 0,
            .server_max_window_bits = static_cast<std::uint8_t>((which & 4) != 0 ? 9 : 15),
            .client_max_window_bits = static_cast<std::uint8_t>((which & 8) != 0 ? 9 : 15)};
        memory_server rig;
        serve(rig, compressing(wanted));
        compressing_client peer(rig, wanted);
        std::size_t sizes[3] = {};
        for (std::size_t& size : sizes) {
            const std::size_t before = peer.line.line->sends;
            peer.line.say(peer.codec.text(text));
            rig.settle();
            EXPECT_GT(peer.line.line->sends, before);
            size = peer.line.bytes().size();
            EXPECT_EQ(peer.heard(), "text deflated " + shown(as_bytes(text)) + '\n') << which;
        }
        // A second copy is small exactly if the first one may be looked back at, and is in reach.
        const bool is_small =
            !wanted.server_no_context_takeover && wanted.server_max_window_bits == 15;
        EXPECT_EQ(sizes[1] < sizes[0] / 2, is_small) << which;
        EXPECT_EQ(sizes[2], sizes[1]) << which;
        EXPECT_LE(peer.codec.farthest, std::size_t{1} << wanted.server_max_window_bits);
        peer.line.end();
        rig.settle();
        expect_empty(rig);
    }
}

// A match that reaches into an earlier message, whose window the client had promised to forget.
TEST(SessionCompression, RefusesALookBackIntoWhatIsForgotten) {
    proves({"7692-7.2.2-04"});
    memory_server rig;
    serve(rig, compressing(takes_nothing_over));
    compressing_client peer(rig, takes_nothing_over);
    EXPECT_NE(peer.say(peer.codec.text("Hello")), "");
    EXPECT_EQ(peer.say(peer.codec.frame(1, {0xf2, 0x00, 0x11, 0x00, 0x00})).substr(0, 10),
              "close 1007");
    peer.line.end();
    rig.settle();
    expect_empty(rig);
}

octets long_dialogue(compressing_peer& codec) {
    octets all;
    for (const octets& part :
         {codec.text("one"), codec.text(""), codec.text("one again"), client_text("plain"),
          codec.fragments(1, "gr\xc3\xbcn und " + pattern(300), 7), client_ping("in between"),
          codec.binary(std::string(300, '\xff')), codec.frame(2, codec.deflated("a"), false),
          client_frame(9, {}), codec.frame(0, {}, true, 0), codec.text(pattern(70'000)),
          client_text("pl", false), client_frame(0, octets_of("ain")),
          codec.fragments(2, pattern(5'000) + "end", 100), client_close(4000, "the end"),
          codec.text("never seen")}) {
        append(all, part);
    }
    return all;
}

std::string play(const deflate_parameters& terms, std::size_t receive_at_most, bool streams) {
    memory_server rig;
    reactions also = echo();
    also.streams = streams;
    serve(rig, compressing(terms), also);
    compressing_client peer(rig, terms);
    peer.line.line->receive_at_most = receive_at_most;
    std::string data;
    std::string control;
    std::istringstream said(peer.say(long_dialogue(peer.codec)));
    for (std::string line; std::getline(said, line);) {
        (line.starts_with("pong") ? control : data) += line + '\n';
    }
    peer.line.end();
    rig.settle();
    expect_empty(rig);
    return rig.log.text() + "sent\n" + data + control;
}

TEST(SessionCompression, LivesTheSameHoweverItsBytesAreCut) {
    proves({"7692-6-03", "7692-6.2-01", "7692-6.1-05"});
    for (const deflate_parameters& terms : {takes_over, takes_nothing_over}) {
        for (const bool streams : {false, true}) {
            const std::string whole = play(terms, no_bound, streams);
            EXPECT_NE(whole.find("text \"one again\""), std::string::npos) << whole;
            EXPECT_NE(whole.find("close 4000"), std::string::npos) << whole;
            EXPECT_EQ(whole.find("never"), std::string::npos);
            for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 11U, 64U, 1000U, 4096U}) {
                EXPECT_EQ(play(terms, size, streams), whole) << size;
            }
        }
    }
}

TEST(SessionCompression, LeavesSmallMessagesAndThoseOfNoGainAsTheyAre) {
    proves({"7692-6.1-02", "7692-7.3-02", "7692-6-01"});
    memory_server rig;
    compression_options options = compressing(takes_over);
    options.least_bytes = 100;
    serve(rig, options);
    compressing_client peer(rig, takes_over);
    const std::string small(99, 'x');
    const std::string enough(100, 'x');
    EXPECT_EQ(peer.say(client_text(small)), "text 99 x \"x\"\n");
    EXPECT_EQ(peer.say(client_text(enough)), "text deflated 100 x \"x\"\n");
    std::mt19937 random{7};
    for (int round = 0; round < 5; ++round) {
        octets noise(2000);
        for (std::uint8_t& octet : noise) {
            octet = static_cast<std::uint8_t>(random());
        }
        // What was tried and given up must not be looked back at: its receiver never saw it.
        EXPECT_EQ(peer.say(client_frame(2, noise)), "binary " + shown(noise) + '\n');
        octets half = noise;
        half.resize(1000);
        octets twice = half;
        append(twice, half);
        EXPECT_EQ(peer.say(client_frame(2, twice)), "binary deflated " + shown(twice) + '\n');
    }
    const metrics_snapshot counts = rig->snapshot();
    EXPECT_GT(counts.deflate_bytes_in, 5 * 2000U);
    EXPECT_LT(counts.deflate_bytes_out, 5 * 1200U);
}

TEST(SessionCompression, SendsAMessageUncompressedIfTheProgramSaysSo) {
    proves({"7692-8-01"});
    memory_server rig;
    serve(rig, compressing(takes_over), {.on_message = [](session& one, message m) {
              m.may_compress = m.payload.size() % 2 == 0;
              one.send(m);
          }});
    compressing_client peer(rig, takes_over);
    for (const std::size_t size : {200U, 201U, 400U, 401U, 600U}) {
        EXPECT_EQ(
            peer.say(client_text(std::string(size, 's'))),
            (size % 2 == 0 ? "text deflated " : "text ") + std::to_string(size) + " x \"s\"\n");
    }
}

TEST(SessionCompression, CompressesAMessageThatIsSentInPieces) {
    proves({"7692-6.1-04", "7692-6-02", "7692-7.2.1-08", "7692-7.2.1-03"});
    for (const deflate_parameters& terms : {takes_over, takes_nothing_over}) {
        memory_server rig;
        serve(rig, compressing(terms));
        compressing_client peer(rig, terms);
        session& one = rig.latest();
        for (int round = 0; round < 2; ++round) {
            EXPECT_TRUE(one.send_begin(opcode::text));
            EXPECT_TRUE(one.send_part(pattern(500)));
            EXPECT_EQ(one.send_text("another").why, error_code::message_in_progress);
            EXPECT_TRUE(one.send_part(std::string_view{}));
            EXPECT_TRUE(one.send_part("and " + pattern(200)));
            rig.settle();
            EXPECT_LT(peer.line.bytes().size(), 400U) << "pieces leave at once, and small";
            EXPECT_GE(peer.line.bytes().size(), 30U);
            EXPECT_TRUE(one.send_end());
            rig.settle();
            EXPECT_EQ(
                peer.heard(),
                "text deflated " + shown(as_bytes(pattern(500) + "and " + pattern(200))) + '\n');
        }
        EXPECT_TRUE(one.send_begin(opcode::binary));
        EXPECT_TRUE(one.send_end());
        EXPECT_TRUE(one.send_begin(opcode::text, false));
        EXPECT_TRUE(one.send_part(pattern(100)));
        EXPECT_TRUE(one.send_end());
        EXPECT_TRUE(one.send_text("&"));
        rig.settle();
        EXPECT_EQ(peer.heard(),
                  "binary deflated \"\"\ntext " + shown(as_bytes(pattern(100))) + "\ntext \"&\"\n");
        if (terms == takes_nothing_over) {
            EXPECT_EQ(rig->snapshot().compression_bytes, 0U) << "the deflater is given back";
        }
    }
}

// What waits may give way to newer messages, and then the peer's window doesn't have it.
TEST(SessionCompression, KeepsMessagesThatMayBeDroppedOutOfAContext) {
    memory_server rig;
    handlers on = with(rig.log.record(echo()), compressing(takes_over));
    on.overflow = overflow_policy::drop_oldest;
    limits bounds = wide();
    bounds.outbox_bytes = 20'000;
    rig->route("/", std::move(on), bounds);
    compressing_client peer(rig, takes_over);
    peer.line.line->window = 0;
    session& one = rig.latest();
    for (int i = 0; i < 20; ++i) {
        one.send_text(pattern(3'000) + std::to_string(i));
    }
    rig.settle();
    peer.line.line->window = no_bound;
    rig.settle();
    const std::string heard = peer.heard();
    EXPECT_NE(heard.find("19\"\n"), std::string::npos);
    EXPECT_EQ(heard.find("cannot"), std::string::npos) << heard;
    EXPECT_GT(rig->snapshot().messages_dropped, 5U);
}

TEST(SessionCompression, KeepsConflatedMessagesOutOfAContext) {
    memory_server rig;
    serve(rig, compressing(takes_over));
    compressing_client peer(rig, takes_over);
    session& one = rig.latest();
    one.send_text(pattern(900));
    peer.line.line->window = 0;
    const std::string keyed = pattern(800);
    for (std::uint64_t i = 0; i < 6; ++i) {
        one.send({opcode::text, as_bytes(keyed)}, i % 2);
        one.send_text(pattern(700));
    }
    rig.settle();
    peer.line.line->window = no_bound;
    rig.settle();
    const std::string heard = peer.heard();
    EXPECT_EQ(heard.find("cannot"), std::string::npos) << heard;
    EXPECT_EQ(rig->snapshot().messages_dropped, 4U);
}

TEST(SessionCompression, CountsWhatItHoldsAndGivesItBack) {
    proves({"7692-7.2.2-09"});
    for (const std::uint8_t bits : {std::uint8_t{8}, std::uint8_t{11}, std::uint8_t{15}}) {
        memory_server rig;
        const deflate_parameters terms{.server_max_window_bits = bits,
                                       .client_max_window_bits = bits};
        serve(rig, compressing(terms));
        compressing_client peer(rig, terms);
        EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
        EXPECT_NE(peer.say(peer.codec.text(pattern(100))), "");
        const std::size_t held = rig->snapshot().compression_bytes;
        const std::size_t least =
            deflate_memory(bits, deflate_level::normal) + (std::size_t{1} << bits);
        EXPECT_GE(held, least);
        EXPECT_LE(held, least + 512);
        peer.line.end();
        rig.settle();
        EXPECT_EQ(rig->snapshot().compression_bytes, 0U);
        expect_empty(rig);
    }
}

}  // namespace
}  // namespace plainsong::tests
