// SPDX-License-Identifier: MIT
// memory_books.hpp — what has to add up when nobody is left, and what the heap holds.
#ifndef PLAINSONG_TESTS_SUPPORT_MEMORY_BOOKS_HPP
#define PLAINSONG_TESTS_SUPPORT_MEMORY_BOOKS_HPP

#include <gtest/gtest.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <plainsong/app/metrics.hpp>

#include "tests/support/memory_server.hpp"

namespace plainsong::tests {

/// Each connection has ended in exactly one way.
inline void expect_sums(const metrics_snapshot& counts) {
    EXPECT_EQ(counts.connections_accepted, counts.connections_refused + counts.pages_served +
                                               counts.handshakes_failed + counts.handshakes_open +
                                               counts.sessions_opened);
    EXPECT_EQ(counts.sessions_opened,
              counts.sessions_open + counts.sessions_closed_clean + counts.sessions_closed_unclean);
    EXPECT_LE(counts.messages_dropped + counts.messages_unsent, counts.messages_sent);
}

#if defined(__has_feature)
#define PLAINSONG_TESTS_FEATURE(name) __has_feature(name)
#else
#define PLAINSONG_TESTS_FEATURE(name) 0
#endif

/// Octets that the program has allocated and not given back; 0 where the heap doesn't say: under a
/// sanitizer, and without glibc.
inline std::size_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                           \
    PLAINSONG_TESTS_FEATURE(address_sanitizer) || PLAINSONG_TESTS_FEATURE(thread_sanitizer) || \
    !defined(__GLIBC__)
    return 0;
#else
    const auto said = ::mallinfo2();
    return said.uordblks + said.hblkhd;
#endif
}

/// Nobody is left, and each session was told of its end.
inline void expect_empty(memory_server& rig) {
    EXPECT_EQ(rig.network.open_lines, 0U);
    EXPECT_EQ(rig.log.open(), 0U);
    const metrics_snapshot counts = rig->snapshot();
    EXPECT_EQ(counts.handshakes_open, 0U);
    EXPECT_EQ(counts.sessions_open, 0U);
    EXPECT_EQ(counts.sessions_opened, rig.log.count());
    expect_sums(counts);
    rig.check();
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_MEMORY_BOOKS_HPP
