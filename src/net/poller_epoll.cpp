// SPDX-License-Identifier: MIT
// poller_epoll.cpp — the poller on Linux.
//
// Interest `none` is asked for edge-triggered: HUP and ERR can't be masked, and level-triggered
// they would be reported in every wait for as long as the connection is paused.
//
// Those with interest `patient` are not in epoll: poll is asked about all of them, now and then.  Most of
// them are about to end, and to join and leave a set of ours costs a hundredth of what it costs in the
// kernel.  No wait for the others lasts longer than until the patient are due to be asked about.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <plainsong/base/clock.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/poll_set.hpp"
#include "src/net/poller.hpp"

namespace plainsong {

namespace {

// As long as nobody becomes patient and none of them has anything, they are asked about less and less.
constexpr int shortest_patience = 4;  // milliseconds
constexpr int longest_patience = 64;
// To ask takes some 0.1 us for each of them, and may take a twentieth of the time.
constexpr duration pause_for_each = std::chrono::microseconds{2};

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
        : events_(events_per_turn), set_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (!set_) {
            status_ = {error_code::system_call_failed, errno};
        }
    }

    [[nodiscard]] error status() const override { return status_; }

    error add(int descriptor, interest what, watch_token token) override {
        if (what != interest::patient) {
            return control(EPOLL_CTL_ADD, descriptor, what, token);
        }
        patient_.add(descriptor, what, token);
        patience_ = shortest_patience;
        return {};
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
        patient_.remove(token);
    }

    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        if (patient_.size() == 0) {
            return take(events, milliseconds);
        }
        // The patient and the others take turns, so that neither holds up the other; but as long as the
        // patient have something, nobody sleeps longer than until they may be asked again.
        const bool was_their_turn = std::exchange(have_had_something_, false);
        if (!was_their_turn) {
            if (const wait_outcome found = ask(events); found.count != 0) {
                return found;
            }
        }
        const int longest =
            std::max(was_their_turn ? 0 : patience_, milliseconds_to_next_question());
        const bool is_short = milliseconds >= 0 && milliseconds < longest;
        const wait_outcome waited = take(events, is_short ? milliseconds : longest);
        if (waited.count != 0 || waited.number != 0) {
            return waited;
        }
        if (!is_short && !was_their_turn) {
            patience_ = std::min(2 * patience_, longest_patience);
        }
        return ask(events);  // what came meanwhile comes before any timer
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

    /// Who of the patient has something: nobody as long as they may not be asked about again.
    wait_outcome ask(std::span<poller_event> events) {
        if (!patient_.has_more()) {
            const time_point now = sys::now();
            if (now < next_question()) {
                return {};
            }
            last_question_ = now;
        }
        // A poll that fails has found nobody: it had no memory, or the limit of descriptors was lowered.
        const wait_outcome found = patient_.wait(events, 0);
        if (found.count != 0) {
            have_had_something_ = true;
            patience_ = shortest_patience;
        }
        return {.count = found.count, .number = 0};
    }

    [[nodiscard]] time_point next_question() const {
        return last_question_ + static_cast<std::int64_t>(patient_.size()) * pause_for_each;
    }

    [[nodiscard]] int milliseconds_to_next_question() const {
        if (patient_.has_more()) {
            return 0;
        }
        const duration left = next_question() - sys::now();
        return left <= duration::zero()
                   ? 0
                   : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
    }

    std::vector<epoll_event> events_;
    fd set_;
    poll_set patient_;
    time_point last_question_{};
    int patience_ = shortest_patience;
    bool have_had_something_ = false;  // when they were last asked about
    error status_;
};

}  // namespace

poller* make_epoll_poller(std::uint32_t events_per_turn) {
    return new epoll_poller(events_per_turn);
}

}  // namespace plainsong
