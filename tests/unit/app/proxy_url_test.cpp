// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/app/proxy.hpp"

namespace plainsong {
namespace {

/// "kind|host|port|user|password", or the name of the error.
std::string read(std::string_view text) {
    proxy_url url;
    if (auto why = parse_proxy_url(text, url)) {
        return facts_of(why.code()).name;
    }
    const std::string kind = url.kind == proxy_kind::http     ? "http"
                             : url.kind == proxy_kind::socks5 ? "socks5"
                                                              : "none";
    return kind + '|' + url.host + '|' + std::to_string(url.port) + '|' + url.user + '|' +
           url.password;
}

TEST(ProxyUrl, NamesItsParts) {
    EXPECT_EQ(read("http://proxy.example:3128"), "http|proxy.example|3128||");
    EXPECT_EQ(read("HTTP://proxy.example/"), "http|proxy.example|80||");
    EXPECT_EQ(read("socks5://127.0.0.1"), "socks5|127.0.0.1|1080||");
    EXPECT_EQ(read("socks5h://u@[::1]:9050/"), "socks5|::1|9050|u|");
    EXPECT_EQ(read("http://u:p@h:1"), "http|h|1|u|p");
    EXPECT_EQ(read("http://u:@h"), "http|h|80|u|");
    EXPECT_EQ(read("http://a%40b:c%3ad%2F:e@f@h"), "http|h|80|a@b|c:d/:e@f");
}

TEST(ProxyUrl, RefusesWhatIsNone) {
    for (const std::string_view text : {"",
                                        "proxy:3128",
                                        "https://h",
                                        "socks4://h",
                                        "socks://h",
                                        "://h",
                                        "http://",
                                        "http://:80",
                                        "http://u:p@",
                                        "http://h:65536",
                                        "http://h:0",
                                        "http://h:x",
                                        "http://h/x",
                                        "http://h//",
                                        "http://h?x",
                                        "http://h#x",
                                        "http://h/x@evil",
                                        "http://h?@evil",
                                        "http://@h",
                                        "http://:p@h",
                                        "http://%zz@h",
                                        "http://a%0ab@h",
                                        "http://a:%00@h",
                                        "http://a%4@h",
                                        "http://a b",
                                        "http://::1",
                                        "http://[::1",
                                        " http://h"}) {
        EXPECT_EQ(read(text), "proxy_url_malformed") << text;
    }
}

TEST(ProxyBypass, NamesHostsByNameAndDomain) {
    for (const std::string_view list :
         {"example.com", ".example.com", "*.example.com", "EXAMPLE.com.", "a,b, example.com",
          "a b\texample.com", ",,example.com,,", "com", "example.com:80"}) {
        EXPECT_TRUE(bypasses_proxy(list, "www.Example.com", 80)) << list;
        EXPECT_TRUE(bypasses_proxy(list, "example.com", 80)) << list;
        EXPECT_TRUE(bypasses_proxy(list, "example.com.", 80)) << list;
        EXPECT_FALSE(bypasses_proxy(list, "badexample.co", 80)) << list;
        EXPECT_FALSE(bypasses_proxy(list, "example.org", 80)) << list;
    }
    EXPECT_FALSE(bypasses_proxy("example.com", "badexample.com", 80));
    EXPECT_FALSE(bypasses_proxy("www.example.com", "example.com", 80));
    EXPECT_TRUE(bypasses_proxy("localhost", "localhost", 80));
    EXPECT_FALSE(bypasses_proxy("localhost", "127.0.0.1", 80));
    EXPECT_FALSE(bypasses_proxy("127.0.0.1", "localhost", 80));
    for (const std::string_view list : {"", ",", " ", ".", "*.", "example"}) {
        EXPECT_FALSE(bypasses_proxy(list, "example.com", 80)) << list;
    }
}

TEST(ProxyBypass, NamesEveryHostByAStar) {
    for (const std::string_view host : {"example.com", "10.0.0.1", "::1"}) {
        EXPECT_TRUE(bypasses_proxy("*", host, 80));
        EXPECT_TRUE(bypasses_proxy("a, *", host, 80));
    }
}

TEST(ProxyBypass, NamesOnePortIfItIsGiven) {
    EXPECT_TRUE(bypasses_proxy("example.com:8080", "example.com", 8080));
    EXPECT_FALSE(bypasses_proxy("example.com:8080", "example.com", 80));
    EXPECT_FALSE(bypasses_proxy("example.com:", "example.com", 80));
    EXPECT_FALSE(bypasses_proxy("example.com:x", "example.com", 80));
    EXPECT_TRUE(bypasses_proxy("10.0.0.1:80", "10.0.0.1", 80));
    EXPECT_FALSE(bypasses_proxy("10.0.0.1:81", "10.0.0.1", 80));
    EXPECT_TRUE(bypasses_proxy("[::1]:80", "::1", 80));
    EXPECT_FALSE(bypasses_proxy("[::1]:81", "::1", 80));
}

TEST(ProxyBypass, ComparesAddressesAsNumbers) {
    EXPECT_TRUE(bypasses_proxy("10.0.0.1", "10.0.0.1", 80));
    EXPECT_FALSE(bypasses_proxy("10.0.0.1", "110.0.0.1", 80));
    EXPECT_FALSE(bypasses_proxy("0.0.1", "10.0.0.1", 80));
    EXPECT_TRUE(bypasses_proxy("0:0::1", "::1", 80));
    EXPECT_TRUE(bypasses_proxy("[fe80::A]", "fe80:0::a", 80));
    EXPECT_FALSE(bypasses_proxy("::1", "::2", 80));
    EXPECT_FALSE(bypasses_proxy("::", "0.0.0.0", 80));
}

TEST(ProxyBypass, KnowsNetworks) {
    EXPECT_TRUE(bypasses_proxy("10.0.0.0/8", "10.255.0.1", 80));
    EXPECT_FALSE(bypasses_proxy("10.0.0.0/8", "11.0.0.1", 80));
    EXPECT_TRUE(bypasses_proxy("192.168.4.0/22", "192.168.7.255", 80));
    EXPECT_FALSE(bypasses_proxy("192.168.4.0/22", "192.168.8.0", 80));
    EXPECT_TRUE(bypasses_proxy("192.168.7.9/22", "192.168.4.1", 80));
    EXPECT_TRUE(bypasses_proxy("10.0.0.1/32", "10.0.0.1", 80));
    EXPECT_FALSE(bypasses_proxy("10.0.0.1/32", "10.0.0.0", 80));
    EXPECT_TRUE(bypasses_proxy("0.0.0.0/0", "8.8.8.8", 80));
    EXPECT_TRUE(bypasses_proxy("fd00::/8", "fdff::1", 80));
    EXPECT_TRUE(bypasses_proxy("[fd00::]/8", "fdff::1", 80));
    EXPECT_FALSE(bypasses_proxy("fd00::/8", "fe00::1", 80));
    for (const std::string_view list :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "/8", "10.0.0.0/8/8", "::/0",
          "localhost/8", "::/129", "10.0.0.1/33"}) {
        EXPECT_FALSE(bypasses_proxy(list, "10.0.0.1", 80)) << list;
        EXPECT_FALSE(bypasses_proxy(list, "example.com", 80)) << list;
    }
}

}  // namespace
}  // namespace plainsong
