// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/codec/base64.hpp>
#include <plainsong/ws/client_handshake.hpp>
#include <plainsong/ws/server_handshake.hpp>

#include "tests/support/guard_page.hpp"
#include "tests/support/handshake_client.hpp"
#include "tests/support/proves.hpp"

namespace plainsong {
namespace {

upgrade_offer example() {
    return tests::handshake_client::example_offer();
}

/// The request, or the name of the error.
std::string written(const upgrade_offer& offer) {
    std::vector<std::uint8_t> memory(request_size(offer));
    auto size = write_request(memory, offer);
    return size ? std::string(as_text(byte_view(memory).first(*size)))
                : facts_of(size.why().code()).name;
}

TEST(ClientRequest, MakesAKeyOfSixteenOctets) {
    tests::proves({"6455-4.1-30"});
    std::array<std::uint8_t, 16> random{};
    for (std::size_t i = 0; i < random.size(); ++i) {
        random[i] = static_cast<std::uint8_t>(i * 17);
    }
    const handshake_key key = make_key(random);
    EXPECT_EQ(key.view(), "ABEiM0RVZneImaq7zN3u/w==");
    std::array<std::uint8_t, 16> back{};
    auto size = base64_decode(key.view(), back);
    ASSERT_TRUE(size);
    EXPECT_EQ(back, random);
}

TEST(ClientRequest, WritesWhatIsNeededAndNothingElse) {
    tests::proves({"6455-4.1-20", "6455-4.1-21", "6455-4.1-22", "6455-4.1-23", "6455-4.1-24",
                   "6455-4.1-25", "6455-4.1-26", "6455-4.1-27", "6455-4.1-28", "6455-4.1-29",
                   "6455-4.1-35", "6455-4.1-36", "6455-11.3.1-01", "6455-11.3.5-02"});
    EXPECT_EQ(written(example()),
              "GET /chat HTTP/1.1\r\nHost: h.example\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\n\r\n");
}

TEST(ClientRequest, WritesEverythingThatIsAskedForInExactlyTheRoomThatItNames) {
    tests::proves(
        {"6455-4.1-33", "6455-4.1-37", "6455-4.1-40", "6455-4.1-41", "7692-5-01", "7692-5-02"});
    upgrade_offer offer = example();
    offer.host = "[::1]:9";
    offer.target = "/a%20b?x=1";
    offer.origin = "https://o.example";
    offer.protocols = "superchat, chat";
    offer.extensions = "permessage-deflate; server_max_window_bits=10, permessage-deflate";
    const http::field fields[] = {{"Cookie", "a=b; c=d"}, {"X-Empty", ""}};
    offer.fields = fields;
    const std::string text = written(offer);
    EXPECT_EQ(text,
              "GET /a%20b?x=1 HTTP/1.1\r\nHost: [::1]:9\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\nOrigin: https://o.example\r\n"
              "Sec-WebSocket-Protocol: superchat, chat\r\n"
              "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10, "
              "permessage-deflate\r\nCookie: a=b; c=d\r\nX-Empty: \r\n\r\n");
    EXPECT_EQ(text.size(), request_size(offer));
    tests::guarded_memory guarded(text.size());
    for (std::size_t size = 0; size <= text.size(); ++size) {
        auto done = write_request(guarded.at_end(size), offer);
        ASSERT_EQ(bool(done), size == text.size()) << size;
        ASSERT_TRUE(done || done.why().code() == error_code::output_full);
    }
}

TEST(ClientRequest, IsOneThatOurServerAccepts) {
    tests::proves({"6455-4.1-20"});
    upgrade_offer offer = example();
    offer.origin = "http://h.example";
    offer.protocols = "chat,superchat";
    offer.extensions = "permessage-deflate; client_max_window_bits";
    std::string text = written(offer);
    http::head_parser parser;
    const http::head_step step = parser.feed(as_bytes(text), {});
    ASSERT_EQ(step.status, http::head_step::kind::done);
    EXPECT_EQ(step.size, text.size());
    http::request_head head;
    http::read_head({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, head);
    upgrade_request request;
    EXPECT_EQ(judge_request(head, {}, request), error_code::none);
    EXPECT_EQ(request.key, offer.key.view());
    EXPECT_EQ(request.origin, offer.origin);
}

TEST(ClientRequest, RefusesAnAddressThatIsNone) {
    for (const std::string_view host : {"", "a b", "h\r\nX: y", "u@h", "h:65536", "::1", "h/x"}) {
        upgrade_offer offer = example();
        offer.host = host;
        EXPECT_EQ(written(offer), "invalid_argument") << host;
    }
    for (const std::string_view target :
         {"", "chat", "/a b", "/a\r\nX: y", "/a#b", "*", "http://h/", "/%4", "/\x7f", "h:80"}) {
        upgrade_offer offer = example();
        offer.target = target;
        EXPECT_EQ(written(offer), "invalid_argument") << target;
    }
    upgrade_offer offer = example();
    offer.key = {};
    EXPECT_EQ(written(offer), "invalid_argument");
}

TEST(ClientRequest, OffersEachSubprotocolOnceAsAToken) {
    tests::proves({"6455-4.1-38", "6455-4.1-39", "6455-4.3-05"});
    for (const std::string_view protocols : {" ", "a b", "a/b", "a,", ",a", "a,,b", "\x7f", "a,a",
                                             "a, b ,a", "\"a\"", "a\r\nb", "\xc3\xa4", "a;b"}) {
        upgrade_offer offer = example();
        offer.protocols = protocols;
        EXPECT_EQ(written(offer), "protocols_not_sendable") << protocols;
    }
    for (const std::string_view protocols : {"a", "a,b", "a , b", "a, A", "v1.x~!#$%&'*+-^_`|"}) {
        upgrade_offer offer = example();
        offer.protocols = protocols;
        EXPECT_NE(written(offer).find("Sec-WebSocket-Protocol: " + std::string(protocols) + "\r\n"),
                  std::string::npos);
    }
}

TEST(ClientRequest, OffersExtensionsOnlyByTheirRules) {
    tests::proves({"6455-9-04", "6455-9.1-05", "7692-7.1.2.1-02", "7692-7.1.2.2-02"});
    const std::string_view bad[] = {
        " ",
        ";",
        "foo;",
        "foo; a=\"b c\"",
        "foo\r\nX: y",
        "permessage-deflate; foo",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; server_no_context_takeover=1",
        "foo, permessage-deflate; client_max_window_bits; client_max_window_bits"};
    for (const std::string_view extensions : bad) {
        upgrade_offer offer = example();
        offer.extensions = extensions;
        EXPECT_EQ(written(offer), "extensions_not_sendable") << extensions;
    }
    upgrade_offer offer = example();
    offer.extensions = "foo; a=b, permessage-deflate; client_max_window_bits";
    EXPECT_NE(written(offer).find("Sec-WebSocket-Extensions: foo; a=b, "), std::string::npos);
}

TEST(ClientRequest, RefusesTextsThatWouldBecomeSomethingElse) {
    tests::proves({"6455-4.1-34", "6455-4.1-41"});
    for (const std::string_view origin : {"a b", "http://h\r\nX: y", "http://\xc3\xa4"}) {
        upgrade_offer offer = example();
        offer.origin = origin;
        EXPECT_EQ(written(offer), "field_not_sendable") << origin;
    }
    const http::field bad[] = {{"", "x"},
                               {"a b", "x"},
                               {"X", "a\r\nY: b"},
                               {"X", std::string_view{"a\0b", 3}},
                               {"X\n", "y"},
                               {"host", "h"},
                               {"UPGRADE", "h2c"},
                               {"Connection", "close"},
                               {"Origin", "null"},
                               {"Content-Length", "1"},
                               {"transfer-encoding", "chunked"},
                               {"Sec-WebSocket-Key", "x"},
                               {"sec-websocket-x", "x"}};
    for (const http::field& field : bad) {
        upgrade_offer offer = example();
        offer.fields = {&field, 1};
        EXPECT_EQ(written(offer), "field_not_sendable") << field.name;
        EXPECT_FALSE(is_request_field(field)) << field.name;
    }
    EXPECT_TRUE(is_request_field({"Authorization", "Basic eDp5"}));
    EXPECT_TRUE(is_request_field({"Sec-WebSocke", "\tx y\x80"}));
}

}  // namespace
}  // namespace plainsong
