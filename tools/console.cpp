// SPDX-License-Identifier: MIT
// console.cpp — see console.hpp.
#include "tools/console.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tools/terminal.hpp"

namespace plainsong::tools {

namespace {

int signal_channel = -1;
volatile std::sig_atomic_t latest_signal = 0;

// What a signal does to a program that knows nothing of it, on a terminal that is as it was.
void end_by(int number) {
    end_raw_input();
    std::signal(number, SIG_DFL);
    ::raise(number);
}

void on_signal(int number) {
    if (latest_signal != 0) {
        end_by(number);
        return;
    }
    latest_signal = number;
    sys::wake(signal_channel);
}

void set_handler(int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
}

}  // namespace

console::console(loop& its_loop, bool edits, console_events events)
    : loop_(its_loop),
      events_(std::move(events)),
      input_(its_loop, STDIN_FILENO, [this](byte_view bytes) { take_input(bytes); }),
      output_(its_loop, STDOUT_FILENO, [this] { output_changed(); }),
      shows_output_(::isatty(STDOUT_FILENO) == 1) {
    set_handler(SIGPIPE, SIG_IGN);
    if (auto made = sys::open_wake_channel()) {
        signals_ = std::move(*made);
        signal_channel = signals_.write();
        if (auto token = loop_.watch(signals_.read.number(), interest::read, *this)) {
            token_ = *token;
            set_handler(SIGINT, on_signal);
            set_handler(SIGTERM, on_signal);
        }
    }
    if (edits && is_interactive()) {
        editor_ = std::make_unique<line_editor>("> ");
        begin_raw_input();
        input_.want(true);
        show();
    }
}

console::~console() {
    hide();
    end_raw_input();
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    if (token_) {
        loop_.unwatch(token_);
    }
}

void console::on_ready(readiness) {
    sys::drain_wakes(signals_.read.number());
    interrupt();
}

void console::interrupt() {
    if (std::exchange(interrupted_, true)) {
        die();
    }
    if (latest_signal == 0) {
        latest_signal = SIGINT;
    }
    events_.on_interrupt();
}

void console::die() {
    hide();
    end_by(latest_signal);
}

// ---- input -----------------------------------------------------------------------------------------

void console::want_input(bool wanted) {
    if (editor_ == nullptr) {
        input_.want(wanted);
    }
}

void console::take_input(byte_view bytes) {
    if (editor_ != nullptr && !bytes.empty()) {
        take_keys(bytes);
        return;
    }
    ended_ = ended_ || bytes.empty();
    if (editor_ != nullptr) {  // the terminal has gone
        hide();
        editor_.reset();
    }
    events_.on_input(bytes);
}

void console::take_keys(byte_view bytes) {
    in_keys_ = true;
    for (const std::uint8_t octet : bytes) {
        switch (editor_->feed(octet, screen_)) {
            case line_editor::key::nothing:
                break;
            case line_editor::key::line:
                is_shown_ = false;
                draw();
                events_.on_input(as_bytes(editor_->line() + '\n'));
                break;
            case line_editor::key::end:
                hide();
                if (!std::exchange(ended_, true)) {
                    events_.on_input({});
                }
                break;
            case line_editor::key::interrupt:
                hide();
                interrupt();
                break;
            case line_editor::key::suspend:
                suspend();
                break;
        }
    }
    in_keys_ = false;
    is_shown_ = false;
    show();
}

void console::suspend() {
    hide();
    end_raw_input();
    ::raise(SIGTSTP);
    begin_raw_input();
}

// ---- output ----------------------------------------------------------------------------------------

void console::print(std::string_view text) {
    if (shows_output_) {
        hide();
    }
    output_.write(text);
    show();
}

void console::note(std::string_view line) {
    hide();
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    show();
}

void console::output_changed() {
    show();
    events_.on_output_change();
}

// ---- the line that is being typed ------------------------------------------------------------------

// After what is printed, and only when all of that has been written.
void console::show() {
    const bool is_due = editor_ != nullptr && !is_shown_ && !in_keys_ && !ended_ &&
                        (!shows_output_ || output_.pending() == 0);
    if (is_due) {
        editor_->set_columns(terminal_columns());
        editor_->show(screen_);
        is_shown_ = true;
        draw();
    }
}

void console::hide() {
    if (editor_ != nullptr && is_shown_) {
        editor_->hide(screen_);
        is_shown_ = false;
        draw();
    }
}

void console::draw() {
    std::fwrite(screen_.data(), 1, screen_.size(), stderr);
    screen_.clear();
}

}  // namespace plainsong::tools
