// SPDX-License-Identifier: MIT
// sys.cpp — see sys.hpp.
//
// The differences between systems are kept here (and in the pollers): where Linux makes a socket
// non-blocking and closed on exec in one call, others need two more.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

#include <plainsong/net/address.hpp>
#include <plainsong/net/sys.hpp>

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/random.h>
#endif

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
#ifdef SOCK_NONBLOCK
constexpr int stream_type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
#else
constexpr int stream_type = SOCK_STREAM;
#endif

/// Repeats `call` for as long as signals interrupt it.
template <typename Call>
auto uninterrupted(Call call) {
    auto outcome = call();
    while (outcome < 0 && errno == EINTR) {
        outcome = call();
    }
    return outcome;
}

error last_error() {
    return {error_code::system_call_failed, errno};
}

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

// ---- bytes
// ---------------------------------------------------------------------------------------

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

io_result send(int socket, std::span<const io_slice> slices) {
    std::size_t asked = 0;
    ssize_t count = 0;
    if (slices.size() == 1) {  // the common case; send is cheaper than sendmsg
        asked = slices[0].iov_len;
        count = uninterrupted(
            [&] { return ::send(socket, slices[0].iov_base, slices[0].iov_len, send_flags); });
    } else {
        slices = slices.first(std::min(slices.size(), static_cast<std::size_t>(IOV_MAX)));
        for (const io_slice& slice : slices) {
            asked += slice.iov_len;
        }
        msghdr message{};
        message.msg_iov = const_cast<io_slice*>(slices.data());
        message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(slices.size());
        count = uninterrupted([&] { return ::sendmsg(socket, &message, send_flags); });
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

// ---- sockets
// -------------------------------------------------------------------------------------

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
        set_flag(socket, IPPROTO_TCP, TCP_NODELAY);  // Linux hands it down; see accept
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

// ---- waking a thread that waits
// ------------------------------------------------------------------

result<wake_channel> open_wake_channel() {
    wake_channel channel;
#ifdef __linux__
    channel.read = fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (!channel.read) {
        return last_error();
    }
#else
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) {
        return last_error();
    }
    channel.read = fd{ends[0]};
    channel.write_end = fd{ends[1]};
    for (const int end : ends) {
        if (::fcntl(end, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(end, F_SETFL, O_NONBLOCK) != 0) {
            return last_error();
        }
    }
#endif
    return channel;
}

void wake(int write_descriptor) {
    const int kept = errno;
    const std::uint64_t one = 1;
    // Full means that the reader will wake anyway.
    uninterrupted([&] { return ::write(write_descriptor, &one, sizeof one); });
    errno = kept;
}

void drain_wakes(int read_descriptor) {
    std::uint64_t wakes[32];
    uninterrupted([&] { return ::read(read_descriptor, wakes, sizeof wakes); });
}

// ---- random bytes and memory
// ---------------------------------------------------------------------

#ifdef __linux__

namespace {

error no_entropy(int number) {
    return {error_code::no_entropy, number};
}

/// For kernels and sandboxes without getrandom.
error read_urandom(byte_span into) {
    fd source{uninterrupted([] { return ::open("/dev/urandom", O_RDONLY | O_CLOEXEC); })};
    if (!source) {
        return no_entropy(errno);
    }
    while (!into.empty()) {
        const ssize_t count =
            uninterrupted([&] { return ::read(source.number(), into.data(), into.size()); });
        if (count <= 0 || static_cast<std::size_t>(count) > into.size()) {
            return no_entropy(count < 0 ? errno : EIO);
        }
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

error random_bytes(byte_span into) {
    while (!into.empty()) {
        const ssize_t count =
            uninterrupted([&] { return ::getrandom(into.data(), into.size(), 0); });
        if (count < 0 && errno == ENOSYS) {
            return read_urandom(into);
        }
        if (count <= 0 || static_cast<std::size_t>(count) > into.size()) {
            return no_entropy(count < 0 ? errno : EIO);
        }
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

#else

error random_bytes(byte_span into) {
    ::arc4random_buf(into.data(), into.size());
    return {};
}

#endif

void* map_page(std::size_t bytes, bool& wiped_on_fork) {
    void* page = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    wiped_on_fork = false;
    if (page == MAP_FAILED) {
        return nullptr;
    }
#ifdef MADV_WIPEONFORK
    wiped_on_fork = ::madvise(page, bytes, MADV_WIPEONFORK) == 0;
#endif
    return page;
}

void unmap_page(void* page, std::size_t bytes) {
    ::munmap(page, bytes);
}

// ---- files, processes, threads
// -------------------------------------------------------------------

result<file_identity> identify(const char* path) {
    struct stat found {};
    if (::lstat(path, &found) != 0) {
        return last_error();
    }
    return file_identity{static_cast<std::uint64_t>(found.st_dev),
                         static_cast<std::uint64_t>(found.st_ino), S_ISSOCK(found.st_mode)};
}

error remove_file(const char* path) {
    return ::unlink(path) == 0 ? error{} : last_error();
}

fd open_reserve() {
    return fd{uninterrupted([] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); })};
}

int process_id() {
    return ::getpid();
}

void thread_name(std::span<char> into) {
    if (!into.empty() && ::pthread_getname_np(::pthread_self(), into.data(), into.size()) != 0) {
        into[0] = '\0';
    }
}

}  // namespace plainsong::sys
