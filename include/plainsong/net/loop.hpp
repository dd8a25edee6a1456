// SPDX-License-Identifier: MIT
// loop.hpp — the event loop: waits for descriptors and deadlines and calls those concerned.
//
// Does: one turn after the other, each in a fixed order: wait, I/O, timers, posted functions,
// graveyard.  What arrived is read before a deadline is judged, so a stall of the whole process
// makes nobody time out whose answer is already here.
// Does not: own its members or their descriptors, read or write for them, or share its thread.
// Used by: app, net/listener.  Depends on: base/clock, base/intrusive_list, base/result,
// net/callback.
#ifndef PLAINSONG_NET_LOOP_HPP
#define PLAINSONG_NET_LOOP_HPP

#include <cstddef>
#include <cstdint>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/clock.hpp>
#include <plainsong/base/intrusive_list.hpp>
#include <plainsong/base/result.hpp>
#include <plainsong/net/callback.hpp>

namespace plainsong {

class poller;

/// `patient` is `read` without being woken for it: what is there is reported in the turn after any other
/// event, or else after 4 ms, then 8, 16 and so on up to 64; whoever becomes patient or has something makes
/// it 4 again.  About n of them the kernel is asked every 2n us at the most.  So a crowd whose end nobody is
/// waiting for wakes the loop for many at once and not one by one.
/// epoll alone makes the difference; elsewhere it is `read`.
enum class interest : std::uint8_t { none = 0, read = 1, write = 2, both = 3, patient = 4 | 1 };

/// What the kernel says of a descriptor.  `hung_up` and `failed` come unasked; there may still be
/// bytes to read, so read until the stream itself reports its end or its error.  With interest
/// `none` each of the two is reported at most once (kqueue: not at all), so that a paused
/// connection doesn't spin.  One descriptor may be reported twice in a turn, once for each
/// direction.
struct readiness {
    bool readable = false;
    bool writable = false;
    bool hung_up = false;
    bool failed = false;
};

/// Names one watched descriptor; it never means another one, even when the number is used again.
struct watch_token {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  // 0: names nothing

    explicit operator bool() const { return generation != 0; }
    bool operator==(const watch_token&) const = default;
};

/// A member of one list at a time with a time beside it: what the timer wheel works on.
class timer_node : public list_node {
public:
    /// Returns: when its timer is due, `never` if it has none.
    [[nodiscard]] time_point due() const { return due_; }
    /// For the loop and its wheel alone.
    void set_due(time_point due) { due_ = due; }

private:
    time_point due_ = never;
};

/// Whoever is called by a loop.  Calls come on the loop's thread and must not throw.
class loop_member : public timer_node {
public:
    virtual void on_ready(readiness) {}
    virtual void on_due() {}
    /// The end of the turn in which it was buried; nothing comes after it, so it may delete itself.
    virtual void on_buried() {}

protected:
    loop_member() = default;
    ~loop_member() = default;
};

static_assert(sizeof(loop_member) == sizeof(void*) * 3 + sizeof(time_point));

/// One object that all who use a loop share, e.g. memory that is lent for the length of a call.
class loop_local {
public:
    virtual ~loop_local() = default;
};

enum class poller_kind : std::uint8_t { best, epoll, kqueue, poll };

struct loop_options {
    poller_kind poller = poller_kind::best;  // best: epoll on Linux, kqueue on BSD and macOS
    time_point (*clock)() = nullptr;         // nullptr: CLOCK_MONOTONIC
    std::size_t receive_buffer_bytes = 512 << 10;
    // Few enough that the sockets which one wait reports are still in the cache when they are served.
    std::uint32_t events_per_turn = 64;
    /// A poller of the caller's (a test double or a simulation); the loop deletes it.
    class poller* (*make_poller)(std::uint32_t events_per_turn) = nullptr;
};

/// Threads: all calls from one thread, except where "thread-safe" is said.  That is the thread
/// which calls run(), until run() returns, or which called turn(); before and after, any one
/// thread.  Debug builds abort on a call from another.  After fork() only one of the two processes
/// may use it.
class loop {
public:
    /// Writable bytes in front of receive_buffer(), for the start of what lies in it.
    static constexpr std::size_t headroom_bytes = 16;

    explicit loop(loop_options options = {});
    /// Functions that were posted and never ran are destroyed.  Requires: members have left.
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    /// Returns: why the loop could not be made; falsy if it is usable.
    [[nodiscard]] error status() const;

    /// Turns until stop() is called, then runs what was posted up to then and returns.  Each return
    /// uses up the stop requests that came before; run() may be called again.
    /// Returns: 0, or 1 if status() or the poller failed.
    int run();

    /// One turn, waiting at most `longest_wait` (zero: not at all; duration::max(): for ever), and less
    /// while somebody watches patiently.
    error turn(duration longest_wait);

    /// Whether a turn is under way: a member that is being called must not begin another one.
    [[nodiscard]] bool is_turning() const { return is_turning_; }

    /// Makes run() return at the end of its turn; if it isn't running, the next run() returns after
    /// at most one turn.  Thread-safe and async-signal-safe; errno is kept.
    void stop();

    /// Has `function` called once by the loop, on its thread, after the timers of a turn.
    /// Returns: false if run() has returned (and not been called again): it will never be called.
    /// Thread-safe.  Cost: a lock; a system call if it is the first since the loop looked.
    [[nodiscard]] bool post(callback<void()> function);

    /// The time of this turn.  It never goes back: if the clock does, the difference is made up.
    [[nodiscard]] time_point now() const { return now_; }

    /// Debug builds: aborts if called on another thread than the loop's, naming both.
    void check_thread() const;

    /// Calls `member.on_ready` whenever `descriptor` is ready for `what`.
    /// Errors: system_call_failed (ENOSPC, ENOMEM, EEXIST, EPERM …); nothing is watched then.
    result<watch_token> watch(int descriptor, interest what, loop_member& member);
    /// Cost: nothing if the interest is already that.
    error change(watch_token watched, interest what);
    /// Call it before the descriptor is closed.  Events already fetched for it are dropped.
    void unwatch(watch_token watched);
    /// Returns: who watches by this token, nullptr if nobody does any more.
    [[nodiscard]] loop_member* find(watch_token watched) const;

    /// Calls `member.on_due` once, when now() >= due and never in the same pass over the timers.
    /// Replaces the timer it had; `never` cancels it; no effect on a buried member.  Cost: O(1).
    void arm(loop_member& member, time_point due);
    /// Cost: O(1).
    void cancel(loop_member& member);

    /// Calls `member.on_buried` at the end of this turn and no timer of it before.  Unwatch it
    /// yourself.  Idempotent.
    void bury(loop_member& member);

    /// Lent to whoever is being called, until the call returns.  Nothing is kept in it.
    [[nodiscard]] byte_span receive_buffer();

    /// Returns: what set_local was given, nullptr before.
    [[nodiscard]] loop_local* local() const { return local_; }
    /// Keeps `owned` and deletes it at the end, while members can still leave.  Requires: there is
    /// none yet.
    void set_local(loop_local* owned);

private:
    struct parts;

    void enter();
    void refresh_now();
    error take_turn(duration longest_wait);
    error wait_and_serve(duration longest_wait);
    void run_timers();
    void run_posted();
    void empty_graveyard();
    void finish();
    [[nodiscard]] int milliseconds_to_wait(duration longest_wait);

    parts* parts_;
    loop_local* local_ = nullptr;
    time_point now_{};
    bool is_turning_ = false;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_LOOP_HPP
