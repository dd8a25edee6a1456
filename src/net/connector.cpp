// SPDX-License-Identifier: MIT
// connector.cpp — see connector.hpp.
#include <algorithm>
#include <cerrno>
#include <utility>

#include <plainsong/net/connector.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/sys.hpp>

namespace plainsong {

namespace {

/// How long an address waits that cannot be tried now but perhaps soon.
constexpr duration pause_length = std::chrono::milliseconds{20};

/// Not an answer yet.
constexpr error unanswered{error_code::connect_failed, EINPROGRESS};

/// What an attempt's error is called from here on.
error named(error why) {
    if (why.code() != error_code::system_call_failed) {
        return why;
    }
    return {why.number() == ETIMEDOUT ? error_code::connect_timeout : error_code::connect_failed,
            why.number()};
}

/// How much an error says about the peer: that one address cannot be reached from here may only
/// mean that this machine has no IPv6, but a refusal has come from there.
int weight(error why) {
    if (why.code() == error_code::connected_to_itself) {
        return 5;
    }
    switch (why.number()) {
        case 0:
            return 0;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
            return 1;
        default:
            return 2;
        case ETIMEDOUT:
            return 3;
        case ECONNREFUSED:
        case ECONNRESET:
            return 4;
    }
}

bool is_shortage(int number) {
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

}  // namespace

std::vector<address> order_for_connecting(std::span<const address> given) {
    std::vector<address> ordered;
    ordered.reserve(given.size());
    std::size_t next[2] = {0, 0};  // [0] finds the first address's family, [1] all others
    for (unsigned turn = 0; ordered.size() < given.size(); turn = 1 - turn) {
        std::size_t& at = next[turn];
        while (at < given.size() && (given[at].family() == given[0].family()) != (turn == 0)) {
            ++at;
        }
        if (at < given.size()) {
            ordered.push_back(given[at++]);
        }
    }
    return ordered;
}

/// One socket on its way to one address.
class connector::attempt final : public loop_member {
public:
    attempt(connector& owner, const address& where) : owner_(owner), where_(where) {}
    ~attempt() { owner_.loop_.unwatch(token_); }

    error begin() {
        result<fd> opened = sys::connect(where_);
        if (!opened) {
            return opened.why();
        }
        socket_ = std::move(*opened);
        // Watched only now: a socket that has not begun to connect counts as hung up.
        result<watch_token> watched = owner_.loop_.watch(socket_.number(), interest::write, *this);
        if (!watched) {
            return watched.why();
        }
        token_ = *watched;
        return {};
    }

    /// Returns: falsy if it is connected, `unanswered`, or why it failed.
    [[nodiscard]] error outcome(readiness ready) const;

    /// Requires: it is connected.
    connect_outcome win() {
        owner_.loop_.unwatch(std::exchange(token_, {}));
        return {{}, tcp_stream(socket_.release()), where_};
    }

private:
    void on_ready(readiness ready) override { owner_.judge(*this, ready); }

    connector& owner_;
    address where_;
    fd socket_;  // closed after it has left the loop
    watch_token token_;
};

error connector::attempt::outcome(readiness ready) const {
    if (auto why = sys::connect_outcome(socket_.number())) {
        return why;
    }
    if (where_.family() == address_family::unix_path) {
        return {};  // connected or refused inside connect itself
    }
    // A hang-up whose error somebody has already taken, or a false alarm: the peer's name tells.
    result<address> peer = sys::peer_address(socket_.number());
    if (!peer) {
        const bool ended = ready.hung_up || ready.failed || peer.why().number() != ENOTCONN;
        return ended ? peer.why() : unanswered;
    }
    result<address> here = sys::bound_address(socket_.number());
    if (!here) {
        return here.why();
    }
    // A port of this machine that nobody listens to may be the one that the kernel has just given to
    // this socket; its SYN then meets itself and TCP calls that a simultaneous open.
    return *here == *peer ? error{error_code::connected_to_itself} : error{};
}

// ---- the whole ----------------------------------------------------------------------------------

void connector::connect(std::span<const address> where, const connect_options& options,
                        callback<void(connect_outcome)> done) {
    PLAINSONG_REQUIRE(done);
    std::vector<address> ordered = order_for_connecting(where);  // perhaps of what cancel() clears
    cancel();
    done_ = std::move(done);
    where_ = std::move(ordered);
    next_ = 0;
    options_ = options;
    why_ = error_code::no_such_address;
    has_begun_ = false;
    // The time that the loop knows may be that of a turn long ago; what begins with a timer knows
    // the present one, and has never finished before connect() returns.
    loop_.arm(*this, loop_.now());
}

void connector::cancel() {
    loop_.cancel(*this);
    while (!attempts_.empty()) {
        delete &attempts_.front();  // it leaves the list by itself
    }
    where_.clear();
    done_.reset();
}

void connector::on_due() {
    if (!has_begun_) {
        has_begun_ = true;
        next_start_ = loop_.now();
        deadline_ = after(next_start_, std::max(options_.within, duration::zero()));
    } else if (loop_.now() >= deadline_) {
        finish({error_code::connect_timeout, {}, {}});
        return;
    }
    go_on();
}

/// Starts what is to be started by now and waits for what comes next.
void connector::go_on() {
    while (next_ < where_.size() && next_start_ <= loop_.now()) {
        start_next();
    }
    const bool is_last = next_ == where_.size();
    if (is_last && attempts_.empty()) {
        finish({why_, {}, {}});
        return;
    }
    loop_.arm(*this, is_last ? deadline_ : std::min(deadline_, next_start_));
}

void connector::start_next() {
    const address& where = where_[next_];
    auto* made = new attempt(*this, where);
    const error why = made->begin();
    if (!why) {
        attempts_.push_back(*made);
        ++next_;
        next_start_ = after(loop_.now(), std::max(options_.stagger, duration::zero()));
        return;
    }
    delete made;
    // The queue of a unix listener is full, or those that are under way hold the last descriptors:
    // neither says anything against this address.
    const bool may_pass = where.family() == address_family::unix_path
                              ? why.number() == EAGAIN
                              : is_shortage(why.number()) && !attempts_.empty();
    if (may_pass) {
        next_start_ = after(loop_.now(), pause_length);
        return;
    }
    ++next_;
    remember(why);
}

void connector::judge(attempt& one, readiness ready) {
    const error why = one.outcome(ready);
    if (why == unanswered) {
        return;
    }
    if (!why) {
        finish(one.win());
        return;
    }
    remember(why);
    delete &one;
    next_start_ = loop_.now();  // the next needn't wait any more
    go_on();
}

void connector::remember(error why) {
    if (weight(why) > weight(why_)) {
        why_ = named(why);
    }
}

/// Requires: nothing is done afterwards; this connector may be gone.
void connector::finish(connect_outcome outcome) {
    callback<void(connect_outcome)> done = std::move(done_);
    cancel();
    done(std::move(outcome));
}

}  // namespace plainsong
