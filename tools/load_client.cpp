// SPDX-License-Identifier: MIT
// load_client.cpp — connecting, upgrading, sending and ending.  (Receiving: load_receive.cpp.)
//
// Used by: tools/load_run.  Depends on: tools/load_client.
#include "tools/load_client.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <plainsong/codec/base64.hpp>
#include <plainsong/net/entropy.hpp>
#include <plainsong/ws/close.hpp>

namespace plainsong::load {
namespace {

constexpr std::size_t greetings_made = 64;
constexpr std::uint32_t connections_per_source = 20000;  // a source address has some 28,000 ports

/// Binds to 127.0.0.2, 127.0.0.3 … once the ports of 127.0.0.1 run low.
void choose_source(int socket, const address& server, std::uint32_t index) {
    if (server.family() != address_family::ipv4 || !server.is_loopback() ||
        index < connections_per_source) {
        return;
    }
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / connections_per_source);
#ifdef IP_BIND_ADDRESS_NO_PORT
    const int on = 1;
    setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
#endif
    // If that address isn't there, the kernel chooses one.
    static_cast<void>(bind(socket, reinterpret_cast<const sockaddr*>(&source), sizeof source));
}

fd open_socket(const address& server) {
    const bool tcp = server.family() != address_family::unix_path;
    const int family = server.family() == address_family::ipv4   ? AF_INET
                       : server.family() == address_family::ipv6 ? AF_INET6
                                                                 : AF_UNIX;
#ifdef SOCK_NONBLOCK
    fd made(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
#else
    fd made(socket(family, SOCK_STREAM, 0));
    fcntl(made.number(), F_SETFL, O_NONBLOCK);
#endif
    const int on = 1;
    if (tcp && made) {
        setsockopt(made.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return made;
}

}  // namespace

error make_greetings(workload& work) {
    std::string target = work.wanted.target;
    if (work.wanted.tell_sizes) {
        const bool storm = work.wanted.what == mode::storm;
        const std::size_t close_bytes = 4;  // of a Close with a code, unmasked
        const std::size_t in = storm ? close_bytes + 4 : work.frames.frame_bytes();
        const std::size_t out = storm ? close_bytes : work.frames.echo_bytes();
        target += target.find('?') == std::string::npos ? "?" : "&";
        target += "in=" + std::to_string(in) + "&out=" + std::to_string(out);
        target += storm ? "&close=1" : "";
    }
    close_payload farewell;
    if (const error why = encode_close(close_code::normal, "", farewell)) {
        return why;
    }
    work.greetings.resize(greetings_made);
    for (greeting& each : work.greetings) {
        std::array<std::uint8_t, 16> nonce{};
        if (const error why = fill_random(nonce)) {
            return why;
        }
        std::array<char, base64_encoded_size(nonce.size())> key{};
        base64_encode(nonce, key);
        const std::string key_text(key.data(), key.size());
        each.answer = accept_key_for(key_text);
        each.request =
            "GET " + target + " HTTP/1.1\r\nHost: " + work.wanted.host +
            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_text +
            "\r\nSec-WebSocket-Version: 13\r\n" + offer_of(work.wanted.compression) + "\r\n";
        if (const error why = append_masked(each.goodbye, opcode::close, farewell.view())) {
            return why;
        }
    }
    return {};
}

void client::fail(workload& work, const std::string& why) {
    if (work.failure.empty()) {
        work.failure = "connection " + std::to_string(index_ + 1) + ": " + why;
    }
}

void client::connect(workload& work, std::uint32_t index, std::int64_t since) {
    index_ = index;
    in_payload_ = message_open_ = deflated_ = close_received_ = blocked_ = watched_ = false;
    head_size_ = 0;
    message_at_ = 0;
    allowed_ = answered_ = received_ = 0;
    sent_ = work.frames.start_of(index_ % work.frames.count());
    inflating_.reset();
    urgent_.clear();
    partial_.clear();
    times_.resize(work.wanted.depth);
    times_[0] = since;
    ++work.handshakes;
    state_ = state::connecting;
    const address& server = work.wanted.server;
    socket_ = open_socket(server);
    if (!socket_) {
        return lose(work, errno, std::string("no socket: ") + std::strerror(errno));
    }
    choose_source(socket_.number(), server, index);
    if (::connect(socket_.number(), server.native(),
                  static_cast<socklen_t>(server.native_size())) != 0 &&
        errno != EINPROGRESS) {
        return lose(work, errno, std::strerror(errno));
    }
    if (!work.poll.add(socket_.number(), index_, false)) {
        return lose(work, errno, std::string("can't be waited for: ") + std::strerror(errno));
    }
    watched_ = true;
    greet(work);  // on loopback a connection is there at once
}

void client::greet(workload& work) {
    const std::string& request = work.greetings[index_ % work.greetings.size()].request;
    const ssize_t sent = send(socket_.number(), request.data(), request.size(), 0);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
        return want_write(work, true);
    }
    if (sent < 0) {
        return lose(work, errno, std::strerror(errno));
    }
    if (static_cast<std::size_t>(sent) != request.size()) {
        return lose(work, 0, "the request didn't fit the socket's buffer");
    }
    want_write(work, false);
    state_ = state::upgrading;
}

void client::want_write(workload& work, bool write) {
    if (write != blocked_) {
        blocked_ = write;
        work.poll.change(socket_.number(), index_, write);
    }
}

void client::on_ready(workload& work, const ready& what) {
    if (state_ == state::connecting) {
        if (what.writable) {
            greet(work);
        }
        return;
    }
    if (what.readable && state_ != state::none) {
        receive(work);
    }
    if (what.writable && state_ != state::none && work.failure.empty()) {
        pump(work);
    }
}

void client::start(workload& work) {
    work.now = now_ns();
    allow_more(work);
    pump(work);
}

std::uint64_t client::send_until(workload& work, std::uint64_t total) {
    const std::uint64_t more = total > allowed_ ? total - allowed_ : 0;
    allowed_ += more;
    if (state_ != state::open) {
        work.unanswered += more;
        return 0;
    }
    work.under_way += more;
    if (more > 0) {
        pump(work);
    }
    return more;
}

bool client::send_apart(workload& work, opcode op, byte_view payload) {
    if (state_ != state::open || is_clogged()) {
        return false;
    }
    if (const error why = append_masked(urgent_, op, payload)) {
        fail(work, facts_of(why.code()).text);
        return false;
    }
    pump(work);
    return true;
}

void client::allow_more(workload& work) {
    if (!work.sending) {
        return;
    }
    const std::uint64_t more = std::min(answered_ + work.wanted.depth, work.quota);
    for (; allowed_ < more; ++allowed_, ++work.under_way) {
        times_[allowed_ % times_.size()] = work.now;
    }
}

/// Returns: how far the stream may be sent.
std::uint64_t client::sendable(const workload& work) const {
    return work.frames.start_of(index_ % work.frames.count() + allowed_);
}

/// Returns: how many bytes were sent; 0 if there is no room, or if it failed.
std::size_t client::send_some(workload& work, bool& failed) {
    const byte_view ring = work.frames.stream();
    const std::uint64_t end = urgent_.empty() ? sendable(work) : work.frames.start_from(sent_);
    iovec slices[2] = {};
    msghdr message{};
    message.msg_iov = slices;
    message.msg_iovlen = 1;
    // A control frame waits for the end of the message that has begun, no longer.
    if (!urgent_.empty() && sent_ == end) {
        slices[0] = {urgent_.data(), urgent_.size()};
    } else {
        const std::size_t at = sent_ % ring.size();
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(end - sent_, ring.size()));
        const std::size_t first = std::min(wanted, ring.size() - at);
        auto* base = const_cast<std::uint8_t*>(ring.data());
        slices[0] = {base + at, first};
        slices[1] = {base, wanted - first};
        message.msg_iovlen = wanted > first ? 2 : 1;
    }
    const ssize_t sent = sendmsg(socket_.number(), &message, 0);
    if (sent < 0) {
        failed = errno != EAGAIN;
        return 0;
    }
    const auto count = static_cast<std::size_t>(sent);
    if (slices[0].iov_base == urgent_.data() && !urgent_.empty()) {
        urgent_.erase(urgent_.begin(), urgent_.begin() + sent);
    } else {
        sent_ += count;
    }
    return count;
}

void client::pump(workload& work) {
    while (!urgent_.empty() || sent_ < sendable(work)) {
        bool failed = false;
        if (send_some(work, failed) == 0) {
            return failed ? end(work, errno) : want_write(work, true);
        }
    }
    want_write(work, false);
}

void client::close(workload& work) {
    state_ = state::closing;
    if (work.wanted.tell_sizes && work.wanted.what != mode::storm) {
        return end(work, 0);  // that server doesn't know of closing
    }
    const auto& goodbye = work.greetings[index_ % work.greetings.size()].goodbye;
    urgent_.insert(urgent_.end(), goodbye.begin(), goodbye.end());
    pump(work);
}

/// The stream is at its end, or failed.
void client::end(workload& work, int number) {
    const bool is_clean = state_ == state::closing && (close_received_ || work.wanted.tell_sizes);
    if (!is_clean) {
        const bool was_open = state_ == state::open || state_ == state::closing;
        const std::string how = number != 0 ? std::strerror(number) : "the server ended it";
        return lose(work, number,
                    how + (was_open ? ", no Close received" : ", no answer to the handshake"));
    }
    if (work.wanted.what == mode::storm) {
        work.now = now_ns();
        work.record(times_[0]);
        ++work.completed;
    }
    leave(work);
}

/// Counts the connection as failed, and leaves it.
void client::lose(workload& work, int number, const std::string& why) {
    const stage when = state_ == state::connecting  ? stage::connecting
                       : state_ == state::upgrading ? stage::upgrading
                       : state_ == state::open      ? stage::open
                                                    : stage::closing;
    work.failures.add(when, number, why);
    leave(work);
}

void client::leave(workload& work) {
    if (watched_) {
        work.poll.remove(socket_.number());
        watched_ = false;
    }
    socket_.reset();
    const bool was_open = state_ == state::open || state_ == state::closing;
    work.open -= was_open ? 1U : 0U;
    work.handshakes -= was_open ? 0U : 1U;
    work.under_way -= allowed_ - answered_;
    work.unanswered += allowed_ - answered_;
    answered_ = allowed_;
    state_ = state::none;
    if (work.wanted.what == mode::storm) {
        work.at_rest.push_back(index_);
    } else if (work.wanted.what == mode::broadcast && index_ < work.wanted.connections) {
        work.cast.drop(index_);
    }
}

}  // namespace plainsong::load
