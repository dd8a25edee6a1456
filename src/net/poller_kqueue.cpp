// SPDX-License-Identifier: MIT
// poller_kqueue.cpp — the poller on BSD and macOS.
//
// kqueue knows two filters where the loop knows one descriptor: each direction is added and deleted
// by itself, and one that is ready in both is reported twice.
#include <sys/event.h>
#include <sys/types.h>

#include <cerrno>
#include <ctime>
#include <vector>

#include <plainsong/net/fd.hpp>

#include "src/net/poller.hpp"

namespace plainsong {

namespace {

using change = struct kevent;

readiness from_native(const change& event) {
    const bool reads = event.filter == EVFILT_READ;
    const bool ended = (event.flags & EV_EOF) != 0;
    return {.readable = reads,
            .writable = !reads,
            .hung_up = ended && !reads,
            .failed = ended && event.fflags != 0};
}

class kqueue_poller final : public poller {
public:
    explicit kqueue_poller(std::uint32_t events_per_turn)
        : events_(events_per_turn), kqueue_(::kqueue()) {
        if (!kqueue_) {
            status_ = {error_code::system_call_failed, errno};
        }
    }

    [[nodiscard]] error status() const override { return status_; }

    error add(int descriptor, interest what, watch_token token) override {
        return modify(descriptor, interest::none, what, token);
    }

    error modify(int descriptor, interest before, interest what, watch_token token) override {
        change changes[2];
        int count = 0;
        for (const interest direction : {interest::read, interest::write}) {
            if (wants(before, direction) == wants(what, direction)) {
                continue;
            }
            const bool adds = wants(what, direction);
            change& next = changes[count++];
            next = {};
            next.ident = static_cast<decltype(next.ident)>(descriptor);
            next.filter = direction == interest::read ? EVFILT_READ : EVFILT_WRITE;
            next.flags = adds ? EV_ADD : EV_DELETE;
            next.udata = reinterpret_cast<decltype(next.udata)>(pack(token));
        }
        int outcome = 0;
        do {
            outcome = ::kevent(kqueue_.number(), changes, count, nullptr, 0, nullptr);
        } while (outcome < 0 && errno == EINTR);
        return outcome < 0 ? error{error_code::system_call_failed, errno} : error{};
    }

    void remove(int descriptor, interest before, watch_token token) override {
        // What could not be deleted goes with the descriptor.
        static_cast<void>(modify(descriptor, before, interest::none, token));
    }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        const std::size_t room = events.size() < events_.size() ? events.size() : events_.size();
        const timespec limit{.tv_sec = milliseconds / 1000,
                             .tv_nsec = (milliseconds % 1000) * 1'000'000L};
        const int count = ::kevent(kqueue_.number(), nullptr, 0, events_.data(),
                                   static_cast<int>(room), milliseconds < 0 ? nullptr : &limit);
        if (count < 0) {
            return {.count = 0, .number = errno == EINTR ? 0 : errno};
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            const auto bits = reinterpret_cast<std::uintptr_t>(events_[i].udata);
            events[i] = {unpack(static_cast<std::uint64_t>(bits)), from_native(events_[i])};
        }
        return {.count = static_cast<std::uint32_t>(count), .number = 0};
    }

private:
    std::vector<change> events_;
    fd kqueue_;
    error status_;
};

}  // namespace

poller* make_kqueue_poller(std::uint32_t events_per_turn) {
    return new kqueue_poller(events_per_turn);
}

}  // namespace plainsong
