// SPDX-License-Identifier: MIT
// Clients, and WebSockets, that offer permessage-deflate (RFC 7692), on transports in memory.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/compressing_server.hpp"
#include "tests/support/memory_host.hpp"
#include "tests/support/memory_page.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

/// A client that has offered and got `element`, and the server at the far end.
struct compressing_pair {
    compressing_pair(const compression_options& options, const deflate_parameters& agreed,
                     std::string_view element, reactions also = echo())
        : codec(agreed, role::server) {
        EXPECT_FALSE(rig.connect_with(with(rig.record(std::move(also)), options)));
        request = rig.request();
        offer = field_of(request, "Sec-WebSocket-Extensions");
        rig.say(good_answer(request, "Sec-WebSocket-Extensions: " + std::string(element) + "\r\n"));
        rig.settle();
    }
    std::string say(const octets& bytes) {
        rig.say(bytes);
        rig.settle();
        return heard();
    }
    std::string heard() {
        append(rig.ear.bytes, rig.line->outbound);
        rig.line->outbound.clear();
        std::string lines = codec.read(rig.ear);
        EXPECT_EQ(joined(rig.ear.faults), "");
        return lines;
    }
    void finish() {
        rig.end();
        rig.settle();
        EXPECT_EQ(rig.one->snapshot().compression_bytes, 0U);
        rig.expect_empty();
    }

    memory_host rig;
    compressing_peer codec;
    std::string request;
    std::string offer;
};

std::string element_of(const deflate_parameters& terms) {
    char text[longest_deflate_element];
    return std::string(
        write_deflate_element(text,
                              {.parameters = terms,
                               .names_server_window = terms.server_max_window_bits != 15,
                               .names_client_window = terms.client_max_window_bits != 15},
                              deflate_side::answer));
}

TEST(ClientCompression, OffersWhatItIsToldTo) {
    proves({"7692-5-01", "7692-5-04", "7692-5-05", "7692-7.1.1.1-01", "7692-7.1.1.2-01",
            "7692-7.1.2.1-01", "7692-7.1.2.2-01", "7692-7.3-01", "6455-9.1-04", "6455-9.2-01"});
    const auto offer_of = [](const compression_options& options) {
        memory_host rig;
        EXPECT_FALSE(rig.connect_with(with(rig.record(), options)));
        return field_of(rig.request(), "Sec-WebSocket-Extensions");
    };
    EXPECT_EQ(offer_of({}), "<none>");
    EXPECT_GE(permessage_deflate().parameters.client_max_window_bits, 10);
    EXPECT_GE(permessage_deflate().parameters.server_max_window_bits, 10);
    EXPECT_EQ(offer_of(permessage_deflate()),
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
              "client_max_window_bits");
    EXPECT_EQ(offer_of(compressing(takes_over)), "permessage-deflate; client_max_window_bits");
    EXPECT_EQ(offer_of(compressing({.server_max_window_bits = 9, .client_max_window_bits = 10})),
              "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10");
}

TEST(ClientCompression, DoesNotOfferAWindowThatThereIsNot) {
    for (const unsigned wrong : {0U, 7U, 16U, 255U}) {
        const auto bits = static_cast<std::uint8_t>(wrong);
        memory_host rig;
        EXPECT_EQ(
            rig.connect_with(with(rig.record(), compressing({.server_max_window_bits = bits}))),
            error_code::invalid_argument);
        EXPECT_EQ(
            rig.connect_with(with(rig.record(), compressing({.client_max_window_bits = bits}))),
            error_code::invalid_argument);
        memory_server server;
        server->route("/",
                      with(server.log.record(), compressing({.client_max_window_bits = bits})));
        EXPECT_EQ(server->listen({}), error_code::invalid_argument);
    }
}

TEST(ClientCompression, KeepsOrForgetsEachContextAsAgreed) {
    proves({"7692-7.1.1.1-02", "7692-7.1.1.2-06", "7692-7.2.1-10", "7692-7.2.1-11", "7692-7.2.1-15",
            "7692-7.2.1-16", "7692-7.2.1-17", "7692-7.2.2-02", "7692-7.2.2-03", "7692-7.2.2-07",
            "7692-7.2.2-08", "7692-7.2.2-11"});
    const std::string text = pattern(23) + std::string(600, '.') + pattern(23);
    for (unsigned which = 0; which < 16; ++which) {
        const deflate_parameters agreed{
            .server_no_context_takeover = (which & 1) != 0,
            .client_no_context_takeover = (which & 2) != 0,
            .server_max_window_bits = static_cast<std::uint8_t>((which & 4) != 0 ? 9 : 15),
            .client_max_window_bits = static_cast<std::uint8_t>((which & 8) != 0 ? 9 : 15)};
        compressing_pair pair(compressing(takes_over), agreed, element_of(agreed));
        ASSERT_EQ(pair.rig.one->state(), client_state::open) << which;
        EXPECT_EQ(pair.rig.one->current()->deflate_terms(), agreed);
        for (int round = 0; round < 3; ++round) {
            EXPECT_EQ(pair.say(pair.codec.text(text)),
                      "text deflated " + shown(as_bytes(text)) + '\n')
                << which;
        }
        EXPECT_LE(pair.codec.farthest, std::size_t{1} << agreed.client_max_window_bits);
        EXPECT_EQ(pair.codec.farthest > 512, agreed.client_max_window_bits == 15) << which;
        pair.finish();
    }
}

// It may do with less than what was agreed on, so that nothing need be kept.
TEST(ClientCompression, ForgetsItsOwnContextIfItIsToldToWhateverTheServerSays) {
    proves({"7692-7.2.1-12", "7692-7.2.2-06"});
    compression_options options = compressing(takes_nothing_over);
    compressing_pair pair(options, {.server_no_context_takeover = true},
                          "permessage-deflate; server_no_context_takeover");
    EXPECT_NE(pair.say(pair.codec.text(pattern(300))), "");
    EXPECT_EQ(pair.rig.one->snapshot().compression_bytes, 0U);
    pair.finish();
}

TEST(ClientCompression, RefusesAnAnswerThatItCannotKeepTo) {
    proves({"7692-5-15", "7692-7-05", "7692-7-06", "7692-7-07", "7692-7-08"});
    const auto failure_of = [](const compression_options& options, std::string_view element) {
        compressing_pair pair(options, takes_over, element);
        return pair.rig.failures.empty() ? "" : pair.rig.failures[0].substr(0, 26);
    };
    const compression_options wide = compressing(takes_over);
    EXPECT_EQ(failure_of(wide, "permessage-deflate"), "");
    EXPECT_EQ(failure_of({}, "permessage-deflate"), "answer_extension_unasked s");
    EXPECT_EQ(failure_of(wide, "permessage-deflate, permessage-deflate"),
              "deflate_agreed_twice statu");
    EXPECT_EQ(failure_of(wide, "permessage-deflate; foo"), "deflate_parameter_unknown ");
    for (const std::string_view value :
         {"7", "16", "99", "08", "-1", "1e1", "\"\"", "99999999999999999999"}) {
        EXPECT_NE(
            failure_of(wide, "permessage-deflate; server_max_window_bits=" + std::string(value)),
            "")
            << value;
    }
    EXPECT_EQ(failure_of(compressing({.server_max_window_bits = 10}), "permessage-deflate"),
              "deflate_answer_unfit statu");
    EXPECT_EQ(failure_of(compressing(takes_nothing_over), "permessage-deflate"),
              "deflate_answer_unfit statu");
}

TEST(ClientCompression, GoesOnUncompressedIfTheServerDoesNotWantTo) {
    proves({"7692-5-14", "6455-9.1-06"});
    memory_host rig;
    ASSERT_FALSE(rig.connect_with(with(rig.record(echo()), compressing(takes_over))));
    rig.say(good_answer(rig.request()));
    rig.say(server_text(pattern(300)));
    rig.settle();
    EXPECT_EQ(rig.heard(), "text " + shown(as_bytes(pattern(300))) + '\n');
    EXPECT_FALSE(rig.one->current()->compresses());
    rig.say(compressing_peer(takes_over, role::server).text("x"));
    rig.settle();
    EXPECT_EQ(rig.heard().substr(0, 10), "close 1002");
    rig.end();
    rig.settle();
}

TEST(ClientCompression, CompressesWhatWaitedForTheConnection) {
    client_options options;
    options.queue_while_down_bytes = 10'000;
    memory_host rig(std::move(options));
    ASSERT_FALSE(rig.connect_with(with(rig.record(), compressing(takes_over))));
    EXPECT_EQ(rig.one->send_text(pattern(500)).what, fate::queued);
    EXPECT_EQ(rig.one->send({opcode::text, as_bytes("secret secret secret"), false}).what,
              fate::queued);
    rig.say(good_answer(rig.request(), "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    rig.settle();
    append(rig.ear.bytes, rig.line->outbound);
    rig.line->outbound.clear();
    compressing_peer codec(takes_over, role::server);
    EXPECT_EQ(codec.read(rig.ear), "text deflated " + shown(as_bytes(pattern(500))) +
                                       "\ntext \"secret secret secret\"\n");
    rig.end();
    rig.settle();
    rig.expect_empty();
}

TEST(ClientCompression, ReadsOnWhenItHasLeft) {
    compressing_pair pair(compressing(takes_over), takes_over, "permessage-deflate", {});
    EXPECT_EQ(pair.say(pair.codec.text(pattern(100))), "");
    pair.rig.one.reset();
    EXPECT_EQ(pair.say(pair.codec.text(pattern(90'000))), "close 1001\n");
    pair.rig.say(server_close(1001)).end();
    pair.rig.settle();
    EXPECT_EQ(pair.rig.network.open_lines, 0U);
    pair.rig.log.forget();
}

// A message that had half come when the client left is read to its end like any other, and so is the
// server's Close behind it.
TEST(ClientCompression, LeavesInOrderAmidAMessage) {
    for (const deflate_parameters& agreed : {takes_over, takes_nothing_over}) {
        compressing_pair pair(compressing(agreed), agreed, element_of(agreed), {});
        const std::string text = pattern(90'000) + pattern(90'000);
        const octets wire = pair.codec.fragments(1, text, 100);
        const auto middle = wire.begin() + static_cast<std::ptrdiff_t>(wire.size() / 2);
        EXPECT_EQ(pair.say({wire.begin(), middle}), "");
        pair.rig.one.reset();
        EXPECT_EQ(pair.say({middle, wire.end()}), "close 1001\n");
        EXPECT_FALSE(pair.rig.line->fin_sent) << "it waits for the server's Close";
        pair.rig.say(server_close(1001)).end();
        pair.rig.settle();
        EXPECT_EQ(pair.rig.network.open_lines, 0U);
        pair.rig.log.forget();
    }
}

TEST(WebSocketCompression, TellsWhichExtensionIsInUse) {
    memory_page page;
    websocket_options options;
    options.compression = compressing({.client_max_window_bits = 12});
    WebSocket& socket = page.connect({}, {}, std::move(options));
    EXPECT_EQ(socket.extensions(), "");
    page.answer("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10\r\n");
    EXPECT_EQ(socket.extensions(), "permessage-deflate; client_max_window_bits=10");
    compressing_peer codec({.client_max_window_bits = 10}, role::server);
    page.say(
        codec.text("gr\xc3\xbc\xc3\x9f"
                   "e, gr\xc3\xbc\xc3\x9f"
                   "e"));
    page.say(codec.fragments(1, pattern(200'000), 77));
    page.settle();
    EXPECT_EQ(page.log, "open\ntext " +
                            shown(as_bytes("gr\xc3\xbc\xc3\x9f"
                                           "e, gr\xc3\xbc\xc3\x9f"
                                           "e")) +
                            "\ntext " + shown(as_bytes(pattern(200'000))) + '\n');
    EXPECT_FALSE(socket.send(pattern(400)));
    page.settle();
    page.take();
    EXPECT_EQ(codec.read(page.ear), "text deflated " + shown(as_bytes(pattern(400))) + '\n');
    page.end();
    page.settle();
    memory_page plain;
    plain.open();
    EXPECT_EQ(plain.socket->extensions(), "");
}

}  // namespace
}  // namespace plainsong::tests
