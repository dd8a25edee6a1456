// SPDX-License-Identifier: MIT
// A session's life on a transport in memory, where each step is chosen and time is supplied.
#include <gtest/gtest.h>

#include "tests/support/memory_server.hpp"
#include "tests/support/proves.hpp"

namespace plainsong::tests {
namespace {

TEST(Session, EchoesAndClosesCleanly) {
    memory_server rig;
    rig->route("/", rig.log.record(echo()));
    memory_client peer = rig.open();
    peer.say(client_text("hello"));
    rig.settle();
    EXPECT_EQ(peer.heard(), "text \"hello\"\n");
    peer.say(client_close(1000, "bye"));
    rig.settle();
    EXPECT_EQ(peer.heard(), "close 1000\n");
    EXPECT_TRUE(peer.line->fin_sent);
    EXPECT_FALSE(peer.line->closed);
    peer.end();
    rig.settle();
    EXPECT_TRUE(peer.line->closed);
    EXPECT_EQ(rig.log.text(), "open\ntext \"hello\"\nclose 1000 sent 1000 clean by peer \"bye\"\n");
}

}  // namespace
}  // namespace plainsong::tests
