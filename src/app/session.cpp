// SPDX-License-Identifier: MIT
// session.cpp — a session being served: bytes in, callbacks out.
//
// A message's way: on_ready → read_turn → receive → the engine → deliver → the program's on_message; if
// it comes in pieces, through on_event and session_messages.cpp.  What it sends meanwhile is gathered and
// leaves in one system call before the next read, because the read overwrites what the messages lie in.
#include <plainsong/app/session.hpp>

#include <algorithm>

#include <plainsong/base/contract.hpp>
#include <plainsong/net/sys.hpp>

#include "src/app/session_core.hpp"
#include "src/app/session_scope.hpp"

namespace plainsong {

namespace {

// A peer that always has more to say is left after this much; the others come next.
constexpr std::size_t read_budget_bytes = 1 << 20;
// Reading straight into a message's own memory pays from this size on.
constexpr std::size_t smallest_direct_read = 16 << 10;
constexpr std::size_t direct_read_bytes = 64 << 10;
// Text may be a thousand times as long, and all that was read is delivered before another is served.
constexpr std::size_t compressed_read_bytes = 64 << 10;

}  // namespace

const connection_config session::unbound_config{};

role session::self() const {
    return route_->config.self;
}

session_extras& session::extras() {
    if (extras_ == nullptr) {
        extras_ = core().lent.take_extras();
    }
    return *extras_;
}

std::string_view session::subprotocol() const {
    return subprotocol_ == 0 ? std::string_view{} : route_->protocols[subprotocol_ - 1U];
}

address session::peer() const {
    if (extras_ != nullptr && extras_->peer) {
        return extras_->peer;
    }
    auto found = sys::peer_address(stream_.descriptor());
    return found ? *found : address{};
}

// The handshake has succeeded.  What its answer carried behind it comes next.
void session::open() {
    session_core& shared = core();
    shared.counts.sessions_opened.add(1);
    shared.counts.sessions_open.add(1);
    engine_ = connection(route_->config, shared.its_loop.now());
    if (compresses_) {
        engine_.allow_compression();
    }
    phase_ = phase::open;
    attach_workspace();
    opened_ = true;
    if (route_->on.on_open) {
        route_->on.on_open(*this);
    }
}

// ---- being served ----------------------------------------------------------------------------------

void session::enter() {
    entered_ = true;
    attach_workspace();
}

void session::attach_workspace() {
    if (phase_ != phase::open || engine_.attached() != nullptr) {
        return;
    }
    session_core& shared = core();
    if (!shared.lent.workspace_is_lent) {
        shared.lent.workspace_is_lent = true;
        engine_.attach(shared.lent.workspace.room);
    } else {  // another session is being served and its handler has called us
        engine_.attach(extras().workspace.room);
    }
}

// Whatever is unfinished moves to memory of our own; without that we need none.
void session::return_workspace() {
    session_core& shared = core();
    const bool is_lent = engine_.attached() == &shared.lent.workspace.room;
    if (engine_.needs_workspace()) {
        if (is_lent) {
            engine_.attach(extras().workspace.room);
        }
    } else if (engine_.attached() != nullptr) {
        engine_.detach();
    }
    if (is_lent) {
        shared.lent.workspace_is_lent = false;
    }
}

// Nothing has happened that anything follows from: the usual case after a message.
bool session::is_quiet() const {
    return phase_ == phase::open && extras_ == nullptr && !is_over_ && !blocked_ &&
           !write_broken_ && !paused_ && !above_high_ && !sending_ && interest_ == interest::read &&
           due() != never && engine_.is_quiet();
}

void session::leave() {
    if (is_quiet()) {
        engine_.detach();
        core().lent.workspace_is_lent = false;
        entered_ = false;
        return;
    }
    if (phase_ != phase::dead) {
        flush();
        settle();
    }
    if (phase_ != phase::dead) {
        update_interest();
    }
    if (phase_ != phase::dead) {
        update_timer();
        return_workspace();
        if (phase_ != phase::handshake && extras_ != nullptr && extras_->head.memory != nullptr) {
            core().lent.blocks.release(extras_->head);
        }
        if (extras_ != nullptr && extras_->is_idle() && !sending_ &&
            engine_.attached() == nullptr) {
            core().lent.give_extras(extras_);
            extras_ = nullptr;
        }
    }
    entered_ = false;
}

void session::on_ready(readiness ready) {
    if (phase_ == phase::dead) {
        return;
    }
    session_scope scope(*this);
    if (ready.writable) {
        blocked_ = false;
    }
    // Both ends have said Close and FIN: there is nothing left to be read.
    if (ready.hung_up && !ready.failed && fin_sent_ && phase_ == phase::open &&
        engine_.state() == close_state::draining && !engine_.outcome().cause) {
        saw_end_ = true;
        on_event(engine_.receive_eof(core().its_loop.now()));
        return;
    }
    // Whatever else has happened, what the peer said before is read first: its Close may be there.
    if (((ready.readable || ready.hung_up) && reads()) || ready.failed) {
        read_turn(ready);
    }
}

void session::on_buried() {
    core().free(*this);
}

// ---- bytes in --------------------------------------------------------------------------------------

void session::read_turn(readiness ready) {
    session_core& shared = core();
    shared.lent.reading = this;
    shared.lent.prompt_pongs = lent_memory::most_prompt_pongs;
    std::size_t budget = read_budget_bytes;
    while (!is_over_) {
        const byte_span space = read_space();
        const io_result got = stream_.receive(space);
        if (got.status != io_result::kind::done) {
            on_read_stopped(got, ready);
            break;
        }
        shared.counts.bytes_received.add(got.count);
        // Text that was inflated counts as if it had been read.
        const std::uint64_t text_before = shared.counts.inflate_bytes_out.value();
        receive(space.first(got.count));
        flush_gather();
        const std::uint64_t cost =
            got.count + shared.counts.inflate_bytes_out.value() - text_before;
        const bool is_enough = got.count < space.size() || cost >= budget || !reads();
        if (is_enough && !ready.failed) {  // a failure may not be told twice: read on to its errno
            break;
        }
        budget -= static_cast<std::size_t>(std::min<std::uint64_t>(cost, budget));
    }
    shared.lent.out.withdraw();
    shared.lent.reading = nullptr;
}

// The loop's buffer, or, for the bulk of a large message, the place where it belongs.
byte_span session::read_space() {
    session_core& shared = core();
    if (phase_ == phase::open && extras_ != nullptr && extras_->incoming.memory != nullptr &&
        !extras_->is_inflating()) {
        message_block& block = extras_->incoming;
        const std::uint64_t missing = engine_.payload_missing();
        const std::uint64_t worthwhile = std::min<std::uint64_t>(missing, direct_read_bytes);
        if (missing >= smallest_direct_read) {
            shared.lent.blocks.reserve(
                block, static_cast<std::size_t>(std::min<std::uint64_t>(missing, 2048)), missing);
            const byte_span space = block.free_bytes();
            if (space.size() >= worthwhile) {
                return space.first(
                    static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), missing)));
            }
        }
    }
    const byte_span buffer = shared.its_loop.receive_buffer();
    return compresses_ ? buffer.first(std::min(buffer.size(), compressed_read_bytes)) : buffer;
}

void session::receive(byte_span in) {
    if (phase_ == phase::handshake) {
        in = core().shake_hands(*this, in);
        if (phase_ == phase::open) {
            attach_workspace();
        }
    }
    const time_point now = core().its_loop.now();
    while (!in.empty() && !is_over_) {
        if (phase_ != phase::open) {
            discard(in);
            return;
        }
        const step done = engine_.receive(in, now);
        in = in.subspan(done.taken);
        if (done.what.first && done.what.last && !done.what.compressed &&
            !route_->on.on_message_chunk) {
            deliver({done.what.type, done.what.payload}, done.what.payload);
        } else {
            on_event(done.what);
        }
    }
}

void session::on_event(const event& what) {
    metrics& counts = core().counts;
    switch (what.kind) {
        case event_kind::none:
            break;
        case event_kind::data:
            on_chunk(what);
            break;
        case event_kind::ping:
            counts.pings_received.add(1);
            if (route_->on.on_ping) {
                route_->on.on_ping(*this, what.payload);
            }
            answer_ping();
            break;
        case event_kind::pong:
            counts.pongs_received.add(1);
            if (route_->on.on_pong) {
                route_->on.on_pong(*this, what.payload);
            }
            break;
        case event_kind::closed:
            is_over_ = true;
            break;
    }
}

// To a peer that reads, each pong leaves at the place of its ping, until there are so many pings in one
// turn that only the newest is worth it.  [6455-5.5.2-03] [6455-5.5.3-02]
void session::answer_ping() {
    lent_memory& lent = core().lent;
    if (lent.reading == this && lent.prompt_pongs > 0 && phase_ == phase::open && !is_over_) {
        --lent.prompt_pongs;
        flush_gather();
        flush_all();
    }
}

// `where` is the message's own memory: if it is sent back, it goes from there.
void session::deliver(const message& m, byte_span where) {
    session_core& shared = core();
    shared.lent.out.offer(where);
    shared.counts.messages_received.add(1);
    if (route_->on.on_message) {
        route_->on.on_message(*this, m);
    }
    shared.lent.out.withdraw();
}

// After an HTTP answer: the peer may go on for a little, so that no reset overtakes the answer.
void session::discard(byte_span in) {
    std::uint64_t& left = extras().drain_left;
    is_over_ = in.size() > left;
    left -= std::min<std::uint64_t>(in.size(), left);
}

void session::on_read_stopped(const io_result& outcome, readiness ready) {
    const time_point now = core().its_loop.now();
    if (outcome.status == io_result::kind::would_block && !ready.failed) {
        return;
    }
    if (outcome.status == io_result::kind::failed && system_error_ == 0) {
        system_error_ = static_cast<std::int16_t>(outcome.number);
    }
    // After a failed send the kernel has told its error, and what looks like an end is none.
    const bool is_end = outcome.status == io_result::kind::end && !write_broken_;
    if (phase_ == phase::refused && is_end && has_queue()) {
        paused_ = true;  // it has said all it has to say; its page is still on the way
        return;
    }
    if (phase_ != phase::open) {
        is_over_ = true;
        core().handshake_ended(*this,
                               is_end ? error_code::unexpected_end : error_code::connection_reset);
        return;
    }
    if (is_end) {
        saw_end_ = true;
        on_event(engine_.receive_eof(now));
        return;
    }
    on_event(engine_.lost(error_code::connection_reset, now));
    is_over_ = true;
}

// A peer is held back only while the session is open: later its Close has to be read.
bool session::reads() const {
    return !paused_ || !engine_.is_open();
}

void session::pause_reading() {
    session_scope scope(*this);
    paused_ = true;
}

void session::resume_reading() {
    session_scope scope(*this);
    paused_ = false;
}

}  // namespace plainsong
