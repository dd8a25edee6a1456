// SPDX-License-Identifier: MIT
// memory_network.cpp — see memory_network.hpp.
#include "tests/support/memory_network.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace plainsong::tests {

namespace {

// A loop's clock and poller are plain functions, so they find their network here.
thread_local memory_network* present = nullptr;

constexpr std::size_t most_turns_without_time = 100'000;

}  // namespace

/// The loop's own wake channel is added too and never ready: everything runs on one thread.
class memory_poller final : public poller {
public:
    explicit memory_poller(memory_network& network) : network_(network) {}

    error add(int descriptor, interest what, watch_token token) override {
        if (network_.lines_.count(descriptor) == 0) {
            return {};
        }
        if (const int number = network_.fault_at(memory_call::add)) {
            return {error_code::system_call_failed, number};
        }
        network_.watched_[descriptor] = {what, token, false};
        return {};
    }
    error modify(int descriptor, interest, interest what, watch_token token) override {
        if (const int number = network_.fault_at(memory_call::modify)) {
            return {error_code::system_call_failed, number};
        }
        network_.watched_[descriptor] = {what, token, false};
        return {};
    }
    void remove(int descriptor, interest, watch_token) override {
        network_.watched_.erase(descriptor);
    }
    wait_outcome wait(std::span<poller_event> events, int milliseconds) override {
        return network_.wait(events, milliseconds);
    }

private:
    memory_network& network_;
};

const stream_operations memory_network::operations{
    .receive = memory_network::receive,
    .send = memory_network::send,
    .shutdown_write = memory_network::shutdown_write,
    .close = memory_network::close,
    .descriptor = [](stream_handle handle) { return end_of(handle).descriptor; },
};

memory_network::memory_network() {
    present = this;
}
memory_network::~memory_network() {
    present = nullptr;
}

loop_options memory_network::options() const {
    return {.clock = [] { return present->clock.now(); },
            .make_poller = [](std::uint32_t) -> poller* { return new memory_poller(*present); }};
}

stream memory_network::connect(std::shared_ptr<memory_line> line) {
    const int descriptor = next_descriptor_++;
    lines_[descriptor] = line;
    ++open_lines;
    return {operations, {.object = new end{this, std::move(line), descriptor}}};
}

// ---- the transport -----------------------------------------------------------------------------

io_result memory_network::receive(stream_handle handle, byte_span into) {
    end& self = end_of(handle);
    memory_line& line = *self.line;
    if (into.empty()) {
        self.network->faults.push_back("an empty receive");
    }
    if (const int number = self.network->fault_at(memory_call::receive)) {
        ++self.network->moves_;
        return number == EAGAIN ? io_result{io_result::kind::would_block, 0, 0}
                                : io_result{io_result::kind::failed, number, 0};
    }
    if (!line.inbound.empty()) {
        ++self.network->moves_;
        const std::size_t count =
            std::min({into.size(), line.inbound.size(), line.receive_at_most});
        std::copy_n(line.inbound.begin(), count, into.begin());
        line.inbound.erase(line.inbound.begin(),
                           line.inbound.begin() + static_cast<std::ptrdiff_t>(count));
        return {io_result::kind::done, 0, count};
    }
    if (line.error != 0) {
        ++self.network->moves_;
        return {io_result::kind::failed, line.error, 0};
    }
    if (line.ended) {
        return {io_result::kind::end, 0, 0};
    }
    return {io_result::kind::would_block, 0, 0};
}

io_result memory_network::send(stream_handle handle, std::span<const io_slice> slices, bool) {
    end& self = end_of(handle);
    memory_line& line = *self.line;
    ++line.sends;
    std::size_t asked = 0;
    for (const io_slice& slice : slices) {
        asked += slice.iov_len;
    }
    if (asked == 0) {
        self.network->faults.push_back("a send of nothing");
    }
    if (line.fin_sent) {
        self.network->faults.push_back("a send behind FIN");
    }
    ++self.network->moves_;
    if (const int number = self.network->fault_at(memory_call::send)) {
        return {number == EAGAIN || number == ENOBUFS ? io_result::kind::would_block
                                                      : io_result::kind::failed,
                number == EAGAIN ? 0 : number, 0};
    }
    if (line.short_of_memory > 0) {
        --line.short_of_memory;
        return {io_result::kind::would_block, ENOBUFS, 0};
    }
    if (line.error != 0) {
        return {io_result::kind::failed, line.error, 0};
    }
    std::size_t left = std::min({asked, line.window, line.send_at_most});
    if (left == 0) {
        return {io_result::kind::would_block, 0, 0};
    }
    const std::size_t count = left;
    for (const io_slice& slice : slices) {
        const std::size_t size = std::min(left, slice.iov_len);
        const auto* const bytes = static_cast<const std::uint8_t*>(slice.iov_base);
        line.outbound.insert(line.outbound.end(), bytes, bytes + size);
        left -= size;
    }
    line.window -= line.window == no_bound ? 0 : count;
    return {io_result::kind::done, 0, count};
}

void memory_network::shutdown_write(stream_handle handle) {
    end& self = end_of(handle);
    if (self.line->fin_sent) {
        self.network->faults.push_back("a second FIN");
    }
    ++self.network->moves_;
    self.line->fin_sent = true;
}

void memory_network::close(stream_handle handle) {
    end* const self = &end_of(handle);
    if (self->network->watched_.count(self->descriptor) != 0) {
        self->network->faults.push_back("closed while it is watched");
    }
    self->network->lines_.erase(self->descriptor);
    --self->network->open_lines;
    ++self->network->moves_;
    self->line->closed = true;
    delete self;
}

// ---- waiting -----------------------------------------------------------------------------------

readiness memory_network::state_of(const memory_line& line) {
    return {.readable = !line.inbound.empty() || line.ended || line.error != 0,
            .writable = line.window != 0 || line.error != 0,
            .hung_up = line.error != 0 || (line.ended && line.fin_sent),
            .failed = line.error != 0};
}

// Begins behind the one that was served last, so that none waits for ever.
wait_outcome memory_network::wait(std::span<poller_event> events, int milliseconds) {
    ++turns;
    wait_outcome found;
    auto next = watched_.upper_bound(last_served_);
    for (std::size_t i = 0; i < watched_.size() && found.count < events.size(); ++i, ++next) {
        next = next == watched_.end() ? watched_.begin() : next;
        watched& one = next->second;
        readiness state = state_of(*lines_.at(next->first));
        state.readable = state.readable && wants(one.wanted, interest::read);
        state.writable = state.writable && wants(one.wanted, interest::write);
        if (one.muted || (!state.readable && !state.writable && !state.hung_up && !state.failed)) {
            continue;
        }
        one.muted = one.wanted == interest::none;
        last_served_ = next->first;
        events[found.count++] = {one.token, state};
    }
    if (found.count == 0 && milliseconds > 0) {
        clock.advance(std::chrono::milliseconds(milliseconds));
    }
    return found;
}

interest memory_network::interest_in(const std::shared_ptr<memory_line>& line) const {
    for (const auto& [descriptor, one] : watched_) {
        if (lines_.at(descriptor) == line) {
            return one.wanted;
        }
    }
    return interest::none;
}

void memory_network::settle(loop& turned) {
    std::size_t before = 0;
    std::size_t count = 0;
    do {
        before = moves_;
        if (turned.turn(duration::zero())) {
            faults.push_back("a turn failed");
            return;
        }
    } while (moves_ != before && ++count < most_turns_without_time);
    if (count == most_turns_without_time) {
        faults.push_back("it never settles");
    }
}

void memory_network::pass(loop& turned, duration span) {
    const time_point until = clock.now() + span;
    std::size_t idle = 0;
    while (clock.now() < until) {
        const time_point before = clock.now();
        const std::size_t moved = moves_;
        if (turned.turn(until - before)) {
            faults.push_back("a turn failed");
            return;
        }
        idle = clock.now() == before && moves_ == moved ? idle + 1 : 0;
        if (idle > 20) {
            faults.push_back("the loop spins");
            return;
        }
    }
    settle(turned);
}

}  // namespace plainsong::tests
