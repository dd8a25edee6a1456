// SPDX-License-Identifier: MIT
// sys.cpp — the clock, bytes and sockets of sys.hpp; the rest is in sys_process.cpp.
//
// The differences between systems are kept here (and in the pollers): where Linux makes a socket
// non-blocking and closed on exec in one call, others need two more.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

#include <plainsong/net/address.hpp>
#include <plainsong/net/sys.hpp>

#include "src/net/sys_calls.hpp"

namespace plainsong {

void fd::reset() {
    if (number_ >= 0) {
        sys::close(std::exchange(number_, -1));
    }
}

}  // namespace plainsong

namespace plainsong::sys {

namespace {

#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;  // SO_NOSIGPIPE has been set on the socket
#endif
#ifdef MSG_MORE
constexpr int more_follows = MSG_MORE;
#else
constexpr int more_follows = 0;
#endif
#ifdef SOCK_NONBLOCK
constexpr int stream_type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
#else
constexpr int stream_type = SOCK_STREAM;
#endif

io_result blocked(int number) {
    return {io_result::kind::would_block, number, 0};
}

io_result failed(int number) {
    // These mean that we hold a wrong number or a wrong pointer: a mistake of ours, not a fault.
    PLAINSONG_REQUIRE(number != EBADF && number != ENOTSOCK && number != EFAULT &&
                      number != EINVAL);
    return {io_result::kind::failed, number, 0};
}

bool is_would_block(int number) {
    return number == EAGAIN || number == EWOULDBLOCK;
}

/// Judges what the kernel says it moved of `asked` bytes.
io_result moved(std::size_t count, std::size_t asked) {
    PLAINSONG_REQUIRE(count <= asked);
    if (count > asked) {
        return failed(EIO);
    }
    return {io_result::kind::done, 0, count};
}

io_result not_sent(int number) {
    if (is_would_block(number)) {
        return blocked(0);
    }
    if (number == ENOBUFS || number == ENOMEM) {
        return blocked(number);
    }
    return failed(number);
}

bool set_flag(int socket, int level, int name) {
    const int on = 1;
    return ::setsockopt(socket, level, name, &on, sizeof on) == 0;
}

/// What Linux's accept4 and socket do in one call.  Returns: false if it stays blocking.
bool prepare_socket([[maybe_unused]] int socket) {
#ifdef SOCK_NONBLOCK
    return true;
#else
#ifdef SO_NOSIGPIPE
    if (!set_flag(socket, SOL_SOCKET, SO_NOSIGPIPE)) {
        return false;
    }
#endif
    return ::fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 && ::fcntl(socket, F_SETFL, O_NONBLOCK) == 0;
#endif
}

result<fd> open_socket(const address& where) {
    fd socket{::socket(where.native()->sa_family, stream_type, 0)};
    if (!socket || !prepare_socket(socket.number())) {
        return last_error();
    }
    return socket;
}

bool is_ip(const address& where) {
    return where.family() == address_family::ipv4 || where.family() == address_family::ipv6;
}

}  // namespace

time_point now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time_point{duration{static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 +
                               static_cast<std::int64_t>(time.tv_nsec)}};
}

// ---- bytes --------------------------------------------------------------------------------------

io_result receive(int socket, byte_span into) {
    PLAINSONG_REQUIRE(!into.empty());
    const ssize_t count =
        uninterrupted([&] { return ::recv(socket, into.data(), into.size(), 0); });
    if (count > 0) {
        return moved(static_cast<std::size_t>(count), into.size());
    }
    if (count == 0) {
        return {io_result::kind::end, 0, 0};
    }
    return is_would_block(errno) ? blocked(0) : failed(errno);
}

io_result send(int socket, std::span<const io_slice> slices, bool is_last) {
    const int flags = is_last ? send_flags | more_follows : send_flags;
    std::size_t asked = 0;
    ssize_t count = 0;
    if (slices.size() == 1) {  // the common case; send is cheaper than sendmsg
        asked = slices[0].iov_len;
        count = uninterrupted(
            [&] { return ::send(socket, slices[0].iov_base, slices[0].iov_len, flags); });
    } else {
        slices = slices.first(std::min(slices.size(), static_cast<std::size_t>(IOV_MAX)));
        for (const io_slice& slice : slices) {
            asked += slice.iov_len;
        }
        msghdr message{};
        message.msg_iov = const_cast<io_slice*>(slices.data());
        message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(slices.size());
        count = uninterrupted([&] { return ::sendmsg(socket, &message, flags); });
    }
    if (count > 0) {
        return moved(static_cast<std::size_t>(count), asked);
    }
    return count == 0 ? blocked(0) : not_sent(errno);
}

void shutdown_write(int socket) {
    ::shutdown(socket, SHUT_WR);
}

void close(int descriptor) {
    ::close(descriptor);
}

// ---- sockets ------------------------------------------------------------------------------------

result<fd> listen(const address& where, listen_options options) {
    if (!where) {
        return error{error_code::no_such_address};
    }
    result<fd> opened = open_socket(where);
    if (!opened) {
        return opened;
    }
    const int socket = opened->number();
    if (is_ip(where) && !set_flag(socket, SOL_SOCKET, SO_REUSEADDR)) {
        return last_error();
    }
    if (where.family() == address_family::ipv6 && !set_flag(socket, IPPROTO_IPV6, IPV6_V6ONLY)) {
        return last_error();
    }
    if (options.reuse_port && !set_flag(socket, SOL_SOCKET, SO_REUSEPORT)) {
        return last_error();
    }
    if (is_ip(where)) {
        set_flag(socket, IPPROTO_TCP, TCP_NODELAY);  // Linux hands both down; see accept
        if (options.user_timeout != duration::max()) {
            static_cast<void>(set_user_timeout(socket, options.user_timeout));  // better with it
        }
    }
    if (::bind(socket, where.native(), static_cast<socklen_t>(where.native_size())) != 0 ||
        ::listen(socket, options.backlog) != 0) {
        return last_error();
    }
    return opened;
}

result<fd> accept(int listening, address& peer) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    auto* native = reinterpret_cast<sockaddr*>(&from);
    fd socket{uninterrupted([&] {
        size = sizeof from;
#ifdef SOCK_NONBLOCK
        return ::accept4(listening, native, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
        return ::accept(listening, native, &size);
#endif
    })};
    if (!socket || !prepare_socket(socket.number())) {
        return last_error();
    }
    peer = address::from_native(native, size);
#ifndef __linux__  // there, accepted sockets have the listening one's
    if (is_ip(peer)) {
        set_flag(socket.number(), IPPROTO_TCP, TCP_NODELAY);  // it works without, only slower
    }
#endif
    return socket;
}

result<fd> connect(const address& where) {
    if (!where) {
        return error{error_code::no_such_address};
    }
    result<fd> opened = open_socket(where);
    if (!opened) {
        return opened;
    }
    if (is_ip(where)) {
        set_flag(opened->number(), IPPROTO_TCP, TCP_NODELAY);
    }
    const int outcome =
        ::connect(opened->number(), where.native(), static_cast<socklen_t>(where.native_size()));
    // Interrupted, it goes on by itself; calling again would be an error.
    if (outcome != 0 && errno != EINPROGRESS && errno != EINTR) {
        return last_error();
    }
    return opened;
}

error connect_outcome(int socket) {
    int number = 0;
    socklen_t size = sizeof number;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &size) != 0) {
        return last_error();
    }
    return number == 0 ? error{} : error{error_code::system_call_failed, number};
}

namespace {

result<address> address_from(int (*ask)(int, sockaddr*, socklen_t*), int socket) {
    sockaddr_storage found{};
    socklen_t size = sizeof found;
    auto* native = reinterpret_cast<sockaddr*>(&found);
    if (ask(socket, native, &size) != 0) {
        return last_error();
    }
    return address::from_native(native, size);
}

}  // namespace

result<address> bound_address(int socket) {
    return address_from(::getsockname, socket);
}

result<address> peer_address(int socket) {
    return address_from(::getpeername, socket);
}

error set_user_timeout([[maybe_unused]] int socket, [[maybe_unused]] duration longest) {
#ifdef TCP_USER_TIMEOUT
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
    const auto value = static_cast<unsigned>(std::clamp<std::int64_t>(milliseconds, 0, INT_MAX));
    if (::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value) != 0) {
        return last_error();
    }
#endif
    return {};
}

}  // namespace plainsong::sys
