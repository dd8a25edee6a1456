// SPDX-License-Identifier: MIT
// main.cpp — compares the codec with zlib and libdeflate.
//
// Usage: deflate-differential [INPUTS] [SEED]      a million inputs, seed 1
// Fails if there is any difference.  A failing seed fails again.
#include <cstdio>
#include <cstdlib>

#include "tests/differential/differential.hpp"

namespace {

using plainsong::tests::report;

bool tell(const char* what, const report& from) {
    std::printf("%-40s %10llu inputs %6.0f MB of text %9llu accepted %llu differences\n", what,
                static_cast<unsigned long long>(from.inputs),
                static_cast<double>(from.octets) / 1e6,
                static_cast<unsigned long long>(from.accepted),
                static_cast<unsigned long long>(from.faults));
    std::fflush(stdout);
    return from.faults == 0 && from.inputs != 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto inputs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000ULL;
    const auto seed = static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
    using namespace plainsong::tests;
    bool agrees = tell("deflate: each window and level", compare_deflating(seed));
    agrees &= tell("deflate: texts of a megabyte", compare_deflating_megabytes(seed));
    agrees &= tell("deflate: small messages", compare_small_messages(seed, inputs / 8));
    agrees &= tell("inflate: zlib's and libdeflate's output", inflate_what_others_write(seed));
    agrees &= tell("inflate: made and spoiled messages", compare_inflating(seed, inputs));
    return agrees ? 0 : 1;
}
