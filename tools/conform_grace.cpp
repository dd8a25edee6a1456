// SPDX-License-Identifier: MIT
// conform_grace.cpp — what the kernel tells of the processors.
//
// Used by: tools/conform_conversation.  Depends on: tools/conform_grace.
#include "tools/conform_grace.hpp"

#include <charconv>
#include <fstream>
#include <string>
#include <thread>

namespace plainsong::conform {
namespace {

constexpr duration late_enough = std::chrono::milliseconds{50};
constexpr int most_grants = 8;
constexpr unsigned pressure_enough = 10;  // per cent of ten seconds in which someone had to wait

std::string first_line(const char* path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

unsigned leading_number(std::string_view text) {
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

bool shows_pressure(std::string_view pressure) {
    constexpr std::string_view some = "some avg10=";
    return pressure.starts_with(some) &&
           leading_number(pressure.substr(some.size())) >= pressure_enough;
}

/// "0.71 0.66 1.02 3/99 29440": three can run, of 99.
bool shows_more_than(std::string_view load, unsigned processors) {
    const std::size_t slash = load.find('/');
    if (slash == load.npos || processors == 0) {
        return false;
    }
    const std::size_t blank = load.rfind(' ', slash);
    return blank != load.npos && leading_number(load.substr(blank + 1)) > processors;
}

bool machine_is_busy() {
    return shows_pressure(first_line("/proc/pressure/cpu")) ||
           shows_more_than(first_line("/proc/loadavg"), std::thread::hardware_concurrency());
}

bool grace::grant(duration late) {
    if (granted_ == most_grants || is_busy_ == nullptr || (late < late_enough && !is_busy_())) {
        return false;
    }
    ++granted_;
    return true;
}

}  // namespace plainsong::conform
