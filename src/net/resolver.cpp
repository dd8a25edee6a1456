// SPDX-License-Identifier: MIT
// resolver.cpp — see resolver.hpp.
//
// The threads know the queue and the finished answers, both behind one mutex, and wake the loop
// through a channel of its own: functions posted to the loop are refused while nobody runs it.
// Who waits for an answer is known to the loop's thread alone, so that cancel() never waits.
#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <plainsong/net/resolver.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/sys_lookup.hpp"

namespace plainsong {

namespace {

/// With the final dot; a longer one exists nowhere.
constexpr std::size_t longest_name = 254;

struct question {
    std::string host;
    std::uint16_t port = 0;
};

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_localhost(std::string_view host) {
    constexpr std::string_view name = "localhost";
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    if (host.size() < name.size()) {
        return false;
    }
    const std::string_view below = host.substr(0, host.size() - name.size());
    return std::ranges::equal(host.substr(below.size()), name, {}, lower) &&
           (below.empty() || below.ends_with('.'));
}

/// Whether asking for it makes sense: getaddrinfo would stop at a NUL, and ask for the rest.
bool may_be_name(std::string_view host) {
    return !host.empty() && host.size() <= longest_name && std::ranges::none_of(host, [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet <= ' ' || octet == 0x7f || c == '[' || c == ']';
    });
}

resolve_outcome look_up(const question& asked, const resolver_options& options) {
    resolve_outcome outcome;
    std::vector<address> found;
    outcome.why = options.look_up(asked.host.c_str(), asked.port, found);
    if (outcome.why) {
        return outcome;
    }
    std::vector<address>& kept = outcome.addresses;
    for (const address& each : found) {
        if (kept.size() < options.most_addresses &&
            std::find(kept.begin(), kept.end(), each) == kept.end()) {
            kept.push_back(each);
        }
    }
    if (kept.empty()) {
        outcome.why = error_code::name_not_found;
    }
    return outcome;
}

}  // namespace

bool literal_addresses(std::string_view host, std::uint16_t port, std::vector<address>& into) {
    if (is_localhost(host)) {
        into.push_back(*address::parse("::1", port));
        into.push_back(*address::parse("127.0.0.1", port));
        return true;
    }
    result<address> literal = address::parse(host, port);
    if (literal) {
        into.push_back(*literal);
    }
    return static_cast<bool>(literal);
}

struct system_resolver::answer {
    ticket to = 0;
    resolve_outcome outcome;
};

struct system_resolver::parts {
    explicit parts(const resolver_options& its_options) : options(its_options) {
        options.lookups_at_once = std::max(options.lookups_at_once, 1U);
        options.most_addresses = std::max(options.most_addresses, 1U);
        if (options.look_up == nullptr) {
            options.look_up = sys::look_up;
        }
    }

    /// The body of each thread.
    static void* run(void* own);

    resolver_options options;  // constant from here on

    // The loop's thread alone:
    std::map<ticket, callback<void(resolve_outcome)>> waiting;
    std::vector<answer> known;  // answered without a thread, not delivered yet
    std::vector<sys::thread> threads;
    watch_token token;
    ticket latest = 0;
    bool* destroyed = nullptr;  // where to note it while answers are delivered

    sys::wake_channel channel;  // there before any thread is

    // Behind the mutex:
    std::mutex mutex;
    std::condition_variable work;
    std::map<ticket, question> queue;  // the oldest first
    std::vector<answer> finished;
    std::size_t idle = 0;  // threads without work
    bool ending = false;
};

void* system_resolver::parts::run(void* own) {
    parts& shared = *static_cast<parts*>(own);
    std::unique_lock lock{shared.mutex};
    for (;;) {
        ++shared.idle;
        shared.work.wait(lock, [&] { return shared.ending || !shared.queue.empty(); });
        --shared.idle;
        if (shared.ending) {
            return nullptr;
        }
        const auto taken = shared.queue.extract(shared.queue.begin());
        lock.unlock();
        answer made{taken.key(), look_up(taken.mapped(), shared.options)};
        lock.lock();
        shared.finished.push_back(std::move(made));
        if (shared.finished.size() == 1) {
            sys::wake(shared.channel.write());
        }
    }
}

system_resolver::system_resolver(loop& its_loop, const resolver_options& options)
    : loop_(its_loop), parts_(new parts(options)) {}

system_resolver::~system_resolver() {
    if (parts_->destroyed != nullptr) {
        *parts_->destroyed = true;
    }
    loop_.cancel(*this);
    {
        const std::lock_guard lock{parts_->mutex};
        parts_->ending = true;
    }
    parts_->work.notify_all();
    for (const sys::thread thread : parts_->threads) {
        sys::join_thread(thread);
    }
    loop_.unwatch(parts_->token);
    // What the callbacks own may come back here, and finds nothing any more.
    std::exchange(parts_->waiting, {}).clear();
    delete parts_;
}

resolver::ticket system_resolver::resolve(std::string_view host, std::uint16_t port,
                                          callback<void(resolve_outcome)> done) {
    loop_.check_thread();
    const ticket number = ++parts_->latest;
    parts_->waiting.emplace(number, std::move(done));
    resolve_outcome outcome;
    if (!literal_addresses(host, port, outcome.addresses)) {
        outcome.why = may_be_name(host) ? ask(number, host, port) : error_code::name_not_found;
        if (!outcome.why) {
            return number;
        }
    }
    parts_->known.push_back({number, std::move(outcome)});
    loop_.arm(*this, loop_.now());
    return number;
}

/// Hands a question to the threads.
error system_resolver::ask(ticket which, std::string_view host, std::uint16_t port) {
    if (auto why = open_channel()) {
        return why;
    }
    parts& own = *parts_;
    bool is_short = false;
    {
        const std::lock_guard lock{own.mutex};
        own.queue.emplace(which, question{std::string(host), port});
        is_short = own.idle < own.queue.size();
    }
    if (is_short && own.threads.size() < own.options.lookups_at_once) {
        sys::thread made{};
        const error why = sys::start_thread(made, parts::run, &own);
        if (!why) {
            own.threads.push_back(made);
        } else if (own.threads.empty()) {  // else one of the others will come to it
            own.queue.clear();
            return why;
        }
    }
    own.work.notify_one();
    return {};
}

error system_resolver::open_channel() {
    if (parts_->token) {
        return {};
    }
    result<sys::wake_channel> opened = sys::open_wake_channel();
    if (!opened) {
        return opened.why();
    }
    result<watch_token> watched = loop_.watch(opened->read.number(), interest::read, *this);
    if (!watched) {
        return watched.why();
    }
    parts_->channel = std::move(*opened);
    parts_->token = *watched;
    return {};
}

void system_resolver::cancel(ticket which) {
    loop_.check_thread();
    const auto found = parts_->waiting.find(which);
    if (found == parts_->waiting.end()) {
        return;
    }
    {
        const std::lock_guard lock{parts_->mutex};
        parts_->queue.erase(which);
    }
    // What the callback owns dies when the books are in order: it may come back here.
    const auto dropped = parts_->waiting.extract(found);
}

void system_resolver::on_ready(readiness) {
    sys::drain_wakes(parts_->channel.read.number());
    std::vector<answer> answers;
    {
        const std::lock_guard lock{parts_->mutex};
        answers.swap(parts_->finished);
    }
    deliver(std::move(answers));
}

void system_resolver::on_due() {
    deliver(std::exchange(parts_->known, {}));
}

void system_resolver::deliver(std::vector<answer> answers) {
    bool destroyed = false;
    parts_->destroyed = &destroyed;
    for (answer& each : answers) {
        auto waiter = parts_->waiting.extract(each.to);
        if (waiter.empty()) {
            continue;  // cancelled while it was looked up
        }
        waiter.mapped()(std::move(each.outcome));
        if (destroyed) {
            return;
        }
    }
    parts_->destroyed = nullptr;
}

}  // namespace plainsong
