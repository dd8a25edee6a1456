// SPDX-License-Identifier: MIT
// address_test.cpp — tests of net/address.
#include <plainsong/net/address.hpp>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace plainsong {
namespace {

std::string text_of(std::string_view host, std::uint16_t port) {
    result<address> parsed = address::parse(host, port);
    return parsed ? std::string{parsed->text().view()} : "refused";
}

TEST(Address, ParsesNumericHosts) {
    EXPECT_EQ(text_of("127.0.0.1", 80), "127.0.0.1:80");
    EXPECT_EQ(text_of("0.0.0.0", 0), "0.0.0.0:0");
    EXPECT_EQ(text_of("255.255.255.255", 65535), "255.255.255.255:65535");
    EXPECT_EQ(text_of("::", 1), "[::]:1");
    EXPECT_EQ(text_of("::1", 80), "[::1]:80");
    EXPECT_EQ(text_of("[::1]", 80), "[::1]:80");
    EXPECT_EQ(text_of("2001:DB8::0:1", 9), "[2001:db8::1]:9");
    EXPECT_EQ(text_of("localhost", 5), "127.0.0.1:5");
}

TEST(Address, RefusesWhatIsNoNumericHost) {
    for (const char* host :
         {"", " ", "[]", "[", "]", "[127.0.0.1]", "127.0.0", "127.0.0.1 ", "256.0.0.1", "01.2.3.4",
          "0x7f.0.0.1", "example.com", "::1::", "::g", "[::1", "::1]", "fe80::1%eth0",
          "1234:1234:1234:1234:1234:1234:1234:1234:1234:1234"}) {
        EXPECT_EQ(text_of(host, 80), "refused") << '"' << host << '"';
    }
    EXPECT_EQ(text_of(std::string_view{"127.0.0.1\0", 10}, 80), "refused");
    EXPECT_EQ(text_of(std::string(100'000, '1'), 80), "refused");
}

TEST(Address, HoldsAPathUpToTheLimitOfTheSystem) {
    const std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    result<address> fits = address::unix_path(std::string(longest, 'p'));
    ASSERT_TRUE(fits);
    EXPECT_EQ(fits->path(), std::string(longest, 'p'));
    EXPECT_EQ(fits->text().view(), "unix:" + std::string(longest, 'p'));
    EXPECT_EQ(fits->family(), address_family::unix_path);

    result<address> too_long = address::unix_path(std::string(longest + 1, 'p'));
    EXPECT_EQ(too_long.why(), (error{error_code::no_such_address, ENAMETOOLONG}));
    EXPECT_FALSE(address::unix_path(""));
    EXPECT_FALSE(address::unix_path(std::string_view{"a\0b", 3}));
}

TEST(Address, ShowsItsParts) {
    const address ipv4 = *address::parse("1.2.3.4", 0x1234);
    EXPECT_EQ(ipv4.port(), 0x1234);
    EXPECT_EQ(std::string(as_text(ipv4.host_bytes())), "\x01\x02\x03\x04");
    EXPECT_EQ(ipv4.host_text().view(), "1.2.3.4");
    EXPECT_EQ(ipv4.path(), "");
    const address ipv6 = *address::parse("::1", 7);
    EXPECT_EQ(ipv6.port(), 7);
    EXPECT_EQ(ipv6.host_bytes().size(), 16U);
    EXPECT_EQ(ipv6.host_bytes()[15], 1);
    const address path = *address::unix_path("/tmp/s");
    EXPECT_EQ(path.port(), 0);
    EXPECT_TRUE(path.host_bytes().empty());
    EXPECT_EQ(path.host_text().view(), "/tmp/s");
    const address none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.text().view(), "none");
    EXPECT_EQ(none.port(), 0);
}

TEST(Address, KnowsWhatOnlyThisMachineReaches) {
    for (const char* host : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(address::parse(host, 1)->is_loopback()) << host;
    }
    for (const char* host :
         {"0.0.0.0", "126.0.0.1", "128.0.0.1", "::", "::2", "::ffff:10.0.0.1", "::127.0.0.1"}) {
        EXPECT_FALSE(address::parse(host, 1)->is_loopback()) << host;
    }
    EXPECT_TRUE(address::unix_path("/s")->is_loopback());
    EXPECT_FALSE(address{}.is_loopback());
}

TEST(Address, ComparesByWhatItNames) {
    EXPECT_EQ(*address::parse("::1", 1), *address::parse("[0::1]", 1));
    EXPECT_FALSE(*address::parse("::1", 1) == *address::parse("::1", 2));
    EXPECT_FALSE(*address::parse("127.0.0.1", 1) == *address::parse("127.0.0.2", 1));
    EXPECT_FALSE(*address::unix_path("/a") == *address::unix_path("/b"));
    EXPECT_EQ(address{}, address{});
}

TEST(Address, TakesWhatTheKernelWrites) {
    const address original = *address::parse("2001:db8::5", 99);
    EXPECT_EQ(address::from_native(original.native(), original.native_size()), original);

    sockaddr_un unnamed{};
    unnamed.sun_family = AF_UNIX;
    const auto* native = reinterpret_cast<const sockaddr*>(&unnamed);
    const address peer = address::from_native(native, sizeof unnamed.sun_family);
    EXPECT_EQ(peer.family(), address_family::unix_path);
    EXPECT_EQ(peer.path(), "");
    EXPECT_EQ(peer.text().view(), "unix:");

    // A path that fills sun_path to its end has no NUL behind it.
    std::memset(unnamed.sun_path, 'x', sizeof unnamed.sun_path);
    EXPECT_EQ(address::from_native(native, sizeof unnamed).path(),
              std::string(sizeof unnamed.sun_path, 'x'));
}

TEST(Address, IsNoneForWhatItDoesNotKnow) {
    sockaddr_in cut{};
    cut.sin_family = AF_INET;
    const auto* native = reinterpret_cast<const sockaddr*>(&cut);
    EXPECT_FALSE(address::from_native(native, 0));
    EXPECT_FALSE(address::from_native(native, sizeof cut - 1));
    cut.sin_family = 250;
    EXPECT_FALSE(address::from_native(native, sizeof cut));
}

}  // namespace
}  // namespace plainsong
