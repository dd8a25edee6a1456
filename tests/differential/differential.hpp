// SPDX-License-Identifier: MIT
// differential.hpp — what the parts of the comparison with zlib and libdeflate report.
#ifndef PLAINSONG_TESTS_DIFFERENTIAL_DIFFERENTIAL_HPP
#define PLAINSONG_TESTS_DIFFERENTIAL_DIFFERENTIAL_HPP

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace plainsong::tests {

using octets = std::vector<std::uint8_t>;

struct report {
    std::uint64_t inputs = 0;
    std::uint64_t octets = 0;    // of text
    std::uint64_t accepted = 0;  // the rest was refused by both
    std::uint64_t faults = 0;

    /// Prints the first few inputs on which there is no agreement.
    void complain(const char* where, const tests::octets& input, const std::string& how) {
        if (++faults > 5) {
            return;
        }
        std::printf("%s: %s\n  input of %zu octets: ", where, how.c_str(), input.size());
        for (std::size_t i = 0; i < input.size() && i < 1000; ++i) {
            std::printf("%02x", input[i]);
        }
        std::printf("\n");
    }
};

report compare_inflating(std::uint32_t seed, std::uint64_t inputs);
report inflate_what_others_write(std::uint32_t seed);
report compare_deflating(std::uint32_t seed);
report compare_deflating_megabytes(std::uint32_t seed);
report compare_small_messages(std::uint32_t seed, std::uint64_t inputs);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_DIFFERENTIAL_DIFFERENTIAL_HPP
