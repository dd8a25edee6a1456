// SPDX-License-Identifier: MIT
// entropy.hpp — unpredictable bytes, from the kernel and nowhere else.
//
// Does: fill a span from the kernel's random source; hand out small pieces of a larger draw, for
// masking keys.  Does not: generate anything itself.  There is no weaker fallback: if the kernel
// doesn't answer, the caller gets an error and must not go on.
// Used by: app.  Depends on: base/bytes, base/error.
// Spec: RFC 6455 §5.3, §10.3.
#ifndef PLAINSONG_NET_ENTROPY_HPP
#define PLAINSONG_NET_ENTROPY_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>

namespace plainsong {

/// Errors: no_entropy, with the errno; the span is zeroed then.  Thread-safe.
error fill_random(byte_span into);

/// Draws a page of bytes at a time and gives each of them out once.  A byte given out is wiped, and
/// a child made by fork() draws afresh, so that two processes never mask with the same key.
/// Threads: one at a time.
class entropy_buffer {
public:
    entropy_buffer();
    ~entropy_buffer();
    entropy_buffer(const entropy_buffer&) = delete;
    entropy_buffer& operator=(const entropy_buffer&) = delete;

    /// Errors: no_entropy, with the errno; the span is zeroed then.
    /// Cost: nanoseconds for a few bytes, with one system call for each page used up.
    error fill(byte_span into);

private:
    struct page;

    page* page_ = nullptr;
    bool wiped_on_fork_ = false;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_ENTROPY_HPP
