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
#include <plainsong/codec/unmask_text.hpp>
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

// In place, a small payload is taken from eight places in turn: no frame is masked twice in a row, and
// loading again what was stored a moment ago would be measured instead.
constexpr std::size_t place_size = 1024 + 64;
std::size_t next_place(std::size_t size) {
    static std::size_t turn = 0;
    return size <= 1024 ? ++turn % 8 * place_size : 0;
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

constexpr std::size_t largest = sizes[std::size(sizes) - 1];

void measure_masking() {
    octets buffer(largest + 64, 'a');
    octets other(largest + 64, 'a');
    const mask_key key{{1, 2, 3, 4}};
    const auto place = [&](std::size_t size) { return buffer.data() + next_place(size); };

    head("mask: GB/s (ns)");
    row("memcpy", [&](std::size_t n) { std::memcpy(other.data(), place(n), n); });
    row("mask_portable", [&](std::size_t n) {
        std::uint8_t* at = place(n);
        masking::mask_portable(at, at, n, 77);
    });
    row("apply_mask", [&](std::size_t n) { apply_mask({place(n), n}, key); });
    row("apply_mask, address odd", [&](std::size_t n) { apply_mask({place(n) + 3, n}, key); });
    row("copy_masked", [&](std::size_t n) { copy_masked(other.data(), {place(n), n}, key); });
}

struct named_kernel {
    const char* name;
    utf8::kernel check;
};

void measure_text(const char* title, const octets& text) {
    std::vector<named_kernel> kernels{{"portable", utf8::check_portable}};
#if defined(__x86_64__)
    if (utf8::has_avx2()) {
        kernels.push_back({"avx2", utf8::check_avx2});
    }
    if (utf8::has_avx512()) {
        kernels.push_back({"avx512", utf8::check_avx512});
    }
#endif
    head(title);
    for (const named_kernel& kernel : kernels) {
        row(kernel.name, [&](std::size_t n) { sink = kernel.check(text.data(), n); });
    }
    row("utf8_validator", [&](std::size_t n) {
        utf8_validator validator;
        sink = validator.feed({text.data(), n});
    });

    // A key of zeros costs what any other does and leaves the text valid for the next round.
    octets copy = text;
    octets places(8 * place_size);
    for (std::size_t i = 0; i < 8; ++i) {
        std::memcpy(places.data() + i * place_size, text.data(), place_size);
    }
    const auto place = [&](std::size_t size) {
        return size <= 1024 ? places.data() + next_place(size) : copy.data();
    };
    row("apply_mask, then feed", [&](std::size_t n) {
        const byte_span data{place(n), n};
        utf8_validator validator;
        apply_mask(data, mask_key{});
        sink = validator.feed(data);
    });
    row("unmask_and_validate", [&](std::size_t n) {
        utf8_validator validator;
        sink = unmask_and_validate({place(n), n}, mask_key{}, validator);
    });
}

}  // namespace

int main() {
    measure_masking();
    measure_text("utf8, ASCII: GB/s (ns)", octets(largest + 64, 'a'));
    measure_text("utf8, mixed 1-3: GB/s (ns)", tests::mixed_text(largest + 64, 1, 3));
    measure_text("utf8, mixed 1-4: GB/s (ns)", tests::mixed_text(largest + 64, 1, 4));
}
