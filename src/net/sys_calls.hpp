// SPDX-License-Identifier: MIT
// sys_calls.hpp — what the files that call the kernel have in common.
//
// Does: repeat interrupted calls and turn errno into an error.  Does not: call anything itself.
// Used by: net/sys.  Depends on: base/error.
#ifndef PLAINSONG_NET_SYS_CALLS_HPP
#define PLAINSONG_NET_SYS_CALLS_HPP

#include <cerrno>

#include <plainsong/base/error.hpp>

namespace plainsong::sys {

/// Repeats `call` for as long as signals interrupt it.
template <typename Call>
auto uninterrupted(Call call) {
    auto outcome = call();
    while (outcome < 0 && errno == EINTR) {
        outcome = call();
    }
    return outcome;
}

inline error last_error() {
    return {error_code::system_call_failed, errno};
}

}  // namespace plainsong::sys

#endif  // PLAINSONG_NET_SYS_CALLS_HPP
