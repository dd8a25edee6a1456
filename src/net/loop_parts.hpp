// SPDX-License-Identifier: MIT
// loop_parts.hpp — what a loop is made of, kept out of its public header.
//
// Does: choose the poller, open the wake channel, hold the state.  Does not: turn; see loop.cpp.
// Used by: net/loop.  Depends on: net/mailbox, net/poller, net/slot_table, net/sys, net/timer_wheel.
#ifndef PLAINSONG_NET_LOOP_PARTS_HPP
#define PLAINSONG_NET_LOOP_PARTS_HPP

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include <plainsong/net/loop.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/mailbox.hpp"
#include "src/net/poller.hpp"
#include "src/net/slot_table.hpp"
#include "src/net/timer_wheel.hpp"

namespace plainsong {

// The receive buffer begins with a page: the kernel copies a little faster than to anywhere in one.
inline constexpr std::size_t page_bytes = 4096;

static_assert(loop::headroom_bytes <= page_bytes);

/// Returns: the poller that the options name, nullptr if this system has none of the kind.
inline poller* make_poller(const loop_options& options) {
    if (options.make_poller != nullptr) {
        return options.make_poller(options.events_per_turn);
    }
    switch (options.poller) {
        case poller_kind::poll:
            return make_poll_poller(options.events_per_turn);
#ifdef __linux__
        case poller_kind::best:
        case poller_kind::epoll:
            return make_epoll_poller(options.events_per_turn);
        case poller_kind::kqueue:
            break;
#else
        case poller_kind::best:
        case poller_kind::kqueue:
            return make_kqueue_poller(options.events_per_turn);
        case poller_kind::epoll:
            break;
#endif
    }
    return nullptr;
}

/// Empties the wake channel; being woken is all it is for.
class wake_reader final : public loop_member {
public:
    explicit wake_reader(int descriptor) : descriptor_(descriptor) {}
    void on_ready(readiness) override { sys::drain_wakes(descriptor_); }

private:
    int descriptor_;
};

struct aligned_delete {
    void operator()(std::uint8_t* memory) const {
        ::operator delete (memory, std::align_val_t{page_bytes});
    }
};

struct loop::parts {
    explicit parts(const loop_options& its_options)
        : options(its_options),
          clock(its_options.clock != nullptr ? its_options.clock : sys::now),
          last_clock(clock()),
          wheel(last_clock),
          events(std::max<std::size_t>(its_options.events_per_turn, 1)) {
        options.events_per_turn = static_cast<std::uint32_t>(events.size());
        status = open();
        if (status) {
            posted.close_and_run();
        }
    }

    error open() {
        its_poller.reset(make_poller(options));
        if (its_poller == nullptr) {
            return error_code::poller_unavailable;
        }
        if (auto why = its_poller->status()) {
            return why;
        }
        result<sys::wake_channel> opened = sys::open_wake_channel();
        if (!opened) {
            return opened.why();
        }
        channel = std::move(*opened);
        waker = std::make_unique<wake_reader>(channel.read.number());
        const watch_token token = slots.insert(channel.read.number(), interest::read, *waker);
        if (auto why = its_poller->add(channel.read.number(), interest::read, token)) {
            return why;
        }
        // In front of the buffer lies another page, of which the headroom is the end.
        auto* memory = ::operator new (page_bytes + options.receive_buffer_bytes,
                                       std::align_val_t{page_bytes});
        buffer.reset(static_cast<std::uint8_t*>(memory));
        return {};
    }

    loop_options options;
    time_point (*clock)();
    time_point last_clock;
    duration made_up{};  // what the clock went back, in all
    error status;

    std::unique_ptr<poller> its_poller;
    sys::wake_channel channel;
    std::unique_ptr<wake_reader> waker;
    slot_table slots;
    timer_wheel wheel;
    std::vector<poller_event> events;
    std::unique_ptr<std::uint8_t, aligned_delete> buffer;
    intrusive_list<loop_member> graveyard;
    mailbox posted;

    std::atomic<bool> stopping = false;
    bool accepts_posts = true;  // mirrors the mailbox; the loop's thread alone reads it
    bool time_passed = true;    // others have run since now_ was read
    std::atomic<std::uint64_t> thread = 0;
    char thread_name[32] = {};
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_LOOP_PARTS_HPP
