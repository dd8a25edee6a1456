// SPDX-License-Identifier: MIT
// connector_test.cpp — the order of net/connector, and what it makes of what a poller says.
#include <plainsong/net/connector.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "src/net/poller.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong {
namespace {

using namespace std::chrono_literals;

// ---- order --------------------------------------------------------------------------------------

address named(char name) {
    const std::string digit(1, name >= 'a' ? static_cast<char>(name - 'a' + '1') : name);
    if (name == '/') {
        return *address::unix_path("/");
    }
    return *address::parse((name >= 'a' ? "2001:db8::" : "192.0.2.") + digit, 80);
}

/// Digits are IPv4 addresses, letters IPv6, a slash is a path.
std::string ordered(std::string_view names) {
    std::vector<address> given;
    for (const char name : names) {
        given.push_back(named(name));
    }
    std::string order;
    for (const address& each : order_for_connecting(given)) {
        for (const char name : names) {
            order += each == named(name) ? std::string(1, name) : "";
        }
    }
    return order;
}

TEST(OrderForConnecting, AlternatesFamiliesBeginningWithThatOfTheFirst) {
    EXPECT_EQ(ordered("abc123"), "a1b2c3");
    EXPECT_EQ(ordered("123abc"), "1a2b3c");
    EXPECT_EQ(ordered("a12b3c"), "a1b2c3");
    EXPECT_EQ(ordered("1ab2"), "1a2b");
}

TEST(OrderForConnecting, AppendsWhatOneFamilyHasMore) {
    EXPECT_EQ(ordered("abcd1"), "a1bcd");
    EXPECT_EQ(ordered("1abcd"), "1abcd");
    EXPECT_EQ(ordered("a1234"), "a1234");
    EXPECT_EQ(ordered("321abc45"), "3a2b1c45");
}

TEST(OrderForConnecting, KeepsTheOrderOfOneFamily) {
    EXPECT_EQ(ordered(""), "");
    EXPECT_EQ(ordered("1"), "1");
    EXPECT_EQ(ordered("a"), "a");
    EXPECT_EQ(ordered("/"), "/");
    EXPECT_EQ(ordered("cab"), "cab");
    EXPECT_EQ(ordered("213"), "213");
}

TEST(OrderForConnecting, CountsWhatIsOfNeitherFamilyToTheOthers) {
    EXPECT_EQ(ordered("a/b1"), "a/b1");
    EXPECT_EQ(ordered("/a1"), "/a1");
}

// ---- what a poller says -------------------------------------------------------------------------

/// A poller that reports what a test puts into it, of the descriptor that was added last.
struct told_poller final : poller {
    told_poller() { latest = this; }

    error add(int, interest what, watch_token token) override {
        added = token;
        interests.push_back(what);
        return {};
    }
    error modify(int, interest, interest, watch_token) override { return {}; }
    void remove(int, interest, watch_token) override {}
    wait_outcome wait(std::span<poller_event> events, int) override {
        if (!is_told) {
            return {};
        }
        is_told = false;
        events[0] = {added, says};
        return {.count = 1, .number = 0};
    }

    static told_poller* latest;

    watch_token added;
    std::vector<interest> interests;
    readiness says;
    bool is_told = false;
};

told_poller* told_poller::latest = nullptr;

class ConnectorIsTold : public ::testing::Test {
protected:
    ConnectorIsTold() {
        // Of a full queue nothing is heard: the attempt stays on its way.
        result<fd> listening = sys::listen(*address::parse("127.0.0.1", 0), {.backlog = 0});
        full_ = std::move(*listening);
        result<fd> filling = sys::connect(*sys::bound_address(full_.number()));
        filling_ = std::move(*filling);
        tests::await_ready(filling_.number(), 4 /* POLLOUT */);
    }

    void connect_to(const address& where) {
        connector_.connect({&where, 1}, {}, [this](connect_outcome outcome) {
            ++calls_;
            outcome_ = std::move(outcome);
        });
        ASSERT_FALSE(loop_.turn(0s));
    }
    void tell(readiness what) {
        told_poller::latest->says = what;
        told_poller::latest->is_told = true;
        ASSERT_FALSE(loop_.turn(0s));
    }

    loop loop_{{.make_poller = [](std::uint32_t) -> poller* { return new told_poller; }}};
    connector connector_{loop_};
    fd full_;
    fd filling_;
    int calls_ = 0;
    connect_outcome outcome_;
};

TEST_F(ConnectorIsTold, WatchesForWritingAlone) {
    connect_to(*sys::bound_address(full_.number()));
    // The loop's own channel came first.
    EXPECT_EQ(told_poller::latest->interests,
              (std::vector<interest>{interest::read, interest::write}));
}

TEST_F(ConnectorIsTold, WaitsOnAfterAFalseAlarm) {
    connect_to(*sys::bound_address(full_.number()));
    tell({.writable = true});
    tell({.readable = true});
    EXPECT_EQ(calls_, 0);
    EXPECT_TRUE(connector_.is_connecting());
}

TEST_F(ConnectorIsTold, GivesUpWhatHungUpWithoutSayingWhy) {
    for (const readiness what : {readiness{.hung_up = true}, readiness{.failed = true},
                                 readiness{.writable = true, .hung_up = true}}) {
        calls_ = 0;
        connect_to(*sys::bound_address(full_.number()));
        tell(what);
        EXPECT_EQ(calls_, 1);
        EXPECT_EQ(outcome_.why, (error{error_code::connect_failed, ENOTCONN}));
        EXPECT_FALSE(outcome_.transport);
    }
}

TEST_F(ConnectorIsTold, TakesAConnectionThatHasAlreadyHungUp) {
    result<fd> listening = sys::listen(*address::parse("127.0.0.1", 0), {});
    connect_to(*sys::bound_address(listening->number()));
    tests::await_ready(listening->number(), 1 /* POLLIN */);
    tell({.writable = true, .hung_up = true});
    EXPECT_EQ(calls_, 1);
    EXPECT_FALSE(outcome_.why);
    EXPECT_TRUE(outcome_.transport);
}

}  // namespace
}  // namespace plainsong
