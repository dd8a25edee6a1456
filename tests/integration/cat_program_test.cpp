// SPDX-License-Identifier: MIT
// `plainsong cat` as its users call it: what it sends, what it prints, how it ends.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/cat_process.hpp"
#include "tests/support/flat_json.hpp"
#include "tests/support/portable.hpp"
#include "tests/support/proves.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/raw_server.hpp"

namespace plainsong::tests {
namespace {

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

using CatProgram = cat_test;

// ---- messages

TEST_F(CatProgram, SendsOneLineAndPrintsOneAnswerAlone) {
    const echo_process echo;
    const program_outcome said = run_cat({"--once", echo.url + "echo"}, "hi\n");
    EXPECT_EQ(said.status, 0);
    EXPECT_EQ(said.output, "hi\n");
    EXPECT_EQ(said.errors, "");
    EXPECT_EQ(run_cat({"--once", echo.url}, "one\ntwo\n").output, "one\n");
}

TEST_F(CatProgram, SendsEachLineAndClosesAtTheEndOfInput) {
    cat_process cat({url("/path?q")});
    raw_server peer(door);
    EXPECT_TRUE(peer.accept().starts_with("GET /path?q HTTP/1.1\r\n"));
    cat.type("one\n\ntw");
    EXPECT_EQ(peer.next(), "text \"one\"");
    EXPECT_EQ(peer.next(), "text \"\"");
    cat.type("o\nthree").end_input();
    EXPECT_EQ(peer.next(), "text \"two\"");
    EXPECT_EQ(peer.next(), "text \"three\"");
    EXPECT_EQ(peer.next(), "close 1000");
    EXPECT_EQ(joined(peer.ear.faults), "");
    // What arrives between the two Closes is printed.
    peer.say(server_text("late"));
    peer.end_cleanly();
    EXPECT_EQ(cat->status(), 0);
    EXPECT_EQ(cat->output, "late\n");
    EXPECT_EQ(cat->errors, "");
}

TEST_F(CatProgram, PrintsMessagesAndNothingElseOnStandardOutput) {
    cat_process cat({"--no-close", url()});
    cat.end_input();
    raw_server peer(door);
    peer.accept();
    peer.say(server_text("two\nlines"));
    peer.say(server_frame(9, octets_of("ping")));
    EXPECT_EQ(peer.next(), "pong \"ping\"");
    peer.say(server_frame(2, {0, 255}));
    peer.say(server_close(3000, "enough"));
    EXPECT_EQ(peer.next(), "close 3000");
    peer.reset();
    EXPECT_EQ(cat->status(), 0);
    EXPECT_EQ(cat->output, "two\nlines\n00ff\n");
}

TEST_F(CatProgram, TakesAndPrintsEveryForm) {
    const echo_process echo;
    const std::string octets("\0\0\0\3\0\xff\n\0\0\0\0\0\0\0\1x", 16);
    EXPECT_EQ(run_cat({"--binary", "length", echo.url}, octets).output, octets);
    EXPECT_EQ(run_cat({"--binary", "hex", echo.url}, "00 FF\n\n").output, "00ff\n\n");
    EXPECT_EQ(run_cat({"--binary", "base64", echo.url}, "AP8=\n").output, "AP8=\n");
    EXPECT_EQ(run_cat({"--binary", "raw", echo.url}, octets).output, octets);
    EXPECT_EQ(run_cat({"--input", "hex", echo.url}, "6869\n").output, "6869\n");
    EXPECT_EQ(run_cat({"--output", "base64", echo.url}, "hi\n").output, "aGk=\n");
}

TEST_F(CatProgram, CarriesMuchWithoutLoss) {
    const echo_process echo;
    std::string lines;
    for (int i = 0; lines.size() < 6'000'000; ++i) {
        lines += std::to_string(i) + std::string(static_cast<std::size_t>(i % 200), '.') + '\n';
    }
    char name[] = "/tmp/plainsong-XXXXXX";
    const fd file(::mkstemp(name));
    ASSERT_EQ(::write(file.number(), lines.data(), lines.size()),
              static_cast<ssize_t>(lines.size()));
    ASSERT_EQ(::lseek(file.number(), 0, SEEK_SET), 0);
    ::unlink(name);
    cat_process cat({echo.url}, -1, file.number());
    EXPECT_EQ(cat->status(), 0);
    EXPECT_TRUE(cat->output == lines);
}

TEST_F(CatProgram, ReadsNoFasterThanThePeer) {
    cat_process cat({url()});
    raw_server peer(door);
    peer.accept();
    ::fcntl(cat.input(), F_SETFL, O_NONBLOCK);
    const std::string line = std::string(65'535, 'x') + '\n';
    std::size_t taken = 0;
    constexpr std::size_t limit = 64 << 20;
    for (bool is_full = false; !is_full && taken < limit;) {
        pollfd waiting{cat.input(), POLLOUT, 0};
        is_full = ::poll(&waiting, 1, 300) != 1;
        const ssize_t count = is_full ? 0 : ::write(cat.input(), line.data(), line.size());
        taken += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    EXPECT_LT(taken, limit);
    cat.end_input();
    std::size_t heard = 0;
    for (auto frame = peer.frame(); frame && frame->opcode == 1; frame = peer.frame()) {
        heard += frame->payload.size();
    }
    EXPECT_GE(heard, taken - taken / 65'536 - 1);
    peer.end_cleanly();
    EXPECT_EQ(cat->status(), 0);
}

TEST_F(CatProgram, TakesNoMoreFromThePeerThanItCanPrint) {
    cat_process cat({url()});
    raw_server peer(door);
    peer.accept();
    const octets message = server_frame(1, octets(65'536, 'x'));
    octets rest;
    std::size_t said = 0;
    constexpr std::size_t limit = 64 << 20;
    while (said < limit && peer.has_room(300)) {
        rest = rest.empty() ? message : rest;
        const std::size_t count = peer.try_say(rest);
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
        said += count;
    }
    EXPECT_LT(said, limit);
    cat->signal(SIGKILL);
}

// ---- the end

TEST_F(CatProgram, EndsWithAStatusThatSaysHow) {
    struct ending {
        unsigned code;
        int status;
    };
    for (const ending& one : {ending{1000, 0}, ending{1001, 0}, ending{3000, 0}, ending{4999, 0},
                              ending{1002, 1}, ending{1008, 1}, ending{1011, 1}}) {
        cat_process cat({url()});
        raw_server peer(door);
        peer.accept();
        peer.say(server_close(one.code, "why"));
        EXPECT_EQ(peer.next(), "close " + std::to_string(one.code));
        peer.end_cleanly();
        EXPECT_EQ(cat->status(), one.status) << one.code;
        EXPECT_EQ(
            holds(cat->errors, "closed by the peer: " + std::to_string(one.code) + " \"why\""),
            one.status != 0);
    }
}

TEST_F(CatProgram, EndsWithOneIfThePeerBreaksOffOrBreaksARule) {
    cat_process lost({url()});
    raw_server gone(door);
    gone.accept();
    gone.reset();
    EXPECT_EQ(lost->status(), 1);
    EXPECT_TRUE(holds(lost->errors, "connection lost")) << lost->errors;

    cat_process shocked({url()});
    raw_server rude(door);
    rude.accept();
    rude.say(client_text("masked"));
    EXPECT_EQ(rude.next(), "close 1002 \"a server masks none of its frames\"");
    rude.end_cleanly(1002);
    EXPECT_EQ(shocked->status(), 1);
    EXPECT_TRUE(holds(shocked->errors, "6455-5.1-05")) << shocked->errors;
}

TEST_F(CatProgram, EndsWithTwoIfItIsMisused) {
    const program_outcome usage = run_cat({});
    EXPECT_EQ(usage.status, 2);
    EXPECT_EQ(usage.errors.find('\n'), usage.errors.size() - 1) << usage.errors;
    const program_outcome help = run_cat({"--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_TRUE(help.output.starts_with("usage: plainsong cat "));
    const echo_process echo;
    const program_outcome input = run_cat({"--binary", "hex", echo.url}, "zz\n00\n");
    EXPECT_EQ(input.status, 2);
    EXPECT_EQ(input.output, "00\n");
    EXPECT_EQ(input.errors, "plainsong cat: message 1 is not hexadecimal\n");
    const program_outcome text = run_cat({echo.url}, "\xff\nfine\n");
    EXPECT_EQ(text.status, 2);
    EXPECT_EQ(text.output, "fine\n");
    EXPECT_EQ(run_cat({"--replay", "/nowhere/at/all", echo.url}).status, 2);
    EXPECT_EQ(run_cat({"--record", "/nowhere/at/all", echo.url}).status, 2);
}

TEST_F(CatProgram, EndsWithThreeIfNobodyIsThere) {
    const refusing_end nobody;
    const program_outcome said = run_cat({url_of(nobody.where())});
    EXPECT_EQ(said.status, 3);
    EXPECT_EQ(said.output, "");
    EXPECT_TRUE(holds(said.errors, "Connection refused")) << said.errors;
    EXPECT_EQ(run_cat({"--unix", "/nowhere/at/all", url()}).status, 3);
}

TEST_F(CatProgram, EndsWithFourIfItIsRefused) {
    cat_process refused({url()});
    raw_server peer(door);
    peer.request();
    peer.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nnot\x1b you!\n");
    EXPECT_EQ(refused->status(), 4);
    EXPECT_EQ(refused->output, "");
    EXPECT_TRUE(holds(refused->errors, "the server answered 403 Forbidden\nnot\\x1b you!\n"))
        << refused->errors;
    cat_process fooled({url()});
    raw_server liar(door);
    liar.request();
    liar.say(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
    EXPECT_EQ(fooled->status(), 4);
    EXPECT_TRUE(holds(fooled->errors, "6455-4.1-47")) << fooled->errors;
}

TEST_F(CatProgram, EndsWithFiveIfItTakesTooLong) {
    cat_process unanswered({"--timeout", "0.1", url()});
    raw_server silent(door);
    EXPECT_EQ(unanswered->status(), 5);
    cat_process bored({"--timeout", "0.1", url()});
    raw_server quiet(door);
    quiet.accept();
    EXPECT_TRUE(quiet.next().starts_with("close 1001"));
    quiet.end_cleanly();
    EXPECT_EQ(bored->status(), 5);
    cat_process forgotten({"--timeout", "0.2", url()});
    raw_server deaf(door);
    deaf.accept();
    forgotten.end_input();
    EXPECT_EQ(deaf.next(), "close 1000");
    EXPECT_EQ(forgotten->status(), 5);
}

TEST_F(CatProgram, ClosesAsItIsTold) {
    cat_process cat({"--close", "4001", "that is all", url()});
    cat.end_input();
    raw_server peer(door);
    peer.accept();
    EXPECT_EQ(peer.next(), "close 4001 \"that is all\"");
    peer.end_cleanly(4001);
    EXPECT_EQ(cat->status(), 0);
}

TEST_F(CatProgram, GoesAwayWhenItIsInterruptedAndAtOnceTheSecondTime) {
    proves({"6455-7.4.1-03"});
    cat_process polite({url()});
    raw_server peer(door);
    peer.accept();
    polite.type("x\n");
    EXPECT_EQ(peer.next(), "text \"x\"");
    polite->signal(SIGINT);
    EXPECT_EQ(peer.next(), "close 1001");
    peer.end_cleanly(1001);
    EXPECT_EQ(polite->status(), 0);

    cat_process hurried({url()});
    raw_server stubborn(door);
    stubborn.accept();
    hurried.type("x\n");
    EXPECT_EQ(stubborn.next(), "text \"x\"");
    hurried->signal(SIGTERM);
    EXPECT_EQ(stubborn.next(), "close 1001");
    hurried->signal(SIGTERM);
    EXPECT_EQ(hurried->status(), 128 + SIGTERM);

    cat_process early({url()});
    raw_server slow(door);
    EXPECT_NE(slow.request(), "");
    early->signal(SIGINT);
    EXPECT_EQ(early->status(), 128 + SIGINT);
}

TEST_F(CatProgram, ClosesWhenNobodyReadsItsOutput) {
    int ends[2] = {-1, -1};
    ASSERT_TRUE(make_pipe(ends));
    const pid_t id = ::fork();
    if (id == 0) {
        const std::string where = url();
        ::dup2(ends[1], 1);
        ::execl(PLAINSONG_PROGRAM, PLAINSONG_PROGRAM, "cat", "--no-close", where.c_str(), nullptr);
        ::_exit(99);
    }
    ::close(ends[1]);
    raw_server peer(door);
    peer.accept();
    peer.say(server_text("somebody"));
    char first[9];
    EXPECT_EQ(::read(ends[0], first, sizeof first), 9);
    ::close(ends[0]);
    peer.say(server_text("anybody?"));
    EXPECT_EQ(peer.next(), "close 1000");
    peer.end_cleanly();
    int status = 0;
    ASSERT_EQ(::waitpid(id, &status, 0), id);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace plainsong::tests
