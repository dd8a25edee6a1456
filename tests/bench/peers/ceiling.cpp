// SPDX-License-Identifier: MIT
// ceiling.cpp — the least that any echo server can do, as the measure for those that do more.
//
// Does: read bytes and write back as many as a WebSocket echo would, on one thread with
// level-triggered epoll: one large receive buffer, one recv and one send an event, interest changed
// only when a send was cut short.  Does not: know WebSocket.  The sizes of a frame each way stand
// in the request path (`/?in=131&out=127`), the answer to any request is one fixed head (its accept
// value is wrong; the generator doesn't check it here), and of each frame the first in - out bytes
// are answered by nothing, every later byte by one byte.  What is written back is whatever the
// buffer holds: so much time it takes to move these bytes, and no correct server takes less.
// With `&close=1` the connection is closed after one frame.
// Used by: tests/bench/run.  Depends on: Linux.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr char head[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n";
constexpr std::size_t buffer_bytes = 512 * 1024;
constexpr int events_a_turn = 1024;

struct peer {
    std::uint32_t in = 0;        // bytes of a frame that comes; 0 before the request
    std::uint32_t out = 0;       // bytes of the frame that answers it
    std::uint32_t position = 0;  // in the frame that is coming
    bool closes = false;
    bool blocked = false;    // a send was cut short
    std::uint64_t owed = 0;  // bytes not yet written
};

int poller;
std::vector<peer> peers;  // by descriptor
char buffer[buffer_bytes];

void drop(int descriptor) {
    peers[static_cast<std::size_t>(descriptor)] = peer{};
    close(descriptor);
}

void want(int descriptor, std::uint32_t events) {
    epoll_event change{};
    change.events = events;
    change.data.fd = descriptor;
    epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &change);
}

std::uint32_t number_after(const char* text, const char* name) {
    const char* found = std::strstr(text, name);
    return found ? static_cast<std::uint32_t>(std::strtoul(found + std::strlen(name), nullptr, 10))
                 : 0;
}

/// Returns: how many bytes answer `count` more bytes of frames.
std::uint64_t answer_to(peer& p, std::uint64_t count) {
    const std::uint32_t silent = p.in - p.out;
    const auto through = [&](std::uint64_t n) {
        const std::uint64_t rest = n % p.in;
        return n / p.in * p.out + (rest > silent ? rest - silent : 0);
    };
    const std::uint64_t end = p.position + count;
    const std::uint64_t owed = through(end) - through(p.position);
    p.position = static_cast<std::uint32_t>(end % p.in);
    return owed;
}

void flush(int descriptor, peer& p) {
    const std::size_t size = p.owed < buffer_bytes ? p.owed : buffer_bytes;
    const ssize_t sent = send(descriptor, buffer, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        return drop(descriptor);
    }
    p.owed -= sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
    if ((p.owed > 0) != p.blocked) {
        p.blocked = p.owed > 0;
        want(descriptor, p.blocked ? EPOLLOUT : EPOLLIN);
    }
}

void serve(int descriptor) {
    peer& p = peers[static_cast<std::size_t>(descriptor)];
    if (p.blocked) {
        return flush(descriptor, p);
    }
    const ssize_t count = recv(descriptor, buffer, buffer_bytes - 1, 0);
    if (count <= 0) {
        if (count == 0 || errno != EAGAIN) {
            drop(descriptor);
        }
        return;
    }
    if (p.in == 0) {
        buffer[count] = 0;  // the generator sends its request in one piece
        p.in = number_after(buffer, "in=");
        p.out = number_after(buffer, "out=");
        p.closes = number_after(buffer, "close=") != 0;
        if (p.in == 0 || p.out > p.in ||
            send(descriptor, head, sizeof head - 1, MSG_NOSIGNAL) != sizeof head - 1) {
            drop(descriptor);
        }
        return;
    }
    p.owed += answer_to(p, static_cast<std::uint64_t>(count));
    const bool last = p.closes && p.position == 0;
    if (p.owed > 0) {
        flush(descriptor, p);
    }
    if (last) {
        drop(descriptor);
    }
}

void accept_all(int listener) {
    for (;;) {
        const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            return;
        }
        const int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (static_cast<std::size_t>(descriptor) >= peers.size()) {
            peers.resize(static_cast<std::size_t>(descriptor) + 1024);
        }
        epoll_event add{};
        add.events = EPOLLIN;
        add.data.fd = descriptor;
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &add);
    }
}

int listen_on(std::uint16_t port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    if (bind(listener, generic, length) != 0 || listen(listener, 4096) != 0 ||
        getsockname(listener, generic, &length) != 0) {
        std::perror("ceiling: listen");
        std::exit(1);
    }
    std::printf("listening on %d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return listener;
}

}  // namespace

int main(int argc, char** argv) {
    const int listener = listen_on(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
    poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_event add{};
    add.events = EPOLLIN;
    add.data.fd = listener;
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &add);
    static epoll_event events[events_a_turn];
    for (;;) {
        const int count = epoll_wait(poller, events, events_a_turn, -1);
        for (int i = 0; i < count; ++i) {
            if (events[i].data.fd == listener) {
                accept_all(listener);
            } else {
                serve(events[i].data.fd);
            }
        }
    }
}
