// SPDX-License-Identifier: MIT
// formatted.cpp — vsnprintf, once to measure and once to write.
#include "tools/formatted.hpp"

#include <cstdarg>
#include <cstdio>

namespace plainsong::tools {
namespace {

__attribute__((format(printf, 2, 0))) void append_list(std::string& to, const char* format,
                                                       va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    const int size = std::vsnprintf(nullptr, 0, format, again);
    va_end(again);
    if (size > 0) {
        const std::size_t old = to.size();
        to.resize(old + static_cast<std::size_t>(size) + 1);  // it ends with a null
        std::vsnprintf(to.data() + old, static_cast<std::size_t>(size) + 1, format, arguments);
        to.pop_back();
    }
}

}  // namespace

void append_formatted(std::string& to, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    append_list(to, format, arguments);
    va_end(arguments);
}

std::string formatted(const char* format, ...) {
    std::string text;
    va_list arguments;
    va_start(arguments, format);
    append_list(text, format, arguments);
    va_end(arguments);
    return text;
}

}  // namespace plainsong::tools
