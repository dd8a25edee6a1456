// SPDX-License-Identifier: MIT
// places_to_cut.hpp — where to cut the head of a handshake, so that each limit is met from both sides.
#ifndef PLAINSONG_TESTS_SUPPORT_PLACES_TO_CUT_HPP
#define PLAINSONG_TESTS_SUPPORT_PLACES_TO_CUT_HPP

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace plainsong::tests {

/// Every place in short octets; in long ones a sample, and both sides of each limit.
inline std::vector<std::size_t> places_to_cut(std::size_t size) {
    std::vector<std::size_t> places;
    if (size <= 4096) {
        for (std::size_t i = 1; i < size; ++i) {
            places.push_back(i);
        }
        return places;
    }
    std::set<std::size_t> chosen;
    for (std::size_t i = 1; i < 700; i += 13) {
        chosen.insert(i);
    }
    for (std::size_t i = 997; i < std::min<std::size_t>(size, 40000); i += 997) {
        chosen.insert(i);
    }
    for (const std::size_t limit : {8192U, 8192U + 5, 8192U + 150, 16384U, 16384U + 20}) {
        for (std::size_t i = limit - 3; i < limit + 12 && i < size; ++i) {
            chosen.insert(i);
        }
    }
    for (std::size_t i = size - 8; i < size; ++i) {
        chosen.insert(i);
    }
    places.assign(chosen.begin(), chosen.end());
    return places;
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_PLACES_TO_CUT_HPP
