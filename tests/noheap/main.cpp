// SPDX-License-Identifier: MIT
// main.cpp — the core at work in a program where any allocation aborts.
//
// Linked by the C driver with libplainsong-core.a alone: there is no C++ runtime, and the heap of
// the C library is replaced by functions that stop the program.
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include <unistd.h>

#include <plainsong/codec/base64.hpp>
#include <plainsong/codec/sha1.hpp>

namespace {

[[noreturn]] void stop(const char* what) {
    const char prefix[] = "no-heap: ";
    const bool told = ::write(2, prefix, sizeof prefix - 1) > 0 &&
                      ::write(2, what, std::strlen(what)) > 0 && ::write(2, "\n", 1) > 0;
    std::_Exit(told ? 1 : 2);
}

}  // namespace

extern "C" {
void* malloc(std::size_t) { stop("malloc was called"); }
void* calloc(std::size_t, std::size_t) { stop("calloc was called"); }
void* realloc(void*, std::size_t) { stop("realloc was called"); }
void free(void* pointer) {
    if (pointer != nullptr) {
        stop("free was called");
    }
}
}

void* operator new(std::size_t) { stop("operator new was called"); }
void* operator new[](std::size_t) { stop("operator new[] was called"); }
void operator delete(void*) noexcept { stop("operator delete was called"); }
void operator delete[](void*) noexcept { stop("operator delete[] was called"); }
void operator delete(void*, std::size_t) noexcept { stop("operator delete was called"); }
void operator delete[](void*, std::size_t) noexcept { stop("operator delete[] was called"); }

