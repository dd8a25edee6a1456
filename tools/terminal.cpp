// SPDX-License-Identifier: MIT
// terminal.cpp — termios.
#include "tools/terminal.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace plainsong::tools {

namespace {

constexpr std::size_t usual_columns = 80;

termios cooked;
volatile std::sig_atomic_t is_raw = 0;

}  // namespace

bool is_interactive() {
    const char* const kind = std::getenv("TERM");
    const bool is_able = kind != nullptr && *kind != '\0' && kind != std::string_view("dumb");
    return is_able && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

void begin_raw_input() {
    if (is_raw != 0 || ::tcgetattr(STDIN_FILENO, &cooked) != 0) {
        return;
    }
    termios raw = cooked;
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IXON);
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    is_raw = ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0 ? 1 : 0;
    static const int at_exit = std::atexit(end_raw_input);
    static_cast<void>(at_exit);
}

void end_raw_input() {
    if (is_raw != 0) {
        const int kept = errno;
        is_raw = 0;
        ::tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
        errno = kept;
    }
}

std::size_t terminal_columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col
                                                                              : usual_columns;
}

}  // namespace plainsong::tools
