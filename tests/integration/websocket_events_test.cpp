// SPDX-License-Identifier: MIT
// Messages and listeners of a WebSocket: what is fired, when, in which form, and who is called.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/memory_page.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong::tests {
namespace {

// ---- messages -----------------------------------------------------------------------------------

TEST(WebSocketMessages, CarryTextAndTheOriginOfTheUrl) {
    memory_page page;
    std::string seen;
    page.connect({.on_message =
                      [&](const MessageEvent& e) {
                          seen = std::string(e.type) + " " + std::string(e.origin);
                          EXPECT_EQ(e.target, page.socket.get());
                      }},
                 {}, {}, "https://user@TEST:8443/a?b");
    page.answer();
    page.say(server_text("hell\xc3\xb6"));
    page.settle();
    EXPECT_EQ(seen, "message wss://test:8443");
    EXPECT_EQ(page.log, "open\ntext hex 68656c6cc3b6\n");
}

TEST(WebSocketMessages, AreJoinedWhenTheyCameInFragments) {
    memory_page page;
    page.open();
    page.say(server_text("one ", false)).say(server_frame(0, octets_of("two "), false));
    page.say(server_frame(9, {})).say(server_frame(0, octets_of("three")));
    page.say(server_frame(2, octets_of("b"), false)).say(server_frame(0, {}));
    page.say(server_text("")).say(server_frame(2, {}));
    page.settle();
    EXPECT_EQ(page.log, "text \"one two three\"\nblob \"b\"\ntext \"\"\nblob \"\"\n");
}

TEST(WebSocketMessages, AreOfTheBinaryTypeOfTheMomentTheyAreFired) {
    memory_page page;
    WebSocket* socket = nullptr;
    socket = &page.open({.on_message = [&](const MessageEvent&) {
        socket->binaryType = socket->binaryType == "blob" ? "arraybuffer" : "blob";
    }});
    page.say(server_frame(2, octets_of("a"))).say(server_frame(2, octets_of("b")));
    page.say(server_text("c")).say(server_frame(2, octets_of("d")));
    page.settle();
    EXPECT_EQ(page.log, "blob \"a\"\nbuffer \"b\"\ntext \"c\"\nbuffer \"d\"\n");
    EXPECT_EQ(socket->binaryType, "blob");
}

TEST(WebSocketBinaryType, TakesItsTwoNamesOnly) {
    memory_page page;
    WebSocket& socket = page.connect();
    for (const std::string_view name :
         {"arraybuffer", "notBlobOrArrayBuffer", "", "Blob", "BLOB"}) {
        socket.binaryType = name;
        EXPECT_EQ(socket.binaryType, "arraybuffer") << name;
    }
    socket.binaryType = "blob";
    socket.binaryType = "ArrayBuffer";
    EXPECT_EQ(socket.binaryType, "blob");
    EXPECT_EQ(std::string_view(socket.binaryType), "blob");
}

TEST(WebSocketMessages, GiveTextThatOutlivesTheEventIfTheDataIsKept) {
    memory_page page;
    std::vector<MessageData> kept;
    page.open({.on_message = [&](const MessageEvent& e) { kept.push_back(e.data); }});
    page.say(server_text("text")).say(server_frame(2, octets_of("bytes")));
    page.settle();
    page.socket.reset();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].text(), "text");
    EXPECT_EQ(kept[0].arrayBuffer().byteLength() + kept[0].blob().size(), 0U);
    EXPECT_EQ(*kept[1].blob().text(), "bytes");
    EXPECT_EQ(kept[1].text(), "");
}

TEST(WebSocketMessages, AreFiredOnlyWhileOpen) {
    memory_page page;
    page.open({.on_message = [&](const MessageEvent&) { page.socket->close(); }});
    page.say(server_text("a")).say(server_text("b"));
    page.settle();
    page.say(server_text("c")).say(server_frame(8, {})).end();
    page.settle();
    EXPECT_EQ(page.log, "text \"a\"\nclose 1005 clean\n");
}

TEST(WebSocketMessages, AreNotFiredBehindThePeersClose) {
    memory_page page;
    page.open();
    page.say(server_close(1000)).say(server_text("Goodbye")).end();
    page.settle();
    EXPECT_EQ(page.log, "close 1000 clean\n");
}

// ---- when ---------------------------------------------------------------------------------------

TEST(WebSocketEvents, NeverComeInsideACallOfTheProgram) {
    memory_page page;
    WebSocket& socket = page.connect();
    socket.close();
    EXPECT_EQ(page.log, "");

    page.log.clear();
    page.open();
    page.line->error = ECONNRESET;  // the send meets it
    page.socket->send("x");
    page.socket->close();
    EXPECT_EQ(page.log, "");
    page.settle();
    EXPECT_EQ(page.log, "error\nclose 1006 not clean\n");
}

TEST(WebSocketEvents, NeverComeInsideAnotherHandler) {
    memory_page page;
    int depth = 0;
    const auto enter = [&] {
        EXPECT_EQ(++depth, 1);
        page.socket->send("x");
        page.socket->close(1000);
        --depth;
    };
    page.connect({.on_open = enter, .on_close = [&](const CloseEvent&) { enter(); }});
    page.answer();
    page.say(server_close(1000)).end();
    page.settle();
    EXPECT_EQ(page.log, "open\nclose 1000 clean\n");
}

TEST(WebSocketEvents, ThatAreCausedMeanwhileComeInALaterTurn) {
    memory_page page;
    page.open();
    for (int i = 0; i < 3; ++i) {
        page.say(server_text(std::to_string(i)));
    }
    EXPECT_FALSE(page.its_loop.turn(duration::zero()));
    EXPECT_EQ(page.log, "text \"0\"\ntext \"1\"\ntext \"2\"\n") << "in the turn that read them";
}

// ---- listeners ----------------------------------------------------------------------------------

TEST(WebSocketListeners, AreCalledInTheOrderInWhichTheyWereAdded) {
    memory_page page;
    WebSocket& socket = page.connect();
    std::string calls;
    socket.onopen = nullptr;
    socket.addEventListener("open", [&] { calls += '1'; });
    socket.onopen = [&] { calls += '2'; };
    socket.addEventListener("open", [&](const Event& e) {
        calls += '3';
        EXPECT_EQ(e.type, "open");
        EXPECT_EQ(e.target, &socket);
    });
    socket.onopen = [&](const Event&) { calls += '4'; };  // takes the place of the other
    page.answer();
    EXPECT_EQ(calls, "143");
}

TEST(WebSocketListeners, OfEachEventAreGivenThatEvent) {
    memory_page page;
    WebSocket& socket = page.connect();
    std::string calls;
    for (const std::string_view type : {"open", "message", "error", "close"}) {
        EXPECT_NE(socket.addEventListener(type, [&](const Event& e) { calls += e.type[0]; }),
                  EventListener::none);
    }
    EXPECT_NE(
        socket.addEventListener("message", [&](const MessageEvent& e) { calls += e.data.text(); }),
        EventListener::none);
    EXPECT_NE(socket.addEventListener(
                  "close", [&](const CloseEvent& e) { calls += std::to_string(e.code); }),
              EventListener::none);
    page.answer();
    page.say(server_text("x")).end();
    page.settle();
    EXPECT_EQ(calls, "omxec1006");
}

TEST(WebSocketListeners, AreRefusedForEventsThatDoNotExistOrDoNotFit) {
    memory_page page;
    WebSocket& socket = page.connect();
    const auto never = [] { ADD_FAILURE(); };
    EXPECT_EQ(socket.addEventListener("Open", never), EventListener::none);
    EXPECT_EQ(socket.addEventListener("", never), EventListener::none);
    EXPECT_EQ(socket.addEventListener("open", [](const MessageEvent&) { ADD_FAILURE(); }),
              EventListener::none);
    EXPECT_EQ(socket.addEventListener("message", [](const CloseEvent&) { ADD_FAILURE(); }),
              EventListener::none);
    page.answer();
    page.say(server_text("x"));
    page.settle();
}

TEST(WebSocketListeners, AreRemovedByWhatAddingThemReturned) {
    memory_page page;
    WebSocket& socket = page.connect();
    std::string calls;
    const EventListener first = socket.addEventListener("open", [&] { calls += '1'; });
    const EventListener second = socket.addEventListener("open", [&] { calls += '2'; });
    EXPECT_NE(first, second);
    socket.removeEventListener(first);
    socket.removeEventListener(first);
    socket.removeEventListener(EventListener::none);
    page.answer();
    EXPECT_EQ(calls, "2");
    EXPECT_EQ(page.log, "open\n") << "onopen is not removed";
}

TEST(WebSocketListeners, AreCalledOnceIfThatIsWanted) {
    memory_page page;
    WebSocket& socket = page.open();
    std::string calls;
    socket.addEventListener("message", [&] { calls += '1'; }, {.once = true});
    socket.addEventListener("message", [&] { calls += '2'; });
    page.say(server_text("a")).say(server_text("b"));
    page.settle();
    EXPECT_EQ(calls, "122");
}

TEST(WebSocketListeners, MayChangeTheListWhileItIsWalked) {
    memory_page page;
    WebSocket& socket = page.open();
    std::string calls;
    EventListener second{};
    socket.onmessage = nullptr;
    socket.addEventListener("message",
                            [&] {
                                calls += '1';
                                socket.removeEventListener(second);
                                for (int i = 0; i < 100; ++i) {  // the list moves
                                    socket.addEventListener("message", [&] { calls += '+'; },
                                                            {.once = true});
                                }
                            },
                            {.once = true});
    second = socket.addEventListener("message", [&] { calls += '2'; });
    socket.addEventListener("message", [&] { calls += '3'; });
    page.say(server_text("a"));
    page.settle();
    EXPECT_EQ(calls, "13");
    page.say(server_text("b"));
    page.settle();
    EXPECT_EQ(calls, "133" + std::string(100, '+'));
}

TEST(WebSocketHandlers, AreThereUntilTheyAreSetToNull) {
    memory_page page;
    WebSocket& socket = page.connect();
    socket.onopen = nullptr;
    EXPECT_FALSE(socket.onopen);
    socket.onopen = [] {};
    EXPECT_TRUE(socket.onopen);
    EXPECT_TRUE(socket.onerror);
    socket.onerror = nullptr;
    EXPECT_FALSE(socket.onerror);
    page.end();
    page.settle();
    EXPECT_EQ(page.log, "close 1006 not clean\n");
}

TEST(WebSocketHandlers, MayReplaceThemselvesWhileTheyRun) {
    memory_page page;
    WebSocket& socket = page.open();
    const auto owned = std::make_shared<std::string>("still here");
    std::string calls;
    socket.onmessage = [&socket, &calls, owned](const MessageEvent&) {
        socket.onmessage = [&calls](const MessageEvent&) { calls += "second "; };
        calls += *owned + " ";
    };
    page.say(server_text("a"));
    page.settle();
    EXPECT_EQ(owned.use_count(), 1) << "it is let go of once it has returned";
    page.say(server_text("b"));
    page.settle();
    socket.onmessage = [&](const MessageEvent&) {
        socket.onmessage = nullptr;
        calls += "third ";
    };
    page.say(server_text("c")).say(server_text("d"));
    page.settle();
    EXPECT_EQ(calls, "still here second third ");
}

}  // namespace
}  // namespace plainsong::tests
