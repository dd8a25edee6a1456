// SPDX-License-Identifier: MIT
// program.hpp — runs the program `plainsong` as its users do.
//
// Does: start it with arguments, hear what it prints, wait for its end with a deadline.
// The Makefile names the program, for tests/integration/*program_test.cpp.
#ifndef PLAINSONG_TESTS_SUPPORT_PROGRAM_HPP
#define PLAINSONG_TESTS_SUPPORT_PROGRAM_HPP

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include <plainsong/net/fd.hpp>

#include "tests/support/portable.hpp"

#ifndef PLAINSONG_PROGRAM
#error "the Makefile names the program"
#endif

namespace plainsong::tests {

/// One run of the program.
class process {
public:
    /// `user`: 0 stays who we are.  `error_output`: where standard error goes, -1: to `errors`.
    /// `input`: what standard input is, -1: ours.
    explicit process(std::vector<std::string> arguments, uid_t user = 0, int error_output = -1,
                     int input = -1) {
        int out[2] = {-1, -1};
        int err[2] = {-1, -1};
        EXPECT_TRUE(make_pipe(out));
        EXPECT_TRUE(make_pipe(err));
        std::string program = PLAINSONG_PROGRAM;
        std::vector<char*> argv = {program.data()};
        for (std::string& one : arguments) {
            argv.push_back(one.data());
        }
        argv.push_back(nullptr);
        id_ = ::fork();
        if (id_ == 0) {
            if (input >= 0) {
                ::dup2(input, 0);
            }
            ::dup2(out[1], 1);
            ::dup2(error_output >= 0 ? error_output : err[1], 2);
            if (user != 0 && ::setuid(user) != 0) {
                ::_exit(98);
            }
            ::execv(PLAINSONG_PROGRAM, argv.data());
            ::_exit(99);
        }
        ::close(out[1]);
        ::close(err[1]);
        out_ = fd{out[0]};
        err_ = fd{err[0]};
    }
    ~process() {
        if (id_ > 0) {
            ::kill(id_, SIGKILL);
            ::waitpid(id_, nullptr, 0);
        }
    }
    process(const process&) = delete;
    process& operator=(const process&) = delete;

    /// Waits for a line on standard output.
    std::string line() { return read(out_, output, true); }
    /// Waits for a line on standard error.
    std::string error_line() { return read(err_, errors, true); }
    void signal(int number) { ::kill(id_, number); }
    /// Whether it has nothing more to say on standard output; what it said is in `output`.
    bool has_said_all() {
        pollfd waiting{out_.number(), POLLIN, 0};
        while (::poll(&waiting, 1, 0) == 1) {
            char buffer[4096];
            const ssize_t count = ::read(out_.number(), buffer, sizeof buffer);
            if (count <= 0) {
                return true;
            }
            output.append(buffer, static_cast<std::size_t>(count));
        }
        return false;
    }
    /// Waits for its end.  Returns: its exit status, 128 + the signal that ended it.
    int status() {
        read(out_, output, false);
        read(err_, errors, false);
        int status = 0;
        EXPECT_EQ(::waitpid(id_, &status, 0), id_);
        id_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    std::string output;
    std::string errors;

private:
    /// Reads to the end of a line or to the end of all; its deadline is the test's patience.
    static std::string read(const fd& from, std::string& into, bool one_line) {
        char buffer[4096];
        for (;;) {
            const std::size_t end = into.find('\n');
            if (one_line && end != std::string::npos) {
                return into.substr(0, end);
            }
            pollfd waiting{from.number(), POLLIN, 0};
            if (::poll(&waiting, 1, 20'000) != 1) {
                ADD_FAILURE() << "the program says nothing";
                return into;
            }
            const ssize_t count = ::read(from.number(), buffer, sizeof buffer);
            if (count <= 0) {
                return into;
            }
            into.append(buffer, static_cast<std::size_t>(count));
        }
    }

    pid_t id_ = 0;
    fd out_;
    fd err_;
};

struct program_outcome {
    int status;
    std::string output;
    std::string errors;
};

/// A whole run.
inline program_outcome run(std::vector<std::string> arguments, uid_t user = 0) {
    process one(std::move(arguments), user);
    const int status = one.status();
    return {status, one.output, one.errors};
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_PROGRAM_HPP
