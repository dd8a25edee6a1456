// SPDX-License-Identifier: MIT
// standard_streams.cpp — read(2) and write(2) in the loop's time.
#include "tools/standard_streams.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace plainsong::tools {

namespace {

constexpr std::size_t read_bytes = 64 << 10;

}  // namespace

// ---- input -----------------------------------------------------------------------------------------

input_stream::input_stream(loop& its_loop, int descriptor, callback<void(byte_view)> on_bytes)
    : loop_(its_loop), on_bytes_(std::move(on_bytes)), descriptor_(descriptor) {
    if (auto token = loop_.watch(descriptor_, interest::none, *this)) {
        token_ = *token;
    }
}

input_stream::~input_stream() {
    loop_.cancel(*this);
    if (token_) {
        loop_.unwatch(token_);
    }
}

void input_stream::want(bool wanted) {
    if (is_wanted_ != wanted) {
        is_wanted_ = wanted;
        schedule();
    }
}

// What cannot be watched can always be read: the next turn does it.
void input_stream::schedule() {
    const bool reads = is_wanted_ && !has_ended_;
    if (!token_) {
        loop_.arm(*this, reads ? loop_.now() : never);
    } else if (loop_.change(token_, reads ? interest::read : interest::none)) {
        loop_.arm(*this, reads ? loop_.now() : never);
    }
}

void input_stream::read() {
    if (!is_wanted_ || has_ended_) {
        return;
    }
    pollfd state{descriptor_, POLLIN, 0};
    if (::poll(&state, 1, 0) != 1) {
        schedule();
        return;
    }
    std::array<std::uint8_t, read_bytes> buffer;
    const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        schedule();
        return;
    }
    has_ended_ = count <= 0;
    if (has_ended_ && token_) {
        loop_.unwatch(std::exchange(token_, {}));  // or its hang-up would be reported for ever
    }
    schedule();
    on_bytes_(byte_view(buffer).first(has_ended_ ? 0 : static_cast<std::size_t>(count)));
}

// ---- output ----------------------------------------------------------------------------------------

output_stream::output_stream(loop& its_loop, int descriptor, callback<void()> on_change)
    : loop_(its_loop), on_change_(std::move(on_change)), descriptor_(descriptor) {
    if (auto token = loop_.watch(descriptor_, interest::none, *this)) {
        token_ = *token;
    }
}

output_stream::~output_stream() {
    if (token_) {
        loop_.unwatch(token_);
    }
}

bool output_stream::has_room() const {
    pollfd state{descriptor_, POLLOUT, 0};
    return !token_ || ::poll(&state, 1, 0) == 1;
}

// Returns: how much of `text` was written.
std::size_t output_stream::write_some(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size() && error_ == 0 && has_room()) {
        const std::size_t most = token_ ? std::size_t{PIPE_BUF} : text.size();
        const ssize_t count =
            ::write(descriptor_, text.data() + done, std::min(most, text.size() - done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN && token_) {
            break;
        }
        if (count < 0) {
            break_off(errno);
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    return done;
}

void output_stream::write(std::string_view text) {
    if (pending() == 0) {
        text.remove_prefix(write_some(text));
    }
    if (text.empty() || error_ != 0) {
        return;
    }
    if (pending() == 0 && token_) {
        static_cast<void>(loop_.change(token_, interest::write));
    }
    pending_ += text;
}

void output_stream::on_ready(readiness ready) {
    if (pending() == 0) {
        if (ready.failed || ready.hung_up) {
            break_off(EPIPE);  // nobody reads any more
        }
        return;
    }
    begin_ += write_some(std::string_view(pending_).substr(begin_));
    if (error_ != 0) {
        return;
    }
    if (pending() == 0) {
        pending_.clear();
        begin_ = 0;
        static_cast<void>(loop_.change(token_, interest::none));
        on_change_();
    } else if (begin_ > pending_.size() / 2) {
        pending_.erase(0, begin_);
        begin_ = 0;
    }
}

void output_stream::break_off(int number) {
    if (error_ != 0) {
        return;
    }
    error_ = number;
    pending_.clear();
    begin_ = 0;
    if (token_) {
        loop_.unwatch(std::exchange(token_, {}));
    }
    on_change_();
}

}  // namespace plainsong::tools
