// SPDX-License-Identifier: MIT
// interop_client.cpp — our client, let loose on servers that nobody here wrote.
//
// Usage: interop-client [--lacks WORDS] [--only PART] [--proxy URL [--refused URL]] ws://HOST:PORT
//
// Does: live through the scenarios against a server with the paths of servers/README.md, and say
// `ok` or `not ok` for each, `end PASSED FAILED` last; through a proxy if there is one, and then with
// a resolver that knows no name.
// --lacks, what the server isn't good for: `codes` (it answers each Close with a code of its own),
// `deflate`, `8 bits` as the client's window, `asking` for what the client hasn't offered, `paths` (all but
// /deflate).  --refused: the same proxy, with credentials that it doesn't take.  --only: the scenarios whose
// names contain PART.
// Used by: run.mjs.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/net/resolver.hpp>

#include "tests/interop/scenarios.hpp"
#include "tests/support/visit.hpp"

namespace ws = plainsong;

namespace interop {

setting given;

namespace {

/// Never answers: who asks it for a name fails at the deadline.
class deaf_resolver final : public ws::resolver {
public:
    ticket resolve(std::string_view, std::uint16_t,
                   ws::callback<void(ws::resolve_outcome)>) override {
        return 1;
    }
    void cancel(ticket) override {}
};

}  // namespace

ws::client_options usual() {
    static deaf_resolver nobody;
    ws::client_options options;
    // Another visit may keep a server from answering for a while.
    options.open_within = ws::tests::visit::patience;
    options.bounds.frame_bytes = options.bounds.message_bytes = 32 << 20;
    options.bounds.outbox_bytes = 64 << 20;
    options.proxy = given.proxy;
    options.names = given.proxy.empty() ? nullptr : &nobody;
    return options;
}

std::string at(std::string_view path) {
    return given.base + std::string(path);
}

std::string log_of(const std::string& tag) {
    ws::tests::visit log(usual());
    std::string line = log.open(at("/log?tag=" + tag)).hear();
    log.leave();
    return line;
}

std::string new_tag() {
    static int count = 0;
    return std::to_string(++count);
}

namespace {

std::vector<std::vector<check>> checks_without(std::string_view lacking) {
    std::vector<std::vector<check>> all;
    if (lacking.find("paths") == lacking.npos) {
        all = {checks_of_messages(), checks_of_connections(), checks_of_proxies()};
    }
    if (lacking.find("deflate") == lacking.npos) {
        all.push_back(checks_of_compression());
    }
    return all;
}

int run(std::string_view only, std::string_view lacking) {
    int passed = 0;
    int failed = 0;
    for (const auto& some : checks_without(lacking)) {
        for (const check& each : some) {
            if (each.name.find(only) == std::string::npos) {
                continue;
            }
            try {
                each.scenario();
                ++passed;
                std::printf("ok %s\n", each.name.c_str());
            } catch (const std::exception& failure) {
                ++failed;
                std::printf("not ok %s: %s\n", each.name.c_str(), failure.what());
            }
            std::fflush(stdout);
        }
    }
    std::printf("end %d %d\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace interop

int main(int argc, char** argv) {
    std::string only;
    std::string lacking;
    const std::pair<std::string_view, std::string*> known[] = {
        {"--lacks", &lacking},
        {"--only", &only},
        {"--proxy", &interop::given.proxy},
        {"--refused", &interop::given.refused},
    };
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string* into = &interop::given.base;
        for (const auto& [word, value] : known) {
            if (words[i] == word && i + 1 < words.size()) {
                into = value;
                ++i;
                break;
            }
        }
        *into = words[i];
    }
    interop::given.echoes_codes = lacking.find("codes") == lacking.npos;
    interop::given.asks = lacking.find("asking") == lacking.npos;
    interop::given.takes_8_bits = lacking.find("8 bits") == lacking.npos;
    if (!interop::given.base.starts_with("ws://")) {
        std::fprintf(stderr,
                     "usage: interop-client [--lacks WORDS] [--only PART] [--proxy URL "
                     "[--refused URL]] ws://HOST:PORT\n");
        return 2;
    }
    return interop::run(only, lacking);
}
