// SPDX-License-Identifier: MIT
// load_run.cpp — the stages of a run.
//
// Used by: tools/load.  Depends on: tools/load_run.
#include "tools/load_run.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

#include "tools/load_client.hpp"

namespace plainsong::load {
namespace {

constexpr std::uint64_t handshakes_at_once = 128;
constexpr std::size_t buffer_bytes = std::size_t{512} << 10;
constexpr std::uint32_t standard_input = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr rlim_t other_descriptors = 16;

class runner {
public:
    explicit runner(const options& wanted) : work_(wanted), wanted_(wanted) {}

    void prepare();
    void open_all();
    void echo();
    void storm();
    void hold();
    void close_all();
    [[nodiscard]] bool failed() const { return !work_.failure.empty(); }

    outcome result;
    workload work_;

private:
    struct marks {
        std::int64_t wall, own, server;
        std::uint64_t completed;
    };

    [[nodiscard]] marks mark() const {
        return {now_ns(), own_cpu_ns(), cpu_of_process_ns(wanted_.server_process), work_.completed};
    }
    void turn(std::int64_t until);
    void turn_until(std::int64_t time);
    void measure();
    void begin_connections();
    void check_descriptors();

    const options& wanted_;
    std::vector<client> clients_;
    std::size_t begun_ = 0;  // connections, ever
    bool reconnecting_ = false;
    bool input_ended_ = false;
    std::int64_t progress_ = 0;  // when something happened last
};

std::int64_t after(double seconds) {
    return now_ns() + static_cast<std::int64_t>(seconds * static_cast<double>(second_ns));
}

void runner::check_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < wanted_.connections + other_descriptors) {
        work_.failure = std::to_string(wanted_.connections) + " connections need more than the " +
                        std::to_string(limit.rlim_max) + " descriptors that `ulimit -Hn` allows";
    }
}

void runner::prepare() {
    std::signal(SIGPIPE, SIG_IGN);  // a send to a connection that is gone returns EPIPE
    check_descriptors();
    if (failed()) {
        return;
    }
    error why = work_.frames.fill(wanted_);
    if (!why) {
        why = make_greetings(work_);
    }
    if (why) {
        work_.failure = facts_of(why.code()).text;
        return;
    }
    if (!work_.poll.open()) {
        work_.failure = std::string("no poller: ") + std::strerror(errno);
        return;
    }
    if (wanted_.server_process != 0 && cpu_of_process_ns(wanted_.server_process) < 0) {
        work_.failure =
            "the CPU time of process " + std::to_string(wanted_.server_process) + " can't be read";
        return;
    }
    work_.buffer.resize(buffer_bytes);
    clients_.resize(wanted_.connections);
    progress_ = now_ns();
}

/// Waits for events until that time at most, and handles them.
void runner::turn(std::int64_t until) {
    const std::int64_t now = now_ns();
    const std::int64_t limit = progress_ + static_cast<std::int64_t>(wanted_.patience * 1e9);
    const std::int64_t wait = std::min(until, limit) - now;
    const auto wait_ms = static_cast<int>(std::clamp<std::int64_t>(wait / 1'000'000 + 1, 0, 1000));
    const auto events = work_.poll.wait(wanted_.spin || wait <= 0 ? 0 : wait_ms);
    for (const ready& event : events) {
        if (event.who == standard_input) {
            char ignored[512];
            input_ended_ = ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
            continue;
        }
        client& who = clients_[event.who];
        who.on_ready(work_, event);
        if (failed()) {
            return;
        }
        if (reconnecting_ && who.where() == client::state::none) {
            who.connect(work_, event.who);
        }
    }
    if (!events.empty()) {
        progress_ = now;
    } else if (now > limit) {
        work_.failure = "no progress for " + std::to_string(wanted_.patience) + " seconds, " +
                        std::to_string(work_.handshakes) + " handshakes and " +
                        std::to_string(work_.under_way) + " messages under way";
    }
}

void runner::turn_until(std::int64_t time) {
    while (!failed() && now_ns() < time) {
        turn(time);
    }
}

void runner::begin_connections() {
    while (!failed() && begun_ < clients_.size() && work_.handshakes < handshakes_at_once) {
        clients_[begun_].connect(work_, static_cast<std::uint32_t>(begun_));
        ++begun_;
    }
}

void runner::open_all() {
    while (!failed() && work_.open < clients_.size()) {
        begin_connections();
        turn(std::numeric_limits<std::int64_t>::max());
    }
}

void runner::measure() {
    turn_until(after(wanted_.warmup));
    work_.trips.reset();
    const marks first = mark();
    if (wanted_.messages > 0) {
        while (!failed() && work_.completed - first.completed < wanted_.messages) {
            turn(std::numeric_limits<std::int64_t>::max());
        }
    } else {
        turn_until(after(wanted_.seconds));
    }
    const marks last = mark();
    result.messages = last.completed - first.completed;
    result.seconds = static_cast<double>(last.wall - first.wall) / 1e9;
    result.generator_cpu = static_cast<double>(last.own - first.own) / 1e9;
    if (first.server >= 0 && last.server >= 0 && wanted_.server_process != 0) {
        result.server_cpu = static_cast<double>(last.server - first.server) / 1e9;
    }
    result.trips = work_.trips;
}

void runner::echo() {
    work_.quota = std::numeric_limits<std::uint64_t>::max();
    work_.sending = true;
    for (client& each : clients_) {
        each.start(work_);
    }
    measure();
    work_.sending = false;
    while (!failed() && work_.under_way > 0) {
        turn(std::numeric_limits<std::int64_t>::max());
    }
}

void runner::storm() {
    reconnecting_ = true;
    begin_connections();
    begun_ = clients_.size();  // never more than that at once
    measure();
    reconnecting_ = false;
    while (!failed() && work_.handshakes + work_.open > 0) {
        turn(std::numeric_limits<std::int64_t>::max());
    }
}

void runner::hold() {
    const std::int64_t begin = now_ns();
    work_.quota = wanted_.messages;
    work_.sending = true;
    for (client& each : clients_) {
        each.start(work_);
    }
    while (!failed() && work_.under_way > 0) {
        turn(std::numeric_limits<std::int64_t>::max());
    }
    if (failed()) {
        return;
    }
    result.messages = work_.completed;
    result.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    result.trips = work_.trips;
    std::puts("ready");
    std::fflush(stdout);
    work_.poll.add(STDIN_FILENO, standard_input, false);
    while (!failed() && !input_ended_) {
        progress_ = now_ns();  // silence is what is wanted here
        turn(std::numeric_limits<std::int64_t>::max());
    }
    work_.poll.remove(STDIN_FILENO);
}

void runner::close_all() {
    for (client& each : clients_) {
        if (each.where() == client::state::open && !failed()) {
            each.close(work_);
        }
    }
    while (!failed() && work_.open > 0) {
        turn(std::numeric_limits<std::int64_t>::max());
    }
}

}  // namespace

outcome run(const options& wanted) {
    runner all(wanted);
    all.prepare();
    if (wanted.what == mode::storm) {
        if (!all.failed()) {
            all.storm();
        }
    } else {
        all.open_all();
        if (!all.failed()) {
            wanted.what == mode::idle ? all.hold() : all.echo();
        }
        all.close_all();
    }
    all.result.failure = all.work_.failure;
    return all.result;
}

}  // namespace plainsong::load
