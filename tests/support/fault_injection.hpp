// SPDX-License-Identifier: MIT
// fault_injection.hpp — system calls that fail when a test says so.
//
// Does: count the calls of each kind that go through the linker's --wrap, let the n-th of a kind
// fail, and repeat a scenario with each of its calls failing in turn.
// Does not: reach calls inside libc, or work in a program that isn't linked with WRAPPED_CALLS
// (tests/tests.mk; the program `faults` is).
//
//     faults::fail_each(faults::call::setsockopt, ENOMEM, [] { ... the scenario and its checks ... });
#ifndef PLAINSONG_TESTS_SUPPORT_FAULT_INJECTION_HPP
#define PLAINSONG_TESTS_SUPPORT_FAULT_INJECTION_HPP

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace plainsong::tests::faults {

// A line for each call that can be made to fail; `--wrap` it in tests/tests.mk as well.
#define PLAINSONG_FAULT_CALLS(X) \
    X(accept4)                   \
    X(bind)                      \
    X(close)                     \
    X(connect)                   \
    X(epoll_create1)             \
    X(epoll_ctl)                 \
    X(epoll_wait)                \
    X(eventfd)                   \
    X(fstat)                     \
    X(getaddrinfo)               \
    X(getpeername)               \
    X(getrandom)                 \
    X(getsockname)               \
    X(getsockopt)                \
    X(listen)                    \
    X(lstat)                     \
    X(madvise)                   \
    X(mmap)                      \
    X(open)                      \
    X(poll)                      \
    X(pread)                     \
    X(pthread_create)            \
    X(read)                      \
    X(recv)                      \
    X(send)                      \
    X(sendmsg)                   \
    X(setsockopt)                \
    X(shutdown)                  \
    X(socket)                    \
    X(unlink)                    \
    X(write)

enum class call : std::uint8_t {
#define PLAINSONG_NAME(name) name,
    PLAINSONG_FAULT_CALLS(PLAINSONG_NAME)
#undef PLAINSONG_NAME
        count_of_calls
};

inline constexpr call all_calls[] = {
#define PLAINSONG_NAME(name) call::name,
    PLAINSONG_FAULT_CALLS(PLAINSONG_NAME)
#undef PLAINSONG_NAME
};

const char* name_of(call which);

enum class lasting : std::uint8_t {
    once,          // the n-th call
    forever,       // the n-th and all that follow
    every_second,  // the n-th, the one after the next, and so on
};

struct fault {
    call which = call::read;
    int number = 0;  // errno; 0 leaves it alone
    int nth = 1;     // the first call that fails, from 1
    lasting how = lasting::once;
    long returns = -1;  // what the call returns
    bool acts = false;  // the true call is made first (close that says EIO has closed)
    std::size_t limit =
        0;  // instead of failing: bytes that read, recv, send, sendmsg and getrandom
            // are allowed to move
};

/// For as long as it lives, calls are counted and those that `planned` names fail.  One at a time;
/// calls of all threads count.
class injection {
public:
    explicit injection(fault planned);
    /// Only counts.
    injection();
    ~injection();
    injection(const injection&) = delete;
    injection& operator=(const injection&) = delete;

    /// Returns: how many calls were made to fail.
    [[nodiscard]] int fired() const;
    /// Returns: how many calls of a kind there were.
    [[nodiscard]] int calls(call which) const;
};

/// For as long as it lives, this thread's calls are the test's own: never counted, never failing.
class outside {
public:
    outside();
    ~outside();
    outside(const outside&) = delete;
    outside& operator=(const outside&) = delete;
};

/// For as long as it lives, `act` is called with each socket that is made, before its maker has it.
class each_socket {
public:
    explicit each_socket(void (*act)(int descriptor));
    ~each_socket();
    each_socket(const each_socket&) = delete;
    each_socket& operator=(const each_socket&) = delete;
};

/// Runs `scenario()` with the first call of a kind failing, then the second, until it runs through
/// untouched; each once with a fault that passes and once with one that stays.
/// Returns: how many calls there were to fail.
template <typename Scenario>
int fail_each(fault planned, Scenario scenario) {
    int failed = 0;
    for (planned.nth = 1;; ++planned.nth) {
        bool fired = false;
        for (const lasting how : {lasting::once, lasting::forever}) {
            planned.how = how;
            const injection active{planned};
            scenario();
            fired = fired || active.fired() > 0;
        }
        if (!fired) {
            return failed;
        }
        ++failed;
    }
}

template <typename Scenario>
int fail_each(call which, int number, Scenario scenario) {
    fault planned;
    planned.which = which;
    planned.number = number;
    return fail_each(planned, scenario);
}

}  // namespace plainsong::tests::faults

#endif  // PLAINSONG_TESTS_SUPPORT_FAULT_INJECTION_HPP
