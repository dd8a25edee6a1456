// SPDX-License-Identifier: MIT
// poller_epoll.cpp — the poller on Linux.
//
// Interest `none` is asked for edge-triggered: HUP and ERR can't be masked, and level-triggered
// they would be reported in every wait for as long as the connection is paused.
//
// Those with interest `patient` are in a second set, which is looked at and never waited for: before and
// after each wait for the first, which lasts no longer than they are to be patient.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <plainsong/net/fd.hpp>

#include "src/net/poller.hpp"

namespace plainsong {

namespace {

// As long as nobody joins the second set, it is looked at less and less often.
constexpr int shortest_patience = 4;  // milliseconds
constexpr int longest_patience = 64;

constexpr std::uint32_t native_interest(interest what) {
    constexpr std::uint32_t of[] = {EPOLLET, EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT};
    return of[directions_of(what)];
}

/// An event that says nothing we know counts as a failure: the member reads and finds out.
constexpr readiness from_native(std::uint32_t events) {
    constexpr std::uint32_t known = EPOLLIN | EPOLLOUT | EPOLLHUP;
    return {.readable = (events & EPOLLIN) != 0,
            .writable = (events & EPOLLOUT) != 0,
            .hung_up = (events & EPOLLHUP) != 0,
            .failed = (events & EPOLLERR) != 0 || (events & known) == 0};
}

class epoll_poller final : public poller {
public:
    explicit epoll_poller(std::uint32_t events_per_turn) : events_(events_per_turn) {
        for (fd* set : {&prompt_, &patient_}) {
            *set = fd{::epoll_create1(EPOLL_CLOEXEC)};
            if (!*set) {
                status_ = {error_code::system_call_failed, errno};
                return;
            }
        }
    }

    [[nodiscard]] error status() const override { return status_; }

    error add(int descriptor, interest what, watch_token token) override {
        if (auto why = control(set_of(what), EPOLL_CTL_ADD, descriptor, what, token)) {
            return why;
        }
        if (what == interest::patient) {
            ++patient_count_;
            patience_ = shortest_patience;
        }
        return {};
    }

    error modify(int descriptor, interest before, interest what, watch_token token) override {
        if (set_of(before) == set_of(what)) {
            return control(set_of(what), EPOLL_CTL_MOD, descriptor, what, token);
        }
        if (auto why = add(descriptor, what, token)) {
            return why;
        }
        remove(descriptor, before, token);
        return {};
    }

    void remove(int descriptor, interest before, watch_token) override {
        epoll_event unused{};
        ::epoll_ctl(set_of(before), EPOLL_CTL_DEL, descriptor, &unused);
        patient_count_ -= before == interest::patient ? 1U : 0U;
    }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        if (patient_count_ == 0) {
            return take(prompt_, events, milliseconds);
        }
        // A patient one that always has something must not hold up the others; but as long as the patient
        // have something, nobody sleeps.
        if (std::exchange(has_found_, false)) {
            const wait_outcome others = take(prompt_, events, 0);
            if (others.count != 0 || others.number != 0) {
                return others;
            }
        }
        const wait_outcome found = look(events);
        if (found.count != 0 || found.number != 0) {
            return found;
        }
        const bool is_short = milliseconds >= 0 && milliseconds < patience_;
        const wait_outcome waited = take(prompt_, events, is_short ? milliseconds : patience_);
        if (waited.count != 0 || waited.number != 0) {
            return waited;
        }
        if (!is_short) {
            patience_ = std::min(2 * patience_, longest_patience);
        }
        return look(events);  // what came meanwhile comes before any timer
    }

private:
    [[nodiscard]] int set_of(interest what) const {
        return what == interest::patient ? patient_.number() : prompt_.number();
    }

    static error control(int set, int operation, int descriptor, interest what, watch_token token) {
        epoll_event event{};
        event.events = native_interest(what);
        event.data.u64 = pack(token);
        if (::epoll_ctl(set, operation, descriptor, &event) != 0) {
            return {error_code::system_call_failed, errno};
        }
        return {};
    }

    wait_outcome look(std::span<poller_event> events) {
        const wait_outcome found = take(patient_, events, 0);
        has_found_ = found.count != 0;
        return found;
    }

    wait_outcome take(const fd& set, std::span<poller_event> events, int milliseconds) {
        const std::size_t room = std::min(events.size(), events_.size());
        const int count =
            ::epoll_wait(set.number(), events_.data(), static_cast<int>(room), milliseconds);
        if (count < 0) {
            return {.count = 0, .number = errno == EINTR ? 0 : errno};
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            events[i] = {unpack(events_[i].data.u64), from_native(events_[i].events)};
        }
        return {.count = static_cast<std::uint32_t>(count), .number = 0};
    }

    std::vector<epoll_event> events_;
    fd prompt_;
    fd patient_;
    std::uint32_t patient_count_ = 0;
    int patience_ = shortest_patience;
    bool has_found_ = false;  // the last look has
    error status_;
};

}  // namespace

poller* make_epoll_poller(std::uint32_t events_per_turn) {
    return new epoll_poller(events_per_turn);
}

}  // namespace plainsong
