// SPDX-License-Identifier: MIT
// load_run.cpp — opening, turning, closing.  (What is measured between: load_modes.cpp.)
//
// Used by: tools/load.  Depends on: tools/load_runner.
#include "tools/load_run.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "tools/formatted.hpp"
#include "tools/load_runner.hpp"

namespace plainsong::load {
namespace {

constexpr std::uint64_t handshakes_at_once = 128;
constexpr std::size_t buffer_bytes = std::size_t{512} << 10;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr rlim_t other_descriptors = 16;

}  // namespace

void runner::fail(const std::string& why) {
    if (!failed()) {
        work_.failure = why;
    }
}

void runner::check_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < wanted_.all_connections() + other_descriptors) {
        fail(std::to_string(wanted_.all_connections()) + " connections need more than the " +
             std::to_string(limit.rlim_max) + " descriptors that `ulimit -Hn` allows");
    }
}

error runner::prepare_messages() {
    if (const error why = work_.frames.fill(wanted_)) {
        return why;
    }
    if (wanted_.what == mode::broadcast) {
        if (const error why = work_.cast.prepare(wanted_.connections, wanted_.size)) {
            return why;
        }
    }
    return make_greetings(work_);
}

void runner::prepare() {
    std::signal(SIGPIPE, SIG_IGN);  // a send to a connection that is gone returns EPIPE
    check_descriptors();
    if (failed()) {
        return;
    }
    if (const error why = prepare_messages()) {
        return fail(facts_of(why.code()).text);
    }
    if (!work_.poll.open()) {
        return fail(std::string("no poller: ") + std::strerror(errno));
    }
    if (wanted_.server_process != 0 && cpu_of_process_ns(wanted_.server_process) < 0) {
        return fail("the CPU time of process " + std::to_string(wanted_.server_process) +
                    " can't be read");
    }
    work_.buffer.resize(buffer_bytes);
    clients_.resize(wanted_.all_connections());
    progress_ = now_ns();
}

void runner::handle(const ready& event) {
    if (event.who == standard_input) {
        char ignored[512];
        input_ended_ = ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
        return;
    }
    clients_[event.who].on_ready(work_, event);
}

/// Waits for events until that time at most, and handles them.
void runner::turn(std::int64_t until) {
    const std::int64_t now = now_ns();
    const std::int64_t limit = progress_ + static_cast<std::int64_t>(wanted_.patience * 1e9);
    const std::int64_t longest = soon_ ? second_ns / 100 : second_ns;
    const std::int64_t wait =
        std::clamp(std::min(until, limit + 1) - now, std::int64_t{0}, longest);
    const auto events = work_.poll.wait(wanted_.spin ? 0 : wait);
    for (const ready& event : events) {
        handle(event);
        if (failed()) {
            return;
        }
    }
    if (!events.empty()) {
        progress_ = now;
    } else if (now > limit) {
        fail("no progress for " + tools::formatted("%g seconds, ", wanted_.patience) +
             std::to_string(work_.handshakes) + " handshakes and " +
             std::to_string(work_.under_way + work_.cast.owed()) + " messages under way");
    }
    if (must_be_open_ && work_.open == 0) {
        fail("no connection is left");
    }
    progress_line_.tick(work_, now);
}

void runner::begin_connections() {
    const std::size_t size = clients_.size();
    std::size_t may_begin = size;
    if (wanted_.ramp > 0) {
        may_begin = std::min<std::size_t>(size, work_.pace.due_by(now_ns()));
    }
    while (begun_ < may_begin && work_.handshakes < handshakes_at_once) {
        clients_[begun_].connect(work_, static_cast<std::uint32_t>(begun_), now_ns());
        ++begun_;
    }
}

void runner::open_all() {
    const std::size_t size = clients_.size();
    if (wanted_.ramp > 0) {
        work_.pace = schedule(static_cast<double>(size) / wanted_.ramp, now_ns());
    }
    while (!failed() && work_.open + work_.failures.count() < size) {
        begin_connections();
        if (work_.open + work_.failures.count() >= size) {
            break;  // each of them failed at once
        }
        if (work_.handshakes == 0) {
            progress_ = now_ns();  // the next one isn't due yet
        }
        turn(wanted_.ramp > 0 && begun_ < size ? work_.pace.due(begun_) : forever);
    }
    if (work_.open == 0) {
        fail("no connection could be opened");
    }
    must_be_open_ = true;
}

void runner::close_all() {
    must_be_open_ = false;
    for (client& each : clients_) {
        if (each.where() == client::state::open && !failed()) {
            each.close(work_);
        }
    }
    while (!failed() && work_.open > 0) {
        turn(forever);
    }
}

runner::marks runner::mark() const {
    return {now_ns(), own_cpu_ns(), cpu_of_process_ns(wanted_.server_process), work_.completed};
}

/// What was measured since `first`.
void runner::tell(const marks& first) {
    const marks last = mark();
    result_.messages = wanted_.is_paced() ? work_.trips.count() : last.completed - first.completed;
    result_.seconds = static_cast<double>(last.wall - first.wall) / 1e9;
    result_.generator_cpu = static_cast<double>(last.own - first.own) / 1e9;
    if (first.server >= 0 && last.server >= 0 && wanted_.server_process != 0) {
        result_.server_cpu = static_cast<double>(last.server - first.server) / 1e9;
    }
    result_.trips = work_.trips;
}

outcome runner::run() {
    prepare();
    if (!failed() && wanted_.what == mode::storm) {
        storm();
    } else if (!failed()) {
        open_all();
        if (!failed()) {
            wanted_.what == mode::idle        ? hold()
            : wanted_.what == mode::broadcast ? spread()
                                              : echo();
        }
        close_all();
    }
    result_.pings = work_.pings;
    result_.echo_bytes = work_.completed == 0 ? 0
                                              : static_cast<double>(work_.echo_bytes) /
                                                    static_cast<double>(work_.completed);
    result_.sent = work_.cast.sent();
    result_.foreign = work_.cast.foreign();
    result_.unanswered = work_.unanswered + work_.cast.lost();
    result_.failures = work_.failures;
    result_.failure = work_.failure;
    return result_;
}

outcome run(const options& wanted) {
    return runner(wanted).run();
}

}  // namespace plainsong::load
