// SPDX-License-Identifier: MIT
// Octets that are no text, in each place of a handshake.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/handshake_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

std::string request_with(const std::string& place, const std::string& octets) {
    std::string request =
        "GET /chat HTTP/1.1\r\nHost: example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: x\r\nX-Other: a\r\n\r\n";
    const std::size_t at = request.find(place);
    EXPECT_NE(at, std::string::npos);
    return request.insert(at + place.size(), octets);
}

const std::string not_utf8[] = {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xE2\x82"};

TEST(HandshakeOctets, RefusesWhatIsNotUtf8WhereItIsInterpreted) {
    proves({"6455-8.1-02"});
    for (const std::string place :
         {"GET", "/chat", "HTTP/1.1", "Host: example", "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: x", "X-Other"}) {
        for (const std::string& octets : not_utf8) {
            const handshake_outcome outcome = handshake_server{}.run(request_with(place, octets));
            EXPECT_TRUE(outcome.status == 400 || outcome.status == 501) << place << outcome;
        }
    }
}

TEST(HandshakeOctets, LeavesAloneWhatItDoesNotInterpret) {
    proves({"9112-2.2-01"});
    for (const std::string& octets : not_utf8) {
        EXPECT_EQ(handshake_server{}.run(request_with("X-Other: a", octets)).status, 101);
    }
}

}  // namespace
}  // namespace plainsong::tests
