// SPDX-License-Identifier: MIT
// loop.cpp — see loop.hpp.
#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include <plainsong/base/contract.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/loop_parts.hpp"

namespace plainsong {

namespace {

/// The due time of a member that has been buried; its links are the graveyard's then.
constexpr time_point buried = time_point::min();

/// Returns: a number that no other thread of the process has or had; addresses and the system's own
/// numbers are used again.  Never 0.
std::uint64_t this_thread() {
    static std::atomic<std::uint64_t> latest = 0;
    thread_local std::uint64_t number = 0;
    if (number == 0) {
        number = ++latest;
    }
    return number;
}

/// Returns: later - earlier, or the most that a duration holds.  Requires: earlier <= later.
duration between(time_point earlier, time_point later) {
    std::int64_t length = 0;
    const bool too_long = __builtin_sub_overflow(later.time_since_epoch().count(),
                                                 earlier.time_since_epoch().count(), &length);
    return too_long ? duration::max() : duration{length};
}

}  // namespace

loop::loop(loop_options options) : parts_(new parts(options)) {
    now_ = parts_->last_clock;
}

loop::~loop() {
    delete local_;
    delete parts_;
}

void loop::set_local(loop_local* owned) {
    PLAINSONG_REQUIRE(local_ == nullptr);
    local_ = owned;
}

error loop::status() const {
    return parts_->status;
}

// ---- turning ------------------------------------------------------------------------------------

int loop::run() {
    if (parts_->status) {
        return 1;
    }
    enter();
    error trouble;
    while (!trouble && !parts_->stopping.load(std::memory_order_acquire)) {
        trouble = take_turn(duration::max());
    }
    parts_->stopping.store(false, std::memory_order_release);
    finish();
    return trouble ? 1 : 0;
}

error loop::turn(duration longest_wait) {
    if (parts_->status) {
        return parts_->status;
    }
    enter();
    return take_turn(longest_wait);
}

/// The calling thread becomes the loop's.
void loop::enter() {
    if (parts_->thread.load(std::memory_order_relaxed) == 0) {
        sys::thread_name(parts_->thread_name);
        parts_->thread.store(this_thread(), std::memory_order_release);
    }
    check_thread();
    if (!parts_->accepts_posts) {
        parts_->accepts_posts = true;
        parts_->posted.open();
    }
    parts_->time_passed = true;
}

/// Runs what was posted in time and lets go of the thread.
void loop::finish() {
    parts_->accepts_posts = false;
    parts_->posted.close_and_run();
    empty_graveyard();
    parts_->thread.store(0, std::memory_order_release);
}

error loop::take_turn(duration longest_wait) {
    is_turning_ = true;
    const error trouble = wait_and_serve(longest_wait);
    if (!trouble) {
        run_timers();
        run_posted();
        empty_graveyard();
    }
    is_turning_ = false;
    return trouble;
}

error loop::wait_and_serve(duration longest_wait) {
    parts& own = *parts_;
    const wait_outcome waited =
        own.its_poller->wait(own.events, milliseconds_to_wait(longest_wait));
    refresh_now();
    if (waited.number != 0) {
        return {error_code::system_call_failed, waited.number};
    }
    for (std::uint32_t i = 0; i < waited.count; ++i) {
        const poller_event& event = own.events[i];
        // Not there: unwatched since the batch was fetched, perhaps with its number in use again.
        if (watch_slot* slot = own.slots.find(event.token)) {
            slot->member->on_ready(event.ready);
        }
    }
    if (waited.count > 0 && own.wheel.next_due() != never) {
        refresh_now();
    }
    return {};
}

void loop::run_timers() {
    timer_wheel::expired_list expired;
    parts_->wheel.collect(now_, expired);
    while (!expired.empty()) {
        timer_node& node = expired.front();
        timer_wheel::cancel(node);
        parts_->time_passed = true;
        static_cast<loop_member&>(node).on_due();
    }
}

void loop::run_posted() {
    if (parts_->posted.has_mail()) {
        parts_->time_passed = true;
        parts_->posted.run();
    }
}

void loop::empty_graveyard() {
    while (!parts_->graveyard.empty()) {
        loop_member& member = parts_->graveyard.front();
        member.unlink();
        parts_->time_passed = true;
        member.on_buried();
    }
}

// ---- time ---------------------------------------------------------------------------------------

void loop::refresh_now() {
    parts& own = *parts_;
    const time_point read = own.clock();
    if (read < own.last_clock) {
        // A clock that goes back must not hold up the timers until it is where it was.
        own.made_up += std::min(between(read, own.last_clock), duration::max() - own.made_up);
    }
    own.last_clock = read;
    own.time_passed = false;
    const time_point latest = time_point::max() - own.made_up;
    now_ = std::max(now_, read < latest ? read + own.made_up : time_point::max() - duration{1});
}

/// Rounded up, so that the last millisecond is not spent turning.
int loop::milliseconds_to_wait(duration longest_wait) {
    if (parts_->posted.has_mail()) {
        return 0;
    }
    duration wait = longest_wait;
    const time_point due = parts_->wheel.next_due();
    if (due != never) {
        if (parts_->time_passed) {
            refresh_now();
        }
        wait = due <= now_ ? duration::zero() : std::min(wait, between(now_, due));
    }
    if (wait == duration::max()) {
        return -1;
    }
    if (wait <= duration::zero()) {
        return 0;
    }
    constexpr std::int64_t per_millisecond = 1'000'000;
    const std::int64_t milliseconds = (wait.count() - 1) / per_millisecond + 1;
    return static_cast<int>(std::min<std::int64_t>(milliseconds, INT_MAX));
}

void loop::arm(loop_member& member, time_point due) {
    check_thread();
    if (member.due() == buried) {
        return;
    }
    if (due == never) {
        timer_wheel::cancel(member);
        return;
    }
    parts_->wheel.arm(member, std::max(due, buried + duration{1}));
}

void loop::cancel(loop_member& member) {
    check_thread();
    if (member.due() != buried) {
        timer_wheel::cancel(member);
    }
}

// ---- descriptors --------------------------------------------------------------------------------

result<watch_token> loop::watch(int descriptor, interest what, loop_member& member) {
    check_thread();
    if (parts_->status) {
        return parts_->status;
    }
    if (descriptor < 0) {
        return error{error_code::invalid_argument};
    }
    const watch_token token = parts_->slots.insert(descriptor, what, member);
    if (auto trouble = parts_->its_poller->add(descriptor, what, token)) {
        parts_->slots.erase(token);
        return trouble;
    }
    return token;
}

error loop::change(watch_token watched, interest what) {
    check_thread();
    watch_slot* slot = parts_->slots.find(watched);
    if (slot == nullptr) {
        return error_code::gone;
    }
    if (slot->wanted() == what) {
        return {};
    }
    if (auto trouble = parts_->its_poller->modify(slot->number(), slot->wanted(), what, watched)) {
        return trouble;
    }
    slot->want(what);
    return {};
}

void loop::unwatch(watch_token watched) {
    check_thread();
    if (watch_slot* slot = parts_->slots.find(watched)) {
        parts_->its_poller->remove(slot->number(), slot->wanted(), watched);
        parts_->slots.erase(watched);
    }
}

loop_member* loop::find(watch_token watched) const {
    const watch_slot* slot = parts_->slots.find(watched);
    return slot == nullptr ? nullptr : slot->member;
}

void loop::bury(loop_member& member) {
    check_thread();
    if (member.due() == buried) {
        return;
    }
    member.unlink();
    member.set_due(buried);
    parts_->graveyard.push_back(member);
}

byte_span loop::receive_buffer() {
    return {parts_->buffer.get() + page_bytes, parts_->options.receive_buffer_bytes};
}

// ---- other threads ------------------------------------------------------------------------------

void loop::stop() {
    parts_->stopping.store(true, std::memory_order_release);
    sys::wake(parts_->channel.write());
}

bool loop::post(callback<void()> function) {
    const mailbox::outcome outcome = parts_->posted.post(std::move(function));
    // The loop's own thread isn't waiting, and it looks before it does.
    const bool sleeps = parts_->thread.load(std::memory_order_relaxed) != this_thread();
    if (outcome == mailbox::outcome::first && sleeps) {
        sys::wake(parts_->channel.write());
    }
    return outcome != mailbox::outcome::refused;
}

void loop::check_thread() const {
#ifndef NDEBUG
    const std::uint64_t bound = parts_->thread.load(std::memory_order_acquire);
    if (bound != 0 && bound != this_thread()) {
        char caller[32] = {};
        sys::thread_name(caller);
        std::fprintf(stderr, "plainsong: the loop of thread \"%s\" was used by thread \"%s\"\n",
                     parts_->thread_name, caller);
        std::abort();
    }
#endif
}

}  // namespace plainsong
