// SPDX-License-Identifier: MIT
// ceiling_client.cpp — the least that any client can do, as the measure for those that do more.
//
// Does: write frames that were made beforehand and count the bytes that come back, on one thread with
// level-triggered epoll, one recv and one send an event.  Does not: know WebSocket beyond the size
// of a frame; each has the same masking key, which a client must not do.
// Used by: tests/bench/run.  Depends on: Linux.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "tests/bench/clients/window.hpp"

namespace {

struct peer {
    int descriptor = -1;
    std::uint64_t heard = 0;  // bytes of the frame that is coming
    std::uint64_t owed = 0;   // bytes not yet written
    bool waits = false;       // to write them
};

std::vector<char> frames;  // as many as may be due at once
char buffer[512 * 1024];

std::string frame_of(std::size_t size, bool masked) {
    std::string head = "\x82";
    const char mask_bit = masked ? static_cast<char>(0x80) : '\0';
    if (size < 126) {
        head += static_cast<char>(static_cast<char>(size) | mask_bit);
    } else if (size < 65536) {
        head += static_cast<char>(126 | mask_bit);
        head += static_cast<char>(size >> 8);
        head += static_cast<char>(size);
    } else {
        head += static_cast<char>(127 | mask_bit);
        for (int shift = 56; shift >= 0; shift -= 8) {
            head += static_cast<char>(size >> shift);
        }
    }
    head += masked ? "abcd" : "";
    return head + std::string(size, masked ? 'y' : 'x');
}

int connected(int port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
        bench::window::fail("no connection");
    }
    const char request[] =
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (write(descriptor, request, sizeof request - 1) != sizeof request - 1) {
        bench::window::fail("no request");
    }
    std::string answer;
    while (answer.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
        if (count <= 0) {
            bench::window::fail("no answer");
        }
        answer.append(buffer, static_cast<std::size_t>(count));
    }
    return descriptor;
}

}  // namespace

int main(int argc, char** argv) {
    bench::window window(argc, argv);
    const std::string out = frame_of(window.size, true);
    const std::size_t in_size = frame_of(window.size, false).size();
    for (int n = 0; n < 2 * window.depth; ++n) {
        frames.insert(frames.end(), out.begin(), out.end());
    }
    const int poller = epoll_create1(0);
    std::vector<peer> peers(static_cast<std::size_t>(window.connections));
    const auto flush = [&](peer& one) {
        while (one.owed != 0) {
            // Where in a frame the next byte lies follows from how many are owed.
            const std::size_t at = (out.size() - one.owed % out.size()) % out.size();
            const std::size_t size = one.owed < frames.size() - at ? one.owed : frames.size() - at;
            const ssize_t sent =
                send(one.descriptor, frames.data() + at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent <= 0) {
                break;
            }
            one.owed -= static_cast<std::uint64_t>(sent);
        }
    };
    for (peer& one : peers) {
        one.descriptor = connected(window.port);
        epoll_event change{};
        change.events = EPOLLIN;
        change.data.ptr = &one;
        epoll_ctl(poller, EPOLL_CTL_ADD, one.descriptor, &change);
        one.owed = out.size() * static_cast<std::size_t>(window.depth);
        flush(one);
    }
    epoll_event events[1024];
    while (true) {
        const int count = epoll_wait(poller, events, 1024, -1);
        for (int i = 0; i < count; ++i) {
            peer& one = *static_cast<peer*>(events[i].data.ptr);
            if ((events[i].events & EPOLLIN) != 0) {
                const ssize_t got = recv(one.descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
                if (got == 0) {
                    bench::window::fail("closed");
                }
                one.heard += got > 0 ? static_cast<std::uint64_t>(got) : 0;
                while (one.heard >= in_size) {
                    one.heard -= in_size;
                    one.owed += out.size();
                    window.note();
                }
            }
            flush(one);
            const bool waits = one.owed != 0;
            if (waits != one.waits) {
                one.waits = waits;
                epoll_event change{};
                change.events = waits ? EPOLLIN | EPOLLOUT : EPOLLIN;
                change.data.ptr = &one;
                epoll_ctl(poller, EPOLL_CTL_MOD, one.descriptor, &change);
            }
        }
    }
}
