// SPDX-License-Identifier: MIT
// broken_handshake.hpp — the opening handshake of the echo server with a defect (see broken_echo.hpp).
//
// Does: answer a request as the product does, but for the defect, which is in what it reads or in what it
// writes.
#ifndef PLAINSONG_TESTS_SUPPORT_BROKEN_HANDSHAKE_HPP
#define PLAINSONG_TESTS_SUPPORT_BROKEN_HANDSHAKE_HPP

#include <string>

#include "tests/support/broken_echo.hpp"

namespace plainsong::tests {

struct broken_answer {
    int status = 0;         // 0: it waits for more
    std::size_t taken = 0;  // octets of the request, if it opens
    std::string octets;
};

broken_answer answer_brokenly(defect what, const std::string& seen);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_BROKEN_HANDSHAKE_HPP
