// SPDX-License-Identifier: MIT
// poller_epoll.cpp — the poller on Linux.
//
// Interest `none` is asked for edge-triggered: HUP and ERR can't be masked, and level-triggered
// they would be reported in every wait for as long as the connection is paused.
//
// Those with interest `patient` are not in epoll at all: poll looks at all of them now and then, before
// and after waits for the others, which last no longer than they are to be patient.  Most of them are
// about to end, and to join and leave a list of ours costs a hundredth of what it costs in the kernel.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include <plainsong/base/clock.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/poller.hpp"

namespace plainsong {

namespace {

// As long as nobody becomes patient, they are looked at less and less often.
constexpr int shortest_patience = 4;  // milliseconds
constexpr int longest_patience = 64;
// A look takes some 0.1 us for each of them, and so a twentieth of the time at most.
constexpr duration price_of_a_member = std::chrono::microseconds{2};

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
    explicit epoll_poller(std::uint32_t events_per_turn)
        : events_(events_per_turn),
          set_(::epoll_create1(EPOLL_CLOEXEC)),
          patient_(make_poll_poller(events_per_turn)) {
        if (!set_) {
            status_ = {error_code::system_call_failed, errno};
        }
    }

    [[nodiscard]] error status() const override { return status_; }

    error add(int descriptor, interest what, watch_token token) override {
        if (what != interest::patient) {
            return control(EPOLL_CTL_ADD, descriptor, what, token);
        }
        ++patient_count_;
        patience_ = shortest_patience;
        return patient_->add(descriptor, what, token);
    }

    error modify(int descriptor, interest before, interest what, watch_token token) override {
        const bool changes_place = (before == interest::patient) != (what == interest::patient);
        if (!changes_place) {
            return control(EPOLL_CTL_MOD, descriptor, what, token);
        }
        if (auto why = add(descriptor, what, token)) {
            return why;
        }
        remove(descriptor, before, token);
        return {};
    }

    void remove(int descriptor, interest before, watch_token token) override {
        if (before != interest::patient) {
            epoll_event unused{};
            ::epoll_ctl(set_.number(), EPOLL_CTL_DEL, descriptor, &unused);
            return;
        }
        --patient_count_;
        patient_->remove(descriptor, before, token);
    }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        if (patient_count_ == 0) {
            return take(events, milliseconds);
        }
        // A patient one that always has something must not hold up the others; but as long as the patient
        // have something, nobody sleeps.
        if (std::exchange(has_found_, false)) {
            const wait_outcome others = take(events, 0);
            if (others.count != 0 || others.number != 0) {
                return others;
            }
        }
        const wait_outcome found = look(events);
        if (found.count != 0) {
            return found;
        }
        const bool is_short = milliseconds >= 0 && milliseconds < patience_;
        const wait_outcome waited = take(events, is_short ? milliseconds : patience_);
        if (waited.count != 0 || waited.number != 0) {
            return waited;
        }
        if (!is_short) {
            patience_ = std::min(2 * patience_, longest_patience);
        }
        return look(events);  // what came meanwhile comes before any timer
    }

private:
    error control(int operation, int descriptor, interest what, watch_token token) {
        epoll_event event{};
        event.events = native_interest(what);
        event.data.u64 = pack(token);
        if (::epoll_ctl(set_.number(), operation, descriptor, &event) != 0) {
            return {error_code::system_call_failed, errno};
        }
        return {};
    }

    wait_outcome take(std::span<poller_event> events, int milliseconds) {
        const std::size_t room = std::min(events.size(), events_.size());
        const int count =
            ::epoll_wait(set_.number(), events_.data(), static_cast<int>(room), milliseconds);
        if (count < 0) {
            return {.count = 0, .number = errno == EINTR ? 0 : errno};
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            events[i] = {unpack(events_[i].data.u64), from_native(events_[i].events)};
        }
        return {.count = static_cast<std::uint32_t>(count), .number = 0};
    }

    /// Asks who of the patient has something, unless that has just been done.
    wait_outcome look(std::span<poller_event> events) {
        const time_point now = sys::now();
        if (now < next_look_) {
            return {};
        }
        // One that fails, for want of memory, has found nobody: there will be another.
        const std::uint32_t found = patient_->wait(events, 0).count;
        const bool are_all = found < events.size();
        next_look_ = are_all ? now + patient_count_ * price_of_a_member : now;
        has_found_ = found != 0;
        patience_ = has_found_ ? shortest_patience : patience_;
        return {.count = found, .number = 0};
    }

    std::vector<epoll_event> events_;
    fd set_;
    std::unique_ptr<poller> patient_;
    std::uint32_t patient_count_ = 0;
    int patience_ = shortest_patience;
    bool has_found_ = false;  // the last look has
    time_point next_look_{};
    error status_;
};

}  // namespace

poller* make_epoll_poller(std::uint32_t events_per_turn) {
    return new epoll_poller(events_per_turn);
}

}  // namespace plainsong
