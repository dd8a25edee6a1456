// SPDX-License-Identifier: MIT
// cat_process.hpp — a run of `plainsong cat` whose standard input the test writes.
#ifndef PLAINSONG_TESTS_SUPPORT_CAT_PROCESS_HPP
#define PLAINSONG_TESTS_SUPPORT_CAT_PROCESS_HPP

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/far_ends.hpp"
#include "tests/support/portable.hpp"
#include "tests/support/program.hpp"

namespace plainsong::tests {

struct input_pipe {
    input_pipe() {
        int ends[2] = {-1, -1};
        EXPECT_TRUE(make_pipe(ends));
        read = fd{ends[0]};
        write = fd{ends[1]};
    }
    fd read;
    fd write;
};

class cat_process {
public:
    explicit cat_process(std::vector<std::string> arguments, int error_output = -1, int input = -1)
        : process_(with_verb(std::move(arguments)), 0, error_output,
                   input >= 0 ? input : pipe_.read.number()) {
        pipe_.read.reset();
    }

    cat_process& type(std::string_view text) {
        EXPECT_EQ(::write(pipe_.write.number(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
        return *this;
    }
    cat_process& end_input() {
        pipe_.write.reset();
        return *this;
    }
    [[nodiscard]] int input() const { return pipe_.write.number(); }
    process* operator->() { return &process_; }

private:
    static std::vector<std::string> with_verb(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "cat");
        return arguments;
    }

    input_pipe pipe_;
    process process_;
};

/// A whole run with this input.
inline program_outcome run_cat(std::vector<std::string> arguments, std::string_view input = {}) {
    cat_process one(std::move(arguments));
    one.type(input).end_input();
    const int status = one->status();
    return {status, one->output, one->errors};
}

inline std::string url_of(const address& where, std::string_view path = "/") {
    return "ws://" + std::string(where.text().view()) + std::string(path);
}

/// The server `plainsong echo`, in a process of its own.
class echo_process {
public:
    echo_process() : process_({"echo", "--port", "0"}) {
        const std::string line = process_.line();
        const std::size_t at = line.find("ws://");
        EXPECT_NE(at, std::string::npos) << line;
        url = line.substr(at == std::string::npos ? 0 : at);
    }
    std::string url;  // ends in "/"

private:
    process process_;
};

/// Tests with an end to talk to, whatever proxy the environment names.
struct cat_test : ::testing::Test {
    cat_test() {
        for (const char* name :
             {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
            ::unsetenv(name);
        }
    }
    [[nodiscard]] std::string url(std::string_view path = "/") const {
        return url_of(door.where(), path);
    }

    open_end door;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_CAT_PROCESS_HPP
