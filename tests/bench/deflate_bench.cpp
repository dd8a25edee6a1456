// SPDX-License-Identifier: MIT
// deflate_bench.cpp — size and speed of compressed messages beside zlib, and libdeflate for inflating.
//
// Run:    taskset -c 0 build/release/deflate-bench [size] [fast] [normal] [best] [inflate] [hard]
// Fails:  if the sizes are not within 3% of zlib -6's (level normal) or above those of zlib -1 (fast).
// Prints: what messages of chat JSON, HTML, log lines and market ticks become, in per cent of what
// zlib makes of them; then MB/s of text and the ratio to zlib, each the best of several rounds in
// which the two take turns, so that a neighbour on the same processor costs rounds and not the result.
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <vector>

#include <plainsong/codec/deflate.hpp>

#include "tests/bench/deflate_codecs.hpp"
#include "tests/support/adversarial_texts.hpp"
#include "tests/support/sample_texts.hpp"

namespace {

using namespace plainsong;
using namespace plainsong::bench;
using tests::adversarial_texts;
using tests::sample_texts;

constexpr std::size_t sizes[] = {64, 200, 1024, 4096, 16384, 65536};

// ---- measuring -----------------------------------------------------------------------------------

std::size_t total(const std::vector<octets>& all) {
    std::size_t size = 0;
    for (const octets& one : all) {
        size += one.size();
    }
    return size;
}

template <typename Codec>
std::size_t run_all(Codec& codec, const std::vector<octets>& all, octets& out) {
    std::size_t size = 0;
    for (const octets& one : all) {
        size += codec.run(one, out);
    }
    return size;
}

double seconds_of_processor() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename Codec>
double seconds(Codec& codec, const std::vector<octets>& all, octets& out) {
    const double start = seconds_of_processor();
    run_all(codec, all, out);
    return seconds_of_processor() - start;
}

struct race {
    double ours = 1e9;
    double theirs = 1e9;
};

template <typename Ours, typename Theirs>
race measure(Ours& ours, const std::vector<octets>& for_ours, Theirs& theirs,
             const std::vector<octets>& for_theirs, octets& out) {
    race best;
    double spent = 0;
    for (int round = 0; round < 15 || spent < 0.03; ++round) {
        const double ours_took = seconds(ours, for_ours, out);
        const double theirs_took = seconds(theirs, for_theirs, out);
        best.ours = std::min(best.ours, ours_took);
        best.theirs = std::min(best.theirs, theirs_took);
        spent += ours_took + theirs_took;
    }
    return best;
}

std::vector<octets> corpus(std::string_view kind, std::size_t size) {
    sample_texts texts(static_cast<std::uint32_t>(size));
    const std::size_t count = std::clamp<std::size_t>((256U << 10) / size, 4, 1000);
    std::vector<octets> all;
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back(texts.make(kind, size));
    }
    return all;
}

std::vector<octets> compressed(const std::vector<octets>& texts, bool takes_over) {
    zlib_compressor zlib(6, takes_over);
    octets out(1U << 17);
    std::vector<octets> all;
    for (const octets& text : texts) {
        const std::size_t size = zlib.run(text, out);
        all.emplace_back(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
    }
    return all;
}

std::vector<octets> with_tail(std::vector<octets> messages,
                              std::initializer_list<std::uint8_t> tail) {
    for (octets& message : messages) {
        message.insert(message.end(), tail);
    }
    return messages;
}

struct pairing {
    const char* name;
    deflate_level ours;
    int zlib;
    double most;  // of zlib's size
};
constexpr pairing pairings[] = {{"fast/-1", deflate_level::fast, 1, 1.0},
                                {"normal/-6", deflate_level::normal, 6, 1.03},
                                {"best/-9", deflate_level::best, 9, 1.03}};

void head(const char* title) {
    std::printf("\n%-28s", title);
    for (const std::size_t size : sizes) {
        std::printf("%16zu", size);
    }
    std::printf("\n");
}

/// Octets in per cent of zlib's, and of the text.
/// Returns: whether messages of 200 octets and more are as small as they have to be.
bool compare_sizes(bool takes_over) {
    octets out(1U << 17);
    head(takes_over ? "size, context kept" : "size, each message alone");
    bool holds = true;
    for (const auto& [name, level, zlib_level, most] : pairings) {
        double ours_in_all = 0;
        double theirs_in_all = 0;
        for (const auto kind : sample_texts::kinds) {
            std::printf("%-10s %-17.*s", name, static_cast<int>(kind.size()), kind.data());
            for (const std::size_t size : sizes) {
                const std::vector<octets> texts = corpus(kind, size);
                our_compressor ours(level, takes_over);
                zlib_compressor zlib(zlib_level, takes_over);
                const auto our_size = static_cast<double>(run_all(ours, texts, out));
                const auto their_size = static_cast<double>(run_all(zlib, texts, out));
                if (size >= 200) {
                    ours_in_all += our_size / static_cast<double>(total(texts));
                    theirs_in_all += their_size / static_cast<double>(total(texts));
                }
                std::printf("%7.2f%% (%5.1f%%)", 100 * our_size / their_size,
                            100 * our_size / static_cast<double>(total(texts)));
            }
            std::printf("\n");
        }
        const bool is_small = ours_in_all <= most * theirs_in_all;
        std::printf("%-10s in all: %.2f%% of zlib's%s\n", name, 100 * ours_in_all / theirs_in_all,
                    is_small ? "" : ", too much");
        holds = holds && is_small;
    }
    return holds;
}

template <typename Row>
void rows(std::initializer_list<bool> contexts, Row row) {
    for (const auto kind : sample_texts::kinds) {
        for (const bool takes_over : contexts) {
            std::printf("%-8.*s%-20s", static_cast<int>(kind.size()), kind.data(),
                        takes_over ? "context kept" : "alone");
            for (const std::size_t size : sizes) {
                const std::vector<octets> texts = corpus(kind, size);
                const race result = row(texts, takes_over);
                std::printf("%7.0f (%5.2fx)", static_cast<double>(total(texts)) / result.ours / 1e6,
                            result.theirs / result.ours);
            }
            std::printf("\n");
            std::fflush(stdout);
        }
    }
}

void compare_deflating(const pairing& one) {
    octets out(1U << 17);
    head(one.name);
    rows({false, true}, [&](const std::vector<octets>& texts, bool takes_over) {
        our_compressor ours(one.ours, takes_over);
        zlib_compressor zlib(one.zlib, takes_over);
        return measure(ours, texts, zlib, texts, out);
    });
}

void compare_inflating() {
    octets out(1U << 17);
    head("inflate, beside zlib");
    rows({false, true}, [&](const std::vector<octets>& texts, bool takes_over) {
        const std::vector<octets> messages = compressed(texts, takes_over);
        // Messages that lean on each other are inflated in order, from the first one each time.
        our_expander ours(takes_over);
        zlib_expander zlib(takes_over);
        return measure(ours, messages, zlib, with_tail(messages, {0, 0, 0xff, 0xff}), out);
    });
    head("inflate, beside libdeflate");
    rows({false}, [&](const std::vector<octets>& texts, bool takes_over) {
        const std::vector<octets> messages = compressed(texts, takes_over);
        our_expander ours(false);
        libdeflate_expander libdeflate;
        // Its messages end with a final block.
        return measure(ours, messages, libdeflate, with_tail(messages, {0, 0, 0xff, 0xff, 3, 0}),
                       out);
    });
}

/// Nanoseconds for an octet of texts made to take long, and how many times the least of them the
/// worst takes.
void compare_hard_texts() {
    constexpr std::size_t size = 16U << 20;
    constexpr std::size_t kinds = std::size(adversarial_texts::kinds);
    constexpr const char* levels[] = {"stored", "fast", "normal", "best"};
    double took[std::size(levels)][kinds];
    octets out(deflate_bound(size));
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        const std::vector<octets> text{
            adversarial_texts::make(adversarial_texts::kinds[kind], size)};
        for (std::size_t level = 0; level < std::size(levels); ++level) {
            our_compressor ours(static_cast<deflate_level>(level), false);
            took[level][kind] = 1e9;
            for (int round = 0; round < 3; ++round) {
                took[level][kind] = std::min(took[level][kind], seconds(ours, text, out));
            }
        }
    }
    std::printf("\n%-28s%10s%10s%10s%10s\n", "16 MiB made to be hard, ns", levels[0], levels[1],
                levels[2], levels[3]);
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        const std::string_view name = adversarial_texts::kinds[kind];
        std::printf("%-28.*s", static_cast<int>(name.size()), name.data());
        for (const auto& level : took) {
            std::printf("%10.2f", level[kind] * 1e9 / static_cast<double>(size));
        }
        std::printf("\n");
    }
    std::printf("%-28s", "worst to best");
    for (const auto& level : took) {
        std::printf("%9.1fx", *std::max_element(std::begin(level), std::end(level)) /
                                  *std::min_element(std::begin(level), std::end(level)));
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const auto wants = [&](std::string_view part) {
        return argc < 2 || std::find(argv + 1, argv + argc, part) != argv + argc;
    };
    bool holds = true;
    if (wants("size")) {
        for (const bool takes_over : {false, true}) {
            holds = compare_sizes(takes_over) && holds;
        }
    }
    for (const pairing& one : pairings) {
        const std::string_view name = one.name;
        if (wants(name.substr(0, name.find('/')))) {
            compare_deflating(one);
        }
    }
    if (wants("inflate")) {
        compare_inflating();
    }
    if (wants("hard")) {
        compare_hard_texts();
    }
    return holds ? 0 : 1;
}
