// SPDX-License-Identifier: MIT
// broken_echo.cpp — connections and handshakes; see broken_echo.hpp.
#include "tests/support/broken_echo.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/broken_handshake.hpp"
#include "tests/support/broken_session.hpp"

namespace plainsong::tests {

broken_session::broken_session(loop& its_loop, stream transport, defect what, bool& stunned)
    : loop_(its_loop),
      transport_(std::move(transport)),
      defect_(what),
      deflate_(what),
      stunned_(stunned),
      deaf_(std::exchange(stunned, false)) {
    auto watched = loop_.watch(transport_.descriptor(), interest::read, *this);
    EXPECT_TRUE(watched);
    token_ = *watched;
}

void broken_session::on_ready(readiness) {
    if (is_crowded()) {
        return flush();
    }
    byte_span buffer = loop_.receive_buffer();
    buffer = buffer.first(has(defect::leaves_octets_unread_at_the_end) ? 16 : buffer.size());
    const io_result got = transport_.receive(buffer);
    if (got.status == io_result::kind::done) {
        pending_ += as_text(buffer.first(got.count));
        while (go_on()) {
        }
        if (last_ping_held_) {
            last_ping_held_ = false;
            reply(10, held_);
        }
        if (has(defect::forgets_its_answers_at_the_end) && open_ && out_.size() < 64) {
            EXPECT_FALSE(loop_.change(token_, interest::both));  // later, if there is a later
            return;
        }
    } else if (got.status == io_result::kind::end && has(defect::keeps_half_closed_connections)) {
        return;
    } else if (got.status != io_result::kind::would_block) {
        return lose();
    }
    flush();
}

/// Whoever doesn't fetch answers isn't listened to.
bool broken_session::is_crowded() const {
    return out_.size() > most_waiting && !has(defect::keeps_all_answers) &&
           !has(defect::drops_answers_that_nobody_fetches);
}

void broken_session::lose() {
    stunned_ = has(defect::serves_nobody_after_a_lost_connection) && open_;
    end();
}

void broken_session::end() {
    if (token_) {
        loop_.unwatch(token_);
        token_ = {};
        transport_.close();
    }
}

void broken_session::flush() {
    while (token_ && !out_.empty()) {
        const io_slice slice{out_.data(), out_.size()};
        const io_result put = transport_.send({&slice, 1});
        if (put.status == io_result::kind::would_block) {
            break;
        }
        if (put.status != io_result::kind::done) {
            return lose();
        }
        out_.erase(0, put.count);
    }
    if (token_ && ending_ && out_.empty()) {
        return end();
    }
    if (token_) {
        EXPECT_FALSE(loop_.change(token_, out_.empty()   ? interest::read
                                          : is_crowded() ? interest::write
                                                         : interest::both));
    }
}

bool broken_session::go_on() {
    if (deaf_ || pending_.empty()) {
        return false;
    }
    return !open_ ? shake_hands() : in_payload_ ? take_payload() : take_head();
}

bool broken_session::shake_hands() {
    const broken_answer answer = answer_brokenly(defect_, pending_);
    out_ += has(defect::refuses_without_an_answer) && answer.status > 101 ? "" : answer.octets;
    if (answer.status != 101) {
        deaf_ = answer.status != 0;
        ending_ = deaf_ && !has(defect::refuses_in_silence);
        return false;
    }
    if (!has(defect::takes_any_offer)) {
        const std::size_t end = pending_.find("\r\n\r\n") + 2;
        const std::string agreed = deflate_.agree(std::string_view(pending_).substr(0, end));
        out_.insert(out_.size() - 2,
                    agreed.empty() ? "" : "Sec-WebSocket-Extensions: " + agreed + "\r\n");
    }
    pending_.erase(0, answer.taken);
    return open_ = true;
}

broken_echo::broken_echo(loop& its_loop, const address& where, defect what) : door_(its_loop) {
    EXPECT_FALSE(door_.listen(where, {.remove_stale_socket = true},
                              [this, &its_loop, what](stream transport, const address&) {
                                  sessions_.push_back(std::make_unique<broken_session>(
                                      its_loop, std::move(transport), what, stunned_));
                              }));
}

broken_echo::~broken_echo() = default;

}  // namespace plainsong::tests
