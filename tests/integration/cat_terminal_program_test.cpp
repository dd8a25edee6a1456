// SPDX-License-Identifier: MIT
// `plainsong cat` with somebody at a terminal.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "tests/support/cat_process.hpp"
#include "tests/support/raw_server.hpp"

namespace plainsong::tests {
namespace {

struct CatAtATerminal : ::testing::Test {
    CatAtATerminal() {
        ::unsetenv("http_proxy");
        ::unsetenv("all_proxy");
        ::setenv("TERM", "xterm", 1);
    }
    [[nodiscard]] std::string url() const { return url_of(door.where()); }

    open_end door;
};

struct terminal_pair {
    terminal_pair() : ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        EXPECT_EQ(::grantpt(ours.number()), 0);
        EXPECT_EQ(::unlockpt(ours.number()), 0);
        theirs = fd{::open(::ptsname(ours.number()), O_RDWR | O_NOCTTY | O_CLOEXEC)};
        EXPECT_TRUE(theirs);
        const winsize size{24, 80, 0, 0};
        ::ioctl(ours.number(), TIOCSWINSZ, &size);
    }
    void type(std::string_view keys) const {
        EXPECT_EQ(::write(ours.number(), keys.data(), keys.size()),
                  static_cast<ssize_t>(keys.size()));
    }
    /// Waits until the screen has been sent `part`.
    bool await(std::string_view part) {
        while (seen.find(part) == std::string::npos) {
            char buffer[4096];
            pollfd waiting{ours.number(), POLLIN, 0};
            const bool is_ready = ::poll(&waiting, 1, 20'000) == 1;
            const ssize_t count = is_ready ? ::read(ours.number(), buffer, sizeof buffer) : 0;
            if (count <= 0) {
                return false;
            }
            seen.append(buffer, static_cast<std::size_t>(count));
        }
        seen.erase(0, seen.find(part) + part.size());
        return true;
    }
    [[nodiscard]] bool edits_lines() const {
        termios mode{};
        return ::tcgetattr(theirs.number(), &mode) == 0 && (mode.c_lflag & ICANON) != 0;
    }

    fd ours;
    fd theirs;
    std::string seen;
};

TEST_F(CatAtATerminal, EditsLinesAndLeavesTheTerminalAsItWas) {
    terminal_pair screen;
    ASSERT_TRUE(screen.edits_lines());
    cat_process cat({url()}, screen.theirs.number(), screen.theirs.number());
    raw_server peer(door);
    peer.accept();
    EXPECT_TRUE(screen.await("connected to 127.0.0.1:")) << screen.seen;
    EXPECT_FALSE(screen.edits_lines());
    screen.type("helo\x1b[Dl\r");
    EXPECT_EQ(peer.next(), "text \"hello\"");
    EXPECT_TRUE(screen.await("\r\x1b[K> hello\r\n")) << screen.seen;
    screen.type("half");
    EXPECT_TRUE(screen.await("> half"));
    // What is told meanwhile does not tear the line.
    peer.say(server_close(4000));
    EXPECT_EQ(peer.next(), "close 4000");
    peer.reset();
    EXPECT_TRUE(screen.await("\r\x1b[Kclosed by the peer: 4000\r\n\r\x1b[K> half")) << screen.seen;
    EXPECT_EQ(cat->status(), 0);
    EXPECT_TRUE(screen.edits_lines());
}

TEST_F(CatAtATerminal, PrintsMessagesAboveTheLineThatIsTyped) {
    terminal_pair screen;
    const std::string where = url();
    const pid_t id = ::fork();
    if (id == 0) {
        for (const int standard : {0, 1, 2}) {
            ::dup2(screen.theirs.number(), standard);
        }
        ::execl(PLAINSONG_PROGRAM, PLAINSONG_PROGRAM, "cat", where.c_str(), nullptr);
        ::_exit(99);
    }
    raw_server peer(door);
    peer.accept();
    EXPECT_TRUE(screen.await("connected to"));
    screen.type("unfinished");
    EXPECT_TRUE(screen.await("\r\x1b[K> unfinished")) << screen.seen;
    peer.say(server_text("do not\x1b[31m\x07 tear it"));
    EXPECT_TRUE(screen.await("\r\x1b[Kdo not\\x1b[31m\\x07 tear it\r\n\r\x1b[K> unfinished"))
        << screen.seen;
    screen.type(" business\r\x04");
    EXPECT_EQ(peer.next(), "text \"unfinished business\"");
    EXPECT_EQ(peer.next(), "close 1000");
    peer.end_cleanly();
    int status = 0;
    ASSERT_EQ(::waitpid(id, &status, 0), id);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_TRUE(screen.edits_lines());
}

TEST_F(CatAtATerminal, EndsAtTheKeysThatEndThings) {
    for (const auto& [key, code] :
         {std::pair{"\x04", "close 1000"}, std::pair{"\x03", "close 1001"}}) {
        terminal_pair screen;
        cat_process cat({url()}, screen.theirs.number(), screen.theirs.number());
        raw_server peer(door);
        peer.accept();
        EXPECT_TRUE(screen.await("connected to"));
        screen.type(key);
        EXPECT_EQ(peer.next(), code);
        peer.end_cleanly();
        EXPECT_EQ(cat->status(), 0);
        EXPECT_TRUE(screen.edits_lines());
    }
}

}  // namespace
}  // namespace plainsong::tests
