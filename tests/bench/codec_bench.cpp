// SPDX-License-Identifier: MIT
// codec_bench.cpp — speed of masking and of UTF-8 validation, kernel by kernel, beside memcpy.
//
// Build:  g++ -std=c++20 -O2 -Iinclude -I. tests/bench/codec_bench.cpp src/codec/*.cpp
//             src/base/*.cpp -o build/codec_bench          (one line)
// Run:    taskset -c 0 build/codec_bench
// Prints: GB/s (and ns a call) by size: the best of several short rounds, so that a neighbour on
// the same processor costs rounds and not the result.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <plainsong/codec/mask.hpp>
#include <plainsong/codec/utf8.hpp>

#include "src/codec/mask_kernels.hpp"
#include "src/codec/utf8_kernels.hpp"
#include "tests/support/utf8_texts.hpp"

namespace {

using namespace plainsong;
using octets = std::vector<std::uint8_t>;

constexpr std::size_t sizes[] = {1, 7, 16, 32, 64, 125, 1024, 16384, 4u << 20};

volatile std::size_t sink;

/// Returns: nanoseconds a call.
template <typename Call>
double measure(std::size_t size, Call call) {
    const std::size_t calls = size >= (1U << 20) ? 8 : 400'000 / (size + 50) + 1;
    double best = 1e18;
    for (int round = 0; round < 40; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < calls; ++i) {
            call();
            asm volatile("" ::: "memory");
        }
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - start;
        best = took.count() < best ? took.count() : best;
    }
    return best / static_cast<double>(calls);
}

template <typename Call>
void row(const char* name, Call call) {
    std::printf("%-28s", name);
    for (const std::size_t size : sizes) {
        const double ns = measure(size, [&] { call(size); });
        std::printf(" %7.2f(%6.1f)", static_cast<double>(size) / ns, ns);
    }
    std::printf("\n");
    std::fflush(stdout);
}

void head(const char* title) {
    std::printf("\n%-28s", title);
    for (const std::size_t size : sizes) {
        std::printf(" %7zu        ", size);
    }
    std::printf("\n");
}

}  // namespace

int main() {
    constexpr std::size_t largest = sizes[std::size(sizes) - 1];
    octets buffer(largest + 64, 'a');
    octets other(largest + 64, 'a');
    const mask_key key{{1, 2, 3, 4}};

    head("mask: GB/s (ns)");
    row("memcpy", [&](std::size_t n) { std::memcpy(other.data(), buffer.data(), n); });
    row("apply_mask", [&](std::size_t n) { apply_mask({buffer.data(), n}, key); });
    row("apply_mask, address odd", [&](std::size_t n) { apply_mask({buffer.data() + 3, n}, key); });
    row("portable",
        [&](std::size_t n) { masking::mask_portable(buffer.data(), buffer.data(), n, 77); });
    row("portable odd", [&](std::size_t n) {
        masking::mask_portable(buffer.data() + 3, buffer.data() + 3, n, 77);
    });
    row("copy_masked", [&](std::size_t n) { copy_masked(other.data(), {buffer.data(), n}, key); });

    struct named {
        const char* name;
        utf8::kernel check;
    };
    std::vector<named> kernels{{"portable", utf8::check_portable}};
#if defined(__x86_64__)
    if (utf8::has_avx2()) {
        kernels.push_back({"avx2", utf8::check_avx2});
    }
    if (utf8::has_avx512()) {
        kernels.push_back({"avx512", utf8::check_avx512});
    }
#endif
    struct text_kind {
        const char* title;
        octets text;
    };
    const text_kind kinds[] = {
        {"utf8, ASCII: GB/s (ns)", octets(largest + 64, 'a')},
        {"utf8, mixed 1-3: GB/s (ns)", tests::mixed_text(largest + 64, 1, 3)},
        {"utf8, mixed 1-4: GB/s (ns)", tests::mixed_text(largest + 64, 1, 4)}};
    for (const auto& kind : kinds) {
        head(kind.title);
        for (const named& kernel : kernels) {
            row(kernel.name, [&](std::size_t n) { sink = kernel.check(kind.text.data(), n); });
        }
        row("utf8_validator", [&](std::size_t n) {
            utf8_validator validator;
            sink = validator.feed({kind.text.data(), n});
        });
    }
}
