// SPDX-License-Identifier: MIT
// load_modes.cpp — what is done between opening and closing, and measured.
//
// In a closed loop something begins when something else has ended.  In an open loop it begins when
// it is due, and what counts is the time since then: that of a message that had to wait because the
// server, or an earlier message, was slow, begins with its own due time and not when it could leave.
//
// Used by: tools/load.  Depends on: tools/load_runner.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "tools/load_runner.hpp"

namespace plainsong::load {
namespace {

std::int64_t after(double seconds) {
    return now_ns() + static_cast<std::int64_t>(seconds * 1e9);
}

}  // namespace

template <typename Keep>
void runner::turn_while(Keep keep, std::int64_t until) {
    while (!failed() && (until == forever || now_ns() < until) && keep()) {
        turn(until);
    }
}

// ---- closed loop

/// `supply` is called before each wait, to begin what may begin; `under_way` says whether some of it has
/// not ended.  At both ends of the window everything comes to rest, so that what the server has done by
/// its clock is what has been completed, neither more nor less.
template <typename Supply, typename UnderWay>
void runner::measure_closed(Supply supply, UnderWay under_way) {
    const auto supplied = [&] {
        supply();
        return true;
    };
    const auto rest = [&] {
        work_.sending = false;
        turn_while(under_way);
    };
    turn_while(supplied, after(wanted_.warmup));
    rest();
    work_.trips.reset();
    const marks first = mark();
    if (wanted_.messages > 0) {
        turn_while(
            [&] { return work_.completed - first.completed < wanted_.messages && supplied(); });
        tell(first);  // what is under way beyond these doesn't count
        rest();
        return;
    }
    turn_while(supplied, after(wanted_.seconds));
    rest();
    tell(first);
}

// ---- open loop

void runner::begin_pace() {
    const std::int64_t begin = now_ns();
    work_.pace = schedule(wanted_.rate, begin);
    work_.window_begin = begin + static_cast<std::int64_t>(wanted_.warmup * 1e9);
    if (wanted_.messages > 0) {
        last_ = work_.pace.due_by(work_.window_begin - 1) + wanted_.messages;
        work_.window_end = work_.pace.due(last_);
    } else {
        work_.window_end = work_.window_begin + static_cast<std::int64_t>(wanted_.seconds * 1e9);
        last_ = work_.pace.due_by(work_.window_end - 1);
    }
    if (last_ == work_.pace.due_by(work_.window_begin - 1)) {
        fail("at this rate nothing is due while it is measured");
    }
}

void runner::note_late(std::int64_t now, std::uint64_t number) {
    const std::int64_t due = work_.pace.due(number);
    if (due >= work_.window_begin) {
        result_.late.record(now - due);
    }
}

/// `release` begins what is due, raises released_, and returns whether something is still to end.
template <typename Release>
void runner::measure_paced(Release release) {
    begin_pace();
    marks first = mark();
    bool measuring = false;
    while (!failed()) {
        const std::int64_t now = now_ns();
        if (!measuring && now >= work_.window_begin) {
            measuring = true;
            first = mark();
            first.wall = work_.window_begin;  // however late we notice
        }
        const bool awaited = release(now);
        if (!awaited) {
            progress_ = now;  // nothing is owed to us
        }
        const bool released = released_ == last_;
        if (released && !awaited && now >= work_.window_end) {
            break;
        }
        const std::int64_t next = released ? work_.window_end : work_.pace.due(released_);
        // What is due and could not begin will begin when something has ended.
        turn(next > now ? next : forever);
    }
    tell(first);
}

// ---- echoes

void runner::echo() {
    if (wanted_.is_paced()) {
        return measure_paced([this](std::int64_t now) {
            release_messages(now);
            return work_.under_way > 0;
        });
    }
    work_.quota = std::numeric_limits<std::uint64_t>::max();
    measure_closed([this] { begin_sending(); }, [this] { return work_.under_way > 0; });
}

void runner::begin_sending() {
    if (std::exchange(work_.sending, true)) {
        return;  // each echo allows the next message
    }
    for (client& each : clients_) {
        if (each.where() == client::state::open) {
            each.start(work_);
        }
    }
}

void runner::release_messages(std::int64_t now) {
    const std::uint64_t total = std::min(work_.pace.due_by(now), last_);
    const std::uint64_t members = clients_.size();
    const std::uint64_t begin = released_;
    for (; released_ < total; ++released_) {
        note_late(now, released_);
    }
    for (std::uint64_t i = 0; i < std::min(total - begin, members) && !failed(); ++i) {
        const std::uint64_t member = (begin + i) % members;
        clients_[member].send_until(work_, dealt_to(member, members, total));
    }
}

// ---- storms

void runner::storm() {
    for (std::uint32_t i = 0; i < clients_.size(); ++i) {
        work_.at_rest.push_back(i);
    }
    const auto under_way = [this] { return work_.handshakes + work_.open > 0; };
    if (wanted_.is_paced()) {
        return measure_paced([&](std::int64_t now) {
            release_connections(now);
            return under_way();
        });
    }
    measure_closed([this] { reconnect(); }, under_way);
}

void runner::reconnect() {
    // One try a turn: those that fail at once would keep us here.
    for (const std::uint32_t each : std::exchange(work_.at_rest, {})) {
        clients_[each].connect(work_, each, now_ns());
    }
    soon_ = !work_.at_rest.empty();
    if (work_.completed == 0 && work_.failures.count() > clients_.size()) {
        fail("no connection succeeds");
    }
}

void runner::release_connections(std::int64_t now) {
    const std::uint64_t total = std::min(work_.pace.due_by(now), last_);
    while (released_ < total && !work_.at_rest.empty()) {
        const std::uint32_t slot = work_.at_rest.back();
        work_.at_rest.pop_back();
        note_late(now, released_);
        clients_[slot].connect(work_, slot, work_.pace.due(released_));
        ++released_;
    }
    if (work_.completed == 0 && work_.failures.count() > clients_.size()) {
        fail("no connection succeeds");
    }
}

// ---- broadcasts

void runner::spread() {
    for (std::size_t i = 0; i < wanted_.connections; ++i) {
        if (clients_[i].where() != client::state::open) {
            work_.cast.drop(i);
        }
    }
    const auto owed = [this] { return work_.cast.owed() > 0; };
    if (wanted_.is_paced()) {
        return measure_paced([&](std::int64_t now) {
            release_broadcasts(now);
            return owed();
        });
    }
    const auto send = [this] {
        while (!failed() &&
               work_.cast.owed() <= (wanted_.depth - 1) * work_.cast.receivers_left() &&
               send_to_all(now_ns())) {
        }
    };
    measure_closed(send, owed);
}

/// Returns: false if the sender can't send now.
bool runner::send_to_all(std::int64_t since) {
    client& sender = clients_.back();
    if (sender.where() != client::state::open || work_.cast.receivers_left() == 0) {
        fail("the sender or all receivers are gone");
        return false;
    }
    return !sender.is_clogged() &&
           sender.send_apart(work_, work_.frames.op(), work_.cast.next(since));
}

void runner::release_broadcasts(std::int64_t now) {
    const std::uint64_t total = std::min(work_.pace.due_by(now), last_);
    while (released_ < total && send_to_all(work_.pace.due(released_))) {
        note_late(now, released_);
        ++released_;
    }
}

// ---- silence

void runner::hold() {
    const std::int64_t begin = now_ns();
    work_.quota = wanted_.messages;
    work_.sending = true;
    for (client& each : clients_) {
        if (each.where() == client::state::open) {
            each.start(work_);
        }
    }
    turn_while([this] { return work_.under_way > 0; });
    if (failed()) {
        return;
    }
    result_.messages = work_.completed;
    result_.trips = work_.trips;
    const auto silent = [this] {
        progress_ = now_ns();  // silence is what is wanted here
        return !input_ended_;
    };
    if (wanted_.timed) {
        turn_while(silent, after(wanted_.seconds));
    } else {
        std::puts("ready");
        std::fflush(stdout);
        if (work_.poll.add(STDIN_FILENO, standard_input, false)) {  // a file is at its end already
            turn_while(silent);
            work_.poll.remove(STDIN_FILENO);
        }
    }
    result_.seconds = static_cast<double>(now_ns() - begin) / 1e9;
}

}  // namespace plainsong::load
