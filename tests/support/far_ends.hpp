// SPDX-License-Identifier: MIT
// far_ends.hpp — addresses that take connections, refuse them, or leave them without an answer.
//
// Does: stand on a port of its own that the kernel chose, on 127.0.0.1 or ::1, for as long as it
// lives, so that nobody else can.
#ifndef PLAINSONG_TESTS_SUPPORT_FAR_ENDS_HPP
#define PLAINSONG_TESTS_SUPPORT_FAR_ENDS_HPP

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>

#include <plainsong/net/address.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/sys.hpp>

#include "tests/support/net_fixtures.hpp"

namespace plainsong::tests {

inline constexpr std::string_view ipv4_host = "127.0.0.1";
inline constexpr std::string_view ipv6_host = "::1";

/// Takes connections.
class open_end {
public:
    explicit open_end(std::string_view host = ipv4_host, int backlog = 100)
        : open_end(*address::parse(host, 0), backlog) {}
    explicit open_end(const address& where, int backlog = 100) : where_(where) {
        result<fd> made = sys::listen(where, {.backlog = backlog});
        EXPECT_TRUE(made) << where.text().view() << ": " << made.why().number();
        listening_ = std::move(*made);
        if (where.family() != address_family::unix_path) {
            where_ = *sys::bound_address(listening_.number());
        }
    }

    [[nodiscard]] const address& where() const { return where_; }

    /// Returns: the next that waits, empty if nobody does.
    [[nodiscard]] fd take() const {
        address peer;
        result<fd> taken = sys::accept(listening_.number(), peer);
        return taken ? std::move(*taken) : fd{};
    }
    void await_guest() const { await_ready(listening_.number(), POLLIN); }
    [[nodiscard]] bool has_guest() const {
        pollfd waiting{listening_.number(), POLLIN, 0};
        return ::poll(&waiting, 1, 0) == 1;
    }

private:
    fd listening_;
    address where_;
};

/// Is bound but doesn't listen: each connection is refused.
class refusing_end {
public:
    explicit refusing_end(std::string_view host = ipv4_host) {
        const address any = *address::parse(host, 0);
        socket_ = fd{::socket(any.native()->sa_family, SOCK_STREAM, 0)};
        EXPECT_EQ(::bind(socket_.number(), any.native(), static_cast<socklen_t>(any.native_size())),
                  0);
        where_ = *sys::bound_address(socket_.number());
    }

    [[nodiscard]] const address& where() const { return where_; }

private:
    fd socket_;
    address where_;
};

/// Its queue is full, so that it doesn't answer: who connects waits for the deadline.
class silent_end {
public:
    explicit silent_end(std::string_view host = ipv4_host) : silent_end(*address::parse(host, 0)) {}
    explicit silent_end(const address& any) : listening_(any, 0) {
        result<fd> first = sys::connect(where());
        EXPECT_TRUE(first);
        filling_ = std::move(*first);
        await_ready(filling_.number(), POLLOUT);
    }

    [[nodiscard]] const address& where() const { return listening_.where(); }
    /// Takes the one who fills the queue, and whoever comes next gets an answer.
    void make_room() { EXPECT_TRUE(listening_.take()); }

private:
    open_end listening_;
    fd filling_;
};

/// A path that nobody else uses, removed in the end.
class socket_path {
public:
    socket_path() : text_("/tmp/plainsong-" + std::to_string(sys::process_id()) + ".socket") {
        remove();
    }
    ~socket_path() { remove(); }
    socket_path(const socket_path&) = delete;
    socket_path& operator=(const socket_path&) = delete;

    [[nodiscard]] address where() const { return *address::unix_path(text_); }

private:
    void remove() { static_cast<void>(sys::remove_file(text_.c_str())); }

    std::string text_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_FAR_ENDS_HPP
