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
void* malloc(std::size_t) {
    stop("malloc was called");
}
void* calloc(std::size_t, std::size_t) {
    stop("calloc was called");
}
void* realloc(void*, std::size_t) {
    stop("realloc was called");
}
void free(void* pointer) {
    if (pointer != nullptr) {
        stop("free was called");
    }
}
}

void* operator new(std::size_t) {
    stop("operator new was called");
}
void* operator new[](std::size_t) {
    stop("operator new[] was called");
}
void operator delete(void*) noexcept {
    stop("operator delete was called");
}
void operator delete[](void*) noexcept {
    stop("operator delete[] was called");
}
void operator delete(void*, std::size_t) noexcept {
    stop("operator delete was called");
}
void operator delete[](void*, std::size_t) noexcept {
    stop("operator delete[] was called");
}

namespace {

// RFC 6455 §1.3: the key and the answer to it.
bool accept_key_is_that_of_the_rfc() {
    constexpr std::string_view seed =
        "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[28];
    const auto digest = plainsong::sha1_of(plainsong::as_bytes(seed));
    return plainsong::base64_encode(digest, text) == sizeof text &&
           std::string_view(text, sizeof text) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
}

}  // namespace

int main() {
    if (!accept_key_is_that_of_the_rfc()) {
        stop("the accept key is wrong");
    }
    return 0;
}
